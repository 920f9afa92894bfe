//! One live claim: nobody claims a piece of work that somebody else's claim still covers. Looks at what claimants say.
//!
//! A claim ends with its time, with the work's conclusion, or with its holder's life. Its end-to-end twin is
//! [`FencedEffects`](super::FencedEffects): what was done under claims, as the world saw it.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::time::Time;
use std::collections::BTreeMap;

/// At any instant at most one participant holds a claim to a piece of work.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneLiveClaim;

impl OneLiveClaim {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "one_live_claim",
        about: "at most one participant at a time holds a claim to a piece of work, each under a greater number",
        source: "Gray, Cheriton 1989 (Leases), section 2",
        kind: PropertyKind::Safety,
    };
}

impl Check for OneLiveClaim {
    fn property(&self) -> Property {
        OneLiveClaim::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for OneLiveClaim {
    type State = Claims;

    fn begin(&self) -> Claims {
        Claims::default()
    }
}

/// The latest claim to each piece of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    live: BTreeMap<String, Claim>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Claim {
    until: Time,
    token: u64,
    by: Seen,
}

impl Observe for Claims {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            Event::Fact(Fact::Claimed { work, token, until }) => {
                self.judged += 1;
                let claim = Claim { until: *until, token: *token, by };
                let earlier = self.live.insert(work.clone(), claim)?;
                let again = earlier.by.node == by.node && earlier.by.process == by.process;
                let (taken, stale) = (earlier.until > entry.at, earlier.token >= *token);
                return if !again && (taken || stale) { refute(work, &earlier, &self.live[work]) } else { None };
            }
            Event::Fact(Fact::Concluded { work, .. }) => {
                // The claim is over, its number is not forgotten.
                if let Some(claim) = self.live.get_mut(work) {
                    claim.until = claim.until.min(entry.at);
                }
            }
            Event::Environment(Environment::Crashed) => {
                let of_it = |claim: &&mut Claim| claim.by.process == entry.process && claim.by.node == entry.node;
                self.live.values_mut().filter(of_it).for_each(|claim| claim.until = claim.until.min(entry.at));
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(work: &str, first: &Claim, second: &Claim) -> Option<Witness> {
    let step =
        |claim: &Claim| claim.by.step(format_args!("claims {work} under number {} until {}", claim.token, claim.until));
    let (one, other) = (first.by.node, second.by.node);
    let steps = vec![step(first), step(second)];
    if first.until > second.by.at {
        let contradiction = format!("{work} is claimed by {one} and by {other} at once.");
        return Some(OneLiveClaim::PROPERTY.refuted("two live claims", steps, contradiction));
    }
    let contradiction = format!("{other} claims {work} under a number not greater than that of {one}.");
    Some(OneLiveClaim::PROPERTY.refuted("a number that fences nobody off", steps, contradiction))
}
