//! What of a member's state makes a run unlike others: where it stands, and the shape of its log. Knows no other
//! member.

use super::election::Standing;
use super::{Raft, Term};
use crate::digest::digest_of;

/// Terms and lengths beyond this are alike: they grow for ever, and a search must come to an end.
const MOST: u64 = 6;

impl Raft {
    /// Its role, its term, whether it has voted, how much of its log is committed and not, whether its end is of its
    /// own term, and whether it has a vote.
    pub(super) fn outlined(&self) -> u64 {
        let standing = match &self.standing {
            Standing::Follower { leader: None } => 0,
            Standing::Follower { leader: Some(_) } => 1,
            Standing::PreCandidate { granted } => 2 + (granted.len() as u64).min(MOST),
            Standing::Candidate { granted } => 10 + (granted.len() as u64).min(MOST),
            Standing::Leader(_) => 20,
        };
        let last = self.disk.log.last();
        let Term(term) = self.disk.term;
        let open = last.index.0.saturating_sub(self.commit.0);
        let fresh = u64::from(last.term == self.disk.term);
        let votes = u64::from(self.voters.contains(self.me));
        let (voted, voters) = (u64::from(self.disk.vote.is_some()), self.voters.len() as u64);
        digest_of(&vec![standing, term.min(MOST), voted, self.commit.0.min(MOST), open.min(MOST), fresh, votes, voters])
    }
}
