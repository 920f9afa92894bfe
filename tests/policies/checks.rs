//! What a cross-check is worth: how often something false is posted if the same model looks at it, if another model
//! answers for itself, and if a rule does.

use synod::explore::{BareHost, Seeds, Sweep};
use synod_scenarios::catalogue;

const SEEDS: u64 = 1_000;

/// Decisions, and how many of them were wrong.
fn wrong(name: &str) -> [u64; 2] {
    let catalogue = catalogue();
    let scenario = catalogue.find(name).expect("a scenario of the catalogue");
    let report = Sweep::of(Seeds::new(0..SEEDS).expect("a range")).run(scenario, &BareHost);
    let figures = report.harvest.figures;
    [figures.decisions, figures.decisions - figures.correct]
}

#[test]
fn another_model_lets_far_less_through_than_the_same_one_and_a_rule_lets_nothing() {
    let [same, other, rule] = ["cross_check", "cross_check_independent", "cross_check_proved"].map(wrong);
    println!("decisions and wrong ones of {SEEDS} runs: same model {same:?}, another {other:?}, rule {rule:?}");
    assert!(same[1] * 20 > same[0], "one in twenty at least, or the cross-check by the same model is worth something");
    assert!(other[1] * same[0] * 5 < same[1] * other[0], "a fifth of that share at most");
    assert_eq!(rule, [SEEDS, 0]);
}
