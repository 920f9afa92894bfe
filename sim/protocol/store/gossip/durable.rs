//! What a replica must not forget. Knows no disk.

use crate::fact::{Fact, Session, Stamp, WriteId};
use crate::protocol::Fold;
use crate::protocol::store::{Clock, Dot, Notes, Token, Update, Vector, Winner};
use crate::time::Time;
use std::collections::BTreeMap;

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// Which updates were taken in: of each origin so many, from the first on.
    pub seen: Vector,
    /// Those of them that some other replica may lack.
    pub log: BTreeMap<Dot, Update>,
    /// What they come to.
    pub notes: Notes,
    /// No stamp that was taken in is later than this.
    pub clock: Clock,
    /// The stamp given here last.
    pub stamped: Option<Stamped>,
    /// The latest stamp of another replica that was taken in since.
    pub heard: Option<Stamp>,
    /// The write that was taken in last.
    pub last: Option<WriteId>,
    /// The last call of each session that was to change something here, with its answer.
    pub accepted: BTreeMap<Session, Accepted>,
}

crate::digestible! { struct Durable { seen, log, notes, clock, stamped, heard, last, accepted } }

/// A stamp with what it had to go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The stamp.
    pub stamp: Stamp,
    /// What the replica's own clock showed.
    pub clock: Time,
    /// The latest stamp of another replica that it had heard of since its last own one.
    pub heard: Option<Stamp>,
}

crate::digestible! { struct Stamped { stamp, clock, heard } }

impl Stamped {
    /// What the replica tells of it.
    pub(super) const fn fact(self) -> Fact {
        let Stamped { stamp, clock, heard } = self;
        Fact::Stamped { stamp, clock, heard }
    }
}

/// A session's last call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its number.
    pub number: u32,
    /// The answer.
    pub answered: Answered,
}

crate::digestible! { struct Accepted { number, answered } }

/// What a call that was to change something came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It took effect, and this is what it depends on.
    Done(Token),
    /// What was there was not what was expected.
    Differs,
}

crate::digestible! { enum Answered { 1 = Done(token), 2 = Differs } }

/// One atomic change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// An update was taken in; if a client's call made it here, its session's last call with it.
    Took {
        /// The update.
        update: Box<Update>,
        /// Which of two writers a note keeps.
        winner: Winner,
        /// The call.
        call: Option<Accepted>,
        /// How it got its stamp, if that was here.
        stamped: Option<Stamped>,
    },
    /// A call changed nothing.
    Refused {
        /// Whose it was.
        session: Session,
        /// Its number.
        number: u32,
    },
    /// What nobody lacks any more is forgotten.
    Collected {
        /// Log entries up to here.
        log: Vector,
        /// Tombstones up to here.
        tombstones: Vector,
    },
}

crate::digestible! { enum Winner { 1 = LaterStamp, 2 = LastToCome, 3 = NoLateEntry } }

crate::digestible! { enum Write {
    1 = Took { update, winner, call, stamped }, 2 = Refused { session, number }, 3 = Collected { log, tombstones },
} }

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Took { update, winner, call, stamped } => {
                self.seen.add(update.dot);
                self.clock.hear(update.stamp);
                self.last = Some(update.write);
                match stamped {
                    Some(_) => (self.stamped, self.heard) = (*stamped, None),
                    None => self.heard = self.heard.max(Some(update.stamp)),
                }
                self.notes.take(update, *winner);
                self.log.insert(update.dot, (**update).clone());
                if let Some(call) = call {
                    self.accepted.insert(update.write.session, call.clone());
                }
            }
            Write::Refused { session, number } => {
                self.accepted.insert(*session, Accepted { number: *number, answered: Answered::Differs });
            }
            Write::Collected { log, tombstones } => {
                self.log.retain(|dot, _| !log.holds(*dot));
                self.notes.collect(tombstones);
            }
        }
    }
}
