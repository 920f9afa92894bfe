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
//! *Reading* (thesis §6.4). Only a leader answers, with everything that is decided, in order:
//!
//! 12. It begins a round of messages to all after the read came, and answers once a majority has answered messages of
//!     that round or a later one, in its term. Each message names its round, so that late answers to earlier ones
//!     confirm nothing. A term has one leader and a leader counts its rounds up, so no two rounds have one name.
//! 13. It answers nothing before an entry of its own term is committed: until then it does not know what is.
//!
//! *Snapshots* (§7; thesis §5.1, Figure 13):
//!
//! 14. Each member replaces what it has applied by what that came to ([`Snapshot`]: decisions in order, who votes, the
//!     last entry's index and term), in one write, once it is long enough. It starts again from there.
//! 15. A leader that no longer keeps what a follower lacks sends its snapshot. The follower keeps what follows it only
//!     if its log holds the snapshot's last entry; a snapshot of no more than it knows committed changes nothing.
//! 16. What a snapshot holds is committed, hence equal to the leader's log: late entries of it are passed over, never
//!     taken for a conflict.
//!
//! *Who votes* (thesis §4.1 to §4.3). A team is a fixed set of identities, of which some vote; all are sent the log:
//!
//! 17. A change admits or removes one voter, is an entry of the log, and counts from where it is appended. A log that
//!     loses the entry goes back to what was before.
//! 18. No change begins before the last one is committed, nor before an entry of the leader's own term is (the fix of
//!     2015: raft-dev, *bug in single-server membership changes*).
//! 19. A member to be admitted first gets the log in rounds, until one takes less than an election timeout or ten were
//!     not enough (thesis §4.2.1). Until then nothing it holds or says is counted.
//! 20. Votes, answers and logs of voters alone count, the leader's own only if it votes. A leader that is removed leads
//!     until that is committed, then steps down (thesis §4.2.2).
//! 21. Whoever has no vote, by what it knows committed and by every entry after that, does not stand: any of those may
//!     be what counts, and a restart forgets what was committed. One that was removed and does not know it asks first
//!     (rule 3), and is refused by all who hear a leader, so it disturbs nobody (thesis §4.2.3). Votes are given to
//!     whoever asks and counted by whoever stands, voter or not by the giver's log (§6).
//!
//! *Handing over* (thesis §3.10):
//!
//! 22. A leader that is to hand over takes no requests, brings the other up to date and tells it to stand at once,
//!     which skips rule 3 and nothing else. After an election timeout it gives that up and leads on.
//!
//! # What language models add
//!
//! Each can be switched off in [`Config`], to show what it is for.
//!
//! - *Validated append* ([`Acceptance`], [`drafting`]): the leader's model proposes, every voter's agent checks, and a
//!   majority of the voters must approve before the proposal enters the log. Refusals carry reasons; the leader's model
//!   hears them and tries again, a bounded number of times; then the leader yields. This costs liveness at worst: what
//!   is in the log is committed by Raft's rules alone.
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
//! - A snapshot travels in one message: a team's decisions are few and small.
//! - Members without a vote are sent the log for good, where the thesis stops sending it to whoever was removed.

mod config;
mod durable;
mod election;
mod leader;
mod log;
mod membership;
mod message;
mod outline;
mod place;
mod planted;
mod reads;
mod replication;
mod requests;
mod snapshot;
mod transfer;

#[cfg(test)]
mod tests;

pub use config::{Acceptance, Adoption, Config, ConfigError, Handover, Heartbeats, Visibility};
pub use durable::{Durable, Rest, Snapshot, Write};
pub use log::{Command, Conflict, Entry, Log, NOOP};
pub use message::{Append, Appended, Install, Message, Timer, Vote};
pub use place::{Index, Position, Term};
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::Decisions;
use super::drafting::{self, Drafts};
use crate::fact::Fact;
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use election::Standing;

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
    /// Every identity of the team, voting or not.
    team: Members,
    /// Who votes: by the last entry that says so, committed or not.
    voters: Members,
    /// Where that entry stands.
    seated: Index,
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
    decided: Decisions,
    drafts: Drafts,
}

crate::digestible! { struct Raft {
    me, team, voters, seated, config, disk, late, standing, heard, commit, applied, decided, drafts,
} }

impl Raft {
    /// A member before its start. Everyone votes at first.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Raft {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("raft cannot run: {error}"));
        Raft {
            me,
            team: members.clone(),
            voters: members.clone(),
            seated: Index::ORIGIN,
            drafts: Drafts::new(me, members, config.drafting()),
            config,
            disk: Durable::default(),
            late: Vec::new(),
            standing: Standing::Follower { leader: None },
            heard: None,
            commit: Index::ORIGIN,
            applied: Index::ORIGIN,
            decided: Decisions::default(),
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

    /// The log behind the snapshot.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.disk.log
    }

    /// Up to where the log is known committed.
    #[must_use]
    pub fn commit(&self) -> Index {
        self.commit
    }

    /// Everything decided as far as this member knows, in the order of the log.
    #[must_use]
    pub fn decisions(&self) -> &Decisions {
        &self.decided
    }

    /// Who votes, as far as this member knows.
    #[must_use]
    pub fn voters(&self) -> &Members {
        &self.voters
    }

    fn start(&mut self, durable: Option<Durable>, effects: &mut Effects<Raft>) {
        if let Some(durable) = durable {
            self.disk = durable;
            effects.note(Fact::Recovered { term: self.disk.term.0 });
            self.take_over(effects);
            self.report_entries(self.disk.log.base().index, usize::MAX, effects);
            self.reseat(effects);
        }
        effects.arm(Timer::Election, self.config.election.clone());
    }

    fn receive(&mut self, now: Time, from: NodeId, message: Message, effects: &mut Effects<Raft>) {
        if !self.team.contains(from) {
            return;
        }
        let term = message.term();
        match message {
            // These two must not follow the term before they are judged.
            Message::PreVote { term, last } => return self.on_pre_vote(now, from, term, last, effects),
            Message::RequestVote { term, last } => return self.on_request_vote(from, term, last, effects),
            Message::Append(_) | Message::Install(_) | Message::TimeoutNow { .. } | Message::Review(_) => {
                self.catch_up(term, Some(from), effects);
            }
            _ => self.catch_up(term, None, effects),
        }
        match message {
            Message::Append(append) => self.on_append(now, from, append, effects),
            Message::Install(install) => self.on_install(now, from, install, effects),
            Message::Review(review) => self.on_review(now, from, review, effects),
            // Named by the term it answers, not by its sender's: a voter that is behind may still welcome a candidate
            // (R35).
            Message::PreVoteReply { asked, vote, .. } => self.on_pre_vote_reply(from, asked, vote, effects),
            Message::VoteReply { vote, .. } if term == self.disk.term || !self.config.heeds_terms_of_votes() => {
                self.on_vote_reply(from, vote, effects);
            }
            // Other messages of other terms belong to questions nobody asks any more (R10, R16).
            _ if term != self.disk.term => {}
            Message::AppendReply { round, result, .. } => self.on_append_reply(from, round, result, effects),
            Message::TimeoutNow { .. } => self.on_timeout_now(effects),
            Message::Opinion(opinion) => {
                let progress = self.drafts.on_opinion(from, opinion, effects);
                self.follow_up(progress, effects);
            }
            Message::VoteReply { .. } | Message::PreVote { .. } | Message::RequestVote { .. } => {}
        }
    }

    fn fire(&mut self, timer: Timer, effects: &mut Effects<Raft>) {
        let drafting = match timer {
            Timer::Election => return self.stand(effects),
            Timer::Heartbeat => return self.beat(effects),
            Timer::Quorum => return self.check_quorum(effects),
            Timer::CatchUp => return self.next_round(effects),
            Timer::Transfer => return self.end_transfer(effects),
            Timer::Lease(slot) => drafting::Timer::Lease(slot),
            Timer::Review(slot) => drafting::Timer::Review(slot),
            Timer::Reminder(slot) => drafting::Timer::Reminder(slot),
        };
        let progress = self.drafts.fire(drafting, effects);
        self.follow_up(progress, effects);
    }

    /// Changes what is durable. Until the write is through, the driver holds back everything that follows it.
    fn save(&mut self, write: Write, effects: &mut Effects<Raft>) {
        self.disk.fold(&write);
        let Some(write) = self.config.surviving(write) else { return };
        if self.config.waits_for_the_disk() { effects.persist(write) } else { self.late.push(write) }
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
            Event::Invoke { op, request } => self.on_request(op, request, effects),
            Event::Answer { ticket, answer } => {
                let progress = self.drafts.answer(ticket, answer, effects);
                self.follow_up(progress, effects);
            }
            Event::DiskFailed(_) if self.config.stops_with_its_disk() => effects.halt(),
            Event::DiskFailed(_) => {}
        }
        if !self.late.is_empty() {
            self.late.drain(..).for_each(|write| effects.persist(write));
        }
    }

    fn outline(&self) -> Option<u64> {
        Some(self.outlined())
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance::of_a_durable_majority(kind))
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }
}
