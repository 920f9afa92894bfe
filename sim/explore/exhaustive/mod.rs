//! Exhaustive search of a pure protocol at a small size: every order of deliveries, timers, answers, writes and crashes
//! within stated bounds, breadth first.
//!
//! A state is all that decides what may come: processes with their timers, disks and open questions, messages in
//! flight, what was spent of the bounds, and what the checkers remember. Two ways to one state are one. So the first
//! violation found has a shortest way to it, and a search that ends without one has seen everything within its bounds.
//!
//! What is abstracted, and why that is sound:
//! - **Time.** Any armed timer may fire at any moment. A protocol whose safety trusts clocks is refused
//!   ([`Protocol::timing`]). What a process reads from its clock is one of [`Exhaustive::clocks`].
//! - **Order and loss.** Messages in flight are a bag: any may be next, and one that is never delivered is lost. Safety
//!   needs no more.
//! - **Crashes.** A process that crashes starts again at once: one that stays down is one that nothing reaches.
//! - **Liveness.** Only safety is judged, by checkers whose memory is a part of the state. Others are refused, by their
//!   type or by name.
//!
//! Knows no protocol and no property. Draws nothing.

mod action;
mod bounds;
mod explored;
mod node;
mod search;
mod setting;
mod state;
mod surroundings;
mod watch;

pub use bounds::{Bounds, Ending};
pub use explored::{Explored, Move, Pruned, Watched};
pub use surroundings::{Silent, Surroundings, Team};

use crate::check::{Online, PropertyKind};
use crate::digest::Digest;
use crate::fault::Kind;
use crate::id::{Members, NodeId};
use crate::protocol::team::{Request, TeamProtocol};
use crate::protocol::{Protocol, Timing};
use crate::time::Time;
use setting::{Crashing, Firing, Invocation, Losing, Parting, Setting, Within};
use watch::Watch;

/// A search to be made.
///
/// ```
/// use synod::check::{Agreement, ElectionSafety};
/// use synod::explore::exhaustive::{Bounds, Exhaustive};
/// use synod::fact::{Slot, Value};
/// use synod::id::NodeId;
/// use synod::protocol::{consensus::Raft, team::Request};
///
/// let plans = [Value::from("rollback"), Value::from("restart")];
/// let explored = Exhaustive::team(3, Raft::factory, plans)
///     .invoke(NodeId::agent(0), Request::Propose { slot: Slot(0) })
///     .bounds(Bounds { timers: 1, depth: 6, ..Bounds::default() })
///     .check(ElectionSafety)
///     .check(Agreement)
///     .run()?;
/// assert!(explored.path.is_empty(), "no way to a violation: {explored}");
/// assert_eq!(explored.depth, 6);
/// # Ok::<(), synod::explore::exhaustive::Refused>(())
/// ```
///
/// A checker of liveness remembers when things happened, which no search can count as a part of its state:
///
/// ```compile_fail
/// use synod::{check::Termination, explore::exhaustive::Exhaustive, protocol::consensus::Raft};
/// let search = Exhaustive::team(3, Raft::factory, []).check(Termination::DEFAULT);
/// ```
pub struct Exhaustive<P: Protocol> {
    setting: Setting<P>,
    watches: Vec<Box<dyn Watch>>,
}

/// A search that would prove nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Any timer may fire here at any time.
    #[error("the safety of {0} trusts clocks, which this search lets run as they like: sweep seeds instead")]
    TrustsTime(&'static str),
    /// Something good may always come later.
    #[error("{0} is no safety property, and no end of a search shows that it is violated: sweep seeds instead")]
    NoSafety(&'static str),
    /// Nothing would be judged.
    #[error("a search without a property judges nothing: add one with `check`")]
    NoProperty,
    /// A bound of nothing.
    #[error("a process reads some clock: give `clocks` at least one reading")]
    NoClock,
    /// No such member.
    #[error("{0} is no member of the team that is searched")]
    NoMember(NodeId),
}

impl<P: TeamProtocol> Exhaustive<P> {
    /// A team of so many, whose models may propose any of these values and whose checks may come out either way.
    pub fn team(
        size: u16,
        factory: impl Fn(NodeId, &Members) -> P + 'static,
        values: impl IntoIterator<Item = crate::fact::Value>,
    ) -> Exhaustive<P> {
        Exhaustive::of(size, factory, Team::proposing(values))
    }

    /// A client asks this member for a decision, at any moment.
    #[must_use]
    pub fn propose(self, node: NodeId, slot: crate::fact::Slot) -> Exhaustive<P> {
        self.invoke(node, Request::Propose { slot })
    }
}

impl<P: Protocol> Exhaustive<P> {
    /// So many processes of any protocol among these surroundings.
    pub fn of(
        size: u16,
        factory: impl Fn(NodeId, &Members) -> P + 'static,
        surroundings: impl Surroundings<P> + 'static,
    ) -> Exhaustive<P> {
        Exhaustive { setting: Setting::new(size, Box::new(factory), Box::new(surroundings)), watches: Vec::new() }
    }

    /// A client sends this member a request, once, at any moment.
    #[must_use]
    pub fn invoke(mut self, node: NodeId, request: P::Request) -> Exhaustive<P> {
        self.setting.requests.push(Invocation { node, request });
        self
    }

    /// This member's shell lies in this way all the time, as its protocol says such a shell does.
    #[must_use]
    pub fn lying(mut self, node: NodeId, kind: Kind) -> Exhaustive<P> {
        self.setting.liars.insert(node, kind);
        self
    }

    /// What a process may read from its clock at any event. One reading unless told otherwise, as if all clocks stood
    /// still; two that are far apart let every span be short or long, at the price of more states.
    #[must_use]
    pub fn clocks(mut self, readings: impl IntoIterator<Item = Time>) -> Exhaustive<P> {
        self.setting.clocks = readings.into_iter().collect();
        self
    }

    /// Goes on only from states in which every process satisfies this; `text` states it as a bound, like `term <= 2`.
    #[must_use]
    pub fn within(mut self, text: &str, holds: impl Fn(&P) -> bool + 'static) -> Exhaustive<P> {
        self.setting.within.push(Within { text: text.to_owned(), holds: Box::new(holds) });
        self
    }

    /// Lets only these timers fire; `text` names them. Timers that merely repeat what was said add nothing where no
    /// message is lost, and every timer that fires is one less of the bound.
    #[must_use]
    pub fn firing(mut self, text: &str, may: impl Fn(NodeId, &P::Timer) -> bool + 'static) -> Exhaustive<P> {
        self.setting.firing = Some(Firing { text: text.to_owned(), may: Box::new(may) });
        self
    }

    /// Loses these messages as they are sent; `text` names them.
    #[must_use]
    pub fn losing(mut self, text: &str, lost: impl Fn(&P::Message) -> bool + 'static) -> Exhaustive<P> {
        self.setting.losing = Some(Losing { text: text.to_owned(), lost: Box::new(lost) });
        self
    }

    /// Loses whatever one of these sends to the other, all the time: `apart` is asked about sender and receiver, and
    /// `text` names them.
    #[must_use]
    pub fn parting(mut self, text: &str, apart: impl Fn(NodeId, NodeId) -> bool + 'static) -> Exhaustive<P> {
        self.setting.parting = Some(Parting { text: text.to_owned(), apart: Box::new(apart) });
        self
    }

    /// Lets only these members crash; `text` names them. A mistake that one member's crash brings to light is found
    /// among far fewer states.
    #[must_use]
    pub fn crashing(mut self, text: &str, may: impl Fn(NodeId) -> bool + 'static) -> Exhaustive<P> {
        self.setting.crashing = Some(Crashing { text: text.to_owned(), may: Box::new(may) });
        self
    }

    /// How far the search goes.
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Exhaustive<P> {
        self.setting.bounds = bounds;
        self
    }

    /// Judges every state by this property. Its checker's memory becomes a part of the state.
    #[must_use]
    pub fn check<C: Online + 'static>(mut self, checker: C) -> Exhaustive<P>
    where
        C::State: Digest + 'static,
    {
        self.watches.push(watch::watching(checker));
        self
    }

    /// Searches until a property is violated, nothing is left, or a bound ends it.
    ///
    /// # Errors
    /// If the search would prove nothing; the error says why.
    pub fn run(self) -> Result<Explored, Refused> {
        if P::timing() == Timing::Trusted {
            return Err(Refused::TrustsTime(std::any::type_name::<P>()));
        }
        if self.watches.is_empty() {
            return Err(Refused::NoProperty);
        }
        if self.setting.clocks.is_empty() {
            return Err(Refused::NoClock);
        }
        let named = self.setting.requests.iter().map(|request| request.node).chain(self.setting.liars.keys().copied());
        if let Some(stranger) = named.into_iter().find(|node| !self.setting.members.contains(*node)) {
            return Err(Refused::NoMember(stranger));
        }
        let mut properties = self.watches.iter().map(|watch| watch.property());
        if let Some(property) = properties.find(|property| property.kind != PropertyKind::Safety) {
            return Err(Refused::NoSafety(property.name));
        }
        Ok(search::search(&self.setting, self.watches))
    }
}
