//! What every team of a comparison is put into: the same task, models, links, clients and trouble. Knows no protocol.
//!
//! Whatever happens is drawn from streams that are named after the seed's own things, never after a team. So for one
//! seed every team meets the same problem, the same link latencies and the same plan of faults, whatever it promises.

use crate::fault::{Class, Fault, Kind, Moment, Nemesis, PlanError, Schedule, Site, Team as Struck, Tolerance};
use crate::id::{Members, NodeId};
use crate::model::{BuiltIn, Profile};
use crate::seed::Streams;
use crate::time::{Duration, Time, seconds};
use crate::world::Validation;
use std::fmt;

/// What teams are compared under.
///
/// ```
/// use synod::{scenario::{Setting, Trouble}, time::seconds};
/// let setting = Setting { trouble: Trouble::Partition(seconds(20)), ..Setting::default() };
/// assert_eq!((setting.agents, setting.task.name), (5, "diagnose"));
/// ```
#[derive(Clone, Debug)]
pub struct Setting {
    /// How many agents a team has.
    pub agents: u16,
    /// How many models serve it; agent `i` calls model `i mod models`.
    pub models: u16,
    /// What it decides about, once.
    pub task: BuiltIn,
    /// How good the models are.
    pub profile: Profile,
    /// How members check each other's proposals.
    pub validation: Validation,
    /// What goes wrong besides the models' own mistakes.
    pub trouble: Trouble,
    /// The team is asked at some instant of so long a span.
    pub asked_within: Duration,
    /// How long it may go wrong; then everything is healed.
    pub safety: Duration,
    /// A run that has no decision so long after the heal has stalled.
    pub bound: Duration,
}

impl Default for Setting {
    fn default() -> Setting {
        Setting {
            // At least four, which bear one liar, and odd, so that two camps make no tie.
            agents: 5,
            // Voters of one model make the same mistakes, and then no vote can mend them.
            models: 5,
            task: BuiltIn::ALL[0],
            profile: Profile::grounded(),
            validation: Validation::Local,
            trouble: Trouble::Faults(Nemesis::all()),
            // So that faults strike before, at and after the request.
            asked_within: seconds(30),
            // As in the catalogue: room for several leader changes around a decision.
            safety: seconds(40),
            // Two slow replies of 20 s, and as much as one in reserve.
            bound: seconds(60),
        }
    }
}

/// What goes wrong for every team alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing but what models do of themselves.
    None,
    /// What this nemesis draws, out of every kind that leaves a team's members honest and their disks whole. A team
    /// that promises nothing under a kind meets it all the same.
    Faults(Nemesis),
    /// One or more members, fewer than half, are cut off from the others for so long, from some instant around the
    /// request on.
    Partition(Duration),
    /// Every call of one member to its model is struck by this.
    OneCaller(Kind),
}

/// Clients ask within the first eight seconds, and most decisions take longer than two.
const CUT_WITHIN: Duration = seconds(10);

impl Trouble {
    /// Whether every team of a comparison may meet this kind. Members that lie, forget what they were told is kept or
    /// get altered messages are left to a team's own scenario: only protocols against liars can be asked to bear them.
    #[must_use]
    pub const fn is_common(kind: Kind) -> bool {
        match kind.class() {
            Class::Delivery | Class::Cut | Class::Interruption | Class::Access | Class::Speech => true,
            Class::Tampering | Class::Amnesia | Class::Deceit => false,
        }
    }

    /// The kinds that may be planned.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        match self {
            Trouble::None => Vec::new(),
            Trouble::Faults(nemesis) => {
                let met = |kind: &Kind| nemesis.allows(*kind) && Trouble::is_common(*kind);
                Kind::ALL.iter().copied().filter(met).collect()
            }
            Trouble::Partition(_) => vec![Kind::PartitionSplit],
            Trouble::OneCaller(kind) => vec![*kind],
        }
    }

    /// The plan of one run.
    pub(super) fn plan(
        &self,
        members: &Members,
        models: u16,
        until: Time,
        streams: &Streams,
    ) -> Result<Schedule, PlanError> {
        let alone = |fault| Ok(Schedule { faults: vec![fault] });
        let mut draws = streams.stream(format_args!("setting/trouble"));
        let all: Vec<NodeId> = members.iter().collect();
        let first = draws.below(all.len() as u64);
        let at = |step: u64| all[usize::try_from((first + step) % all.len() as u64).expect("a member")];
        match self {
            Trouble::None => Ok(Schedule::default()),
            Trouble::Faults(nemesis) => {
                let tolerance = |kind: Kind| {
                    Some(if Trouble::is_common(kind) { Tolerance::Tolerated } else { Tolerance::OutOfScope })
                };
                let moments = &Moment::ALL;
                let struck = Struck { members, models, clients: 1, tools: 0, moments, tolerance: &tolerance, until };
                nemesis.plan(&struck, streams)
            }
            Trouble::Partition(span) if *span == Duration::ZERO => Ok(Schedule::default()),
            Trouble::Partition(span) => {
                let most = (all.len() as u64).saturating_sub(1) / 2;
                let side = (0..draws.choose(1, most.max(1), 1)).map(at).collect();
                let from = Time::ZERO + draws.within(Duration::ZERO..=CUT_WITHIN);
                alone(Fault::on(Kind::PartitionSplit, Site::Side(side)).from(from).lasting(*span))
            }
            Trouble::OneCaller(kind) => alone(Fault::of_caller(*kind, at(0))),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::None => f.write_str("no faults"),
            Trouble::Faults(_) => write!(f, "faults of {} kinds", self.kinds().len()),
            Trouble::Partition(span) => write!(f, "a minority cut off for {span}"),
            Trouble::OneCaller(kind) => write!(f, "{kind} on every call of one member"),
        }
    }
}
