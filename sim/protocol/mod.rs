//! Pure protocols: events come in, effects go out. No clock, no randomness, no runtime, no global.
//!
//! A protocol is a plain value with a synchronous [`step`](Protocol::step). The world drives it; so could any other
//! shell. It never names a model: it asks, and an answer may come, late, wrong or never.

pub mod baseline;
pub mod channel;
pub mod consensus;
mod corruption;
mod effects;
#[cfg(test)]
mod rig;
pub mod signed;
pub mod store;
#[cfg(test)]
mod storm;
pub mod team;

pub use effects::{DiskError, Effect, Effects, Event};

use crate::digest::Digest;
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId};
use crate::time::Time;
use std::fmt::Debug;

/// What crosses the seam: plain data that can be copied, printed, compared and digested.
pub trait Data: Clone + Debug + Eq + Digest + 'static {}

impl<T: Clone + Debug + Eq + Digest + 'static> Data for T {}

/// Durable state is the fold of the writes that survived.
pub trait Fold<Write> {
    /// Applies one write.
    fn fold(&mut self, write: &Write);
}

/// A protocol that keeps nothing uses `()` for both.
impl Fold<()> for () {
    fn fold(&mut self, (): &()) {}
}

/// What a protocol's safety makes of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Clocks and timers decide when something happens, never whether it may.
    Indifferent,
    /// It trusts that spans are kept: a lease that others wait out.
    Trusted,
}

/// One participant of a distributed protocol.
///
/// Rules for an implementation:
/// - `step` is a function of its arguments: same state and event, same effects.
/// - What a message depends on is persisted before the message, in the order of the effects: everything after a
///   [`Effects::persist`] waits until that write is durable, and the process handles no event meanwhile.
/// - After a restart, [`Event::Start`] carries what survived.
pub trait Protocol: Data {
    /// What peers send each other.
    type Message: Data;
    /// What an armed timer is called; arming a name again replaces it.
    type Timer: Data + Ord;
    /// What survives a crash.
    type Durable: Data + Default + Fold<Self::Write>;
    /// One change of the durable state.
    type Write: Data;
    /// What clients invoke.
    type Request: Data;
    /// What clients get back.
    type Response: Data;
    /// What is asked of the composing agent, hence of its model.
    type Ask: Data;
    /// What the composing agent answers.
    type Answer: Data;

    /// Handles one event at local time `now`.
    fn step(&mut self, now: Time, event: Event<Self>, effects: &mut Effects<Self>);

    /// What this protocol promises under a kind of fault. `None` means undeclared, and a sweep refuses the kind.
    #[must_use]
    fn tolerance(kind: Kind) -> Option<Tolerance>;

    /// Whether safety rests on clocks or timers. A search that lets any armed timer fire at any time refuses a protocol
    /// whose does.
    #[must_use]
    fn timing() -> Timing {
        Timing::Indifferent
    }

    /// How many members must be healed for the team to decide again: a majority, unless the protocol needs more.
    #[must_use]
    fn core(members: &Members) -> usize {
        members.majority()
    }

    /// What of this member's state makes a run unlike others, without names, values and times: its role, how far it has
    /// come. Few outlines in all, for a search keeps every combination that a team's members show. `None`: a search
    /// goes by what members report.
    #[must_use]
    fn outline(&self) -> Option<u64> {
        None
    }

    /// What this member's shell sends to a member in place of a message while it lies in this way. It has what the
    /// process has, thus no key but its own. `None`: the message itself, which is all that most protocols know to say.
    #[must_use]
    fn lied(&self, kind: Kind, to: NodeId, message: &Self::Message) -> Option<Vec<Self::Message>> {
        let _ = (kind, to, message);
        None
    }

    /// The message with one thing in it altered, for corruption that no checksum notices. `None`: always noticed.
    #[must_use]
    fn corrupted(message: &Self::Message, draw: u64) -> Option<Self::Message> {
        let _ = (message, draw);
        None
    }

    /// What is left of a write that was torn by a crash. `None`: a checksum notices and the write is dropped.
    #[must_use]
    fn torn(write: &Self::Write, draw: u64) -> Option<Self::Write> {
        let _ = (write, draw);
        None
    }
}
