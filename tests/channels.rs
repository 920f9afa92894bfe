//! What each channel promises and what it does not: the blog's example on all four, and reordering that nobody minds.

use synod::check::{Check, FifoDelivery, Verdict};
use synod::explore::{BareHost, perform};
use synod::protocol::channel::Order;
use synod::scenario::{Job, Run, Runnable};
use synod::seed::Seed;
use synod::trace::Detail;
use synod_scenarios::{catalogue, narrow_line, unordered_of};

const SEEDS: u64 = 400;

fn run(scenario: &dyn Runnable, seed: u64) -> Run {
    perform(scenario, &BareHost, &Job::of(Seed(seed)).detailed(Detail::Full)).expect("the run is contained")
}

fn violated(run: &Run, property: &str) -> bool {
    run.judged.iter().any(|judged| judged.property.name == property && judged.verdict.witness().is_some())
}

/// What became of the manager's judgement of bugs over some seeds.
#[derive(Debug, Default)]
struct Judgements {
    /// In how many runs somebody heard of a fix before the bug.
    reversed: u64,
    /// In how many runs a bug that was fixed was judged open.
    confused: u64,
    /// In how many runs the manager was confused although nobody heard anything too early.
    unexplained: u64,
}

fn judgements(name: &str) -> Judgements {
    let catalogue = catalogue();
    let scenario = catalogue.find(name).expect("a scenario of the catalogue");
    let mut judgements = Judgements::default();
    for seed in 0..SEEDS {
        let run = run(scenario, seed);
        let (reversed, confused) = (violated(&run, "causal_delivery"), violated(&run, "correctness"));
        judgements.reversed += u64::from(reversed);
        judgements.confused += u64::from(confused);
        judgements.unexplained += u64::from(confused && !reversed);
    }
    println!("{name}: {judgements:?} of {SEEDS}");
    judgements
}

#[test]
fn a_manager_takes_a_fixed_bug_for_open_where_letters_come_in_any_order() {
    let judgements = judgements("bug_unordered");
    assert!(judgements.confused > 0 && judgements.unexplained == 0, "{judgements:?}");
}

#[test]
fn each_senders_order_does_not_help_since_found_and_fixed_come_from_two() {
    let judgements = judgements("bug_fifo");
    assert!(judgements.confused > 0 && judgements.unexplained == 0, "{judgements:?}");
}

#[test]
fn causal_order_never_confuses_the_manager() {
    let judgements = judgements("bug_causal");
    assert_eq!((judgements.reversed, judgements.confused), (0, 0));
}

#[test]
fn one_order_for_all_never_confuses_the_manager() {
    let judgements = judgements("bug_total");
    assert_eq!((judgements.reversed, judgements.confused), (0, 0));
}

#[test]
fn reordering_on_an_unordered_channel_is_seen_and_minded_by_none_of_its_checkers() {
    let scenario = unordered_of(|me, members| narrow_line(Order::Unordered, me, members));
    let mut reordered = 0;
    for seed in 0..100 {
        let run = run(&scenario, seed);
        assert!(!run.failed(), "seed {seed}: {:?}", run.violation());
        reordered += u64::from(matches!(FifoDelivery.check(&run.history), Verdict::Violated(_)));
    }
    assert!(reordered > 0, "no letter overtook another: the test shows nothing");
}
