//! Bugs of Byzantine agreement: of counting and signing under all faults, of locks that take rounds under Twins.

use super::carrier::Carrier;
use super::{Bug, Family, OWN, Row, listed, row};
use crate::bft::{bft_log_of, bft_of};
use synod::fault::{Fault, Kind, Nemesis, Schedule, Site};
use synod::id::{Members, NodeId};
use synod::protocol::consensus::Bft;
use synod::protocol::consensus::bft::{Config, Planted};
use synod::scenario::Scenario;
use synod::seed::Ratio;
use synod::time::{Duration, seconds};

/// Under what a bug is looked for.
#[derive(Clone, Copy)]
enum On {
    /// `bft` as it is.
    All,
    /// `bft_log`.
    Log,
    /// Twins alone: what takes two rounds of them hardly ever comes of anything else.
    Twins,
    /// The same among four, of whom each hears another part of every round.
    Few,
    /// Four members, and most messages get lost.
    Lossy,
    /// Models fail round after round while one of four members is cut off.
    Away,
}

const ROWS: &[Row<Planted, On>] = &[
    row(Planted::QuorumTooSmall, "B01", On::All, "certificates", "a quorum of 2f certifies two values"),
    row(Planted::LeavesOneOut, "B02", On::Twins, "certificates", "a team of 3f voters certifies two values"),
    row(Planted::NoLock, "B03", On::All, "locked_value", "without a lock a member votes against what may be decided"),
    row(
        Planted::LockNotPersisted,
        "B03",
        On::All,
        "locked_value",
        "a lock that is not persisted is voted against after a restart",
    ),
    row(Planted::UnlocksOnAnyRound, "B05", On::Few, "locked_value", "an older round frees a member of its lock"),
    row(
        Planted::KeepsFirstValid,
        "B07",
        On::Lossy,
        "locked_value",
        "a proposer goes back to a value that was overtaken",
    ),
    row(
        Planted::CountsVoterTwice,
        "B09",
        On::All,
        "certificates",
        "a voter that counts twice makes a certificate of too few",
    ),
    row(
        Planted::TrustsAnyName,
        "B09",
        On::All,
        "accountability",
        "a forged sender that is believed gets a correct member accused",
    ),
    row(
        Planted::SkipsCertificateCheck,
        "B09",
        On::All,
        "certificates",
        "a certificate is believed though nobody signed it",
    ),
    row(
        Planted::DropsValidValue,
        "B10",
        On::All,
        "locked_value",
        "a proposer that drops the valid value proposes past it",
    ),
    row(Planted::ReadsAlone, "R18", On::Log, "linearizable_log", "a read of one member's log among liars is stale"),
    row(
        Planted::ReadsWithoutWaiting,
        OWN,
        On::Log,
        "linearizable_log",
        "a read that counts logs longer than the own one is stale",
    ),
    row(
        Planted::AnswersAlone,
        OWN,
        On::Log,
        "linearizable_log",
        "an answer that no quorum holds is missed by a later read",
    ),
    row(
        Planted::VoteNotPersisted,
        "B03",
        On::All,
        "accountability",
        "a vote that is not persisted gets a correct member accused",
    ),
    row(
        Planted::DecidesOnPrevotes,
        "M3.1",
        On::All,
        "termination",
        "a decision after one vote cannot be proved to others",
    ),
    row(Planted::WaitsForEver, OWN, On::All, "termination", "votes waited for without end stall the team"),
    row(Planted::TakesNoTurns, OWN, On::All, "termination", "a proposer that is never replaced stalls the team"),
    row(Planted::NeverSkips, OWN, On::Away, "termination", "who was away never meets the others in one round"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Bft, "bft", ROWS, carrier)
}

fn carrier(on: On, bug: Planted) -> Carrier {
    Carrier::of(move |switch| scenario(on, switch.of(bug)))
}

fn scenario(on: On, planted: Option<Planted>) -> Scenario<Bft> {
    let config = move || Config { planted, ..Config::default() };
    let member = move |me, members: &Members| Bft::new(me, members, config());
    match on {
        On::All => bft_of(member),
        On::Log => bft_log_of(member),
        On::Twins => bft_of(member).nemesis(Nemesis::twins()),
        On::Few => bft_of(member).sizes([4]).nemesis(Nemesis::twins()),
        On::Lossy => bft_of(member).sizes([4]).schedule(lossy()),
        On::Away => bft_of(member).sizes([4]).schedule(away()).phases(AWAY, seconds(600)),
    }
}

/// Long enough for so many rounds that going through them one by one takes longer than a decision may.
const AWAY: Duration = seconds(300);

/// Each link loses so much that members know different votes of one round.
fn lossy() -> Schedule {
    let members = || (0..4).map(NodeId::agent);
    let links = members().flat_map(|from| members().filter(move |to| *to != from).map(move |to| (from, to)));
    let lost = |(from, to)| Fault { rate: Ratio::percent(70), ..Fault::on(Kind::Loss, Site::Link { from, to }) };
    Schedule { faults: links.map(|link| lost(link).lasting(seconds(40))).collect() }
}

/// No model answers while a4 is away, so that rounds pass without it.
fn away() -> Schedule {
    let outages = (0..4).map(|index| Fault::on(Kind::ModelOutage, Site::Node(NodeId::model(index))));
    let away = Fault::on(Kind::PartitionIsolate, Site::Side(vec![NodeId::agent(3)]));
    Schedule { faults: outages.chain([away]).map(|fault| fault.lasting(AWAY)).collect() }
}
