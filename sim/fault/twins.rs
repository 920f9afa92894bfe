//! The plan of Twins: which members run twice, and for how many rounds their processes are parted. Knows one team.
//!
//! After Bano, Sonnino, Chursin, Perelman, Li, Ching, Malkhi: *Twins: BFT Systems Made Robust* (OPODIS 2021, arXiv
//! 2004.10617). Two copies of a correct member with one name and one key say what a liar could say, and attacks that
//! were published broke within a dozen rounds: so a plan is short and bounded, and every draw of it is a partition.

use super::origin::{Kept, Plan};
use super::{Fault, Kind, Origin, Site, Team, Tolerance};
use crate::id::NodeId;
use crate::seed::Streams;
use crate::time::{Duration, Time, millis};

/// How many members run twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twins {
    /// One or more, up to what the protocol bears.
    AsManyAsBorne,
    /// So many, whatever it bears.
    Of(u16),
}

/// A member is up before its copy starts.
const FIRST: Duration = millis(1);

/// Published attacks need fewer rounds than this.
const MOST_ROUNDS: u64 = 12;

impl Twins {
    /// Draws the plan of one run.
    pub(super) fn plan(self, team: &Team<'_>, budget: Option<u16>, streams: &Streams) -> super::Schedule {
        let mut draws = streams.stream(format_args!("twins/plan"));
        let most = self.most(team, budget);
        let count = match self {
            Twins::AsManyAsBorne => draws.choose(1.min(most), most, most),
            Twins::Of(_) => draws.choose(most, most, most),
        };
        let rounds = draws.choose(1, MOST_ROUNDS, 1);
        let mut others: Vec<NodeId> = team.members.iter().collect();
        let mut plan = Plan::new(streams);
        let mut add = |origin: Origin, fault| {
            let kept = Kept::drawn(&mut streams.stream(origin));
            plan.add(origin, kept, fault);
        };
        for number in 0..count {
            let place = usize::try_from(draws.below(others.len() as u64)).expect("a member");
            let twin = Fault::on(Kind::Twin, Site::Node(others.remove(place)));
            add(Origin::Twin(number), twin.from(Time::ZERO + FIRST).lasting(Duration(team.until.0)));
        }
        let parted = Fault::on(Kind::RoundPartitions, Site::Side(team.members.iter().collect()));
        add(Origin::Rounds, parted.lasting(Duration(team.until.0)).strength(rounds));
        plan.done()
    }

    /// How many members may run twice.
    fn most(self, team: &Team<'_>, budget: Option<u16>) -> u64 {
        let members = team.members.len();
        let borne = match (self, (team.tolerance)(Kind::Twin)) {
            (Twins::Of(members), _) => usize::from(members),
            (_, Some(Tolerance::UpTo(most))) => usize::from(most),
            (_, Some(Tolerance::UpToThird)) => members.saturating_sub(1) / 3,
            (_, Some(Tolerance::Tolerated | Tolerance::LivenessOnly)) => members,
            (_, Some(Tolerance::OutOfScope) | None) => 0,
        };
        let budget = budget.map_or(members, usize::from);
        borne.min(budget).min(members) as u64
    }
}
