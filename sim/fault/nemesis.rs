//! The nemesis: which faults may happen, and the plan it draws for one seed.
//!
//! Swarm testing (Groce et al., ISSTA 2012): each seed switches on a random subset of the allowed kinds, so that rare
//! combinations are not drowned by common ones. A tolerance budget keeps a plan within what the protocol promises to
//! survive; beyond it only by name.

use super::origin::Plan;
use super::planner::Planner;
use super::tactics::Tactics;
use super::twins::Twins;
use super::{Kind, Moment, Part, Schedule, Tactic, Tolerance};
use crate::id::Members;
use crate::seed::{Ratio, Streams};
use crate::time::Time;
use std::ops::Add;

/// What may go wrong, and how much of it at once.
///
/// ```
/// use synod::fault::{Kind, Nemesis};
/// let nemesis = Nemesis::partitions() + Nemesis::hallucinations();
/// assert!(nemesis.allows(Kind::PartitionSplit) && nemesis.allows(Kind::WrongAnswer));
/// assert!(!nemesis.allows(Kind::Crash));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nemesis {
    /// Allowed kinds, each once, in catalogue order.
    kinds: Vec<(Kind, Asked)>,
    /// Members that counted faults may strike in one run; `None`: a minority.
    budget: Option<u16>,
    /// Faults in one plan, at most.
    most: u64,
    /// Whether members run twice while rounds part their processes.
    twins: Option<Twins>,
    /// Moments at which habits strike besides the usual ones.
    moments: Vec<Moment>,
}

/// How a kind came to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// As one of a group: left out if the protocol promises nothing under it.
    InGeneral,
    /// By its own name: planned whatever the protocol promises.
    ByName,
}

/// Faults in one plan unless told otherwise: enough for the 2–4 leader changes that deep bugs need.
const USUAL_MOST: u64 = 24;

/// A nemesis that cannot plan for this team.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// More members may fail than there are.
    #[error(
        "the nemesis may strike {budget} members, but the team has {members}: lower the budget or enlarge the team"
    )]
    BudgetExceedsTeam {
        /// The budget.
        budget: u16,
        /// The team's size.
        members: usize,
    },
    /// The protocol does not say what it promises under a kind.
    #[error("the protocol declares no tolerance for {0}: add it to its table, or leave the kind out of the nemesis")]
    Undeclared(Kind),
}

/// Who can be struck, and what they promise.
pub struct Team<'a> {
    /// The members.
    pub members: &'a Members,
    /// The models that serve them.
    pub models: u16,
    /// The clients.
    pub clients: u16,
    /// The tools that members call.
    pub tools: u16,
    /// The moments that its members can come to.
    pub moments: &'a [Moment],
    /// What the protocol promises.
    pub tolerance: &'a dyn Fn(Kind) -> Option<Tolerance>,
    /// When the safety phase ends; every fault begins before.
    pub until: Time,
}

impl Nemesis {
    /// No faults at all.
    #[must_use]
    pub fn none() -> Nemesis {
        Nemesis { kinds: Vec::new(), budget: None, most: USUAL_MOST, twins: None, moments: Vec::new() }
    }

    /// Every kind of the catalogue under which the protocol promises anything, but for [lapses](Kind::is_lapse).
    #[must_use]
    pub fn all() -> Nemesis {
        Nemesis::group(|_| true)
    }

    /// Cuts and partitions of every shape.
    #[must_use]
    pub fn partitions() -> Nemesis {
        Nemesis::group(|kind| {
            kind.name().starts_with("partition") || matches!(kind, Kind::Cut | Kind::Flap | Kind::Hold)
        })
    }

    /// Every fault of a directed link.
    #[must_use]
    pub fn network() -> Nemesis {
        Nemesis::group(|kind| kind.part() == Part::Network)
    }

    /// Every fault of a process and its disk.
    #[must_use]
    pub fn processes() -> Nemesis {
        Nemesis::group(|kind| kind.part() == Part::Process)
    }

    /// Everything a model may say that is not so, or not sayable, but for [lapses](Kind::is_lapse).
    #[must_use]
    pub fn hallucinations() -> Nemesis {
        Nemesis::group(|kind| kind.part() == Part::ModelContent)
    }

    /// Everything that may go wrong on the way to and from a model.
    #[must_use]
    pub fn outages() -> Nemesis {
        Nemesis::group(|kind| kind.part() == Part::ModelTransport)
    }

    /// Twins (arXiv 2004.10617): some members run as two live copies, as many as the protocol bears, and with each
    /// round that is entered all processes are parted anew, the copies of one member too. Added to other faults, every
    /// second seed has twins instead of them.
    #[must_use]
    pub fn twins() -> Nemesis {
        Nemesis { twins: Some(Twins::AsManyAsBorne), ..Nemesis::none() }
    }

    /// The same with so many members that run twice, whatever the protocol bears.
    #[must_use]
    pub fn twins_of(members: u16) -> Nemesis {
        Nemesis { twins: Some(Twins::Of(members)), ..Nemesis::none() }
    }

    /// This one kind, even if the protocol promises nothing under it.
    #[must_use]
    pub fn only(kind: Kind) -> Nemesis {
        Nemesis { kinds: vec![(kind, Asked::ByName)], ..Nemesis::none() }
    }

    /// Leaves out what is out of scope of these promises, for teams whose own nobody can know: async agents over a
    /// channel, say, which bear what the channel bears.
    ///
    /// ```
    /// use synod::fault::{Kind, Nemesis, Tolerance};
    /// let keeps_disks = |kind| (kind != Kind::CrashLosingDisk).then_some(Tolerance::Tolerated);
    /// let nemesis = Nemesis::processes().borne(keeps_disks);
    /// assert!(nemesis.allows(Kind::Crash) && !nemesis.allows(Kind::CrashLosingDisk));
    /// ```
    #[must_use]
    pub fn borne(mut self, tolerance: impl Fn(Kind) -> Option<Tolerance>) -> Nemesis {
        self.kinds.retain(|(kind, _)| tolerance(*kind).is_some_and(|promise| promise != Tolerance::OutOfScope));
        self
    }

    /// Lets so many members be struck by faults that take members down.
    #[must_use]
    pub fn budget(mut self, members: u16) -> Nemesis {
        self.budget = Some(members);
        self
    }

    /// Plans at most so many faults a run.
    #[must_use]
    pub fn at_most(mut self, faults: u64) -> Nemesis {
        self.most = faults;
        self
    }

    /// Has some faults strike at these moments too, again and again, in plans that have such habits at all. They are
    /// drawn from streams of their own: nothing else in the plan moves.
    ///
    /// ```
    /// use synod::fault::{Moment, Nemesis};
    /// let nemesis = Nemesis::all().striking_at([Moment::Reconfigured]);
    /// assert_ne!(nemesis, Nemesis::all());
    /// ```
    #[must_use]
    pub fn striking_at(mut self, moments: impl IntoIterator<Item = Moment>) -> Nemesis {
        for moment in moments {
            if !self.moments.contains(&moment) {
                self.moments.push(moment);
            }
        }
        self
    }

    /// Whether a kind may be planned, tolerance aside.
    #[must_use]
    pub fn allows(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|(allowed, _)| *allowed == kind)
    }

    fn group(belongs: impl Fn(Kind) -> bool) -> Nemesis {
        // Rounds part processes where members run twice, and only there: `twins` plans it.
        let usual = |kind: &Kind| belongs(*kind) && *kind != Kind::RoundPartitions && !kind.is_lapse();
        let kinds = Kind::ALL.iter().copied().filter(usual).map(|kind| (kind, Asked::InGeneral));
        Nemesis { kinds: kinds.collect(), ..Nemesis::none() }
    }

    /// The kinds that a plan for this team may hold.
    ///
    /// # Errors
    /// If the budget exceeds the team or a kind is undeclared.
    pub fn kinds_for(&self, team: &Team<'_>) -> Result<Vec<Kind>, PlanError> {
        let members = team.members.len();
        if let Some(budget) = self.budget.filter(|budget| usize::from(*budget) > members) {
            return Err(PlanError::BudgetExceedsTeam { budget, members });
        }
        let mut kinds = Vec::new();
        for (kind, asked) in self.kinds.iter().filter(|(kind, _)| team.tools > 0 || !kind.is_of_tools()) {
            let promise = (team.tolerance)(*kind).ok_or(PlanError::Undeclared(*kind))?;
            if promise != Tolerance::OutOfScope || *asked == Asked::ByName {
                kinds.push(*kind);
            }
        }
        Ok(kinds)
    }

    /// Draws the plan of one run, as its [`Tactic`] has it.
    ///
    /// # Errors
    /// As [`kinds_for`](Nemesis::kinds_for).
    pub fn plan(&self, team: &Team<'_>, streams: &Streams) -> Result<Schedule, PlanError> {
        let kinds = self.kinds_for(team)?;
        let tactic = Tactic::of(streams);
        if tactic == Tactic::Quiet {
            return Ok(Schedule::default());
        }
        if let Some(twins) = self.twins_in(tactic, &kinds, streams) {
            return Ok(twins.plan(team, self.budget, streams));
        }
        let minority = team.members.len().saturating_sub(1) / 2;
        let planner = Planner::new(team, self.budget.map_or(minority, usize::from));
        let (members, until, plan) = (team.members.iter().collect(), team.until, Plan::new(streams));
        let tactics =
            Tactics { kinds, most: self.most, moments: &self.moments, members, until, planner, plan, streams };
        Ok(match tactic {
            Tactic::Random => tactics.random(),
            Tactic::Trigger => tactics.trigger(team.moments),
            Tactic::Pct => tactics.pct(),
            Tactic::Swarm | Tactic::Twins | Tactic::Quiet => tactics.swarm(),
        })
    }

    /// The twins of one run: always if the tactic wants them or nothing else may go wrong, in every second run of a
    /// swarm that has them too.
    fn twins_in(&self, tactic: Tactic, kinds: &[Kind], streams: &Streams) -> Option<Twins> {
        match (tactic, self.twins) {
            (Tactic::Twins, twins) => Some(twins.unwrap_or(Twins::AsManyAsBorne)),
            (_, Some(twins)) if kinds.is_empty() => Some(twins),
            (Tactic::Swarm, Some(twins)) => {
                streams.stream(format_args!("nemesis/twins")).chance(Ratio::of(1, 2)).then_some(twins)
            }
            _ => None,
        }
    }
}

impl Add for Nemesis {
    type Output = Nemesis;

    /// Both: the kinds of either, the smaller budget, the larger plan.
    fn add(mut self, other: Nemesis) -> Nemesis {
        for (kind, asked) in other.kinds {
            match self.kinds.iter_mut().find(|(known, _)| *known == kind) {
                None => self.kinds.push((kind, asked)),
                Some(known) if asked == Asked::ByName => known.1 = asked,
                Some(_) => {}
            }
        }
        self.kinds.sort_by_key(|(kind, _)| *kind);
        self.budget = [self.budget, other.budget].into_iter().flatten().min();
        self.most = self.most.max(other.most);
        self.twins = self.twins.or(other.twins);
        self.striking_at(other.moments)
    }
}
