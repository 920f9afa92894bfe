//! Replies and provider errors in a neutral shape that every provider's can be rendered from. Knows no provider.

use super::ToolCall;
use crate::digest::{Digest, Digester};
use crate::fault::Kind;
use crate::time::Duration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a model answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// The tools it calls, in order.
    pub calls: Vec<ToolCall>,
    /// Why it ended.
    pub stop: Stop,
    /// What it cost.
    pub usage: Usage,
    /// The false claim that was born here, if one was. Agents never see it; traces do.
    pub taint: Option<Taint>,
}

crate::digestible! { struct Reply { text, calls, stop, usage, taint } }

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The model had said what it wanted to say.
    EndTurn,
    /// It was cut off.
    MaxTokens,
    /// It declined to answer.
    Refusal,
    /// It came upon a text at which it was told to stop.
    StopSequence,
    /// It waits for the results of the tools it calls.
    ToolUse,
    /// The provider paused a long turn; sending the transcript back goes on with it.
    PauseTurn,
    /// Transcript and reply together outgrew the context window.
    ContextWindow,
    /// The provider's filter withheld it.
    ContentFilter,
}

crate::digestible! { enum Stop {
    1 = EndTurn, 2 = MaxTokens, 3 = Refusal, 4 = StopSequence, 5 = ToolUse, 6 = PauseTurn, 7 = ContextWindow,
    8 = ContentFilter,
} }

/// Tokens of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub input_tokens: u32,
    /// Tokens written, those of silent reasoning included.
    pub output_tokens: u32,
}

crate::digestible! { struct Usage { input_tokens, output_tokens } }

/// A false claim, marked where it is born.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// What kind of falsehood.
    pub kind: Kind,
    /// The claim itself, to be quoted.
    pub claim: String,
}

crate::digestible! { struct Taint { kind, claim } }

impl fmt::Display for Taint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.claim)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for call in &self.calls {
            write!(f, " [calls {call}]")?;
        }
        f.write_str(match self.stop {
            Stop::EndTurn | Stop::ToolUse => "",
            Stop::MaxTokens => " [cut off]",
            Stop::Refusal => " [refused]",
            Stop::StopSequence => " [stop sequence]",
            Stop::PauseTurn => " [paused]",
            Stop::ContextWindow => " [context window full]",
            Stop::ContentFilter => " [filtered]",
        })
    }
}

/// A provider's error instead of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderError {
    /// The HTTP status.
    pub status: u16,
    /// Its class, which decides whether a retry makes sense.
    pub kind: ErrorKind,
    /// How long the provider asks its caller to wait.
    pub retry_after: Option<Duration>,
}

impl ProviderError {
    /// An error of this kind with its usual status.
    #[must_use]
    pub const fn of(kind: ErrorKind) -> ProviderError {
        ProviderError { status: kind.status(), kind, retry_after: None }
    }

    /// The error with a `retry-after`.
    #[must_use]
    pub const fn after(mut self, span: Duration) -> ProviderError {
        self.retry_after = Some(span);
        self
    }
}

impl Digest for ProviderError {
    fn digest(&self, digester: &mut Digester) {
        digester.word(u64::from(self.status));
        self.kind.digest(digester);
        self.retry_after.digest(digester);
    }
}

impl std::error::Error for ProviderError {}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.kind.about())?;
        match self.retry_after {
            None => Ok(()),
            Some(span) => write!(f, ", retry after {span}"),
        }
    }
}

/// Classes of provider errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request itself is at fault; a retry fails again.
    InvalidRequest,
    /// The transcript exceeds the context window; a retry fails again.
    ContextLength,
    /// The key is wrong.
    Authentication,
    /// The account cannot pay.
    Billing,
    /// The key may not do this.
    Permission,
    /// There is no such model.
    NotFound,
    /// Another request is in the way.
    Conflict,
    /// The request has too many bytes.
    TooLarge,
    /// The request is well-formed and makes no sense.
    Unprocessable,
    /// The quota is used up for now.
    RateLimited,
    /// The caller's rate grew too fast.
    SlowDown,
    /// The money is used up; a retry fails again until somebody pays.
    SpendCap,
    /// The provider failed.
    Server,
    /// The provider cannot be reached for now.
    Unavailable,
    /// The provider gave up on the request.
    Timeout,
    /// The provider has too much to do.
    Overloaded,
}

crate::digestible! { enum ErrorKind { 1 = InvalidRequest, 2 = ContextLength, 3 = Authentication, 4 = Billing, 5 = Permission, 6 = NotFound, 7 = Conflict, 8 = TooLarge, 9 = Unprocessable, 10 = RateLimited, 11 = SlowDown, 12 = SpendCap, 13 = Server, 14 = Unavailable, 15 = Timeout, 16 = Overloaded } }

impl ErrorKind {
    /// The status it usually comes with. 529 is one provider's own for overload.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            ErrorKind::InvalidRequest => 400,
            ErrorKind::ContextLength => 400,
            ErrorKind::Authentication => 401,
            ErrorKind::Billing => 402,
            ErrorKind::Permission => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::Conflict => 409,
            ErrorKind::TooLarge => 413,
            ErrorKind::Unprocessable => 422,
            ErrorKind::RateLimited => 429,
            ErrorKind::SlowDown => 429,
            ErrorKind::SpendCap => 429,
            ErrorKind::Server => 500,
            ErrorKind::Unavailable => 503,
            ErrorKind::Timeout => 504,
            ErrorKind::Overloaded => 529,
        }
    }

    const fn about(self) -> &'static str {
        match self {
            ErrorKind::InvalidRequest => "invalid request",
            ErrorKind::ContextLength => "prompt too long",
            ErrorKind::Authentication => "not authenticated",
            ErrorKind::Billing => "billing",
            ErrorKind::Permission => "not permitted",
            ErrorKind::NotFound => "not found",
            ErrorKind::Conflict => "conflict",
            ErrorKind::TooLarge => "request too large",
            ErrorKind::Unprocessable => "unprocessable",
            ErrorKind::RateLimited => "rate limited",
            ErrorKind::SlowDown => "slow down",
            ErrorKind::SpendCap => "spend cap reached",
            ErrorKind::Server => "server error",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Overloaded => "overloaded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::seconds;

    #[test]
    fn an_error_prints_its_status_and_what_it_asks_for() {
        let error = ProviderError::of(ErrorKind::RateLimited).after(seconds(20));
        assert_eq!(error.to_string(), "429 rate limited, retry after 20 s");
        assert_eq!(ProviderError::of(ErrorKind::Overloaded).to_string(), "529 overloaded");
    }
}
