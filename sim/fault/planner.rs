//! Draws single faults: where, when, how long and how hard, within what the protocol bears. Knows one team.

use super::{Fault, Kind, Moment, Part, Persistence, Position, Site, Team, Tolerance, When};
use crate::id::{NodeId, Role};
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

/// Model calls take seconds, so faults of theirs last for some.
const CALL_SPANS: [Duration; 3] = [seconds(2), seconds(9), seconds(30)];

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
        let kind = kind(on, draws);
        self.fault_of(kind, draws)
    }

    /// One fault of this kind at an instant, or none if it cannot strike this team or the budget is spent.
    pub(super) fn fault_of(&mut self, kind: Kind, draws: &mut Stream) -> Option<Fault> {
        let model = kind.part().is_model();
        let span = *draws.pick(if model { &CALL_SPANS } else { &SPANS });
        let rate = *draws.pick(&[Ratio::of(1, 10), Ratio::of(3, 10), Ratio::of(7, 10), Ratio::ALWAYS]);
        let at = Time(draws.choose(0, self.team.until.0, 0));
        let site = self.site(kind, draws)?;
        let strength = strength(kind, draws);
        let position = *draws.pick(&Position::ALL);
        let placed = position.begin(Duration(self.team.until.0)) + Duration(at.0 / 3);
        let address = if model { address(kind, placed, draws) } else { Address::from(at) };
        let Address { when, persistence } = address;
        let fault = Fault { kind, site, when, span, rate, strength, persistence, name: None };
        self.affords(kind, &fault.site).then_some(fault)
    }

    /// A fault that strikes whoever a telling moment is about, each time anew.
    pub(super) fn habit(&self, kinds: &[Kind], draws: &mut Stream) -> Option<Fault> {
        self.habit_among(&Moment::USUAL, kinds, draws)
    }

    /// A fault that strikes whoever one of these moments is about, each time anew.
    pub(super) fn habit_among(&self, moments: &[Moment], kinds: &[Kind], draws: &mut Stream) -> Option<Fault> {
        let kind = *draws.pick(&TELLING);
        let moment = *draws.pick(moments);
        let span = *draws.pick(&SPANS);
        let rate = *draws.pick(habit_rates(moment));
        let fits = kinds.contains(&kind) && !self.is_counted(kind);
        let fault = |strength| {
            let when = When::Each(moment);
            Fault { when, span, rate, strength, ..Fault::on(kind, Site::Whoever) }
        };
        fits.then(|| fault(strength(kind, draws)))
    }

    /// Those of these kinds that tell something at a telling moment.
    pub(super) fn telling(&self, kinds: &[Kind]) -> Vec<Kind> {
        TELLING.into_iter().filter(|kind| kinds.contains(kind) && !self.is_counted(*kind)).collect()
    }

    /// A fault of one of these kinds that strikes whoever one of these moments is about: the n-th time alone, or now
    /// and again.
    pub(super) fn trigger(&self, moments: &[Moment], kinds: &[Kind], draws: &mut Stream) -> Fault {
        let kind = *draws.pick(kinds);
        let moment = *draws.pick(moments);
        let span = Planner::span(draws);
        let rate = *draws.pick(&TRIGGER_RATES);
        let nth = draws.below(most_nth(moment));
        let when = *draws.pick(&[When::Each(moment), When::Each(moment), When::On(moment, nth)]);
        Fault { when, span, rate, strength: strength(kind, draws), ..Fault::on(kind, Site::Whoever) }
    }

    /// How long a fault of links or processes lasts.
    pub(super) fn span(draws: &mut Stream) -> Duration {
        *draws.pick(&SPANS)
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
    pub(super) fn affords(&mut self, kind: Kind, site: &Site) -> bool {
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
            Site::Node(model) => members.iter().filter(|member| self.model_of(*member) == *model).collect(),
            Site::Link { from, to } => [*from, *to].into_iter().find(among).into_iter().collect(),
            Site::Side(side) => side.clone(),
            Site::Whoever => members.iter().collect(),
            Site::Caller(caller) => vec![*caller],
            Site::Models(models) => members.iter().filter(|member| models.contains(&self.model_of(*member))).collect(),
        }
    }

    /// The model that serves a member.
    fn model_of(&self, member: NodeId) -> NodeId {
        let models = usize::from(self.team.models.max(1));
        NodeId::model(u16::try_from(member.index() % models).expect("fewer models than identities"))
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
                Part::Process => Site::Node(self.process(kind, draws, &all)),
                Part::ModelTransport | Part::ModelContent if self.team.models == 0 => return None,
                Part::ModelTransport | Part::ModelContent => self.calls(kind, draws, &all),
            },
        })
    }

    /// A member, or a tool if the kind strikes tools too.
    fn process(&self, kind: Kind, draws: &mut Stream, all: &[NodeId]) -> NodeId {
        let tools = if kind.strikes_tools() { self.team.tools } else { 0 };
        let nodes: Vec<NodeId> = all.iter().copied().chain((0..tools).map(NodeId::tool)).collect();
        *draws.pick(&nodes)
    }

    /// The calls of a model fault: those of one member, or all that reach one model or several.
    fn calls(&self, kind: Kind, draws: &mut Stream, all: &[NodeId]) -> Site {
        let models: Vec<NodeId> = (0..self.team.models).map(NodeId::model).collect();
        let model = *draws.pick(&models);
        let caller = *draws.pick(all);
        match (kind, draws.below(3)) {
            (Kind::ProviderOutage, _) => {
                // From a third to half of all incidents hit several services (arXiv 2501.12469); this kind is those.
                let size = draws.choose(2.min(models.len() as u64), models.len() as u64, 2.min(models.len() as u64));
                let hit = (0..models.len()).map(|step| models[(model.index() + step) % models.len()]);
                Site::Models(hit.take(usize::try_from(size).expect("a number of models")).collect())
            }
            (Kind::RateLimit | Kind::QuotaExhausted, _) | (_, 0) => Site::Node(model),
            (_, 1) => Site::Caller(caller),
            _ => Site::Link { from: caller, to: self.model_of(caller) },
        }
    }

    /// A directed link between two participants; now and then to or from a client, a model or a tool.
    fn link(&self, kind: Kind, draws: &mut Stream, all: &[NodeId]) -> Option<Site> {
        let from = *draws.pick(all);
        let mut ends: Vec<NodeId> = self.team.members.others(from).collect();
        // Members learn nothing from a forged or altered client; these kinds stay between members.
        if !matches!(kind, Kind::ForgedSender | Kind::CorruptUnnoticed | Kind::Crossing) {
            ends.extend((0..self.team.clients).map(NodeId::client).take(1));
            // It talks to no other.
            ends.extend((self.team.models > 0).then(|| self.model_of(from)));
            ends.extend((0..self.team.tools).map(NodeId::tool));
        }
        if ends.is_empty() {
            return None;
        }
        let mut to = *draws.pick(&ends);
        // One in a team's ends, however many clients it has: they would leave its own links hardly any fault.
        if to.role() == Role::Client && self.team.clients > 1 {
            to = NodeId::client(u16::try_from(draws.below(u64::from(self.team.clients))).expect("a client"));
        }
        Some(if draws.below(2) == 0 { Site::Link { from, to } } else { Site::Link { from: to, to: from } })
    }
}

/// When a fault begins and how it persists.
struct Address {
    when: When,
    persistence: Persistence,
}

impl Address {
    const fn from(at: Time) -> Address {
        Address { when: When::At(at), persistence: Persistence::Persistent }
    }
}

/// From an instant or from the n-th call at its site on, and for how many of the calls: what changes a model fault's
/// damage most. Few calls are made in a run, so the numbers are small.
fn address(kind: Kind, at: Time, draws: &mut Stream) -> Address {
    let nth = draws.below(6);
    let (struck, spared) = (draws.choose(1, 3, 1), draws.choose(1, 3, 1));
    let count = |drawn: u64| u32::try_from(drawn).expect("a few calls");
    let persistence = *draws.pick(&[
        Persistence::Persistent,
        Persistence::Single,
        Persistence::Burst { calls: count(struck) + 1 },
        Persistence::Intermittent { struck: count(struck), spared: count(spared) },
    ]);
    let when = *draws.pick(&[When::At(at), When::Nth(nth)]);
    match kind {
        // States of a model, not of single calls.
        Kind::RateLimit | Kind::QuotaExhausted => Address::from(at),
        _ => Address { when, persistence },
    }
}

/// Of sixteen faults, so many strike links, processes and models while kinds of all three are on. A kind more in one
/// part of the catalogue does not make the faults of another part rarer.
const SHARES: [u64; 3] = [8, 5, 3];

/// A kind that is on.
fn kind(on: &[Kind], draws: &mut Stream) -> Kind {
    let share = |kind: &Kind| match kind.part() {
        Part::Network => 0,
        Part::Process => 1,
        Part::ModelTransport | Part::ModelContent => 2,
    };
    let present = SHARES.iter().enumerate().filter(|(place, _)| on.iter().any(|kind| share(kind) == *place));
    let mut ticket = draws.below(present.clone().map(|(_, tickets)| tickets).sum());
    let mut drawn = present.skip_while(|(_, tickets)| {
        let missed = ticket >= **tickets;
        ticket = ticket.saturating_sub(**tickets);
        missed
    });
    let (drawn, _) = drawn.next().expect("a ticket below the sum of all shares");
    let mut kinds = on.iter().copied().filter(|kind| share(kind) == drawn);
    let chosen = usize::try_from(draws.below(kinds.clone().count() as u64)).expect("a number of kinds");
    kinds.nth(chosen).expect("one of as many")
}

/// How often a trigger strikes: with little else in the plan, even one that strikes nearly always lets a team decide
/// something in between.
const TRIGGER_RATES: [Ratio; 5] =
    [Ratio::of(1, 20), Ratio::of(1, 8), Ratio::of(1, 3), Ratio::of(1, 2), Ratio::of(9, 10)];

/// Moments of a kind among which one is chosen to be struck alone: as many as a run usually has before its middle.
const fn most_nth(moment: Moment) -> u64 {
    match moment {
        Moment::Won | Moment::Reconfigured | Moment::Restored => 6,
        Moment::Committed | Moment::ModelReplied => 12,
        Moment::Voted | Moment::Appended | Moment::PersistPending => 32,
    }
}

/// How often a habit strikes.
fn habit_rates(moment: Moment) -> &'static [Ratio] {
    const FEW: &[Ratio] = &[Ratio::of(1, 4), Ratio::of(1, 2), Ratio::of(9, 10)];
    const MANY: &[Ratio] = &[Ratio::of(1, 20), Ratio::of(1, 8), Ratio::of(1, 3)];
    match moment {
        // A few in a run: most of them may strike.
        Moment::Won | Moment::Committed | Moment::Reconfigured | Moment::Restored | Moment::ModelReplied => FEW,
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
        Kind::TooManyRequests | Kind::SlowDown => draws.pick(&[seconds(1), seconds(20), seconds(60)]).0,
        Kind::QuotaExhausted => draws.choose(1, 12, 12),
        Kind::SlowFirstToken => draws.pick(&[seconds(2), seconds(10), seconds(40)]).0,
        Kind::SlowStream => draws.pick(&[millis(30), millis(150), millis(600)]).0,
        // A place in a stream, counted modulo its length.
        Kind::HungStream | Kind::CutStream | Kind::StreamError | Kind::DuplicateChunk | Kind::LateChunk => {
            draws.below(64)
        }
        Kind::Slow => draws.pick(&[millis(1), millis(20), millis(120)]).0,
        _ => draws.pick(&[millis(20), millis(150), seconds(1), seconds(4)]).0,
    }
}
