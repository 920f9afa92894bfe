//! The catalogue of faults, proven: for every kind a small story in which a planned fault of that kind fires and is
//! felt, in which the same seed without that one fault gives the target something else to observe, and in which what
//! happens is what the kind says and nothing else.

mod budget;
mod felt;
mod healing;
mod models;
mod moments;
mod network;
mod partitions;
mod peers;
mod probe;
mod process;
mod restarts;
mod senders;
mod told;
mod tools;
mod transport;

use synod::fault::{Fault, Kind, Site};
use synod::id::{Members, NodeId};
use synod::time::{Duration, Time, millis, seconds};
use told::{Cast, Told};

/// How one kind is shown.
pub struct Story {
    /// The kind on trial: that of the first planned fault.
    pub kind: Kind,
    /// Who takes part.
    pub cast: Cast,
    /// What is planned, given the run without faults. The first fault is on trial, others set the stage.
    pub plan: fn(&Told) -> Vec<Fault>,
    /// What makes this kind itself, given the runs with and without it.
    pub proof: fn(&Told, &Told),
}

/// Any seed would do; one is enough, because a story plans its faults itself.
const SEED: u64 = 7;

/// Three members whom nobody asks anything.
pub const TRIO: Cast = Cast { agents: 3, clients: 0 };

/// The agent called `a<number>`.
pub const fn a(number: u16) -> NodeId {
    NodeId::agent(number - 1)
}

/// The instant so many milliseconds into a run.
pub fn at(after: u64) -> Time {
    Time::ZERO + millis(after)
}

/// A fault of this kind from one second on, for one second, that strikes whatever it may.
pub fn fault(kind: Kind, site: Site, strength: Duration) -> Fault {
    Fault::on(kind, site).from(at(1_000)).lasting(seconds(1)).strength(strength.0)
}

/// Whether an instant lies within the span of such a fault, with room for what is under way at its ends.
pub fn within(time: Time) -> bool {
    (at(1_050)..at(1_950)).contains(&time)
}

/// The directed link from `a1` to `a2`.
pub const LINK: Site = Site::Link { from: a(1), to: a(2) };

fn stories() -> Vec<Story> {
    [network::stories(), partitions::stories(), process::stories(), models::stories(), transport::stories()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn every_kind_has_exactly_one_story() {
    let told: Vec<Kind> = stories()
        .iter()
        .map(|story| story.kind)
        .chain([senders::KIND])
        .chain(peers::KINDS)
        .chain(tools::KINDS)
        .collect();
    for kind in Kind::ALL {
        let count = told.iter().filter(|told| *told == kind).count();
        assert_eq!(count, 1, "{kind} has {count} stories");
    }
}

#[test]
fn every_kind_fires_and_is_felt_and_nothing_else_is() {
    let failing = |story: &Story| std::panic::catch_unwind(|| prove(story)).is_err();
    let unproven: Vec<Kind> = stories().iter().filter(|story| failing(story)).map(|story| story.kind).collect();
    assert!(unproven.is_empty(), "not proven: {unproven:?}");
}

fn prove(Story { kind, cast, plan, proof }: &Story) {
    let faults = plan(&Told::of(*cast, &[], SEED));
    assert_eq!(faults[0].kind, *kind, "a story is about its first fault");
    let (with, without) = (Told::of(*cast, &faults, SEED), Told::of(*cast, &faults[1..], SEED));
    let tally = with.0.ledger.tally(*kind);
    assert!(tally.planned == 1 && tally.fired >= 1 && tally.felt >= 1, "{kind}: {tally:?}");
    assert!(tally.felt <= tally.fired, "{kind} was felt more often than it acted: {tally:?}");
    assert_eq!(without.0.ledger.tally(*kind).fired, 0, "{kind} fires although nobody planned it");
    assert!(planned_only(&with, &faults), "{kind}: a kind fired that nobody planned: {:?}", with.0.ledger);
    let differs = targets(&faults[0], &with).into_iter().any(|node| with.observed(node) != without.observed(node));
    assert!(differs, "{kind}: its target observes the same without it");
    proof(&with, &without);
}

fn planned_only(told: &Told, faults: &[Fault]) -> bool {
    told.0.ledger.iter().all(|(kind, tally)| tally.fired == 0 || faults.iter().any(|fault| fault.kind == kind))
}

/// Who is to observe a fault.
fn targets(fault: &Fault, told: &Told) -> Vec<NodeId> {
    match &fault.site {
        Site::Link { to, .. } => vec![*to],
        // A liar hears nothing of its lies; its peers do.
        Site::Node(_) if [Kind::EquivocatingShell, Kind::SilentShell, Kind::ForgedVoter].contains(&fault.kind) => {
            vec![a(2)]
        }
        Site::Node(node) if Members::of(u16::MAX).contains(*node) => vec![*node],
        Site::Node(_) => told.askers(),
        Site::Side(side) => side.clone(),
        Site::Caller(caller) => vec![*caller],
        Site::Models(_) => told.askers(),
        Site::Whoever => Vec::new(),
    }
}
