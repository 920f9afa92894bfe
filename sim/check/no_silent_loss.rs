//! No silent loss: what is missing of a piece of work is said to be missing. Looks at what participants say of their
//! work and of its parts.
//!
//! Names tell what is a part of what: `report/costs` is a part of `report`. Each part's own conclusion, mostly by
//! another participant, is held against what the whole says of it.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};
use std::collections::BTreeMap;

/// No piece of work is concluded as whole while one of its parts is missing or open.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSilentLoss;

impl NoSilentLoss {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_silent_loss",
        about: "whoever concludes work says which of its parts are missing",
        source: "Cemri et al. 2025 (MAST, arXiv 2503.13657), failure modes 3.1 and 3.2",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoSilentLoss {
    fn property(&self) -> Property {
        NoSilentLoss::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoSilentLoss {
    type State = Parts;

    fn begin(&self) -> Parts {
        Parts::default()
    }
}

/// The latest word on each piece of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    known: BTreeMap<String, Word>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    standing: Standing,
    by: Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Whole,
    Partial,
}

impl Observe for Parts {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            Event::Fact(Fact::Undertaken { work, .. }) => {
                self.known.insert(work.clone(), Word { standing: Standing::Open, by });
            }
            Event::Fact(Fact::Concluded { work, missing }) => {
                if let Some((part, word)) = self.unsaid(work, missing) {
                    return refute(work, part, word, by);
                }
                self.judged += 1;
                let standing = if missing.is_empty() { Standing::Whole } else { Standing::Partial };
                self.known.insert(work.clone(), Word { standing, by });
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Parts {
    /// A part that is not whole and of which nothing is said.
    fn unsaid(&self, work: &str, missing: &[String]) -> Option<(&str, &Word)> {
        // It says that it has nothing at all.
        if missing.iter().any(|part| part == work) {
            return None;
        }
        let below = format!("{work}/");
        let parts = self.known.range(below.clone()..).take_while(|(name, _)| name.starts_with(&below));
        parts.map(|(name, word)| (name.as_str(), word)).find(|(name, word)| {
            let short = &name[below.len()..];
            let direct = !short.contains('/');
            let said = missing.iter().any(|part| part == name || part == short);
            direct && !said && word.standing != Standing::Whole
        })
    }
}

#[cold]
fn refute(work: &str, part: &str, word: &Word, by: Seen) -> Option<Witness> {
    let what = match word.standing {
        Standing::Open => format!("takes on {part}"),
        _ => format!("concludes {part}, and something is missing"),
    };
    let steps = vec![word.by.step(what), by.step(format_args!("concludes {work} and does not name {part} as missing"))];
    let contradiction = format!("{work} is said to have {part}, which it has not.");
    Some(NoSilentLoss::PROPERTY.refuted("a part that is silently missing", steps, contradiction))
}
