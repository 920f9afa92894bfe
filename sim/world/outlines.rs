//! The abstract states that a team came to, as its protocol outlines them. Kept only for a search that asks for them.

use super::World;
use super::process::Body;
use crate::digest::digest_of;
use crate::protocol::team::TeamProtocol;
use std::collections::BTreeSet;

/// Every combination of outlines that live members showed after some step, as digests.
pub(super) type Outlines = BTreeSet<u64>;

impl<P: TeamProtocol> World<P> {
    /// Keeps the team's states from now on.
    pub fn keep_outlines(&mut self) {
        self.outlines = Some(Outlines::new());
    }

    /// A member has taken a step: what the team looks like now, if its protocol says.
    #[cold]
    pub(super) fn note_outline(&mut self) {
        let live = self.live.iter().flatten().map(|process| &self.processes[*process as usize].body);
        let outlines = live.filter_map(|body| match body {
            Body::Pure(protocol) => protocol.outline(),
            Body::Async(_) | Body::Dead => None,
        });
        let mut team: Vec<u64> = outlines.collect();
        if team.is_empty() {
            return;
        }
        // Which member is which makes no difference.
        team.sort_unstable();
        let state = digest_of(&team);
        self.outlines.iter_mut().for_each(|outlines| _ = outlines.insert(state));
    }
}
