//! What does not change during a search. Knows no state.

use super::bounds::Bounds;
use super::node::Letter;
use super::surroundings::Surroundings;
use crate::fault::Kind;
use crate::id::{Members, NodeId};
use crate::protocol::Protocol;
use crate::time::Time;
use std::collections::BTreeMap;

/// Makes a process of an identity.
pub(super) type Factory<P> = Box<dyn Fn(NodeId, &Members) -> P>;

/// Whether a member's timer is one of some.
type Among<P> = Box<dyn Fn(NodeId, &<P as Protocol>::Timer) -> bool>;

/// Whether a message is one of some.
type Those<P> = Box<dyn Fn(&<P as Protocol>::Message) -> bool>;

/// What does not change during a search.
pub(super) struct Setting<P: Protocol> {
    pub(super) members: Members,
    pub(super) factory: Factory<P>,
    pub(super) surroundings: Box<dyn Surroundings<P>>,
    pub(super) requests: Vec<Invocation<P>>,
    pub(super) liars: BTreeMap<NodeId, Kind>,
    pub(super) clocks: Vec<Time>,
    pub(super) within: Vec<Within<P>>,
    pub(super) firing: Option<Firing<P>>,
    pub(super) losing: Option<Losing<P>>,
    pub(super) crashing: Option<Crashing>,
    pub(super) parting: Option<Parting>,
    pub(super) bounds: Bounds,
}

/// A request that a client makes of a member.
pub(super) struct Invocation<P: Protocol> {
    pub(super) node: NodeId,
    pub(super) request: P::Request,
}

/// A bound on what a process may be.
pub(super) struct Within<P> {
    pub(super) text: String,
    pub(super) holds: Box<dyn Fn(&P) -> bool>,
}

/// A bound on which timers fire.
pub(super) struct Firing<P: Protocol> {
    pub(super) text: String,
    pub(super) may: Among<P>,
}

/// A bound on which messages arrive.
pub(super) struct Losing<P: Protocol> {
    pub(super) text: String,
    pub(super) lost: Those<P>,
}

/// A bound on who crashes.
pub(super) struct Crashing {
    pub(super) text: String,
    pub(super) may: Box<dyn Fn(NodeId) -> bool>,
}

/// A bound on who hears whom.
pub(super) struct Parting {
    pub(super) text: String,
    pub(super) apart: Box<dyn Fn(NodeId, NodeId) -> bool>,
}

impl<P: Protocol> Setting<P> {
    pub(super) fn new(size: u16, factory: Factory<P>, surroundings: Box<dyn Surroundings<P>>) -> Setting<P> {
        Setting {
            members: Members::of(size),
            factory,
            surroundings,
            requests: Vec::new(),
            liars: BTreeMap::new(),
            clocks: vec![Time::ZERO],
            within: Vec::new(),
            firing: None,
            losing: None,
            crashing: None,
            parting: None,
            bounds: Bounds::default(),
        }
    }

    /// A process of the member, before its start.
    pub(super) fn make(&self, node: NodeId) -> P {
        (self.factory)(node, &self.members)
    }

    /// What a starting process reads from its clock.
    pub(super) fn first_clock(&self) -> Time {
        self.clocks[0]
    }

    /// Whether the search goes on from where a process is like this.
    pub(super) fn contains(&self, protocol: &P) -> bool {
        self.within.iter().all(|within| (within.holds)(protocol))
    }

    /// Whether a timer is one of those that fire.
    pub(super) fn lets_fire(&self, node: NodeId, timer: &P::Timer) -> bool {
        self.firing.as_ref().is_none_or(|firing| (firing.may)(node, timer))
    }

    /// Whether a message is one of those that are lost.
    pub(super) fn loses(&self, letter: &Letter<P>) -> bool {
        self.losing.as_ref().is_some_and(|losing| (losing.lost)(&letter.message))
            || self.parting.as_ref().is_some_and(|parting| (parting.apart)(letter.from, letter.to))
    }

    /// Whether a member is one of those that crash.
    pub(super) fn lets_crash(&self, node: NodeId) -> bool {
        self.crashing.as_ref().is_none_or(|crashing| (crashing.may)(node))
    }

    /// Every bound in words.
    pub(super) fn bound(&self) -> String {
        let within = self.within.iter().map(|within| format!(", {}", within.text));
        let firing = self.firing.iter().map(|firing| format!(", of timers only {}", firing.text));
        let losing = self.losing.iter().map(|losing| format!(", {} lost", losing.text));
        let parting = self.parting.iter().map(|parting| format!(", {} apart", parting.text));
        let crashing = self.crashing.iter().map(|crashing| format!(", of crashes only {}", crashing.text));
        let liars = self.liars.iter().map(|(node, kind)| format!(", {kind} at {node}"));
        let clocks = match self.clocks.len() {
            1 => String::new(),
            readings => format!(", {readings} clock readings"),
        };
        let rest: String =
            within.chain(firing).chain(losing).chain(parting).chain(crashing).chain(liars).chain([clocks]).collect();
        format!("{} members, {} requests, {}{rest}", self.members.len(), self.requests.len(), self.bounds)
    }
}
