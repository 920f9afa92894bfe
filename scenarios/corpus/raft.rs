//! Bugs of Raft: of elections and logs in the plain scenario; of counting, reading, snapshots and membership in the one
//! that has all of these.

use super::carrier::Carrier;
use super::{Bug, Family, Row, listed, row};
use crate::raft::{raft_log_config, raft_log_of, raft_of};
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::id::NodeId;
use synod::protocol::consensus::Raft;
use synod::protocol::consensus::raft::{Config, Planted};
use synod::scenario::Scenario;
use synod::time::{Time, seconds};
use synod::world::Visits;

/// Which scenario carries a bug.
#[derive(Clone, Copy)]
enum On {
    /// `raft`.
    Decisions,
    /// `raft_log`.
    Log,
    /// `raft_log` with a member that hears late.
    LateLog,
    /// `raft_log` of four, whose administrators hardly let go of it.
    Changes,
}

const ROWS: &[Row<Planted, On>] = &[
    row(
        Planted::CommitsEarlierTerm,
        "R01",
        On::Decisions,
        "leader_completeness",
        "an earlier term's entry committed by counting is lost",
    ),
    row(
        Planted::VoteNotPersisted,
        "R02",
        On::Decisions,
        "election_safety",
        "a vote that is not persisted elects two leaders",
    ),
    row(
        Planted::TermNotPersisted,
        "R03",
        On::Decisions,
        "election_safety",
        "a term that is not persisted elects two leaders",
    ),
    row(
        Planted::SkipsUpToDateCheck,
        "R04",
        On::Decisions,
        "leader_completeness",
        "a vote for an older log loses a committed entry",
    ),
    row(
        Planted::CommitsUnchecked,
        "R07",
        On::Decisions,
        "leader_completeness",
        "a leader's commit taken over unchecked covers what the follower alone holds",
    ),
    row(
        Planted::CountsStaleVotes,
        "R10",
        On::Log,
        "election_safety",
        "votes of an earlier candidacy elect a second leader",
    ),
    row(Planted::CountsVotesTwice, "R11", On::Log, "election_safety", "a vote counted twice elects a second leader"),
    row(Planted::QuorumOffByOne, "R13", On::Log, "election_safety", "half of the voters elect a leader each"),
    row(
        Planted::AcksBeforeDisk,
        "R17",
        On::Decisions,
        "leader_completeness",
        "an entry acknowledged before it is durable is lost",
    ),
    row(Planted::ReadsUnconfirmed, "R18", On::Log, "linearizable_log", "an unconfirmed read is stale"),
    row(Planted::ReadsBeforeOwnCommit, "R19", On::Log, "linearizable_log", "a read before the own commit is stale"),
    row(
        Planted::ReusesReadRound,
        "R20",
        On::LateLog,
        "linearizable_log",
        "a read confirmed by answers to earlier heartbeats is stale",
    ),
    row(
        Planted::ReadsWhileHandingOver,
        "R21",
        On::LateLog,
        "linearizable_log",
        "a read while leadership is handed over is stale",
    ),
    row(
        Planted::ChangesBeforeOwnCommit,
        "R22",
        On::Changes,
        "leader_completeness",
        "two leaders change voters beside each other",
    ),
    row(Planted::ChangesSideBySide, "R23", On::Log, "leader_completeness", "changes side by side lose an entry"),
    row(
        Planted::CountsLearners,
        "R26",
        On::Log,
        "leader_completeness",
        "a commit that counts members without a vote is lost",
    ),
    row(
        Planted::TakesProgressForSorted,
        "R28",
        On::Log,
        "leader_completeness",
        "a commit counted in the order of names is lost",
    ),
    row(Planted::InstallsOldSnapshot, "R29", On::Log, "log_matching", "an old snapshot takes back what was committed"),
    row(
        Planted::DistrustsSnapshot,
        "R30",
        On::Log,
        "leader_completeness",
        "a snapshot taken for a conflict costs the log",
    ),
    row(Planted::ComparesIndexOnly, "R32", On::Log, "log_matching", "entries behind another term make unlike logs"),
    row(Planted::NeverStepsDown, "R34", On::Decisions, "termination", "a leader that never steps down stalls the team"),
    row(
        Planted::IgnoresOldAskers,
        "R35",
        On::Decisions,
        "termination",
        "who asks in an earlier term and gets no answer never catches up",
    ),
    row(
        Planted::AnswersBeforeCommit,
        super::OWN,
        On::Decisions,
        "termination",
        "a client is told of an entry that is lost, and nobody decides what it asked for",
    ),
    row(
        Planted::AnswersInOwnWords,
        super::OWN,
        On::Decisions,
        "client_validity",
        "a client is told what nobody proposed",
    ),
    row(Planted::ReportsInOwnWords, super::OWN, On::Decisions, "validity", "members decide what nobody proposed"),
    row(
        Planted::DecidesAgain,
        super::OWN,
        On::Decisions,
        "integrity",
        "a slot that was proposed twice is decided twice",
    ),
    row(
        Planted::EntriesNotPersisted,
        "R17",
        On::Decisions,
        "leader_completeness",
        "entries that are not persisted are lost after they were counted",
    ),
    row(
        Planted::OutlivesItsDisk,
        "R17",
        On::Decisions,
        "leader_completeness",
        "a member that outlives its disk says what it will forget",
    ),
    row(
        Planted::LeadsWithoutNoop,
        super::OWN,
        On::Decisions,
        "termination",
        "what an earlier term left is never committed without an entry of the own term",
    ),
    row(
        Planted::AppliesLastOnly,
        "R37",
        On::Log,
        "linearizable_log",
        "what is committed together with a later entry is missed by reads",
    ),
    row(
        Planted::SnapshotForgetsVoters,
        "R26",
        On::Log,
        "leader_completeness",
        "who votes is forgotten with a snapshot, and the wrong majority elects",
    ),
    row(
        Planted::RemovesTwo,
        "R23",
        On::Log,
        "leader_completeness",
        "after a change by two the old and the new majority share nobody",
    ),
    row(
        Planted::StandsByLastSeats,
        super::OWN,
        On::Log,
        "termination",
        "the only member that may win does not stand for a removal that nobody committed",
    ),
    row(Planted::AdoptsParaphrase, "A02", On::Decisions, "agreement", "an adopted paraphrase is another decision"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Raft, "raft", ROWS, carrier)
}

fn carrier(on: On, bug: Planted) -> Carrier {
    Carrier::of(move |switch| scenario(on, switch.of(bug)))
}

fn scenario(on: On, planted: Option<Planted>) -> Scenario<Raft> {
    let decisions = move || Config { planted, ..Config::default() };
    let log = move || Config { planted, ..raft_log_config() };
    match on {
        On::Decisions => raft_of(move |me, members| Raft::new(me, members, decisions())),
        On::Log => raft_log_of(move |me, members| Raft::new(me, members, log())),
        On::LateLog => hears_late(planted),
        On::Changes => {
            let visits = Visits { readers: 1, reads: 4, administrators: 4, changes: 12 };
            raft_log_of(move |me, members| Raft::new(me, members, log())).sizes([4]).visits(visits)
        }
    }
}

/// What is sent to a1 takes four seconds, so that answers from before it lost the lead reach it long after it; and for
/// a while nothing that it sends arrives. Random plans hold up both links too seldom. Leaders beat as seldom as they
/// may, so that another one is there before the next beat once leadership is handed over.
#[must_use]
pub fn hears_late(planted: Option<Planted>) -> Scenario<Raft> {
    let member = NodeId::agent;
    let late = |from| {
        let late = Fault::on(Kind::DelayConstant, Site::Link { from: member(from), to: member(0) });
        late.strength(seconds(4).0).from(Time::ZERO + seconds(10)).lasting(seconds(28))
    };
    let unheard = |at| {
        let fault = Fault::on(Kind::PartitionOneWay, Site::Side(vec![member(0)]));
        fault.from(Time::ZERO + seconds(at)).lasting(seconds(4))
    };
    let faults = vec![late(1), late(2), unheard(18), unheard(28)];
    let config = move || Config {
        planted,
        heartbeat: seconds(1),
        election: seconds(2)..=seconds(4),
        yielding: seconds(5)..=seconds(7),
        ..raft_log_config()
    };
    let visits = Visits { readers: 6, reads: 60, administrators: 2, changes: 10 };
    let scenario = raft_log_of(move |me, members| Raft::new(me, members, config())).sizes([3]);
    scenario.workload(3, 8).thinking(seconds(3)).visits(visits).schedule(Schedule { faults })
}
