//! The corpus: every planted bug, with what it breaks, the scenario that carries it, and the correct twin of that.
//!
//! A harness is as good as the bugs that it finds and the seeds that it needs for them. Each bug is one small change
//! behind the feature `planted`; bug and twin have the same nemesis, budgets and seeds and differ in that one switch.
//! Knows the bugs of this repository, and nothing of how they are looked for.

mod bft;
mod carrier;
mod channels;
mod deliberation;
pub mod detect;

mod equivalent;
mod known;
mod least;
mod panel;
mod paxos;
mod policies;
mod raft;
mod rules;
mod stores;
mod teams;
mod workers;

pub use equivalent::{EQUIVALENT, Equivalent};
pub use known::{KNOWN, Known, OWN, known};
pub use least::{HANDMADE, Handmade, Least, UNSHOWN, least};
pub use raft::hears_late;
pub use rules::{RULES, Rule, Shown};

use carrier::Carrier;
use std::fmt;
use synod::scenario::Runnable;

/// A bug and where it is to be found.
pub struct Bug {
    /// What it goes by: where it is planted and what it is called there, such as `raft/VoteNotPersisted`.
    pub name: String,
    /// To which family it belongs.
    pub family: Family,
    /// Which known bug it restates: an entry of [`KNOWN`], or [`OWN`].
    pub id: &'static str,
    /// The property that it violates.
    pub property: &'static str,
    /// How, in a sentence.
    pub shows: &'static str,
    carrier: Carrier,
}

/// Which kind of thing has the bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Raft.
    Raft,
    /// Paxos.
    Paxos,
    /// Byzantine agreement.
    Bft,
    /// Debate and refinement, and the vote that ends them.
    Deliberation,
    /// Delivery: each sender's order, causal order, one order for all.
    Channels,
    /// Shared stores.
    Stores,
    /// Retries, breakers, fallbacks, leases.
    Policies,
    /// Teams of agents that draft, review, vote and act.
    Teams,
}

impl Family {
    /// Every family.
    pub const ALL: [Family; 8] = [
        Family::Raft,
        Family::Paxos,
        Family::Bft,
        Family::Deliberation,
        Family::Channels,
        Family::Stores,
        Family::Policies,
        Family::Teams,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Family::Raft => "raft",
            Family::Paxos => "paxos",
            Family::Bft => "bft",
            Family::Deliberation => "deliberation",
            Family::Channels => "channels",
            Family::Stores => "stores",
            Family::Policies => "policies",
            Family::Teams => "teams",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The one thing in which a bug's scenario and its twin differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The bug is in it.
    Planted,
    /// It is not.
    Correct,
}

impl Switch {
    /// The bug, if it is to be planted.
    fn of<B>(self, bug: B) -> Option<B> {
        (self == Switch::Planted).then_some(bug)
    }
}

impl Bug {
    /// The scenario with the bug in it.
    #[must_use]
    pub fn planted(&self) -> Box<dyn Runnable> {
        self.carrier.scenario(Switch::Planted, None)
    }

    /// The least trouble in which it is known to show.
    #[must_use]
    pub fn least(&self) -> Option<&'static Least> {
        least().iter().find(|least| least.bug == self.name)
    }

    /// How many faults the least schedule has that shows it.
    #[must_use]
    pub fn least_faults(&self) -> Option<u64> {
        let handmade = HANDMADE.iter().find(|handmade| handmade.bug == self.name);
        self.least().map(|least| least.faults.len() as u64).or(handmade.map(|handmade| handmade.faults))
    }

    /// The scenario with or without the bug in this trouble.
    #[must_use]
    pub fn under(&self, switch: Switch, least: &Least) -> Box<dyn Runnable> {
        self.carrier.scenario(switch, Some(least))
    }

    /// The same scenario without it.
    #[must_use]
    pub fn twin(&self) -> Box<dyn Runnable> {
        self.carrier.scenario(Switch::Correct, None)
    }
}

/// One line of a family's table.
struct Row<B, C> {
    bug: B,
    id: &'static str,
    property: &'static str,
    shows: &'static str,
    on: C,
}

const fn row<B, C>(bug: B, id: &'static str, on: C, property: &'static str, shows: &'static str) -> Row<B, C> {
    Row { bug, id, property, shows, on }
}

/// A line of a table whose bugs are told apart by themselves alone.
const fn plain<B>(bug: B, id: &'static str, property: &'static str, shows: &'static str) -> Row<B, ()> {
    row(bug, id, (), property, shows)
}

/// The bugs of a table. `place` is where they are planted, `carry` makes the scenario of a line.
fn listed<B: fmt::Debug + Copy, C: Copy>(
    family: Family,
    place: &str,
    rows: &[Row<B, C>],
    carry: impl Fn(C, B) -> Carrier,
) -> Vec<Bug> {
    let bug = |row: &Row<B, C>| Bug {
        name: format!("{place}/{:?}", row.bug),
        family,
        id: row.id,
        property: row.property,
        shows: row.shows,
        carrier: carry(row.on, row.bug),
    };
    rows.iter().map(bug).collect()
}

/// Every planted bug but the equivalent ones, family by family.
///
/// ```
/// let bugs = synod_scenarios::corpus::all();
/// assert!(bugs.iter().any(|bug| bug.name == "raft/CommitsEarlierTerm" && bug.id == "R01"));
/// ```
#[must_use]
pub fn all() -> Vec<Bug> {
    let families = [
        raft::bugs(),
        paxos::bugs(),
        bft::bugs(),
        deliberation::bugs(),
        channels::bugs(),
        stores::bugs(),
        policies::bugs(),
        teams::bugs(),
        workers::bugs(),
    ];
    families.into_iter().flatten().collect()
}

/// Those of one family.
#[must_use]
pub fn of(family: Family) -> Vec<Bug> {
    all().into_iter().filter(|bug| bug.family == family).collect()
}

/// The bug of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Bug> {
    all().into_iter().find(|bug| bug.name == name)
}
