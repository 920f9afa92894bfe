//! What members put on the link: greetings, letters, acknowledgements, each with both incarnations.

use super::durable::{Incarnation, Parcel};
use crate::id::NodeId;
use crate::protocol::corruption;
use serde::{Deserialize, Serialize};

/// What travels from one member to another. A frame counts only between the two incarnations that it names, so nothing
/// of a former life is ever taken for something of this one (Belsnes, *Single-message communication*, IEEE Transactions
/// on Communications 24(2), 1976).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The sender's incarnation.
    pub from: Incarnation,
    /// The receiver's, as the sender knows it.
    pub to: Incarnation,
    /// The rest.
    pub content: Content,
}

crate::digestible! { struct Frame { from, to, content } }

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// The sender's incarnation is all it has to tell. Who does not know the receiver's wants to be told.
    Hello,
    /// A letter.
    Letter {
        /// Its number in the stream between these two.
        number: u64,
        /// The letter with its past.
        parcel: Parcel,
    },
    /// What has come, durably.
    Ack {
        /// Everything up to here.
        upto: u64,
        /// And these.
        beyond: Vec<u64>,
        /// How many more letters the holder can be handed.
        room: u64,
    },
}

crate::digestible! { enum Content { 1 = Hello, 2 = Letter { number, parcel }, 3 = Ack { upto, beyond, room } } }

/// What is armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// What a member has not acknowledged is to be sent again.
    Resend(
        /// The member.
        NodeId,
    ),
}

crate::digestible! { enum Timer { 1 = Resend(node) } }

impl Frame {
    /// The frame with one thing in it altered.
    pub(super) fn corrupted(&self, draw: u64) -> Frame {
        let mut frame = self.clone();
        match (&mut frame.content, draw % 3) {
            (Content::Letter { number, .. }, 0) => corruption::word(number, draw / 3),
            (Content::Letter { parcel, .. }, 1) => {
                parcel.letter.body = corruption::value(&parcel.letter.body, draw / 3);
            }
            (Content::Ack { upto, .. }, 0) => corruption::word(upto, draw / 3),
            (Content::Ack { room, .. }, 1) => corruption::word(room, draw / 3),
            (_, 2) => corruption::word(&mut frame.to.0, draw / 3),
            _ => corruption::word(&mut frame.from.0, draw / 3),
        }
        frame
    }
}
