//! The catalogue of faults.

use crate::time::{millis, seconds};
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

impl Part {
    /// What its faults strike, in words.
    #[must_use]
    pub const fn strikes(self) -> &'static str {
        match self {
            Part::Network => "a link",
            Part::Process => "a process",
            Part::ModelTransport => "a model's calls",
            Part::ModelContent => "a model's words",
        }
    }
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
    RoundPartitions, Network, "round_partitions",
        "with each round that members enter, their processes are parted anew, so many rounds long";
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
    ProviderOutage, ModelTransport, "provider_outage", "an incident at the provider: several models fail at once";
    ConnectionRefused, ModelTransport, "connection_refused", "nobody listens at the provider's address";
    ConnectionReset, ModelTransport, "connection_reset", "the connection to a model breaks before it answers";
    TooManyRequests, ModelTransport, "too_many_requests", "a model answers 429 and says how long to wait";
    SlowDown, ModelTransport, "slow_down", "a model answers 429 because the caller's rate grew too fast";
    SpendCap, ModelTransport, "spend_cap", "a model answers 429 without retry-after: the money is used up";
    QuotaExhausted, ModelTransport, "quota_exhausted",
        "the team's own calls use up a quota of so many a minute; those beyond it get a 429";
    ServerError, ModelTransport, "server_error", "a model answers 500";
    Unavailable, ModelTransport, "unavailable", "a model answers 503";
    GatewayTimeout, ModelTransport, "gateway_timeout", "a gateway waits long for a model and answers 504";
    Overloaded, ModelTransport, "overloaded", "a model answers 529: it has too much to do";
    ProxyPage, ModelTransport, "proxy_page", "a proxy answers with an HTML page of its own";
    EmptyBody, ModelTransport, "empty_body", "a model answers 200 with nothing in it";
    SlowFirstToken, ModelTransport, "slow_first_token", "the first token of a reply takes so much longer";
    SlowStream, ModelTransport, "slow_stream", "each token of a reply takes so much longer";
    HungStream, ModelTransport, "hung_stream", "a reply's stream stops after so many chunks and stays open";
    CutStream, ModelTransport, "cut_stream", "a reply's stream ends after so many chunks, without its last event";
    StreamError, ModelTransport, "stream_error", "after a 200 and so many chunks of a reply comes an error event";
    DuplicateChunk, ModelTransport, "duplicate_chunk", "a chunk of a reply comes twice";
    LateChunk, ModelTransport, "late_chunk", "a chunk of a reply comes after its last event";
    StaleReply, ModelTransport, "stale_reply", "a cache on the way answers with the caller's previous reply";
    WrongAnswer, ModelContent, "wrong_answer", "a model answers wrongly, in a valid form and with confidence";
    FabricatedId, ModelContent, "fabricated_id", "a model names something that does not exist";
    MalformedJson, ModelContent, "malformed_json", "a model answers with broken JSON";
    Truncated, ModelContent, "truncated", "a model's answer stops in the middle";
    Refusal, ModelContent, "refusal", "a model refuses to answer";
    FabricatedCitation, ModelContent, "fabricated_citation", "a model cites a source that does not exist";
    PartialTruth, ModelContent, "partial_truth", "a model tells a part of the truth as the whole of it";
    OutdatedFact, ModelContent, "outdated_fact", "a model answers as things stood before, the same each time";
    Contradiction, ModelContent, "contradiction", "a model contradicts its own earlier turn, or its own sentence";
    SaidNotDone, ModelContent, "said_not_done", "a model says one thing in its prose and does another in its answer";
    CorrelatedError, ModelContent, "correlated_error", "models make the very mistake that others make";
    CorrelatedChoice, ModelContent, "correlated_choice", "models choose alike where any choice would do";
    Sycophancy, ModelContent, "sycophancy", "a model agrees with most of its peers against its own answer";
    Injection, ModelContent, "injection", "a model obeys what a peer's message tells it";
    RubberStamp, ModelContent, "rubber_stamp", "a model that is to check approves anything";
    Empty, ModelContent, "empty", "a model answers with nothing";
    RepetitionLoop, ModelContent, "repetition_loop", "a model repeats itself until its token limit";
    RoleConfusion, ModelContent, "role_confusion", "a model speaks for somebody else in the transcript";
    FormatDrift, ModelContent, "format_drift", "a model answers in a form of its own";
    LanguageDrift, ModelContent, "language_drift", "a model answers in another language";
    PrematureDone, ModelContent, "premature_done", "a model declares the task done and delivers nothing";
    NeverDone, ModelContent, "never_done", "a model goes on looking and never answers";
    ContextOverflow, ModelContent, "context_overflow", "a request is longer than the model's context window";
    HistoryTruncated, ModelContent, "history_truncated", "a model silently loses the older half of what it is shown";
    LostInTheMiddle, ModelContent, "lost_in_the_middle", "a model overlooks the middle of what it is shown";
    FabricatedTool, ModelContent, "fabricated_tool", "a model calls a tool that does not exist";
    FabricatedResult, ModelContent, "fabricated_result", "a model reports the result of a call that it never made";
    WrongTool, ModelContent, "wrong_tool", "a model calls another tool than the one it needs";
    WrongArgument, ModelContent, "wrong_argument", "a model calls a tool with a wrong argument of a valid form";
    AmbiguousArgument, ModelContent, "ambiguous_argument", "a model calls a tool with a name that may mean several";
    TruncatedCall, ModelContent, "truncated_call", "the arguments of a tool call stop in the middle";
    RepeatedCall, ModelContent, "repeated_call", "a model asks for a call that it has made already";
    Derailment, ModelContent, "derailment", "a model answers another question than the one it was asked";
    ConversationReset, ModelContent, "conversation_reset",
        "a model begins anew: of a conversation it knows what it was first asked and nothing since";
    IgnoredPeers, ModelContent, "ignored_peers", "a model takes no notice of what its peers say";
    WrongVerdict, ModelContent, "wrong_verdict", "a model that is to check looks, gives a reason and judges wrongly";
}

impl Part {
    /// Whether it is a model, or the way to and from it.
    #[must_use]
    pub const fn is_model(self) -> bool {
        matches!(self, Part::ModelTransport | Part::ModelContent)
    }
}

impl Kind {
    /// Whether it strikes calls of tools and nothing else: a team without tools has no place for it.
    #[must_use]
    pub const fn is_of_tools(self) -> bool {
        matches!(
            self,
            Kind::FabricatedTool
                | Kind::FabricatedResult
                | Kind::WrongTool
                | Kind::WrongArgument
                | Kind::AmbiguousArgument
                | Kind::TruncatedCall
                | Kind::RepeatedCall
        )
    }

    /// Whether it is a way in which conversations fail of themselves (modes of MAST, arXiv 2503.13657) that no other
    /// kind shows. A profile has those at the rates of the study; plans of faults hold them by name only, so that the
    /// plans of all seeds are what they were before these kinds were known.
    #[must_use]
    pub const fn is_lapse(self) -> bool {
        matches!(self, Kind::Derailment | Kind::ConversationReset | Kind::IgnoredPeers | Kind::WrongVerdict)
    }

    /// Whether it acts through what a model does not read of a request.
    #[must_use]
    pub const fn is_of_reading(self) -> bool {
        matches!(self, Kind::HistoryTruncated | Kind::LostInTheMiddle | Kind::ConversationReset | Kind::IgnoredPeers)
    }

    /// Whether it can strike a service that agents call as a tool: of the faults of processes those that lose calls,
    /// lose answers or hold both up.
    #[must_use]
    pub const fn strikes_tools(self) -> bool {
        matches!(self, Kind::Crash | Kind::CrashAfterPersist | Kind::Pause)
    }

    /// How hard it strikes unless told otherwise, in the unit of its own.
    #[must_use]
    pub const fn usual_strength(self) -> u64 {
        match self {
            // As long as providers usually ask for: seconds to a minute.
            Kind::TooManyRequests | Kind::SlowDown => seconds(20).0,
            // Requests a minute: fewer than any team makes.
            Kind::QuotaExhausted => 2,
            // Beyond the p99 of 4.8 s of the slowest provider measured (modelstats.ai).
            Kind::SlowFirstToken => seconds(10).0,
            // A tenth of the usual speed.
            Kind::SlowStream => millis(150).0,
            // In the middle of a short reply.
            Kind::HungStream | Kind::CutStream | Kind::StreamError | Kind::DuplicateChunk | Kind::LateChunk => 2,
            _ => seconds(1).0,
        }
    }
}

/// A name that is no kind of fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is no kind of fault: `synod list` names them all", .0.escape_debug())]
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
