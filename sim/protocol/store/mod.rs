//! Shared stores: where agents keep notes under keys and append to threads. One interface, four levels of promise.
//!
//! | level | protocol | promise |
//! |---|---|---|
//! | `weak` | [`Weak`]: overwrite in place, as most agent frameworks do | none |
//! | `eventual` | [`Gossip`] with [`Order::Any`]: the last writer wins; anti-entropy | in the end all show the same |
//! | `causal` | [`Gossip`] with [`Order::Causal`]: dependencies and tokens | CC, CCv, four session guarantees |
//! | `strong` | [`Strong`]: a state machine on Raft's log, reads confirmed by a quorum | linearizable |
//!
//! A store speaks through [`team::Request::Store`](crate::protocol::team::Request) and
//! [`team::Outcome::Store`](crate::protocol::team::Outcome), so that it runs wherever a team runs, and refuses what is
//! asked of teams. It asks no model: what a note says is its writer's business. [`Level`] names the four, and a
//! [`Replica`] is of any of them, for shells that choose at run time.

mod ask;
pub mod gossip;
mod hlc;
mod level;
mod notes;
pub mod replica;
pub mod strong;
#[cfg(test)]
mod tests;
mod vector;
pub mod weak;

pub use ask::{Act, Request, Response, Token};
pub use gossip::{Gossip, Order};
pub use hlc::Clock;
pub use level::{Again, Level, UnknownLevel};
pub use notes::{Change, Entry, Notes, Sight, Update, Winner};
pub use replica::Replica;
pub use strong::Strong;
pub use vector::{Dot, Vector};
pub use weak::Weak;

use crate::fault::{Class, Kind, Tolerance};

/// What stores here promise under each class of faults. Every class is listed, so that a new one asks for a decision.
const fn tolerance(kind: Kind) -> Tolerance {
    match kind.class() {
        // What is lost is found missing by the next summary or heartbeat; what comes twice or late is known by its
        // place. Clients' calls carry a number, and one that comes again takes effect once.
        Class::Delivery | Class::Cut => Tolerance::Tolerated,
        // Nothing is acknowledged before it is durable. Clocks decide which of two concurrent writers wins and nothing
        // else.
        Class::Interruption => Tolerance::Tolerated,
        // Replicas and links are trusted, and a replica that forgets an update would give its number to another one.
        Class::Tampering | Class::Amnesia | Class::Deceit => Tolerance::OutOfScope,
        // A store asks no model.
        Class::Access | Class::Speech => Tolerance::OutOfScope,
    }
}
