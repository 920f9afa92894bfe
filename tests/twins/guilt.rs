//! Who is to blame: beyond what the team bears the guilty are named, and a model that lies is another fault than a shell
//! that lies.

use std::collections::BTreeSet;
use synod::explore::{BareHost, Evidence, Seeds, Sweep, SweepReport, perform};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::id::NodeId;
use synod::protocol::consensus::bft::{Bft, Size};
use synod::scenario::{Job, Scenario};
use synod::time::seconds;
use synod_scenarios::bft_of;

/// As long as the nemesis acts.
fn always(kind: Kind, site: Site) -> Fault {
    Fault::on(kind, site).lasting(seconds(38))
}

fn shell_of(index: u16) -> Fault {
    always(Kind::EquivocatingShell, Site::Node(NodeId::agent(index)))
}

fn four(faults: Vec<Fault>) -> Scenario<Bft> {
    bft_of(Bft::factory).sizes([4]).schedule(Schedule { faults })
}

fn swept(scenario: &Scenario<Bft>) -> SweepReport {
    Sweep::of(Seeds::new(0..300).expect("a range")).run(scenario, &BareHost)
}

/// The properties that some seed violates.
fn violated(report: &SweepReport) -> BTreeSet<String> {
    report.harvest.failures.groups().iter().map(|group| group.property.clone()).collect()
}

/// Half of four members equivocate while the other two cannot hear each other: f + 1 and no fewer signed both of two
/// certificates, they are the guilty, and nobody else is ever accused.
#[test]
fn beyond_the_budget_the_witness_names_the_guilty_and_nobody_else() {
    let link = |from, to| always(Kind::Cut, Site::Link { from: NodeId::agent(from), to: NodeId::agent(to) });
    let guilty = [NodeId::agent(0), NodeId::agent(3)];
    let scenario = four(vec![shell_of(0), shell_of(3), link(1, 2), link(2, 1)]);
    let report = swept(&scenario);
    let group = report.harvest.failures.groups().iter().find(|group| group.property == "certificates");
    let group = group.expect("two liars of four make certificates that contradict each other");
    let Evidence::Witness(witness) = &group.example.evidence else { panic!("{:?}", group.example.evidence) };
    assert_eq!(guilty.len(), Size::of(&synod::id::Members::of(4)).liars() + 1);
    assert!(witness.contradiction.ends_with(&format!("{guilty:?} signed both.")), "{witness}");
    assert!(!violated(&report).contains("accountability"), "{:?}", violated(&report));
    let run = perform(&scenario, &BareHost, &Job::of(group.example.seed)).expect("a run");
    let accused = run.history.facts().filter_map(|(_, entry, fact)| match fact {
        Fact::Accused { member, .. } if !guilty.contains(&entry.node) => Some(*member),
        _ => None,
    });
    let accused: BTreeSet<NodeId> = accused.collect();
    assert!(!accused.is_empty() && accused.iter().all(|member| guilty.contains(member)), "{accused:?}");
}

/// How often members had proof against one of them, over some seeds.
fn accusations(scenario: &Scenario<Bft>) -> usize {
    let runs = (0..40).map(|seed| perform(scenario, &BareHost, &Job::of(synod::seed::Seed(seed))).expect("a run"));
    runs.map(|run| run.history.facts().filter(|(_, _, fact)| matches!(fact, Fact::Accused { .. })).count()).sum()
}

/// All four models lie, under honest shells: members agree, contradict nobody and are wrong. One shell of four lies, over
/// honest models: nothing is broken, and the liar is caught in the act.
#[test]
fn a_lying_model_costs_correctness_and_a_lying_shell_is_caught() {
    let models: Vec<NodeId> = (0..4).map(NodeId::model).collect();
    let lies = models.into_iter().map(|model| always(Kind::WrongAnswer, Site::Node(model))).collect();
    let models = four(lies);
    let shell = four(vec![shell_of(0)]);
    assert_eq!(violated(&swept(&shell)), BTreeSet::new());
    assert!(accusations(&shell) > 0);
    assert_eq!(violated(&swept(&models)), BTreeSet::new(), "correctness is told apart from what fails a run");
    assert_eq!(accusations(&models), 0);
    let wrong = |scenario: &Scenario<Bft>| {
        swept(scenario).harvest.property("correctness").expect("a property of the scenario").violated
    };
    let (by_models, by_shell) = (wrong(&models), wrong(&shell));
    assert!(by_models > 2 * by_shell, "{by_models} runs are wrong with lying models, {by_shell} with a lying shell");
}
