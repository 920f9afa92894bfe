//! How long replies take: quantiles of a pace, held to closed forms and to a simulation of its own.
//!
//! Closed forms use floats; nothing here reaches a run.

use super::*;
use crate::model::pace::Tempo;
use crate::model::{Diagnose, Pace};
use crate::seed::Ratio;
use crate::time::{Duration, millis, seconds};

/// Quantiles that are held, and how many standard deviations a normal distribution has there.
const QUANTILES: [(f64, f64); 4] = [(0.5, 0.0), (0.9, 1.281_552), (0.95, 1.644_854), (0.99, 2.326_348)];

/// At the 99th percentile of a lognormal with σ = .7 three standard errors of so many draws are 1.7 %.
const DRAWS: u64 = 200_000;

fn tempos(pace: Pace) -> Vec<Tempo> {
    let drawn = |seed| Tempo::drawn(&pace, &mut Streams::of(Seed(seed)).stream(format_args!("answer/test")));
    (0..DRAWS).map(drawn).collect()
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[(sorted.len() as f64 * share) as usize]
}

fn assert_close(measured: f64, expected: f64, what: &str) {
    assert!((measured / expected - 1.0).abs() <= 0.05, "{what}: {measured:.4}, expected {expected:.4} ± 5 %");
}

fn assert_lognormal(mut values: Vec<f64>, median: f64, sigma: f64, what: &str) {
    values.sort_unstable_by(f64::total_cmp);
    for (share, deviations) in QUANTILES {
        let expected = median * (sigma * deviations).exp();
        assert_close(quantile(&values, share), expected, &format!("{what}, quantile {share}"));
    }
}

#[test]
fn the_first_token_and_each_further_one_come_as_the_pace_says() {
    let paces =
        [Pace::usual(), Pace { first_token: seconds(2), per_token: millis(40), reasoning: 400, ..Pace::usual() }];
    for pace in paces {
        let tempos = tempos(pace);
        let spans = |of: fn(&Tempo) -> Duration| tempos.iter().map(|tempo| of(tempo).0 as f64).collect::<Vec<_>>();
        assert_lognormal(spans(|tempo| tempo.start), pace.first_token.0 as f64, 0.7, "until the first token");
        assert_lognormal(spans(|tempo| tempo.per_token), pace.per_token.0 as f64, 0.4, "for each token");
    }
}

#[test]
fn silent_reasoning_is_as_long_as_the_pace_says_in_both_modes() {
    for (long, median, sigma) in [(Ratio::NEVER, 75.0, 0.7), (Ratio::ALWAYS, 1_100.0, 0.4)] {
        let tempos = tempos(Pace { long, ..Pace::usual() });
        let counts = tempos.iter().map(|tempo| f64::from(tempo.reasoning)).collect();
        assert_lognormal(counts, median, sigma, "tokens of reasoning");
    }
}

/// Normal deviates of a generator that shares nothing with the streams: SplitMix64 and Box and Muller's transform.
struct Normal(u64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((word ^ (word >> 31)) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
        median * (sigma * normal).exp()
    }
}

/// Seconds of whole replies of so many written tokens, by the words of [`Pace`] alone.
fn simulated(written: f64) -> Vec<f64> {
    let mut normal = Normal(1);
    let mut spans: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let (start, each) = (normal.lognormal(0.6, 0.7), normal.lognormal(0.016, 0.4));
            let (usual, long) = (normal.lognormal(75.0, 0.7), normal.lognormal(1_100.0, 0.4));
            let reasoning = if normal.uniform() < 0.15 { long } else { usual };
            start + each * (reasoning + written)
        })
        .collect();
    spans.sort_unstable_by(f64::total_cmp);
    spans
}

#[test]
fn whole_replies_take_as_long_as_the_pace_says() {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(Profile::grounded().without_slips(), task.clone());
    let problem = task.problem(&Streams::of(Seed(0)), Slot(0));
    let request = problem.request();
    let (mut written, mut first) = (0.0, Vec::new());
    let mut spans: Vec<f64> = (0..100_000)
        .map(|turn| {
            let call = Call { turn: Turn(turn), ..call(&request, &problem) };
            let answered = mock.answer(&Streams::of(Seed(1)), &call);
            first.push(answered.first_token.0 as f64);
            written = answered.outcome.expect("a reply").text.len().div_ceil(4) as f64;
            answered.latency.0 as f64 / 1e9
        })
        .collect();
    spans.sort_unstable_by(f64::total_cmp);
    // What whoever reads a stream waits for: published medians of seven models are 477 to 1,626 ms.
    assert_lognormal(first, Pace::usual().first_token.0 as f64, 0.7, "until a caller has the first token");
    let expected = simulated(written);
    for (share, _) in QUANTILES {
        let what = format!("whole replies, quantile {share}");
        assert_close(quantile(&spans, share), quantile(&expected, share), &what);
    }
    // What the documentation of `Pace::usual` says it measured.
    for (share, documented) in [(0.5, 2.6), (0.9, 15.0), (0.95, 23.6), (0.99, 42.2)] {
        assert_close(quantile(&spans, share), documented, &format!("documented quantile {share}"));
    }
}
