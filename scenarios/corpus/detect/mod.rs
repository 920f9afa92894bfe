//! The detection table: how many seeds each bug takes to be found, by what it is found first, how small it shrinks, and
//! how often the correct twins are accused.
//!
//! Kills and false alarms come from one binary, under one [`configuration`]. Counts runs; only the time that shrinks
//! take is looked at, for people.

mod adequacy;
mod alarms;
mod hunt;
mod lessen;
mod mean;
mod told;

pub use adequacy::{Adequacy, Caught};
pub use alarms::{FalseAlarms, false_alarms, twins};
pub use hunt::{First, Found, Hunt};
pub use mean::mean_seeds;
pub use told::{Table, adequacy_text, alarms_text};

use super::Bug;
use synod::digest::{Digest, Digester};
use synod::explore::{BareHost, perform};
use synod::scenario::Job;
use synod::seed::Seed;

/// Seeds whose plans of faults stand for those of all.
const PLANS: u64 = 4;

/// A hash of what these bugs are looked for with: each one's name and property, the team, task, budgets and properties
/// that its scenario shares with its twin, and what goes wrong in it. Two tables under one hash are about the same.
#[must_use]
pub fn configuration(bugs: &[Bug], hunt: &Hunt) -> u64 {
    let mut digester = Digester::default();
    for word in [hunt.most, hunt.ranges] {
        digester.word(word);
    }
    for bug in bugs {
        let twin = bug.twin();
        let summary = format!("{:?}", twin.summary());
        for text in [bug.name.as_str(), bug.id, bug.property, &summary] {
            text.digest(&mut digester);
        }
        for seed in 0..PLANS {
            let run = perform(&*twin, &BareHost, &Job::of(Seed(seed)));
            let plan = run.map_or_else(|escape| escape.what, |run| format!("{:?}", run.schedule));
            plan.as_str().digest(&mut digester);
        }
    }
    digester.finish()
}
