//! The properties there are, by name. Knows no history.

use super::Check;
use super::{
    Accountability, Agreement, AllDelivered, AllOrNothing, AnnouncedIsExecuted, BreakerLegality, CallsAnswered,
    CausalDelivery, Certificates, ChosenOnce, ClientAgreement, ClientIntegrity, ClientTermination, ClientValidity,
    ClockValidity, CompleteCalls, Correctness, DeadlinesKept, DeliveredOnce, EffectAtMostOnce, EffectsInOrder,
    ElectionSafety, FencedEffects, FifoDelivery, Herd, Integrity, LeaderAppendOnly, LeaderCompleteness,
    LinearizableLog, LockedValue, LogMatching, NoInventedLetter, NoLivelock, NoLostWork, NoOrphanCalls, NoRepeatedStep,
    NoSilentLoss, NoStaleHandOff, NoVainRetry, NoWaitCycle, OneLiveClaim, OneValuePerBallot, PromisesKept, Recovery,
    RetryGaps, RetryLoad, SoundSuspicion, StableAgreement, StateMachineSafety, Termination, ThreadEntries, TotalOrder,
    ValidCalls, Validity,
};

/// A property of the catalogue with the other names it answers to.
struct Listing {
    check: &'static dyn Check,
    aliases: &'static [&'static str],
}

const LISTINGS: &[Listing] = &[
    Listing { check: &Agreement, aliases: &["uniform_agreement"] },
    Listing { check: &ClientAgreement, aliases: &["same_answer"] },
    Listing { check: &Validity, aliases: &["no_creation"] },
    Listing { check: &ClientValidity, aliases: &["no_invented_answer"] },
    Listing { check: &Integrity, aliases: &["decides_once"] },
    Listing { check: &ClientIntegrity, aliases: &["answers_once", "well_formed"] },
    Listing { check: &Termination::DEFAULT, aliases: &["liveness", "termination_after_heal"] },
    Listing { check: &ClientTermination::DEFAULT, aliases: &["client_liveness"] },
    Listing { check: &LinearizableLog, aliases: &["log_reads", "read_index"] },
    Listing { check: &ElectionSafety, aliases: &["one_leader"] },
    Listing { check: &LeaderAppendOnly, aliases: &["append_only"] },
    Listing { check: &LogMatching, aliases: &["same_logs"] },
    Listing { check: &LeaderCompleteness, aliases: &["complete_leader"] },
    Listing { check: &StateMachineSafety, aliases: &["same_state"] },
    Listing { check: &ChosenOnce, aliases: &["chosen"] },
    Listing { check: &PromisesKept, aliases: &["kept_promises"] },
    Listing { check: &OneValuePerBallot, aliases: &["ballots"] },
    Listing { check: &StableAgreement, aliases: &["stability"] },
    Listing { check: &Certificates, aliases: &["no_conflicting_certificates"] },
    Listing { check: &LockedValue, aliases: &["lock_rule"] },
    Listing { check: &Accountability, aliases: &["no_false_accusation"] },
    Listing { check: &EffectAtMostOnce, aliases: &["at_most_once", "idempotence"] },
    Listing { check: &NoRepeatedStep, aliases: &["step_repetition"] },
    Listing { check: &CompleteCalls, aliases: &["no_effect_of_half_a_call"] },
    Listing { check: &ValidCalls, aliases: &["no_invented_tool"] },
    Listing { check: &NoOrphanCalls, aliases: &["no_orphans"] },
    Listing { check: &AnnouncedIsExecuted, aliases: &["no_invented_result"] },
    Listing { check: &EffectsInOrder, aliases: &["tool_effect_reordering"] },
    Listing { check: &NoInventedLetter, aliases: &["no_letter_from_nowhere"] },
    Listing { check: &DeliveredOnce, aliases: &["no_duplication"] },
    Listing { check: &FifoDelivery, aliases: &["fifo", "fifo_order"] },
    Listing { check: &CausalDelivery, aliases: &["causal_order"] },
    Listing { check: &TotalOrder, aliases: &["atomic_broadcast"] },
    Listing { check: &AllDelivered::DEFAULT, aliases: &["reliable_delivery", "no_lost_letter"] },
    Listing { check: &NoStaleHandOff, aliases: &["stale_hand_off", "hidden_channel"] },
    Listing { check: &CallsAnswered::DEFAULT, aliases: &["availability", "store_liveness"] },
    Listing { check: &ThreadEntries::DEFAULT, aliases: &["no_lost_entry", "lost_append"] },
    Listing { check: &ClockValidity, aliases: &["hlc", "hybrid_clocks"] },
    Listing { check: &DeadlinesKept, aliases: &["deadlines"] },
    Listing { check: &NoSilentLoss, aliases: &["says_what_is_missing"] },
    Listing { check: &OneLiveClaim, aliases: &["one_claim"] },
    Listing { check: &FencedEffects, aliases: &["fencing"] },
    Listing { check: &BreakerLegality, aliases: &["one_probe"] },
    Listing { check: &RetryLoad::DEFAULT, aliases: &["retry_budget"] },
    Listing { check: &NoVainRetry, aliases: &["retries_what_may_succeed"] },
    Listing { check: &Recovery::DEFAULT, aliases: &["no_metastable_failure"] },
    Listing { check: &Herd::DEFAULT, aliases: &["no_herd"] },
    Listing { check: &NoWaitCycle, aliases: &["no_deadlock"] },
    Listing { check: &AllOrNothing, aliases: &["sagas"] },
    Listing { check: &SoundSuspicion::DEFAULT, aliases: &["few_false_alarms"] },
    Listing { check: &NoLivelock::DEFAULT, aliases: &["no_endless_reassignment"] },
    Listing { check: &RetryGaps::DEFAULT, aliases: &["waits_between_retries"] },
    Listing { check: &NoLostWork::DEFAULT, aliases: &["no_acknowledged_work_lost"] },
    Listing { check: &Correctness, aliases: &["truth"] },
];

/// Every property's checker, in the order reports list them.
///
/// ```
/// use synod::check::all;
/// let names: Vec<_> = all().iter().map(|check| check.property().name).collect();
/// assert_eq!(names[0], "agreement");
/// ```
#[must_use]
pub fn all() -> Vec<&'static dyn Check> {
    LISTINGS.iter().map(|listing| listing.check).collect()
}

/// The other names a property answers to.
#[must_use]
pub fn aliases(name: &str) -> &'static [&'static str] {
    LISTINGS.iter().find(|listing| listing.check.property().name == name).map_or(&[], |listing| listing.aliases)
}

/// A name that no property has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no property '{name}'; the nearest is '{nearest}' (`synod list` shows them all)")]
pub struct UnknownProperty {
    /// The name asked for.
    pub name: String,
    /// The most similar name there is.
    pub nearest: &'static str,
}

/// The checker of a property by its name or an alias, in any case, with `-` for `_` if you like.
///
/// ```
/// use synod::check::by_name;
/// assert_eq!(by_name("Log-Matching").map(|check| check.property().name), Ok("log_matching"));
/// assert_eq!(by_name("agrement").err().map(|unknown| unknown.nearest), Some("agreement"));
/// ```
///
/// # Errors
/// If no property has this name; the error names the nearest.
pub fn by_name(name: &str) -> Result<&'static dyn Check, UnknownProperty> {
    let wanted = name.trim().to_lowercase().replace(['-', ' '], "_");
    let names = || {
        LISTINGS.iter().flat_map(|listing| {
            let own = listing.check.property().name;
            [own].into_iter().chain(listing.aliases.iter().copied()).map(move |known| (known, listing))
        })
    };
    if let Some((_, listing)) = names().find(|(known, _)| *known == wanted) {
        return Ok(listing.check);
    }
    Err(UnknownProperty { name: name.to_owned(), nearest: nearest(name, []) })
}

/// The name most similar to one that no property has, among these and all of this catalogue.
pub(crate) fn nearest(name: &str, others: impl IntoIterator<Item = &'static str>) -> &'static str {
    let wanted = name.trim().to_lowercase().replace(['-', ' '], "_");
    let own = LISTINGS
        .iter()
        .flat_map(|listing| [listing.check.property().name].into_iter().chain(listing.aliases.iter().copied()));
    // A part of a name is nearer than any misspelling of another.
    let nearness = |known: &&str| (usize::from(!known.contains(&wanted)), distance(&wanted, known));
    own.chain(others).min_by_key(nearness).expect("the catalogue is not empty")
}

/// How many letters must be added, removed or replaced to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for column in 0..other.len() {
            let replaced = diagonal + usize::from(other[column] != letter);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_properties() {
        let mut names: Vec<&str> = LISTINGS
            .iter()
            .flat_map(|listing| [listing.check.property().name].into_iter().chain(listing.aliases.iter().copied()))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn every_property_answers_to_its_name_and_aliases() {
        for check in all() {
            let name = check.property().name;
            for known in aliases(name).iter().chain([&name]) {
                assert_eq!(by_name(known).map(|found| found.property().name), Ok(name));
            }
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let cases = [("agreemnt", "agreement"), ("TERMINATE", "termination"), ("election", "election_safety")];
        for (name, nearest) in cases {
            assert_eq!(by_name(name).err().map(|unknown| unknown.nearest), Some(nearest), "{name}");
        }
    }

    #[test]
    fn counts_edits() {
        for (one, other, edits) in [("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("flaw", "lawn", 2)] {
            assert_eq!(distance(one, other), edits, "{one} {other}");
            assert_eq!(distance(other, one), edits, "{other} {one}");
        }
    }
}
