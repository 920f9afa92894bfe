//! What an organisation admits, against a reference that keeps the whole past instead of levels.

use crate::model::{Acceleration, ErrorKind, Excess, MicroDollars, Organisation, ProviderError, Quota};
use crate::time::{Duration, Time, minutes};
use proptest::prelude::*;

/// Parts of a token: one is added in a nanosecond to a bucket that is refilled by one token a minute.
const TOKEN: i128 = 60_000_000_000;

/// What was taken from a bucket.
#[derive(Clone, Copy)]
struct Taken {
    at: u64,
    tokens: u32,
}

/// What is in a bucket that was full at the start, in parts: no more than it holds, and between any earlier taking and
/// now no more than it held and what was added since, less all that was taken.
fn level(taken: &[Taken], capacity: u32, rate: u32, now: u64) -> i128 {
    let full = i128::from(capacity) * TOKEN;
    let since = |first: usize| {
        let sum: i128 = taken[first..].iter().map(|taken| i128::from(taken.tokens) * TOKEN).sum();
        full + i128::from(now - taken[first].at) * i128::from(rate) - sum
    };
    (0..taken.len()).map(since).min().unwrap_or(full).min(full)
}

/// How long until so many tokens are there, of which a full bucket is enough.
fn wait(taken: &[Taken], capacity: u32, rate: u32, now: u64, tokens: u32) -> u64 {
    let missing = i128::from(tokens.min(capacity)) * TOKEN - level(taken, capacity, rate, now);
    let nanos = (missing.max(0) + i128::from(rate) - 1) / i128::from(rate);
    u64::try_from(nanos).expect("a wait")
}

/// An organisation that remembers everything and computes nothing ahead.
struct Reference {
    quota: Quota,
    calls: Vec<Taken>,
    read: Vec<Taken>,
    written: Vec<Taken>,
    knocks: Vec<u64>,
    spent: u64,
}

impl Reference {
    fn new(quota: Quota) -> Reference {
        let (calls, read, written, knocks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Reference { quota, calls, read, written, knocks, spent: 0 }
    }

    fn knock(&mut self, now: u64) -> Result<(), ProviderError> {
        if self.quota.spend_cap.is_some_and(|cap| self.spent >= cap.0) {
            return Err(ProviderError::of(ErrorKind::SpendCap));
        }
        if let Some(Acceleration { floor, growth_percent }) = self.quota.acceleration {
            let minute = |at: &u64| at / minutes(1).0;
            let this = minute(&now);
            let within = |wanted: u64| self.knocks.iter().filter(|at| minute(at) == wanted).count() as u64;
            let before = this.checked_sub(1).map_or(0, within);
            if within(this) >= (before * u64::from(growth_percent) / 100).max(u64::from(floor)) {
                let next = (this + 1) * minutes(1).0;
                return Err(ProviderError::of(ErrorKind::SlowDown).after(Duration(next - now)));
            }
        }
        self.knocks.push(now);
        Ok(())
    }

    fn admit(&mut self, now: u64, input: u32) -> Result<(), Duration> {
        let Quota { per_minute, burst, input_per_minute, output_per_minute, .. } = self.quota;
        let requests = wait(&self.calls, burst, per_minute, now, 1);
        let read = input_per_minute.map_or(0, |rate| wait(&self.read, rate, rate, now, input));
        let written = output_per_minute.map_or(0, |rate| wait(&self.written, rate, rate, now, 1));
        match requests.max(read).max(written) {
            0 => {
                self.calls.push(Taken { at: now, tokens: 1 });
                self.read.push(Taken { at: now, tokens: input });
                Ok(())
            }
            longest => Err(Duration(longest)),
        }
    }

    fn charge(&mut self, now: u64, tokens: u32, cost: u64) {
        self.written.push(Taken { at: now, tokens });
        self.spent += cost;
    }
}

/// A call and its reply.
#[derive(Clone, Copy, Debug)]
struct Asked {
    pause: u64,
    input: u32,
    output: u32,
    cost: u64,
    /// Of the output, so much is not written after all.
    unwritten: u32,
}

fn any_quota() -> impl Strategy<Value = Quota> {
    let acceleration =
        (1u32..4, 100u32..250).prop_map(|(floor, growth_percent)| Acceleration { floor, growth_percent });
    let some_tokens = || prop::option::of(1u32..400);
    let rest = (prop::option::of(acceleration), prop::option::of(1u64..60));
    (1u32..200, 1u32..8, some_tokens(), some_tokens(), rest).prop_map(
        |(per_minute, burst, input_per_minute, output_per_minute, (acceleration, cap))| Quota {
            per_minute,
            burst,
            input_per_minute,
            output_per_minute,
            acceleration,
            spend_cap: cap.map(MicroDollars),
            excess: Excess::Rejected,
            ..Quota::usual()
        },
    )
}

fn any_asked() -> impl Strategy<Value = Asked> {
    let asked = (0u64..20_000_000_000, 0u32..80, 0u32..80, 0u64..3, 0u32..80);
    asked.prop_map(|(pause, input, output, cost, unwritten)| Asked {
        pause,
        input,
        output,
        cost,
        unwritten: unwritten.min(output),
    })
}

proptest! {
    #[test]
    fn an_organisation_admits_exactly_what_its_buckets_its_growth_and_its_money_admit(
        quota in any_quota(),
        asked in prop::collection::vec(any_asked(), 1..60),
    ) {
        let (mut organisation, mut reference) = (Organisation::new(quota), Reference::new(quota));
        let mut now = 0;
        for Asked { pause, input, output, cost, unwritten } in asked {
            now += pause;
            let knocked = reference.knock(now);
            prop_assert_eq!(organisation.knock(Time(now)), knocked, "at {}", now);
            if knocked.is_err() {
                continue;
            }
            let meters = organisation.meters(Time(now));
            let whole = |level: i128| u32::try_from((level / TOKEN).max(0)).expect("few");
            let left = whole(level(&reference.calls, quota.burst, quota.per_minute, now));
            prop_assert_eq!(meters.requests.map(|meter| meter.remaining), Some(left), "what headers tell");
            let left = quota.output_per_minute.map(|rate| whole(level(&reference.written, rate, rate, now)));
            prop_assert_eq!(meters.output_tokens.map(|meter| meter.remaining), left, "what headers tell");
            let admitted = reference.admit(now, input);
            prop_assert_eq!(organisation.admit(Time(now), input), admitted, "at {}", now);
            if admitted.is_ok() {
                // Who stops a reply pays for what was written of it.
                let saved = if unwritten == output { cost } else { 0 };
                reference.charge(now, output - unwritten, cost - saved);
                organisation.charge(Time(now), output, MicroDollars(cost));
                organisation.refund(Time(now), unwritten, MicroDollars(saved));
            }
        }
    }
}
