//! The language model as a node: what it is asked, what it answers, how it lies and how long it takes.
//!
//! Everything here is a function of its arguments: a reply depends on the seed's streams, the model, the caller, the
//! turn and the request's content, and on nothing else. There is no clock, queue or fault plan: the world owns
//! those, holds a call back for as long as [`Answered::latency`] says, and hands in the fault that strikes a call.
//!
//! | part | knows |
//! |---|---|
//! | [`Request`], [`Reply`], [`ProviderError`] | the shapes of the chat APIs |
//! | [`Provider`] | how three APIs shape those on the wire |
//! | [`Meters`] | what is left of a quota |
//! | [`Schema`], [`Form`] | what a reply must look like, and every lie that still looks like it |
//! | [`Task`], [`TaskSet`], [`Problem`] | what a team decides about, and the truth |
//! | [`Profile`] | how good, how fast and how reliable a model is |
//! | [`Mock`], [`Scripted`], [`Cassette`] | who answers |
//! | [`BuiltIn`], [`Diagnose`], [`Plan`], [`Estimate`], [`Extract`], [`Review`], [`Board`] | the built-in tasks |
//! | [`Sure`] | any of them, answered with a confidence |

mod action;
mod ballot;
mod bucket;
mod cassette;
mod chunk;
mod claim;
mod deed;
mod failing;
mod failure;
mod form;
mod judging;
mod lie;
mod manner;
mod meter;
mod mock;
mod opinion;
mod pace;
mod posed;
mod price;
mod problem;
mod profile;
mod provider;
mod quota;
mod reading;
mod repair;
mod reply;
mod request;
mod scale;
mod schema;
mod scripted;
mod shape;
mod slip;
mod slur;
mod speech;
mod subject;
mod task;
mod tasks;
#[cfg(test)]
mod tests;
mod thought;
mod tool;
mod typed;
mod weather;
mod wire;
mod words;

pub use action::Action;
pub use bucket::Bucket;
pub use cassette::{Cassette, CassetteError, Nearest, Recorded, Recording, Tape, Unmatched};
pub use chunk::{Assembly, Chunk, Manner, chunks};
pub use failure::{ErrorKind, ProviderError};
pub use form::Form;
pub use lie::Lie;
pub use manner::{Company, Confidence, Judge, Overflow, Window};
pub use meter::{Meter, Meters, Stamp};
pub use mock::Mock;
pub use opinion::Opinion;
pub use pace::Pace;
pub use price::{MicroDollars, Price, Spending};
pub use problem::Problem;
pub use profile::{Difficulty, Profile, Sharing};
pub use provider::{
    Delivery, Header, McpAnswer, Progress, Provider, Response, ShapeError, StreamEvent, TaskState, WaitForm,
};
pub use quota::{Acceleration, Excess, Organisation, Quota};
pub use reply::{Reply, Stop, Taint, Usage};
pub use request::{Message, Request, Speaker};
pub use schema::{Schema, canonical};
pub use scripted::{Act, Scripted};
pub use slip::Slip;
pub use task::{Evidence, Task, TaskSet};
pub use tasks::{
    Assessment, Assignment, Board, BuiltIn, Cause, Cited, Defect, Diagnose, Diagnosis, Estimate, Estimation, Extract,
    Extraction, Flaw, Order, Plan, Queue, Review, Ruling, Stated, Sure,
};
pub use tool::{Tool, ToolCall};
pub use typed::{ReplyError, TypedReply, parse_reply};
pub use weather::Weather;
pub use wire::{Piece, Timed, Whole, Wire};

use crate::fault::Kind;
use crate::id::NodeId;
use crate::seed::{Stream, Streams};
use crate::time::Duration;
use std::fmt;

/// Something that answers requests: a [`Mock`], a [`Scripted`] model or a [`Cassette`].
pub trait Model: Send + Sync {
    /// Its name in reports.
    fn name(&self) -> &str;

    /// How good, fast and reliable it is; the world reads the quota and the sharing.
    fn profile(&self) -> &Profile;

    /// Answers a call. The same arguments give the same answer.
    fn answer(&self, streams: &Streams, call: &Call<'_>) -> Answered;
}

/// Which request of a caller this is, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Turn(pub u64);

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One call of a model: what names it, what it says, and the fault that strikes it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The model node that is asked.
    pub model: NodeId,
    /// Who asks.
    pub caller: NodeId,
    /// Which of the caller's requests this is.
    pub turn: Turn,
    /// What is asked.
    pub request: &'a Request,
    /// What the request is about. A [`Mock`] needs it, a [`Scripted`] model does not.
    pub problem: Option<&'a Problem>,
    /// The fault that strikes this very call, if any. The world itself deals with hangs and queues.
    pub fault: Option<Kind>,
}

impl Call<'_> {
    /// The call's own draws. Identity is in the name, so no other call can move them. `digest` is the request's.
    fn draws(&self, streams: &Streams, digest: u64) -> Stream {
        let Call { model, caller, turn, .. } = self;
        streams.stream(format_args!("answer/{model}/{caller}/{turn}/{digest:016x}"))
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The reply or the provider's error.
    pub outcome: Result<Reply, ProviderError>,
    /// Until the first token that a caller can see, queueing not included.
    pub first_token: Duration,
    /// How long the model takes, queueing not included.
    pub latency: Duration,
    /// The fault that acted: the one that struck the call, if there was anything for it to strike. A judge's fault has
    /// nothing to strike in an answer, nor a peer's where no peer is heard.
    pub fault: Option<Kind>,
}
