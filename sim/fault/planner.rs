//! Draws single faults: where, when, how long and how hard, within what the protocol bears. Knows one team.

use super::{Fault, Kind, Moment, Part, Site, Team, Tolerance, When};
use crate::id::NodeId;
use crate::seed::{Ratio, Stream};
use crate::time::{Duration, Time, millis, seconds};
use std::collections::BTreeSet;

/// Draws single faults within the budget.
pub(super) struct Planner<'a> {
    team: &'a Team<'a>,
    /// How many members counted faults may strike: the least that any kind planned so far bears.
    budget: usize,
    /// Which they struck.
    struck: BTreeSet<NodeId>,
}

/// Spans shorter and longer than an election, for a member that is back before its election ends forgets what it must
/// not; one class must outlast several of them.
const SPANS: [Duration; 5] = [millis(20), millis(80), millis(400), seconds(2), seconds(9)];

/// Faults that tell something when they strike at a telling moment: take the node down, cut it off, hold up, lose or
/// double what it sends.
const TELLING: [Kind; 7] = [
    Kind::Crash,
    Kind::CrashAfterPersist,
    Kind::Pause,
    Kind::PartitionIsolate,
    Kind::DelayConstant,
    Kind::Loss,
    Kind::Duplicate,
];

impl<'a> Planner<'a> {
    pub(super) fn new(team: &'a Team<'a>, budget: usize) -> Planner<'a> {
        Planner { team, budget, struck: BTreeSet::new() }
    }

    /// One fault at an instant, or none if nothing is on, it cannot strike this team or the budget is spent.
    pub(super) fn fault(&mut self, on: &[Kind], draws: &mut Stream) -> Option<Fault> {
        if on.is_empty() {
            return None;
        }
        let kind = *draws.pick(on);
        let span = *draws.pick(&SPANS);
        let rate = *draws.pick(&[Ratio::of(1, 10), Ratio::of(3, 10), Ratio::of(7, 10), Ratio::ALWAYS]);
        let at = Time(draws.choose(0, self.team.until.0, 0));
        let site = self.site(kind, draws)?;
        let strength = strength(kind, draws);
        self.affords(kind, &site).then_some(Fault { kind, site, when: When::At(at), span, rate, strength })
    }

    /// A fault that strikes whoever a telling moment is about, each time anew.
    pub(super) fn habit(&self, kinds: &[Kind], draws: &mut Stream) -> Option<Fault> {
        let kind = *draws.pick(&TELLING);
        let moment = *draws.pick(&Moment::ALL);
        let span = *draws.pick(&SPANS);
        let rate = *draws.pick(habit_rates(moment));
        let fits = kinds.contains(&kind) && !self.is_counted(kind);
        let fault = |strength| Fault { kind, site: Site::Whoever, when: When::Each(moment), span, rate, strength };
        fits.then(|| fault(strength(kind, draws)))
    }

    /// Whether the protocol survives only so many members struck by this kind.
    fn is_counted(&self, kind: Kind) -> bool {
        self.most(kind).is_some()
    }

    /// How many members the protocol survives struck by this kind, if it counts them.
    fn most(&self, kind: Kind) -> Option<usize> {
        match (self.team.tolerance)(kind)? {
            Tolerance::UpTo(most) => Some(usize::from(most)),
            Tolerance::UpToThird => Some(self.team.members.len().saturating_sub(1) / 3),
            Tolerance::Tolerated | Tolerance::LivenessOnly | Tolerance::OutOfScope => None,
        }
    }

    /// Whether the protocol promises anything if this fault strikes too; if so, its members count as struck.
    fn affords(&mut self, kind: Kind, site: &Site) -> bool {
        let Some(most) = self.most(kind) else { return true };
        let budget = self.budget.min(most);
        let mut struck = self.struck.clone();
        struck.extend(self.affected(site));
        if struck.len() > budget {
            return false;
        }
        (self.budget, self.struck) = (budget, struck);
        true
    }

    /// The members whose acts or words a fault at this site alters.
    fn affected(&self, site: &Site) -> Vec<NodeId> {
        let members = self.team.members;
        let among = |node: &NodeId| members.contains(*node);
        match site {
            Site::Node(node) if among(node) => vec![*node],
            // A model speaks through all whom it serves.
            Site::Node(model) => {
                let serves = |node: &NodeId| node.index() % usize::from(self.team.models.max(1)) == model.index();
                members.iter().filter(serves).collect()
            }
            Site::Link { from, to } => [*from, *to].into_iter().find(among).into_iter().collect(),
            Site::Side(side) => side.clone(),
            Site::Whoever => members.iter().collect(),
        }
    }

    fn site(&self, kind: Kind, draws: &mut Stream) -> Option<Site> {
        let all: Vec<NodeId> = self.team.members.iter().collect();
        Some(match kind {
            Kind::PartitionSplit | Kind::PartitionOneWay => {
                let size = draws.choose(1, (all.len() as u64 / 2).max(1), 1);
                let first = draws.below(all.len() as u64);
                let side =
                    (0..size).map(|step| all[usize::try_from((first + step) % all.len() as u64).expect("a member")]);
                Site::Side(side.collect())
            }
            // On a ring of three everyone is a neighbour, and a bridge needs two shores.
            Kind::PartitionRing if all.len() < 4 => return None,
            Kind::PartitionBridge if all.len() < 3 => return None,
            Kind::PartitionIsolate | Kind::PartitionBridge => Site::Side(vec![*draws.pick(&all)]),
            Kind::PartitionRing => Site::Side(all),
            _ => match kind.part() {
                Part::Network => self.link(kind, draws, &all)?,
                Part::Process => Site::Node(*draws.pick(&all)),
                Part::ModelTransport | Part::ModelContent if self.team.models == 0 => return None,
                Part::ModelTransport | Part::ModelContent => {
                    let models: Vec<NodeId> = (0..self.team.models).map(NodeId::model).collect();
                    Site::Node(*draws.pick(&models))
                }
            },
        })
    }

    /// A directed link between two participants; now and then to or from a client or a model.
    fn link(&self, kind: Kind, draws: &mut Stream, all: &[NodeId]) -> Option<Site> {
        let from = *draws.pick(all);
        let mut ends: Vec<NodeId> = self.team.members.others(from).collect();
        // Members learn nothing from a forged or altered client; these kinds stay between members.
        if !matches!(kind, Kind::ForgedSender | Kind::CorruptUnnoticed | Kind::Crossing) {
            ends.extend((0..self.team.clients).map(NodeId::client).take(1));
            ends.extend((0..self.team.models).map(NodeId::model).take(1));
        }
        if ends.is_empty() {
            return None;
        }
        let to = *draws.pick(&ends);
        Some(if draws.below(2) == 0 { Site::Link { from, to } } else { Site::Link { from: to, to: from } })
    }
}

/// How often a habit strikes.
fn habit_rates(moment: Moment) -> &'static [Ratio] {
    const FEW: &[Ratio] = &[Ratio::of(1, 4), Ratio::of(1, 2), Ratio::of(9, 10)];
    const MANY: &[Ratio] = &[Ratio::of(1, 20), Ratio::of(1, 8), Ratio::of(1, 3)];
    match moment {
        // A few in a run: most of them may strike.
        Moment::Won | Moment::Committed => FEW,
        // Many in a run: seldom enough to let a leader come to power in between.
        Moment::Voted | Moment::Appended | Moment::PersistPending => MANY,
    }
}

/// How hard a fault strikes, in its kind's unit.
fn strength(kind: Kind, draws: &mut Stream) -> u64 {
    match kind {
        Kind::Reorder => draws.choose(1, 8, 1),
        // Nanoseconds a word: a message of some tens of words then takes milliseconds to tens of them.
        Kind::Bandwidth => draws.choose(20_000, 2_000_000, 20_000),
        // Quartz drifts by tens of parts per million; a broken clock by ten thousand.
        Kind::ClockDrift => draws.choose(50, 100_000, 50),
        Kind::Slow => draws.pick(&[millis(1), millis(20), millis(120)]).0,
        _ => draws.pick(&[millis(20), millis(150), seconds(1), seconds(4)]).0,
    }
}
