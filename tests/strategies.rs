//! Strategies over real scenarios: each plans as it says, a sweep does not depend on threads, what it found is
//! replayed.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use synod::explore::{Attempt, BareHost, Capsule, Fit, Seeds, Shrink, Strategy, Sweep, SweepReport, perform};
use synod::fault::{Part, Site, When};
use synod::scenario::{Run, Runnable};
use synod::seed::Seed;
use synod::trace::Detail;
use synod_scenarios::catalogue;

fn with<T>(name: &str, use_it: impl FnOnce(&dyn Runnable) -> T) -> T {
    use_it(catalogue().find(name).expect("a scenario of the catalogue"))
}

fn run(name: &str, strategy: Strategy, seed: u64) -> Run {
    with(name, |scenario| {
        let attempt = strategy.first(Seed(seed), &scenario.summary());
        assert_eq!(attempt.by, strategy, "{name} has no room for {strategy}");
        let run = perform(scenario, &BareHost, &attempt.job().detailed(Detail::Full)).expect("no panic");
        assert_eq!(run.pin_error, None, "{name} does not draw what {strategy} pins");
        run
    })
}

fn sweep(name: &str, strategy: Strategy, seeds: std::ops::Range<u64>, jobs: usize) -> SweepReport {
    let jobs = NonZeroUsize::new(jobs).expect("some threads");
    let sweep = Sweep::of(Seeds::new(seeds).expect("a range")).strategy(strategy);
    with(name, |scenario| Sweep { jobs, ..sweep }.run(scenario, &BareHost))
}

#[test]
fn a_quiet_run_has_no_fault_and_more_operations_than_any_other() {
    let operations = |run: &Run| run.exercised.operations.len();
    for name in ["raft", "raft_log", "strong"] {
        let (quiet, usual) = (run(name, Strategy::Quiet, 3), run(name, Strategy::Swarm, 3));
        assert!(quiet.schedule.faults.is_empty(), "{name}");
        assert!(operations(&quiet) > operations(&usual), "{name}: {} clients", operations(&quiet));
    }
}

#[test]
fn a_triggered_fault_waits_for_a_moment() {
    let at_moments = |run: &Run| {
        let waits = |when: &When| matches!(when, When::On(..) | When::Each(_));
        run.schedule.faults.iter().filter(|fault| waits(&fault.when)).count()
    };
    let runs: Vec<Run> = (0..40).map(|seed| run("raft_log", Strategy::Trigger, seed)).collect();
    assert!(runs.iter().filter(|run| at_moments(run) > 0).count() > 30);
    let alone = runs.iter().flat_map(|run| &run.schedule.faults).filter(|fault| matches!(fault.when, When::On(..)));
    assert!(alone.count() > 6, "single moments are struck too");
    assert!(runs.iter().any(|run| run.ledger.total().felt > 0));
}

#[test]
fn priorities_slow_links_and_strike_nothing_else_of_the_network() {
    for seed in 0..20 {
        for fault in &run("raft", Strategy::Pct, seed).schedule.faults {
            let of_link = matches!(fault.site, Site::Link { .. });
            assert!(of_link || fault.kind.part() == Part::Process, "{fault}");
        }
    }
    let slow =
        |seed| run("raft", Strategy::Pct, seed).schedule.faults.iter().filter(|fault| fault.strength > 0).count();
    assert!((0..20).map(slow).sum::<usize>() > 60);
}

#[test]
fn random_trouble_is_scattered_and_of_every_kind() {
    let mut kinds = BTreeMap::new();
    for seed in 0..60 {
        for fault in run("raft", Strategy::Random, seed).schedule.faults {
            assert!(!matches!(fault.when, When::On(..) | When::Each(_)), "{fault}");
            *kinds.entry(fault.kind).or_insert(0) += 1;
        }
    }
    assert!(kinds.len() > 50, "{kinds:?}");
}

#[test]
fn a_sweep_by_any_strategy_gives_the_same_on_any_number_of_threads() {
    for strategy in Strategy::ALL {
        let alone = sweep("orchestrator", strategy, 0..600, 1);
        assert_eq!(sweep("orchestrator", strategy, 0..600, 3).harvest, alone.harvest, "{strategy}");
        assert!(alone.not_reproducible.is_empty(), "{strategy}");
        assert_eq!(alone.harvest.strategies.values().map(|given| given.runs).sum::<u64>(), 600);
    }
}

#[test]
fn what_a_portfolio_found_is_replayed_by_its_capsule_and_by_its_strategy_and_shrinks() {
    // A group keeps its lowest seeds, so many short sweeps tell of more strategies than a long one.
    let reports: Vec<_> =
        (0..24).map(|part| sweep("last_speaker", Strategy::Portfolio, part * 25..(part + 1) * 25, 2)).collect();
    let mut seen = 0;
    for group in reports.iter().flat_map(|report| report.harvest.failures.groups()) {
        let example = &group.example;
        with("last_speaker", |scenario| {
            let replayed = |attempt: &Attempt| {
                perform(scenario, &BareHost, &attempt.job().detailed(Detail::Full)).expect("no panic")
            };
            let capsule = Capsule::of("last_speaker", group);
            assert_eq!(capsule.fits(&replayed(&Attempt::from(&capsule))).expect("its run"), Fit::Same);
            let again = replayed(&example.attempt.by.first(example.seed, &scenario.summary()));
            assert_eq!(again.digest, example.digest, "seed {} by {}", example.seed, example.attempt.by);
            if example.attempt.by != Strategy::Swarm {
                seen += 1;
                let shrunk = Shrink { scenario, host: &BareHost, budget: 200 }.group(group).expect("it fails alike");
                assert!(shrunk.after.faults <= shrunk.before.faults);
                let least = Capsule::least(&scenario.summary(), &shrunk);
                assert_eq!(least.fits(&replayed(&Attempt::from(&least))).expect("its run"), Fit::Same);
            }
        });
    }
    assert!(seen > 0, "nothing was found but by swarm");
}
