//! The decision engine: whether enough members agree for long enough. Knows no message, no leader and no time.

use crate::fact::Value;
use crate::id::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// What members answered in a round.
pub type Answers = BTreeMap<NodeId, Value>;

/// The candidate of the running term and for how many rounds in a row it has been that.
///
/// ```
/// use synod::fact::Value;
/// use synod::id::NodeId;
/// use synod::protocol::consensus::refine::{Answers, Engine, Needs};
///
/// let needs = Needs { alpha: 2, beta: 2 };
/// let round = |values: [&str; 3]| (0..3).map(NodeId::agent).zip(values.map(Value::from)).collect::<Answers>();
/// let mut engine = Engine::default();
/// assert_eq!(engine.hear(&round(["a", "a", "b"]), needs), None, "two agree, for one round");
/// assert_eq!(engine.hear(&round(["b", "b", "b"]), needs), None, "overturned");
/// assert_eq!(engine.hear(&round(["b", "a", "b"]), needs), Some(Value::from("b")));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Engine {
    candidate: Option<Value>,
    stable: u32,
    /// What cannot be a candidate, because members refused it.
    refused: BTreeSet<Value>,
}

crate::digestible! { struct Engine { candidate, stable, refused } }

/// How many must agree for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// How many members in a round.
    pub alpha: usize,
    /// How many rounds in a row.
    pub beta: u32,
}

/// What becomes of the count of rounds when the candidate changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overturn {
    /// It begins anew.
    Resets,
    /// It goes on.
    Ignored,
}

impl Engine {
    /// Hears a round. The answer that has had α supporters in β rounds in a row, if there is one.
    pub fn hear(&mut self, answers: &Answers, needs: Needs) -> Option<Value> {
        self.hear_with(answers, needs, Overturn::Resets)
    }

    pub(super) fn hear_with(&mut self, answers: &Answers, needs: Needs, overturn: Overturn) -> Option<Value> {
        let most = self.favourite(answers).filter(|most| most.members >= needs.alpha).map(|most| most.value);
        self.stable = match &most {
            None => 0,
            Some(value) if self.candidate.as_ref() == Some(value) || overturn == Overturn::Ignored => self.stable + 1,
            Some(_) => 1,
        };
        self.candidate = most;
        self.candidate.clone().filter(|_| self.stable >= needs.beta)
    }

    /// The answer that most gave; of several the least.
    pub(super) fn favourite(&self, answers: &Answers) -> Option<Support> {
        let mut counts: BTreeMap<&Value, usize> = BTreeMap::new();
        let allowed = answers.values().filter(|value| !self.refused.contains(*value));
        allowed.for_each(|value| *counts.entry(value).or_default() += 1);
        // `max_by_key` keeps the last of equals; reversed, that is the least value.
        let most = counts.into_iter().rev().max_by_key(|(_, members)| *members);
        most.map(|(value, members)| Support { value: value.clone(), members })
    }

    /// A new term counts from the beginning. What was refused stays refused.
    pub fn begin_term(&mut self) {
        (self.candidate, self.stable) = (None, 0);
    }

    /// Members refused this answer.
    pub fn refuse(&mut self, value: Value) {
        self.begin_term();
        self.refused.insert(value);
    }

    /// How many answers were refused.
    #[must_use]
    pub fn refusals(&self) -> usize {
        self.refused.len()
    }
}

/// An answer and how many gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Support {
    pub(super) value: Value,
    pub(super) members: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds of three members' answers, one letter each; `-` is none.
    fn decided(rounds: &[&str], alpha: usize, beta: u32) -> Option<String> {
        let mut engine = Engine::default();
        let mut decision = None;
        for round in rounds {
            let given = round.chars().enumerate().filter(|(_, letter)| *letter != '-');
            let answers = given.map(|(place, letter)| {
                (NodeId::agent(u16::try_from(place).expect("few")), Value::from(letter.to_string().as_str()))
            });
            decision = engine.hear(&answers.collect(), Needs { alpha, beta });
        }
        decision.map(|value| value.to_string())
    }

    #[test]
    fn enough_members_have_to_agree_for_enough_rounds_in_a_row() {
        let cases: [(&[&str], usize, u32, Option<&str>); 8] = [
            (&["aab"], 2, 1, Some("a")),
            (&["aab"], 3, 1, None),
            (&["aab"], 2, 2, None),
            (&["aab", "aba"], 2, 2, Some("a")),
            (&["aab", "bba"], 2, 2, None),
            (&["aab", "bba", "bb-"], 2, 2, Some("b")),
            (&["aab", "abc", "aab"], 2, 2, None),
            (&["aa-", "--a", "aa-"], 2, 2, None),
        ];
        for (rounds, alpha, beta, expected) in cases {
            assert_eq!(decided(rounds, alpha, beta).as_deref(), expected, "{rounds:?} α {alpha} β {beta}");
        }
    }

    #[test]
    fn of_two_answers_with_as_many_supporters_the_least_is_the_candidate() {
        assert_eq!(decided(&["ba"], 1, 1).as_deref(), Some("a"));
    }

    #[test]
    fn what_was_refused_is_no_candidate_any_more_and_the_count_begins_anew() {
        let mut engine = Engine::default();
        let answers = Answers::from([(NodeId::agent(0), Value::from("a"))]);
        let needs = Needs { alpha: 1, beta: 2 };
        engine.hear(&answers, needs);
        engine.refuse(Value::from("a"));
        assert_eq!(engine.hear(&answers, needs), None);
        assert_eq!(engine.hear(&answers, needs), None);
        assert_eq!(engine.refusals(), 1);
    }
}
