//! Raft, for teams of language models. Knows terms, votes and logs; never what a model says beyond its typed answer.
//!
//! After Ongaro and Ousterhout, *In Search of an Understandable Consensus Algorithm* (USENIX ATC 2014, extended
//! version; cited by section), and Ongaro's thesis *Consensus: Bridging Theory and Practice* (2014; cited as thesis).
//!
//! # The rules, one by one
//!
//! 1. Terms only grow; whoever meets a higher one follows it, and leaders step down (§5.1). Messages of lower terms
//!    change nothing; requests of lower terms are answered, so that their senders catch up.
//! 2. Term, vote and log are durable before any message that depends on them (Figure 2). Term and vote are one write.
//! 3. A member that hears no leader first asks whether it would win, which changes nothing anywhere (pre-vote, thesis
//!    §9.6). A member says yes if the asker's term is not behind its own, the asker's log is up to date, and no leader
//!    was heard within the least election timeout. A "no" carries the term, so members of unlike terms cannot deadlock.
//! 4. One vote a term, and only for a log at least as up to date (§5.2, §5.4.1). Votes are a set of distinct voters of
//!    the present term.
//! 5. A new leader appends a no-op at once (§8).
//! 6. A follower accepts entries only after a place where its log equals the leader's (§5.3); otherwise it names the
//!    term it has there and where that term begins, and the leader skips the whole term. Until the place is found, one
//!    entry is sent at a time.
//! 7. A follower acknowledges, and commits, up to what the message itself showed to be equal: never its log's end.
//! 8. A leader commits by counting only entries of its own term; earlier ones follow (§5.4.2). What is matched never
//!    regresses.
//! 9. A leader that has not heard from a majority for an election timeout steps down (thesis §6.2).
//! 10. Entries are applied in order; a slot is decided by its first entry.
//! 11. A failed write leaves memory ahead of the disk: the member halts and starts again from what is durable.
//!
//! # What language models add
//!
//! Each can be switched off in [`Config`], to show what it is for.
//!
//! - *Validated append* ([`Acceptance`]): the leader's model proposes, every member's agent checks, and a majority of
//!   the members must approve before the proposal enters the log. Refusals carry reasons; the leader's model hears them
//!   and tries again, a bounded number of times; then the leader yields. This costs liveness at worst: what is in the
//!   log is committed by Raft's rules alone.
//! - *Verbatim values* ([`Adoption`]): entries carry bytes, and no model ever sees an entry in order to write it down.
//! - *The shell's life is not the model's* ([`Heartbeats`], [`Handover`]): heartbeats come from the shell, so a slow
//!   generation starts no election; a lease on the model's progress hands leadership over when nothing comes.
//! - *Durable before visible* ([`Visibility`]): rule 2.
//!
//! # Deviations
//!
//! - A leader yields by stepping down within its term and standing back, which the paper has no name for. It is the
//!   same as a leader that crashes and is slow to return.
//! - Any member answers a request for a slot it knows decided; decisions never change, so this needs no read index.

mod config;
mod durable;
mod election;
mod leader;
mod log;
mod message;
mod place;
mod planted;
mod proposal;
mod replication;
mod review;

#[cfg(test)]
mod tests;

pub use config::{Acceptance, Adoption, Config, ConfigError, Handover, Heartbeats, Visibility};
pub use durable::{Durable, Write};
pub use log::{Command, Conflict, Entry, Log, NOOP};
pub use message::{Append, Appended, Message, Review, Timer, Verdict, Vote};
pub use place::{Index, Position, Term};
#[cfg(feature = "planted")]
pub use planted::Planted;

use crate::fact::{Fact, Slot, Value};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use election::Standing;
use review::Check;
use std::collections::BTreeMap;

/// One member of a Raft team.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::raft::{Config, Raft};
/// use synod::time::millis;
/// let team = Members::of(5);
/// let plain = Raft::factory(NodeId::agent(0), &team);
/// let calm = Raft::new(NodeId::agent(0), &team, Config { heartbeat: millis(500), ..Config::default() });
/// assert_ne!(plain, calm);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raft {
    me: NodeId,
    members: Members,
    config: Config,
    /// What is durable, or will be before the next event.
    disk: Durable,
    /// Writes of the running step that are kept behind its messages; empty between steps.
    late: Vec<Write>,
    standing: Standing,
    /// When a leader was last heard.
    heard: Option<Time>,
    commit: Index,
    applied: Index,
    decided: BTreeMap<Slot, Value>,
    /// Proposals of others that this member checks.
    reviews: BTreeMap<Slot, Check>,
    tickets: u64,
}

crate::digestible! { struct Raft {
    me, members, config, disk, late, standing, heard, commit, applied, decided, reviews, tickets,
} }

impl Raft {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Raft {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("raft cannot run: {error}"));
        Raft {
            me,
            members: members.clone(),
            config,
            disk: Durable::default(),
            late: Vec::new(),
            standing: Standing::Follower { leader: None },
            heard: None,
            commit: Index::ORIGIN,
            applied: Index::ORIGIN,
            decided: BTreeMap::new(),
            reviews: BTreeMap::new(),
            tickets: 0,
        }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Raft {
        Raft::new(me, members, Config::default())
    }

    /// Whether this member leads, as far as it knows.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        matches!(self.standing, Standing::Leader(_))
    }

    /// The present term.
    #[must_use]
    pub fn term(&self) -> Term {
        self.disk.term
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.disk.log
    }

    /// Up to where the log is known committed.
    #[must_use]
    pub fn commit(&self) -> Index {
        self.commit
    }

    fn start(&mut self, durable: Option<Durable>, effects: &mut Effects<Raft>) {
        if let Some(durable) = durable {
            self.disk = durable;
            effects.note(Fact::Recovered { term: self.disk.term.0 });
            self.report_entries(Index::ORIGIN, usize::MAX, effects);
        }
        effects.arm(Timer::Election, self.config.election.clone());
    }

    fn receive(&mut self, now: Time, from: NodeId, message: Message, effects: &mut Effects<Raft>) {
        if !self.members.contains(from) {
            return;
        }
        let term = message.term();
        match message {
            // These two must not follow the term before they are judged.
            Message::PreVote { term, last } => return self.on_pre_vote(now, from, term, last, effects),
            Message::RequestVote { term, last } => return self.on_request_vote(from, term, last, effects),
            Message::Append(_) | Message::Review(_) => self.catch_up(term, Some(from), effects),
            _ => self.catch_up(term, None, effects),
        }
        match message {
            Message::Append(append) => self.on_append(now, from, append, effects),
            Message::Review(review) => self.on_review(now, from, review, effects),
            // Named by the term it answers, not by its sender's: a voter that is behind may still welcome a candidate
            // (R35).
            Message::PreVoteReply { asked, vote, .. } => self.on_pre_vote_reply(from, asked, vote, effects),
            // Other answers of other terms answer questions nobody asks any more (R10, R16).
            _ if term != self.disk.term => {}
            Message::VoteReply { vote, .. } => self.on_vote_reply(from, vote, effects),
            Message::AppendReply { result, .. } => self.on_append_reply(from, result, effects),
            Message::Opinion { slot, attempt, verdict, .. } => self.on_opinion(from, slot, attempt, verdict, effects),
            Message::PreVote { .. } | Message::RequestVote { .. } => {}
        }
    }

    fn fire(&mut self, timer: Timer, effects: &mut Effects<Raft>) {
        match timer {
            Timer::Election => self.stand(effects),
            Timer::Heartbeat => self.beat(effects),
            Timer::Quorum => self.check_quorum(effects),
            Timer::Lease(slot) => self.end_lease(slot, effects),
            Timer::Review(slot) => self.end_review(slot, effects),
            Timer::Reminder(slot) => self.remind(slot, effects),
        }
    }

    fn answer(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<Raft>) {
        if let Some(answer) = self.answer_to_leader(ticket, answer, effects) {
            self.answer_to_validator(ticket, &answer, effects);
        }
    }

    /// Changes what is durable. Until the write is through, the driver holds back everything that follows it.
    fn save(&mut self, write: Write, effects: &mut Effects<Raft>) {
        self.disk.fold(&write);
        let Some(write) = self.config.surviving(write) else { return };
        match self.config.visibility {
            Visibility::DurableFirst => effects.persist(write),
            Visibility::SentFirst => self.late.push(write),
        }
    }

    fn next_ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}

impl Protocol for Raft {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, now: Time, event: Event<Raft>, effects: &mut Effects<Raft>) {
        match event {
            Event::Start(durable) => self.start(durable, effects),
            Event::Deliver { from, message } => self.receive(now, from, message, effects),
            Event::Fire(timer) => self.fire(timer, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(op, slot, effects);
                }
            }
            Event::Answer { ticket, answer } => self.answer(ticket, answer, effects),
            Event::DiskFailed(_) => effects.halt(),
        }
        for write in self.late.drain(..) {
            effects.persist(write);
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance::of_a_durable_majority(kind))
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }
}
