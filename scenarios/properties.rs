//! Which properties a team is judged by, and what its sweeps are to come across so that a pass says something.

use synod::check::{
    Accountability, Agreement, Certificates, ChosenOnce, ClientAgreement, ClientIntegrity, ClientTermination,
    ClientValidity, Correctness, ElectionSafety, Integrity, LeaderAppendOnly, LeaderCompleteness, LockedValue,
    LogMatching, OneValuePerBallot, PromisesKept, StableAgreement, StateMachineSafety, Termination, Validity,
};
use synod::fact::Fact;
use synod::history::{Environment, Event, Restart};
use synod::protocol::team::TeamProtocol;
use synod::scenario::Scenario;
use synod::time::{Duration, seconds};

/// What every decision is judged by: safety as members report it and as clients see it, and, apart, correctness.
pub(crate) fn decisions<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    scenario
        .expect(Agreement)
        .expect(ClientAgreement)
        .expect(Validity)
        .expect(ClientValidity)
        .expect(Integrity)
        .expect(ClientIntegrity)
        .expect(Correctness)
        .sometimes("somebody decides", |seen| seen.decisions > 0)
}

/// A sweep comes across members that crash and come back from their disks.
pub(crate) fn restored<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    let restored =
        |event: &Event| matches!(event, Event::Environment(Environment::Started { again: Restart::WithDisk }));
    scenario.reachable("a member comes back from its disk", restored)
}

/// How long a healed core may take for a decision. One reply in fifteen outlasts a proposer's lease of 20 s and hands
/// the task on; nine such replies in a row, which would break this bound, are one run in 10¹⁰.
const BOUND: Duration = seconds(200);

/// That a healed core decides in time.
pub(crate) fn liveness<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    liveness_within(BOUND, scenario)
}

/// That a healed core decides within a bound of the protocol's own.
pub(crate) fn liveness_within<P: TeamProtocol>(within: Duration, scenario: Scenario<P>) -> Scenario<P> {
    // A client may begin its last operation late, after one that took long; a run ends as soon as all is decided.
    let scenario = scenario.phases(SAFETY, within * 3);
    scenario.expect(Termination { within }).expect(ClientTermination { within })
}

/// How long the nemesis acts: two decisions of a few model calls each, with room for several leader changes around
/// them.
const SAFETY: Duration = seconds(40);

/// The five properties of Figure 3 of the Raft paper.
pub(crate) fn replicated_log<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    scenario
        .expect(ElectionSafety)
        .expect(LeaderAppendOnly)
        .expect(LogMatching)
        .expect(LeaderCompleteness)
        .expect(StateMachineSafety)
}

/// What Paxos rests on: ballots, promises, choices. And what Raft shares with it: one leader a number, one command an
/// index.
pub(crate) fn chosen_log<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    restored(scenario)
        .sometimes("a leader is replaced", |seen| seen.elections > 1)
        .expect(ElectionSafety)
        .expect(PromisesKept)
        .expect(OneValuePerBallot)
        .expect(ChosenOnce)
        .expect(StateMachineSafety)
}

/// What holds in the vote that ends a deliberation, and of the answers that it stopped at.
pub(crate) fn deliberation<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    scenario.expect(OneValuePerBallot).expect(ChosenOnce).expect(StableAgreement)
}

/// What holds among certificates, locks and accusations, and of the log that certificates prove.
pub(crate) fn byzantine_agreement<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    let late = |event: &Event| matches!(event, Event::Fact(Fact::Certified { round: 1.., .. }));
    let scenario = restored(scenario)
        .reachable("a round ends without a decision", late)
        .reachable("a liar is proven", |event| matches!(event, Event::Fact(Fact::Accused { .. })));
    scenario.expect(Certificates).expect(LockedValue).expect(Accountability).expect(StateMachineSafety)
}
