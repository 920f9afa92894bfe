//! The plans of all tactics but twins: which faults, how many, where and when. Knows one team and one nemesis.

use super::origin::{Kept, Plan};
use super::planner::Planner;
use super::{Fault, Kind, Moment, Origin, Part, Schedule, Site, When};
use crate::id::NodeId;
use crate::seed::{Name, NameHash, Ratio, Stream, Streams};
use crate::time::{Duration, Time, millis, seconds};

/// One plan under way.
pub(super) struct Tactics<'a> {
    /// What may be planned.
    pub(super) kinds: Vec<Kind>,
    /// Faults of one plan, at most.
    pub(super) most: u64,
    /// Moments at which faults strike besides the usual ones.
    pub(super) moments: &'a [Moment],
    pub(super) members: Vec<NodeId>,
    pub(super) until: Time,
    pub(super) planner: Planner<'a>,
    pub(super) plan: Plan<'a>,
    pub(super) streams: &'a Streams,
}

/// Faults besides those of `trigger`: a run in which little else goes wrong gets further.
const MOST_BESIDES: u64 = 6;
/// Faults of processes besides slow links: order alone makes nobody forget.
const MOST_OF_PROCESSES: u64 = 4;
/// How many ordering constraints a bug needs at most for `pct` to aim at it: those published need four at most.
const MOST_DEPTH: u64 = 4;
/// A link falls behind at one of so many of its first messages: runs send some hundreds over a link, and what matters
/// is decided early.
const MOST_NTH: u64 = 96;
/// How much slower a link of each priority is. Most are as they are: a few slow ones among quick ones reorder most.
const PRIORITIES: [Duration; 10] = [
    Duration::ZERO,
    Duration::ZERO,
    Duration::ZERO,
    Duration::ZERO,
    Duration::ZERO,
    Duration::ZERO,
    millis(20),
    millis(150),
    seconds(1),
    seconds(4),
];

impl Tactics<'_> {
    /// A random subset of kinds, and habits.
    pub(super) fn swarm(mut self) -> Schedule {
        let mut draws = self.streams.stream(format_args!("nemesis/mode"));
        let mode = Mode::draw(&mut draws);
        let on = self.switched_on(mode.share);
        for number in 0..mode.habits {
            let origin = Origin::Habit(number);
            self.add(origin, |tactics, draws| tactics.planner.habit(&tactics.kinds, draws));
        }
        let count = self.streams.stream(format_args!("nemesis/count")).choose(0, self.most, 0);
        self.scatter(count, &on);
        for moment in self.moments.iter().copied().filter(|_| mode.habits > 0) {
            let origin = Origin::HabitAt(moment);
            self.add(origin, |tactics, draws| tactics.planner.habit_among(&[moment], &tactics.kinds, draws));
        }
        self.plan.done()
    }

    /// Every kind alike.
    pub(super) fn random(mut self) -> Schedule {
        let count = self.streams.stream(format_args!("nemesis/count")).choose(0, self.most, 0);
        let all = self.kinds.clone();
        for number in 0..count {
            self.add(Origin::Uniform(number), |tactics, draws| {
                let kind = if all.is_empty() { return None } else { *draws.pick(&all) };
                tactics.planner.fault_of(kind, draws)
            });
        }
        self.plan.done()
    }

    /// A few faults at moments that the team comes to; a swarm where nothing that may be planned tells anything then.
    pub(super) fn trigger(mut self, reached: &[Moment]) -> Schedule {
        let telling = self.planner.telling(&self.kinds);
        if telling.is_empty() {
            return self.swarm();
        }
        // The least schedules of most planted bugs are one such fault, of the others two.
        let count = self.streams.stream(format_args!("trigger/count")).choose(1, 2, 1);
        let known = Moment::USUAL.into_iter().chain([Moment::ModelReplied]).chain(self.moments.iter().copied());
        let moments: Vec<Moment> = known.filter(|moment| reached.contains(moment)).collect();
        for number in 0..count {
            let origin = Origin::Trigger(number);
            self.add(origin, |tactics, draws| Some(tactics.planner.trigger(&moments, &telling, draws)));
        }
        let on = self.switched_on(Ratio::percent(25));
        let mut draws = self.streams.stream(format_args!("trigger/besides"));
        // Agents that run no protocol of ours go wrong where what is late meets what a model got wrong.
        let seldom = if reached.contains(&Moment::Voted) { 0 } else { MOST_BESIDES };
        let most = (*draws.pick(&[seldom, seldom, seldom, MOST_BESIDES])).min(self.most);
        let besides = draws.choose(0, most, 0);
        self.scatter(besides, &on);
        self.plan.done()
    }

    /// Priorities of links and the messages at which one falls behind. A nemesis that must not delay leaves deliveries
    /// as they are.
    pub(super) fn pct(mut self) -> Schedule {
        let links: Vec<Site> = self.links();
        if self.kinds.contains(&Kind::DelayConstant) {
            for (number, site) in (0..).zip(&links) {
                self.add(Origin::Priority(number), |tactics, draws| {
                    let later = *draws.pick(&PRIORITIES);
                    let slow = Fault::on(Kind::DelayConstant, site.clone()).strength(later.0);
                    (later > Duration::ZERO && tactics.planner.affords(Kind::DelayConstant, site))
                        .then(|| slow.lasting(Duration(tactics.until.0)))
                });
            }
        }
        // A bug of depth d takes d - 1 changes.
        let depth = self.streams.stream(format_args!("pct/depth")).choose(1, MOST_DEPTH, 1);
        let changes = if self.kinds.contains(&Kind::Hold) && !links.is_empty() { depth - 1 } else { 0 };
        for number in 0..changes {
            self.add(Origin::Change(number), |tactics, draws| {
                let site = draws.pick(&links).clone();
                let nth = draws.below(MOST_NTH);
                let span = Planner::span(draws);
                let fault = Fault { when: When::Nth(nth), span, ..Fault::on(Kind::Hold, site) };
                tactics.planner.affords(Kind::Hold, &fault.site).then_some(fault)
            });
        }
        let processes: Vec<Kind> = self.kinds.iter().copied().filter(|kind| kind.part() == Part::Process).collect();
        let count = self.streams.stream(format_args!("pct/besides")).choose(0, MOST_OF_PROCESSES.min(self.most), 0);
        self.scatter(count, &processes);
        self.plan.done()
    }

    /// Every directed link between two members.
    fn links(&self) -> Vec<Site> {
        let pairs = self.members.iter().flat_map(|from| self.members.iter().map(|to| (*from, *to)));
        pairs.filter(|(from, to)| from != to).map(|(from, to)| Site::Link { from, to }).collect()
    }

    fn switched_on(&self, share: Ratio) -> Vec<Kind> {
        let drawn = |kind: &Kind| self.streams.chance(Swarm(*kind), share);
        self.kinds.iter().copied().filter(drawn).collect()
    }

    fn scatter(&mut self, count: u64, on: &[Kind]) {
        for number in 0..count {
            self.add(Origin::Scattered(number), |tactics, draws| tactics.planner.fault(on, draws));
        }
    }

    /// One fault more, from the stream of its origin. The first draw keeps it: pinned off, it uses up its budget all
    /// the same, so that no other fault moves.
    fn add(&mut self, origin: Origin, fault: impl FnOnce(&mut Self, &mut Stream) -> Option<Fault>) {
        let mut draws = self.streams.stream(origin);
        let kept = Kept::drawn(&mut draws);
        if let Some(fault) = fault(self, &mut draws) {
            self.plan.add(origin, kept, fault);
        }
    }
}

/// The stream that says whether a kind is switched on.
struct Swarm(Kind);

/// Their hashes, made once: a plan opens all of them.
const SWARM: [NameHash; Kind::ALL.len()] = {
    let mut hashes = [NameHash::of("swarm/"); Kind::ALL.len()];
    let mut place = 0;
    while place < hashes.len() {
        hashes[place] = hashes[place].text(Kind::ALL[place].name());
        place += 1;
    }
    hashes
};

impl Name for Swarm {
    fn text(&self) -> String {
        format!("swarm/{}", self.0)
    }

    fn hashed(&self, before: NameHash) -> NameHash {
        before.text("swarm/").text(self.0.name())
    }

    fn number(&self) -> u64 {
        SWARM[self.0 as usize].number()
    }
}

/// What kind of swarm one seed makes: from a few scattered faults to some that strike at telling moments again and
/// again.
struct Mode {
    /// How likely each kind is switched on.
    share: Ratio,
    /// How many faults strike at telling moments instead of at an instant.
    habits: u64,
}

impl Mode {
    fn draw(draws: &mut Stream) -> Mode {
        let share = *draws.pick(&[Ratio::percent(10), Ratio::percent(25), Ratio::percent(50)]);
        Mode { share, habits: *draws.pick(&[0, 2, 3, 4]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_kind_is_called_by_its_name() {
        for (place, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, place);
            assert_eq!(Swarm(*kind).number(), format_args!("swarm/{kind}").number(), "{kind}");
        }
    }
}
