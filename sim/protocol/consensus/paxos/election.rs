//! How a leader is found and ceases to lead: the question before, phase 1, preemption. Knows no value that is decided.

use super::leader::Leadership;
use super::message::{Message, Timer, Welcome};
use super::{Accepted, Ballot, Command, Index, Paxos, Placed, Snapshot, Write};
use crate::fact::Fact;
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::Outcome;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What one acceptor voted for, by index.
pub(super) type Votes = BTreeMap<Index, Accepted>;

/// What a member is at the moment, with what it needs for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It serves a leader, if it knows of one.
    Follower { leader: Option<NodeId> },
    /// It asks whether anyone hears a leader, before it disturbs one. The members that do not.
    Canvasser { asked: Ballot, welcome: BTreeSet<NodeId> },
    /// It stands in a ballot. The promises it has, with the votes they name (phase 1).
    Candidate { ballot: Ballot, promises: BTreeMap<NodeId, Votes> },
    /// It leads (phase 2).
    Leader(Box<Leadership>),
}

crate::digestible! { enum Standing {
    1 = Follower { leader }, 2 = Canvasser { asked, welcome }, 3 = Candidate { ballot, promises },
    4 = Leader(leadership),
} }

impl Paxos {
    /// The election timer fired: nobody led for too long.
    pub(super) fn canvass(&mut self, effects: &mut Effects<Paxos>) {
        if self.is_leader() {
            return;
        }
        self.heard = None;
        if !self.config.asks_before_it_stands() {
            return self.stand(effects);
        }
        let asked = self.disk.promised;
        self.standing = Standing::Canvasser { asked, welcome: BTreeSet::from([self.me]) };
        self.await_leader(effects);
        effects.send_all(self.members.others(self.me), &Message::Canvass { promised: asked });
        self.stand_if_welcome(effects);
    }

    /// Says whether one hears a leader. Nothing changes here, so a member that was cut off deposes nobody by asking.
    /// Any ballot is welcome: phase 1 brings a candidate up to date, and the answer brings its next ballot above ours.
    pub(super) fn on_canvass(&mut self, now: Time, asker: NodeId, asked: Ballot, effects: &mut Effects<Paxos>) {
        self.met = self.met.max(asked);
        let welcome = if self.hears_a_leader(now) { Welcome::No } else { Welcome::Yes };
        effects.send(asker, Message::CanvassReply { asked, promised: self.disk.promised, welcome });
    }

    pub(super) fn on_canvass_reply(
        &mut self,
        from: NodeId,
        question: Ballot,
        promised: Ballot,
        answer: Welcome,
        effects: &mut Effects<Paxos>,
    ) {
        self.met = self.met.max(promised);
        match &mut self.standing {
            Standing::Canvasser { asked, welcome } if *asked == question && answer == Welcome::Yes => {
                welcome.insert(from);
                self.stand_if_welcome(effects);
            }
            _ => {}
        }
    }

    fn stand_if_welcome(&mut self, effects: &mut Effects<Paxos>) {
        match &self.standing {
            Standing::Canvasser { welcome, .. } if welcome.len() >= self.quorums.promises => self.stand(effects),
            _ => {}
        }
    }

    /// Phase 1a. The own promise is durable before anyone is asked: a ballot that was asked for is never asked for
    /// again (rule 1).
    fn stand(&mut self, effects: &mut Effects<Paxos>) {
        let ballot = self.config.next_ballot(self.disk.promised, self.met, self.me, &self.members);
        self.save(Write::Promise { ballot }, effects);
        effects.note(Fact::Promised { ballot: ballot.0 });
        let from = self.applied.next();
        let own = self.votes_from(from);
        self.standing = Standing::Candidate { ballot, promises: BTreeMap::from([(self.me, own)]) };
        self.await_leader(effects);
        effects.send_all(self.members.others(self.me), &Message::Prepare { ballot, from });
        self.lead_if_promised(effects);
    }

    /// Counts distinct promises of the ballot one stands in.
    pub(super) fn on_promise(
        &mut self,
        from: NodeId,
        promised: Ballot,
        votes: Votes,
        snapshot: Option<Snapshot>,
        effects: &mut Effects<Paxos>,
    ) {
        if !matches!(&self.standing, Standing::Candidate { ballot, .. } if *ballot == promised) {
            return;
        }
        // First, so that no index of it is taken for a gap: its votes are gone for good.
        self.install(snapshot, effects);
        if let Standing::Candidate { promises, .. } = &mut self.standing {
            promises.insert(from, votes);
        }
        self.lead_if_promised(effects);
    }

    fn lead_if_promised(&mut self, effects: &mut Effects<Paxos>) {
        let Standing::Candidate { ballot, promises } = &mut self.standing else { return };
        if promises.len() >= self.quorums.promises {
            let (ballot, promises) = (*ballot, std::mem::take(promises));
            self.lead(ballot, &promises, effects);
        }
    }

    /// Takes the lead and completes what earlier leaders left unfinished (rule 5).
    fn lead(&mut self, ballot: Ballot, promises: &BTreeMap<NodeId, Votes>, effects: &mut Effects<Paxos>) {
        let obliged = self.obliged(promises);
        let reported = promises.values().filter_map(|votes| votes.keys().next_back());
        let last = reported.chain(self.chosen.keys().next_back()).copied().fold(self.applied, Index::max);
        effects.note(Fact::Elected { term: ballot.0, last: last.0 });
        let mut leadership = Leadership::new(self.members.others(self.me), ballot, last.next());
        if !self.config.counts_one_ballot_only() {
            leadership.reported = reported_for(&obliged, promises);
        }
        self.standing = Standing::Leader(Box::new(leadership));
        effects.disarm(Timer::Election);
        effects.arm(Timer::Quorum, self.config.election.clone());
        effects.arm(Timer::Heartbeat, self.config.heartbeat..=self.config.heartbeat);
        let mut index = self.applied.next();
        let mut entries = Vec::new();
        while index <= last {
            let gap = || self.config.fills_gaps().then_some(Command::Noop);
            let command = obliged.get(&index).map(|vote| vote.command.clone()).or_else(gap);
            if let Some(command) = command.filter(|_| !self.chosen.contains_key(&index)) {
                entries.push(Placed { index, command });
            }
            index = index.next();
        }
        self.propose(entries, effects);
    }

    /// At each index the vote of the highest ballot among the promises (P2c).
    fn obliged(&self, promises: &BTreeMap<NodeId, Votes>) -> Votes {
        let mut highest = Votes::new();
        let heeded = promises.iter().filter(|(node, _)| **node == self.me || self.config.adopts_the_highest());
        for (index, vote) in heeded.flat_map(|(_, votes)| votes) {
            let known = highest.entry(*index).or_insert_with(|| vote.clone());
            if vote.ballot > known.ballot {
                *known = vote.clone();
            }
        }
        highest
    }

    /// Someone promised a higher ballot: this one can no longer count on a quorum.
    pub(super) fn on_preempted(&mut self, promised: Ballot, effects: &mut Effects<Paxos>) {
        self.met = self.met.max(promised);
        if self.own_ballot().is_some_and(|own| own < promised) && (self.config.steps_down() || !self.is_leader()) {
            self.step_down(None, effects);
            // A new draw from the range, so that two that preempted each other do not meet again at once (rule 13).
            self.await_leader(effects);
            if !self.config.waits_before_it_asks_again() {
                self.canvass(effects);
            }
        }
    }

    /// Becomes a follower. A leader's clients are sent elsewhere: their slot may still be decided by its successor.
    pub(super) fn step_down(&mut self, leader: Option<NodeId>, effects: &mut Effects<Paxos>) {
        let before = std::mem::replace(&mut self.standing, Standing::Follower { leader });
        let Standing::Leader(leadership) = before else { return };
        effects.note(Fact::SteppedDown { term: leadership.ballot.0 });
        effects.disarm(Timer::Heartbeat);
        effects.disarm(Timer::Quorum);
        self.drafts.abandon(effects);
        let readers = leadership.reads.values().map(|read| read.op);
        for op in leadership.requests.into_values().flatten().chain(readers) {
            effects.respond(op, Outcome::Elsewhere { hint: leader });
        }
        self.await_leader(effects);
    }

    /// Hands leadership on by standing back for longer than any other member will wait.
    pub(super) fn yield_leadership(&mut self, effects: &mut Effects<Paxos>) {
        self.step_down(None, effects);
        effects.arm(Timer::Election, self.config.yielding.clone());
    }

    /// The quorum timer fired. A leader that has heard from too few since the last time can neither choose nor have
    /// proposals approved, and its clients are better served elsewhere (rule 14).
    pub(super) fn check_quorum(&mut self, effects: &mut Effects<Paxos>) {
        let needed = self.quorums.votes.max(self.members.majority());
        let Standing::Leader(leadership) = &mut self.standing else { return };
        if 1 + leadership.take_contacts() < needed && self.config.steps_down() {
            self.step_down(None, effects);
        } else {
            effects.arm(Timer::Quorum, self.config.election.clone());
        }
    }

    /// A leader of a ballot no lower than the own promise was heard.
    pub(super) fn hear(&mut self, now: Time, leader: NodeId, effects: &mut Effects<Paxos>) {
        self.step_down(Some(leader), effects);
        self.heard = Some(now);
        self.await_leader(effects);
    }

    pub(super) fn await_leader(&self, effects: &mut Effects<Paxos>) {
        effects.arm(Timer::Election, self.config.election.clone());
    }

    /// The ballot this member stands in or leads.
    pub(super) fn own_ballot(&self) -> Option<Ballot> {
        match &self.standing {
            Standing::Candidate { ballot, .. } => Some(*ballot),
            Standing::Leader(leadership) => Some(leadership.ballot),
            Standing::Follower { .. } | Standing::Canvasser { .. } => None,
        }
    }

    /// Whether a leader was heard so lately that no election is due. A clock set back proves nothing.
    fn hears_a_leader(&self, now: Time) -> bool {
        let lately = |heard: Time| heard <= now && now.since(heard) < *self.config.election.start();
        self.is_leader() || self.heard.is_some_and(lately)
    }
}

/// Who reported a vote, of whatever ballot, for what the leader is obliged to propose.
fn reported_for(obliged: &Votes, promises: &BTreeMap<NodeId, Votes>) -> BTreeMap<Index, BTreeSet<NodeId>> {
    let voters = |index: &Index, vote: &Accepted| {
        let same = |votes: &Votes| votes.get(index).is_some_and(|known| known.command == vote.command);
        promises.iter().filter(|(_, votes)| same(votes)).map(|(node, _)| *node).collect()
    };
    obliged.iter().map(|(index, vote)| (*index, voters(index, vote))).collect()
}
