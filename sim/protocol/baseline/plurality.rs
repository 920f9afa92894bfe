//! The most frequent of some answers. Knows nothing of who gave them.

use crate::fact::Value;
use std::collections::BTreeMap;

/// The value that most answers name; of equally frequent ones the least, so that nothing depends on their order.
pub(super) fn plurality<'a>(answers: impl Iterator<Item = &'a Value>) -> Option<Value> {
    let mut counts: BTreeMap<&Value, usize> = BTreeMap::new();
    answers.for_each(|value| *counts.entry(value).or_default() += 1);
    // `max_by_key` keeps the last of equals; reversed, that is the least value.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(value, _)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_answer_wins_and_ties_go_to_the_least() {
        let cases = [("b b a", Some("b")), ("b a", Some("a")), ("c b c b a", Some("b")), ("", None)];
        for (answers, expected) in cases {
            let answers: Vec<Value> = answers.split_whitespace().map(Value::from).collect();
            assert_eq!(plurality(answers.iter()), expected.map(Value::from));
        }
    }
}
