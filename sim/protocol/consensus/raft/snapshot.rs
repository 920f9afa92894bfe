//! Snapshots: a committed prefix of the log, replaced by what it came to (§7; thesis §5). Knows nothing of votes.

use super::message::{Appended, Install};
use super::{Position, Raft, Rest, Snapshot, Write};
use crate::fact::{Decision, Fact};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::time::Time;

impl Raft {
    /// Replaces what was applied by a snapshot once that is long enough. Every member does so by itself.
    pub(super) fn compact(&mut self, effects: &mut Effects<Raft>) {
        let base = self.disk.log.base().index;
        if self.applied.0.saturating_sub(base.0) < self.config.retained as u64 {
            return;
        }
        let Some(term) = self.disk.log.term_at(self.applied) else { return };
        let last = Position { index: self.applied, term };
        let voters = self.voters_at(self.applied).filter(|_| self.config.keeps_voters_in_snapshots());
        let snapshot = Snapshot { last, voters, decisions: self.decided.clone() };
        self.save(Write::Compact { snapshot, rest: Rest::Stays }, effects);
    }

    /// A follower's side of InstallSnapshot (Figure 13). The caller has followed the leader's term.
    pub(super) fn on_install(&mut self, now: Time, leader: NodeId, install: Install, effects: &mut Effects<Raft>) {
        let Install { term, snapshot, round } = install;
        if term != self.disk.term || self.is_leader() {
            return self.answer_append(leader, round, Appended::Stale, effects);
        }
        self.hear(now, leader, effects);
        let last = snapshot.last;
        // A late snapshot of what is committed here is news to nobody: taking it would take back what was applied.
        if last.index > self.commit || !self.config.heeds_own_commit() {
            let rest = if self.disk.log.holds(last) { Rest::Stays } else { Rest::Goes };
            self.save(Write::Compact { snapshot, rest }, effects);
            self.take_over(effects);
            self.reseat(effects);
        }
        self.answer_append(leader, round, Appended::UpTo(last.index), effects);
    }

    /// Goes on from the snapshot that is durable here.
    pub(super) fn take_over(&mut self, effects: &mut Effects<Raft>) {
        let Snapshot { last, decisions, .. } = self.disk.snapshot.clone();
        if last == Position::ORIGIN {
            return;
        }
        effects.note(Fact::Restored { index: last.index.0, term: last.term.0 });
        (self.commit, self.applied) = (last.index, last.index);
        for Decision { slot, value } in decisions.iter() {
            self.decide(slot, value, effects);
        }
    }
}
