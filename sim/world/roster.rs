//! Who takes part, and a dense number for each.

use crate::id::{NodeId, Role};

/// Where the numbers of each role begin. Agents come last, because delegation adds some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Roster {
    /// By role.
    first: [usize; 4],
}

impl Roster {
    /// The roster of so many models, clients and tools, and any number of agents.
    pub(super) fn of(models: u16, clients: u16, tools: u16) -> Roster {
        let mut first = [0; 4];
        first[Role::Client as usize] = usize::from(models);
        first[Role::Tool as usize] = usize::from(models) + usize::from(clients);
        first[Role::Agent as usize] = usize::from(models) + usize::from(clients) + usize::from(tools);
        Roster { first }
    }

    /// The participant's number, from 0 without gaps.
    #[inline]
    pub(super) fn place(self, node: NodeId) -> usize {
        self.first[node.role() as usize] + node.index()
    }
}
