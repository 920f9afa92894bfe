//! The catalogue: one file per story, in the order in which a newcomer should meet them.
//!
//! A protocol's plain scenario has its snake-case name; stories have their own.

mod properties;
mod raft;

pub use raft::raft_of;
use synod::scenario::Catalogue;

/// Every scenario of this repository.
#[must_use]
pub fn catalogue() -> Catalogue {
    Catalogue::of(vec![Box::new(raft::raft())])
}
