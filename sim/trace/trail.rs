//! Finds out how far false claims came. Knows contents and causes only.
//!
//! A claim is born where a model's reply holds it. From there it follows two things at once, and both must agree:
//!
//! - **causality**: an agent can pass on only what it has heard. It has heard a claim when its own model's reply or a
//!   message with the claim in it arrived, or when the agent that started it had heard it. What an agent comes to
//!   without having heard the claim is not the claim's doing and is not marked.
//! - **content**: of what an agent that has heard a claim does, only that is marked which carries the claim, by the
//!   rule of the module `falsehood`. If the agent heard the same content from an innocent source as well, nobody
//!   can say which it passes on, and it is not marked.
//!
//! **Notes.** A store is one participant, however many replicas it has: what one of them was told, all may tell, and
//! none of them is an agent. An agent that reads a note has heard what was written there by somebody who had heard it,
//! also where the store is the team's own and no message of it is in the trace.
//!
//! Two models may invent the same falsehood: two births of one spread. An agent *invented* it if its model said it
//! without having been shown it; an agent *repeated* it if it sent, saved, noted, reported or decided it, whoever
//! invented it. What a crash made an agent forget still counts as heard: only content that is false anyway is ever
//! marked.

use super::falsehood::Falsehood;
use super::spread::{Birth, Decided, Effect, Noted, Spread};
use super::{Happening, Record, Told};
use crate::fact::Key;
use crate::id::{Members, NodeId, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Follows every false claim of a run whose members have this role, beside these replicas of a store.
pub(super) fn follow(records: &[Record], told: &[Told], role: Option<&str>, replicas: &Members) -> Vec<Spread> {
    let falsehoods = falsehoods(told);
    if falsehoods.is_empty() || told.len() < records.len() {
        return Vec::new();
    }
    let mut trail = Trail::new(records, told, falsehoods, role, replicas);
    (0..records.len()).for_each(|place| trail.pass(place));
    trail.spreads
}

/// What is said falsely in a run, claims that say the same taken together.
fn falsehoods(told: &[Told]) -> Vec<Falsehood> {
    let mut falsehoods: Vec<Falsehood> = Vec::new();
    for claim in told.iter().filter_map(|told| told.claim.as_ref()) {
        match falsehoods.iter_mut().find(|known| known.is_of(claim)) {
            Some(known) => known.learn(&claim.reply),
            None => falsehoods.push(Falsehood::of(claim)),
        }
    }
    falsehoods
}

/// Numbers of falsehoods.
type Numbers = BTreeSet<usize>;

/// What somebody has heard, and what it has heard innocently as well.
#[derive(Clone, Debug, Default)]
struct Heard {
    falsely: Numbers,
    innocently: Numbers,
}

/// One walk along the trace.
struct Trail<'a> {
    records: &'a [Record],
    told: &'a [Told],
    falsehoods: Vec<Falsehood>,
    spreads: Vec<Spread>,
    /// What each record so far carries, and what it holds without carrying it.
    carried: Vec<Numbers>,
    innocent: Vec<Numbers>,
    /// What each participant has heard. Replicas are one, under the name of the first.
    heard: BTreeMap<NodeId, Heard>,
    /// What was written under each key.
    notes: BTreeMap<&'a Key, Heard>,
    replicas: &'a Members,
    /// Who started whom.
    parents: BTreeMap<NodeId, NodeId>,
}

impl<'a> Trail<'a> {
    fn new(
        records: &'a [Record],
        told: &'a [Told],
        falsehoods: Vec<Falsehood>,
        role: Option<&str>,
        replicas: &'a Members,
    ) -> Trail<'a> {
        let started = records.iter().filter(|record| record.happening == Happening::Started);
        let is_agent = |node: &NodeId| node.role() == Role::Agent && !replicas.contains(*node);
        let agents: BTreeSet<NodeId> = started.map(|record| record.node).filter(is_agent).collect();
        // Sub-agents have roles of their own.
        let alone = records.iter().all(|record| record.happening != Happening::Delegated);
        let role = role.filter(|_| alone);
        let spread = |falsehood: &Falsehood| Spread {
            claim: falsehood.quote.clone(),
            kind: falsehood.kind,
            slot: falsehood.slot,
            births: Vec::new(),
            agents: agents.len(),
            role: role.map(str::to_owned),
            invented: Vec::new(),
            repeated: Vec::new(),
            notes: Vec::new(),
            decided: Vec::new(),
            effects: Vec::new(),
            reached: Vec::new(),
        };
        Trail {
            spreads: falsehoods.iter().map(spread).collect(),
            records,
            told,
            falsehoods,
            carried: Vec::with_capacity(records.len()),
            innocent: Vec::with_capacity(records.len()),
            heard: BTreeMap::new(),
            notes: BTreeMap::new(),
            replicas,
            parents: BTreeMap::new(),
        }
    }

    fn pass(&mut self, place: usize) {
        let record = &self.records[place];
        let (carried, innocent) = match record.happening {
            Happening::Served => self.served(place),
            // What travels was looked at when it was sent, what is written when the write began.
            Happening::Delivered | Happening::Dropped | Happening::Held | Happening::Replied | Happening::Persisted => {
                self.caused(place)
            }
            Happening::Sent if self.is_call(place) => self.caused(place),
            Happening::Returned => self.read(place),
            _ => self.own(place),
        };
        match record.happening {
            Happening::Delivered | Happening::Replied | Happening::Returned => {
                self.heard.entry(self.participant(record.node)).or_default().take_in(&carried, &innocent);
            }
            Happening::Invoked => {
                let note = self.told[place].note.as_ref();
                note.into_iter().for_each(|key| self.notes.entry(key).or_default().take_in(&carried, &innocent));
            }
            Happening::Delegated => {
                let child = record.peer.expect("a delegation names the sub-agent");
                self.parents.insert(child, record.node);
                self.tell(record.node, child);
            }
            Happening::Finished => {
                let parent = self.parents.get(&record.node).copied();
                parent.into_iter().for_each(|parent| self.tell(record.node, parent));
            }
            _ => {}
        }
        carried.iter().for_each(|number| self.reach(*number, place));
        self.carried.push(carried);
        self.innocent.push(innocent);
    }

    /// A model's reply. One with a false claim in it gives birth to every falsehood it holds; any other is innocent.
    fn served(&mut self, place: usize) -> (Numbers, Numbers) {
        let (record, told) = (&self.records[place], &self.told[place]);
        let mut held = self.matching(place);
        let Some(claim) = &told.claim else { return (Numbers::new(), held) };
        held.extend(self.falsehoods.iter().position(|known| known.is_of(claim)));
        let Some(caller) = record.peer else { return (held, Numbers::new()) };
        for number in &held {
            let spread = &mut self.spreads[*number];
            spread.births.push(Birth { model: record.node, caller, at: record.at, place });
            let shown = record.cause.place().is_some_and(|cause| self.carried[cause].contains(number));
            if !shown {
                insert(&mut spread.invented, caller);
            }
        }
        (held, Numbers::new())
    }

    /// Whether a message is a call to a model or its reply: their content stands in the records that cause them.
    fn is_call(&self, place: usize) -> bool {
        let cause = self.records[place].cause.place().map(|cause| self.records[cause].happening);
        matches!(cause, Some(Happening::Prompted | Happening::Served)) && self.told[place].said.is_empty()
    }

    fn caused(&self, place: usize) -> (Numbers, Numbers) {
        let cause = self.records[place].cause.place();
        cause.map_or_else(Default::default, |cause| (self.carried[cause].clone(), self.innocent[cause].clone()))
    }

    /// What an agent does of itself carries what it holds and has heard, unless it has that innocently as well.
    fn own(&self, place: usize) -> (Numbers, Numbers) {
        let heard = self.heard.get(&self.participant(self.records[place].node));
        heard.unwrap_or(&Heard::default()).part(self.matching(place))
    }

    /// What is read in a note carries what was written there, or what its reader has heard.
    fn read(&self, place: usize) -> (Numbers, Numbers) {
        let mut heard = self.heard.get(&self.records[place].node).cloned().unwrap_or_default();
        if let Some(note) = self.told[place].note.as_ref().and_then(|key| self.notes.get(key)) {
            heard.take_in(&note.falsely, &note.innocently);
        }
        heard.part(self.matching(place))
    }

    /// Falsehoods that a record holds. Replicas pass notes on whatever decision they are about: slots that they name
    /// are places of their log.
    fn matching(&self, place: usize) -> Numbers {
        let apart = self.replicas.contains(self.records[place].node);
        let said = &self.told[place].said;
        let holds = |falsehood: &Falsehood| {
            said.iter().any(|said| if apart { falsehood.stands_in(&said.content) } else { falsehood.is_in(said) })
        };
        let numbered = self.falsehoods.iter().enumerate();
        numbered.filter(|(_, falsehood)| holds(falsehood)).map(|(number, _)| number).collect()
    }

    /// Who hears what a node hears: itself, or the store that it is a part of.
    fn participant(&self, node: NodeId) -> NodeId {
        if self.replicas.contains(node) { self.replicas.iter().next().unwrap_or(node) } else { node }
    }

    /// A sub-agent knows what its parent knew when it began; its parent may know what it knew when it ended.
    fn tell(&mut self, from: NodeId, to: NodeId) {
        let heard = self.heard.get(&from).map(|heard| heard.falsely.clone()).unwrap_or_default();
        self.heard.entry(to).or_default().falsely.extend(heard);
    }

    fn reach(&mut self, number: usize, place: usize) {
        let record = &self.records[place];
        let call = record.happening == Happening::Sent && self.is_call(place);
        let spread = &mut self.spreads[number];
        spread.reached.push(place);
        if record.happening == Happening::Executed {
            spread.effects.push(Effect { tool: record.node, at: record.at });
        }
        if record.node.role() != Role::Agent || self.replicas.contains(record.node) || call {
            return;
        }
        match record.happening {
            Happening::Decided => {
                spread.decided.push(Decided { agent: record.node, at: record.at });
                insert(&mut spread.repeated, record.node);
            }
            Happening::Invoked => {
                insert(&mut spread.repeated, record.node);
                let note =
                    self.told[place].note.as_ref().filter(|key| spread.notes.iter().all(|noted| noted.key != **key));
                spread.notes.extend(note.map(|key| Noted { key: key.clone(), agent: record.node, at: record.at }));
            }
            Happening::Sent | Happening::Persisting | Happening::Fact | Happening::Finished => {
                insert(&mut spread.repeated, record.node);
            }
            _ => {}
        }
    }
}

impl Heard {
    fn take_in(&mut self, falsely: &Numbers, innocently: &Numbers) {
        self.falsely.extend(falsely);
        self.innocently.extend(innocently);
    }

    /// Parts what somebody passes on who has heard this: what it has falsely only, and the rest.
    fn part(&self, held: Numbers) -> (Numbers, Numbers) {
        held.into_iter().partition(|number| self.falsely.contains(number) && !self.innocently.contains(number))
    }
}

/// Inserts in order, once.
fn insert(nodes: &mut Vec<NodeId>, node: NodeId) {
    if let Err(place) = nodes.binary_search(&node) {
        nodes.insert(place, node);
    }
}
