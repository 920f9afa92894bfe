//! A response as HTTP carries it. Knows no provider and no body's shape.

use super::date;
use crate::time::Duration;

/// Nanoseconds of a second.
pub(super) const NANOS: u64 = 1_000_000_000;

/// One header, its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Header {
    /// A header.
    #[must_use]
    pub fn new(name: &str, value: impl Into<String>) -> Header {
        Header { name: name.to_ascii_lowercase(), value: value.into() }
    }
}

/// Status, headers and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<Header>,
    /// The body; of a stream, all its events.
    pub body: String,
}

impl Response {
    /// The value of a header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }

    /// How long the caller is asked to wait: `retry-after-ms` before `retry-after`, either of which may have a
    /// fraction. A date in `retry-after` counts from the response's own `date`, as a run has no calendar; without one
    /// it says nothing, and one that has passed asks for no wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let exact = self.header("retry-after-ms").and_then(|value| decimal(value, 6));
        let plain = || self.header("retry-after").and_then(|value| decimal(value, 9));
        exact.or_else(plain).map(Duration).or_else(|| self.until_retry())
    }

    fn until_retry(&self) -> Option<Duration> {
        let date_in = |name: &str| self.header(name).and_then(date::seconds_of);
        let wait = date_in("retry-after")?.saturating_sub(date_in("date")?);
        wait.checked_mul(NANOS).map(Duration)
    }

    pub(super) fn is_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
    }
}

/// A good reply in one piece.
pub(super) fn whole(body: String) -> Response {
    Response { status: 200, headers: vec![Header::new("content-type", "application/json")], body }
}

/// Whether a body ends before its JSON does.
pub(super) fn is_cut(body: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

/// A decimal number in units of 10^-places; further digits are cut off.
pub(super) fn decimal(text: &str, places: usize) -> Option<u64> {
    let (units, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if units.is_empty() || !units.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    format!("{units}{digits}").parse().ok()
}
