//! What a correspondent must not forget: its channel's part, and its transcript. Knows no disk.

use crate::digest::{Digest, Digester};
use crate::protocol::Fold;
use crate::protocol::channel::{Channel, Kept};

/// What survives a crash. The transcript is folded from the channel's own writes, so it has each letter once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durable<C: Channel> {
    /// The channel's part.
    pub channel: C::Durable,
    /// What was sent and delivered, in the order in which it became durable.
    pub transcript: Vec<Kept>,
}

impl<C: Channel> Default for Durable<C> {
    fn default() -> Durable<C> {
        Durable { channel: C::Durable::default(), transcript: Vec::new() }
    }
}

impl<C: Channel> Digest for Durable<C> {
    fn digest(&self, digester: &mut Digester) {
        (&self.channel, &self.transcript).digest(digester);
    }
}

/// One atomic change: one of the channel's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write<C: Channel>(pub C::Write);

impl<C: Channel> Digest for Write<C> {
    fn digest(&self, digester: &mut Digester) {
        self.0.digest(digester);
    }
}

impl<C: Channel> Fold<Write<C>> for Durable<C> {
    fn fold(&mut self, Write(write): &Write<C>) {
        self.channel.fold(write);
        self.transcript.extend(C::kept(write));
    }
}
