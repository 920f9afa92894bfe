//! All or nothing: work of several steps is done whole, or what was done of it is undone in reverse. Looks at what
//! tools did, under which keys; which steps belong together its maker says beforehand.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use std::collections::BTreeMap;

/// In the end each planned piece of work has all of its steps' effects or none that is not undone; each effect and each
/// compensation came once, compensations in reverse order, and nothing came after it was undone.
///
/// Effects go by the keys `work/step` and `work/step/undo`. A compensation of what was never done is none the worse.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllOrNothing;

impl AllOrNothing {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "all_or_nothing",
        about: "work of several steps is done whole, or undone whole and in reverse",
        source: "Garcia-Molina, Salem 1987 (Sagas, SIGMOD), section 2",
        kind: PropertyKind::Safety,
    };
}

impl Check for AllOrNothing {
    fn property(&self) -> Property {
        AllOrNothing::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for AllOrNothing {
    type State = Tales;

    fn begin(&self) -> Tales {
        Tales::default()
    }
}

/// Every planned piece of work so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tales {
    works: BTreeMap<String, Tale>,
}

/// How one piece of work went.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tale {
    planned: Seen,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    name: String,
    done: Option<Seen>,
    undone: Option<Seen>,
}

impl Step {
    fn stands(&self) -> Option<Seen> {
        self.done.filter(|_| self.undone.is_none())
    }
}

impl Observe for Tales {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            Event::Fact(Fact::Planned { work, steps }) => {
                let fresh = |name: &String| Step { name: name.clone(), done: None, undone: None };
                let tale = || Tale { planned: by, steps: steps.iter().map(fresh).collect() };
                self.works.entry(work.clone()).or_insert_with(tale);
                None
            }
            Event::Environment(Environment::Executed { key: Some(key), .. }) => {
                let (act, undoes) = key.strip_suffix("/undo").map_or((key.as_str(), false), |act| (act, true));
                let (work, step) = act.rsplit_once('/')?;
                let tale = self.works.get_mut(work)?;
                let number = tale.steps.iter().position(|known| known.name == step)?;
                if undoes { tale.undo(work, number, by) } else { tale.act(work, number, by) }
            }
            Event::Environment(Environment::Ended) => self.works.iter().find_map(|(work, tale)| tale.half(work, by)),
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        let touched = |tale: &&Tale| tale.steps.iter().any(|step| step.done.is_some());
        Verdict::Holds { judged: self.works.values().filter(touched).count() as u64 }
    }
}

impl Tale {
    fn act(&mut self, work: &str, number: usize, by: Seen) -> Option<Witness> {
        let step = &mut self.steps[number];
        let name = step.name.clone();
        let done = |by: Seen| by.step(format_args!("does {name} of {work}"));
        if let Some(undone) = step.undone {
            let steps = vec![undone.step(format_args!("undoes {name} of {work}")), done(by)];
            let contradiction = format!("{name} of {work} came after it was undone, and nobody will undo it again.");
            return refute("a step done after it was undone", steps, contradiction);
        }
        match step.done.replace(by) {
            None => None,
            Some(first) => {
                let contradiction = format!("{name} of {work} was done twice.");
                refute("a step done twice", vec![done(first), done(by)], contradiction)
            }
        }
    }

    fn undo(&mut self, work: &str, number: usize, by: Seen) -> Option<Witness> {
        let name = self.steps[number].name.clone();
        let undone = |by: Seen| by.step(format_args!("undoes {name} of {work}"));
        if let Some(first) = self.steps[number].undone.replace(by) {
            let contradiction = format!("{name} of {work} was undone twice.");
            return refute("a step undone twice", vec![undone(first), undone(by)], contradiction);
        }
        // Nothing done, nothing undone: the order of compensations that find nothing is of no matter.
        self.steps[number].done?;
        let later = self.steps[number + 1..].iter().find(|later| later.stands().is_some())?;
        let stands = later.stands()?.step(format_args!("does {} of {work}", later.name));
        let contradiction = format!("{name} of {work} was undone before {}, which was done after it.", later.name);
        refute("steps undone out of order", vec![stands, undone(by)], contradiction)
    }

    /// Whether the run ends with a part of it.
    fn half(&self, work: &str, end: Seen) -> Option<Witness> {
        let stands = self.steps.iter().find(|step| step.stands().is_some())?;
        let lacks = self.steps.iter().find(|step| step.stands().is_none())?;
        let by = stands.stands()?.step(format_args!("does {} of {work}", stands.name));
        let planned = self.planned.step(format_args!("plans {work}"));
        let steps = vec![planned, by, end.step("sees the run end")];
        let contradiction = format!("{work} is left with {} and without {}.", stands.name, lacks.name);
        refute("half of the work", steps, contradiction)
    }
}

#[cold]
fn refute(shape: &str, steps: Vec<super::Step>, contradiction: String) -> Option<Witness> {
    Some(AllOrNothing::PROPERTY.refuted(shape, steps, contradiction))
}
