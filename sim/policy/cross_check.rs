//! Whether an answer may be believed after others have looked at it. Knows no answer and no opinion's words.

use super::planted::Bug;
use crate::id::NodeId;
use std::collections::BTreeMap;

/// So many approvals, by so many different models, none of them the author's; or one mechanical check.
///
/// A model that made a mistake does not see it: language models approve 96 in 100 right answers and reject fewer than
/// 25 in 100 wrong ones (arXiv 2510.11822), and nine judges of like training weigh as two (arXiv 2605.29800). So what
/// counts is how many *models* approve, and the author's counts for nothing. What cannot be read is no approval.
///
/// ```
/// use synod::id::NodeId;
/// use synod::policy::{Belief, CrossCheck, Voice};
/// let [author, other] = [NodeId::model(0), NodeId::model(1)];
/// let mut check = CrossCheck { approvals: 1, models: 1 }.begin(author);
/// check.opinion(NodeId::agent(1), author, Voice::Approves);
/// assert_eq!(check.belief(), Belief::Open, "the author's own model vouches for nothing");
/// check.opinion(NodeId::agent(2), other, Voice::Approves);
/// assert_eq!(check.belief(), Belief::Accepted);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossCheck {
    /// How many must approve.
    pub approvals: usize,
    /// How many different models must be among theirs.
    pub models: usize,
}

/// One answer under examination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checking {
    wants: CrossCheck,
    author: NodeId,
    heard: BTreeMap<NodeId, Heard>,
    proof: Option<Voice>,
    bug: Bug,
}

/// What somebody says of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// It is right.
    Approves,
    /// It is wrong.
    Rejects,
    /// Nothing that can be read.
    Unreadable,
}

/// What is to be made of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// More has to be heard.
    Open,
    /// It may be used.
    Accepted,
    /// It may not.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Heard {
    model: NodeId,
    voice: Voice,
}

crate::digestible! { struct CrossCheck { approvals, models } }
crate::digestible! { struct Checking { wants, author, heard, proof, bug } }
crate::digestible! { struct Heard { model, voice } }
crate::digestible! { enum Voice { 1 = Approves, 2 = Rejects, 3 = Unreadable } }

impl CrossCheck {
    /// The examination of an answer that this model gave.
    #[must_use]
    pub const fn begin(self, author: NodeId) -> Checking {
        Checking { wants: self, author, heard: BTreeMap::new(), proof: None, bug: Bug::NONE }
    }
}

impl Checking {
    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Checking {
        self.bug = Bug::of(bug);
        self
    }

    /// Somebody said something of it, with this model. Of several opinions of one examiner the first counts.
    pub fn opinion(&mut self, by: NodeId, model: NodeId, voice: Voice) {
        self.heard.entry(by).or_insert(Heard { model, voice });
    }

    /// A deterministic check was made of it, which no opinion outweighs.
    pub fn proof(&mut self, voice: Voice) {
        self.proof.get_or_insert(voice);
    }

    /// What is to be made of it now.
    #[must_use]
    pub fn belief(&self) -> Belief {
        match self.proof {
            Some(Voice::Approves) => return Belief::Accepted,
            Some(Voice::Rejects) => return Belief::Refused,
            Some(Voice::Unreadable) | None => {}
        }
        let independent = |heard: &&Heard| heard.model != self.author || has!(self.bug, CountsAuthorsModel);
        if self.heard.values().filter(independent).any(|heard| heard.voice == Voice::Rejects) {
            return Belief::Refused;
        }
        let consents = |heard: &&Heard| {
            heard.voice == Voice::Approves || heard.voice == Voice::Unreadable && has!(self.bug, DoubtIsConsent)
        };
        let mut models: Vec<NodeId> =
            self.heard.values().filter(independent).filter(consents).map(|heard| heard.model).collect();
        let approvals = models.len();
        models.sort_unstable();
        models.dedup();
        let enough = approvals >= self.wants.approvals && models.len() >= self.wants.models;
        if enough { Belief::Accepted } else { Belief::Open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_answer_is_accepted_only_by_enough_models_none_of_them_its_authors(
            approvals in 1_usize..4, models in 1_usize..4,
            heard in prop::collection::vec((0_u16..6, 0_u16..4, 0_u8..3), 0..12),
        ) {
            let author = NodeId::model(0);
            let mut check = CrossCheck { approvals, models }.begin(author);
            let mut first: BTreeMap<u16, (u16, u8)> = BTreeMap::new();
            for (by, model, said) in heard {
                let voice = [Voice::Approves, Voice::Rejects, Voice::Unreadable][usize::from(said)];
                check.opinion(NodeId::agent(by), NodeId::model(model), voice);
                first.entry(by).or_insert((model, said));
            }
            let counts = || first.values().filter(|(model, _)| *model != 0);
            let approving: Vec<u16> = counts().filter(|(_, said)| *said == 0).map(|(model, _)| *model).collect();
            let different: std::collections::BTreeSet<u16> = approving.iter().copied().collect();
            let expected = if counts().any(|(_, said)| *said == 1) {
                Belief::Refused
            } else if approving.len() >= approvals && different.len() >= models {
                Belief::Accepted
            } else {
                Belief::Open
            };
            prop_assert_eq!(check.belief(), expected);
        }
    }

    #[test]
    fn a_proof_outweighs_every_opinion() {
        let mut check = CrossCheck { approvals: 1, models: 1 }.begin(NodeId::model(0));
        check.opinion(NodeId::agent(1), NodeId::model(1), Voice::Approves);
        check.proof(Voice::Rejects);
        assert_eq!(check.belief(), Belief::Refused);
    }
}
