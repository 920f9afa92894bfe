//! Planted bugs of channels: each is caught under the very nemesis and bounds under which the correct channel holds.

#[path = "support/hunt.rs"]
#[allow(dead_code, reason = "other bugs may take more seeds than these")]
mod hunt;

use hunt::caught_within;
use synod::id::{Members, NodeId};
use synod::protocol::channel::line::Planted;
use synod::protocol::channel::{Line, Order, total};
use synod::scenario::Runnable;
use synod_scenarios::{causal_of, fifo_of, narrow_line, narrow_total, total_of, unordered_of};

/// Each bug must be caught within so many seeds.
const SEEDS: u64 = 5_000;

fn expect(bug: &str, scenario: &dyn Runnable, property: &str) {
    let violated = caught_within(SEEDS, bug, scenario);
    assert!(violated.iter().any(|name| name == property), "{bug} violated {violated:?}, not {property}");
}

fn line(order: Order, bug: Planted) -> impl Fn(NodeId, &Members) -> Line + Send + Sync + 'static {
    move |me, members| narrow_line(order, me, members).with(bug)
}

fn check_unordered(bug: Planted, property: &str) {
    expect(&format!("{bug:?}"), &unordered_of(line(Order::Unordered, bug)), property);
}

fn check_fifo(bug: Planted, property: &str) {
    expect(&format!("{bug:?}"), &fifo_of(line(Order::Fifo, bug)), property);
}

fn check_causal(bug: Planted, property: &str) {
    expect(&format!("{bug:?}"), &causal_of(line(Order::Causal, bug)), property);
}

fn check_total(bug: total::Planted, property: &str) {
    let channel = move |me, members: &Members| narrow_total(me, members).with(bug);
    expect(&format!("{bug:?}"), &total_of(channel), property);
}

#[test]
fn a_dependency_that_is_left_out_is_overtaken() {
    check_causal(Planted::OmitsADependency, "causal_delivery");
}

#[test]
fn dependencies_that_do_not_chain_are_overtaken() {
    check_causal(Planted::ForgetsWhatOthersKnew, "causal_delivery");
}

#[test]
fn a_letter_that_does_not_wait_for_its_past_overtakes_it() {
    check_causal(Planted::DeliversWithoutWaiting, "causal_delivery");
}

#[test]
fn a_letter_taken_over_a_gap_loses_what_was_in_the_gap() {
    check_fifo(Planted::TakesAnyLaterNumber, "all_delivered");
}

#[test]
fn a_repetition_that_is_taken_for_a_letter_is_delivered_twice() {
    check_unordered(Planted::TakesRepetitions, "delivered_once");
}

#[test]
fn a_retry_behind_a_full_pipeline_comes_too_late() {
    check_fifo(Planted::PipelinesPastGaps, "fifo_delivery");
}

#[test]
fn numbers_that_begin_again_after_a_restart_are_taken_for_repetitions() {
    check_fifo(Planted::NumbersAnewAfterRestart, "all_delivered");
}

#[test]
fn an_acknowledgement_before_the_write_loses_a_letter() {
    check_unordered(Planted::AcksBeforeDisk, "all_delivered");
}

#[test]
fn a_letter_that_is_delivered_when_it_is_submitted_has_no_place_in_the_order() {
    check_total(total::Planted::DeliversEarly, "total_order");
}

#[test]
fn a_letter_that_is_submitted_again_is_overtaken_in_the_log() {
    check_total(total::Planted::ForgetsSendersOrder, "fifo_delivery");
}
