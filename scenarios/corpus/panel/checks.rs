//! What a panel keeps, as decidable invariants: MAST's failure modes and what is counted as a vote. Read off what
//! members report and what tools did; knows nothing of how a panel works.

use super::{LEAD, MODELS, Merge, Named, PASS, Pick, Tests};
use std::collections::{BTreeMap, BTreeSet};
use synod::check::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use synod::fact::{Decision, Fact, Value};
use synod::history::{Entry, Environment, Event, History};
use synod::id::{NodeId, Role};
use synod::tool::Service;

/// One of the rules.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    property: Property,
    judge: fn(&History) -> Found,
}

/// What a rule finds: so many things judged, and the first that breaks it.
#[derive(Default)]
struct Found {
    judged: u64,
    broken: Option<Broken>,
}

struct Broken {
    place: usize,
    what: String,
    said: String,
}

impl Found {
    /// Notes one more thing judged, and what is wrong with it if anything is.
    fn note(&mut self, place: usize, what: &str, wrong: Option<String>) {
        self.judged += 1;
        if let (None, Some(said)) = (&self.broken, wrong) {
            self.broken = Some(Broken { place, what: what.to_owned(), said });
        }
    }
}

impl Check for Rule {
    fn property(&self) -> Property {
        self.property
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        let Found { judged, broken } = (self.judge)(history);
        let Some(Broken { place, what, said }) = broken else { return Verdict::Holds { judged } };
        let step = history.entries().get(place).map(|Entry { at, node, .. }| Step {
            place: Some(place),
            at: *at,
            node: *node,
            what,
        });
        Verdict::Violated(Witness {
            property: self.property.name,
            shape: self.property.about.to_owned(),
            steps: step.into_iter().collect(),
            contradiction: said,
        })
    }
}

const fn rule(name: &'static str, about: &'static str, source: &'static str, judge: fn(&History) -> Found) -> Rule {
    Rule { property: Property { name, about, source, kind: PropertyKind::Safety }, judge }
}

const MAST: &str = "Cemri et al. 2025 (MAST, arXiv 2503.13657)";
const OURS: &str = "this scenario";

/// Every rule.
pub(super) const ALL: &[Rule] = &[
    rule("votes_were_cast", "every vote of a certificate was cast, for its very text", OURS, votes_were_cast),
    rule("two_models_approve", "voters of a certificate run on two models", OURS, two_models_approve),
    rule("one_ballot_a_round", "nobody votes twice in a round", MAST, one_ballot_a_round),
    rule("rounds_go_on", "no round begins again", MAST, rounds_go_on),
    rule("checked_before_approved", "who approves has seen the check pass", MAST, checked_before_approved),
    rule("merges_were_agreed", "what is merged was agreed on", MAST, merges_were_agreed),
    rule("roles_kept", "nobody but the lead merges", MAST, roles_kept),
    rule("over_when_decided", "nobody votes after its decision", MAST, over_when_decided),
    rule("decides_in_form", "decisions have the form that the task asks for", MAST, decides_in_form),
    Rule {
        property: Property {
            name: "comes_to_an_end",
            about: "every member that is up decides or abstains in the end",
            source: "arXiv 2603.01213: teams of models stall without any fault",
            kind: PropertyKind::Liveness,
        },
        judge: comes_to_an_end,
    },
];

fn votes_were_cast(history: &History) -> Found {
    let mut cast: BTreeSet<(NodeId, u64, Value)> = BTreeSet::new();
    let mut found = Found::default();
    for (place, entry, fact) in history.facts() {
        match fact {
            Fact::Cast { round, choice: Some(choice), .. } => {
                _ = cast.insert((entry.node, *round, choice.value.clone()))
            }
            Fact::Certified { round, decision: Decision { value, .. }, voters, .. } => {
                let phantom = voters.iter().find(|voter| !cast.contains(&(**voter, *round, value.clone())));
                let said = phantom.map(|voter| format!("{voter} cast no such vote in round {round}."));
                found.note(place, &format!("counts votes of {voters:?} for {value}"), said);
            }
            _ => {}
        }
    }
    found
}

fn two_models_approve(history: &History) -> Found {
    let mut found = Found::default();
    for (place, _, fact) in history.facts() {
        let Fact::Certified { voters, .. } = fact else { continue };
        let models: BTreeSet<usize> = voters.iter().map(|voter| voter.index() % usize::from(MODELS)).collect();
        let said = (models.len() < 2).then(|| format!("{voters:?} share one model, and its mistakes."));
        found.note(place, &format!("counts votes of {voters:?}"), said);
    }
    found
}

fn one_ballot_a_round(history: &History) -> Found {
    let mut cast: BTreeMap<(NodeId, u64), Option<Decision>> = BTreeMap::new();
    let mut found = Found::default();
    for (place, entry, fact) in history.facts() {
        let Fact::Cast { round, choice, .. } = fact else { continue };
        let first = cast.entry((entry.node, *round)).or_insert_with(|| choice.clone());
        let said = (first != choice).then(|| format!("{} voted otherwise in round {round} before.", entry.node));
        found.note(place, &format!("votes in round {round}"), said);
    }
    found
}

fn rounds_go_on(history: &History) -> Found {
    let mut latest: BTreeMap<NodeId, u64> = BTreeMap::new();
    let mut found = Found::default();
    for (place, entry, fact) in history.facts() {
        let Fact::Entered { round, .. } = fact else { continue };
        let known = latest.insert(entry.node, *round).unwrap_or(0);
        let said = (*round <= known).then(|| format!("{} had come as far as round {known}.", entry.node));
        found.note(place, &format!("enters round {round}"), said);
    }
    found
}

fn checked_before_approved(history: &History) -> Found {
    let mut passed: BTreeSet<(NodeId, String)> = BTreeSet::new();
    let mut found = Found::default();
    for (place, entry) in history.entries().iter().enumerate() {
        match &entry.event {
            Event::Environment(Environment::Executed { tool, by, arguments, result, .. })
                if tool == Tests::NAME && result.to_string().contains(PASS) =>
            {
                passed.extend(named(arguments).map(|branch| (*by, branch)));
            }
            Event::Fact(Fact::Cast { choice: Some(choice), .. }) => {
                let seen =
                    passed.iter().any(|(by, branch)| *by == entry.node && choice.value.to_string().contains(branch));
                let said = (!seen).then(|| format!("No check of it passed for {}.", entry.node));
                found.note(place, &format!("approves of {}", choice.value), said);
            }
            _ => {}
        }
    }
    found
}

/// The branch that a call names.
fn named(arguments: &Value) -> Option<String> {
    serde_json::from_slice::<Named>(arguments.bytes()).ok().map(|named| named.branch)
}

/// Every merge, with who made it and of what.
fn merges(history: &History) -> impl Iterator<Item = (usize, NodeId, String)> {
    history.environment().filter_map(|(place, _, event)| match event {
        Environment::Executed { tool, by, arguments, .. } if tool == Merge::NAME => {
            Some((place, *by, named(arguments)?))
        }
        _ => None,
    })
}

fn merges_were_agreed(history: &History) -> Found {
    let mut found = Found::default();
    for (place, _, branch) in merges(history) {
        let name = Value::from(branch.as_str());
        let mut before = history.facts().take_while(|(earlier, ..)| *earlier < place);
        let agreed =
            before.any(|(_, _, fact)| matches!(fact, Fact::Certified { decision, .. } if decision.value == name));
        let said = (!agreed).then(|| format!("Nobody had agreed on {branch}."));
        found.note(place, &format!("merges {branch}"), said);
    }
    found
}

fn roles_kept(history: &History) -> Found {
    let mut found = Found::default();
    for (place, by, branch) in merges(history) {
        let said = (by != LEAD).then(|| format!("{by} is not the lead."));
        found.note(place, &format!("merges {branch} for {by}"), said);
    }
    found
}

fn over_when_decided(history: &History) -> Found {
    let mut decided: BTreeSet<NodeId> = BTreeSet::new();
    let mut found = Found::default();
    for (place, entry, fact) in history.facts() {
        match fact {
            Fact::Decided { .. } => _ = decided.insert(entry.node),
            Fact::Cast { round, .. } => {
                let said = decided.contains(&entry.node).then(|| format!("{} had decided before.", entry.node));
                found.note(place, &format!("votes in round {round}"), said);
            }
            _ => {}
        }
    }
    found
}

fn decides_in_form(history: &History) -> Found {
    let mut found = Found::default();
    for (place, _, fact) in history.facts() {
        let Fact::Decided { value, .. } = fact else { continue };
        let in_form = serde_json::from_slice::<Pick>(value.bytes()).is_ok();
        found.note(place, &format!("decides {value}"), (!in_form).then(|| "The task asks for a branch.".to_owned()));
    }
    found
}

fn comes_to_an_end(history: &History) -> Found {
    let mut found = Found::default();
    let mut ended: BTreeSet<NodeId> = BTreeSet::new();
    let mut seen: BTreeMap<NodeId, usize> = BTreeMap::new();
    for (place, entry) in history.entries().iter().enumerate() {
        match &entry.event {
            Event::Fact(Fact::Decided { .. } | Fact::Abstained { .. }) => _ = ended.insert(entry.node),
            Event::Environment(Environment::Started { .. }) if entry.node.role() == Role::Agent => {
                _ = seen.insert(entry.node, place)
            }
            _ => {}
        }
    }
    for (node, place) in seen {
        let said = (!ended.contains(&node)).then(|| format!("{node} neither decided nor abstained."));
        found.note(place, "starts", said);
    }
    found
}
