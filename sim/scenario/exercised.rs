//! What a run exercised: how much of what it is there for came about at all, and which declared things happened.
//!
//! A pass over runs in which nothing was contested, struck or judged shows nothing. Knows counts, decides nothing.

use super::run::Judged;
use crate::check::Verdict;
use crate::fact::Fact;
use crate::fault::{Kind, Ledger};
use crate::history::{Event, History};
use crate::id::NodeId;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Counts of one run, or sums over many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exercised {
    /// Elections won.
    pub elections: u64,
    /// Terms in which members voted for more than one candidate.
    pub contested_terms: u64,
    /// Decisions that members reported.
    pub decisions: u64,
    /// Operations begun, by client.
    pub operations: BTreeMap<NodeId, u64>,
    /// Strikes of faults that their target observed, by kind; kinds that nobody felt are left out.
    pub felt: BTreeMap<Kind, u64>,
    /// Of those, how many struck a model or the way to it.
    pub model_faults_felt: u64,
    /// Things that checkers judged, or violations that they found, by property.
    pub judged: BTreeMap<&'static str, u64>,
    /// Everything declared, with the number of runs in which it happened.
    pub declared: BTreeMap<String, u64>,
}

/// Something that is to happen in at least one run of a sweep; if it does not, the sweep shows less than it seems to.
#[derive(Clone)]
pub struct Goal {
    name: String,
    happens: Happens,
}

#[derive(Clone)]
enum Happens {
    /// These counts say so.
    Counted(Arc<dyn Fn(&Exercised) -> bool + Send + Sync>),
    /// Some event of the history is one.
    Reached(Arc<dyn Fn(&Event) -> bool + Send + Sync>),
    /// The history as a whole shows it.
    Shown(Arc<dyn Fn(&History) -> bool + Send + Sync>),
}

impl fmt::Debug for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Goal").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Goal {
    /// That some run exercises as much.
    #[must_use]
    pub fn sometimes(name: &str, happens: impl Fn(&Exercised) -> bool + Send + Sync + 'static) -> Goal {
        Goal { name: name.to_owned(), happens: Happens::Counted(Arc::new(happens)) }
    }

    /// That some run reaches such an event.
    #[must_use]
    pub fn reachable(name: &str, is_one: impl Fn(&Event) -> bool + Send + Sync + 'static) -> Goal {
        Goal { name: name.to_owned(), happens: Happens::Reached(Arc::new(is_one)) }
    }

    /// That some run's history shows something that no single event does.
    #[must_use]
    pub fn shown(name: &str, shows: impl Fn(&History) -> bool + Send + Sync + 'static) -> Goal {
        Goal { name: name.to_owned(), happens: Happens::Shown(Arc::new(shows)) }
    }
}

impl Exercised {
    /// What one run exercised.
    #[must_use]
    pub fn of(history: &History, ledger: &Ledger, judged: &[Judged], goals: &[Goal]) -> Exercised {
        let mut exercised = Exercised::default();
        let mut terms = Terms::default();
        for entry in history.entries() {
            match &entry.event {
                Event::Fact(Fact::Elected { .. }) => exercised.elections += 1,
                Event::Fact(Fact::Decided { .. }) => exercised.decisions += 1,
                Event::Fact(Fact::Voted { term, candidate }) => terms.vote(*term, *candidate),
                Event::Operation(operation) if operation.begins() => {
                    *exercised.operations.entry(entry.node).or_default() += 1;
                }
                _ => {}
            }
        }
        exercised.contested_terms = terms.contested;
        for (kind, tally) in ledger.iter().filter(|(_, tally)| tally.felt > 0) {
            exercised.felt.insert(kind, tally.felt);
            exercised.model_faults_felt += if kind.part().is_model() { tally.felt } else { 0 };
        }
        for Judged { property, verdict } in judged {
            let inputs = match verdict {
                Verdict::Holds { judged } => *judged,
                Verdict::Violated(_) => 1,
                Verdict::Unknown { .. } => 0,
            };
            *exercised.judged.entry(property.name).or_default() += inputs;
        }
        for goal in goals {
            let happened = match &goal.happens {
                Happens::Counted(happens) => happens(&exercised),
                Happens::Reached(is_one) => history.entries().iter().any(|entry| is_one(&entry.event)),
                Happens::Shown(shows) => shows(history),
            };
            exercised.declare(&goal.name, if happened { Declared::Happened } else { Declared::Not });
        }
        exercised
    }

    /// Something was declared, and happened or not.
    pub fn declare(&mut self, name: &str, declared: Declared) {
        *self.declared.entry(name.to_owned()).or_default() += u64::from(declared == Declared::Happened);
    }

    /// Adds another run's counts.
    pub fn add(&mut self, other: &Exercised) {
        self.elections += other.elections;
        self.contested_terms += other.contested_terms;
        self.decisions += other.decisions;
        self.model_faults_felt += other.model_faults_felt;
        merge(&mut self.operations, &other.operations);
        merge(&mut self.felt, &other.felt);
        merge(&mut self.judged, &other.judged);
        merge(&mut self.declared, &other.declared);
    }

    /// Strikes of faults that their targets observed.
    #[must_use]
    pub fn faults_felt(&self) -> u64 {
        self.felt.values().sum()
    }

    /// What never happened although it was declared.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.declared.iter().filter(|(_, runs)| **runs == 0).map(|(name, _)| name.as_str())
    }
}

/// Whether something declared happened in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// It did.
    Happened,
    /// It did not.
    Not,
}

fn merge<K: Ord + Clone>(sums: &mut BTreeMap<K, u64>, more: &BTreeMap<K, u64>) {
    for (key, count) in more {
        match sums.get_mut(key) {
            Some(sum) => *sum += count,
            None => _ = sums.insert(key.clone(), *count),
        }
    }
}

/// Who was voted for in which term.
#[derive(Default)]
struct Terms {
    first: BTreeMap<u64, Option<NodeId>>,
    contested: u64,
}

impl Terms {
    /// A term in which two candidates have votes stays contested, and is counted once: its entry is emptied.
    fn vote(&mut self, term: u64, candidate: NodeId) {
        let known = self.first.entry(term).or_insert(Some(candidate));
        if known.is_some_and(|first| first != candidate) {
            *known = None;
            self.contested += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Entry;
    use crate::id::ProcessId;
    use crate::time::Time;

    fn history(facts: Vec<Fact>) -> History {
        let mut history = History::new();
        for fact in facts {
            let (node, process) = (NodeId::agent(0), ProcessId(0));
            history.push(Entry { at: Time::ZERO, node, process, event: Event::Fact(fact) });
        }
        history
    }

    fn voted(term: u64, candidate: u16) -> Fact {
        Fact::Voted { term, candidate: NodeId::agent(candidate) }
    }

    #[test]
    fn a_term_is_contested_once_however_many_vote_for_whomever() {
        let votes = vec![voted(1, 0), voted(1, 0), voted(2, 0), voted(2, 1), voted(2, 2), voted(3, 1), voted(2, 0)];
        let exercised = Exercised::of(&history(votes), &Ledger::default(), &[], &[]);
        assert_eq!(exercised.contested_terms, 1);
    }

    #[test]
    fn what_is_declared_and_never_happens_is_missing() {
        let goals = [
            Goal::sometimes("a term is contested", |seen| seen.contested_terms > 0),
            Goal::reachable("somebody votes", |event| matches!(event, Event::Fact(Fact::Voted { .. }))),
            Goal::shown("two vote", |history| history.entries().len() > 1),
        ];
        let run = |facts| Exercised::of(&history(facts), &Ledger::default(), &[], &goals);
        let mut sum = run(vec![voted(1, 0)]);
        sum.add(&run(Vec::new()));
        assert_eq!(sum.missing().collect::<Vec<_>>(), ["a term is contested", "two vote"]);
        assert_eq!(sum.declared["somebody votes"], 1);
        sum.add(&run(vec![voted(1, 0), voted(1, 2)]));
        assert_eq!(sum.missing().count(), 0);
    }
}
