//! What the figures of single models come to in teams: retries, shared models, votes, debates, checks.
//!
//! Closed forms use floats; nothing here reaches a run.

use super::*;
use crate::model::{BuiltIn, Company, Diagnose, Difficulty, Judge, Opinion, Speaker};
use crate::seed::Ratio;
use std::collections::BTreeMap;

const SEEDS: u64 = 6_000;
/// Agents of a team.
const TEAM: u16 = 5;

fn setting(profile: Profile) -> (Mock, TaskSet) {
    let task = TaskSet::of(Diagnose::generate);
    (Mock::new(profile.without_slips(), task.clone()), task)
}

/// What several members say about slot 0 of one seed.
fn answers(mock: &Mock, task: &TaskSet, seed: u64, calls: impl Fn(u16) -> (u16, u16, u64)) -> (Problem, Vec<String>) {
    let streams = Streams::of(Seed(seed));
    let problem = task.problem(&streams, Slot(0));
    let texts = (0..TEAM).map(|place| {
        let (model, caller, turn) = calls(place);
        // Everyone has words of their own, so that only the task is shared.
        let request = problem.request().say(Speaker::User, format!("You are number {place}."));
        let (model, caller) = (NodeId::model(model), NodeId::agent(caller));
        let call = Call { model, caller, turn: Turn(turn), ..call(&request, &problem) };
        mock.answer(&streams, &call).outcome.expect("a reply").text
    });
    let texts = texts.collect();
    (problem, texts)
}

fn assert_near(count: u64, whole: u64, expected: f64, tolerance: f64, what: &str) {
    let measured = count as f64 / whole as f64;
    assert!((measured - expected).abs() <= tolerance, "{what}: {measured:.4}, expected {expected:.4} ± {tolerance}");
}

/// The chance that k tries on one task all succeed, for Beta(a, b) successes: Π (a + i) / (a + b + i).
fn all_pass(a: f64, b: f64, tries: u32) -> f64 {
    (0..tries).map(|i| (a + f64::from(i)) / (a + b + f64::from(i))).product()
}

fn choose(n: u32, k: u32) -> f64 {
    (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product()
}

/// The chance that more than half of n members are right, each with probability p by itself.
fn binomial_majority(n: u32, p: f64) -> f64 {
    (n / 2 + 1..=n).map(|k| choose(n, k) * p.powf(f64::from(k)) * (1.0 - p).powf(f64::from(n - k))).sum()
}

/// The same if the members share a probability drawn from Beta(a, b).
fn beta_binomial_majority(n: u32, a: f64, b: f64) -> f64 {
    let rising = |x: f64, k: u32| (0..k).map(|i| x + f64::from(i)).product::<f64>();
    let term = |k: u32| choose(n, k) * rising(a, k) * rising(b, n - k) / rising(a + b, n);
    (n / 2 + 1..=n).map(term).sum()
}

#[test]
fn repeated_tries_pass_as_often_as_beta_distributed_difficulty_says() {
    let (mock, task) = setting(Profile::tool_user());
    let mut passed = [0u64; 5];
    for seed in 0..SEEDS {
        let (problem, texts) = answers(&mock, &task, seed, |place| (0, 0, u64::from(place)));
        let right = texts.iter().take_while(|text| *text == problem.right_text()).count();
        (0..=right.min(4)).for_each(|tries| passed[tries] += 1);
    }
    for (tries, published) in [(1, 0.604), (2, all_pass(0.58, 0.38, 2)), (4, 0.383)] {
        assert_near(passed[tries as usize], SEEDS, published, 0.02, &format!("pass^{tries}"));
        assert!((all_pass(0.58, 0.38, tries) - published).abs() < 0.005, "the closed form fits the published figure");
    }
}

#[test]
fn two_models_that_are_both_wrong_agree_as_often_as_configured_whatever_the_task() {
    for built_in in BuiltIn::ALL {
        let task = built_in.task();
        for percent in [60, 80] {
            let profile = Profile { agreement: Ratio::percent(percent), ..Profile::stress() };
            let mock = Mock::new(profile.without_slips(), task.clone());
            let (mut both, mut same) = (0, 0);
            for seed in 0..SEEDS {
                let (problem, texts) = answers(&mock, &task, seed, |place| (place, place, 0));
                for pair in [[0, 1], [2, 3]] {
                    let wrong = pair.iter().all(|place| texts[*place] != problem.right_text());
                    both += u64::from(wrong);
                    same += u64::from(wrong && texts[pair[0]] == texts[pair[1]]);
                }
            }
            let what = format!("the same wrong answer to {}", built_in.name);
            assert_near(same, both, f64::from(percent) / 100.0, 0.02, &what);
        }
    }
}

/// What agents of one model say who ask it word for word the same in the same turn of theirs.
fn chorus(mock: &Mock, problem: &Problem, request: &Request, seed: u64, turn: u64) -> String {
    let streams = Streams::of(Seed(seed));
    let said = |caller| {
        let call = Call { caller: NodeId::agent(caller), turn: Turn(turn), ..call(request, problem) };
        mock.answer(&streams, &call).outcome.expect("a reply").text
    };
    let texts: Vec<String> = (0..TEAM).map(said).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "seed {seed}: {texts:?}");
    texts[0].clone()
}

#[test]
fn a_model_shared_by_several_agents_gives_one_draw_to_all_of_them() {
    let (mock, task) = setting(Profile::closed_book());
    let (mut wrong, mut changed) = (0, 0);
    for seed in 0..SEEDS {
        let problem = task.problem(&Streams::of(Seed(seed)), Slot(0));
        let [first, again] = [0, 1].map(|turn| chorus(&mock, &problem, &problem.request(), seed, turn));
        wrong += u64::from(first != problem.right_text());
        changed += u64::from(first != again);
    }
    // As often as the profile says, and another try redraws the sampling for all: 2·p·(1 − p)·(1 − .51)·3/4.
    assert_near(wrong, SEEDS, 0.35, 0.018, "wrong all together");
    assert_near(changed, SEEDS, 0.167, 0.018, "another answer when asked again");
}

#[test]
fn a_judge_shared_by_several_agents_gives_one_verdict_to_all_of_them_and_mostly_keeps_to_it() {
    let (mock, task) = setting(Profile { judge: Judge::rubber_stamp(), ..Profile::closed_book() });
    let (mut approved, mut changed, mut reworded) = (0, 0, 0);
    for seed in 0..SEEDS {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let lie = problem.wrong(&mut streams.stream(format_args!("test"))).expect("a lie");
        let wrong = crate::fact::Value::from(crate::model::canonical(&lie.json).as_str());
        let request = Opinion::request(&problem, &wrong, mock.opinion());
        let approves = |request: &Request, turn: u64| {
            Opinion::read(&chorus(&mock, &problem, request, seed, turn)).expect("an opinion").approve
        };
        let first = approves(&request, 0);
        approved += u64::from(first);
        changed += u64::from(first != approves(&request, 1));
        reworded += u64::from(first != approves(&request.clone().say(Speaker::User, "Are you sure?"), 1));
    }
    // Three standard deviations of 6,000 draws at a fifth are .015. Independent verdicts would differ in .375.
    assert_near(approved, SEEDS, 0.75, 0.017, "a wrong proposal approved all together");
    let redrawn = 2.0 * 0.75 * 0.25 * (1.0 - 25.0 / 49.0);
    assert_near(changed, SEEDS, redrawn, 0.015, "another verdict when asked again");
    assert_near(reworded, SEEDS, redrawn, 0.015, "another verdict when asked in other words");
}

#[test]
fn callers_of_one_model_choose_alike_among_equals_and_those_of_another_choose_for_themselves() {
    let (mock, task) = setting(Profile { alike: Ratio::NEVER, ..Profile::grounded() });
    let (mut changed, mut apart) = (0, 0);
    for seed in 0..SEEDS {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request().expecting(&crate::model::Schema::of::<bool>());
        let [first, again] = [0, 1].map(|turn| chorus(&mock, &problem, &request, seed, turn));
        let other = Call { model: NodeId::model(1), ..call(&request, &problem) };
        let other = mock.answer(&streams, &other).outcome.expect("a reply").text;
        changed += u64::from(first != again);
        apart += u64::from(first != other);
    }
    // A coin, tossed anew unless both tries have the luck of the wording.
    assert_near(changed, SEEDS, 0.375, 0.019, "another choice when asked again");
    assert_near(apart, SEEDS, 0.5, 0.02, "another choice of another model");
}

#[test]
fn callers_of_one_model_that_are_wrong_are_wrong_alike() {
    let (mock, task) = setting(Profile::stress());
    for seed in 0..500 {
        let (problem, texts) = answers(&mock, &task, seed, |place| (0, place, u64::from(place)));
        let wrong: std::collections::BTreeSet<&String> =
            texts.iter().filter(|text| *text != problem.right_text()).collect();
        assert!(wrong.len() <= 1, "seed {seed}: {wrong:?}");
    }
}

/// How many of all teams have a majority of right answers.
fn majorities(difficulty: Difficulty) -> u64 {
    let (mock, task) = setting(Profile { difficulty, ..Profile::closed_book() });
    let carried = |seed: &u64| {
        let (problem, texts) = answers(&mock, &task, *seed, |place| (place, place, 0));
        texts.iter().filter(|text| *text == problem.right_text()).count() > usize::from(TEAM / 2)
    };
    (0..SEEDS).filter(carried).count() as u64
}

#[test]
fn a_majority_of_independent_models_follows_the_binomial_and_of_like_ones_does_not() {
    let (n, p) = (u32::from(TEAM), 0.65);
    let (alone, together) = (binomial_majority(n, p), beta_binomial_majority(n, 0.96 * p, 0.96 * (1.0 - p)));
    assert!(alone - together > 0.05, "the two can be told apart: {alone}, {together}");
    // Three standard deviations of 6,000 teams are .017.
    assert_near(majorities(Difficulty::OfModel), SEEDS, alone, 0.017, "independent models");
    let alike = majorities(Difficulty::OfTask);
    assert_near(alike, SEEDS, together, 0.019, "models that find the same tasks hard");
    assert!((alike as f64 / SEEDS as f64 - alone).abs() > 0.04, "the binomial is rejected where models are alike");
}

/// What came of debates: right answers and agreeing pairs, before and after.
#[derive(Default)]
struct Debates {
    right: [u64; 2],
    agreeing: [u64; 2],
}

fn debates(profile: Profile, seeds: u64) -> Debates {
    let (mock, task) = setting(profile);
    let mut debates = Debates::default();
    for seed in 0..seeds {
        let (problem, mut texts) = answers(&mock, &task, seed, |place| (place, place, 0));
        debates.count(0, &problem, &texts);
        let streams = Streams::of(Seed(seed));
        for round in 1..=3 {
            let spoken = texts.clone();
            for place in 0..TEAM {
                let mut request = problem.request().say(Speaker::Assistant, spoken[usize::from(place)].clone());
                for peer in (0..TEAM).filter(|peer| *peer != place) {
                    request = request.say(Speaker::Peer(NodeId::agent(peer)), spoken[usize::from(peer)].clone());
                }
                let (model, caller) = (NodeId::model(place), NodeId::agent(place));
                let call = Call { model, caller, turn: Turn(round), ..call(&request, &problem) };
                texts[usize::from(place)] = mock.answer(&streams, &call).outcome.expect("a reply").text;
            }
        }
        debates.count(1, &problem, &texts);
    }
    debates
}

impl Debates {
    fn count(&mut self, when: usize, problem: &Problem, texts: &[String]) {
        self.right[when] += texts.iter().filter(|text| *text == problem.right_text()).count() as u64;
        let mut votes: BTreeMap<&String, u64> = BTreeMap::new();
        texts.iter().for_each(|text| *votes.entry(text).or_default() += 1);
        self.agreeing[when] += votes.values().map(|count| count * (count - 1) / 2).sum::<u64>();
    }
}

#[test]
fn debate_leaves_accuracy_alone_unless_members_flatter_and_agreement_rises_either_way() {
    let seeds = SEEDS;
    let whole = seeds * u64::from(TEAM);
    // Mostly wrong, and wrong alike: the case in which following the others costs most.
    let base = Profile { wrong: Ratio::percent(75), agreement: Ratio::percent(95), ..Profile::closed_book() };
    let unbiased = debates(Profile { company: Company::Weighed, ..base.clone() }, seeds);
    let share = |count: u64| count as f64 / whole as f64;
    let moved = share(unbiased.right[1]) - share(unbiased.right[0]);
    // A team's share moves by half at most, so three standard errors of 6,000 teams are .02.
    assert!(moved.abs() < 0.02, "a martingale keeps its mean: {moved}");
    assert!(unbiased.agreeing[1] > unbiased.agreeing[0] * 12 / 10, "{:?}", unbiased.agreeing);
    let flattering = debates(Profile { company: Company::sycophantic(), ..base }, seeds);
    let fallen = share(flattering.right[0]) - share(flattering.right[1]);
    // More than twice what the martingale above may wander by chance.
    assert!(fallen > 0.07, "following the others costs accuracy: {fallen}");
    assert!(flattering.agreeing[1] > flattering.agreeing[0] * 12 / 10, "{:?}", flattering.agreeing);
}
