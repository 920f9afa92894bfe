//! Bugs of Paxos: of promises, votes and quorums in the plain scenario, of gaps and reads in that of the log.

use super::carrier::Carrier;
use super::{Bug, Family, Row, listed};
use crate::paxos::{paxos_config, paxos_log_config, paxos_log_of, paxos_of};
use synod::protocol::consensus::Paxos;
use synod::protocol::consensus::paxos::{Config, Planted};
use synod::scenario::Scenario;

/// Which scenario carries a bug.
#[derive(Clone, Copy)]
enum On {
    /// `paxos`.
    Decisions,
    /// `paxos_log`.
    Log,
}

const fn row(bug: Planted, id: &'static str, property: &'static str, shows: &'static str) -> Row<Planted, On> {
    Row { bug, id, property, shows, on: On::Decisions }
}

const fn of_log(bug: Planted, id: &'static str, property: &'static str, shows: &'static str) -> Row<Planted, On> {
    Row { bug, id, property, shows, on: On::Log }
}

const ROWS: &[Row<Planted, On>] = &[
    row(Planted::PromiseNotPersisted, "P01", "promises_kept", "a promise that is not persisted is broken"),
    row(Planted::VoteNotPersisted, "P02", "chosen_once", "a vote that is not persisted lets two values be chosen"),
    row(Planted::VotesBelowPromise, "P03", "promises_kept", "a vote below a promise breaks it"),
    row(Planted::KeepsOwnValue, "P05", "chosen_once", "a proposer that keeps its own value overtakes a chosen one"),
    row(Planted::ReusesBallot, "P08", "election_safety", "a ballot used again has two leaders"),
    row(Planted::DisjointQuorums, "P10", "chosen_once", "quorums that miss each other choose two values"),
    row(Planted::CountsAcrossBallots, "P11", "chosen_once", "votes of different ballots added up choose nothing"),
    of_log(Planted::LeavesGaps, "P12", "termination", "a gap that nobody fills stalls a team"),
    of_log(Planted::ReadsAlone, "R18", "linearizable_log", "a read that takes no place in the log is stale"),
    row(
        Planted::PromisesWithoutVotes,
        "P02",
        "chosen_once",
        "a promise without votes lets a chosen value be overtaken",
    ),
    row(
        Planted::BelievesAnyBallot,
        super::OWN,
        "state_machine_safety",
        "a vote of another ballot taken for chosen is another command",
    ),
    row(Planted::OutlivesItsDisk, "P02", "chosen_once", "a member that outlives its disk forgets what it voted for"),
    row(Planted::NeverStepsDown, "R34", "termination", "a leader that never steps down stalls the team"),
    of_log(Planted::AppliesOverGaps, "P12", "state_machine_safety", "what is applied over a gap is applied too soon"),
    row(Planted::AdoptsParaphrase, "A02", "one_value_per_ballot", "a paraphrase adopted in a vote is another value"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Paxos, "paxos", ROWS, carrier)
}

fn carrier(on: On, bug: Planted) -> Carrier {
    Carrier::of(move |switch| scenario(on, switch.of(bug)))
}

fn scenario(on: On, planted: Option<Planted>) -> Scenario<Paxos> {
    match on {
        On::Decisions => {
            paxos_of(move |me, members| Paxos::new(me, members, Config { planted, ..paxos_config(members) }))
        }
        On::Log => {
            paxos_log_of(move |me, members| Paxos::new(me, members, Config { planted, ..paxos_log_config(members) }))
        }
    }
}
