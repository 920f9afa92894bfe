//! Headers that tell callers what is left of a quota, how long to wait, and whether a retry makes sense. Knows no body.
//!
//! Anthropic (documentation of the API, "Rate limits"): three headers for each of requests, tokens, input tokens and
//! output tokens; `reset` is the RFC 3339 time at which the bucket is full again, and tokens that remain are rounded to
//! thousands. OpenAI (documentation, "Rate limits", "Rate limits in headers"): three headers for each of requests and
//! tokens; `reset` is a span such as `1s`, `6m0s` or `12ms`.
//!
//! A run has no calendar, so it is given one: it begins at [`RUN_BEGAN`], which replies also name as their date.

use super::wire::{NANOS, decimal};
use super::{Header, Provider, Response, date};
use crate::model::{ErrorKind, Meter, Meters};
use crate::time::{Duration, Time};

/// When every run begins, in seconds since 1970: Tuesday, 14 November 2023, 22:13:20 GMT. A round number of ours.
pub(super) const RUN_BEGAN: u64 = 1_700_000_000;

/// How a wait is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitForm {
    /// `retry-after` in whole seconds, rounded up.
    Seconds,
    /// `retry-after` in seconds with a fraction.
    Decimal,
    /// `retry-after` as a date, whole seconds after the response's own.
    Date,
    /// `retry-after-ms` in milliseconds, which may have a fraction.
    Millis,
}

impl WaitForm {
    /// Every form.
    pub const ALL: &[WaitForm] = &[WaitForm::Seconds, WaitForm::Decimal, WaitForm::Date, WaitForm::Millis];

    /// The forms in which a provider is known to say how long to wait. Anthropic documents seconds; OpenAI's own
    /// clients read each of them.
    #[must_use]
    pub const fn sent_by(provider: Provider) -> &'static [WaitForm] {
        match provider {
            Provider::Anthropic => &[WaitForm::Seconds],
            Provider::OpenAi | Provider::Responses => WaitForm::ALL,
        }
    }

    /// The header of a wait that begins at this instant of a run.
    ///
    /// ```
    /// use synod::model::WaitForm;
    /// use synod::time::{millis, Time};
    /// let header = WaitForm::Decimal.header(millis(1_500), Time::ZERO);
    /// assert_eq!((header.name.as_str(), header.value.as_str()), ("retry-after", "1.5"));
    /// ```
    #[must_use]
    pub fn header(self, wait: Duration, now: Time) -> Header {
        // Rounded up: a caller that waits too little fails again.
        let seconds = wait.as_nanos().div_ceil(NANOS);
        match self {
            WaitForm::Seconds => Header::new("retry-after", seconds.to_string()),
            WaitForm::Decimal => Header::new("retry-after", written(wait.as_nanos(), 9)),
            WaitForm::Date => Header::new("retry-after", date::http(seconds_at(now) + seconds)),
            WaitForm::Millis => Header::new("retry-after-ms", written(wait.as_nanos(), 6)),
        }
    }
}

/// Whole seconds since 1970.
fn seconds_at(now: Time) -> u64 {
    RUN_BEGAN + now.0 / NANOS
}

/// A number of units of 10^-places as a decimal without trailing zeros.
fn written(number: u64, places: u32) -> String {
    let unit = 10u64.pow(places);
    let fraction = format!("{:0places$}", number % unit, places = places as usize);
    match fraction.trim_end_matches('0') {
        "" => (number / unit).to_string(),
        digits => format!("{}.{digits}", number / unit),
    }
}

/// A span as Go writes it, in which OpenAI's headers are: `1h2m3.5s`, `12ms`. Milliseconds, rounded up, are the finest.
fn span(span: Duration) -> String {
    let millis = span.as_nanos().div_ceil(1_000_000);
    let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
    match (hours, minutes) {
        (0, 0) if (1..1_000).contains(&rest) => format!("{rest}ms"),
        (0, 0) => format!("{}s", written(rest, 3)),
        (0, minutes) => format!("{minutes}m{}s", written(rest, 3)),
        (hours, minutes) => format!("{hours}h{minutes}m{}s", written(rest, 3)),
    }
}

/// Reads such a span, down to nanoseconds.
fn span_of(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut nanos = 0u64;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?);
        let (unit, left) = after.split_at(after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len()));
        // In units of a nanosecond, with as many decimals as the unit has.
        nanos = nanos.checked_add(match unit {
            "h" => decimal(number, 9)?.checked_mul(3_600)?,
            "m" => decimal(number, 9)?.checked_mul(60)?,
            "s" => decimal(number, 9)?,
            "ms" => decimal(number, 6)?,
            "us" | "µs" => decimal(number, 3)?,
            "ns" => decimal(number, 0)?,
            _ => return None,
        })?;
        rest = left;
    }
    (!text.trim().is_empty()).then_some(Duration(nanos))
}

/// What a provider's headers call a bucket.
#[derive(Clone, Copy)]
struct Named {
    name: &'static str,
    get: fn(&Meters) -> Option<Meter>,
    set: fn(&mut Meters, Option<Meter>),
    /// What remains is rounded to a multiple of this.
    grain: u32,
}

const REQUESTS: Named =
    Named { name: "requests", get: |meters| meters.requests, set: |meters, meter| meters.requests = meter, grain: 1 };
const TOKENS: Named =
    Named { name: "tokens", get: |meters| meters.tokens, set: |meters, meter| meters.tokens = meter, grain: 1 };
const INPUT: Named = Named {
    name: "input-tokens",
    get: |meters| meters.input_tokens,
    set: |meters, meter| meters.input_tokens = meter,
    grain: 1,
};
const OUTPUT: Named = Named {
    name: "output-tokens",
    get: |meters| meters.output_tokens,
    set: |meters, meter| meters.output_tokens = meter,
    grain: 1,
};
/// Anthropic rounds tokens that remain to the nearest thousand.
const THOUSAND: u32 = 1_000;

fn named(provider: Provider) -> Vec<Named> {
    let rounded = |bucket: Named| Named { grain: THOUSAND, ..bucket };
    match provider {
        Provider::Anthropic => vec![REQUESTS, rounded(TOKENS), rounded(INPUT), rounded(OUTPUT)],
        Provider::OpenAi | Provider::Responses => vec![REQUESTS, TOKENS],
    }
}

fn header_name(provider: Provider, bucket: &str, what: &str) -> String {
    match provider {
        Provider::Anthropic => format!("anthropic-ratelimit-{bucket}-{what}"),
        Provider::OpenAi | Provider::Responses => format!("x-ratelimit-{what}-{bucket}"),
    }
}

/// To the nearest multiple.
fn rounded(number: u32, grain: u32) -> u32 {
    if grain <= 1 { number } else { number.saturating_add(grain / 2) / grain * grain }
}

impl Response {
    /// The response with its date and what is left of the quota at this instant of a run.
    ///
    /// ```
    /// use synod::model::{Bucket, Delivery, Meters, Provider, ErrorKind, ProviderError};
    /// use synod::time::Time;
    /// let busy = Err(ProviderError::of(ErrorKind::RateLimited));
    /// let response = Provider::OpenAi.respond(&busy, Delivery::Whole).expect("it has a status");
    /// let meters = Meters::of(Some(Bucket::full(60, 60).meter(Time::ZERO)), None, None);
    /// let response = response.metered(Provider::OpenAi, &meters, Time::ZERO);
    /// assert_eq!(response.header("x-ratelimit-limit-requests"), Some("60"));
    /// assert_eq!(response.meters(Provider::OpenAi), meters);
    /// ```
    #[must_use]
    pub fn metered(mut self, provider: Provider, meters: &Meters, now: Time) -> Response {
        self.headers.push(Header::new("date", date::http(seconds_at(now))));
        let buckets: Vec<(Named, Meter)> =
            named(provider).into_iter().filter_map(|bucket| Some((bucket, (bucket.get)(meters)?))).collect();
        let mut say = |bucket: &Named, what: &str, value: String| {
            self.headers.push(Header::new(&header_name(provider, bucket.name, what), value));
        };
        let reset = |meter: &Meter| match provider {
            Provider::Anthropic => date::stamp(RUN_BEGAN + (now.0.saturating_add(meter.reset.0)).div_ceil(NANOS)),
            Provider::OpenAi | Provider::Responses => span(meter.reset),
        };
        for (bucket, meter) in &buckets {
            say(bucket, "limit", meter.limit.to_string());
            say(bucket, "remaining", rounded(meter.remaining, bucket.grain).to_string());
            say(bucket, "reset", reset(meter));
        }
        self
    }

    /// The response, sent at this instant, with its wait in this form alone.
    #[must_use]
    pub fn waiting(mut self, form: WaitForm, wait: Duration, now: Time) -> Response {
        self.headers.retain(|header| !header.name.starts_with("retry-after"));
        self.headers.push(form.header(wait, now));
        self
    }

    /// What the headers say is left of the quota. A bucket of which one header is missing says nothing.
    #[must_use]
    pub fn meters(&self, provider: Provider) -> Meters {
        let mut meters = Meters::default();
        for bucket in named(provider) {
            (bucket.set)(&mut meters, self.meter(provider, bucket.name));
        }
        meters
    }

    fn meter(&self, provider: Provider, bucket: &str) -> Option<Meter> {
        let value = |what: &str| self.header(&header_name(provider, bucket, what)).map(str::trim);
        let reset = value("reset")?;
        let reset = match provider {
            Provider::Anthropic => {
                let now = self.header("date").and_then(date::seconds_of)?;
                Duration(date::seconds_of_stamp(reset)?.saturating_sub(now).checked_mul(NANOS)?)
            }
            Provider::OpenAi | Provider::Responses => span_of(reset)?,
        };
        Some(Meter { limit: value("limit")?.parse().ok()?, remaining: value("remaining")?.parse().ok()?, reset })
    }

    /// Whether the provider itself says that a retry makes sense, which decides before any rule of the caller's:
    /// `x-should-retry`.
    #[must_use]
    pub fn should_retry(&self) -> Option<bool> {
        match self.header("x-should-retry")?.trim() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The response with a name of its request of its own, in place of the one that all responses like it have. Nobody
    /// but its provider knows how it makes up names; these are numbers.
    #[must_use]
    pub(crate) fn named(mut self, provider: Provider, number: u64) -> Response {
        let id = format!("req_{number:016x}");
        if let Some(old) = self.request_id().map(str::to_owned) {
            self.headers.retain(|header| header.value != old);
            self.body = self.body.replace(&old, &id);
        }
        self.headers.push(id_header(provider, &id));
        self
    }

    /// What the provider calls this request, to be quoted when asking for help.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.header("request-id").or_else(|| self.header("x-request-id"))
    }
}

/// The header of a request's name.
pub(super) fn id_header(provider: Provider, id: &str) -> Header {
    match provider {
        Provider::Anthropic => Header::new("request-id", id),
        Provider::OpenAi | Provider::Responses => Header::new("x-request-id", id),
    }
}

/// What tells callers whether and when to come back: `x-should-retry`, which only Anthropic is known to send, and the
/// wait.
pub(super) fn of_error(provider: Provider, kind: ErrorKind, wait: Option<Duration>) -> Vec<Header> {
    let mut headers = Vec::new();
    if provider == Provider::Anthropic {
        headers.push(Header::new("x-should-retry", if kind.is_permanent() { "false" } else { "true" }));
    }
    if let Some(wait) = wait {
        headers.push(WaitForm::Seconds.header(wait, Time::ZERO));
        if provider != Provider::Anthropic {
            let whole = Duration(wait.as_nanos().div_ceil(1_000_000) * 1_000_000);
            headers.push(WaitForm::Millis.header(whole, Time::ZERO));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{millis, minutes, seconds};

    #[test]
    fn spans_are_written_as_the_documentation_shows_them() {
        for (written, meant) in [
            ("0s", Duration::ZERO),
            ("12ms", millis(12)),
            ("1s", seconds(1)),
            ("8.64s", millis(8_640)),
            ("6m0s", minutes(6)),
            ("1m12.5s", millis(72_500)),
            ("2h0m1s", seconds(7_201)),
        ] {
            assert_eq!(span(meant), written);
            assert_eq!(span_of(written), Some(meant));
        }
        assert_eq!(span(Duration(1)), "1ms", "rounded up");
        assert_eq!(span_of("1m0.000000001s"), Some(Duration(60_000_000_001)));
        assert_eq!(span_of("250µs"), Some(Duration(250_000)));
        for text in ["", "soon", "1", "1x", "-1s", "s"] {
            assert_eq!(span_of(text), None, "{text}");
        }
    }

    #[test]
    fn tokens_are_rounded_to_the_nearest_thousand() {
        assert_eq!([0, 499, 500, 1_499, 79_900].map(|number| rounded(number, THOUSAND)), [0, 0, 1_000, 1_000, 80_000]);
        assert_eq!(rounded(17, 1), 17);
    }
}
