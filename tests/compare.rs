//! Teams against each other, and against themselves without one of their rules.

use std::num::NonZeroUsize;
use synod::check::PropertyKind;
use synod::explore::{BareHost, Seeds, Sweep, SweepReport};
use synod::history::{Event, Operation};
use synod::report::{Ablation, Comparison};
use synod::scenario::{Catalogue, Contestant, Job, Run, Runnable, Setting, Trouble};
use synod::seed::Seed;
use synod::time::seconds;
use synod::trace::Detail;
use synod_scenarios::catalogue;

fn swept(scenario: &dyn Runnable, seeds: u64) -> SweepReport {
    Sweep::of(Seeds::new(0..seeds).expect("a range")).run(scenario, &BareHost)
}

fn team<'a>(catalogue: &'a Catalogue, name: &str) -> &'a Contestant {
    catalogue.contestants().iter().find(|team| team.name() == name).expect("a team of that name")
}

fn told(scenario: &dyn Runnable, seed: u64) -> Run {
    scenario.run(&Job::of(Seed(seed)).detailed(Detail::Full), &synod::scenario::Frozen)
}

/// When the client asks for what, and when everything is healed for whom.
fn circumstances(run: &Run) -> Vec<String> {
    let entries = run.history.entries().iter();
    let common = entries.filter(|entry| match &entry.event {
        Event::Operation(operation) => matches!(operation, Operation::Invoke { .. }),
        Event::Environment(environment) => format!("{environment:?}").starts_with("Healed"),
        Event::Fact(_) => false,
    });
    common.map(|entry| format!("{} {} {:?}", entry.at, entry.node, entry.event)).collect()
}

#[test]
fn every_team_meets_the_same_faults_the_same_request_and_the_same_healing() {
    let catalogue = catalogue();
    for trouble in [Setting::default().trouble, Trouble::Partition(seconds(20))] {
        let setting = Setting { trouble, ..Setting::default() };
        let teams: Vec<_> = catalogue.contestants().iter().map(|team| team.under(&setting)).collect();
        let (mut faults, mut plans) = (0, Vec::new());
        for seed in 0..40 {
            let runs: Vec<Run> = teams.iter().map(|team| told(&**team, seed)).collect();
            for run in &runs {
                assert_eq!(run.schedule, runs[0].schedule, "seed {seed}");
                assert_eq!(circumstances(run), circumstances(&runs[0]), "seed {seed}");
            }
            faults += runs[0].schedule.faults.len();
            plans.push(runs[0].schedule.clone());
        }
        assert!(faults >= 40, "{faults} faults");
        assert!(plans.windows(2).any(|pair| pair[0] != pair[1]), "another seed, another plan");
    }
}

/// The team against itself without this rule.
fn without(name: &str, rule: &str, seeds: u64) -> Ablation {
    let catalogue = catalogue();
    let team = team(&catalogue, name);
    let ablated = team.ablated().iter().find(|ablated| ablated.rule == rule).expect("a rule of that name");
    let [whole, without] = [team.under(&ablated.setting), ablated.under(&ablated.setting)]
        .map(|arm| Comparison::from(&swept(&*arm, seeds)));
    assert_eq!(whole.violated.expect("runs").count, 0, "{name} is unsafe as it is: {:?}", whole.violations);
    Ablation::of(ablated, whole, without)
}

/// A figure rises for certain.
fn rises(ablation: &Ablation, figure: &str) {
    let change = ablation.change(figure).expect("a figure of both");
    assert!(change.certain && change.by.value > 0.0, "without {}: {change:?}", ablation.rule);
}

/// A figure falls for certain.
fn falls(ablation: &Ablation, figure: &str) {
    let change = ablation.change(figure).expect("a figure of both");
    assert!(change.certain && change.by.value < 0.0, "without {}: {change:?}", ablation.rule);
}

/// A property that the whole team keeps is violated.
fn breaks(ablation: &Ablation, property: &str) {
    let is_it = |violation: &&synod::report::Violation| violation.property == property;
    let found = ablation.without.violations.iter().find(is_it);
    assert!(found.is_some(), "without {}: {:?}", ablation.rule, ablation.without.violations);
    assert!(ablation.whole.violations.iter().all(|violation| violation.property != property));
}

const TRUSTING: [&str; 2] = ["raft", "paxos"];
const ALL: [&str; 3] = ["raft", "paxos", "bft"];

#[test]
fn without_validated_acceptance_inventions_are_decided() {
    for team in ALL {
        let ablation = without(team, "validated acceptance", 600);
        falls(&ablation, "correct decisions, %");
        falls(&ablation, "model calls");
    }
}

#[test]
fn without_verbatim_adoption_members_that_trust_each_other_disagree() {
    for team in TRUSTING {
        let ablation = without(team, "verbatim adoption", 200);
        rises(&ablation, "unsafe runs, %");
        breaks(&ablation, "agreement");
        breaks(&ablation, "validity");
    }
}

#[test]
fn without_verbatim_adoption_members_that_trust_nobody_never_decide() {
    let ablation = without("bft", "verbatim adoption", 200);
    rises(&ablation, "stalled runs, %");
    assert_eq!(ablation.without.violated.expect("runs").count, 0, "votes for other words are votes for other values");
}

#[test]
fn without_shell_heartbeats_a_slow_generation_starts_an_election() {
    for team in TRUSTING {
        let ablation = without(team, "shell heartbeats", 600);
        rises(&ablation, "elections");
        rises(&ablation, "latency p50, s");
        rises(&ablation, "stalled runs, %");
    }
    rises(&without("bft", "shell heartbeats", 600), "model calls");
}

#[test]
fn without_a_handover_lease_a_silent_model_holds_up_its_team() {
    for team in ALL {
        let ablation = without(team, "handover lease", 600);
        rises(&ablation, "late or no decision, %");
        rises(&ablation, "latency p99, s");
    }
}

#[test]
fn what_is_visible_before_it_is_durable_is_taken_back() {
    for (team, property) in [("raft", "leader_completeness"), ("paxos", "promises_kept"), ("bft", "accountability")] {
        breaks(&without(team, "durable before visible", 4_000), property);
    }
}

#[test]
fn todays_ways_to_decide_are_unsafe_and_the_shortest_proof_does_not_depend_on_threads() {
    let catalogue = catalogue();
    for name in ["last_speaker", "orchestrator", "majority_naive"] {
        let scenario = catalogue.find(name).expect("a scenario of that name");
        let groups = [1, 2, 5].map(|jobs| {
            let jobs = NonZeroUsize::new(jobs).expect("a thread");
            let sweep = Sweep { jobs, ..Sweep::of(Seeds::new(0..1_000).expect("a range")) };
            sweep.run(scenario, &BareHost).harvest.failures.groups().to_vec()
        });
        assert!(groups.iter().all(|found| *found == groups[0]), "{name}");
        let agreement = groups[0].iter().find(|group| group.property == "agreement").expect("a disagreement");
        println!("{name}: lowest seed {}, shortest {}", agreement.example.seed, agreement.shortest);
        let run = told(scenario, agreement.shortest.seed.0);
        let verdict = run.judged.iter().find(|judged| judged.property.name == "agreement").expect("judged");
        let witness = verdict.verdict.witness().expect("the shortest run violates it too");
        assert_eq!(witness.steps.len() as u64, agreement.shortest.steps);
        assert_eq!(
            (run.figures.events, run.ledger.total().fired),
            (agreement.shortest.events, agreement.shortest.fired)
        );
    }
}

#[test]
fn more_mistakes_make_teams_wrong_but_none_of_those_that_agree_unsafe() {
    let catalogue = catalogue();
    let setting = |profile| Setting { profile, trouble: Trouble::None, ..Setting::default() };
    for name in ALL {
        let [good, bad] = [synod::model::Profile::careful(), synod::model::Profile::stress()]
            .map(|profile| Comparison::from(&swept(&*team(&catalogue, name).under(&setting(profile)), 300)));
        let (good_share, bad_share) = (good.correct.expect("decisions"), bad.correct.expect("decisions"));
        assert!(good_share.least > bad_share.most, "{name}: {good_share:?} {bad_share:?}");
        let unsafe_runs = |comparison: &Comparison| {
            comparison.violations.iter().filter(|violation| violation.kind == PropertyKind::Safety).count()
        };
        assert_eq!((unsafe_runs(&good), unsafe_runs(&bad)), (0, 0), "{name}");
    }
}
