//! How many clients there are and how long they pause: as the scenario says, or many of them. Knows no world.

use crate::fault::Tactic;
use crate::time::Duration;
use crate::world::{Sessions, Visits};

/// Whether there are many clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crowd {
    /// As the scenario says.
    Usual,
    /// So many that operations overlap all the time: what a quiet network does not bring about, they do.
    Large,
}

/// How many times as many there are in a large crowd. Three make every operation overlap another, and the decisions of
/// all still fit into the time that a healed team has for them.
const TIMES: u16 = 3;
/// How many times shorter their pauses are.
const HASTE: u64 = 4;

impl Crowd {
    pub(super) fn of(tactic: Tactic) -> Crowd {
        if tactic == Tactic::Quiet { Crowd::Large } else { Crowd::Usual }
    }

    /// Those who want decisions.
    pub(super) const fn clients(self, usual: u16) -> u16 {
        match self {
            Crowd::Usual => usual,
            Crowd::Large => usual * TIMES,
        }
    }

    /// The longest pause of a client.
    pub(super) const fn pause(self, usual: Duration) -> Duration {
        match self {
            Crowd::Usual => usual,
            Crowd::Large => Duration(usual.0 / HASTE),
        }
    }

    /// Those who read the log and change the team; more administrators would leave it without a majority.
    pub(super) const fn visits(self, usual: Visits) -> Visits {
        Visits { readers: self.clients(usual.readers), ..usual }
    }

    /// Those who use a store.
    pub(super) const fn sessions(self, usual: Sessions) -> Sessions {
        Sessions { clients: self.clients(usual.clients), think: self.pause(usual.think), ..usual }
    }
}

/// Everyone who calls an operation.
pub(super) fn everyone(clients: u16, visits: Visits, sessions: Option<Sessions>) -> u16 {
    clients + visits.readers + visits.administrators + sessions.map_or(0, |sessions| sessions.clients)
}
