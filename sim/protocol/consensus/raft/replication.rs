//! How logs become equal, when an entry is committed, and what applying it does. Knows nothing of models.

use super::election::Standing;
use super::leader::{Contact, Pace, Progress};
use super::log::Conflict;
use super::message::{Append, Appended, Install, Message, Timer};
use super::{Command, Entry, Heartbeats, Index, Position, Raft, Write};
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
        self.reseat(effects);
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
        let stuck = self.config.heartbeats == Heartbeats::BetweenAnswers && self.drafts.wait_for_own_model();
        if !stuck {
            self.replicate(effects);
        }
    }

    /// Begins a round: sends every member what it lacks, or a heartbeat.
    pub(super) fn replicate(&mut self, effects: &mut Effects<Raft>) {
        let Standing::Leader(leadership) = &mut self.standing else { return };
        leadership.round += 1;
        let Standing::Leader(leadership) = &self.standing else { return };
        for progress in &leadership.progress {
            effects.send(progress.member, self.next_for(progress, leadership.round));
        }
    }

    /// What a follower lacks next: entries, or a snapshot if those are no longer kept (§7).
    fn next_for(&self, progress: &Progress, round: u64) -> Message {
        let (log, term) = (&self.disk.log, self.disk.term);
        let index = progress.next.back();
        let Some(prev) = log.term_at(index).map(|term| Position { index, term }) else {
            return Message::Install(Install { term, snapshot: self.disk.snapshot.clone(), round });
        };
        let limit = if progress.pace == Pace::Probe { 1 } else { self.config.batch };
        let entries = log.from(progress.next, limit).to_vec();
        Message::Append(Append { term, prev, entries, commit: self.commit, round })
    }

    /// A follower's side of AppendEntries (Figure 2). The caller has followed the leader's term.
    pub(super) fn on_append(&mut self, now: Time, leader: NodeId, append: Append, effects: &mut Effects<Raft>) {
        let Append { term, prev, entries, commit, round } = append;
        if term != self.disk.term || self.is_leader() {
            return self.answer_append(leader, round, Appended::Stale, effects);
        }
        self.hear(now, leader, effects);
        if !self.config.checks_before_it_commits() {
            self.commit_up_to(commit.min(self.disk.log.last().index), effects);
        }
        let (prev, entries) = self.beyond_the_snapshot(prev, entries, effects);
        let holds = self.disk.log.holds(prev) || (!self.config.compares_terms() && self.holds_something_at(prev.index));
        if !holds {
            let conflict = self.disk.log.conflict(prev);
            return self.answer_append(leader, round, Appended::Refused { prev: prev.index, conflict }, effects);
        }
        // Up to here the log is known to equal the leader's. Whatever it holds beyond may be anything, so neither the
        // answer nor the commit index may look at where the log ends (R07, R09).
        let end = prev.index.plus(entries.len());
        self.adopt(prev.index, entries, effects);
        self.commit_up_to(commit.min(end), effects);
        let shown = if self.config.acknowledges_what_was_shown() { end } else { self.disk.log.last().index };
        self.answer_append(leader, round, Appended::UpTo(shown), effects);
    }

    /// The part of a late message that the snapshot does not hold. What the snapshot holds is committed, so it equals
    /// the leader's log, and is no conflict although it cannot be compared any more (R30).
    fn beyond_the_snapshot(
        &mut self,
        prev: Position,
        mut entries: Vec<Entry>,
        effects: &mut Effects<Raft>,
    ) -> (Position, Vec<Entry>) {
        let base = self.disk.log.base();
        if prev.index >= base.index {
            return (prev, entries);
        }
        let known = usize::try_from(base.index.0 - prev.index.0).map_or(entries.len(), |gap| gap.min(entries.len()));
        let rest = entries.split_off(known);
        if !self.config.trusts_its_snapshot() {
            self.append(base.index, rest.clone(), effects);
        }
        (base, rest)
    }

    fn holds_something_at(&self, index: Index) -> bool {
        self.disk.log.term_at(index).is_some()
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

    pub(super) fn answer_append(&self, leader: NodeId, round: u64, result: Appended, effects: &mut Effects<Raft>) {
        effects.send(leader, Message::AppendReply { term: self.disk.term, round, result });
    }

    /// The leader's side of an answer. The caller has sorted out answers of other terms (R16).
    pub(super) fn on_append_reply(&mut self, from: NodeId, round: u64, result: Appended, effects: &mut Effects<Raft>) {
        let last = self.disk.log.last().index;
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let Some(progress) = leadership.of(from) else { return };
        progress.contact = Contact::Heard;
        let moved = match result {
            Appended::UpTo(index) => advance(progress, index.min(last)),
            Appended::Refused { prev, conflict } => back_up(progress, prev, conflict, &self.disk.log),
            // It follows no leader of this term.
            Appended::Stale => return,
        };
        progress.round = progress.round.max(round);
        let behind = progress.next <= last;
        let refused = progress.pace == Pace::Probe;
        if moved == Moved::Yes && (behind || refused) {
            let progress = progress.clone();
            let round = leadership.round;
            effects.send(from, self.next_for(&progress, round));
        }
        self.commit_what_a_majority_holds(effects);
        // Mostly nobody waits for what an answer may settle besides.
        if matches!(&self.standing, Standing::Leader(leadership) if leadership.is_waited_for()) {
            self.answer_reads(effects);
            self.hand_over_if_ready(effects);
            self.admit_if_caught_up(effects);
        }
    }

    /// Commits up to what a majority holds, but only by way of an entry of the present term: an earlier term's entry
    /// may be on a majority and still be overwritten (§5.4.2, Figure 8).
    pub(super) fn commit_what_a_majority_holds(&mut self, effects: &mut Effects<Raft>) {
        let Standing::Leader(leadership) = &self.standing else { return };
        let log = &self.disk.log;
        if self.commit >= log.last().index {
            return;
        }
        let (count, last) = (self.count(), log.last().index);
        let sorted = self.config.sorts_progress();
        let held = if sorted { leadership.held_by(count, last) } else { leadership.held_in_order(count, last) };
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
        self.compact(effects);
        self.settle_change(effects);
    }

    /// Applies what is committed, in order. A slot is decided by its first entry.
    fn apply(&mut self, effects: &mut Effects<Raft>) {
        if !self.config.applies_every_entry() {
            self.applied = self.applied.max(self.commit.back());
        }
        while self.applied < self.commit {
            let index = self.applied.next();
            let Some(entry) = self.disk.log.get(index) else { return };
            self.applied = index;
            effects.note(Fact::Applied { index: index.0, command: entry.command.name() });
            if let Command::Decide { slot, value } = &entry.command {
                let (slot, value) = (*slot, value.clone());
                self.decide(slot, value, effects);
            }
        }
    }

    pub(super) fn decide(&mut self, slot: Slot, value: Value, effects: &mut Effects<Raft>) {
        if !self.decided.add(slot, value.clone()) && self.config.decides_once() {
            return;
        }
        effects.decide(slot, self.config.reported(value.clone()));
        self.drafts.close(slot, effects);
        self.answer_requests(slot, &value, effects);
    }

    /// Whoever asked this leader for a slot is told.
    pub(super) fn answer_requests(&mut self, slot: Slot, value: &Value, effects: &mut Effects<Raft>) {
        if let Standing::Leader(leadership) = &mut self.standing {
            for op in leadership.requests.remove(&slot).unwrap_or_default() {
                effects.respond(op, Outcome::Decided { slot, value: self.config.told(value.clone()) });
            }
        }
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
fn back_up(progress: &mut Progress, prev: Index, conflict: Conflict, log: &super::Log) -> Moved {
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
