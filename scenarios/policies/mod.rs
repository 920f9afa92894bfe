//! Partial failure, twice each: as teams usually meet it, and under policies. Both versions run on the same seeds.

mod barrier;
mod chain;
mod claims;
mod cross_check;
mod forks;
mod hedged;
mod helpers;
mod herd;
mod inbox;
mod ledger;
mod payments;
mod poison;
mod pools;
mod probe;
mod quota;
mod rates;
mod search;
mod storm;
mod sub_agents;
mod trips;
mod watch;

pub use barrier::{barrier_hedged_of, barrier_quorum_of};
pub use claims::{claims_fenced_of, claims_fenced_over_restarts};
pub use cross_check::cross_check_independent_of;
pub use forks::{Order, forks_ordered_of};
pub use hedged::hedged_search_of;
pub use helpers::helpers_watched_of;
pub use herd::herd_jittered_of;
pub use inbox::{Memory, inbox_durable_of, inbox_durable_on_a_full_disk};
pub use payments::payments_once_of;
pub use poison::poison_set_aside_of;
pub use pools::pools_parted_of;
pub use probe::half_open_probed_of;
pub use quota::quota_shared_of;
pub use rates::{RATE_IS_GOOD_FOR, rates_fresh_of};
pub use storm::{retry_storm, retry_storm_budgeted, retry_storm_budgeted_of, retry_storm_budgeted_with};
pub use sub_agents::{sub_agents_degrading_of, sub_agents_degrading_under, sub_agents_degrading_with};
pub use trips::trips_saga_of;
pub use watch::{watch, watch_phi, watch_phi_of};

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::task::Poll;
use synod::fault::{Fault, Kind, Schedule};
use synod::id::NodeId;
use synod::scenario::{Pairing, Runnable};
use synod::seed::Draws;
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
        Box::new(payments::payments_keyed()),
        Box::new(claims::claims()),
        Box::new(claims::claims_fenced()),
        Box::new(barrier::barrier()),
        Box::new(barrier::barrier_hedged()),
        Box::new(barrier::barrier_quorum()),
        Box::new(forks::forks()),
        Box::new(forks::forks_asked()),
        Box::new(forks::forks_ordered()),
        Box::new(hedged::hedged_search()),
        Box::new(trips::trips()),
        Box::new(trips::trips_saga()),
        Box::new(cross_check::cross_check()),
        Box::new(cross_check::cross_check_independent()),
        Box::new(cross_check::cross_check_proved()),
        Box::new(chain::chain()),
        Box::new(chain::chain_checked()),
        Box::new(watch::watch()),
        Box::new(watch::watch_phi()),
        Box::new(helpers::helpers()),
        Box::new(helpers::helpers_watched()),
        Box::new(pools::pools()),
        Box::new(pools::pools_parted()),
        Box::new(quota::quota()),
        Box::new(quota::quota_shared()),
        Box::new(rates::rates()),
        Box::new(rates::rates_fresh()),
        Box::new(poison::poison()),
        Box::new(poison::poison_set_aside()),
        Box::new(inbox::inbox()),
        Box::new(inbox::inbox_durable()),
    ]
}

/// What the usual version of each is to be held against.
pub(crate) fn pairings() -> Vec<Pairing> {
    vec![
        Pairing::of("sub_agents", ["sub_agents_degrading"]),
        Pairing::of("retry_storm", ["retry_storm_budgeted"]),
        Pairing::of("herd", ["herd_jittered"]),
        Pairing::of("half_open", ["half_open_probed"]),
        Pairing::of("payments", ["payments_once", "payments_keyed"]),
        Pairing::of("claims", ["claims_fenced"]),
        Pairing::of("barrier", ["barrier_hedged", "barrier_quorum"]),
        Pairing::of("forks", ["forks_ordered"]),
        Pairing::of("forks_asked", ["forks_ordered"]),
        Pairing::of("trips", ["trips_saga"]),
        Pairing::of("cross_check", ["cross_check_independent", "cross_check_proved"]),
        Pairing::of("chain", ["chain_checked"]),
        Pairing::of("watch", ["watch_phi"]),
        Pairing::of("helpers", ["helpers_watched"]),
        Pairing::of("pools", ["pools_parted"]),
        Pairing::of("quota", ["quota_shared"]),
        Pairing::of("rates", ["rates_fresh"]),
        Pairing::of("poison", ["poison_set_aside"]),
        Pairing::of("inbox", ["inbox_durable"]),
        // Stories and protocols of their own files.
        Pairing::of("refunds", ["refunds_keyed"]),
        Pairing::of("merges", ["merges_checked"]),
        Pairing::of("orchestrator", ["orchestrator_fenced"]),
    ]
}

/// One of several things that an agent does at once.
type Work<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Does all of these to their end.
async fn together(mut works: Vec<Work<'_>>) {
    std::future::poll_fn(|context| {
        works.retain_mut(|work| work.as_mut().poll(context).is_pending());
        if works.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// The only tool.
const TOOL: NodeId = NodeId::tool(0);

/// This befalls the only tool, and nothing else does.
fn trouble(kind: Kind, from: u64, span: u64) -> Schedule {
    Schedule { faults: vec![Fault::at(kind, TOOL).from(Time::ZERO + seconds(from)).lasting(seconds(span))] }
}

/// The same, from some second of these on, for so many of these.
fn trouble_drawn(draws: &mut Draws, kind: Kind, from: RangeInclusive<u64>, span: RangeInclusive<u64>) -> Schedule {
    let mut within = |seconds: RangeInclusive<u64>| draws.choose(*seconds.start(), *seconds.end(), *seconds.start());
    let (from, span) = (within(from), within(span));
    trouble(kind, from, span)
}
