//! What a sweep of stores or channels has to come across, so that its pass says something: faults that were felt,
//! writes that met, notes that were gone. Knows histories, and no store and no channel.

use std::collections::{BTreeMap, BTreeSet};
use synod::call::{Call, Looks};
use synod::check::{CallsAnswered, Check, FifoDelivery};
use synod::fact::{Content, Key, Session};
use synod::fault::Class;
use synod::history::{Environment, Event, Heard, History, Holds, Operation, Restart};
use synod::id::OpId;
use synod::protocol::team::TeamProtocol;
use synod::scenario::{Exercised, Scenario};
use synod::time::Time;

/// A team that talks meets links that are cut and that lose, and comes back from its disks.
pub(crate) fn of_team<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    let felt = |seen: &Exercised, class| seen.felt.keys().any(|kind| kind.class() == class);
    let restored =
        |event: &Event| matches!(event, Event::Environment(Environment::Started { again: Restart::WithDisk }));
    scenario
        .sometimes("a cut is felt", move |seen| felt(seen, Class::Cut))
        .sometimes("a link that loses, delays or doubles is felt", move |seen| felt(seen, Class::Delivery))
        .reachable("a member comes back from its disk", restored)
}

/// Sessions of a store get into each other's way, and hear no end of some calls.
pub(crate) fn of_store<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    of_team(scenario)
        .shown("two sessions change one note at a time", writes_meet)
        .reachable("a session gives a call up", |event| matches!(event, Event::Operation(Operation::Info { .. })))
}

/// Notes that were removed leave nothing behind in the end.
pub(crate) fn of_tombstones<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    scenario.shown("a tombstone is collected", is_collected)
}

/// A store on a log has leaders, and a comparison that comes too late.
pub(crate) fn of_log<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    let refused = |event: &Event| {
        matches!(event, Event::Operation(Operation::Heard { heard: Heard { holds: Holds::No, .. }, .. }))
    };
    scenario
        .sometimes("a leader is replaced", |seen| seen.elections > 1)
        .reachable("a compare-and-set is refused", refused)
}

/// On a channel without order, letters overtake each other.
pub(crate) fn of_disorder<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    let overtaken = |history: &History| FifoDelivery.check(history).witness().is_some();
    scenario.shown("a letter overtakes an earlier one of its sender", overtaken)
}

/// Whether two sessions ever changed one note at the same time.
fn writes_meet(history: &History) -> bool {
    let mut open: BTreeMap<OpId, (&Key, Session)> = BTreeMap::new();
    for (_, _, operation) in history.operations() {
        match operation {
            Operation::Ask { op, asked } if asked.call.changes() => {
                if open.values().any(|(key, session)| **key == asked.key && *session != asked.session) {
                    return true;
                }
                open.insert(*op, (&asked.key, asked.session));
            }
            ended => _ = open.remove(&ended.op()),
        }
    }
    false
}

/// Whether a session found nothing, and no trace of what took it away, where something had been changed before the
/// heal. By then every replica has taken that in, so only a tombstone that was collected explains it.
fn is_collected(history: &History) -> bool {
    let mut changes: BTreeMap<OpId, &Key> = BTreeMap::new();
    let mut looks: BTreeMap<OpId, &Key> = BTreeMap::new();
    let mut changed: BTreeSet<&Key> = BTreeSet::new();
    let mut recovered: Option<Time> = None;
    for entry in history.entries() {
        match &entry.event {
            Event::Environment(Environment::Healed { .. }) => {
                recovered = Some(entry.at + CallsAnswered::DEFAULT.recovery);
            }
            Event::Operation(Operation::Ask { op, asked }) if asked.call.changes() => {
                changes.insert(*op, &asked.key);
            }
            Event::Operation(Operation::Ask { op, asked }) => {
                let is_late = recovered.is_some_and(|from| entry.at >= from);
                if is_late && asked.call == Call::Read && asked.looks == Looks::AtOnce && changed.contains(&asked.key) {
                    looks.insert(*op, &asked.key);
                }
            }
            Event::Operation(Operation::Heard { op, heard }) => {
                if recovered.is_none() {
                    changed.extend(changes.get(op));
                }
                let gone = heard.content == Some(Content::Note { value: None, write: None });
                if gone && looks.contains_key(op) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}
