//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

use crate::digest::{Digest, Digester, digest_of};
use crate::fact::{Slot, WriteId};
use crate::id::NodeId;
use crate::time::Time;

/// One small mistake each, all made by real implementations.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Any member answers reads from what it has applied, without asking whether that is all (R18; Jepsen etcd 2014).
    ReadsUnasked,
    /// A compare-and-set compares before it is proposed, not when it is applied (A06).
    ComparesBeforehand,
    /// A call that is sent again is a command of its own (T01; Redis-Raft #52).
    ForgetsCalls,
}

#[cfg(feature = "planted")]
crate::digestible! { enum Planted { 1 = ReadsUnasked, 2 = ComparesBeforehand, 3 = ForgetsCalls } }

/// Which rules are kept: all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    #[cfg(feature = "planted")]
    pub(super) planted: Option<Planted>,
}

impl Digest for Rules {
    fn digest(&self, digester: &mut Digester) {
        // Nothing at all without a planted bug, so that states digest alike in builds with and without the feature.
        #[cfg(feature = "planted")]
        if let Some(planted) = self.planted {
            planted.digest(digester);
        }
        let _ = digester;
    }
}

impl Rules {
    pub(super) fn reads_unasked(self) -> bool {
        !unless_planted!(self, ReadsUnasked)
    }

    pub(super) fn compares_beforehand(self) -> bool {
        !unless_planted!(self, ComparesBeforehand)
    }

    /// The slot of a command. Sessions have 18 bits of a node and 16 of a life; 30 count its writes.
    pub(super) fn slot(self, write: WriteId, me: NodeId, now: Time) -> Slot {
        if !unless_planted!(self, ForgetsCalls) {
            return Slot(digest_of(&(write, (me, now))));
        }
        let WriteId { session, number } = write;
        assert!(session.life < 1 << 16 && number < 1 << 30, "more lives or writes than a slot can name: {write}");
        Slot(session.node.word() << 46 | u64::from(session.life) << 30 | u64::from(number))
    }
}
