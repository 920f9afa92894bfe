//! Which properties a team is judged by.

use synod::check::{
    Agreement, ClientAgreement, ClientIntegrity, ClientTermination, ClientValidity, Correctness, ElectionSafety,
    Integrity, LeaderAppendOnly, LeaderCompleteness, LogMatching, StateMachineSafety, Termination, Validity,
};
use synod::protocol::team::TeamProtocol;
use synod::scenario::Scenario;

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
}

/// That a healed core decides in time.
pub(crate) fn liveness<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    scenario.expect(Termination::default()).expect(ClientTermination::default())
}

/// The five properties of Figure 3 of the Raft paper.
pub(crate) fn replicated_log<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    scenario
        .expect(ElectionSafety)
        .expect(LeaderAppendOnly)
        .expect(LogMatching)
        .expect(LeaderCompleteness)
        .expect(StateMachineSafety)
}
