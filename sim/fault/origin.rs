//! Where a planned fault comes from: the stream that keeps it, and the number that names it. Plans nothing.
//!
//! A fault that is taken out of a plan must leave all others as they were. So each is kept by the first draw of a
//! stream of its own, and what it draws later is named after its number in the whole plan, not after its place in what
//! is left of it.

use super::{Fault, Kind, Moment, Schedule};
use crate::seed::{Name as StreamName, NameHash, Piece, Ratio, Stream, Streams};
use serde::Serialize;
use std::fmt;

/// Who planned a fault. Its text is the name of the stream whose draw [`Origin::KEPT`] keeps the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The nemesis, as the n-th fault at an instant.
    Scattered(u64),
    /// The nemesis, as the n-th habit.
    Habit(u64),
    /// The nemesis, as the habit of a moment that was asked for by name.
    HabitAt(Moment),
    /// Every kind alike, as the n-th fault at an instant.
    Uniform(u64),
    /// The n-th fault that a telling moment sets off.
    Trigger(u64),
    /// Priorities of deliveries, as what makes the n-th link slow.
    Priority(u64),
    /// Priorities of deliveries, as the n-th time that a link falls behind.
    Change(u64),
    /// Twins, as the n-th member that runs twice.
    Twin(u64),
    /// Twins, as the partitions of their rounds.
    Rounds,
    /// A schedule that was given whole, at its n-th place.
    Listed(u64),
}

impl Origin {
    /// The draw of its stream that keeps it: on unless it is pinned.
    pub const KEPT: u64 = 0;
    /// Whether the fault is kept: the first draw of its stream.
    pub(super) fn keeps(draws: &mut Stream) -> bool {
        draws.chance(Ratio::ALWAYS)
    }

    /// The draw of its stream that chooses its span among a few options, the shortest first, if there is such a draw.
    #[must_use]
    pub const fn span_draw(self) -> Option<u64> {
        match self {
            // After the draws that keep it and choose its kind: by its part and within it, or by its moment.
            Origin::Scattered(_) | Origin::Habit(_) | Origin::HabitAt(_) | Origin::Trigger(_) | Origin::Change(_) => {
                Some(3)
            }
            Origin::Uniform(_) => Some(2),
            Origin::Priority(_) | Origin::Twin(_) | Origin::Rounds | Origin::Listed(_) => None,
        }
    }

    /// The name of the stream that says how much of the fault is left: each draw that is pinned to 0 makes it a weaker
    /// one.
    #[must_use]
    pub fn weakening(self) -> String {
        format!("weaken/{self}")
    }
}

impl Origin {
    const fn pieces(&self) -> [Piece<'static>; 2] {
        match self {
            Origin::Scattered(number) => [Piece::Text("nemesis/"), Piece::Number(*number)],
            Origin::Habit(number) => [Piece::Text("habit/"), Piece::Number(*number)],
            Origin::HabitAt(moment) => [Piece::Text("habit/"), Piece::Text(moment.name())],
            Origin::Uniform(number) => [Piece::Text("uniform/"), Piece::Number(*number)],
            Origin::Trigger(number) => [Piece::Text("trigger/"), Piece::Number(*number)],
            Origin::Priority(number) => [Piece::Text("priority/"), Piece::Number(*number)],
            Origin::Change(number) => [Piece::Text("change/"), Piece::Number(*number)],
            Origin::Twin(number) => [Piece::Text("twin/"), Piece::Number(*number)],
            Origin::Rounds => [Piece::Text("twin/"), Piece::Text("rounds")],
            Origin::Listed(number) => [Piece::Text("listed/"), Piece::Number(*number)],
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().iter().try_for_each(|piece| piece.fmt(f))
    }
}

/// The stream that keeps the fault.
impl StreamName for Origin {
    fn text(&self) -> String {
        self.pieces().text()
    }

    fn hashed(&self, before: NameHash) -> NameHash {
        self.pieces().hashed(before)
    }
}

/// What names a fault in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Name {
    /// Its number in the whole plan, whatever of it was kept.
    pub number: u32,
    /// Who planned it.
    pub origin: Origin,
}

/// Room for the faults of most plans: they are large, and moved as often as room runs out.
const ROOM: usize = 16;

/// Faults as they are planned, with those that are not kept.
pub(super) struct Plan<'a> {
    streams: &'a Streams,
    planned: u32,
    faults: Vec<Fault>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(streams: &'a Streams) -> Plan<'a> {
        Plan { streams, planned: 0, faults: Vec::with_capacity(ROOM) }
    }

    /// One fault more, if it is kept.
    pub(super) fn add(&mut self, origin: Origin, kept: Kept, fault: Fault) {
        let name = Name { number: self.planned, origin };
        self.planned += 1;
        if kept == Kept::Yes {
            self.faults.push(self.weakened(Fault { name: Some(name), ..fault }, origin));
        }
    }

    /// Turns the fault into a weaker one as often as its stream says: not at all unless that is pinned.
    fn weakened(&self, mut fault: Fault, origin: Origin) -> Fault {
        let [group, member] = origin.pieces();
        let name = [Piece::Text("weaken/"), group, member];
        if fault.kind.weaker().is_none() || !self.streams.is_watched(&name) {
            return fault;
        }
        let mut draws = self.streams.stream(name);
        while let Some(weaker) = fault.kind.weaker() {
            if draws.chance(Ratio::ALWAYS) {
                break;
            }
            (fault.kind, fault.strength) = (weaker, weaker.usual_strength());
        }
        fault
    }

    pub(super) fn done(self) -> Schedule {
        Schedule { faults: self.faults }
    }
}

/// Whether a planned fault takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

impl Kept {
    /// As the first draw of the fault's stream has it.
    pub(super) fn drawn(draws: &mut Stream) -> Kept {
        if Origin::keeps(draws) { Kept::Yes } else { Kept::No }
    }
}

impl Schedule {
    /// The same faults, each with its name; all of them unless a pin takes one out or weakens it.
    #[must_use]
    pub fn kept(self, streams: &Streams) -> Schedule {
        let mut plan = Plan::new(streams);
        for (number, fault) in (0..).zip(self.faults) {
            let origin = Origin::Listed(number);
            let kept = Kept::drawn(&mut streams.stream(origin));
            plan.add(origin, kept, fault);
        }
        plan.done()
    }
}

impl Fault {
    /// The number that names what it draws: its place among the planned faults, or this one if nobody planned it.
    #[must_use]
    pub fn number(&self, place: u32) -> u32 {
        self.name.map_or(place, |name| name.number)
    }
}

impl Kind {
    /// The next weaker kind that can stand in its place: a lie becomes a late answer, a lost message a late one, a
    /// crash a pause. `None` if only its absence is weaker.
    ///
    /// ```
    /// use synod::fault::Kind;
    /// assert_eq!(Kind::CrashLosingDisk.weaker(), Some(Kind::Crash));
    /// assert_eq!(Kind::Crash.weaker(), Some(Kind::Pause));
    /// assert_eq!(Kind::WrongAnswer.weaker(), Some(Kind::SlowFirstToken));
    /// assert_eq!(Kind::SlowFirstToken.weaker(), None);
    /// ```
    #[must_use]
    pub const fn weaker(self) -> Option<Kind> {
        use super::Part;
        match (self, self.part()) {
            (Kind::CrashLosingDisk | Kind::CrashAfterPersist, _) => Some(Kind::Crash),
            (Kind::Crash, _) => Some(Kind::Pause),
            (
                Kind::Loss
                | Kind::Duplicate
                | Kind::Reorder
                | Kind::CorruptNoticed
                | Kind::CorruptUnnoticed
                | Kind::FalseSuccess
                | Kind::ForgedSender
                | Kind::Crossing,
                _,
            ) => Some(Kind::DelayConstant),
            (Kind::Cut | Kind::Flap, _) => Some(Kind::Hold),
            // They are late answers themselves.
            (Kind::SlowFirstToken | Kind::SlowStream | Kind::RateLimit | Kind::QuotaExhausted, _) => None,
            (_, Part::ModelTransport | Part::ModelContent) => Some(Kind::SlowFirstToken),
            (_, Part::Network | Part::Process) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Nemesis, Tactic, Team, Tolerance};
    use crate::id::Members;
    use crate::seed::{Pin, Pins, Seed};
    use crate::time::{Time, seconds};

    fn planned(seed: u64, tactic: Tactic, more: &[Pin]) -> (Schedule, Vec<Pin>) {
        let mut pins = more.to_vec();
        pins.retain(|pin| pin.stream != tactic.pin().stream);
        pins.push(tactic.pin());
        let pins = Pins::new(&pins).expect("pins");
        let members = Members::of(5);
        let tolerance = |_: Kind| Some(Tolerance::Tolerated);
        let until = Time::ZERO + seconds(40);
        let moments = &Moment::ALL;
        let team = Team { members: &members, models: 2, clients: 1, tools: 0, moments, tolerance: &tolerance, until };
        let streams = Streams::pinned(Seed(seed), pins.recording());
        let nemesis = Nemesis::all().striking_at([Moment::Reconfigured]);
        let schedule = nemesis.plan(&team, &streams).expect("a plan");
        (schedule, streams.pins().recorded())
    }

    fn pin(draws: &[Pin], stream: &str, index: u64, choice: u64) -> Pin {
        let draw = draws.iter().find(|draw| draw.stream == stream && draw.index == index);
        Pin { choice, ..draw.unwrap_or_else(|| panic!("no draw {stream}#{index}")).clone() }
    }

    #[test]
    fn taking_one_fault_out_leaves_every_other_its_name_and_its_draws() {
        for (seed, tactic) in (0..40).flat_map(|seed| Tactic::ALL.map(|tactic| (seed, tactic))) {
            let (whole, draws) = planned(seed, tactic, &[]);
            for out in &whole.faults {
                let name = out.name.expect("a planned fault has a name");
                let out = pin(&draws, &name.origin.to_string(), Origin::KEPT, 0);
                let (rest, _) = planned(seed, tactic, &[out]);
                let others: Vec<&Fault> = whole.faults.iter().filter(|fault| fault.name != Some(name)).collect();
                assert_eq!(rest.faults.iter().collect::<Vec<_>>(), others, "{tactic:?} {seed} without {name:?}");
            }
        }
    }

    #[test]
    fn origins_and_moments_are_called_as_they_always_were() {
        for moment in Moment::ALL {
            assert_eq!(moment.name(), format!("{moment:?}"));
        }
        let origins = [Origin::Scattered(3), Origin::Habit(12), Origin::HabitAt(Moment::Won), Origin::Rounds];
        assert_eq!(origins.map(|origin| origin.to_string()), ["nemesis/3", "habit/12", "habit/Won", "twin/rounds"]);
        assert_eq!(Origin::Twin(7).number(), format_args!("twin/7").number());
    }

    #[test]
    fn every_kind_ends_in_one_that_nothing_weakens() {
        for kind in Kind::ALL {
            let chain = std::iter::successors(Some(*kind), |kind| kind.weaker());
            assert!(chain.take(5).count() < 4, "{kind} is weakened again and again");
        }
    }

    #[test]
    fn the_draw_of_a_span_is_one_of_a_few_spans() {
        let mut spans = 0;
        for (seed, tactic) in (0..40).flat_map(|seed| Tactic::ALL.map(|tactic| (seed, tactic))) {
            let (whole, draws) = planned(seed, tactic, &[]);
            for fault in &whole.faults {
                let origin = fault.name.expect("a name").origin;
                let Some(index) = origin.span_draw() else { continue };
                let shortest = pin(&draws, &origin.to_string(), index, 0);
                assert!(shortest.domain.most <= 4, "{origin}: {:?}", shortest.domain);
                let (shorter, _) = planned(seed, tactic, &[shortest]);
                let same = shorter.faults.iter().find(|other| other.name == fault.name).expect("it is still there");
                assert!(same.span <= fault.span && same.kind == fault.kind && same.site == fault.site);
                spans += u64::from(same.span < fault.span);
            }
        }
        assert!(spans > 400, "{spans} spans became shorter");
    }

    #[test]
    fn a_listed_fault_is_taken_out_by_a_pin() {
        let listed = |pins: Pins| {
            let streams = Streams::pinned(Seed(1), pins.recording());
            let faults = [Kind::Loss, Kind::Crash].map(|kind| Fault::at(kind, crate::id::NodeId::agent(0)));
            let schedule = Schedule { faults: faults.to_vec() }.kept(&streams);
            (schedule, streams.pins().recorded())
        };
        let (whole, draws) = listed(Pins::none());
        assert_eq!(whole.faults.len(), 2);
        let out = Pins::new(&[pin(&draws, "listed/0", Origin::KEPT, 0)]).expect("a pin");
        let rest = listed(out).0.faults;
        assert_eq!(rest.iter().map(|fault| (fault.kind, fault.number(0))).collect::<Vec<_>>(), [(Kind::Crash, 1)]);
        let weak = Pins::new(&[pin(&draws, "weaken/listed/1", 0, 0)]).expect("a pin");
        assert_eq!(listed(weak).0.faults[1].kind, Kind::Pause);
    }
}
