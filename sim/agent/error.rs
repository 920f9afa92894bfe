//! What can go wrong for an agent.

use super::port::ModelFailure;
use crate::id::NodeId;
use crate::model::ReplyError;

/// What an agent's function returns.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// Why something an agent wanted did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The model did not answer in time.
    #[error("the model did not answer in time")]
    ModelTimeout,
    /// The provider answered with an error.
    #[error("the provider failed: {0}")]
    Provider(crate::model::ProviderError),
    /// The model answered, but not usably.
    #[error("the model's reply is not usable: {0}")]
    Reply(#[from] ReplyError),
    /// A call of a tool gave no result.
    #[error("the tool gave no result: {0}")]
    Call(#[from] crate::tool::CallError),
    /// The model still calls tools after so many replies.
    #[error("the model still calls tools after {0} replies")]
    Rounds(u32),
    /// The store did not answer.
    #[error("the store did not answer: what it was asked for may have happened, may yet, or never will")]
    Unanswered,
    /// A breaker lets no call through for so long.
    #[error("the breaker lets no call through for {0}")]
    Guarded(crate::time::Duration),
    /// As many are in a compartment and wait for it as may.
    #[error("the compartment is full")]
    Full,
    /// The link to a participant is cut.
    #[error("{0} cannot be reached")]
    Unreachable(NodeId),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// A value has no JSON form.
    #[error("the value has no JSON form: {0}")]
    NoJson(String),
    /// An error of the user's own.
    #[error("{0}")]
    Other(String),
}

impl From<ModelFailure> for Error {
    fn from(failure: ModelFailure) -> Error {
        match failure {
            ModelFailure::Timeout => Error::ModelTimeout,
            ModelFailure::Provider(error) => Error::Provider(error),
        }
    }
}

impl From<String> for Error {
    fn from(text: String) -> Error {
        Error::Other(text)
    }
}

impl From<&str> for Error {
    fn from(text: &str) -> Error {
        Error::Other(text.to_owned())
    }
}
