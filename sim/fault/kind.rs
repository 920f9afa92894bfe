//! The catalogue of faults.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where in a system a kind of fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A directed link.
    Network,
    /// A process and its disk.
    Process,
    /// The way to and from a model.
    ModelTransport,
    /// What a model says.
    ModelContent,
}

macro_rules! catalogue {
    ($($kind:ident, $part:ident, $name:literal, $about:literal;)*) => {
        /// A kind of fault. A fault that nothing consumes is a defect: `tests/catalogue.rs` requires each kind to be
        /// felt.
        ///
        /// ```
        /// use synod::fault::Kind;
        /// assert_eq!("loss".parse(), Ok(Kind::Loss));
        /// assert_eq!(Kind::Loss.about(), "a message is lost");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $(#[doc = $about] $kind,)*
        }

        impl Kind {
            /// Every kind, in catalogue order.
            pub const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// Its snake-case name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }

            /// One line about it.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Kind::$kind => $about,)* }
            }

            /// Whether a member struck by it may contradict what it said, so that nothing is promised of it any more.
            #[must_use]
            pub const fn suborns(self) -> bool {
                matches!(
                    self,
                    Kind::Twin
                        | Kind::CrashLosingDisk
                        | Kind::LostWrite
                        | Kind::EquivocatingShell
                        | Kind::SilentShell
                        | Kind::ForgedVoter
                )
            }

            /// Where it strikes.
            #[must_use]
            pub const fn part(self) -> Part {
                match self { $(Kind::$kind => Part::$part,)* }
            }
        }
    };
}

catalogue! {
    DelayConstant, Network, "delay_constant", "every message on a link takes so much longer";
    DelayUniform, Network, "delay_uniform", "each message takes up to so much longer, uniformly";
    DelayLognormal, Network, "delay_lognormal", "each message takes longer by a lognormal span with this median";
    DelayBimodal, Network, "delay_bimodal", "one message in eight takes so much longer, the others do not";
    DelaySpike, Network, "delay_spike", "one message in a hundred takes eight times as much longer";
    Loss, Network, "loss", "a message is lost";
    Duplicate, Network, "duplicate", "a message arrives twice";
    Reorder, Network, "reorder", "a message is overtaken by at most so many later ones of its link";
    Cut, Network, "cut", "a link is cut in one direction; nothing sent or in flight arrives";
    PartitionSplit, Network, "partition_split", "a minority is cut off from the majority";
    PartitionIsolate, Network, "partition_isolate", "one member is cut off from all others";
    PartitionRing, Network, "partition_ring", "each member reaches only its neighbours on a ring: majorities overlap";
    PartitionBridge, Network, "partition_bridge", "two halves reach each other only through one member";
    PartitionOneWay, Network, "partition_one_way", "a minority hears the majority but is not heard";
    Flap, Network, "flap", "a link is cut and healed again and again with this period";
    Hold, Network, "hold", "messages of a link are held back and released together, in order";
    Bandwidth, Network, "bandwidth", "a link passes one word in so many nanoseconds";
    CorruptNoticed, Network, "corrupt_noticed", "a message is altered and its checksum notices: it is dropped";
    CorruptUnnoticed, Network, "corrupt_unnoticed", "a message is altered and no checksum notices";
    LateDelivery, Network, "late_delivery", "a message arrives after its receiver's next timer has fired";
    TurnEnd, Network, "turn_end", "a message to an agent in the middle of a turn arrives when the turn has ended";
    Crossing, Network, "crossing", "a message waits until its receiver has sent one the other way";
    FalseSuccess, Network, "false_success", "the sender is told of success for a message that never arrives";
    ForgedSender, Network, "forged_sender", "a message arrives under the name of another member";
    Crash, Process, "crash", "a process loses its memory and starts again from its disk";
    CrashAfterPersist, Process, "crash_after_persist",
        "a process crashes between a completed write and what it would do next";
    CrashLosingDisk, Process, "crash_losing_disk", "a process loses its memory and its disk";
    Pause, Process, "pause", "a process stops for a while and acts on its old beliefs afterwards";
    Slow, Process, "slow", "a process takes so much longer for every event";
    ClockSkew, Process, "clock_skew", "a process's clock is ahead by so much";
    ClockJump, Process, "clock_jump", "a process's clock jumps ahead by so much in the middle of the run";
    ClockDrift, Process, "clock_drift", "a process's clock runs fast by so many parts per million";
    LostWrite, Process, "lost_write", "a write is reported durable and is gone after the next crash";
    TornWrite, Process, "torn_write", "a crash leaves part of the write that was under way";
    DiskFull, Process, "disk_full", "a write fails for want of space";
    ReadError, Process, "read_error", "a restarting process cannot read its disk at first";
    Twin, Process, "twin", "a second process with the same identity and disk runs beside the first";
    EquivocatingShell, Process, "equivocating_shell", "a member's shell tells every second peer something else";
    SilentShell, Process, "silent_shell", "a member's shell runs and says nothing to its peers";
    ForgedVoter, Process, "forged_voter", "a member's shell sends its own vote under everyone's name";
    ModelTimeout, ModelTransport, "model_timeout", "a model call hangs and is never answered";
    RateLimit, ModelTransport, "rate_limit", "a model admits calls no faster than its quota; the others wait";
    ModelOutage, ModelTransport, "model_outage", "a model answers every call with a provider error for a while";
    WrongAnswer, ModelContent, "wrong_answer", "a model answers wrongly, in a valid form and with confidence";
    FabricatedId, ModelContent, "fabricated_id", "a model names something that does not exist";
    MalformedJson, ModelContent, "malformed_json", "a model answers with broken JSON";
    Truncated, ModelContent, "truncated", "a model's answer stops in the middle";
    Refusal, ModelContent, "refusal", "a model refuses to answer";
}

/// A name that is no kind of fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no kind of fault: `synod list` names them all")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Kind, UnknownKind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl crate::digest::Digest for Kind {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        self.name().digest(digester);
    }
}
