//! Classes of faults that a protocol answers alike. Knows no protocol and promises nothing.

use super::{Kind, Part};

/// What a kind of fault takes from those it strikes. A protocol's table of tolerance says one thing about each class;
/// a new kind of fault asks once for its class, not once in every table.
///
/// ```
/// use synod::fault::{Class, Kind};
/// assert_eq!(Kind::Duplicate.class(), Class::Delivery);
/// assert_eq!(Kind::WrongAnswer.class(), Class::Speech);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A message comes late, twice, out of order or not at all.
    Delivery,
    /// Some members cannot reach some others for a while.
    Cut,
    /// A message is not what its sender sent, and nobody notices.
    Tampering,
    /// A process stops, lags, reads a wrong clock or fails at its disk, and forgets nothing that it was told is kept.
    Interruption,
    /// A process forgets what it was told is kept, or is two.
    Amnesia,
    /// A process says what the protocol does not, or keeps silent on purpose.
    Deceit,
    /// A model cannot be reached, or not now.
    Access,
    /// A model says what is not so, or nothing that can be read.
    Speech,
}

impl Kind {
    /// Its class.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Kind::CorruptUnnoticed | Kind::ForgedSender => Class::Tampering,
            Kind::Cut
            | Kind::PartitionSplit
            | Kind::PartitionIsolate
            | Kind::PartitionRing
            | Kind::PartitionBridge
            | Kind::PartitionOneWay
            | Kind::RoundPartitions
            | Kind::Flap => Class::Cut,
            Kind::CrashLosingDisk | Kind::LostWrite | Kind::Twin => Class::Amnesia,
            Kind::EquivocatingShell | Kind::SilentShell | Kind::ForgedVoter => Class::Deceit,
            kind => match kind.part() {
                Part::Network => Class::Delivery,
                Part::Process => Class::Interruption,
                Part::ModelTransport => Class::Access,
                Part::ModelContent => Class::Speech,
            },
        }
    }
}
