//! What a member must not forget: the log with its proofs, and of the height after it its round, what it said in it and
//! its lock.

use super::Certificate;
use super::message::Vote;
use crate::fact::Decision;
use crate::protocol::Fold;
use crate::protocol::consensus::log::Index;

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// The log: the precommits that decided each height, from the first on, without a gap.
    pub log: Vec<Certificate>,
    /// The height after it.
    pub record: Record,
}

crate::digestible! { struct Durable { log, record } }

/// The durable part of the present height (Algorithm 1, lines 2 to 9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The present round.
    pub round: u64,
    /// What this member proposed in it.
    pub proposed: Option<Decision>,
    /// What it prevoted in it.
    pub prevote: Option<Vote>,
    /// What it precommitted in it.
    pub precommit: Option<Vote>,
    /// What it is locked on, and since which round.
    pub locked: Option<Lock>,
    /// What is known to be valid since the latest round, with the prevotes that show it.
    pub valid: Option<Certificate>,
}

crate::digestible! { struct Record { round, proposed, prevote, precommit, locked, valid } }

/// A lock: having precommitted this, the member prevotes nothing else without proof of a later round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The round of the precommit.
    pub round: u64,
    /// What for.
    pub decision: Decision,
}

crate::digestible! { struct Lock { round, decision } }

/// One atomic change, of the first height that is not decided on the disk. One of another height changes nothing: only
/// a second process of the same identity, which writes to the same disk, can be behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// The height's record, whole, so that no crash leaves a vote without its lock.
    Present {
        /// The height.
        height: Index,
        /// Its record from now on.
        record: Record,
    },
    /// The height is decided, and the next one begins with nothing said in it.
    Decided(Certificate),
}

crate::digestible! { enum Write { 1 = Present { height, record }, 2 = Decided(certificate) } }

impl Durable {
    /// The first height that is not decided here.
    #[must_use]
    pub fn next(&self) -> Index {
        Index::ORIGIN.plus(self.log.len()).next()
    }

    /// The proof of a height that is decided here.
    #[must_use]
    pub fn proof(&self, height: Index) -> Option<&Certificate> {
        self.log.get(usize::try_from(height.0.checked_sub(1)?).ok()?)
    }
}

impl Fold<Write> for Durable {
    fn fold(&mut self, write: &Write) {
        let next = self.next();
        match write {
            Write::Present { height, record } if *height == next => self.record = record.clone(),
            Write::Decided(certificate) if certificate.height == next => {
                self.log.push(certificate.clone());
                self.record = Record::default();
            }
            Write::Present { .. } | Write::Decided(_) => {}
        }
    }
}
