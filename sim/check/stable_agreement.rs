//! Stable agreement: whoever stops a deliberation had the answers it says it counted. Counts what members say they
//! answered, not what anyone made of it.
//!
//! How many equal answers stop it (α) and in how many rounds in a row (β) is read from the claim itself: the protocol's
//! configuration says so. Whether the answer is right is not asked here.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::fact::{Fact, Slot, Value};
use crate::history::{Entry, Event, History};
use crate::id::NodeId;
use std::collections::BTreeMap;

/// α members gave one answer in each of β consecutive rounds of one term, and no member answers a round twice.
///
/// ```
/// use synod::check::{Check, StableAgreement, Verdict};
/// use synod::history::History;
/// assert!(matches!(StableAgreement.check(&History::default()), Verdict::Holds { .. }));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct StableAgreement;

impl StableAgreement {
    /// What it is called and where it comes from.
    pub const PROPERTY: Property = Property {
        name: "stable_agreement",
        about: "who stops a deliberation had as many equal answers in as many rounds as it says",
        source: "Ruan et al.: Reaching Agreement Among Reasoning LLM Agents (2025), arXiv 2512.20184, section 5",
        kind: PropertyKind::Safety,
    };
}

impl Check for StableAgreement {
    fn property(&self) -> Property {
        StableAgreement::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for StableAgreement {
    type State = Rounds;

    fn begin(&self) -> Rounds {
        Rounds::default()
    }
}

/// The answers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rounds {
    answers: BTreeMap<Round, BTreeMap<NodeId, Given>>,
    judged: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Round {
    slot: Slot,
    term: u64,
    round: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Given {
    value: Value,
    by: Seen,
}

impl Observe for Rounds {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(fact) = &entry.event else { return None };
        let by = Seen::of(place, entry);
        match fact {
            Fact::Answered { slot, term, round, value } => {
                let round = Round { slot: *slot, term: *term, round: *round };
                let answers = self.answers.entry(round).or_default();
                let first = answers.entry(entry.node).or_insert_with(|| Given { value: value.clone(), by });
                (first.value != *value).then(|| refute_twice(round, first, &Given { value: value.clone(), by }))
            }
            Fact::Agreed { slot, term, round, value, alpha, beta } => {
                self.judged += 1;
                let last = Round { slot: *slot, term: *term, round: *round };
                let earliest = (round + 1).checked_sub(*beta);
                let short = match earliest {
                    None => Some(*round),
                    Some(earliest) => (earliest..=*round).find(|round| self.count(last, *round, value) < *alpha),
                };
                short.map(|short| self.refute_claim(last, short, value, *alpha, by, fact))
            }
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Rounds {
    fn given(&self, of: Round, round: u64, value: &Value) -> impl Iterator<Item = &Given> {
        let answers = self.answers.get(&Round { round, ..of });
        answers.into_iter().flat_map(|answers| answers.values()).filter(move |given| given.value == *value)
    }

    fn count(&self, of: Round, round: u64, value: &Value) -> u64 {
        self.given(of, round, value).count() as u64
    }

    #[cold]
    fn refute_claim(&self, of: Round, short: u64, value: &Value, alpha: u64, by: Seen, fact: &Fact) -> Witness {
        let of_round = |given: &Given| answer_step(Round { round: short, ..of }, given);
        let mut steps: Vec<Step> = self.given(of, short, value).map(of_round).collect();
        let (who, slot, had) = (by.node, of.slot, steps.len());
        steps.push(by.step(fact.clone()));
        let said = format!("{who} needs {alpha} answers {value} for {slot} in round {short} and had {had}.");
        StableAgreement::PROPERTY.refuted("agreement without the answers", steps, said)
    }
}

#[cold]
fn refute_twice(round: Round, first: &Given, second: &Given) -> Witness {
    let steps = [first, second].map(|given| answer_step(round, given));
    let who = first.by.node;
    let said = format!("{who} answers {} in round {} in two ways.", round.slot, round.round);
    StableAgreement::PROPERTY.refuted("two answers of one round", steps.into(), said)
}

fn answer_step(round: Round, given: &Given) -> Step {
    let Round { slot, term, round } = round;
    given.by.step(Fact::Answered { slot, term, round, value: given.value.clone() })
}
