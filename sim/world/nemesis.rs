//! The nemesis at work: planned faults begin, act at telling moments, and end.

use super::agents::Reach;
use super::envelope::Flight;
use super::recorder::{Note, Who};
use super::{Due, Phase, World};
use crate::digest::digest_of;
use crate::fault::{Fault, Kind, Moment, Part, Site, When};
use crate::id::{NodeId, Role};
use crate::protocol::team::TeamProtocol;
use crate::time::{Duration, Time};
use crate::trace::{Cause, Happening, Mark};

/// A message held back until something happens.
pub(super) struct Waiting<M> {
    pub(super) flight: Flight<M>,
    pub(super) until: Until,
}

/// What a held message waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The fault that holds it ends.
    FaultEnds,
    /// The receiver's next timer fires.
    TimerAt(NodeId),
    /// The receiver's turn ends.
    TurnOf(NodeId),
    /// A message goes the other way.
    Crossed { from: NodeId, to: NodeId },
}

/// Faults of a process and its disk that are on, for one agent.
#[derive(Default)]
pub(super) struct NodeFaults {
    active: Vec<Active>,
    /// Writes begun so far, for faults at the n-th.
    writes: u64,
    /// Faults that strike after the next completed write.
    pub(super) after_write: Vec<Duration>,
    /// Calls of its model that were made to hang and that it still waits for.
    pub(super) hung_calls: u32,
}

/// A fault that is on, once for each time it struck and has not ended.
#[derive(Clone, Copy)]
struct Active {
    number: u32,
    kind: Kind,
}

impl NodeFaults {
    pub(super) fn is_on(&self, kind: Kind) -> bool {
        self.active.iter().any(|active| active.kind == kind)
    }

    /// A fault begins.
    pub(super) fn on(&mut self, number: u32, kind: Kind) {
        self.active.push(Active { number, kind });
    }

    /// A fault ends; says whether it was on.
    pub(super) fn off(&mut self, number: u32) -> bool {
        let place = self.active.iter().position(|active| active.number == number);
        place.map(|place| self.active.remove(place)).is_some()
    }

    /// The numbers of all faults that are on.
    fn numbers(&self) -> Vec<u32> {
        self.active.iter().map(|active| active.number).collect()
    }
}

/// Whether a kind parts members from members.
fn is_partition(kind: Kind) -> bool {
    cuts(kind) && !matches!(kind, Kind::Cut | Kind::Flap)
}

/// Whether a kind cuts links.
pub(super) fn cuts(kind: Kind) -> bool {
    matches!(kind, Kind::Cut | Kind::Flap | Kind::PartitionSplit | Kind::PartitionIsolate)
        || matches!(kind, Kind::PartitionRing | Kind::PartitionBridge | Kind::PartitionOneWay)
}

impl<P: TeamProtocol> World<P> {
    /// Puts what the plan holds into the queue or, if it waits for a count, where that count is kept.
    pub(super) fn schedule_faults(&mut self) {
        for number in 0..self.setup.schedule.faults.len() {
            let fault = u32::try_from(number).expect("fewer than four billion faults");
            match self.setup.schedule.faults[number].when {
                // What holds from the start on holds for what agents do as they start. A process must first be there.
                When::At(Time::ZERO) if self.setup.schedule.faults[number].kind.part() != Part::Process => {
                    self.begin_fault(fault, None);
                }
                When::At(at) => self.queue.push(at, Due::Begin { fault, whoever: None }),
                When::Nth(_) => self.arm_link(fault),
                When::On(..) | When::Each(_) => {}
            }
        }
    }

    /// A telling moment: whatever waits for it strikes the node it is about, as soon as the current step is over.
    pub(super) fn moment(&mut self, moment: Moment, node: NodeId) {
        let seen = self.moments[moment as usize];
        self.moments[moment as usize] += 1;
        if self.phase != Phase::Safety {
            return;
        }
        for number in 0..self.setup.schedule.faults.len() {
            let Fault { when, rate, .. } = self.setup.schedule.faults[number];
            let strikes = match when {
                When::On(on, nth) => on == moment && nth == seen,
                When::Each(each) => {
                    each == moment && self.streams.stream(format_args!("each/{number}/{moment:?}/{seen}")).chance(rate)
                }
                When::At(_) | When::Nth(_) => false,
            };
            if strikes {
                let fault = u32::try_from(number).expect("fewer than four billion faults");
                self.queue.push(self.recorder.now, Due::Begin { fault, whoever: Some(node) });
            }
        }
    }

    /// A write began: faults that wait for the n-th write of this node begin.
    pub(super) fn count_write(&mut self, node: NodeId) {
        let seen = self.node_faults[node.index()].writes;
        self.node_faults[node.index()].writes += 1;
        for number in 0..self.setup.schedule.faults.len() {
            let fault = &self.setup.schedule.faults[number];
            if fault.when == When::Nth(seen) && fault.site == Site::Node(node) {
                let fault = u32::try_from(number).expect("fewer than four billion faults");
                self.begin_fault(fault, None);
            }
        }
    }

    /// A planned fault begins.
    pub(super) fn begin_fault(&mut self, number: u32, whoever: Option<NodeId>) {
        if self.phase != Phase::Safety {
            return;
        }
        let fault = self.setup.schedule.faults[number as usize].clone();
        let node = self.struck_node(&fault, whoever);
        if node.is_some_and(|node| !self.exists(node)) {
            return;
        }
        let who = Who::only(node.unwrap_or(NodeId::agent(0)));
        let about = digest_of(&fault.to_string());
        let note = Note::about(about).marked(Mark::FAULT);
        let cause = self.recorder.record_with(who, Happening::FaultBegan, Cause::NONE, note, || fault.to_string());
        match (fault.kind.part(), node) {
            (Part::Network, _) => self.begin_network(number, &fault, node),
            (Part::Process, Some(node)) => self.begin_process(number, &fault, node, cause),
            (_, Some(node)) if node.role() == Role::Model => self.models[node.index()].faults.push(number),
            _ => return,
        }
        self.queue.push(self.after(fault.span), Due::End { fault: number, whoever });
    }

    /// The one node a fault is about, if it is about one.
    fn struck_node(&self, fault: &Fault, whoever: Option<NodeId>) -> Option<NodeId> {
        match &fault.site {
            Site::Node(node) => Some(*node),
            Site::Side(side) if side.len() == 1 => side.first().copied(),
            Site::Whoever => whoever,
            Site::Link { .. } | Site::Side(_) => None,
        }
    }

    /// Whether somebody of this name takes part by now: a sub-agent may come later, or never.
    fn exists(&self, node: NodeId) -> bool {
        match node.role() {
            Role::Agent => node.index() < self.live.len(),
            Role::Model => node.index() < self.models.len(),
            Role::Client => node.index() < self.clients.len(),
        }
    }

    fn begin_network(&mut self, number: u32, fault: &Fault, node: Option<NodeId>) {
        for (from, to) in self.struck_links(fault, node) {
            let link = self.links.get(self.roster, &self.streams, from, to);
            link.faults.push(number);
            if cuts(fault.kind) {
                link.cuts += 1;
            }
            self.tell_cut(from, to);
        }
        if fault.kind == Kind::Flap {
            self.queue.push(self.after(flap_period(fault)), Due::Flap { fault: number });
        }
    }

    /// A planned fault ends.
    pub(super) fn end_fault(&mut self, number: u32, whoever: Option<NodeId>) {
        let fault = self.setup.schedule.faults[number as usize].clone();
        let node = self.struck_node(&fault, whoever);
        if node.is_some_and(|node| !self.exists(node)) {
            return;
        }
        let who = Who::only(node.unwrap_or(NodeId::agent(0)));
        let about = digest_of(&fault.kind);
        let text = || fault.to_string();
        self.recorder.record_with(who, Happening::FaultEnded, Cause::NONE, Note::about(about), text);
        match (fault.kind.part(), node) {
            (Part::Network, _) => self.end_network(number, &fault, node),
            (Part::Process, Some(node)) => self.end_process(number, &fault, node),
            (_, Some(node)) if node.role() == Role::Model => {
                self.models[node.index()].faults.retain(|active| *active != number);
            }
            _ => {}
        }
    }

    fn end_network(&mut self, number: u32, fault: &Fault, node: Option<NodeId>) {
        for (from, to) in self.struck_links(fault, node) {
            let link = self.links.get(self.roster, &self.streams, from, to);
            link.end(number, u32::from(cuts(fault.kind)));
            self.tell_cut(from, to);
        }
        if fault.kind == Kind::Hold {
            self.release(|until| *until == Until::FaultEnds);
        }
    }

    /// A flapping link is cut if it stood, and stands if it was cut, until the fault ends.
    pub(super) fn flap(&mut self, number: u32) {
        let fault = self.setup.schedule.faults[number as usize].clone();
        let mut active = false;
        for (from, to) in self.struck_links(&fault, None) {
            let link = self.links.get(self.roster, &self.streams, from, to);
            if let Some(place) = link.faults.iter().position(|other| *other == number) {
                link.faults.remove(place);
                link.cuts -= 1;
                link.flapped.push(number);
                active = true;
            } else if let Some(place) = link.flapped.iter().position(|other| *other == number) {
                link.flapped.remove(place);
                link.faults.push(number);
                link.cuts += 1;
                active = true;
            }
            self.tell_cut(from, to);
        }
        let ends = matches!(fault.when, When::At(at) if self.after(flap_period(&fault)) >= at + fault.span);
        if active && !ends && self.phase == Phase::Safety {
            self.queue.push(self.after(flap_period(&fault)), Due::Flap { fault: number });
        }
    }

    /// The directed links a network fault is about.
    fn struck_links(&self, fault: &Fault, node: Option<NodeId>) -> Vec<(NodeId, NodeId)> {
        let all: Vec<NodeId> = self.members.iter().collect();
        let mut links = Vec::new();
        for from in &all {
            for to in all.iter().filter(|to| *to != from) {
                if parted(fault, node, &all, *from, *to) {
                    links.push((*from, *to));
                }
            }
        }
        match (&fault.site, node) {
            (Site::Link { from, to }, _) => links.push((*from, *to)),
            // At a telling moment a link fault strikes everything the node sends to its peers.
            (Site::Whoever, Some(node)) if !is_partition(fault.kind) => {
                links.extend(self.members.others(node).map(|peer| (node, peer)));
            }
            _ => {}
        }
        links
    }

    /// An async agent learns at once which links refuse its messages.
    fn tell_cut(&mut self, from: NodeId, to: NodeId) {
        if from.role() != Role::Agent || !self.exists(from) {
            return;
        }
        let cut = self.links.is_cut(self.roster, from, to);
        let reach = if cut { Reach::Refused } else { Reach::Accepted };
        for process in self.live[from.index()].clone() {
            self.set_reach(process, to, reach);
        }
    }

    /// A timer fired at a node: what was held for that arrives now, too late.
    pub(super) fn timer_fired(&mut self, node: NodeId) {
        if !self.waiting.is_empty() {
            self.release(|until| *until == Until::TimerAt(node));
        }
    }

    /// The nemesis stops: every fault ends, a core is healed, the others stay down.
    pub(super) fn heal(&mut self) {
        self.phase = Phase::Liveness { core: Vec::new() };
        for node in self.members.iter().collect::<Vec<_>>() {
            for number in self.node_faults[node.index()].numbers() {
                let fault = self.setup.schedule.faults[number as usize].clone();
                self.end_process(number, &fault, node);
            }
            self.node_faults[node.index()].after_write.clear();
        }
        self.models.iter_mut().for_each(|model| model.faults.clear());
        self.links.heal();
        for from in self.members.iter().collect::<Vec<_>>() {
            for to in self.members.others(from).collect::<Vec<_>>() {
                self.tell_cut(from, to);
            }
        }
        self.release(|_| true);
        self.heal_core();
    }
}

fn flap_period(fault: &Fault) -> Duration {
    // A link that flaps faster than messages travel is merely lossy.
    Duration(fault.strength.max(Time(1_000_000).0))
}

/// Whether a partition cuts this directed link. `node` is the member the fault is about, if it is about one.
fn parted(fault: &Fault, node: Option<NodeId>, all: &[NodeId], from: NodeId, to: NodeId) -> bool {
    let inside = |member: NodeId| match &fault.site {
        Site::Side(side) => side.contains(&member),
        _ => Some(member) == node,
    };
    let place = |member: NodeId| all.iter().position(|other| *other == member).unwrap_or_default();
    match fault.kind {
        Kind::PartitionSplit | Kind::PartitionIsolate => inside(from) != inside(to),
        Kind::PartitionOneWay => inside(from) && !inside(to),
        Kind::PartitionRing => {
            let apart = place(from).abs_diff(place(to));
            apart != 1 && apart != all.len() - 1
        }
        Kind::PartitionBridge => {
            let half = |member: NodeId| place(member) * 2 < all.len();
            !inside(from) && !inside(to) && half(from) != half(to)
        }
        _ => false,
    }
}
