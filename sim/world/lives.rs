//! Processes start, crash, pause, and start again; clocks and disks go wrong.

use super::disk::Honesty;
use super::nemesis::Until;
use super::process::{Body, Incoming, Process};
use super::recorder::{Note, Who};
use super::{Due, Phase, World};
use crate::fault::{Fault, Kind};
use crate::history::{Environment, Restart};
use crate::id::{NodeId, ProcessId, Role};
use crate::protocol::team::TeamProtocol;
use crate::protocol::{DiskError, Event};
use crate::time::{Duration, millis};
use crate::trace::{Cause, Happening, Mark};

/// How long a supervisor takes to start a process that stopped by itself.
const SUPERVISOR: Duration = millis(500);

/// The calls of a copy beside a live one are numbered from the next multiple of this on. No copy makes so many.
const TWIN_TURNS: u64 = 1 << 20;

/// What a crash takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Memory.
    Memory,
    /// Memory and disk.
    Disk,
}

/// What a crash leaves of a write under way.
enum Left<W> {
    Nothing,
    Torn(W),
    All,
}

impl<P: TeamProtocol> World<P> {
    /// A process of a node starts.
    pub(super) fn start(&mut self, node: NodeId, again: Restart, cause: Cause) -> u32 {
        let body = self.new_body(node);
        let process = self.add_process(node, body);
        let who = self.who(process);
        let cause = self.recorder.record(who, Happening::Started, cause, Note::NONE);
        self.recorder.environment(who, Environment::Started { again });
        self.carry_slowness(process);
        let unreadable = again != Restart::First && self.is_on(Kind::ReadError, node);
        match self.processes[process as usize].body {
            Body::Async(_) => {
                for to in self.members.iter().collect::<Vec<_>>() {
                    self.tell_cut_to(process, to);
                }
                if unreadable {
                    self.cannot_recall(process);
                }
                self.bell.ring(process);
            }
            _ if unreadable => {
                self.recorder.struck(Kind::ReadError);
                let cause = self.recorder.record(who, Happening::DiskFailed, cause, Note::NONE.marked(Mark::FAULT));
                let error = Event::DiskFailed(DiskError::Read);
                self.handle(process, Incoming::Event(error), cause);
            }
            _ => {
                let survived = self.disks[node.index()].read();
                self.handle(process, Incoming::Event(Event::Start(survived)), cause);
            }
        }
        process
    }

    /// A new process of an agent. It asks its model from where its forerunners left off, or it would be told word for
    /// word what they were told.
    pub(super) fn add_process(&mut self, node: NodeId, body: Body<P>) -> u32 {
        let number = u32::try_from(self.processes.len()).expect("fewer than four billion processes");
        let forerunners = self.processes.iter().filter(|process| process.node == node);
        let asked = forerunners.map(|process| process.turns).max().unwrap_or(0);
        // Two copies ask their model apart from each other, and neither moves the other's calls by one of its own.
        let turns = if self.live[node.index()].is_empty() { asked } else { (asked / TWIN_TURNS + 1) * TWIN_TURNS };
        self.processes.push(Process { turns, ..Process::new(node, ProcessId(number), body) });
        self.live[node.index()].push(number);
        number
    }

    /// Whether a node's program is the team's to start. A sub-agent's is its parent's.
    fn can_start(&self, node: NodeId) -> bool {
        self.members.contains(node) && !self.retired.contains(&node)
    }

    /// A crashed node starts again, unless a copy of it is alive or it is to stay down.
    pub(super) fn restart(&mut self, node: NodeId) {
        if node.role() == Role::Tool {
            return self.restart_tool(node);
        }
        let stays_down = matches!(self.phase, Phase::Liveness { .. }) && !self.is_in_core(node);
        if stays_down || !self.can_start(node) || !self.live[node.index()].is_empty() || self.phase == Phase::Over {
            return;
        }
        let disk = self.disks[node.index()].read().is_some() || self.saves[node.index()].read().is_some();
        self.start(node, if disk { Restart::WithDisk } else { Restart::WithoutDisk }, Cause::NONE);
    }

    /// Every live copy of a node loses its memory. Says whether there was any.
    pub(super) fn crash(&mut self, node: NodeId, loss: Loss, cause: Cause) -> bool {
        let copies = std::mem::take(&mut self.live[node.index()]);
        for process in &copies {
            self.crash_process(*process, cause);
        }
        if self.disks[node.index()].crash() | self.saves[node.index()].crash() && self.phase == Phase::Safety {
            self.recorder.ledger.felt(Kind::LostWrite);
        }
        if loss == Loss::Disk {
            let wiped = self.disks[node.index()].wipe() | self.saves[node.index()].wipe();
            if wiped || !copies.is_empty() {
                self.recorder.ledger.fired(Kind::CrashLosingDisk);
            }
            if wiped {
                self.recorder.ledger.felt(Kind::CrashLosingDisk);
            }
        }
        self.turn_ended(node);
        !copies.is_empty()
    }

    fn crash_process(&mut self, process: u32, cause: Cause) {
        let who = self.who(process);
        self.providers.forget(who.process);
        self.recorder.record(who, Happening::Crashed, cause, Note::NONE.marked(Mark::FAULT));
        self.recorder.environment(who, Environment::Crashed);
        self.lose_writes(process);
        let target = &mut self.processes[process as usize];
        let body = std::mem::replace(&mut target.body, Body::Dead);
        target.waiting.clear();
        target.backlog.clear();
        target.timers.clear();
        target.asks.clear();
        self.bury(process, body, cause);
    }

    /// What a crash leaves of the writes under way: a prefix, of which the last may be torn.
    fn lose_writes(&mut self, process: u32) {
        let node = self.processes[process as usize].node;
        if let Some(writing) = self.processes[process as usize].writing.take() {
            let torn = |draw| P::torn(&writing.write, draw);
            match self.lost(node, torn) {
                Left::Nothing => {}
                Left::Torn(torn) => self.disks[node.index()].write(&torn, Honesty::Honest),
                Left::All => self.disks[node.index()].write(&writing.write, Honesty::Honest),
            }
        }
        // A state is saved as a whole: of a torn one nothing is left.
        for saving in std::mem::take(&mut self.processes[process as usize].saving) {
            match self.lost(node, |_| None::<()>) {
                Left::All => self.keep_save(process, &saving.state),
                Left::Nothing | Left::Torn(()) => break,
            }
        }
    }

    /// Draws what a crash leaves of a write: always two draws, whatever faults are on.
    fn lost<W>(&mut self, node: NodeId, torn: impl FnOnce(u64) -> Option<W>) -> Left<W> {
        let whole = self.node_draws[node.index()].crash.below(3) == 2;
        let draw = self.node_draws[node.index()].crash.below(1 << 32);
        let left = if whole { Left::All } else { Left::Nothing };
        if !self.is_on(Kind::TornWrite, node) {
            return left;
        }
        self.recorder.ledger.fired(Kind::TornWrite);
        let torn = torn(draw);
        if whole || torn.is_some() {
            self.recorder.ledger.felt(Kind::TornWrite);
        }
        torn.map_or(Left::Nothing, Left::Torn)
    }

    /// A process stops by itself and is started again by its supervisor.
    pub(super) fn halt(&mut self, process: u32, cause: Cause) {
        let node = self.processes[process as usize].node;
        self.live[node.index()].retain(|other| *other != process);
        self.crash_process(process, cause);
        self.queue.push(self.after(SUPERVISOR), Due::Restart { node });
    }

    /// A fault of a process or its disk begins.
    pub(super) fn begin_process(&mut self, strike: u64, fault: &Fault, node: NodeId, cause: Cause) {
        let back = self.after(fault.span);
        if fault.kind.suborns() {
            self.recorder.environment(Who::only(node), Environment::Suborned);
        }
        match fault.kind {
            Kind::Crash if self.crash(node, Loss::Memory, cause) => {
                self.recorder.struck(Kind::Crash);
                self.queue.push(back, Due::Restart { node });
            }
            Kind::CrashLosingDisk if self.crash(node, Loss::Disk, cause) => {
                self.queue.push(back, Due::Restart { node })
            }
            Kind::Crash | Kind::CrashLosingDisk => {}
            Kind::CrashAfterPersist => self.node_faults[node.index()].after_write.push(fault.span),
            Kind::Twin => {
                let twin = self.twin(node, cause);
                self.affected(strike).extend(twin);
            }
            _ => {
                let live = self.live[node.index()].clone();
                live.iter().for_each(|process| self.affect(*process, fault, cause));
                self.affected(strike).extend(live);
            }
        }
    }

    /// The processes that an active fault affects.
    fn affected(&mut self, strike: u64) -> &mut Vec<u32> {
        let active = self.active.iter_mut().find(|active| active.strike == strike);
        &mut active.expect("a fault that is beginning").processes
    }

    /// A fault that lasts begins to affect a live process.
    fn affect(&mut self, process: u32, fault: &Fault, cause: Cause) {
        let now = self.recorder.now;
        let who = self.who(process);
        let target = &mut self.processes[process as usize];
        let strength = Duration(fault.strength);
        match fault.kind {
            Kind::Pause => {
                target.pauses += 1;
                self.recorder.ledger.fired(Kind::Pause);
                self.recorder.record(who, Happening::Paused, cause, Note::NONE.marked(Mark::FAULT));
                self.recorder.environment(who, Environment::Paused);
            }
            Kind::Slow => target.slowness = target.slowness + strength,
            Kind::ClockSkew | Kind::ClockJump => {
                target.clock.jump(strength);
                target.unseen.push(fault.kind);
            }
            Kind::ClockDrift => {
                target.clock.speed_up(now, fault.strength);
                target.unseen.push(fault.kind);
            }
            _ => {}
        }
        if matches!(fault.kind, Kind::ClockSkew | Kind::ClockJump | Kind::ClockDrift) {
            self.recorder.ledger.fired(fault.kind);
        }
    }

    /// A process looks at its clock: it observes what was done to it.
    #[inline]
    pub(super) fn see_clock(&mut self, process: u32) {
        let unseen = &mut self.processes[process as usize].unseen;
        if !unseen.is_empty() {
            std::mem::take(unseen).into_iter().for_each(|kind| self.recorder.ledger.felt(kind));
        }
    }

    /// A process starts on a machine that may be slow; its clock is set right by the start.
    fn carry_slowness(&mut self, process: u32) {
        let node = self.processes[process as usize].node;
        let faults = &self.setup.schedule.faults;
        for active in self.active.iter_mut().filter(|active| active.kind == Kind::Slow && active.node == Some(node)) {
            let target = &mut self.processes[process as usize];
            target.slowness = target.slowness + Duration(faults[active.fault as usize].strength);
            active.processes.push(process);
        }
    }

    /// A fault of a process or its disk ends for those it affected.
    pub(super) fn end_process(&mut self, fault: &Fault, node: NodeId, affected: &[u32]) {
        let now = self.recorder.now;
        let strength = Duration(fault.strength);
        for process in affected {
            let target = &mut self.processes[*process as usize];
            match fault.kind {
                _ if !target.is_alive() => {}
                Kind::Pause => self.resume(*process),
                Kind::Slow => target.slowness = target.slowness - strength,
                Kind::ClockSkew => target.clock.back(strength),
                Kind::ClockDrift => target.clock.slow_down(now, fault.strength),
                Kind::Twin => self.end_twin(*process, node),
                _ => {}
            }
        }
        if fault.kind == Kind::ReadError {
            self.live[node.index()].clone().into_iter().for_each(|process| self.remember(process));
        }
    }

    /// A paused process runs again and acts on what it believed.
    fn resume(&mut self, process: u32) {
        let who = self.who(process);
        let target = &mut self.processes[process as usize];
        target.pauses -= 1;
        let missed = !target.backlog.is_empty() || !target.waiting.is_empty();
        if missed {
            self.recorder.ledger.felt(Kind::Pause);
        }
        let cause = self.recorder.record(who, Happening::Resumed, Cause::NONE, Note::NONE);
        self.recorder.environment(who, Environment::Resumed);
        if self.processes[process as usize].can_run() {
            self.carry_on(process, cause);
        }
    }

    /// A second process of the same identity, with the same disk, beside the first.
    fn twin(&mut self, node: NodeId, cause: Cause) -> Option<u32> {
        if !self.can_start(node) || self.live[node.index()].len() != 1 {
            return None;
        }
        self.recorder.struck(Kind::Twin);
        Some(self.start(node, Restart::WithDisk, cause))
    }

    /// One of two copies stops, as far as there are still two.
    fn end_twin(&mut self, process: u32, node: NodeId) {
        if self.live[node.index()].len() > 1 {
            self.live[node.index()].retain(|other| *other != process);
            self.crash_process(process, Cause::NONE);
        }
    }

    /// Whether the node crashes now that a write is durable; if so, it has.
    pub(super) fn strikes_after_write(&mut self, node: NodeId) -> bool {
        let Some(down) = self.node_faults[node.index()].after_write.pop() else { return false };
        if self.phase != Phase::Safety {
            return false;
        }
        self.recorder.struck(Kind::CrashAfterPersist);
        self.crash(node, Loss::Memory, Cause::NONE);
        self.queue.push(self.after(down), Due::Restart { node });
        true
    }

    /// Draws the core that is healed: as many as the set-up asks for at least.
    pub(super) fn choose_core(&mut self) -> Cause {
        let all: Vec<NodeId> = self.members.iter().collect();
        let mut draws = self.streams.stream(format_args!("heal/core"));
        let size = draws.choose(self.setup.core as u64, all.len() as u64, all.len() as u64);
        let first = draws.below(all.len() as u64);
        let member = |step: u64| all[usize::try_from((first + step) % all.len() as u64).expect("a member")];
        let mut core: Vec<NodeId> = (0..size).map(member).collect();
        core.sort_unstable();
        let who = Who::only(core[0]);
        let text = || core.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" ");
        let cause = self.recorder.record_with(who, Happening::Healed, Cause::NONE, Note::about(size), text);
        self.recorder.environment(who, Environment::Healed { core: core.clone() });
        self.phase = Phase::Liveness { core };
        cause
    }

    /// Whether a node belongs to the healed core.
    fn is_in_core(&self, node: NodeId) -> bool {
        matches!(&self.phase, Phase::Liveness { core } if core.contains(&node))
    }

    /// Who is not in the core goes down and stays down.
    pub(super) fn stop_others(&mut self, cause: Cause) {
        for node in self.members.iter().collect::<Vec<_>>() {
            if !self.is_in_core(node) {
                self.crash(node, Loss::Memory, cause);
            }
        }
    }

    /// Who is in the core and down starts again.
    pub(super) fn start_core(&mut self) {
        for node in self.members.iter().collect::<Vec<_>>() {
            if self.is_in_core(node) {
                self.restart(node);
            }
        }
        self.wake_clients();
        self.end_if_retired();
    }

    /// A node's turn is over: what was held for that arrives now.
    pub(super) fn turn_ended(&mut self, node: NodeId) {
        if !self.waiting.is_empty() && node.role() == Role::Agent && !self.is_in_turn(node) {
            self.release(|waiting| waiting.until == Until::TurnOf(node));
        }
    }
}
