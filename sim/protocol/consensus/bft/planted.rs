//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

use super::message::Statement;
use super::{Config, Write};
use crate::protocol::signed::Signed;

/// One small mistake each.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A quorum of 2f: two of them need not share a correct member.
    QuorumTooSmall,
    /// A member prevotes whatever is proposed, locked or not (line 23).
    NoLock,
    /// A proposer ignores the valid value it knows (line 16).
    DropsValidValue,
    /// A vote that arrives twice counts twice.
    CountsVoterTwice,
    /// Signatures are not looked at.
    TrustsAnyName,
    /// The lock is kept in memory only.
    LockNotPersisted,
    /// A third of the members may lie, not fewer: a quorum is what is left of them (n ≥ 3f for n > 3f).
    ToleratesAThird,
    /// Prevotes of whatever earlier round free a member of its lock (line 29 without `lockedRound ≤ vr`).
    UnlocksOnAnyRound,
    /// A member keeps the first value it knew to be valid, whatever becomes valid later (line 42).
    KeepsFirstValid,
    /// A certificate is believed whoever is said to have signed it.
    SkipsCertificateCheck,
}

#[cfg(feature = "planted")]
impl Planted {
    /// Every planted bug.
    pub const ALL: [Planted; 10] = [
        Planted::QuorumTooSmall,
        Planted::NoLock,
        Planted::DropsValidValue,
        Planted::CountsVoterTwice,
        Planted::TrustsAnyName,
        Planted::LockNotPersisted,
        Planted::ToleratesAThird,
        Planted::UnlocksOnAnyRound,
        Planted::KeepsFirstValid,
        Planted::SkipsCertificateCheck,
    ];
}

#[cfg(feature = "planted")]
crate::digestible! { enum Planted {
    1 = QuorumTooSmall, 2 = NoLock, 3 = DropsValidValue, 4 = CountsVoterTwice, 5 = TrustsAnyName, 6 = LockNotPersisted,
    7 = ToleratesAThird, 8 = UnlocksOnAnyRound, 9 = KeepsFirstValid, 10 = SkipsCertificateCheck,
} }

impl Config {
    pub(super) fn asks_for_a_whole_quorum(&self) -> bool {
        unless_planted!(self, QuorumTooSmall)
    }

    pub(super) fn bears_fewer_than_a_third(&self) -> bool {
        unless_planted!(self, ToleratesAThird)
    }

    pub(super) fn unlocks_on_later_rounds_only(&self) -> bool {
        unless_planted!(self, UnlocksOnAnyRound)
    }

    pub(super) fn renews_valid_values(&self) -> bool {
        unless_planted!(self, KeepsFirstValid)
    }

    pub(super) fn checks_certificates(&self) -> bool {
        unless_planted!(self, SkipsCertificateCheck)
    }

    pub(super) fn keeps_its_lock(&self) -> bool {
        unless_planted!(self, NoLock)
    }

    pub(super) fn carries_valid_values(&self) -> bool {
        unless_planted!(self, DropsValidValue)
    }

    pub(super) fn counts_voters_once(&self) -> bool {
        unless_planted!(self, CountsVoterTwice)
    }

    /// Whether a statement counts as its signer's.
    pub(super) fn trusts(&self, signed: &Signed<Statement>) -> bool {
        !unless_planted!(self, TrustsAnyName) || signed.is_genuine()
    }

    /// What of a write reaches the disk.
    pub(super) fn surviving(&self, mut write: Write) -> Write {
        if !unless_planted!(self, LockNotPersisted) {
            write.record.locked = None;
        }
        write
    }
}
