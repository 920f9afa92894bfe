//! The nemesis at work: planned faults begin, act at telling moments, and end.

use super::agents::Reach;
use super::envelope::Flight;
use super::recorder::{Note, Who};
use super::rounds::Rounds;
use super::setup::Team;
use super::shape::{cuts, flap_period, struck_links};
use super::{Due, Phase, World};
use crate::digest::digest_of;
use crate::fault::{Fault, Kind, Moment, Part, Site, When};
use crate::id::{NodeId, Role};
use crate::protocol::team::TeamProtocol;
use crate::seed::Piece::{self, Number, Text};
use crate::time::{Duration, Time};
use crate::trace::{Cause, Happening, Mark};

/// A message held back until something happens, or the fault that holds it ends.
pub(super) struct Waiting<M> {
    pub(super) flight: Flight<M>,
    pub(super) until: Until,
    pub(super) fault: u32,
    /// It arrives no earlier than it would have.
    pub(super) arrival: Time,
}

/// Parts of the names of streams that say whether a habit strikes.
const EACH: Piece<'static> = Text("each/");
const SLASH: Piece<'static> = Text("/");

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

/// A fault that is on, once for each time it struck and has not ended.
pub(super) struct Active {
    /// Which of all strikes of the run this is.
    pub(super) strike: u64,
    pub(super) fault: u32,
    pub(super) kind: Kind,
    /// The one node it is about, if it is about one.
    pub(super) node: Option<NodeId>,
    /// The processes it affects: those it found, and those it made.
    pub(super) processes: Vec<u32>,
    /// The directed links it is on, if it is one of the network.
    links: Vec<(NodeId, NodeId)>,
}

/// What one agent's faults keep count of.
#[derive(Default)]
pub(super) struct NodeFaults {
    /// Writes begun so far, for faults at the n-th.
    writes: u64,
    /// Faults that strike after the next completed write: how long the node is down then.
    pub(super) after_write: Vec<Duration>,
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
                When::Nth(_) => {
                    self.counting.push(fault);
                    self.arm_link(fault);
                }
                When::On(..) | When::Each(_) => self.counting.push(fault),
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
        for fault in self.counting.iter().copied() {
            let planned = &self.setup.schedule.faults[fault as usize];
            let strikes = match planned.when {
                When::On(on, nth) => on == moment && nth == seen,
                When::Each(each) => {
                    let number = planned.number(fault);
                    let name = [EACH, Number(u64::from(number)), SLASH, Text(moment.name()), SLASH, Number(seen)];
                    each == moment && self.streams.chance(name, planned.rate)
                }
                When::At(_) | When::Nth(_) => false,
            };
            if strikes {
                self.queue.push(self.recorder.now, Due::Begin { fault, whoever: Some(node) });
            }
        }
    }

    /// A write began: faults that wait for the n-th write of this node begin, as soon as the current step is over.
    pub(super) fn count_write(&mut self, node: NodeId) {
        let seen = self.node_faults[node.index()].writes;
        self.node_faults[node.index()].writes += 1;
        for fault in self.counting.iter().copied() {
            let planned = &self.setup.schedule.faults[fault as usize];
            if planned.when == When::Nth(seen) && planned.site == Site::Node(node) {
                self.queue.push(self.recorder.now, Due::Begin { fault, whoever: None });
            }
        }
    }

    /// Whether a fault of this kind is on at a node.
    pub(super) fn is_on(&self, kind: Kind, node: NodeId) -> bool {
        self.active.iter().any(|active| active.kind == kind && active.node == Some(node))
    }

    /// A planned fault begins; says whether it did.
    pub(super) fn begin_fault(&mut self, number: u32, whoever: Option<NodeId>) -> bool {
        let fault = self.setup.schedule.faults[number as usize].clone();
        let node = struck_node(&fault, whoever);
        let role = node.map(NodeId::role);
        let applies = match fault.kind.part() {
            Part::Network => true,
            Part::Process => role == Some(Role::Agent) || (role == Some(Role::Tool) && fault.kind.strikes_tools()),
            Part::ModelTransport | Part::ModelContent => self.has_callers(&fault.site),
        };
        if self.phase != Phase::Safety || !applies || node.is_some_and(|node| !self.exists(node)) {
            return false;
        }
        let who = Who::only(node.unwrap_or(NodeId::agent(0)));
        let note = Note::about(digest_of(&fault)).marked(Mark::FAULT);
        let cause = self.recorder.record_with(who, Happening::FaultBegan, Cause::NONE, note, || fault.to_string());
        let strike = self.strikes;
        self.strikes += 1;
        let links = if fault.kind.part() == Part::Network { self.struck_links(&fault, node) } else { Vec::new() };
        self.begin_links(&links, number, fault.kind);
        self.active.push(Active { strike, fault: number, kind: fault.kind, node, processes: Vec::new(), links });
        match (fault.kind.part(), node) {
            (Part::Network, _) => self.begin_network(strike, number, &fault),
            (Part::Process, Some(node)) if node.role() == Role::Tool => self.begin_tool_fault(&fault, node, cause),
            (Part::Process, Some(node)) => self.begin_process(strike, &fault, node, cause),
            (Part::Process, None) => {}
            (Part::ModelTransport | Part::ModelContent, _) => self.providers.begin(strike, number, &fault),
        }
        self.queue.push(self.after(fault.span), Due::End { strike });
        true
    }

    /// Whether a fault of models can strike any call at this site.
    fn has_callers(&self, site: &Site) -> bool {
        let models = |node: &NodeId| node.role() == Role::Model && node.index() < self.models.len();
        match site {
            Site::Node(node) => models(node),
            Site::Models(all) => !all.is_empty() && all.iter().all(models),
            Site::Link { from, to } => from.role() == Role::Agent && models(to),
            Site::Caller(caller) => caller.role() == Role::Agent,
            Site::Side(_) | Site::Whoever => false,
        }
    }

    /// Whether somebody of this name takes part by now: a sub-agent may come later, or never.
    fn exists(&self, node: NodeId) -> bool {
        match node.role() {
            Role::Agent => node.index() < self.live.len(),
            Role::Model => node.index() < self.models.len(),
            Role::Client => node.index() < self.clients.len(),
            Role::Tool => node.index() < self.tools.len(),
        }
    }

    fn begin_links(&mut self, links: &[(NodeId, NodeId)], number: u32, kind: Kind) {
        for (from, to) in links {
            self.links.begin(*from, *to, number, u32::from(cuts(kind)));
            self.tell_cut(*from, *to);
        }
    }

    fn begin_network(&mut self, strike: u64, number: u32, fault: &Fault) {
        match fault.kind {
            Kind::Flap => self.queue.push(self.after(flap_period(fault)), Due::Flap { strike }),
            Kind::RoundPartitions => self.rounds = Some(Box::new(Rounds::new(fault.number(number), fault))),
            _ => {}
        }
    }

    /// One strike of a planned fault ends, if it has not.
    pub(super) fn end_fault(&mut self, strike: u64) {
        let Some(place) = self.active.iter().position(|active| active.strike == strike) else { return };
        let ended = self.active.remove(place);
        let number = ended.fault;
        let fault = self.setup.schedule.faults[number as usize].clone();
        let who = Who::only(ended.node.unwrap_or(NodeId::agent(0)));
        let about = digest_of(&fault.kind);
        let text = || fault.to_string();
        self.recorder.record_with(who, Happening::FaultEnded, Cause::NONE, Note::about(about), text);
        match (fault.kind.part(), ended.node) {
            (Part::Network, _) => self.end_network(number, fault.kind, &ended.links),
            (Part::Process, Some(node)) if node.role() == Role::Tool => self.end_tool_fault(fault.kind, node),
            (Part::Process, Some(node)) => self.end_process(&fault, node, &ended.processes),
            (Part::Process, None) => {}
            (Part::ModelTransport | Part::ModelContent, _) => self.providers.end(strike),
        }
    }

    fn end_network(&mut self, number: u32, kind: Kind, links: &[(NodeId, NodeId)]) {
        for (from, to) in links {
            self.links.end(*from, *to, number, u32::from(cuts(kind)));
            self.tell_cut(*from, *to);
        }
        if kind == Kind::RoundPartitions {
            self.rounds = None;
        }
        if self.active.iter().all(|active| active.fault != number) {
            self.release(|waiting| waiting.fault == number);
        }
    }

    /// A flapping link is cut if it stood, and stands if it was cut, until the fault ends.
    pub(super) fn flap(&mut self, strike: u64) {
        let Some(place) = self.active.iter().position(|active| active.strike == strike) else { return };
        let number = self.active[place].fault;
        for link in 0..self.active[place].links.len() {
            let (from, to) = self.active[place].links[link];
            if !self.links.end(from, to, number, 1) {
                self.links.begin(from, to, number, 1);
            }
            self.tell_cut(from, to);
        }
        let period = flap_period(&self.setup.schedule.faults[number as usize]);
        self.queue.push(self.after(period), Due::Flap { strike });
    }

    fn struck_links(&self, fault: &Fault, node: Option<NodeId>) -> Vec<(NodeId, NodeId)> {
        struck_links(fault, node, self.members.as_slice())
    }

    /// An async agent learns at once which links refuse its messages.
    #[inline]
    pub(super) fn tell_cut(&mut self, from: NodeId, to: NodeId) {
        if matches!(self.setup.team, Team::Pure(_)) || from.role() != Role::Agent || !self.exists(from) {
            return;
        }
        for process in self.live[from.index()].clone() {
            self.tell_cut_to(process, to);
        }
    }

    /// Tells one process whether its link takes messages, as far as the link is honest about it.
    pub(super) fn tell_cut_to(&mut self, process: u32, to: NodeId) {
        let from = self.processes[process as usize].node;
        let faults = &self.setup.schedule.faults;
        let refuses = self.links.find(from, to).is_some_and(|link| {
            let lies = link.faults.iter().any(|number| faults[*number as usize].kind == Kind::FalseSuccess);
            link.cuts > 0 && !lies
        });
        self.set_reach(process, to, if refuses { Reach::Refused } else { Reach::Accepted });
    }

    /// A timer fired at a node: what was held for that arrives now, too late.
    pub(super) fn timer_fired(&mut self, node: NodeId) {
        if !self.waiting.is_empty() {
            self.release(|waiting| waiting.until == Until::TimerAt(node));
        }
    }

    /// The nemesis stops: a core is drawn, the others go down and stay down, every fault ends.
    pub(super) fn heal(&mut self) {
        let cause = self.choose_core();
        self.stop_others(cause);
        while let Some(oldest) = self.active.first() {
            self.end_fault(oldest.strike);
        }
        self.node_faults.iter_mut().for_each(|faults| faults.after_write.clear());
        self.release(|_| true);
        self.start_core();
    }

    /// Faults that wait for the n-th message of a link.
    fn arm_link(&mut self, fault: u32) {
        let planned = &self.setup.schedule.faults[fault as usize];
        let (When::Nth(nth), Site::Link { from, to }) = (planned.when, &planned.site) else { return };
        // A model fault counts calls, not messages.
        if planned.kind.part() != Part::Network {
            return;
        }
        let (from, to) = (*from, *to);
        self.links.get(from, to).armed.push((nth, fault));
    }
}

/// The one node a fault is about, if it is about one.
fn struck_node(fault: &Fault, whoever: Option<NodeId>) -> Option<NodeId> {
    match &fault.site {
        Site::Node(node) => Some(*node),
        Site::Side(side) if side.len() == 1 => side.first().copied(),
        Site::Whoever => whoever,
        Site::Link { .. } | Site::Side(_) | Site::Caller(_) | Site::Models(_) => None,
    }
}
