//! Raft on a net stepped by hand, one file per part of the protocol.

mod election;
mod membership;
#[cfg(feature = "planted")]
mod planted;
#[cfg(feature = "planted")]
mod planted_log;
mod proposal;
mod reads;
mod replication;
mod snapshot;
mod storm;
mod transfer;

use super::{Acceptance, Config, Index, Raft, Term, Timer};
use crate::fact::Fact;
use crate::id::NodeId;
use crate::protocol::rig::Rig;
use crate::protocol::team::Answer;
use crate::time::seconds;

/// A team with the default configuration.
fn team(size: u16) -> Rig<Raft> {
    team_with(size, Config::default())
}

fn team_with(size: u16, config: Config) -> Rig<Raft> {
    Rig::of(size, move |node, members| Raft::new(node, members, config.clone()))
}

/// A team that appends what its leader's model says, for tests that are not about reviews.
fn unchecked() -> Config {
    Config { acceptance: Acceptance::Unchecked, ..Config::default() }
}

/// Has a node stand, after every lease on an earlier leader has run out, and delivers everything.
fn elect(rig: &mut Rig<Raft>, node: NodeId) {
    rig.pass(seconds(10));
    rig.fire(node, Timer::Election);
    rig.settle();
    assert!(rig.process(node).is_leader(), "{node} was not elected");
}

/// Has a node win by these voters alone and loses everything it then says as a leader.
fn elect_quietly(rig: &mut Rig<Raft>, node: NodeId, voters: &[NodeId]) {
    rig.pass(seconds(10));
    // A first attempt may only teach the node the voters' term.
    for _ in 0..2 {
        if rig.process(node).is_leader() {
            break;
        }
        rig.fire(node, Timer::Election);
        for _ in ["pre-vote", "vote"] {
            voters.iter().for_each(|voter| rig.deliver(node, *voter));
            voters.iter().for_each(|voter| rig.deliver(*voter, node));
        }
    }
    rig.lose_all();
    assert!(rig.process(node).is_leader(), "{node} was not elected");
}

/// Lets a leader tell everyone what it knows.
fn beat(rig: &mut Rig<Raft>, leader: NodeId) {
    rig.fire(leader, Timer::Heartbeat);
    rig.settle();
}

/// Has the leader's model propose, and everyone asked to review approve.
fn decide(rig: &mut Rig<Raft>, leader: NodeId, slot: u64, value: &str) {
    rig.invoke(leader, 100 + slot, slot);
    rig.propose(leader, value);
    rig.settle();
    while let Some(node) = rig.questions.first().map(|question| question.node) {
        rig.validate(node, Answer::Approved);
    }
    rig.settle();
    beat(rig, leader);
}

/// How often anyone was elected in a term.
fn elections(rig: &Rig<Raft>, of: u64) -> usize {
    rig.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Elected { term, .. } if *term == of)).count()
}

/// The commands a node applied at an index.
fn applied(rig: &Rig<Raft>, node: NodeId, at: u64) -> Vec<u64> {
    let commands = rig.facts_of(node).into_iter().filter_map(|fact| match fact {
        Fact::Applied { index, command } if *index == at => Some(*command),
        _ => None,
    });
    commands.collect()
}

/// The terms of a node's log, from index 1.
fn terms(rig: &Rig<Raft>, node: NodeId) -> Vec<u64> {
    rig.process(node).log().from(Index(1), usize::MAX).iter().map(|entry| entry.term.0).collect()
}

fn term(rig: &Rig<Raft>, node: NodeId) -> Term {
    rig.process(node).term()
}
