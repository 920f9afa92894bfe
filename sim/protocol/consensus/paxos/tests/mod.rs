//! Paxos on a net stepped by hand, one file per part of the protocol.

mod choosing;
mod election;
#[cfg(feature = "planted")]
mod planted;
mod reads;
mod storm;

use super::{Config, Index, Message, Paxos, Timer};
use crate::fact::Fact;
use crate::id::NodeId;
use crate::protocol::consensus::adaptation::Acceptance;
use crate::protocol::consensus::drafting::Rules;
use crate::protocol::rig::Rig;
use crate::protocol::team::Answer;
use crate::time::seconds;

/// A team with the default configuration.
fn team(size: u16) -> Rig<Paxos> {
    team_with(size, Config::default())
}

fn team_with(size: u16, config: Config) -> Rig<Paxos> {
    Rig::of(size, move |node, members| Paxos::new(node, members, config.clone()))
}

/// A team that puts to the vote what its leader's model says, for tests that are not about reviews. Keeps its log.
fn unchecked() -> Config {
    let drafting = Rules { acceptance: Acceptance::Unchecked, ..Config::default().drafting };
    Config { drafting, retained: 100, ..Config::default() }
}

/// Has a node stand, after everyone forgot earlier leaders, and delivers everything.
fn elect(rig: &mut Rig<Paxos>, node: NodeId) {
    rig.pass(seconds(10));
    rig.fire(node, Timer::Election);
    rig.settle();
    assert!(rig.process(node).is_leader(), "{node} was not elected");
}

/// Has a node win by these acceptors alone and leaves what it then says under way.
fn elect_by(rig: &mut Rig<Paxos>, node: NodeId, acceptors: &[NodeId]) {
    rig.pass(seconds(10));
    rig.lose_all();
    rig.fire(node, Timer::Election);
    for _ in ["canvass", "prepare"] {
        acceptors.iter().for_each(|acceptor| rig.deliver(node, *acceptor));
        acceptors.iter().for_each(|acceptor| rig.deliver(*acceptor, node));
    }
    assert!(rig.process(node).is_leader(), "{node} was not elected");
}

/// Lets a leader tell everyone what it knows.
fn beat(rig: &mut Rig<Paxos>, leader: NodeId) {
    rig.fire(leader, Timer::Heartbeat);
    rig.settle();
}

/// Has the leader's model propose, and everyone asked to review approve.
fn decide(rig: &mut Rig<Paxos>, leader: NodeId, slot: u64, value: &str) {
    rig.invoke(leader, 100 + slot, slot);
    rig.propose(leader, value);
    rig.settle();
    while let Some(node) = rig.questions.first().map(|question| question.node) {
        rig.validate(node, Answer::Approved);
    }
    rig.settle();
    beat(rig, leader);
}

/// The ballots in which a node said it accepted, in order.
fn accepted(rig: &Rig<Paxos>, node: NodeId) -> Vec<u64> {
    let ballots = rig.facts_of(node).into_iter().filter_map(|fact| match fact {
        Fact::Accepted { ballot, .. } => Some(*ballot),
        _ => None,
    });
    ballots.collect()
}
