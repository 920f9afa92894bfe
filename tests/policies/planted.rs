//! Bugs planted in policies: each is caught by the scenario that the policy holds. Which one, the compiler asks of every
//! bug there is.

#[path = "../support/hunt.rs"]
mod hunt;

use synod::policy::{
    Allowance, Breaker, Checking, CrossCheck, Detector, Fence, Health, Hedge, Leases, Partial, Plan, Planted,
    Repeatable, Retry, Vitals,
};
use synod::scenario::Story;
use synod::time::{Time, millis, seconds};
use synod_scenarios::policies::{
    barrier_quorum_of, claims_fenced_of, cross_check_independent_of, half_open_probed_of, hedged_search_of,
    helpers_watched_of, herd_jittered_of, payments_once_of, pools_parted_of, quota_shared_of, retry_storm_budgeted_of,
    retry_storm_budgeted_with, sub_agents_degrading_of, trips_saga_of, watch_phi_of,
};

/// Where a bug shows, and as what.
struct Case {
    story: Story,
    property: &'static str,
}

fn check(bug: Planted) {
    let Case { story, property } = case(bug);
    hunt::expect(&format!("{bug:?}"), &story, property);
}

fn storm(retry: Retry) -> Story {
    retry_storm_budgeted_of(retry, |retry| Plan::new(retry).each(seconds(3)).within(seconds(10)))
}

fn parts() -> Partial<()> {
    Partial::of(["report/facts", "report/risks", "report/costs"])
}

fn part_plan() -> Plan {
    Plan::new(Retry::times(2)).each(seconds(15)).within(seconds(55))
}

fn late_pay(bug: Planted) -> Hedge {
    let hedge = Hedge::after(seconds(1), Repeatable::OnceOnly);
    if bug == Planted::HedgesOnceOnly { hedge.planted(bug) } else { hedge }
}

fn health(now: Time) -> Health {
    Health::new(Vitals::usual(), Detector::fixed(seconds(3), now))
}

fn phi(now: Time) -> Detector {
    Detector::phi(8, seconds(1), millis(100), now)
}

fn one_other(author: synod::id::NodeId) -> Checking {
    CrossCheck { approvals: 1, models: 1 }.begin(author)
}

#[rustfmt::skip]
fn case(bug: Planted) -> Case {
    use Planted as P;
    let case = |story, property| Case { story, property };
    match bug {
        P::RetriesPermanent => case(storm(Retry::times(4).planted(bug)), "no_vain_retry"),
        P::IgnoresBudget => case(storm(Retry::times(4).planted(bug)), "retry_load"),
        P::WaitsPastDeadline => case(storm(Retry::times(4).planted(bug)), "deadlines_kept"),
        P::NoWait => case(storm(Retry::times(4).planted(bug)), "retry_gaps"),
        P::NoJitter => case(herd_jittered_of(Retry::times(6).planted(bug)), "herd"),
        P::RepeatsOnceOnly => {
            case(payments_once_of(Retry::times(4).once_only().planted(bug), late_pay(bug)), "no_repeated_step")
        }
        P::HedgesOnceOnly => case(payments_once_of(Retry::times(4).once_only(), late_pay(bug)), "no_repeated_step"),
        P::HedgesAtOnce => {
            case(hedged_search_of(Hedge::after(seconds(2), Repeatable::Idempotent).planted(bug)), "retry_load")
        }
        P::PaysWhole => case(retry_storm_budgeted_with(|budget| budget.planted(P::PaysWhole)), "retry_load"),
        P::NeverEmpty => case(retry_storm_budgeted_with(|budget| budget.planted(P::NeverEmpty)), "retry_load"),
        P::DeadlineStartsAfresh => {
            let plan = |retry| Plan::new(retry).each(seconds(3)).within(seconds(10)).planted(P::DeadlineStartsAfresh);
            case(retry_storm_budgeted_of(Retry::times(4), plan), "deadlines_kept")
        }
        P::EveryoneProbes | P::OpenLeaks => {
            case(half_open_probed_of(Breaker::new(3, seconds(5)).planted(bug)), "breaker_legality")
        }
        P::SilentlyPartial => case(sub_agents_degrading_of(parts().planted(bug), part_plan()), "no_silent_loss"),
        P::ForgetsOpen => case(barrier_quorum_of(|step| step.planted(P::ForgetsOpen)), "no_silent_loss"),
        P::StopsAtFirstRung | P::SkipsRung => {
            case(sub_agents_degrading_of(parts(), part_plan().planted(bug)), "rule_applied")
        }
        P::SameToken | P::ClaimsTwice => {
            case(claims_fenced_of(Leases::new().planted(bug), Fence::default()), "one_live_claim")
        }
        P::TakesAnyToken | P::ForgetsSeen => {
            case(claims_fenced_of(Leases::new(), Fence::default().planted(bug)), "fenced_effects")
        }
        P::HearsNothing => case(watch_phi_of(|now| phi(now).planted(P::HearsNothing)), "deadlines_kept"),
        P::NeverSuspects => case(watch_phi_of(|now| phi(now).planted(P::NeverSuspects)), "sound_suspicion"),
        P::ShellVouches => case(helpers_watched_of(|now| health(now).planted(P::ShellVouches)), "deadlines_kept"),
        P::ForgivesGarbage => case(helpers_watched_of(|now| health(now).planted(P::ForgivesGarbage)), "deadlines_kept"),
        P::CountsAuthorsModel => {
            let wants = |author| one_other(author).planted(P::CountsAuthorsModel);
            case(cross_check_independent_of(wants), "independently_confirmed")
        }
        P::DoubtIsConsent => {
            let wants = |author| one_other(author).planted(P::DoubtIsConsent);
            case(cross_check_independent_of(wants), "independently_confirmed")
        }
        P::NoSeats => case(pools_parted_of(|bulkhead| bulkhead.planted(P::NoSeats)), "seats"),
        P::SeatNeverFreed => case(pools_parted_of(|bulkhead| bulkhead.planted(P::SeatNeverFreed)), "deadlines_kept"),
        P::SharesWhole | P::ForgetsTaken => {
            case(quota_shared_of(Allowance::per_minute(30, 6).planted(bug)), "within_quota")
        }
        P::UndoesInOrder => case(trips_saga_of(|saga| saga.planted(P::UndoesInOrder)), "all_or_nothing"),
        P::SkipsUnsure => case(trips_saga_of(|saga| saga.planted(P::SkipsUnsure)), "all_or_nothing"),
        P::FreshKeys => case(trips_saga_of(|saga| saga.planted(P::FreshKeys)), "all_or_nothing"),
        P::GivesUpUndoing => case(trips_saga_of(|saga| saga.planted(P::GivesUpUndoing)), "all_or_nothing"),
        P::ActsFirst => case(trips_saga_of(|saga| saga.planted(P::ActsFirst)), "all_or_nothing"),
    }
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
            let hunted = policies.iter().flat_map(|(_, bugs)| *bugs);
            assert!(Planted::ALL.iter().all(|bug| hunted.clone().any(|other| other == bug)));
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
