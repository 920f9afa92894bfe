//! How much a channel holds, and how it repeats itself. Knows no letter.

use crate::time::{Duration, millis, seconds};

/// The bounds of a channel. What happens at each is part of its promise: a letter that is accepted is never dropped.
///
/// | bound | at it |
/// |---|---|
/// | `outbox` | [`Post`](super::Post) is refused ([`Full`](super::Refusal::Full)), for all if one member is behind |
/// | `window` | further letters wait in the outbox |
/// | `held` | a letter that came too early is forgotten and not acknowledged, so its sender sends it again |
/// | `inbox` | nothing more is delivered or acknowledged until the holder has taken something in: senders wait |
/// | `body` | `Post` is refused ([`Refusal::TooLong`](super::Refusal::TooLong)) |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Letters for one member that are not acknowledged.
    pub outbox: u64,
    /// Letters for one member that are on the link.
    pub window: u64,
    /// Letters of one sender that came before what they have to wait for.
    pub held: u64,
    /// Letters handed over and not taken in.
    pub inbox: u64,
    /// Bytes of a letter.
    pub body: u64,
    /// How long until what is not acknowledged is sent again, the first time.
    pub resend: Duration,
    /// The same at most: it doubles each time that nothing is acknowledged.
    pub resend_most: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            // A conversation's worth: who is that far behind is down, and a writer should hear so.
            outbox: 64,
            window: 16,
            // As much as a sender may have on the link: nothing that comes in order of need is forgotten.
            held: 16,
            // As many letters as a prompt holds.
            inbox: 32,
            body: 65_536,
            // Beyond a round trip between regions and two writes to a disk.
            resend: millis(700),
            // A member that is back after a long while is noticed within this.
            resend_most: seconds(5),
        }
    }
}

/// Why bounds cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoundsError {
    /// Nothing could ever pass.
    #[error("a channel whose bound on {0} is 0 passes nothing: let it be at least 1")]
    Zero(&'static str),
    /// Repetitions would come faster and faster.
    #[error("the longest span before a repetition, {most}, is shorter than the first, {first}: raise resend_most")]
    Shrinking {
        /// The first span.
        first: Duration,
        /// The longest.
        most: Duration,
    },
}

impl Bounds {
    /// Whether a channel of these bounds can work.
    ///
    /// ```
    /// use synod::protocol::channel::{Bounds, BoundsError};
    /// assert_eq!(Bounds::default().validate(), Ok(()));
    /// assert_eq!(Bounds { window: 0, ..Bounds::default() }.validate(), Err(BoundsError::Zero("window")));
    /// ```
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self) -> Result<(), BoundsError> {
        let Bounds { outbox, window, held, inbox, body, resend, resend_most } = *self;
        let counts = [("outbox", outbox), ("window", window), ("held", held), ("inbox", inbox), ("body", body)];
        for (name, bound) in counts.into_iter().chain([("resend", resend.0)]) {
            if bound == 0 {
                return Err(BoundsError::Zero(name));
            }
        }
        if resend_most < resend {
            return Err(BoundsError::Shrinking { first: resend, most: resend_most });
        }
        Ok(())
    }
}

crate::digestible! { struct Bounds { outbox, window, held, inbox, body, resend, resend_most } }
