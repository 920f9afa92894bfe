//! The figures of the profiles, measured over many seeds with integer tolerances.

use super::*;
use crate::model::{Diagnose, Diagnosis, Opinion};
use crate::seed::Ratio;
use crate::time::Duration;

const SEEDS: u64 = 20_000;

/// Two calls of one agent about the same problem, the second in other words.
struct Pair {
    problem: Problem,
    first: Answered,
    second: Answered,
}

fn pairs(profile: Profile) -> impl Iterator<Item = Pair> {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(profile, task.clone());
    (0..SEEDS).map(move |seed| {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request();
        let again = request.clone().say(crate::model::Speaker::User, "Think again.");
        let first = mock.answer(&streams, &call(&request, &problem));
        let second = mock.answer(&streams, &Call { turn: Turn(1), ..call(&again, &problem) });
        Pair { problem, first, second }
    })
}

fn claim(answered: &Answered) -> Option<&str> {
    answered.outcome.as_ref().ok()?.taint.as_ref().map(|taint| taint.claim.as_str())
}

/// That `count` of `whole` is `percent` within `tolerance` tenths of a percent.
fn assert_share(count: u64, whole: u64, permille: u64, tolerance: u64, what: &str) {
    let measured = count * 1_000 / whole;
    assert!(
        measured.abs_diff(permille) <= tolerance,
        "{what}: {measured} in a thousand, expected {permille} ± {tolerance}"
    );
}

#[test]
fn each_level_is_wrong_as_often_as_it_says() {
    for (profile, permille) in Profile::levels().into_iter().zip([0, 10, 80, 350, 800]) {
        let name = profile.name;
        let wrong = pairs(profile).filter(|pair| claim(&pair.first).is_some()).count() as u64;
        // Three standard deviations of 20,000 draws at a half are 10.6; a refusal also hides a lie in 2 of 1,000.
        assert_share(wrong, SEEDS, permille, 11, name);
    }
}

#[test]
fn a_retry_is_not_an_independent_try() {
    let wrong = Ratio::percent(40);
    let (mut first, mut both) = (0, 0);
    for pair in pairs(Profile { wrong, ..Profile::grounded() }.without_slips()) {
        first += u64::from(claim(&pair.first).is_some());
        both += u64::from(claim(&pair.first).is_some() && claim(&pair.second).is_some());
    }
    assert_share(first, SEEDS, 400, 11, "wrong");
    // p² + p(1 − p)·.51 with p = .4; independent tries would give 160.
    assert_share(both, SEEDS, 282, 13, "wrong twice");
}

#[test]
fn a_rubber_stamp_takes_ten_percent_of_errors_only_to_eight() {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(Profile::grounded().without_slips(), task.clone());
    let (mut approved, mut approved_wrong) = (0, 0);
    for seed in 0..SEEDS {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let proposal = if seed % 10 == 0 {
            let lie = problem.wrong(&mut streams.stream(format_args!("test"))).expect("a lie");
            crate::fact::Value::from(crate::model::canonical(&lie.json).as_str())
        } else {
            problem.right().clone()
        };
        let request = Opinion::request(&problem, &proposal, mock.opinion());
        let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
        // Of verdicts that nobody can use nobody makes use.
        let Ok(opinion) = Opinion::read(&reply.text) else { continue };
        approved += u64::from(opinion.approve);
        approved_wrong += u64::from(opinion.approve && seed % 10 == 0);
    }
    assert_share(approved_wrong, approved, 80, 5, "wrong among approved");
}

#[test]
fn latencies_have_the_logged_median_and_a_heavy_tail() {
    let mut spans: Vec<Duration> = pairs(Profile::grounded()).map(|pair| pair.first.latency).collect();
    spans.sort_unstable();
    // Of the logged replies: p50 2.75 s, p90 14.6, p95 29.8, p99 44.4. The usual pace is 21 % below at p95, as its
    // documentation says, and within a tenth elsewhere.
    for (permille, millis, percent) in [(500, 2_750, 10), (900, 14_600, 10), (950, 29_800, 24), (990, 44_400, 10)] {
        let span = spans[spans.len() * permille / 1_000].as_nanos() / 1_000_000;
        let near = span.abs_diff(millis) * 100 < millis * percent;
        assert!(near, "quantile {permille} in a thousand: {span} ms, expected {millis} ± {percent} %");
    }
}

#[test]
fn malformed_replies_and_refusals_are_as_rare_as_they_should_be() {
    let (mut malformed, mut refused) = (0, 0);
    for pair in pairs(Profile::grounded()) {
        let reply = pair.first.outcome.expect("no outage");
        let unread = serde_json::from_str::<Diagnosis>(&reply.text).is_err();
        let refuses = matches!(reply.stop, crate::model::Stop::Refusal | crate::model::Stop::ContentFilter);
        refused += u64::from(refuses);
        malformed += u64::from(unread && !refuses);
        assert!(unread || pair.problem.canonical(&reply.text).is_ok());
    }
    // 20 and 40 expected of 20,000; three standard deviations are 13 and 19.
    assert!(malformed.abs_diff(20) <= 13, "{malformed} malformed");
    assert!(refused.abs_diff(40) <= 19, "{refused} refused");
}

#[test]
fn broken_json_and_refusals_have_levels_for_harder_work() {
    let share = |profile: Profile, of: fn(&crate::model::Reply) -> bool| {
        pairs(profile).filter(|pair| of(pair.first.outcome.as_ref().expect("no outage"))).count() as u64
    };
    let broken = |reply: &crate::model::Reply| {
        reply.stop == crate::model::Stop::EndTurn && serde_json::from_str::<Diagnosis>(&reply.text).is_err()
    };
    let refused = |reply: &crate::model::Reply| {
        matches!(reply.stop, crate::model::Stop::Refusal | crate::model::Stop::ContentFilter)
    };
    // Three standard deviations of 20,000 draws are 5.6 and 10.1 in a thousand.
    assert_share(share(Profile::grounded().unconstrained(), broken), SEEDS, 75, 6, "broken");
    assert_share(share(Profile::grounded().reluctant(), refused), SEEDS, 350, 11, "refused");
}
