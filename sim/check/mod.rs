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
//! | [`StableAgreement`] | Ruan et al. 2025 (arXiv 2512.20184), section 5 | facts | `stable_agreement.rs` |
//! | [`Certificates`] | Buchman, Kwon, Milosevic 2018, lemmas 3 and 4 | facts | `certificates.rs` |
//! | [`LockedValue`] | the same, algorithm 1, lines 15-16 and 22-33 | facts, environment | `locked_value.rs` |
//! | [`Accountability`] | Buchman 2016, section 3.4 | facts, environment | `accountability.rs` |
//! | [`EffectAtMostOnce`] | Birrell, Nelson 1984 (Implementing RPC) | environment | `effect_at_most_once.rs` |
//! | [`NoRepeatedStep`] | Cemri et al. 2025 (MAST), mode 1.3 | environment | `no_repeated_step.rs` |
//! | [`CompleteCalls`] | the chat APIs' stop reasons | environment | `complete_calls.rs` |
//! | [`ValidCalls`] | Model Context Protocol 2025-06-18; MAST, mode 1.1 | facts, environment | `valid_calls.rs` |
//! | [`NoOrphanCalls`] | the chat APIs' call ids; Nelson 1981 (RPC) | facts, environment | `no_orphan_calls.rs` |
//! | [`AnnouncedIsExecuted`] | MAST, mode 2.6 | facts, environment | `announced_is_executed.rs` |
//! | [`EffectsInOrder`] | Khan 2026 (arXiv 2606.17182) | facts, environment | `effects_in_order.rs` |
//! | [`NoInventedLetter`] | Cachin, Guerraoui, Rodrigues 2011, module 2.3, PL3 | facts | `no_invented_letter.rs` |
//! | [`DeliveredOnce`] | the same, PL2 | facts | `delivered_once.rs` |
//! | [`FifoDelivery`] | Hadzilacos, Toueg 1994, section 3.3 | facts | `fifo_delivery.rs` |
//! | [`CausalDelivery`] | Schiper et al. 1989; Birman et al. 1991 | facts | `causal_delivery.rs` |
//! | [`TotalOrder`] | Defago, Schiper, Urban 2004, section 2.2 | facts | `total_order.rs` |
//! | [`AllDelivered`] | Cachin, Guerraoui, Rodrigues 2011, module 2.3, PL1 | facts, environment | `all_delivered.rs` |
//! | [`ClockValidity`] | Kulkarni et al. 2014, section 3 | facts | `clock_validity.rs` |
//! | [`DeadlinesKept`] | gRPC's deadlines | facts | `deadlines_kept.rs` |
//! | [`NoSilentLoss`] | MAST, modes 3.1 and 3.2 | facts | `no_silent_loss.rs` |
//! | [`OneLiveClaim`] | Gray, Cheriton 1989 (Leases), section 2 | facts, environment | `one_live_claim.rs` |
//! | [`FencedEffects`] | Burrows 2006 (Chubby), section 2.4 | environment | `fenced_effects.rs` |
//! | [`BreakerLegality`] | Nygard 2007 (Release It!), section 5.2 | facts | `breaker_legality.rs` |
//! | [`RetryLoad`] | Beyer et al. 2016 (SRE), chapter 21 | facts | `retry_load.rs` |
//! | [`NoStaleHandOff`] | Cheriton, Skeen 1993, section 3.1 | operations, facts, environment | `no_stale_hand_off.rs` |
//! | [`CallsAnswered`] | Gilbert, Lynch 2002, section 4 | operations, environment | `calls_answered.rs` |
//! | [`ThreadEntries`] | Shapiro et al. 2011 (RR-7506), section 3.3 | operations, environment | `thread_entries.rs` |
//! | [`NoVainRetry`] | Stoica et al. 2024 (WASABI, SOSP) | facts | `no_vain_retry.rs` |
//! | [`Recovery`] | Bronson et al. 2021, section 2 | facts, environment | `recovery.rs` |
//! | [`Herd`] | Brooker 2015 | facts | `herd.rs` |
//! | [`NoWaitCycle`] | Coffman, Elphick, Shoshani 1971, section 2 | facts, environment | `no_wait_cycle.rs` |
//! | [`AllOrNothing`] | Garcia-Molina, Salem 1987, section 2 | facts, environment | `all_or_nothing.rs` |
//! | [`SoundSuspicion`] | Chandra, Toueg 1996, section 2 | facts, environment | `sound_suspicion.rs` |
//! | [`NoLivelock`] | Alpern, Schneider 1985, bounded | facts | `no_livelock.rs` |
//! | [`RetryGaps`] | Stoica et al. 2024; Brooker 2015 | facts | `retry_gaps.rs` |
//! | [`NoLostWork`] | Gray, Reuter 1993; MAST, mode 1.4 | facts, environment | `no_lost_work.rs` |
//! | [`Correctness`] | the task's own score | facts | `correctness.rs` |
//!
//! What members say of themselves is judged by the properties on facts. Whether they told the truth is judged by the
//! twins on operations: the Raft properties exist so that all clients hear the same, which is [`ClientAgreement`].
//!
//! Every checker here is also [`Online`]: it takes each entry once, in constant time whatever the history's length;
//! those on tools in logarithmic time, because calls have names, and causal delivery in time linear in the senders.

mod accountability;
mod agreement;
mod all_delivered;
mod all_or_nothing;
mod announced_is_executed;
mod breaker_legality;
mod calls;
mod calls_answered;
mod catalogue;
mod causal_delivery;
mod certificates;
mod chosen_once;
mod client_agreement;
mod client_integrity;
mod client_termination;
mod client_validity;
mod clock_validity;
mod complete_calls;
pub mod consistency;
mod correctness;
mod deadlines_kept;
mod delivered_once;
mod dense;
mod effect_at_most_once;
mod effects_in_order;
mod election_safety;
mod fenced_effects;
mod fifo_delivery;
mod herd;
mod integrity;
mod leader_append_only;
mod leader_completeness;
mod letters;
mod linearizable_log;
mod lives;
mod locked_value;
mod log_matching;
mod logs;
mod no_invented_letter;
mod no_livelock;
mod no_lost_work;
mod no_orphan_calls;
mod no_repeated_step;
mod no_silent_loss;
mod no_stale_hand_off;
mod no_vain_retry;
mod no_wait_cycle;
mod offers;
mod one_live_claim;
mod one_value_per_ballot;
mod online;
mod promises_kept;
mod recovery;
mod retry_gaps;
mod retry_load;
mod sound_suspicion;
mod stable_agreement;
mod state_machine_safety;
mod stored;
mod termination;
mod thread_entries;
mod total_order;
mod valid_calls;
mod validity;
mod verdict;
mod waiting;

pub use accountability::Accountability;
pub use agreement::Agreement;
pub use all_delivered::AllDelivered;
pub use all_or_nothing::AllOrNothing;
pub use announced_is_executed::AnnouncedIsExecuted;
pub use breaker_legality::BreakerLegality;
pub use calls_answered::CallsAnswered;
#[cfg(feature = "command")]
pub(crate) use catalogue::nearest;
pub use catalogue::{UnknownProperty, aliases, all, by_name};
pub use causal_delivery::CausalDelivery;
pub use certificates::Certificates;
pub use chosen_once::ChosenOnce;
pub use client_agreement::ClientAgreement;
pub use client_integrity::ClientIntegrity;
pub use client_termination::ClientTermination;
pub use client_validity::ClientValidity;
pub use clock_validity::ClockValidity;
pub use complete_calls::CompleteCalls;
pub use correctness::Correctness;
pub use deadlines_kept::DeadlinesKept;
pub use delivered_once::DeliveredOnce;
pub use effect_at_most_once::EffectAtMostOnce;
pub use effects_in_order::EffectsInOrder;
pub use election_safety::ElectionSafety;
pub use fenced_effects::FencedEffects;
pub use fifo_delivery::FifoDelivery;
pub use herd::Herd;
pub use integrity::Integrity;
pub use leader_append_only::LeaderAppendOnly;
pub use leader_completeness::LeaderCompleteness;
pub use linearizable_log::LinearizableLog;
pub use locked_value::LockedValue;
pub use log_matching::LogMatching;
pub use no_invented_letter::NoInventedLetter;
pub use no_livelock::NoLivelock;
pub use no_lost_work::NoLostWork;
pub use no_orphan_calls::NoOrphanCalls;
pub use no_repeated_step::NoRepeatedStep;
pub use no_silent_loss::NoSilentLoss;
pub use no_stale_hand_off::NoStaleHandOff;
pub use no_vain_retry::NoVainRetry;
pub use no_wait_cycle::NoWaitCycle;
pub use one_live_claim::OneLiveClaim;
pub use one_value_per_ballot::OneValuePerBallot;
pub use online::{Observe, Online};
pub use promises_kept::PromisesKept;
pub use recovery::Recovery;
pub use retry_gaps::RetryGaps;
pub use retry_load::RetryLoad;
pub use sound_suspicion::SoundSuspicion;
pub use stable_agreement::StableAgreement;
pub use state_machine_safety::StateMachineSafety;
pub use stored::OfStore;
pub use termination::Termination;
pub use thread_entries::ThreadEntries;
pub use total_order::TotalOrder;
pub use valid_calls::ValidCalls;
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
