//! Fenced effects: what is done under claims is done in the order of the claims. Looks at what tools did.
//!
//! A call made under a claim has the key `<work>#<number>`, so that the world sees under which. Whoever lost a claim
//! and acts all the same shows as a number that falls.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, Environment, Event, History};
use std::collections::BTreeMap;

/// The fencing numbers of a tool's effects on a piece of work never fall.
#[derive(Clone, Copy, Debug, Default)]
pub struct FencedEffects;

impl FencedEffects {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "fenced_effects",
        about: "no effect under an older claim comes after one under a newer claim to the same work",
        source: "Burrows 2006 (Chubby), section 2.4: sequencers",
        kind: PropertyKind::Safety,
    };
}

impl Check for FencedEffects {
    fn property(&self) -> Property {
        FencedEffects::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for FencedEffects {
    type State = Fences;

    fn begin(&self) -> Fences {
        Fences::default()
    }
}

/// The latest effect on each piece of work by each tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fences {
    latest: BTreeMap<(String, String), Effect>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Effect {
    number: u64,
    call: String,
    by: Seen,
}

impl Observe for Fences {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Environment(Environment::Executed { call, tool, key: Some(key), .. }) = &entry.event else {
            return None;
        };
        let (work, number) = key.rsplit_once('#')?;
        let number = number.parse().ok()?;
        self.judged += 1;
        let effect = Effect { number, call: call.clone(), by: Seen::of(place, entry) };
        let earlier = self.latest.insert((tool.clone(), work.to_owned()), effect.clone())?;
        (earlier.number > number).then(|| refute(tool, work, &earlier, &effect))
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(tool: &str, work: &str, newer: &Effect, older: &Effect) -> Witness {
    let step = |Effect { number, call, by }: &Effect| {
        by.step(format_args!("carries out {tool} as {call} for {work} under number {number}"))
    };
    let contradiction =
        format!("Number {} had lost {work} to number {}, and acted on it after that.", older.number, newer.number);
    let steps = vec![step(newer), step(older)];
    FencedEffects::PROPERTY.refuted("an effect of a claim that was lost", steps, contradiction)
}
