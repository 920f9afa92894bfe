//! Paxos on random schedules: what must never happen, and what must happen once the storm is over.

use super::*;
use crate::protocol::storm::Storm;
use std::collections::BTreeMap;

fn storm(seed: u64, config: &Config) -> Storm<Paxos> {
    let config = config.clone();
    let mut storm = Storm::new(seed, 5, move |node, members| Paxos::new(node, members, config.clone()));
    storm.rage(1_500);
    storm
}

/// Two leaders or two commands of one ballot, two commands applied at one index, or a vote below a promise.
fn contradiction(storm: &Storm<Paxos>) -> Option<String> {
    let (mut leaders, mut proposals, mut commands) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut promises: BTreeMap<NodeId, u64> = BTreeMap::new();
    for (node, fact) in &storm.rig.facts {
        let promise = promises.entry(*node).or_default();
        let same = match fact {
            Fact::Elected { term, .. } => leaders.insert(*term, *node).is_none(),
            Fact::Applied { index, command } => *commands.entry(*index).or_insert(*command) == *command,
            Fact::Promised { ballot } => std::mem::replace(promise, *ballot) <= *ballot,
            Fact::Accepted { index, ballot, command } => {
                let kept = std::mem::replace(promise, *ballot) <= *ballot;
                kept && *proposals.entry((*index, *ballot)).or_insert(*command) == *command
            }
            _ => true,
        };
        if !same {
            return Some(format!("{node} {fact}"));
        }
    }
    storm.disagreement()
}

#[test]
fn nothing_contradicts_itself_and_everything_is_decided_after_the_storm() {
    let mut elections = 0;
    for seed in 0..300 {
        let mut storm = storm(seed, &Config::default());
        elections += storm.rig.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Elected { .. })).count();
        storm.calm_down(60);
        assert_eq!(contradiction(&storm), None, "seed {seed}");
        assert_eq!(storm.undecided(), [], "seed {seed}");
    }
    assert!(elections > 300, "only {elections} elections: the storm was a breeze");
}

#[cfg(feature = "planted")]
#[test]
fn random_schedules_find_the_bugs_that_need_no_long_story() {
    use crate::protocol::consensus::paxos::Planted;
    let shallow = [
        Planted::PromiseNotPersisted,
        Planted::VoteNotPersisted,
        Planted::KeepsOwnValue,
        Planted::ReusesBallot,
        Planted::DisjointQuorums,
        Planted::VotesBelowPromise,
        Planted::AdoptsParaphrase,
    ];
    for bug in shallow {
        let config = Config { planted: Some(bug), ..unchecked() };
        let found = (0..500).any(|seed| contradiction(&storm(seed, &config)).is_some());
        assert!(found, "{bug:?} was not found");
    }
}
