//! How far a false claim came: who invented it, who repeated it, what it reached. Knows contents and causes only.
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
//! Two models may invent the same falsehood: two births of one spread. An agent *invented* it if its model said it
//! without having been shown it; an agent *repeated* it if it sent, saved, reported or decided it, whoever invented
//! it. What a crash made an agent forget still counts as heard: only content that is false anyway is ever marked.

use super::falsehood::Falsehood;
use super::{Happening, Record, Told};
use crate::fact::Slot;
use crate::fault::Kind;
use crate::id::{NodeId, Role};
use crate::time::Time;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How far one falsehood came in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The false claim, quoted.
    pub claim: String,
    /// What kind of falsehood.
    pub kind: Kind,
    /// Which decision it is about.
    pub slot: Slot,
    /// Each time a model said it, oldest first.
    pub births: Vec<Birth>,
    /// How many agents took part in the run.
    pub agents: usize,
    /// What each of them is called, if the team has a word for it and started no sub-agents.
    pub role: Option<String>,
    /// Agents whose model invented it.
    pub invented: Vec<NodeId>,
    /// Agents that sent, saved, reported or decided it.
    pub repeated: Vec<NodeId>,
    /// Decisions for it, oldest first.
    pub decided: Vec<Decided>,
    /// Effects of tools that it reached, oldest first.
    pub effects: Vec<Effect>,
    /// Places of the records it reached.
    pub reached: Vec<usize>,
}

/// A model says a falsehood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Birth {
    /// The model.
    pub model: NodeId,
    /// Whom it told.
    pub caller: NodeId,
    /// When.
    pub at: Time,
    /// The record's place in the trace.
    pub place: usize,
}

/// A tool carries a falsehood out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Which tool.
    pub tool: NodeId,
    /// When.
    pub at: Time,
}

/// An agent decides a falsehood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Who.
    pub agent: NodeId,
    /// When.
    pub at: Time,
}

impl Spread {
    /// Whether this agent invented or repeated it.
    #[must_use]
    pub fn concerns(&self, agent: NodeId) -> bool {
        self.invented.contains(&agent) || self.repeated.contains(&agent)
    }
}

/// The line a report prints.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { claim, kind, slot, agents, role, invented, repeated, decided, effects, .. } = self;
        let (invented, repeated, who) = (invented.len(), repeated.len(), several(role.as_deref().unwrap_or("agent")));
        write!(f, "false about {slot}: {claim} ({kind}): ")?;
        write!(f, "{invented} of {agents} {who} invented it, {repeated} of {agents} repeated it")?;
        match decided.first() {
            Some(first) => write!(f, ", decided at {}", first.at)?,
            None => f.write_str(", nobody decided it")?,
        }
        effects.first().map_or(Ok(()), |Effect { tool, at }| write!(f, ", carried out by {tool} at {at}"))
    }
}

/// The plural of a role's word, as regular nouns have it.
fn several(role: &str) -> String {
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|end| role.ends_with(end));
    match role.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        Some(stem) => format!("{stem}ies"),
        None if sibilant => format!("{role}es"),
        None => format!("{role}s"),
    }
}

/// Follows every false claim of a run whose members have this role.
pub(super) fn follow(records: &[Record], told: &[Told], role: Option<&str>) -> Vec<Spread> {
    let falsehoods = falsehoods(told);
    if falsehoods.is_empty() || told.len() < records.len() {
        return Vec::new();
    }
    let mut trail = Trail::new(records, told, falsehoods, role);
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

/// One walk along the trace.
struct Trail<'a> {
    records: &'a [Record],
    told: &'a [Told],
    falsehoods: Vec<Falsehood>,
    spreads: Vec<Spread>,
    /// What each record so far carries, and what it holds without carrying it.
    carried: Vec<Numbers>,
    innocent: Vec<Numbers>,
    /// What each participant has heard, and what it has heard innocently as well.
    heard: BTreeMap<NodeId, Numbers>,
    cleared: BTreeMap<NodeId, Numbers>,
    /// Who started whom.
    parents: BTreeMap<NodeId, NodeId>,
}

impl<'a> Trail<'a> {
    fn new(records: &'a [Record], told: &'a [Told], falsehoods: Vec<Falsehood>, role: Option<&str>) -> Trail<'a> {
        let started = records.iter().filter(|record| record.happening == Happening::Started);
        let agents: BTreeSet<NodeId> =
            started.map(|record| record.node).filter(|node| node.role() == Role::Agent).collect();
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
            cleared: BTreeMap::new(),
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
            _ => self.own(place),
        };
        match record.happening {
            Happening::Delivered | Happening::Replied => {
                self.heard.entry(record.node).or_default().extend(&carried);
                self.cleared.entry(record.node).or_default().extend(&innocent);
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
        let mut held = self.matching(told);
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
        let nothing = Numbers::new();
        let node = self.records[place].node;
        let (heard, cleared) = (self.heard.get(&node).unwrap_or(&nothing), self.cleared.get(&node).unwrap_or(&nothing));
        self.matching(&self.told[place])
            .into_iter()
            .partition(|number| heard.contains(number) && !cleared.contains(number))
    }

    fn matching(&self, told: &Told) -> Numbers {
        let holds = |falsehood: &Falsehood| told.said.iter().any(|said| falsehood.is_in(said));
        let numbered = self.falsehoods.iter().enumerate();
        numbered.filter(|(_, falsehood)| holds(falsehood)).map(|(number, _)| number).collect()
    }

    /// A sub-agent knows what its parent knew when it began; its parent may know what it knew when it ended.
    fn tell(&mut self, from: NodeId, to: NodeId) {
        let heard = self.heard.get(&from).cloned().unwrap_or_default();
        self.heard.entry(to).or_default().extend(heard);
    }

    fn reach(&mut self, number: usize, place: usize) {
        let record = &self.records[place];
        let call = record.happening == Happening::Sent && self.is_call(place);
        let spread = &mut self.spreads[number];
        spread.reached.push(place);
        if record.happening == Happening::Executed {
            spread.effects.push(Effect { tool: record.node, at: record.at });
        }
        if record.node.role() != Role::Agent || call {
            return;
        }
        match record.happening {
            Happening::Decided => {
                spread.decided.push(Decided { agent: record.node, at: record.at });
                insert(&mut spread.repeated, record.node);
            }
            Happening::Sent | Happening::Persisting | Happening::Fact | Happening::Finished => {
                insert(&mut spread.repeated, record.node);
            }
            _ => {}
        }
    }
}

/// Inserts in order, once.
fn insert(nodes: &mut Vec<NodeId>, node: NodeId) {
    if let Err(place) = nodes.binary_search(&node) {
        nodes.insert(place, node);
    }
}

#[cfg(test)]
mod tests {
    use super::several;

    #[test]
    fn roles_have_regular_plurals() {
        let words = ["reviewer", "clerk", "deputy", "envoy", "boss", "coach"].map(several);
        assert_eq!(words, ["reviewers", "clerks", "deputies", "envoys", "bosses", "coaches"]);
    }
}
