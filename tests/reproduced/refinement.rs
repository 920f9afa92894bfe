//! Refinement against a barrier, and one round of agreement against two (arXiv 2512.20184, its two claims against
//! today's orchestration).

use super::{mean_latency, sweep};
use synod::check::Agreement;
use synod::model::{Company, Confidence, Pace, Profile};
use synod::protocol::consensus::Refine;
use synod::protocol::consensus::refine::{Config, Share};
use synod::scenario::{Job, Runnable, Scenario};
use synod::seed::{Ratio, Seed};
use synod::time::seconds;
use synod::trace::{Detail, Happening};
use synod::world::Frozen;

/// Five members, each with a model of its own that says how sure it is. No fault.
fn team(config: Config, profile: Profile) -> Scenario<Refine> {
    let profile = Profile { confidence: Confidence::Informative, ..profile };
    let scenario = Scenario::new("refine_alone").profile(profile).models(5);
    let scenario = scenario.team(5, move |me, members| Refine::new(me, members, config.clone()));
    scenario.phases(seconds(200), seconds(400)).expect(Agreement)
}

/// Members have all the time they want, so that a barrier is one.
fn patient() -> Config {
    Config { patience: seconds(200), ..Config::default() }
}

/// How long teams whose models fall into long reasoning this often take.
fn latency(config: &Config, long: u32) -> u64 {
    let pace = Pace { long: Ratio::percent(long), ..Pace::usual() };
    let profile = Profile { pace, ..Profile::careful() };
    mean_latency(&sweep(&team(config.clone(), profile), 300))
}

#[test]
fn refinement_beats_a_barrier_by_more_the_heavier_the_tail_of_latencies_is() {
    let barrier = Config { alpha: Share::All, quorum: Share::All, ..patient() };
    let saved = [0, 10, 25].map(|long| {
        let (quorum, all) = (latency(&patient(), long), latency(&barrier, long));
        println!("{long} % long replies: quorum {quorum} ms, barrier {all} ms");
        assert!(quorum < all, "a quorum is never slower than everyone");
        all - quorum
    });
    assert!(saved[0] < saved[1] && saved[1] < saved[2], "{saved:?}");
    assert!(saved[2] > 2 * saved[0], "with a heavy tail the barrier costs at least twice as much more: {saved:?}");
}

/// What a team with this β decided first.
fn decision(scenario: &Scenario<Refine>, seed: u64) -> Option<String> {
    let run = scenario.run(&Job::of(Seed(seed)).detailed(Detail::Full), &Frozen);
    let decided = run.trace.records().iter().position(|record| record.happening == Happening::Decided);
    decided.map(|place| run.trace.text(place).to_owned())
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

const RUNS: u64 = 400;

#[test]
fn one_round_of_agreement_commits_what_the_next_overturns_more_often_than_two() {
    let [one, two] = [1, 2].map(transient);
    println!("committed and overturned by one more round: β = 1 {one}, β = 2 {two} of {RUNS} runs");
    assert!(one >= 10 && one > two + two / 4, "β = 1 {one}, β = 2 {two}");
}
