//! Who is to blame: beyond what the team bears the guilty are named, and a model that lies is another fault than a shell
//! that lies.

use std::collections::BTreeSet;
use synod::check::{Certificates, Check};
use synod::explore::{BareHost, Seeds, Sweep, SweepReport, perform};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Nemesis, Schedule, Site};
use synod::id::{Members, NodeId};
use synod::protocol::consensus::bft::{Bft, Size};
use synod::scenario::{Job, Run, Scenario};
use synod::seed::Seed;
use synod::time::{Time, seconds};
use synod_scenarios::bft_of;

/// Runs of the first seeds.
fn runs(scenario: &Scenario<Bft>, seeds: u64) -> impl Iterator<Item = Run> + '_ {
    (0..seeds).map(|seed| perform(scenario, &BareHost, &Job::of(Seed(seed))).expect("a run"))
}

/// Beyond the budget: f + 1 of four run twice. Where two certificates of one round contradict each other, those who
/// signed both are f + 1, they are the very members that ran twice, and the witness names them and nobody else.
#[test]
fn beyond_the_budget_the_witness_names_the_guilty_and_nobody_else() {
    let scenario = bft_of(Bft::factory).sizes([4]).nemesis(Nemesis::twins_of(2));
    let broken = runs(&scenario, 3_000).find_map(|run| {
        let witness = Certificates.check(&run.history).witness()?.clone();
        witness.steps.iter().all(|step| step.what.contains("prevotes")).then_some((run, witness))
    });
    let (run, witness) = broken.expect("two twins among four make two certificates of one round");
    let twins = run.schedule.faults.iter().filter(|fault| fault.kind == Kind::Twin);
    let guilty: BTreeSet<NodeId> = twins
        .map(|fault| match fault.site {
            Site::Node(node) => node,
            _ => panic!("{fault} is of a member"),
        })
        .collect();
    assert_eq!(guilty.len(), Size::of(&Members::of(4)).liars() + 1);
    let named = Vec::from_iter(&guilty);
    assert!(witness.contradiction.ends_with(&format!("{named:?} signed both.")), "{guilty:?}: {witness}");
}

/// Four members with these faults.
fn four(faults: Vec<Fault>) -> Scenario<Bft> {
    bft_of(Bft::factory).sizes([4]).schedule(Schedule { faults })
}

/// The first member's shell lies every other second, so that the same member may hear it say both.
fn lying_shell() -> Vec<Fault> {
    let lie = Fault::on(Kind::EquivocatingShell, Site::Node(NodeId::agent(0)));
    (0..19).map(|turn| lie.clone().from(Time::ZERO + seconds(2 * turn)).lasting(seconds(1))).collect()
}

/// Every model lies as long as the nemesis acts.
fn lying_models() -> Vec<Fault> {
    let lie = |index| Fault::on(Kind::WrongAnswer, Site::Node(NodeId::model(index))).lasting(seconds(38));
    (0..4).map(lie).collect()
}

fn swept(scenario: &Scenario<Bft>) -> SweepReport {
    Sweep::of(Seeds::new(0..300).expect("a range")).run(scenario, &BareHost)
}

/// Whom members had proof against, over some seeds.
fn accused(scenario: &Scenario<Bft>) -> BTreeSet<NodeId> {
    let accusations = |run: Run| {
        let accused = run.history.facts().filter_map(|(_, _, fact)| match fact {
            Fact::Accused { member, .. } => Some(*member),
            _ => None,
        });
        accused.collect::<Vec<_>>()
    };
    runs(scenario, 100).flat_map(accusations).collect()
}

/// All four models lie under honest shells: members agree, contradict nobody and are wrong. One shell of four lies over
/// honest models: members agree, and the liar is caught in the act.
#[test]
fn a_lying_model_costs_correctness_and_a_lying_shell_is_caught() {
    let (models, shell) = (four(lying_models()), four(lying_shell()));
    let (by_models, by_shell) = (swept(&models), swept(&shell));
    for report in [&by_models, &by_shell] {
        let failed = report.first_failure().map(|group| group.property.clone());
        assert_eq!(failed, None, "correctness is told apart from what fails a run");
    }
    assert_eq!((accused(&models), accused(&shell)), (BTreeSet::new(), BTreeSet::from([NodeId::agent(0)])));
    let wrong = |report: &SweepReport| report.harvest.property("correctness").expect("it is judged").violated;
    let (models, shell) = (wrong(&by_models), wrong(&by_shell));
    assert!(models > shell, "{models} runs are wrong with lying models, {shell} with a lying shell");
}
