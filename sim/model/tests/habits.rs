//! What profiles do besides being right or wrong, measured: under pressure, as judges, about themselves, and where
//! agents fail for other reasons than knowledge.

use super::*;
use crate::fact::{Score, Value};
use crate::model::{Company, Confidence, Diagnose, Judge, Opinion, Slip, Speaker, canonical};
use crate::seed::Ratio;
use serde_json::Value as Json;

const SEEDS: u64 = 6_000;

/// That `count` of `whole` are so many in a thousand. Three standard deviations of 6,000 draws at a half are 19.4.
fn assert_share(count: u64, whole: u64, permille: u64, what: &str) {
    let measured = (count * 1_000 + whole / 2) / whole;
    assert!(measured.abs_diff(permille) <= 20, "{what}: {measured} in a thousand, expected {permille} ± 20");
}

/// Peers that a member hears: so many say what is right, so many the same falsehood.
#[derive(Clone, Copy)]
struct Peers {
    right: u16,
    wrong: u16,
}

/// How many of all seeds a member that would have been right, or wrong, by itself ends up right.
fn right_among(peers: Peers, wrong: Ratio, company: Company) -> u64 {
    let task = TaskSet::of(Diagnose::generate);
    let profile = Profile { wrong, company, ..Profile::perfect() };
    let mock = Mock::new(profile, task.clone());
    let ends_right = |seed: &u64| {
        let streams = Streams::of(Seed(*seed));
        let problem = task.problem(&streams, Slot(0));
        let lie = problem.wrong(&mut streams.stream(format_args!("test"))).expect("a lie");
        let mut request = problem.request();
        for peer in 0..peers.right + peers.wrong {
            let said = if peer < peers.right { problem.right_text().to_owned() } else { canonical(&lie.json) };
            request = request.say(Speaker::Peer(NodeId::agent(peer + 1)), said);
        }
        let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
        reply.text == problem.right_text()
    };
    (0..SEEDS).filter(ends_right).count() as u64
}

#[test]
fn pressure_grows_with_the_share_of_peers_that_dissent_and_one_alone_presses_half_as_hard() {
    // A right answer is abandoned up to 70 % of the time (arXiv 2605.00914), already with two peers.
    for (right, wrong, permille) in [(0, 1, 350), (0, 2, 700), (0, 4, 700), (1, 2, 467), (1, 3, 525), (1, 4, 560)] {
        let kept = right_among(Peers { right, wrong }, Ratio::NEVER, Company::sycophantic());
        assert_share(SEEDS - kept, SEEDS, permille, &format!("abandons, {right} agree and {wrong} dissent"));
    }
    for (right, wrong) in [(1, 1), (2, 1)] {
        assert_eq!(
            right_among(Peers { right, wrong }, Ratio::NEVER, Company::sycophantic()),
            SEEDS,
            "no majority dissents"
        );
    }
    // A wrong one is given up for what most say up to 85.5 % of the time.
    for (right, permille) in [(1, 427), (2, 855), (3, 855)] {
        let adopted = right_among(Peers { right, wrong: 0 }, Ratio::ALWAYS, Company::sycophantic());
        assert_share(adopted, SEEDS, permille, &format!("adopts what {right} say"));
    }
}

#[test]
fn who_weighs_takes_each_answer_on_the_table_alike_its_own_among_them() {
    for (right, wrong, permille) in [(0, 1, 500), (0, 3, 250), (1, 2, 500), (3, 1, 800)] {
        let kept = right_among(Peers { right, wrong }, Ratio::NEVER, Company::Weighed);
        assert_share(kept, SEEDS, permille, &format!("right among {right} and {wrong}"));
        let alone = right_among(Peers { right, wrong }, Ratio::NEVER, Company::Ignored);
        assert_eq!(alone, SEEDS, "who ignores them stays right");
    }
}

/// How many of so many right, and so many wrong, proposals a judge approves, and how many verdicts none can read.
struct Verdicts {
    approved: [u64; 2],
    unusable: u64,
}

fn judged(judge: Judge) -> Verdicts {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(Profile { judge, ..Profile::perfect() }, task.clone());
    let mut verdicts = Verdicts { approved: [0, 0], unusable: 0 };
    for seed in 0..SEEDS {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let lie = problem.wrong(&mut streams.stream(format_args!("test"))).expect("a lie");
        let wrong = Value::from(canonical(&lie.json).as_str());
        for (place, proposal) in [problem.right(), &wrong].into_iter().enumerate() {
            let request = Opinion::request(&problem, proposal, mock.opinion());
            let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
            match Opinion::read(&reply.text) {
                Ok(opinion) => verdicts.approved[place] += u64::from(opinion.approve),
                Err(_) => verdicts.unusable += 1,
            }
        }
    }
    verdicts
}

#[test]
fn judges_approve_and_reject_as_their_rates_say() {
    for (judge, right, wrong, unusable) in [
        (Judge::perfect(), 1_000, 0, 0),
        (Judge::rubber_stamp(), 960, 750, 0),
        (Judge::over_rejector(), 600, 50, 0),
        // What cannot be used is taken from both.
        (Judge::rubber_stamp().undecided(Ratio::of(97, 1_000)), 867, 677, 97),
    ] {
        let verdicts = judged(judge);
        assert_share(verdicts.approved[0], SEEDS, right, &format!("{judge:?} approves what is right"));
        assert_share(verdicts.approved[1], SEEDS, wrong, &format!("{judge:?} approves what is wrong"));
        assert_share(verdicts.unusable, 2 * SEEDS, unusable, &format!("{judge:?} is of no use"));
    }
}

/// An answer that says how sure it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Sure {
    cause: String,
    #[schemars(range(min = 0, max = 100))]
    confidence: u8,
}

#[derive(Clone)]
struct Cause(u64);

impl Task for Cause {
    type Reply = Sure;

    fn generate(draws: &mut Draws) -> (String, Cause) {
        let number = draws.choose(100, 800, 100);
        (
            format!("What failed?\nsvc-{number} fell silent, then svc-{} and svc-{}.", number + 1, number + 2),
            Cause(number),
        )
    }

    fn right(&self) -> Sure {
        Sure { cause: format!("svc-{}", self.0), confidence: 50 }
    }

    /// However sure it is.
    fn score(&self, reply: &Sure) -> Score {
        if reply.cause == self.right().cause { Score::CORRECT } else { Score::WRONG }
    }
}

/// The confidence that right and wrong answers state on average, in percent, and how many are right in a hundred.
struct Stated {
    by_right: u64,
    by_wrong: u64,
    right: u64,
}

fn stated(confidence: Confidence) -> Stated {
    let task = TaskSet::of(Cause::generate);
    let mock = Mock::new(Profile { confidence, ..Profile::closed_book() }.without_slips(), task.clone());
    let (mut sums, mut counts) = ([0, 0], [0, 0]);
    for seed in 0..SEEDS {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request();
        let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
        let said: Sure = serde_json::from_str(&reply.text).expect("an answer");
        let value = problem.canonical(&reply.text).expect("valid");
        let place = usize::from(!problem.score(&value).is_correct());
        sums[place] += u64::from(said.confidence);
        counts[place] += 1;
    }
    Stated { by_right: sums[0] / counts[0], by_wrong: sums[1] / counts[1], right: counts[0] * 100 / SEEDS }
}

#[test]
fn informative_confidence_is_calibrated_and_the_other_says_nothing() {
    let Stated { by_right, by_wrong, right } = stated(Confidence::Informative);
    // For shares c with variance ρ·p·(1 − p), what right answers state exceeds what wrong ones do by Var(c) / p(1 − p),
    // which is the intra-task correlation ρ = .51.
    assert!((by_right - by_wrong).abs_diff(51) <= 4, "{by_right} % and {by_wrong} %");
    let mean = (by_right * right + by_wrong * (100 - right)) / 100;
    assert!(mean.abs_diff(right) <= 2, "{mean} % stated, {right} % right");
    let Stated { by_right, by_wrong, right: same } = stated(Confidence::Uninformative);
    assert_eq!((by_right, by_wrong), (95, 95), "sure of itself whatever it says");
    assert_eq!(same, right, "what is stated moves no answer");
}

#[test]
fn who_says_the_same_and_is_less_sure_of_it_does_not_dissent() {
    let task = TaskSet::of(Cause::generate);
    let (mut kept, mut yielded) = (0, 0);
    for seed in 0..500 {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let said =
            |cause: &Json, confidence: u8| canonical(&serde_json::json!({"cause": cause, "confidence": confidence}));
        let right: Json = serde_json::from_str(problem.right_text()).expect("an answer");
        let answer = |peers: &[String], company: Company| {
            let mock = Mock::new(Profile { company, ..Profile::perfect() }, task.clone());
            let mut request = problem.request();
            for (place, peer) in (1..).zip(peers) {
                request = request.say(Speaker::Peer(NodeId::agent(place)), peer.clone());
            }
            let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
            serde_json::from_str::<Json>(&reply.text).expect("an answer")
        };
        let always = Company::Followed { abandon: Ratio::ALWAYS, adopt: Ratio::ALWAYS };
        let agreeing = [said(&right["cause"], 20), said(&right["cause"], 30)];
        kept += u64::from(answer(&agreeing, always) == answer(&[], always));
        // Two who say the same, however sure, are more than one.
        let other = problem.wrong(&mut streams.stream(format_args!("test"))).expect("a lie").json;
        let dissenting = [said(&other["cause"], 20), said(&right["cause"], 95), said(&other["cause"], 30)];
        yielded += u64::from(answer(&dissenting, always)["cause"] == other["cause"]);
    }
    assert_eq!(kept, 500, "nobody dissents");
    // Two of three press with two thirds of all their weight: three standard deviations of 500 draws are 32.
    assert!((300..=366).contains(&yielded), "{yielded} of 500");
}

#[test]
fn masts_mixture_has_the_published_shares() {
    // arXiv 2503.13657 v3, in parts of 10,000. Each mode is a kind of its own; all of them are 10,005.
    let published = [
        (Kind::FormatDrift, 1_180),
        (Kind::RoleConfusion, 150),
        (Kind::RepetitionLoop, 1_570),
        (Kind::HistoryTruncated, 280),
        (Kind::NeverDone, 1_240),
        (Kind::ConversationReset, 220),
        (Kind::WrongAnswer, 680),
        (Kind::Derailment, 740),
        (Kind::PartialTruth, 85),
        (Kind::IgnoredPeers, 190),
        (Kind::SaidNotDone, 1_320),
        (Kind::PrematureDone, 620),
        (Kind::RubberStamp, 820),
        (Kind::WrongVerdict, 910),
    ];
    const DRAWS: u64 = 100_000;
    let slips = Slip::mast(Ratio::percent(40));
    assert_eq!((slips.len(), published.iter().map(|(_, share)| share).sum::<u64>()), (published.len(), 10_005));
    let drawn = |seed| Slip::drawn(&slips, &mut Streams::of(Seed(seed)).stream(format_args!("answer/test")));
    let drawn: Vec<Kind> = (0..DRAWS).filter_map(drawn).collect();
    for (kind, share) in published {
        let count = drawn.iter().filter(|struck| **struck == kind).count() as u64;
        let expected = DRAWS * 40 / 100 * share / 10_005;
        // Four standard deviations of the largest share, 7 % of 100,000, are 322.
        assert!(count.abs_diff(expected) <= 322, "{kind}: {count}, expected {expected}");
    }
    assert_eq!(Profile::mast().slips[..], slips[..]);
}
