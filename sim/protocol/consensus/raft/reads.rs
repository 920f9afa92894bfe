//! Reading the log: what a leader may answer once it knows that it still leads (read index, thesis §6.4). Knows nothing
//! of how entries come into the log.

use super::Raft;
use super::election::Standing;
use crate::id::OpId;
use crate::protocol::Effects;
use crate::protocol::team::Outcome;

/// A read that waits for its leader to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    op: OpId,
    /// The first round that began after the read came. An answer to an earlier one shows that its sender followed this
    /// leader then, which says nothing of now (R20).
    round: u64,
}

crate::digestible! { struct Read { op, round } }

impl Raft {
    /// Someone wants to know everything that is decided. Only a leader can tell that it misses nothing.
    pub(super) fn on_read(&mut self, op: OpId, effects: &mut Effects<Raft>) {
        let begins_a_round = self.config.begins_a_round_for_reads();
        match &mut self.standing {
            Standing::Leader(leadership) => {
                let round = leadership.round + u64::from(begins_a_round);
                leadership.reads.push(Read { op, round });
                self.answer_reads(effects);
                if begins_a_round && self.awaits_confirmation() {
                    self.replicate(effects);
                    self.answer_reads(effects);
                }
            }
            _ => self.send_elsewhere(op, effects),
        }
    }

    fn awaits_confirmation(&self) -> bool {
        matches!(&self.standing, Standing::Leader(leadership) if !leadership.reads.is_empty())
    }

    /// Answers the reads that a quorum's answers to a later round confirmed. Before an entry of the own term is
    /// committed there is no telling what earlier terms committed (R19). What is committed here is applied, so nothing
    /// more is waited for.
    pub(super) fn answer_reads(&mut self, effects: &mut Effects<Raft>) {
        if !self.awaits_confirmation() {
            return;
        }
        let knows = self.disk.log.term_at(self.commit) == Some(self.disk.term);
        let asks = self.config.asks_before_it_reads();
        let asks = asks && (self.config.asks_while_handing_over() || !self.is_handing_over());
        let count = self.count();
        if !knows && self.config.commits_before_it_reads() {
            return;
        }
        let Standing::Leader(leadership) = &self.standing else { return };
        let confirmed = if asks { leadership.confirmed(count) } else { u64::MAX };
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let (answered, waiting): (Vec<Read>, Vec<Read>) =
            leadership.reads.drain(..).partition(|read| read.round <= confirmed);
        leadership.reads = waiting;
        for read in answered {
            effects.respond(read.op, Outcome::Log { decisions: self.decided.iter().collect() });
        }
    }

    /// A leader that ceases to lead cannot answer them.
    pub(super) fn send_readers_elsewhere(reads: Vec<Read>, elsewhere: &Outcome, effects: &mut Effects<Raft>) {
        for read in reads {
            effects.respond(read.op, elsewhere.clone());
        }
    }
}
