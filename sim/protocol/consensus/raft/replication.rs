//! How logs become equal, when an entry is committed, and what applying it does. Knows nothing of models.

use super::election::Standing;
use super::leader::{Contact, Pace, Progress};
use super::log::Conflict;
use super::message::{Append, Appended, Message, Timer};
use super::{Command, Entry, Index, Log, Position, Raft, Term, Write};
use crate::fact::{Fact, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::Outcome;
use crate::time::Time;

impl Raft {
    /// Puts entries after an index, durably, and reports it once they are.
    pub(super) fn append(&mut self, after: Index, entries: Vec<Entry>, effects: &mut Effects<Raft>) {
        let end = self.disk.log.last().index;
        let added = entries.len();
        self.save(Write::Append { after, entries }, effects);
        if after < end {
            effects.note(Fact::Truncated { from: after.next().0 });
        }
        self.report_entries(after, added, effects);
    }

    pub(super) fn report_entries(&self, after: Index, added: usize, effects: &mut Effects<Raft>) {
        for (place, entry) in self.disk.log.from(after.next(), added).iter().enumerate() {
            let index = after.plus(place + 1).0;
            effects.note(Fact::Appended { index, term: entry.term.0, command: entry.command.name() });
        }
    }

    /// The heartbeat timer fired. What was not acknowledged goes out again with it.
    pub(super) fn beat(&mut self, effects: &mut Effects<Raft>) {
        if !self.is_leader() {
            return;
        }
        effects.arm(Timer::Heartbeat, self.config.heartbeat..=self.config.heartbeat);
        if !self.is_stuck_in_generation() {
            self.replicate(effects);
        }
    }

    /// Sends every follower what it lacks, or a heartbeat.
    pub(super) fn replicate(&mut self, effects: &mut Effects<Raft>) {
        let Standing::Leader(leadership) = &self.standing else { return };
        for progress in &leadership.progress {
            let message = append_for(progress, &self.disk.log, self.disk.term, self.commit, self.config.batch);
            effects.send(progress.member, message);
        }
    }

    fn replicate_to(&self, progress: &Progress, effects: &mut Effects<Raft>) {
        let message = append_for(progress, &self.disk.log, self.disk.term, self.commit, self.config.batch);
        effects.send(progress.member, message);
    }

    /// A follower's side of AppendEntries (Figure 2). The caller has followed the leader's term.
    pub(super) fn on_append(&mut self, now: Time, leader: NodeId, append: Append, effects: &mut Effects<Raft>) {
        let Append { term, prev, entries, commit } = append;
        if term != self.disk.term || self.is_leader() {
            return self.answer_append(leader, Appended::Stale, effects);
        }
        self.hear(now, leader, effects);
        if !self.disk.log.holds(prev) {
            let conflict = self.disk.log.conflict(prev);
            return self.answer_append(leader, Appended::Refused { prev: prev.index, conflict }, effects);
        }
        // Up to here the log is known to equal the leader's. Whatever it holds beyond may be anything, so neither the
        // answer nor the commit index may look at where the log ends (R07, R09).
        let end = prev.index.plus(entries.len());
        self.adopt(prev.index, entries, effects);
        self.commit_up_to(commit.min(end), effects);
        self.answer_append(leader, Appended::UpTo(end), effects);
    }

    /// Keeps what it has of these entries and writes the rest from the first that is new or differs. A late message
    /// thus never removes what a newer one brought.
    fn adopt(&mut self, prev: Index, mut entries: Vec<Entry>, effects: &mut Effects<Raft>) {
        let held = entries.iter().enumerate();
        let held =
            held.take_while(|(place, entry)| self.disk.log.term_at(prev.plus(place + 1)) == Some(entry.term)).count();
        if held == entries.len() {
            return;
        }
        let mut fresh = entries.split_off(held);
        if !self.config.adopts_verbatim() {
            for entry in &mut fresh {
                let understood = std::mem::replace(&mut entry.command, Command::Noop);
                entry.command = understood.reworded(self.me.index());
            }
        }
        self.append(prev.plus(held), fresh, effects);
    }

    fn answer_append(&self, leader: NodeId, result: Appended, effects: &mut Effects<Raft>) {
        effects.send(leader, Message::AppendReply { term: self.disk.term, result });
    }

    /// The leader's side of an answer. The caller has sorted out answers of other terms (R16).
    pub(super) fn on_append_reply(&mut self, from: NodeId, result: Appended, effects: &mut Effects<Raft>) {
        let last = self.disk.log.last().index;
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let Some(progress) = leadership.of(from) else { return };
        progress.contact = Contact::Heard;
        let moved = match result {
            Appended::UpTo(index) => advance(progress, index.min(last)),
            Appended::Refused { prev, conflict } => back_up(progress, prev, conflict, &self.disk.log),
            Appended::Stale => Moved::No,
        };
        let behind = progress.next <= last;
        let refused = progress.pace == Pace::Probe;
        if moved == Moved::Yes && (behind || refused) {
            let progress = progress.clone();
            self.replicate_to(&progress, effects);
        }
        self.commit_what_a_majority_holds(effects);
    }

    /// Commits up to what a majority holds, but only by way of an entry of the present term: an earlier term's entry
    /// may be on a majority and still be overwritten (§5.4.2, Figure 8).
    pub(super) fn commit_what_a_majority_holds(&mut self, effects: &mut Effects<Raft>) {
        let Standing::Leader(leadership) = &self.standing else { return };
        let log = &self.disk.log;
        let held = leadership.held_by(self.members.majority(), log.last().index);
        if log.term_at(held) == Some(self.disk.term) || !self.config.commits_own_term_only() {
            self.commit_up_to(held, effects);
        }
    }

    fn commit_up_to(&mut self, index: Index, effects: &mut Effects<Raft>) {
        if index <= self.commit {
            return;
        }
        self.commit = index;
        effects.note(Fact::Committed { index: index.0, term: self.disk.term.0 });
        self.apply(effects);
    }

    /// Applies what is committed, in order. A slot is decided by its first entry.
    fn apply(&mut self, effects: &mut Effects<Raft>) {
        while self.applied < self.commit {
            let index = self.applied.next();
            let Some(entry) = self.disk.log.get(index) else { return };
            self.applied = index;
            effects.note(Fact::Applied { index: index.0, command: entry.command.name() });
            if let Command::Decide { slot, value } = &entry.command
                && !self.decided.contains_key(slot)
            {
                let (slot, value) = (*slot, value.clone());
                self.decide(slot, value, effects);
            }
        }
    }

    fn decide(&mut self, slot: Slot, value: Value, effects: &mut Effects<Raft>) {
        effects.decide(slot, value.clone());
        self.reviews.remove(&slot);
        if let Standing::Leader(leadership) = &mut self.standing {
            for op in leadership.requests.remove(&slot).unwrap_or_default() {
                effects.respond(op, Outcome::Decided { slot, value: value.clone() });
            }
        }
        self.decided.insert(slot, value);
    }
}

/// Whether an answer taught the leader something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moved {
    Yes,
    No,
}

/// The follower's log equals the leader's up to `index`. Answers may come late and out of order (R15).
fn advance(progress: &mut Progress, index: Index) -> Moved {
    let moved = if index > progress.matched { Moved::Yes } else { Moved::No };
    progress.matched = progress.matched.max(index);
    progress.next = progress.next.max(progress.matched.next());
    progress.pace = Pace::Stream;
    moved
}

/// The follower lacks the entry before `next`: skip the conflicting term at once (§5.3). If the leader has entries of
/// that term, the logs may meet where the leader's end; else they meet before the follower's begin.
fn back_up(progress: &mut Progress, prev: Index, conflict: Conflict, log: &Log) -> Moved {
    // A late refusal: of a place that is matched by now, or of one that is no longer being tried.
    if prev <= progress.matched || prev != progress.next.back() {
        return Moved::No;
    }
    let shared = conflict.term.and_then(|term| log.last_of(term));
    let target = shared.map_or(conflict.index, Index::next);
    progress.next = target.min(prev).max(progress.matched.next());
    progress.pace = Pace::Probe;
    Moved::Yes
}

fn append_for(progress: &Progress, log: &Log, term: Term, commit: Index, batch: usize) -> Message {
    let limit = if progress.pace == Pace::Probe { 1 } else { batch };
    let index = progress.next.back();
    let prev = Position { index, term: log.term_at(index).expect("a leader sends from within its log") };
    Message::Append(Append { term, prev, entries: log.from(progress.next, limit).to_vec(), commit })
}
