//! What a nemesis may plan: within the budget, a subset of the kinds for each seed, and each fault by itself.

use crate::a;
use std::collections::BTreeSet;
use synod::fault::{Fault, Kind, Moment, Nemesis, Part, PlanError, Schedule, Site, Tactic, Team, Tolerance, When};
use synod::id::{Members, NodeId};
use synod::protocol::Protocol;
use synod::protocol::consensus::Raft;
use synod::seed::{Domain, Pin, Pins, Seed, Streams};
use synod::time::{Time, seconds};

const SEEDS: u64 = 600;

/// The plan of a seed for five members, two models and a client under these promises.
fn plan(nemesis: &Nemesis, promises: &dyn Fn(Kind) -> Option<Tolerance>, streams: &Streams) -> Schedule {
    let members = Members::of(5);
    let until = Time::ZERO + seconds(40);
    let team =
        Team { members: &members, models: 2, clients: 1, tools: 0, moments: &Moment::ALL, tolerance: promises, until };
    nemesis.plan(&team, streams).expect("a plan")
}

fn plans(nemesis: &Nemesis, promises: &dyn Fn(Kind) -> Option<Tolerance>) -> Vec<Schedule> {
    (0..SEEDS).map(|seed| plan(nemesis, promises, &Streams::of(Seed(seed)))).collect()
}

/// The members whose acts or words a fault alters: for a model, those it serves.
fn affected(fault: &Fault) -> Vec<NodeId> {
    match &fault.site {
        Site::Node(node) if Members::of(5).contains(*node) => vec![*node],
        Site::Node(model) => (0..5).map(NodeId::agent).filter(|node| node.index() % 2 == model.index()).collect(),
        Site::Link { from, to } => {
            [*from, *to].into_iter().find(|node| Members::of(5).contains(*node)).into_iter().collect()
        }
        Site::Side(side) => side.clone(),
        Site::Caller(caller) => vec![*caller],
        Site::Models(models) => {
            (0..5).map(NodeId::agent).filter(|node| models.contains(&NodeId::model(node.index() as u16 % 2))).collect()
        }
        Site::Whoever => Members::of(5).iter().collect(),
    }
}

fn most_affected(schedules: &[Schedule], counts: impl Fn(Kind) -> bool) -> usize {
    let members = |schedule: &Schedule| {
        let faults = schedule.faults.iter().filter(|fault| counts(fault.kind));
        faults.flat_map(affected).collect::<BTreeSet<NodeId>>().len()
    };
    schedules.iter().map(members).max().unwrap_or_default()
}

#[test]
fn counted_faults_never_strike_more_members_than_the_budget() {
    let counted = |_: Kind| Some(Tolerance::UpTo(9));
    assert_eq!(
        most_affected(&plans(&Nemesis::all(), &counted), |_| true),
        2,
        "a minority of five unless told otherwise"
    );
    assert_eq!(most_affected(&plans(&Nemesis::all().budget(1), &counted), |_| true), 1);
    assert_eq!(most_affected(&plans(&Nemesis::all().budget(0), &counted), |_| true), 0);
    let tolerated = |_: Kind| Some(Tolerance::Tolerated);
    assert!(most_affected(&plans(&Nemesis::all(), &tolerated), |_| true) > 2, "what is not counted is not bounded");
}

#[test]
fn a_kind_that_bears_one_member_is_not_planned_for_two() {
    let mixed = |kind: Kind| Some(if kind == Kind::Twin { Tolerance::UpTo(1) } else { Tolerance::UpTo(2) });
    for schedule in plans(&Nemesis::processes(), &mixed) {
        let twins = schedule.faults.iter().any(|fault| fault.kind == Kind::Twin);
        assert!(most_affected(&[schedule], |_| true) <= if twins { 1 } else { 2 });
    }
}

#[test]
fn counted_faults_never_wait_for_a_moment_of_whoever() {
    let counted = |_: Kind| Some(Tolerance::UpTo(2));
    let waits = |fault: &Fault| matches!(fault.when, When::On(..)) || fault.site == Site::Whoever;
    assert!(!plans(&Nemesis::all(), &counted).iter().flat_map(|schedule| &schedule.faults).any(waits));
    let tolerated = |_: Kind| Some(Tolerance::Tolerated);
    assert!(plans(&Nemesis::all(), &tolerated).iter().flat_map(|schedule| &schedule.faults).any(waits));
}

#[test]
fn out_of_scope_is_planned_only_by_name() {
    let hopeless = |kind: Kind| Raft::tolerance(kind) == Some(Tolerance::OutOfScope);
    let planned = |nemesis: &Nemesis| {
        let all: Vec<Schedule> = plans(nemesis, &Raft::tolerance);
        all.iter().flat_map(|schedule| &schedule.faults).map(|fault| fault.kind).collect::<BTreeSet<Kind>>()
    };
    assert!(!planned(&Nemesis::all()).into_iter().any(hopeless));
    // Rounds part processes in the plans of twins only, and lapses are planned by name.
    let elsewhere = |kind: Kind| kind.is_of_tools() || kind == Kind::RoundPartitions || kind.is_lapse();
    let everything_else: BTreeSet<Kind> =
        Kind::ALL.iter().copied().filter(|kind| !hopeless(*kind) && !elsewhere(*kind)).collect();
    assert_eq!(planned(&Nemesis::all()), everything_else, "and all else is planned on some seed");
    assert_eq!(planned(&Nemesis::only(Kind::Twin)), BTreeSet::from([Kind::Twin]));
    assert_eq!(planned(&Nemesis::only(Kind::Derailment)), BTreeSet::from([Kind::Derailment]));
}

#[test]
fn an_undeclared_kind_and_a_budget_beyond_the_team_are_refused() {
    let members = Members::of(3);
    let shy = |kind: Kind| (kind != Kind::Loss).then_some(Tolerance::Tolerated);
    let team = Team {
        members: &members,
        models: 1,
        clients: 1,
        tools: 0,
        moments: &Moment::ALL,
        tolerance: &shy,
        until: Time::ZERO,
    };
    let plan = |nemesis: Nemesis| nemesis.plan(&team, &Streams::of(Seed(1)));
    assert_eq!(plan(Nemesis::network()), Err(PlanError::Undeclared(Kind::Loss)));
    assert_eq!(plan(Nemesis::processes().budget(4)), Err(PlanError::BudgetExceedsTeam { budget: 4, members: 3 }));
}

#[test]
fn each_seed_switches_on_a_subset_of_the_kinds() {
    let tolerated = |_: Kind| Some(Tolerance::Tolerated);
    let kinds = |schedule: &Schedule| schedule.faults.iter().map(|fault| fault.kind).collect::<BTreeSet<Kind>>();
    let subsets: BTreeSet<BTreeSet<Kind>> = plans(&Nemesis::partitions(), &tolerated).iter().map(kinds).collect();
    assert!(subsets.len() > 50, "only {} different subsets", subsets.len());
    let (without, with) =
        plans(&Nemesis::partitions(), &tolerated).into_iter().partition::<Vec<_>, _>(|plan| plan.faults.is_empty());
    assert!(!without.is_empty() && with.len() > without.len(), "some seeds are quiet, most are not");
}

#[test]
fn a_fault_pinned_off_moves_no_other() {
    let counted =
        |kind: Kind| Some(if kind.part() == Part::Process { Tolerance::UpTo(2) } else { Tolerance::Tolerated });
    let mut struck_off = 0;
    for seed in 0..60 {
        let recording = Pins::none().recording();
        let whole = plan(&Nemesis::all(), &counted, &Streams::pinned(Seed(seed), recording.clone()));
        let keeps = recording.recorded().into_iter().filter(|pin| {
            pin.index == 0
                && pin.stream.starts_with("nemesis/")
                && pin.domain == Domain { least: 0, most: 1, harmless: 0 }
        });
        for keep in keeps {
            let pins = Pins::new(&[Pin { choice: 0, ..keep }]).expect("a choice within its domain");
            let rest = plan(&Nemesis::all(), &counted, &Streams::pinned(Seed(seed), pins.clone()));
            assert_eq!(pins.settle(), Ok(()));
            let gone = (0..whole.faults.len()).find(|place| rest.faults.get(*place) != whole.faults.get(*place));
            // A fault that the budget refused is off in any case.
            let Some(gone) = gone else { continue };
            let mut expected = whole.clone();
            expected.faults.remove(gone);
            assert_eq!(rest, expected, "seed {seed}");
            struck_off += 1;
        }
    }
    assert!(struck_off > 100, "{struck_off} faults were pinned off");
}

#[test]
fn partitions_are_planned_only_where_they_part_somebody() {
    let members = Members::of(3);
    let tolerated = |_: Kind| Some(Tolerance::Tolerated);
    let team = Team {
        members: &members,
        models: 1,
        clients: 1,
        tools: 0,
        moments: &Moment::ALL,
        tolerance: &tolerated,
        until: Time::ZERO + seconds(9),
    };
    for seed in 0..SEEDS {
        let plan = Nemesis::partitions().plan(&team, &Streams::of(Seed(seed))).expect("a plan");
        assert!(
            plan.faults.iter().all(|fault| fault.kind != Kind::PartitionRing),
            "three on a ring are all neighbours"
        );
    }
    assert_eq!(a(1), NodeId::agent(0));
}

#[test]
fn links_to_every_client_and_to_each_members_own_model_are_struck() {
    let members = Members::of(3);
    let tolerated = |_: Kind| Some(Tolerance::Tolerated);
    let (moments, until) = (&Moment::ALL, Time::ZERO + seconds(9));
    let team = Team { members: &members, models: 3, clients: 2, tools: 0, moments, tolerance: &tolerated, until };
    let mut struck = BTreeSet::new();
    for seed in 0..SEEDS {
        for fault in Nemesis::all().plan(&team, &Streams::of(Seed(seed))).expect("a plan").faults {
            match fault.site {
                Site::Link { from, to } if fault.kind.part() == Part::Network && !members.contains(to) => {
                    struck.insert((from, to));
                }
                _ => {}
            }
        }
    }
    let client = |member| [0, 1].map(|number| (NodeId::agent(member), NodeId::client(number)));
    let own = |member| (NodeId::agent(member), NodeId::model(member));
    let expected: BTreeSet<_> = (0..3).flat_map(|member| client(member).into_iter().chain([own(member)])).collect();
    assert_eq!(struck, expected, "no member calls another's model");
}

#[test]
fn what_strikes_at_telling_moments_waits_for_those_that_the_team_comes_to() {
    let members = Members::of(3);
    let tolerated = |_: Kind| Some(Tolerance::Tolerated);
    let (moments, until) = (&Moment::OF_AGENTS[..], Time::ZERO + seconds(9));
    let team = Team { members: &members, models: 1, clients: 0, tools: 0, moments, tolerance: &tolerated, until };
    let plan = |nemesis: Nemesis, seed| {
        let pins = Pins::new(&[Tactic::Trigger.pin()]).expect("a pin");
        nemesis.plan(&team, &Streams::pinned(Seed(seed), pins)).expect("a plan").faults
    };
    for seed in 0..SEEDS {
        let struck = plan(Nemesis::partitions() + Nemesis::hallucinations(), seed);
        let waiting = |fault: &Fault| match fault.when {
            When::Each(moment) | When::On(moment, _) => Some(moment),
            When::At(_) | When::Nth(_) => None,
        };
        let waited: Vec<Moment> = struck.iter().filter_map(waiting).collect();
        assert!(!waited.is_empty() && waited.iter().all(|moment| moments.contains(moment)), "{seed}: {struck:?}");
        // Nothing that makes a model lie tells anything at such a moment: a swarm is what is left.
        let swarm = Nemesis::hallucinations().plan(&team, &Streams::of(Seed(seed))).expect("a plan").faults;
        assert_eq!(plan(Nemesis::hallucinations(), seed), swarm, "{seed}");
    }
}
