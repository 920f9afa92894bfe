//! Who takes part, and a dense number for each.

use crate::id::{NodeId, Role};

/// How many models, clients, tools and agents there are. Agents come last, because delegation adds some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Roster {
    pub(super) models: u16,
    pub(super) clients: u16,
    pub(super) tools: u16,
    pub(super) agents: u16,
}

impl Roster {
    /// The participant's number, from 0 without gaps.
    #[inline]
    pub(super) fn place(self, node: NodeId) -> usize {
        match node.role() {
            Role::Model => node.index(),
            Role::Client => usize::from(self.models) + node.index(),
            Role::Tool => usize::from(self.models + self.clients) + node.index(),
            Role::Agent => usize::from(self.models + self.clients + self.tools) + node.index(),
        }
    }
}
