//! One slot's debate as one member sees it: who said what in which round. Knows no message and no vote.

use super::{Config, Speech, Speeches, Stop};
use crate::fact::Value;
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{Reason, Stance};
use std::collections::BTreeMap;

/// A debate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Floor {
    pub(super) round: u32,
    pub(super) stage: Stage,
    /// What everyone said, the member itself among them.
    pub(super) said: BTreeMap<NodeId, Speeches>,
    /// The ticket under which the own model was asked.
    pub(super) asked: Option<u64>,
    /// Whether the others have had their time in this round.
    pub(super) overdue: Overdue,
    /// What was put to the vote and refused, and why: nobody stands by it or is shown it any more.
    pub(super) refused: BTreeMap<Value, Reason>,
    pub(super) clients: Vec<OpId>,
}

crate::digestible! { struct Floor { round, stage, said, asked, overdue, refused, clients } }

/// Where a debate is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// It goes on.
    #[default]
    Open,
    /// It is over for this member, which stands by its last answer.
    Closed,
}

crate::digestible! { enum Stage { 1 = Open, 2 = Closed } }

/// Whether the others have had their time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Overdue {
    #[default]
    No,
    Yes,
}

crate::digestible! { enum Overdue { 1 = No, 2 = Yes } }

/// An answer and how many gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Support {
    pub(super) value: Value,
    pub(super) members: usize,
}

/// The answer that most give; of several the least.
pub(super) fn favourite<'a>(answers: impl Iterator<Item = &'a Value>) -> Option<Support> {
    let mut counts: BTreeMap<&Value, usize> = BTreeMap::new();
    answers.for_each(|value| *counts.entry(value).or_default() += 1);
    // `max_by_key` keeps the last of equals; reversed, that is the least value.
    let most = counts.into_iter().rev().max_by_key(|(_, members)| *members);
    most.map(|(value, members)| Support { value: value.clone(), members })
}

impl Floor {
    /// What members said in the running round.
    pub(super) fn speeches<'a>(&'a self, config: &'a Config) -> impl Iterator<Item = &'a Speech> {
        self.said.values().filter_map(move |speeches| match config.counts_one_round_only() {
            true => speeches.get(&self.round),
            false => speeches.range(..=self.round).next_back().map(|(_, speech)| speech),
        })
    }

    /// Whether a member spoke in the running round.
    pub(super) fn has_spoken(&self, member: NodeId) -> bool {
        self.said.get(&member).is_some_and(|speeches| speeches.contains_key(&self.round))
    }

    /// The answer on which so many agreed in this round that the debate may stop, by its stop rule.
    pub(super) fn agreement(&self, config: &Config, members: &Members) -> Option<Support> {
        let spoke = self.speeches(config).count();
        let needed = match config.stop {
            Stop::Never => return None,
            Stop::Quorum => config.electorate(members.len(), spoke) / 2 + 1,
            Stop::All => members.len(),
        };
        favourite(self.speeches(config).filter_map(Speech::answer)).filter(|most| most.members >= needed)
    }

    /// Whether an answer has a majority of the members in this round, whatever the stop rule.
    pub(super) fn has_majority(&self, config: &Config, members: &Members) -> bool {
        let most = favourite(self.speeches(config).filter_map(Speech::answer));
        most.is_some_and(|most| most.members >= members.majority())
    }

    /// A member's last answer that was not refused.
    pub(super) fn last_answer(&self, member: NodeId) -> Option<&Value> {
        let answers = self.said.get(&member)?.values().rev().filter_map(Speech::answer);
        answers.into_iter().find(|value| !self.refused.contains_key(*value))
    }

    /// What a member stands by.
    pub(super) fn final_speech(&self, member: NodeId) -> Speech {
        self.last_answer(member).map_or(Speech::Pass, |value| Speech::Answer(value.clone()))
    }

    /// What the others answer, for the next prompt.
    pub(super) fn stances(&self, me: NodeId) -> Vec<Stance> {
        let others = self.said.keys().copied().filter(|member| *member != me);
        others.filter_map(|by| Some(Stance { by, value: self.last_answer(by)?.clone() })).collect()
    }

    /// Whether anyone's last answer may be put to the vote.
    pub(super) fn has_candidate(&self) -> bool {
        self.said.keys().any(|member| self.last_answer(*member).is_some())
    }

    /// Keeps what a member said: the first speech of each round stands.
    pub(super) fn hear(&mut self, member: NodeId, speeches: Speeches) {
        let known = self.said.entry(member).or_default();
        speeches.into_iter().for_each(|(round, speech)| _ = known.entry(round).or_insert(speech));
    }

    /// The latest round that anyone spoke in.
    pub(super) fn latest_round(&self) -> u32 {
        self.said.values().filter_map(|speeches| speeches.keys().next_back()).copied().max().unwrap_or(0)
    }
}
