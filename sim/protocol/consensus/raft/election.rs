//! How a leader is found: pre-vote, vote, winning, and ceasing to lead. Knows nothing of what the log is for.

use super::leader::Leadership;
use super::message::{Message, Timer, Vote};
use super::{Command, Entry, Position, Raft, Term, Write};
use crate::fact::Fact;
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::Outcome;
use crate::time::Time;
use std::collections::BTreeSet;

/// What a member is at the moment (§5.1), with what it needs for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It serves a leader, if it knows of one.
    Follower { leader: Option<NodeId> },
    /// It asks whether it would win, before it disturbs anyone (thesis §9.6). The members that said yes.
    PreCandidate { granted: BTreeSet<NodeId> },
    /// It stands. The members that voted for it, each once, in its present term.
    Candidate { granted: BTreeSet<NodeId> },
    /// It leads.
    Leader(Box<Leadership>),
}

crate::digestible! { enum Standing {
    1 = Follower { leader }, 2 = PreCandidate { granted }, 3 = Candidate { granted }, 4 = Leader(leadership),
} }

impl Raft {
    /// The election timer fired: nobody led for too long.
    pub(super) fn stand(&mut self, effects: &mut Effects<Raft>) {
        if self.is_leader() {
            return;
        }
        if !self.may_stand() {
            return self.await_leader(effects);
        }
        if !self.config.asks_before_it_stands() {
            return self.run(effects);
        }
        self.heard = None;
        self.standing = Standing::PreCandidate { granted: BTreeSet::from([self.me]) };
        self.await_leader(effects);
        let message = Message::PreVote { term: self.disk.term, last: self.disk.log.last() };
        effects.send_all(self.voters.others(self.me), &message);
        self.run_if_welcome(effects);
    }

    /// Says whether one would vote for the asker in the next term. Neither term nor vote changes, so a member that was
    /// cut off cannot depose a leader by asking. A "no" carries the own term: an asker that is behind catches up by it
    /// and asks again, which is what keeps members of unlike terms from refusing each other for ever (R35).
    pub(super) fn on_pre_vote(
        &mut self,
        now: Time,
        asker: NodeId,
        asked: Term,
        last: Position,
        effects: &mut Effects<Raft>,
    ) {
        if asked < self.disk.term && !self.config.answers_old_askers() {
            return;
        }
        let granted = asked >= self.disk.term && !self.hears_a_leader(now) && self.would_follow(last);
        let vote = if granted { Vote::Granted } else { Vote::Withheld };
        effects.send(asker, Message::PreVoteReply { term: self.disk.term, asked, vote });
    }

    pub(super) fn on_pre_vote_reply(&mut self, from: NodeId, asked: Term, vote: Vote, effects: &mut Effects<Raft>) {
        match &mut self.standing {
            Standing::PreCandidate { granted } if asked == self.disk.term && vote == Vote::Granted => {
                granted.insert(from);
                self.run_if_welcome(effects);
            }
            _ => {}
        }
    }

    fn run_if_welcome(&mut self, effects: &mut Effects<Raft>) {
        match &self.standing {
            Standing::PreCandidate { granted } if self.is_quorum(granted) => self.run(effects),
            _ => {}
        }
    }

    /// Stands in the next term: a vote for oneself, durable before anyone is asked (§5.2).
    pub(super) fn run(&mut self, effects: &mut Effects<Raft>) {
        let term = self.disk.term.next();
        self.save(Write::Ballot { term, vote: Some(self.me) }, effects);
        effects.note(Fact::Voted { term: term.0, candidate: self.me });
        self.standing = Standing::Candidate { granted: BTreeSet::from([self.me]) };
        self.await_leader(effects);
        effects.send_all(self.voters.others(self.me), &Message::RequestVote { term, last: self.disk.log.last() });
        self.lead_if_elected(effects);
    }

    /// Votes at most once a term, only for a log at least as up to date, and durably before saying so (§5.2, §5.4.1).
    pub(super) fn on_request_vote(
        &mut self,
        candidate: NodeId,
        term: Term,
        last: Position,
        effects: &mut Effects<Raft>,
    ) {
        let behind = term > self.disk.term && self.heeds_higher_terms();
        let free = behind || (term == self.disk.term && self.disk.vote.is_none());
        let votes = free && self.would_follow(last);
        if behind || votes {
            self.step_down(None, effects);
            // One write for both: see `Write::Ballot`.
            self.save(Write::Ballot { term, vote: votes.then_some(candidate) }, effects);
        }
        if votes {
            effects.note(Fact::Voted { term: term.0, candidate });
            self.await_leader(effects);
        }
        let granted = term == self.disk.term && self.disk.vote == Some(candidate);
        let vote = if granted { Vote::Granted } else { Vote::Withheld };
        effects.send(candidate, Message::VoteReply { term: self.disk.term, vote });
    }

    /// Counts distinct voters of the present term; the caller has sorted out other terms.
    pub(super) fn on_vote_reply(&mut self, from: NodeId, vote: Vote, effects: &mut Effects<Raft>) {
        match &mut self.standing {
            Standing::Candidate { granted } if vote == Vote::Granted => {
                let again = !granted.insert(from);
                if again && !self.config.counts_voters_once() {
                    granted.extend(self.voters.iter().find(|voter| !granted.contains(voter)));
                }
                self.lead_if_elected(effects);
            }
            _ => {}
        }
    }

    fn lead_if_elected(&mut self, effects: &mut Effects<Raft>) {
        match &self.standing {
            Standing::Candidate { granted } if self.is_quorum(granted) => self.lead(effects),
            _ => {}
        }
    }

    /// Whether enough of those who vote said yes.
    fn is_quorum(&self, granted: &BTreeSet<NodeId>) -> bool {
        granted.iter().filter(|member| self.voters.contains(**member)).count() >= self.quorum()
    }

    /// Takes the lead and appends a no-op, the one entry whose commit also commits what earlier terms left (§5.4.2).
    fn lead(&mut self, effects: &mut Effects<Raft>) {
        let (term, last) = (self.disk.term, self.disk.log.last().index);
        effects.note(Fact::Elected { term: term.0, last: last.0 });
        self.standing = Standing::Leader(Box::new(Leadership::new(self.team.others(self.me), last)));
        effects.disarm(Timer::Election);
        effects.arm(Timer::Quorum, self.config.election.clone());
        effects.arm(Timer::Heartbeat, self.config.heartbeat..=self.config.heartbeat);
        if self.config.begins_its_term() {
            self.append(last, vec![Entry { term, command: Command::Noop }], effects);
        }
        self.replicate(effects);
        self.commit_what_a_majority_holds(effects);
    }

    /// Follows a higher term wherever it is met (§5.1). The leader of that term is told if the message came from it.
    pub(super) fn catch_up(&mut self, term: Term, leader: Option<NodeId>, effects: &mut Effects<Raft>) {
        if term > self.disk.term && self.heeds_higher_terms() {
            self.step_down(leader, effects);
            self.save(Write::Ballot { term, vote: None }, effects);
        }
    }

    /// Becomes a follower. A leader's clients are sent elsewhere: their slot may still be decided by its successor.
    pub(super) fn step_down(&mut self, leader: Option<NodeId>, effects: &mut Effects<Raft>) {
        let before = std::mem::replace(&mut self.standing, Standing::Follower { leader });
        let Standing::Leader(leadership) = before else { return };
        effects.note(Fact::SteppedDown { term: self.disk.term.0 });
        effects.disarm(Timer::Heartbeat);
        effects.disarm(Timer::Quorum);
        self.dismiss(*leadership, leader, effects);
        self.await_leader(effects);
    }

    /// Everyone who waits for this leader is sent elsewhere.
    fn dismiss(&mut self, leadership: Leadership, leader: Option<NodeId>, effects: &mut Effects<Raft>) {
        let Leadership { requests, reads, change, transfer, .. } = leadership;
        let elsewhere = Outcome::Elsewhere { hint: leader };
        self.drafts.abandon(effects);
        requests.into_values().flatten().for_each(|op| effects.respond(op, elsewhere.clone()));
        Raft::send_readers_elsewhere(reads, &elsewhere, effects);
        if let Some(change) = change {
            effects.disarm(Timer::CatchUp);
            effects.respond(change.op(), elsewhere.clone());
        }
        if let Some(transfer) = transfer {
            effects.disarm(Timer::Transfer);
            effects.respond(transfer.op, transfer.outcome(&elsewhere));
        }
    }

    /// Hands leadership on by standing back for longer than any other member will wait.
    pub(super) fn yield_leadership(&mut self, effects: &mut Effects<Raft>) {
        self.step_down(None, effects);
        effects.arm(Timer::Election, self.config.yielding.clone());
    }

    /// The quorum timer fired. A leader that has not heard from a majority since the last time cannot commit anything,
    /// and its clients are better served elsewhere (check quorum, thesis §6.2).
    pub(super) fn check_quorum(&mut self, effects: &mut Effects<Raft>) {
        let count = self.count();
        let Standing::Leader(leadership) = &self.standing else { return };
        if !leadership.is_in_touch(count) && self.config.steps_down() {
            return self.step_down(None, effects);
        }
        if let Standing::Leader(leadership) = &mut self.standing {
            leadership.forget_contacts();
            effects.arm(Timer::Quorum, self.config.election.clone());
        }
    }

    /// A leader of the present term was heard.
    pub(super) fn hear(&mut self, now: Time, leader: NodeId, effects: &mut Effects<Raft>) {
        self.heard = Some(now);
        // Nearly every message comes from the leader that it follows already.
        if !matches!(self.standing, Standing::Follower { leader: Some(known) } if known == leader) {
            self.standing = Standing::Follower { leader: Some(leader) };
        }
        self.await_leader(effects);
    }

    fn await_leader(&self, effects: &mut Effects<Raft>) {
        effects.arm(Timer::Election, self.config.election.clone());
    }

    /// Whether a leader was heard so lately that no election is due (thesis §4.2.3). A clock set back proves nothing.
    fn hears_a_leader(&self, now: Time) -> bool {
        let lately = |heard: Time| heard <= now && now.since(heard) < *self.config.election.start();
        self.is_leader() || self.heard.is_some_and(lately)
    }

    fn would_follow(&self, last: Position) -> bool {
        !self.config.compares_logs() || last.is_up_to_date_with(self.disk.log.last())
    }

    fn heeds_higher_terms(&self) -> bool {
        !self.is_leader() || self.config.steps_down()
    }
}
