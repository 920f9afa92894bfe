//! Channels: letters between the members of a team, with a promise about their order. Know nothing of what letters say.
//!
//! | channel | promise, of letters that are delivered | cost |
//! |---|---|---|
//! | [`Line::unordered`] | each once | an acknowledgement a letter |
//! | [`Line::fifo`] | also in the order of each sender | the same |
//! | [`Line::causal`] | also after all that their writers knew | a vector a letter; a matrix with letters to one |
//! | [`Total`] | all members get all letters in one order, which is causal too | a round of consensus a letter |
//!
//! A letter that is accepted is durable and arrives, as long as its readers, and for [`Line`] its writer, come back; a
//! letter that cannot be taken is refused, with the reason. Nothing is ever dropped. [`Bounds`] lists what is bounded
//! and what happens at each bound.
//!
//! A channel is a layer: its holder invokes a [`Post`], hears [`Posted`], is asked to take in a [`Delivery`] and
//! answers [`Taken`]. The holder may be another protocol, which turns the channel's effects into its own
//! ([`Effects::map`](super::Effects::map); [`Correspondent`] is one), an async agent (`synod::agent::Mailbox`), or any
//! shell that carries out [`Effect`](super::Effect)s with real sockets and files.

mod bounds;
mod correspondent;
mod letter;
pub mod line;
pub mod total;

#[cfg(test)]
mod tests;

pub use bounds::{Bounds, BoundsError};
pub use correspondent::{Correspondent, Letters, Subject};
pub use letter::{Audience, Delivery, Kept, Letter, LetterId, Post, Posted, Refusal, Taken};
pub use line::{Line, Order};
pub use total::Total;

use super::Protocol;

/// One member's end of a channel.
pub trait Channel: Protocol<Request = Post, Response = Posted, Ask = Delivery, Answer = Taken> {
    /// What of a write a holder may want to keep: a holder that folds the channel's writes into its own durable state
    /// has each letter exactly once, in the order of their positions, however often it crashes. A channel that delivers
    /// from a log that is durable elsewhere names what was sent alone; its positions are the log's.
    #[must_use]
    fn kept(write: &Self::Write) -> Vec<Kept>;
}
