//! Debates on random schedules: what must never happen, and what must happen once the storm is over.

use super::*;
use crate::protocol::storm::Storm;

fn storm(seed: u64, config: &Config) -> Storm<Debate> {
    let config = config.clone();
    let mut storm = Storm::new(seed, 5, move |node, members| Debate::new(node, members, config.clone()));
    storm.rage(1_500);
    storm
}

/// Two motions of one ballot, or of two ballots that a majority each voted for.
fn contradiction(storm: &Storm<Debate>) -> Option<String> {
    let mut motions = BTreeMap::new();
    for (node, fact) in &storm.rig.facts {
        if let Fact::Accepted { index, ballot, command } = fact
            && *motions.entry((*index, *ballot)).or_insert(*command) != *command
        {
            return Some(format!("{node} {fact}"));
        }
    }
    storm.disagreement()
}

#[test]
fn no_two_members_decide_differently_and_everything_ends_after_the_storm() {
    let (mut decided, mut ballots) = (0, 0);
    for seed in 0..300 {
        let mut storm = storm(seed, &Config::default());
        ballots += storm.rig.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Voted { .. })).count();
        storm.calm_down(60);
        assert_eq!(contradiction(&storm), None, "seed {seed}");
        let abstained = |node, slot| storm.rig.facts_of(node).contains(&&Fact::Abstained { slot });
        let open: Vec<_> = storm.undecided().into_iter().filter(|(node, slot)| !abstained(*node, *slot)).collect();
        assert_eq!(open, [], "seed {seed}");
        decided += storm.rig.decisions.len();
    }
    assert!(decided > 300 * 5, "only {decided} decisions");
    assert!(ballots > 300, "only {ballots} promises: the storm was a breeze");
}

#[cfg(feature = "planted")]
#[test]
fn random_schedules_find_a_paraphrase_that_is_voted_for() {
    use crate::protocol::consensus::vote;
    let config = Config { planted: Some(Planted::Vote(vote::Planted::AdoptsParaphrase)), ..Config::default() };
    assert!((0..500).any(|seed| contradiction(&storm(seed, &config)).is_some()));
}
