//! Bugs planted in shared stores: each is caught under the very nemesis and budgets under which the correct store
//! holds.

#[path = "support/hunt.rs"]
mod hunt;

use synod::protocol::store::gossip::{Config, Planted};
use synod::protocol::store::{Gossip, Order, Strong, strong};
use synod_scenarios::{causal_store_of, eventual_of, strong_of};

fn config(order: Order, bug: Planted) -> Config {
    Config { planted: Some(bug), ..Config::of(order) }
}

fn check_eventual(bug: Planted, property: &str) {
    let scenario = eventual_of(move |me, members| Gossip::new(me, members, config(Order::Any, bug)));
    hunt::expect_within(5_000, &format!("eventual: {bug:?}"), &scenario, property);
}

fn check_causal(bug: Planted, property: &str) {
    let scenario = causal_store_of(move |me, members| Gossip::new(me, members, config(Order::Causal, bug)));
    hunt::expect_within(5_000, &format!("causal: {bug:?}"), &scenario, property);
}

fn check_strong(bug: strong::Planted) {
    let scenario = strong_of(move |me, members| Strong::planted(me, members, bug));
    hunt::expect_within(5_000, &format!("strong: {bug:?}"), &scenario, "linearizable");
}

#[test]
fn an_update_that_omits_a_dependency_comes_before_it() {
    check_causal(Planted::OmitsDependency, "causal_consistency");
}

#[test]
fn an_update_that_waits_for_nothing_comes_before_what_it_follows() {
    check_causal(Planted::TakesAtOnce, "causal_consistency");
}

#[test]
fn a_gap_that_is_skipped_is_never_filled() {
    check_eventual(Planted::SkipsGaps, "eventual_convergence");
}

#[test]
fn a_session_that_moves_without_its_token_misses_its_own_writes() {
    check_causal(Planted::IgnoresTokens, "read_your_writes");
}

#[test]
fn the_last_writer_by_wall_clock_is_not_the_last_writer() {
    check_causal(Planted::StampsByWallClock, "causal_consistency");
}

#[test]
fn a_tombstone_collected_too_soon_lets_a_removed_note_reappear() {
    check_eventual(Planted::CollectsTooSoon, "eventual_convergence");
}

#[test]
fn a_merge_that_heeds_the_order_of_arrival_never_converges() {
    check_eventual(Planted::LastToComeWins, "eventual_convergence");
}

#[test]
fn a_call_that_takes_effect_twice_brings_an_old_note_back() {
    check_causal(Planted::TakesCallsTwice, "causal_convergence");
}

#[test]
fn an_update_acknowledged_before_it_is_durable_is_lost() {
    check_eventual(Planted::AnswersBeforeDurable, "eventual_convergence");
}

#[test]
fn a_log_dropped_too_soon_leaves_a_replica_behind_for_ever() {
    check_eventual(Planted::DropsLogTooSoon, "eventual_convergence");
}

#[test]
fn a_read_of_a_member_that_asks_nobody_is_stale() {
    check_strong(strong::Planted::ReadsUnasked);
}

#[test]
fn a_comparison_before_the_proposal_loses_an_update() {
    check_strong(strong::Planted::ComparesBeforehand);
}

#[test]
fn a_call_sent_again_as_another_one_takes_effect_twice() {
    check_strong(strong::Planted::ForgetsCalls);
}

/// The correct stores, over the seeds in which the bugs above are found.
#[test]
fn the_correct_stores_keep_what_they_promise() {
    for scenario in [
        &causal_store_of(Gossip::causal) as &dyn synod::scenario::Runnable,
        &eventual_of(Gossip::eventual),
        &strong_of(Strong::factory),
    ] {
        let violated = hunt::caught_within(500, &scenario.summary().name, scenario);
        assert!(violated.is_empty(), "{} violates {violated:?}", scenario.summary().name);
    }
}
