//! Processes start, crash, pause, and start again; clocks and disks go wrong.

use super::nemesis::Until;
use super::process::{Body, Incoming};
use super::recorder::{Note, Who};
use super::{Due, Phase, World};
use crate::fault::{Fault, Kind};
use crate::history::{Environment, Restart};
use crate::id::{NodeId, Role};
use crate::protocol::team::TeamProtocol;
use crate::protocol::{DiskError, Event};
use crate::time::{Duration, millis};
use crate::trace::{Cause, Happening, Mark};

/// How long a supervisor takes to start a process that stopped by itself.
const SUPERVISOR: Duration = millis(500);

/// What a crash takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Memory.
    Memory,
    /// Memory and disk.
    Disk,
}

impl<P: TeamProtocol> World<P> {
    /// A process of a node starts.
    pub(super) fn start(&mut self, node: NodeId, again: Restart, cause: Cause) {
        let body = self.new_body(node);
        let process = self.add_process(node, body);
        let who = self.who(process);
        let cause = self.recorder.record(who, Happening::Started, cause, Note::NONE);
        self.recorder.environment(who, Environment::Started { again });
        self.carry_clock_faults(process);
        match self.processes[process as usize].body {
            Body::Async(_) => {
                self.tell_cuts(process);
                self.bell.ring(process);
            }
            _ if again != Restart::First && self.node_faults[node.index()].is_on(Kind::ReadError) => {
                self.recorder.struck(Kind::ReadError);
                let error = Event::DiskFailed(DiskError::Read);
                self.handle(process, Incoming::Event(error), cause);
            }
            _ => {
                let survived = self.disks[node.index()].read();
                self.handle(process, Incoming::Event(Event::Start(survived)), cause);
            }
        }
    }

    /// Whether a node's program is the team's to start. A sub-agent's is its parent's.
    fn can_start(&self, node: NodeId) -> bool {
        self.members.contains(node)
    }

    /// A crashed node starts again, unless a copy of it is alive or it is to stay down.
    pub(super) fn restart(&mut self, node: NodeId) {
        let stays_down = matches!(&self.phase, Phase::Liveness { core } if !core.contains(&node));
        if stays_down || !self.can_start(node) || !self.live[node.index()].is_empty() || self.phase == Phase::Over {
            return;
        }
        let disk = self.disks[node.index()].read().is_some() || self.saves[node.index()].read().is_some();
        self.start(node, if disk { Restart::WithDisk } else { Restart::WithoutDisk }, Cause::NONE);
    }

    /// Every live copy of a node loses its memory.
    pub(super) fn crash(&mut self, node: NodeId, loss: Loss, cause: Cause) -> bool {
        let copies = std::mem::take(&mut self.live[node.index()]);
        for process in &copies {
            self.crash_process(*process, cause);
        }
        if self.disks[node.index()].crash() | self.saves[node.index()].crash() {
            self.recorder.ledger.felt(Kind::LostWrite);
        }
        if loss == Loss::Disk && (self.disks[node.index()].wipe() | self.saves[node.index()].wipe()) {
            self.recorder.ledger.felt(Kind::CrashLosingDisk);
        }
        !copies.is_empty()
    }

    fn crash_process(&mut self, process: u32, cause: Cause) {
        let who = self.who(process);
        self.recorder.record(who, Happening::Crashed, cause, Note::NONE.marked(Mark::FAULT));
        self.recorder.environment(who, Environment::Crashed);
        self.lose_write(process);
        let target = &mut self.processes[process as usize];
        let body = std::mem::replace(&mut target.body, Body::Dead);
        target.waiting.clear();
        target.backlog.clear();
        target.timers.clear();
        target.asks.clear();
        self.bury(process, body, cause);
    }

    /// What a crash leaves of the write under way: nothing, all of it, or a torn part.
    fn lose_write(&mut self, process: u32) {
        let node = self.processes[process as usize].node;
        let Some(writing) = self.processes[process as usize].writing.take() else { return };
        // One draw for each crash with a write under way, whatever faults are on.
        let outcome = self.node_draws[node.index()].crash.below(3);
        let draw = self.node_draws[node.index()].crash.below(1 << 32);
        if self.node_faults[node.index()].is_on(Kind::TornWrite) {
            self.recorder.struck(Kind::TornWrite);
            if let Some(torn) = P::torn(&writing.write, draw) {
                self.disks[node.index()].write(&torn, super::disk::Honesty::Honest);
            }
        } else if outcome == 2 {
            self.disks[node.index()].write(&writing.write, super::disk::Honesty::Honest);
        }
    }

    /// A process stops by itself and is started again by its supervisor.
    pub(super) fn halt(&mut self, process: u32, cause: Cause) {
        let node = self.processes[process as usize].node;
        self.live[node.index()].retain(|other| *other != process);
        self.crash_process(process, cause);
        self.queue.push(self.after(SUPERVISOR), Due::Restart { node });
    }

    /// A fault of a process or its disk begins.
    pub(super) fn begin_process(&mut self, number: u32, fault: &Fault, node: NodeId, cause: Cause) {
        let back = self.after(fault.span);
        match fault.kind {
            Kind::Crash | Kind::CrashLosingDisk => {
                let loss = if fault.kind == Kind::Crash { Loss::Memory } else { Loss::Disk };
                if self.crash(node, loss, cause) {
                    self.recorder.ledger.fired(fault.kind);
                    if fault.kind == Kind::Crash {
                        self.recorder.ledger.felt(fault.kind);
                    }
                    self.queue.push(back, Due::Restart { node });
                }
            }
            Kind::CrashAfterPersist => self.node_faults[node.index()].after_write.push(fault.span),
            Kind::Twin => self.twin(node, cause),
            _ => {
                self.node_faults[node.index()].on(number, fault.kind);
                for process in self.live[node.index()].clone() {
                    self.affect(process, fault, cause);
                }
            }
        }
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
                self.recorder.struck(fault.kind);
            }
            Kind::ClockDrift => {
                target.clock.drift(now, fault.strength);
                self.recorder.struck(fault.kind);
            }
            _ => {}
        }
    }

    /// A restarted process keeps the machine's slowness; its clock is set right by the restart.
    fn carry_clock_faults(&mut self, process: u32) {
        let node = self.processes[process as usize].node;
        let faults = &self.setup.schedule.faults;
        let slowest =
            faults.iter().filter(|fault| fault.kind == Kind::Slow && fault.site == crate::fault::Site::Node(node));
        let strength = slowest.map(|fault| fault.strength).max().unwrap_or_default();
        if self.node_faults[node.index()].is_on(Kind::Slow) {
            self.processes[process as usize].slowness = Duration(strength);
        }
    }

    /// A fault of a process or its disk ends.
    pub(super) fn end_process(&mut self, number: u32, fault: &Fault, node: NodeId) {
        if !self.node_faults[node.index()].off(number) {
            return;
        }
        for process in self.live[node.index()].clone() {
            let now = self.recorder.now;
            let target = &mut self.processes[process as usize];
            match fault.kind {
                Kind::Pause if target.pauses > 0 => self.resume(process),
                Kind::Slow => target.slowness = target.slowness - Duration(fault.strength),
                Kind::ClockSkew => target.clock.back(Duration(fault.strength)),
                Kind::ClockDrift => target.clock.drift(now, 0),
                _ => {}
            }
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
        if self.processes[process as usize].writing.is_none() {
            self.carry_on(process, cause);
        }
    }

    /// A second process of the same identity, with the same disk, beside the first.
    fn twin(&mut self, node: NodeId, cause: Cause) {
        if self.can_start(node) && self.live[node.index()].len() == 1 {
            self.recorder.struck(Kind::Twin);
            self.start(node, Restart::WithDisk, cause);
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

    /// Heals a random core: a majority at least. The rest goes down and stays down.
    pub(super) fn heal_core(&mut self) {
        let all: Vec<NodeId> = self.members.iter().collect();
        let mut draws = self.streams.stream(format_args!("heal/core"));
        let least = self.members.majority() as u64;
        let size = draws.choose(least, all.len() as u64, all.len() as u64);
        let first = draws.below(all.len() as u64);
        let core: Vec<NodeId> =
            (0..size).map(|step| all[usize::try_from((first + step) % all.len() as u64).expect("a member")]).collect();
        let mut sorted = core.clone();
        sorted.sort_unstable();
        let who = Who::only(sorted[0]);
        let text = || sorted.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" ");
        let cause = self.recorder.record_with(who, Happening::Healed, Cause::NONE, Note::about(size), text);
        self.recorder.environment(who, Environment::Healed { core: sorted.clone() });
        self.phase = Phase::Liveness { core: sorted.clone() };
        for node in all {
            if sorted.contains(&node) {
                self.restart(node);
            } else {
                self.crash(node, Loss::Memory, cause);
            }
        }
        self.wake_clients();
    }

    /// A node's turn is over: what was held for that arrives now.
    pub(super) fn turn_ended(&mut self, node: NodeId) {
        if !self.waiting.is_empty() && node.role() == Role::Agent && !self.is_in_turn(node) {
            self.release(|until| *until == Until::TurnOf(node));
        }
    }
}
