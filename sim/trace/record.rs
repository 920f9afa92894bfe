//! One record of a trace.

use crate::digest::{Digest, Digester};
use crate::id::{NodeId, ProcessId};
use crate::time::Time;
use serde::Serialize;

/// What caused a record: an earlier record, or nothing but the passing of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause(u32);

impl Cause {
    /// Nothing but time.
    pub const NONE: Cause = Cause(u32::MAX);

    /// The record at this place.
    #[must_use]
    pub const fn record(place: u32) -> Cause {
        Cause(place)
    }

    /// The place of the causing record.
    #[must_use]
    pub const fn place(self) -> Option<usize> {
        if self.0 == u32::MAX { None } else { Some(self.0 as usize) }
    }
}

macro_rules! happenings {
    ($($variant:ident = $number:literal, $name:literal;)*) => {
        /// What kind of thing a record is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum Happening {
            $(#[doc = $name] $variant = $number,)*
        }

        impl Happening {
            /// The verb a replay prints.
            #[must_use]
            pub const fn verb(self) -> &'static str {
                match self { $(Happening::$variant => $name,)* }
            }
        }
    };
}

happenings! {
    Started = 1, "starts";
    Crashed = 2, "crashes";
    Paused = 3, "pauses";
    Resumed = 4, "resumes";
    Sent = 5, "sends";
    Delivered = 6, "receives";
    Dropped = 7, "never receives";
    Fired = 8, "timer fires";
    Prompted = 9, "asks its model";
    Served = 10, "answers";
    Replied = 11, "hears from its model";
    Persisting = 12, "writes";
    Persisted = 13, "has written";
    DiskFailed = 14, "disk fails";
    Fact = 15, "reports";
    Decided = 16, "decides";
    Invoked = 17, "invokes";
    Returned = 18, "returns";
    FaultBegan = 19, "fault begins";
    FaultEnded = 20, "fault ends";
    Healed = 21, "heals";
    Delegated = 22, "delegates";
    Finished = 23, "finishes";
    Woke = 24, "wakes";
    Held = 25, "is held";
    Ended = 26, "run ends";
    Panicked = 27, "panics";
    Waits = 28, "still waits for";
    Orphaned = 29, "is orphaned";
    Cancelled = 30, "stops generating";
    Executed = 31, "carries out";
    Remembered = 32, "remembers";
    Declined = 33, "declines";
}

/// Marks on a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark(u8);

impl Mark {
    /// Nothing special.
    pub const NONE: Mark = Mark(0);
    /// A fault acted here.
    pub const FAULT: Mark = Mark(1);
    /// A false claim is carried here.
    pub const TAINT: Mark = Mark(2);
    /// It came after its receiver had given up.
    pub const LATE: Mark = Mark(4);

    /// Both marks.
    #[must_use]
    pub const fn with(self, other: Mark) -> Mark {
        Mark(self.0 | other.0)
    }

    /// Whether all of `other`'s marks are set.
    #[must_use]
    pub const fn has(self, other: Mark) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: Time,
    /// To whom.
    pub node: NodeId,
    /// To which live copy.
    pub process: ProcessId,
    /// What.
    pub happening: Happening,
    /// Marks.
    pub mark: Mark,
    /// The other participant, if there is one.
    pub peer: Option<NodeId>,
    /// What caused it.
    pub cause: Cause,
    /// The digest of what it is about.
    pub about: u64,
}

impl Digest for Record {
    #[inline]
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.at.0);
        let who = self.node.word() << 32 | u64::from(self.process.0);
        let peer = self.peer.map_or(0, |peer| peer.word() + 1);
        digester.word(who);
        digester.word(peer << 32 | u64::from(self.happening as u8) << 8 | u64::from(self.mark.0));
        digester.word(self.about ^ u64::from(self.cause.0).rotate_left(48));
    }
}
