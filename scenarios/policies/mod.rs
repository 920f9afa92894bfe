//! Partial failure, twice each: as teams usually meet it, and under policies. Both versions run on the same seeds.

mod barrier;
mod claims;
mod forks;
mod herd;
mod payments;
mod probe;
mod search;
mod storm;
mod sub_agents;

pub use claims::claims_fenced_of;
pub use herd::herd_jittered_of;
pub use payments::payments_once_of;
pub use probe::half_open_probed_of;
pub use storm::{retry_storm, retry_storm_budgeted, retry_storm_budgeted_of};
pub use sub_agents::sub_agents_degrading_of;

use synod::fault::{Fault, Kind, Schedule};
use synod::id::NodeId;
use synod::scenario::Runnable;
use synod::time::{Time, seconds};

/// Every pair, the usual version first.
pub(crate) fn all() -> Vec<Box<dyn Runnable>> {
    vec![
        Box::new(sub_agents::sub_agents()),
        Box::new(sub_agents::sub_agents_degrading()),
        Box::new(storm::retry_storm()),
        Box::new(storm::retry_storm_budgeted()),
        Box::new(herd::herd()),
        Box::new(herd::herd_jittered()),
        Box::new(probe::half_open()),
        Box::new(probe::half_open_probed()),
        Box::new(payments::payments()),
        Box::new(payments::payments_once()),
        Box::new(claims::claims()),
        Box::new(claims::claims_fenced()),
        Box::new(barrier::barrier()),
        Box::new(barrier::barrier_hedged()),
        Box::new(barrier::barrier_quorum()),
        Box::new(forks::forks()),
        Box::new(forks::forks_ordered()),
    ]
}

/// The only tool.
const TOOL: NodeId = NodeId::tool(0);

/// This befalls the only tool, and nothing else does.
fn trouble(kind: Kind, from: u64, span: u64) -> Schedule {
    Schedule { faults: vec![Fault::at(kind, TOOL).from(Time::ZERO + seconds(from)).lasting(seconds(span))] }
}
