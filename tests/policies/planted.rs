//! Bugs planted in policies: each is caught by the scenario that the policy holds. Where a bug is carried says the
//! corpus.

#[path = "../support/hunt.rs"]
mod hunt;

use synod::policy::Planted;
use synod_scenarios::corpus::by_name;

fn check(bug: Planted) {
    let name = format!("policy/{bug:?}");
    let listed = by_name(&name).unwrap_or_else(|| panic!("{name} stands in no table of the corpus"));
    hunt::expect(&name, &*listed.planted(), listed.property);
}

/// One test for each policy, so that they run side by side; together they have every bug.
macro_rules! policies {
    ($($name:ident: $($bug:ident),*;)*) => {
        $(#[test]
        fn $name() {
            [$(Planted::$bug),*].into_iter().for_each(check);
        })*

        #[test]
        fn every_bug_is_hunted_and_every_policy_has_two() {
            let policies: &[(&str, &[Planted])] = &[$((stringify!($name), &[$(Planted::$bug),*])),*];
            let hunted = || policies.iter().flat_map(|(_, bugs)| *bugs);
            assert!(Planted::ALL.iter().all(|bug| hunted().any(|other| other == bug)));
            let poor = policies.iter().find(|(_, bugs)| bugs.len() < 2);
            assert!(poor.is_none(), "{poor:?}");
        }
    };
}

policies! {
    classes_of_failures_are_looked_at: RetriesPermanent, RepeatsOnceOnly;
    retries_wait_and_not_alike: NoJitter, NoWait;
    retries_are_paid_for: IgnoresBudget, PaysWhole, NeverEmpty;
    deadlines_hold_for_all_of_a_request: WaitsPastDeadline, DeadlineStartsAfresh;
    breakers_let_one_probe_through_and_nothing_while_open: EveryoneProbes, OpenLeaks;
    hedges_are_rare_and_only_of_what_may_be_done_twice: HedgesOnceOnly, HedgesAtOnce;
    fallbacks_take_every_rung: StopsAtFirstRung, SkipsRung;
    partial_results_say_what_is_missing: SilentlyPartial, ForgetsOpen;
    claims_are_one_at_a_time_under_growing_numbers: SameToken, ClaimsTwice;
    fences_remember_and_refuse: TakesAnyToken, ForgetsSeen;
    detectors_hear_and_suspect: HearsNothing, NeverSuspects;
    health_is_more_than_a_heartbeat: ShellVouches, ForgivesGarbage;
    cross_checks_need_another_model: CountsAuthorsModel, DoubtIsConsent;
    bulkheads_count_who_is_in: NoSeats, SeatNeverFreed;
    rates_are_shared_and_used_up: SharesWhole, ForgetsTaken;
    sagas_end_whole: UndoesInOrder, SkipsUnsure, FreshKeys, GivesUpUndoing, ActsFirst;
}
