//! Refinement against a barrier, and one round of agreement against two (arXiv 2512.20184, its two claims against
//! today's orchestration).

use super::{mean_latency, sweep};
use synod::check::{Agreement, Correctness};
use synod::model::{Company, Confidence, Diagnose, Pace, Profile, Sure, Task};
use synod::protocol::consensus::Refine;
use synod::protocol::consensus::refine::{Config, Share};
use synod::scenario::{Job, Runnable, Scenario};
use synod::seed::{Ratio, Seed};
use synod::time::seconds;
use synod::trace::{Detail, Happening};
use synod::world::Frozen;

/// Five members, each with a model of its own. No fault.
fn team(config: Config, profile: Profile) -> Scenario<Refine> {
    let scenario = Scenario::new("refine_alone").profile(profile).models(5);
    let scenario = scenario.team(5, move |me, members| Refine::new(me, members, config.clone()));
    scenario.phases(seconds(200), seconds(400)).expect(Agreement)
}

/// Members have all the time they want, so that a barrier is one.
fn patient() -> Config {
    Config { patience: seconds(200), ..Config::default() }
}

/// A team whose members take the answer that says it is surest, and whose models fall into long reasoning so often.
fn sure(config: &Config, confidence: Confidence, long: u32) -> Scenario<Refine> {
    let pace = Pace { long: Ratio::percent(long), ..Pace::usual() };
    let profile = Profile { pace, confidence, company: Company::Persuaded, ..Profile::closed_book() };
    team(config.clone(), profile).task(Sure::<Diagnose>::generate).expect(Correctness)
}

#[test]
fn with_informative_confidence_refinement_beats_a_barrier_by_more_the_heavier_the_tail_of_latencies_is() {
    let barrier = Config { alpha: Share::All, quorum: Share::All, ..patient() };
    let latency = |config: &Config, long| mean_latency(&sweep(&sure(config, Confidence::Informative, long), 300));
    let saved = [0, 10, 25].map(|long| {
        let (quorum, all) = (latency(&patient(), long), latency(&barrier, long));
        println!("{long} % long replies: quorum {quorum} ms, barrier {all} ms");
        assert!(quorum < all, "a quorum is never slower than everyone");
        all - quorum
    });
    assert!(saved[0] < saved[1] && saved[1] < saved[2], "{saved:?}");
    assert!(saved[2] > 2 * saved[0], "with a heavy tail the barrier costs at least twice as much more: {saved:?}");
}

/// What confidence is worth: without information in it the surest answer is any answer.
#[test]
fn confidence_that_tells_right_from_wrong_makes_refinement_right_more_often() {
    let wrong = |confidence| {
        let report = sweep(&sure(&patient(), confidence, 10), 600);
        println!("{confidence:?}: {} ms", mean_latency(&report));
        report.harvest.property("correctness").expect("it is judged").violated
    };
    let [told, untold] = [Confidence::Informative, Confidence::Uninformative].map(wrong);
    println!("wrong decisions: {told} of 600 runs with informative confidence, {untold} without");
    assert!(told + told / 2 < untold, "{told} and {untold}");
}

/// What a team with this β decided first, as a digest: texts cost ten times the run.
fn decision(scenario: &Scenario<Refine>, seed: u64) -> Option<u64> {
    let run = scenario.run(&Job::of(Seed(seed)).detailed(Detail::Records), &Frozen);
    run.trace.records().iter().find(|record| record.happening == Happening::Decided).map(|record| record.about)
}

/// In how many runs one more round of agreement would have led to another decision: up to the first of the two, both
/// runs are the same.
fn transient(beta: u32) -> usize {
    // Members that take one of the answers on the table, all alike, and a bare majority of all that answer: what agreed
    // once is easily undone.
    let profile = Profile { company: Company::Weighed, ..Profile::closed_book() };
    let with = |beta| team(Config { beta, quorum: Share::All, rounds: 12, ..patient() }, profile.clone());
    let (short, long) = (with(beta), with(beta + 1));
    (0..RUNS).filter(|seed| decision(&short, *seed) != decision(&long, *seed)).count()
}

const RUNS: u64 = 1_000;

#[test]
fn one_round_of_agreement_commits_what_the_next_overturns_more_often_than_two() {
    let [one, two] = [1, 2].map(transient);
    println!("committed and overturned by one more round: β = 1 {one}, β = 2 {two} of {RUNS} runs");
    assert!(one >= 10 && one > two + two / 4, "β = 1 {one}, β = 2 {two}");
}
