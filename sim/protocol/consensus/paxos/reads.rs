//! Reading the log: a read takes a place in it. Knows nothing of how that place is chosen.

use super::election::Standing;
use super::{Command, Index, Paxos, Placed};
use crate::id::OpId;
use crate::protocol::Effects;
use crate::protocol::team::Outcome;

/// A read that waits for its place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) op: OpId,
    place: Place,
}

crate::digestible! { struct Read { op, place } }

/// Whether the no-op that stands for a read was chosen in the ballot of the leader that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Open,
    Chosen,
}

crate::digestible! { enum Place { 1 = Open, 2 = Chosen } }

impl Read {
    /// Its no-op was chosen. Only after the read came could anyone vote for it, so no higher ballot had a quorum of
    /// promises by then: whatever was chosen before the read came, the leader knew or has proposed before it.
    pub(super) fn place_chosen(&mut self) {
        self.place = Place::Chosen;
    }
}

impl Paxos {
    /// Someone wants to know everything that is decided.
    pub(super) fn on_read(&mut self, op: OpId, effects: &mut Effects<Paxos>) {
        let index = match &mut self.standing {
            Standing::Leader(leadership) if self.config.reads_through_the_log() => {
                let index = leadership.next;
                leadership.next = index.next();
                leadership.reads.insert(index, Read { op, place: Place::Open });
                index
            }
            Standing::Leader(_) => return self.tell(op, effects),
            Standing::Follower { leader } => return effects.respond(op, Outcome::Elsewhere { hint: *leader }),
            _ => return effects.respond(op, Outcome::Elsewhere { hint: None }),
        };
        self.propose(vec![Placed { index, command: Command::Noop }], effects);
    }

    /// Answers reads whose places are applied. One whose place another leader's ballot filled is told to ask again:
    /// this leader may be the last to learn that it leads no more.
    pub(super) fn answer_reads(&mut self, effects: &mut Effects<Paxos>) {
        let Standing::Leader(leadership) = &mut self.standing else { return };
        let beyond = leadership.reads.split_off(&self.applied.next());
        let settled: Vec<(Index, Read)> = std::mem::replace(&mut leadership.reads, beyond).into_iter().collect();
        for (_, Read { op, place }) in settled {
            match place {
                Place::Chosen => self.tell(op, effects),
                Place::Open => effects.respond(op, Outcome::Elsewhere { hint: Some(self.me) }),
            }
        }
    }

    fn tell(&self, op: OpId, effects: &mut Effects<Paxos>) {
        effects.respond(op, Outcome::Log { decisions: self.decided.iter().collect() });
    }
}
