//! Who votes, and how that changes: one member at a time (thesis §4.1 to §4.3). Knows nothing of what the log is for.
//!
//! A team is a fixed set of identities. Some of them vote; the others are sent the log all the same, so that one that
//! is admitted has little to catch up with, and one that was removed still hears what is decided.

use super::election::Standing;
use super::leader::Count;
use super::message::Timer;
use super::{Command, Entry, Index, Raft};
use crate::fact::Fact;
use crate::id::{Members, NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::team::Outcome;

/// How many rounds of catching up a new voter gets (thesis §4.2.1 suggests ten).
const MOST_ROUNDS: u32 = 10;

/// A change that an administrator waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The member gets the log up to `target` first. If a round takes longer than an election, the log has grown
    /// meanwhile and another begins.
    CatchingUp { op: OpId, member: NodeId, target: Index, round: u32 },
    /// The entry that says so is in the log, not yet committed.
    Appended { op: OpId, index: Index },
}

crate::digestible! { enum Change {
    1 = CatchingUp { op, member, target, round }, 2 = Appended { op, index },
} }

impl Change {
    pub(super) fn op(self) -> OpId {
        match self {
            Change::CatchingUp { op, .. } | Change::Appended { op, .. } => op,
        }
    }

    fn is_committed(self, commit: Index) -> bool {
        matches!(self, Change::Appended { index, .. } if index <= commit)
    }
}

impl Raft {
    /// An administrator wants a member to vote.
    pub(super) fn on_admit(&mut self, op: OpId, member: NodeId, effects: &mut Effects<Raft>) {
        if !self.takes_change(op, member, Wanted::Voting, effects) {
            return;
        }
        let target = self.disk.log.last().index;
        if let Standing::Leader(leadership) = &mut self.standing {
            leadership.change = Some(Change::CatchingUp { op, member, target, round: 1 });
        }
        self.arm_catch_up(effects);
        self.admit_if_caught_up(effects);
    }

    /// An administrator wants a member to vote no more.
    pub(super) fn on_remove(&mut self, op: OpId, member: NodeId, effects: &mut Effects<Raft>) {
        if self.takes_change(op, member, Wanted::Silent, effects) {
            let voters = self.config.voters_without(&self.voters, member);
            self.append_seats(op, voters, effects);
        }
    }

    /// Whether a change can begin now. If not, the administrator hears why.
    fn takes_change(&mut self, op: OpId, member: NodeId, wanted: Wanted, effects: &mut Effects<Raft>) -> bool {
        let Standing::Leader(leadership) = &self.standing else {
            self.send_elsewhere(op, effects);
            return false;
        };
        let votes = if self.voters.contains(member) { Wanted::Voting } else { Wanted::Silent };
        let last_voter = wanted == Wanted::Silent && self.voters.len() == 1;
        // No change before an entry of the own term is committed: until then an earlier leader may be about to commit
        // one that this leader knows nothing of, and the two need not share a voter (the fix of 2015, R22).
        let knows = self.disk.log.term_at(self.commit) == Some(self.disk.term);
        let settled = self.seated <= self.commit || !self.config.changes_one_at_a_time();
        let free = settled && (leadership.change.is_none() || !self.config.changes_one_at_a_time());
        let ready = free && (knows || !self.config.commits_before_it_changes()) && !self.is_handing_over();
        let answer = match (self.team.contains(member), ready) {
            (false, _) => Outcome::Refused,
            (true, false) => Outcome::Elsewhere { hint: Some(self.me) },
            (true, true) if votes == wanted => Outcome::Done,
            (true, true) if last_voter => Outcome::Refused,
            (true, true) => return true,
        };
        effects.respond(op, answer);
        false
    }

    /// The round's timer fired: the log has grown meanwhile, so another round begins, or the member is too slow.
    pub(super) fn next_round(&mut self, effects: &mut Effects<Raft>) {
        let last = self.disk.log.last().index;
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let Some(Change::CatchingUp { op, member, round, .. }) = leadership.change else { return };
        if round == MOST_ROUNDS {
            leadership.change = None;
            return effects.respond(op, Outcome::Refused);
        }
        leadership.change = Some(Change::CatchingUp { op, member, target: last, round: round + 1 });
        self.arm_catch_up(effects);
        self.admit_if_caught_up(effects);
    }

    fn arm_catch_up(&self, effects: &mut Effects<Raft>) {
        let span = *self.config.election.start();
        effects.arm(Timer::CatchUp, span..=span);
    }

    /// The new voter has what there was when its round began.
    pub(super) fn admit_if_caught_up(&mut self, effects: &mut Effects<Raft>) {
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let Some(Change::CatchingUp { op, member, target, .. }) = leadership.change else { return };
        if leadership.of(member).is_none_or(|progress| progress.matched >= target) {
            effects.disarm(Timer::CatchUp);
            let voters = self.voters.with(member);
            self.append_seats(op, voters, effects);
        }
    }

    /// A change takes effect where it stands in the log, not when it is committed (thesis §4.1).
    fn append_seats(&mut self, op: OpId, voters: Members, effects: &mut Effects<Raft>) {
        let (term, last) = (self.disk.term, self.disk.log.last().index);
        if let Standing::Leader(leadership) = &mut self.standing {
            leadership.change = Some(Change::Appended { op, index: last.next() });
        }
        self.append(last, vec![Entry { term, command: Command::Seat { voters } }], effects);
        self.replicate(effects);
        self.commit_what_a_majority_holds(effects);
    }

    /// The log has changed, and with it perhaps who votes.
    pub(super) fn reseat(&mut self, effects: &mut Effects<Raft>) {
        let (index, voters) = self.seats_at(Index(u64::MAX));
        let voters = (*voters != self.voters).then(|| voters.clone());
        self.seated = index;
        if let Some(voters) = voters {
            self.drafts.seat(&voters);
            effects.note(Fact::Reconfigured { index: index.0, voters: voters.iter().collect() });
            self.voters = voters;
        }
    }

    /// Who votes by what the log says up to an index, and where it says so.
    fn seats_at(&self, upto: Index) -> (Index, &Members) {
        let before = || (self.disk.log.base().index, self.disk.snapshot.voters.as_ref().unwrap_or(&self.team));
        self.disk.log.seated_by(upto).unwrap_or_else(before)
    }

    /// Who votes by what is committed up to an index, if any entry says so.
    pub(super) fn voters_at(&self, upto: Index) -> Option<Members> {
        let seats = self.disk.log.seated_by(upto).map(|(_, voters)| voters);
        seats.or(self.disk.snapshot.voters.as_ref()).cloned()
    }

    /// Entries up to the commit index hold for good: the administrator hears it, and a leader that is no voter any more
    /// has done its last duty (thesis §4.2.2).
    pub(super) fn settle_change(&mut self, effects: &mut Effects<Raft>) {
        let commit = self.commit;
        let Standing::Leader(leadership) = &mut self.standing else { return };
        if let Some(change) = leadership.change.filter(|change| change.is_committed(commit)) {
            leadership.change = None;
            effects.respond(change.op(), Outcome::Done);
        }
        if self.seated <= commit && !self.voters.contains(self.me) {
            self.step_down(None, effects);
        }
    }

    /// Whether this member may become leader: if it votes by what it knows committed, or by any entry after that. One
    /// that was removed still may while the change is not known committed: it may be the only one that has the whole
    /// log (thesis §4.2.2). A restart forgets what was committed, so every entry after the snapshot may count again.
    pub(super) fn may_stand(&self) -> bool {
        if !self.config.stands_until_its_removal_holds() {
            return self.voters.contains(self.me);
        }
        self.seats_at(self.commit).1.contains(self.me)
            || self.disk.log.seated_after(self.commit).any(|voter| voter == self.me)
    }

    /// Who is counted at present, and how many make a quorum.
    pub(super) fn count(&self) -> Count<'_> {
        let counted = if self.config.counts_voters_only() { &self.voters } else { &self.team };
        Count { me: self.me, counted, quorum: self.quorum() }
    }

    /// How many voters decide.
    pub(super) fn quorum(&self) -> usize {
        self.config.quorum_of(&self.voters)
    }
}

/// What an administrator wants of a member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Voting,
    Silent,
}
