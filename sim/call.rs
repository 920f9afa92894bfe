//! What a client asks of a shared object, and how it is answered. Knows words only: no store and no meaning of a call.
//!
//! Keys, sessions and texts are small numbers here; a history keeps the table that names them.

use crate::digest::{Digest, Digester};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;

/// What is asked. Which of them an object understands, and what they do, is said in `spec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Call {
    /// The value, or the whole list, under a key.
    Read,
    /// Replaces the value under a key.
    Write,
    /// Makes a key as if it had never been written.
    Remove,
    /// Replaces the value if it equals the expected one. Refused if not.
    Cas,
    /// Appends a value to the list under a key.
    Append,
    /// Takes a lease. Refused while another holds it.
    Acquire,
    /// Gives a lease back. Refused to anyone but its holder.
    Release,
    /// Puts a value at the end of a queue.
    Enqueue,
    /// Takes the value at the head of a queue. Refused if the queue is empty.
    Dequeue,
    /// Puts a value into a set.
    Add,
    /// Takes a value out of a set.
    Discard,
    /// Whether a value is in a set. Refused means that it is not.
    Contains,
    /// Puts a task, named by the key, on a board. Refused if it is there already.
    Post,
    /// Claims an open task. Refused if it is not open.
    Claim,
    /// Finishes a task that the session has claimed. Refused otherwise.
    Complete,
    /// Opens a task again that the session has claimed. Refused otherwise.
    Abandon,
}

impl Call {
    /// Every call.
    pub const ALL: [Call; 16] = [
        Call::Read,
        Call::Write,
        Call::Remove,
        Call::Cas,
        Call::Append,
        Call::Acquire,
        Call::Release,
        Call::Enqueue,
        Call::Dequeue,
        Call::Add,
        Call::Discard,
        Call::Contains,
        Call::Post,
        Call::Claim,
        Call::Complete,
        Call::Abandon,
    ];

    /// Its name in histories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Call::Read => "read",
            Call::Write => "write",
            Call::Remove => "remove",
            Call::Cas => "cas",
            Call::Append => "append",
            Call::Acquire => "acquire",
            Call::Release => "release",
            Call::Enqueue => "enqueue",
            Call::Dequeue => "dequeue",
            Call::Add => "add",
            Call::Discard => "discard",
            Call::Contains => "contains",
            Call::Post => "post",
            Call::Claim => "claim",
            Call::Complete => "complete",
            Call::Abandon => "abandon",
        }
    }

    /// The call of this name.
    ///
    /// ```
    /// use synod::call::Call;
    /// assert_eq!(Call::named("cas"), Some(Call::Cas));
    /// assert_eq!(Call::named("swap"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Call> {
        Call::ALL.into_iter().find(|call| call.name() == name)
    }

    /// Whether it can change the object.
    #[must_use]
    pub const fn changes(self) -> bool {
        !matches!(self, Call::Read | Call::Contains)
    }

    /// Whether it carries a value in.
    #[must_use]
    pub const fn carries(self) -> bool {
        matches!(
            self,
            Call::Write | Call::Cas | Call::Append | Call::Enqueue | Call::Add | Call::Discard | Call::Contains
        )
    }

    /// Whether `refused` can be an answer to it.
    #[must_use]
    pub const fn refusable(self) -> bool {
        !matches!(
            self,
            Call::Read | Call::Write | Call::Remove | Call::Append | Call::Enqueue | Call::Add | Call::Discard
        )
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a call ended, as its client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Outcome {
    /// Not known: it may have taken effect, may still, or never will.
    Open,
    /// It took effect and was answered.
    Ok,
    /// It was answered that its condition does not hold: an answer like any other, and judged like one.
    Refused,
    /// It certainly never took effect. Not judged.
    Failed,
}

/// A key, as a number of its history's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub u32);

/// One client's sequence of calls, one after the other, as a number of its history's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub u32);

/// A text, as a number of its history's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueId(pub u32);

impl ValueId {
    /// No text at all: what a key holds before its first write and after a remove.
    pub const NOTHING: ValueId = ValueId(0);
}

/// Which write a value comes from: the n-th of a session, stamped by the store. Two equal texts have two versions.
///
/// ```
/// use synod::call::{SessionId, Version};
/// let version = Version::of(SessionId(2), 7);
/// assert_eq!((version.session(), version.number()), (SessionId(2), 7));
/// assert_eq!(Version::INITIAL.number(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    session: SessionId,
    /// One more than the number, so that an absent version takes no room.
    successor: NonZeroU32,
}

impl Version {
    /// What every key holds before anything is written: ordered before every write.
    pub const INITIAL: Version = Version { session: SessionId(0), successor: NonZeroU32::MIN };

    /// The version that a session's write makes; its first write has number 1.
    #[must_use]
    pub const fn of(session: SessionId, number: u32) -> Version {
        assert!(number > 0, "a session's writes count from 1; the initial version is Version::INITIAL");
        let successor = NonZeroU32::new(number).expect("checked above");
        Version { session, successor: successor.saturating_add(1) }
    }

    /// Who wrote it; nobody in particular if it is initial.
    #[must_use]
    pub const fn session(self) -> SessionId {
        self.session
    }

    /// Which of the session's writes it is, from 1; 0 if it is initial.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.successor.get() - 1
    }
}

impl Digest for Version {
    fn digest(&self, digester: &mut Digester) {
        digester.word(u64::from(self.session.0));
        digester.word(u64::from(self.number()));
    }
}

/// When a call is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// As soon as a replica can.
    #[default]
    AtOnce,
    /// Once what it looks at is another version than the session knows: it may be long in coming.
    OnceChanged,
}

impl Looks {
    /// Whether it is answered as soon as a replica can.
    #[must_use]
    pub fn is_at_once(&self) -> bool {
        *self == Looks::AtOnce
    }
}
