//! What comes instead of a reply, in a neutral shape that every provider's errors can be rendered from. Knows no
//! provider.

use crate::digest::{Digest, Digester};
use crate::policy::{Class, Classify};
use crate::time::Duration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A provider's error instead of a reply, or the failure of the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderError {
    /// The HTTP status; `None` if the connection failed before there was one.
    pub status: Option<u16>,
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

    /// The same as an event of a stream that had begun well, hence after a status of 200.
    #[must_use]
    pub const fn in_stream(kind: ErrorKind) -> ProviderError {
        ProviderError { status: Some(200), kind, retry_after: None }
    }

    /// The error with a `retry-after`.
    #[must_use]
    pub const fn after(mut self, span: Duration) -> ProviderError {
        self.retry_after = Some(span);
        self
    }
}

impl Classify for ProviderError {
    fn class(&self) -> Class {
        use ErrorKind::*;
        match self.kind {
            kind if kind.is_permanent() => Class::Permanent,
            RateLimited | SlowDown | Unavailable | Overloaded | Conflict => Class::Busy { after: self.retry_after },
            Refused => Class::Failed,
            // The model may have answered, and somebody pays for that.
            _ => Class::Unsure,
        }
    }
}

impl Digest for ProviderError {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.status.map_or(0, u64::from));
        self.kind.digest(digester);
        self.retry_after.digest(digester);
    }
}

impl std::error::Error for ProviderError {}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status.map_or(Ok(()), |status| write!(f, "{status} "))?;
        f.write_str(self.kind.about())?;
        match self.retry_after {
            None => Ok(()),
            Some(span) => write!(f, ", retry after {span}"),
        }
    }
}

macro_rules! kinds {
    ($($number:literal = $kind:ident, $status:expr, $about:literal, $doc:literal;)*) => {
        /// Classes of provider errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorKind {
            $(#[doc = $doc] $kind,)*
        }

        crate::digestible! { enum ErrorKind { $($number = $kind),* } }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &[ErrorKind] = &[$(ErrorKind::$kind),*];

            /// The status it usually comes with; `None` if the connection fails before there is one. 529 is one
            /// provider's own for overload.
            #[must_use]
            pub const fn status(self) -> Option<u16> {
                match self { $(ErrorKind::$kind => $status,)* }
            }

            /// Whether a retry of the same request fails again: `insufficient_quota` and its like come with a status
            /// that is usually worth a retry, and never are.
            #[must_use]
            pub const fn is_permanent(self) -> bool {
                use ErrorKind::*;
                matches!(self, InvalidRequest | ContextLength | Authentication | Billing | Permission | NotFound)
                    || matches!(self, TooLarge | Unprocessable | SpendCap)
            }

            const fn about(self) -> &'static str {
                match self { $(ErrorKind::$kind => $about,)* }
            }
        }
    };
}

kinds! {
    1 = InvalidRequest, Some(400), "invalid request", "The request itself is at fault; a retry fails again.";
    2 = ContextLength, Some(400), "prompt too long", "The transcript exceeds the context window; a retry fails again.";
    3 = Authentication, Some(401), "not authenticated", "The key is wrong.";
    4 = Billing, Some(402), "billing", "The account cannot pay.";
    5 = Permission, Some(403), "not permitted", "The key may not do this.";
    6 = NotFound, Some(404), "not found", "There is no such model.";
    7 = Conflict, Some(409), "conflict", "Another request is in the way.";
    8 = TooLarge, Some(413), "request too large", "The request has too many bytes.";
    9 = Unprocessable, Some(422), "unprocessable", "The request is well-formed and makes no sense.";
    10 = RateLimited, Some(429), "rate limited", "The quota is used up for now.";
    11 = SlowDown, Some(429), "slow down", "The caller's rate grew too fast.";
    12 = SpendCap, Some(429), "spend cap reached",
        "The money is used up; a retry fails again until somebody pays.";
    13 = Server, Some(500), "server error", "The provider failed.";
    14 = Unavailable, Some(503), "unavailable", "The provider cannot be reached for now.";
    15 = Timeout, Some(504), "timeout", "The provider gave up on the request.";
    16 = Overloaded, Some(529), "overloaded", "The provider has too much to do.";
    17 = Refused, None, "connection refused", "Nobody listens at the provider's address.";
    18 = Reset, None, "connection reset", "The connection broke before there was a status.";
    19 = NotTheProvider, Some(502), "an HTML page of a proxy",
        "A proxy on the way answered with a page of its own, which is no JSON.";
    20 = EmptyBody, Some(200), "an empty body", "All went well, says the status, but the body is empty.";
    21 = CutStream, Some(200), "the stream ended without its last event",
        "The connection broke in the middle of a stream.";
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

    #[test]
    fn a_failure_without_a_status_prints_none() {
        assert_eq!(ProviderError::of(ErrorKind::Refused).to_string(), "connection refused");
        assert_eq!(ProviderError::in_stream(ErrorKind::Overloaded).to_string(), "200 overloaded");
    }
}
