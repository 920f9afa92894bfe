//! Bugs planted in policies: each is caught by the scenario that the policy holds.

#[path = "../support/hunt.rs"]
mod hunt;

use synod::policy::{Breaker, Fence, Hedge, Leases, Partial, Plan, Planted, Repeatable, Retry};
use synod::scenario::Story;
use synod::time::seconds;
use synod_scenarios::policies::{
    claims_fenced_of, half_open_probed_of, herd_jittered_of, payments_once_of, retry_storm_budgeted_of,
    sub_agents_degrading_of,
};

fn check(bug: Planted, scenario: &Story, property: &str) {
    hunt::expect(&format!("{bug:?}"), scenario, property);
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

#[test]
fn a_retry_of_what_fails_again_is_made_in_vain() {
    check(Planted::RetriesPermanent, &storm(Retry::times(4).planted(Planted::RetriesPermanent)), "no_vain_retry");
}

#[test]
fn a_retry_that_nobody_pays_for_is_one_of_a_storm() {
    check(Planted::IgnoresBudget, &storm(Retry::times(4).planted(Planted::IgnoresBudget)), "retry_load");
}

#[test]
fn a_retry_without_jitter_runs_with_the_herd() {
    check(Planted::NoJitter, &herd_jittered_of(Retry::times(6).planted(Planted::NoJitter)), "herd");
}

#[test]
fn a_retry_of_what_may_have_happened_pays_twice() {
    let retry = Retry::times(4).once_only().planted(Planted::RepeatsOnceOnly);
    let hedge = Hedge::after(seconds(1), Repeatable::OnceOnly);
    check(Planted::RepeatsOnceOnly, &payments_once_of(retry, hedge), "no_repeated_step");
}

#[test]
fn a_hedge_of_what_must_not_be_done_twice_pays_twice() {
    let hedge = Hedge::after(seconds(1), Repeatable::OnceOnly).planted(Planted::HedgesOnceOnly);
    check(Planted::HedgesOnceOnly, &payments_once_of(Retry::times(4).once_only(), hedge), "no_repeated_step");
}

#[test]
fn a_wait_past_the_deadline_concludes_too_late() {
    check(Planted::WaitsPastDeadline, &storm(Retry::times(4).planted(Planted::WaitsPastDeadline)), "deadlines_kept");
}

#[test]
fn a_try_with_the_whole_time_again_concludes_too_late() {
    let plan = |retry| Plan::new(retry).each(seconds(3)).within(seconds(10)).planted(Planted::DeadlineStartsAfresh);
    check(Planted::DeadlineStartsAfresh, &retry_storm_budgeted_of(Retry::times(4), plan), "deadlines_kept");
}

#[test]
fn a_half_open_breaker_that_lets_everyone_through_is_a_stampede() {
    let breaker = Breaker::new(3, seconds(5)).planted(Planted::EveryoneProbes);
    check(Planted::EveryoneProbes, &half_open_probed_of(breaker), "breaker_legality");
}

#[test]
fn an_open_breaker_that_leaks_is_none() {
    let breaker = Breaker::new(3, seconds(5)).planted(Planted::OpenLeaks);
    check(Planted::OpenLeaks, &half_open_probed_of(breaker), "breaker_legality");
}

#[test]
fn a_partial_result_that_does_not_say_so_is_a_silent_loss() {
    let report = parts().planted(Planted::SilentlyPartial);
    check(Planted::SilentlyPartial, &sub_agents_degrading_of(report, part_plan()), "no_silent_loss");
}

#[test]
fn a_fallback_that_is_not_taken_leaves_out_what_could_be_had() {
    let plan = part_plan().planted(Planted::StopsAtFirstRung);
    check(Planted::StopsAtFirstRung, &sub_agents_degrading_of(parts(), plan), "rule_applied");
}

#[test]
fn claims_of_one_number_fence_nobody_off() {
    let leases = Leases::new().planted(Planted::SameToken);
    check(Planted::SameToken, &claims_fenced_of(leases, Fence::default()), "one_live_claim");
}

#[test]
fn a_fence_that_takes_any_number_lets_a_zombie_act() {
    let fence = Fence::default().planted(Planted::TakesAnyToken);
    check(Planted::TakesAnyToken, &claims_fenced_of(Leases::new(), fence), "fenced_effects");
}
