//! Work of several steps that is done whole or undone whole. Knows no step; whoever drives it acts and writes down.

use super::Class;
use super::planted::Bug;
use serde::{Deserialize, Serialize};

/// A saga (Garcia-Molina, Salem, "Sagas", SIGMOD 1987): steps T₁ … Tₙ, each with a compensation C₁ … Cₙ, of which is
/// done either T₁ … Tₙ or T₁ … Tⱼ Cⱼ … C₁.
///
/// Before it acts it writes down that it will, so a crash at any instant leaves a [`Journal`] that says which steps may
/// have had their effect. Each act has a key of its own, the same however often it is repeated: whoever carries acts
/// out does each key once. A step of which nobody knows what came of it is compensated too, so a compensation must bear
/// that there is nothing to undo, and from then on its step's key must be refused: the step may still be on its way.
///
/// ```
/// use synod::policy::{Class, Ending, Saga, Stage, Way};
/// let mut trip = Saga::new("trip-7", ["flight", "hotel"]);
/// let Stage::Write(_) = trip.stage() else { panic!("first it writes down what it will do") };
/// trip.written();
/// let Stage::Act(act) = trip.stage() else { panic!("then it acts") };
/// assert_eq!((act.step.as_str(), act.key.as_str()), ("flight", "trip-7/flight"));
/// trip.acted();
/// trip.written();
/// trip.failed(Class::Permanent); // There is no room at the hotel.
/// trip.written();
/// let Stage::Act(act) = trip.stage() else { panic!("the flight is undone, the hotel never was") };
/// assert_eq!((act.way, act.key.as_str()), (Way::Back, "trip-7/flight/undo"));
/// trip.acted();
/// trip.written();
/// assert_eq!(trip.stage(), Stage::Over(Ending::Undone));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saga {
    name: String,
    steps: Vec<String>,
    /// What is durable.
    journal: Journal,
    /// What is to be durable before anything else happens.
    writing: Option<Journal>,
    /// Whether the act that is on may have been tried in an earlier life.
    tried: Tried,
    bug: Bug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    No,
    Perhaps,
}

/// How far a saga has come: all of it that must outlive a crash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// Where it goes.
    pub heading: Heading,
    /// The first so many steps may have had their effect, and no other.
    pub open: usize,
}

/// Where a saga goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heading {
    /// To its last step.
    #[default]
    Forward,
    /// Back to where it began.
    Back,
    /// Nowhere: all steps are done.
    Done,
    /// Nowhere: all that was done is undone.
    Undone,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Make this durable, then say [`written`](Saga::written).
    Write(Journal),
    /// Carry this out, then say [`acted`](Saga::acted) or [`failed`](Saga::failed).
    Act(Act),
    /// Nothing more.
    Over(Ending),
}

/// One step or its compensation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The step's name.
    pub step: String,
    /// Whether the step is to be done or undone.
    pub way: Way,
    /// The idempotency key of the act.
    pub key: String,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The step.
    Forth,
    /// Its compensation, as often as it takes.
    Back,
}

/// How a saga ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of it is done.
    Done,
    /// Nothing of it is left.
    Undone,
}

crate::digestible! { struct Saga { name, steps, journal, writing, tried, bug } }
crate::digestible! { enum Tried { 1 = No, 2 = Perhaps } }
crate::digestible! { struct Journal { heading, open } }
crate::digestible! { enum Heading { 1 = Forward, 2 = Back, 3 = Done, 4 = Undone } }

impl Saga {
    /// A saga that begins. Its name is unique among all that have the same services.
    ///
    /// # Panics
    /// If it has no step.
    #[must_use]
    pub fn new<S: Into<String>>(name: &str, steps: impl IntoIterator<Item = S>) -> Saga {
        let steps: Vec<String> = steps.into_iter().map(Into::into).collect();
        assert!(!steps.is_empty(), "a saga has a step at least");
        let first = Journal { heading: Heading::Forward, open: 1 };
        let journal = Journal::default();
        Saga { name: name.to_owned(), steps, journal, writing: Some(first), tried: Tried::No, bug: Bug::NONE }
    }

    /// The same in the middle, after a crash: with what was durable, if anything was.
    ///
    /// # Panics
    /// If the journal is of a longer saga.
    #[must_use]
    pub fn resumed(mut self, journal: Option<Journal>) -> Saga {
        if let Some(journal) = journal.filter(|journal| *journal != Journal::default()) {
            assert!(journal.open <= self.steps.len(), "this journal is of a longer saga than {}", self.name);
            self.journal = journal;
            self.writing = None;
            self.tried = Tried::Perhaps;
            if has!(self.bug, FreshKeys) {
                self.name.push_str(" again");
            }
        }
        self
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Saga {
        self.bug = Bug::of(bug);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// What to do next; the same until it is told of something.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self.writing {
            Some(journal) if !self.acts_first(journal) => Stage::Write(journal),
            Some(journal) => self.at(journal),
            None => self.at(self.journal),
        }
    }

    fn acts_first(&self, Journal { heading, .. }: Journal) -> bool {
        has!(self.bug, ActsFirst) && matches!(heading, Heading::Forward | Heading::Back)
    }

    fn at(&self, Journal { heading, open }: Journal) -> Stage {
        match heading {
            Heading::Done => Stage::Over(Ending::Done),
            Heading::Undone => Stage::Over(Ending::Undone),
            Heading::Forward => Stage::Act(self.act(open - 1, Way::Forth)),
            // The last first: what was done last may rest on what was done before.
            Heading::Back => Stage::Act(self.act(open - 1, Way::Back)),
        }
    }

    fn act(&self, place: usize, way: Way) -> Act {
        let step = self.steps[place].clone();
        let suffix = if way == Way::Back { "/undo" } else { "" };
        Act { key: format!("{}/{step}{suffix}", self.name), way, step }
    }

    /// What was to be written is durable.
    pub fn written(&mut self) {
        if let Some(journal) = self.writing.take() {
            self.journal = journal;
            self.tried = Tried::No;
        }
    }

    /// The act that is on has had its effect: now, or when it was tried before.
    pub fn acted(&mut self) {
        let Journal { heading, open } = self.acting();
        self.writing = Some(match heading {
            Heading::Forward if open < self.steps.len() => Journal { heading, open: open + 1 },
            Heading::Forward => Journal { heading: Heading::Done, open },
            _ => Saga::back(open - 1),
        });
    }

    /// The step that is on failed so, and will not be tried again: it turns back. If one of several tries may have
    /// had its effect, that is [`Class::Unsure`], whatever the last one failed of. A compensation that fails is tried
    /// again.
    pub fn failed(&mut self, class: Class) {
        let journal = self.acting();
        match journal.heading {
            Heading::Forward => {
                // A try of an earlier life may still be on its way.
                let certain = class.is_without_effect() && self.tried == Tried::No;
                let nothing_done = certain || has!(self.bug, SkipsUnsure);
                let open = if nothing_done { journal.open - 1 } else { journal.open };
                if has!(self.bug, UndoesInOrder) {
                    self.steps[..open].reverse();
                }
                self.writing = Some(Saga::back(open));
            }
            _ if has!(self.bug, GivesUpUndoing) => self.acted(),
            _ => {}
        }
    }

    /// Where the act that is on stands.
    fn acting(&mut self) -> Journal {
        let journal = self.writing.unwrap_or(self.journal);
        let acts = matches!(journal.heading, Heading::Forward | Heading::Back);
        let durable = self.writing.is_none() || self.acts_first(journal);
        assert!(acts && durable, "{} is not at an act: it is at {:?}", self.name, self.stage());
        journal
    }

    const fn back(open: usize) -> Journal {
        Journal { heading: if open == 0 { Heading::Undone } else { Heading::Back }, open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// A service that does each key once, bears to undo what was not done, and refuses a step that was undone.
    #[derive(Default)]
    struct Services {
        keys: BTreeSet<String>,
        effects: Vec<String>,
    }

    impl Services {
        fn carry_out(&mut self, act: &Act) {
            let undone = self.keys.contains(&format!("{}/undo", act.key));
            if !undone && self.keys.insert(act.key.clone()) {
                self.effects.push(act.key.clone());
            }
        }
    }

    /// What happens to one stage: its act has an effect or not, its driver hears of it or not, and may crash.
    #[derive(Clone, Copy, Debug)]
    enum Fate {
        Fine,
        Refused,
        /// Nobody knows; it had its effect.
        LostAnswer,
        /// Nobody knows; it had none.
        LostCall,
        CrashBefore,
        CrashAfter,
    }

    fn fates() -> impl Strategy<Value = Vec<Fate>> {
        let all =
            vec![Fate::Fine, Fate::Refused, Fate::LostAnswer, Fate::LostCall, Fate::CrashBefore, Fate::CrashAfter];
        prop::collection::vec(prop_oneof![4 => Just(Fate::Fine), 3 => prop::sample::select(all)], 0..40)
    }

    fn fresh(steps: usize) -> Saga {
        Saga::new("s", (0..steps).map(|step| step.to_string()))
    }

    /// Drives a saga through these fates, then without trouble to its end.
    fn driven(steps: usize, fates: Vec<Fate>) -> (Ending, Vec<String>) {
        let (mut services, mut disk, mut saga) = (Services::default(), None, fresh(steps));
        let mut fates = fates.into_iter();
        loop {
            let fate = fates.next().unwrap_or(Fate::Fine);
            if matches!(fate, Fate::CrashBefore) {
                saga = fresh(steps).resumed(disk);
                continue;
            }
            match saga.stage() {
                Stage::Over(ending) => return (ending, services.effects),
                Stage::Write(journal) => {
                    disk = Some(journal);
                    saga.written();
                }
                Stage::Act(act) => match fate {
                    Fate::Refused => saga.failed(Class::Permanent),
                    Fate::LostCall => saga.failed(Class::Unsure),
                    Fate::LostAnswer => {
                        services.carry_out(&act);
                        saga.failed(Class::Unsure);
                    }
                    _ => {
                        services.carry_out(&act);
                        saga.acted();
                    }
                },
            }
            if matches!(fate, Fate::CrashAfter) {
                saga = fresh(steps).resumed(disk);
            }
        }
    }

    proptest! {
        #[test]
        fn a_saga_ends_wholly_done_or_undone_in_reverse_whatever_fails_and_wherever_it_crashes(
            steps in 1_usize..5, fates in fates(),
        ) {
            let (ending, effects) = driven(steps, fates);
            let done: Vec<&String> = effects.iter().filter(|key| !key.ends_with("/undo")).collect();
            let undone: Vec<&str> = effects.iter().filter_map(|key| key.strip_suffix("/undo")).collect();
            match ending {
                Ending::Done => {
                    prop_assert!(undone.is_empty());
                    let all: Vec<String> = (0..steps).map(|step| format!("s/{step}")).collect();
                    prop_assert_eq!(done, all.iter().collect::<Vec<_>>());
                }
                Ending::Undone => {
                    prop_assert!(done.iter().all(|key| undone.contains(&key.as_str())), "{:?}", effects);
                    prop_assert!(undone.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", effects);
                }
            }
        }
    }
}
