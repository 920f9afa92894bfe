//! The catalogue: one file per story, in the order in which a newcomer should meet them.
//!
//! A protocol's plain scenario has its snake-case name; stories have their own.

mod baselines;
mod bft;
mod bugs;
mod channels;
mod clerks;
#[cfg(feature = "planted")]
pub mod corpus;
mod debate;
mod evidence;
mod merges;
mod patterns;
mod paxos;
pub mod policies;
mod properties;
mod raft;
mod refine;
mod refunds;
mod reviewers;
mod stores;
mod tasks;
mod teams;

pub use bft::{bft_log_of, bft_of};
pub use channels::{causal_of, fifo_of, narrow_line, narrow_total, total_of, unordered_of};
pub use debate::debate_of;
pub use merges::{Made, merges_checked_of};
pub use paxos::{paxos_config, paxos_log_config, paxos_log_of, paxos_of};
pub use raft::{raft_log_config, raft_log_of, raft_of};
pub use refine::refine_of;
pub use refunds::{Escalate, Payment, Refund};
pub use stores::{
    causal_config, causal_of as causal_store_of, eventual_of, eventual_violating, strong_of, weak_violating,
};

use synod::scenario::{Catalogue, Runnable};

/// Every scenario of this repository.
#[must_use]
pub fn catalogue() -> Catalogue {
    let mut scenarios: Vec<Box<dyn Runnable>> = vec![
        Box::new(baselines::last_speaker()),
        Box::new(baselines::orchestrator()),
        Box::new(baselines::orchestrator_fenced()),
        Box::new(baselines::majority_naive()),
        Box::new(baselines::majority()),
        Box::new(raft::raft()),
        Box::new(raft::raft_log()),
        Box::new(paxos::paxos()),
        Box::new(paxos::paxos_log()),
        Box::new(bft::bft()),
        Box::new(bft::bft_log()),
        Box::new(debate::debate()),
        Box::new(debate::debate_reviewed()),
        Box::new(refine::refine()),
        Box::new(channels::unordered()),
        Box::new(channels::fifo()),
        Box::new(channels::causal()),
        Box::new(channels::total()),
        Box::new(bugs::bug_unordered()),
        Box::new(bugs::bug_fifo()),
        Box::new(bugs::bug_causal()),
        Box::new(bugs::bug_total()),
        Box::new(stores::weak()),
        Box::new(stores::eventual()),
        Box::new(stores::causal()),
        Box::new(stores::strong()),
        Box::new(reviewers::reviewers()),
        Box::new(reviewers::reviewers_quorum()),
        Box::new(tasks::raft_plan()),
        Box::new(tasks::majority_estimate()),
        Box::new(tasks::last_speaker_extract()),
        Box::new(tasks::majority_naive_review()),
        Box::new(tasks::board()),
        Box::new(refunds::refunds()),
        Box::new(refunds::refunds_keyed()),
        Box::new(merges::merges()),
        Box::new(merges::merges_believed()),
        Box::new(merges::merges_checked()),
    ];
    scenarios.extend(policies::all());
    Catalogue::of(scenarios).comparing(teams::teams()).pairing(policies::pairings()).patterned(patterns::all())
}
