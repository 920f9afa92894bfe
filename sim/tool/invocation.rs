//! A call on its way and how it may fail, as its caller sees both. Knows no service.

use crate::model::ToolCall;
use crate::policy::{Class, Classify};
use crate::time::{Duration, seconds};

/// How long an agent waits for a tool unless told otherwise: the usual timeout of HTTP clients for a call that changes
/// something.
pub const PATIENCE: Duration = seconds(10);

/// One call of a tool that an agent wants made.
///
/// ```
/// use synod::{model::ToolCall, time::seconds, tool::Invocation};
/// let call = ToolCall { id: "call_1".into(), name: "refund".into(), arguments: "{}".into() };
/// let invocation = Invocation::of(&call).key("refund/ord-7").within(seconds(3));
/// assert_eq!(invocation.key.as_deref(), Some("refund/ord-7"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Which tool, with which arguments, under which name.
    pub call: ToolCall,
    /// What makes a repetition of it recognizable, if anything.
    pub key: Option<String>,
    /// How long the caller waits.
    pub within: Duration,
}

impl Invocation {
    /// A call as a model asked for it: without a key, waiting as long as is usual.
    #[must_use]
    pub fn of(call: &ToolCall) -> Invocation {
        Invocation { call: call.clone(), key: None, within: PATIENCE }
    }

    /// The same with an idempotency key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Invocation {
        self.key = Some(key.into());
        self
    }

    /// The same, waiting no longer than this.
    #[must_use]
    pub const fn within(mut self, span: Duration) -> Invocation {
        self.within = span;
        self
    }
}

impl From<&ToolCall> for Invocation {
    fn from(call: &ToolCall) -> Invocation {
        Invocation::of(call)
    }
}

/// Why a call of a tool gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nothing came in time. The call may have had its effect, may have it yet, or never will.
    #[error("nothing came in time: whether it was carried out is unknown")]
    Timeout,
    /// No tool has this name.
    #[error("there is no tool '{0}'")]
    NoSuchTool(String),
    /// The arguments are not what the tool asks for.
    #[error("the arguments are not of the required form: {0}")]
    Arguments(String),
    /// The tool itself said no.
    #[error("refused: {0}")]
    Refused(String),
}

impl CallError {
    /// Whether the call certainly had no effect.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        !matches!(self, CallError::Timeout)
    }
}

impl Classify for CallError {
    fn class(&self) -> Class {
        if self.is_certain() { Class::Permanent } else { Class::Unsure }
    }
}

crate::digestible! { enum CallError { 1 = Timeout, 2 = NoSuchTool(name), 3 = Arguments(why), 4 = Refused(why) } }
