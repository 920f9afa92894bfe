//! The abstract states of a run: what is left of it when names, values and times are taken away. Two runs that reach
//! the same states look alike to a search; one that reaches a new state is worth a mutation.
//!
//! A protocol may give its own outline ([`Protocol::outline`](crate::protocol::Protocol::outline)). The default is
//! made of what members report: roles, terms and the shapes of logs, each relative to the others. Knows histories, no
//! protocol.

use crate::digest::digest_of;
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::id::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// Counts beyond this are alike: terms and logs grow for ever, and a search must come to an end.
const MOST: u64 = 8;
/// How far members may lie apart before it makes no more difference.
const APART: u64 = 3;

/// The states that the reports of a run came to, as digests.
pub(super) fn states(history: &History) -> BTreeSet<u64> {
    let mut team = Team::default();
    for entry in history.entries() {
        if team.hear(entry) == News::Some {
            team.seen.insert(team.outline());
        }
    }
    team.seen
}

/// What is known of a team so far.
#[derive(Default)]
struct Team {
    members: BTreeMap<NodeId, Member>,
    decided: BTreeSet<u64>,
    seen: BTreeSet<u64>,
}

/// What is known of one member.
#[derive(Clone, Copy, Default)]
struct Member {
    role: Role,
    term: u64,
    log: u64,
    committed: u64,
}

/// What a member last was.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Role {
    #[default]
    Follows,
    Leads,
    Down,
    Paused,
}

/// Whether an entry may have changed the state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    Some,
    None,
}

impl Team {
    fn hear(&mut self, entry: &Entry) -> News {
        let member = self.members.entry(entry.node).or_default();
        match &entry.event {
            Event::Fact(fact) => {
                if let Fact::Decided { slot, .. } = fact {
                    self.decided.insert(slot.0);
                }
                member.report(fact)
            }
            Event::Environment(environment) => {
                member.role = match environment {
                    Environment::Crashed => Role::Down,
                    Environment::Paused => Role::Paused,
                    Environment::Started { .. } | Environment::Resumed => Role::Follows,
                    _ => return News::None,
                };
                News::Some
            }
            Event::Operation(_) => News::None,
        }
    }

    /// The members' states, each relative to the others, without their names.
    fn outline(&self) -> u64 {
        let members = self.members.values();
        let most = |count: fn(&Member) -> u64| members.clone().map(count).max().unwrap_or_default();
        let (term, log, committed) =
            (most(|member| member.term), most(|member| member.log), most(|member| member.committed));
        let behind = |most: u64, count: u64| most.saturating_sub(count).min(APART);
        let mut states: Vec<Vec<u64>> = members
            .clone()
            .map(|member| {
                let Member { role, .. } = *member;
                vec![
                    role as u64,
                    behind(term, member.term),
                    behind(log, member.log),
                    behind(committed, member.committed),
                ]
            })
            .collect();
        states.sort_unstable();
        let decided = self.decided.len() as u64;
        digest_of(&(states, vec![term.min(MOST), committed.min(MOST), decided.min(MOST)]))
    }
}

impl Member {
    fn report(&mut self, fact: &Fact) -> News {
        match *fact {
            Fact::Voted { term, .. } | Fact::Promised { ballot: term } | Fact::Entered { round: term, .. } => {
                self.term = self.term.max(term);
            }
            Fact::Elected { term, last } => *self = Member { role: Role::Leads, term, log: last, ..*self },
            Fact::SteppedDown { term } => *self = Member { role: Role::Follows, term, ..*self },
            Fact::Appended { index, .. } | Fact::Accepted { index, .. } => self.log = self.log.max(index),
            Fact::Truncated { from } => self.log = from.saturating_sub(1),
            Fact::Recovered { term } => self.term = term,
            Fact::Committed { index, .. }
            | Fact::Chosen { index, .. }
            | Fact::Installed { index }
            | Fact::Restored { index, .. } => self.committed = self.committed.max(index),
            Fact::Locked { round, .. } | Fact::Cast { round, .. } | Fact::Answered { round, .. } => {
                self.log = self.log.max(round);
            }
            Fact::Decided { .. } | Fact::Abstained { .. } | Fact::Reconfigured { .. } => {}
            _ => return News::None,
        }
        News::Some
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ProcessId;
    use crate::time::Time;

    fn states_of(facts: &[(u16, Fact)]) -> BTreeSet<u64> {
        let mut history = History::new();
        for (agent, fact) in facts {
            let (node, process) = (NodeId::agent(*agent), ProcessId(0));
            history.push(Entry { at: Time::ZERO, node, process, event: Event::Fact(fact.clone()) });
        }
        states(&history)
    }

    fn elected(agent: u16, term: u64) -> (u16, Fact) {
        (agent, Fact::Elected { term, last: 0 })
    }

    #[test]
    fn who_is_who_makes_no_difference_and_how_they_stand_to_each_other_does() {
        assert_eq!(states_of(&[elected(0, 1)]), states_of(&[elected(2, 1)]));
        let (apart, alike) = ([elected(0, 1), elected(1, 2)], [elected(0, 1), elected(1, 1)]);
        assert_ne!(states_of(&apart), states_of(&alike), "two leaders of one term are a state of their own");
    }

    #[test]
    fn a_run_that_goes_on_and_on_comes_to_no_more_states() {
        let terms = |most: u64| states_of(&(1..most).map(|term| elected(0, term)).collect::<Vec<_>>());
        assert_eq!(terms(40), terms(400));
    }

    #[test]
    fn what_is_no_state_of_a_member_changes_nothing() {
        let score = Fact::Scored { slot: crate::fact::Slot(0), score: crate::fact::Score::CORRECT };
        assert!(states_of(&[(0, score)]).is_empty());
    }
}
