//! Checkers: one property per file, each a pure function from a [`History`] to a [`Verdict`].
//!
//! A checker restates its rule on its own, from the paper it cites, and shares no code with what it judges.
//!
//! | property | restates | lanes | file |
//! |---|---|---|---|
//! | [`Agreement`] | Cachin, Guerraoui, Rodrigues 2011, module 5.2, UC4 | facts | `agreement.rs` |
//! | [`ClientAgreement`] | the same, end to end | operations | `client_agreement.rs` |
//! | [`Validity`] | the same, UC2 | facts, environment | `validity.rs` |
//! | [`ClientValidity`] | the same, end to end | operations, environment | `client_validity.rs` |
//! | [`Integrity`] | the same, UC3 | facts | `integrity.rs` |
//! | [`ClientIntegrity`] | Herlihy, Wing 1990, section 2.1 | operations | `client_integrity.rs` |
//! | [`Termination`] | Dwork, Lynch, Stockmeyer 1988, section 2.2; UC1 after the heal | all | `termination.rs` |
//! | [`ClientTermination`] | the same, end to end | operations, environment | `client_termination.rs` |
//! | [`LinearizableLog`] | Herlihy, Wing 1990, of a log that is only appended to | operations | `linearizable_log.rs` |
//! | [`ElectionSafety`] | Ongaro, Ousterhout 2014, figure 3, section 5.2 | facts | `election_safety.rs` |
//! | [`LeaderAppendOnly`] | the same, section 5.3 | facts, environment | `leader_append_only.rs` |
//! | [`LogMatching`] | the same, section 5.3 | facts, environment | `log_matching.rs` |
//! | [`LeaderCompleteness`] | the same, section 5.4 | facts, environment | `leader_completeness.rs` |
//! | [`StateMachineSafety`] | the same, sections 5.3 and 5.4.3 | facts, environment | `state_machine_safety.rs` |
//! | [`ChosenOnce`] | Lamport 2001 (Paxos Made Simple), sections 2.1, 2.2: P2 | facts | `chosen_once.rs` |
//! | [`PromisesKept`] | the same, section 2.2: P1a | facts | `promises_kept.rs` |
//! | [`OneValuePerBallot`] | van Renesse, Altinbuken 2015, section 2.1 | facts | `one_value_per_ballot.rs` |
//! | [`Certificates`] | Buchman, Kwon, Milosevic 2018, lemmas 3 and 4 | facts | `certificates.rs` |
//! | [`LockedValue`] | the same, algorithm 1, lines 15-16 and 22-33 | facts, environment | `locked_value.rs` |
//! | [`Accountability`] | Buchman 2016, section 3.4 | facts, environment | `accountability.rs` |
//! | [`Correctness`] | the task's own score | facts | `correctness.rs` |
//!
//! What members say of themselves is judged by the properties on facts. Whether they told the truth is judged by the
//! twins on operations: the Raft properties exist so that all clients hear the same, which is [`ClientAgreement`].
//!
//! Every checker here is also [`Online`]: it takes each entry once, in constant time whatever the history's length.

mod accountability;
mod agreement;
mod catalogue;
mod certificates;
mod chosen_once;
mod client_agreement;
mod client_integrity;
mod client_termination;
mod client_validity;
mod correctness;
mod dense;
mod election_safety;
mod integrity;
mod leader_append_only;
mod leader_completeness;
mod lives;
mod locked_value;
mod log_matching;
mod logs;
mod offers;
mod one_value_per_ballot;
mod online;
mod promises_kept;
mod state_machine_safety;
mod termination;
mod validity;
mod verdict;
mod waiting;

pub use accountability::Accountability;
pub use agreement::Agreement;
pub use catalogue::{UnknownProperty, aliases, all, by_name};
pub use certificates::Certificates;
pub use chosen_once::ChosenOnce;
pub use client_agreement::ClientAgreement;
pub use client_integrity::ClientIntegrity;
pub use client_termination::ClientTermination;
pub use client_validity::ClientValidity;
pub use correctness::Correctness;
pub use election_safety::ElectionSafety;
pub use integrity::Integrity;
pub use leader_append_only::LeaderAppendOnly;
pub use leader_completeness::LeaderCompleteness;
pub use locked_value::LockedValue;
pub use log_matching::LogMatching;
pub use one_value_per_ballot::OneValuePerBallot;
pub use online::{Observe, Online};
pub use promises_kept::PromisesKept;
pub use state_machine_safety::StateMachineSafety;
pub use termination::Termination;
pub use validity::Validity;
pub use verdict::{Lane, Property, PropertyKind, Step, Verdict, Witness};

use crate::history::History;

/// A property's checker.
pub trait Check: Send + Sync {
    /// Which property this decides.
    fn property(&self) -> Property;

    /// Which lanes of the history it reads.
    fn lanes(&self) -> &'static [Lane];

    /// Decides whether the property held.
    fn check(&self, history: &History) -> Verdict;
}
