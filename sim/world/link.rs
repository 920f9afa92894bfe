//! One directed link: its draws, its order, and what the faults active on it do to a message.

use super::struck::Struck;
use crate::fault::{Fault, Kind};
use crate::seed::{Braid, LANES, LOGNORMAL_100};
use crate::time::{Duration, Time};

/// What is drawn for every message, whether or not a fault is on.
pub(super) const LINK_LANES: [&str; LANES] =
    ["latency", "delay", "loss", "duplicate", "reorder", "corrupt", "strike", "second"];
const LATENCY: usize = 0;
const DELAY: usize = 1;
const LOSS: usize = 2;
const DUPLICATE: usize = 3;
const REORDER: usize = 4;
const CORRUPT: usize = 5;
const STRIKE: usize = 6;
const SECOND: usize = 7;

/// A directed link between two nodes. In order unless a fault says otherwise: reordering is never a by-product of
/// latency.
pub(super) struct Link {
    draws: Braid,
    /// Numbers of the link faults active here, in the order they began.
    pub(super) faults: Vec<u32>,
    /// How many active faults cut the link.
    pub(super) cuts: u32,
    /// Numbers of faults that wait for the n-th message of this link.
    pub(super) armed: Vec<(u64, u32)>,
    /// When all faults end: what they delayed is through by then. A lognormal span has no end of its own, and behind a
    /// message that takes minutes all later ones would wait on a link that nothing is wrong with any more.
    healed: Option<Time>,
    /// No later message may arrive before.
    last: Time,
    /// A narrow link is busy until then.
    busy_until: Time,
    /// Messages that others may overtake: when they arrive and how many may still pass.
    overtaken: Vec<Overtaken>,
}

struct Overtaken {
    arrival: Time,
    left: u64,
}

/// The least and greatest latency of a link without faults, both drawn uniformly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The least.
    pub least: Duration,
    /// The greatest.
    pub most: Duration,
}

/// What becomes of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    /// When it arrives.
    pub(super) arrival: Time,
    /// When a second copy arrives.
    pub(super) second: Option<Time>,
    /// The fault that does something other than shift the arrival.
    pub(super) special: Option<Special>,
    /// The faults that shifted the arrival.
    pub(super) shifted: Struck,
}

/// A fault that does more to a message than shift it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Special {
    pub(super) kind: Kind,
    /// The fault's number, for what ends with it.
    pub(super) fault: u32,
    /// A draw for what the fault needs: which bit, which name.
    pub(super) draw: u64,
}

impl Link {
    #[inline]
    pub(super) fn new(draws: Braid, healed: Option<Time>) -> Link {
        Link {
            draws,
            healed,
            faults: Vec::new(),
            cuts: 0,
            armed: Vec::new(),
            last: Time::ZERO,
            busy_until: Time::ZERO,
            overtaken: Vec::new(),
        }
    }

    /// One strike of a fault, which cut the link so many times, none or one, ends here if it is on; says whether it
    /// was.
    pub(super) fn end(&mut self, number: u32, cuts: u32) -> bool {
        let Some(place) = self.faults.iter().position(|active| *active == number) else { return false };
        self.faults.remove(place);
        self.cuts -= cuts;
        true
    }

    /// How many messages were sent before the current one.
    pub(super) fn sent(&self) -> u64 {
        self.draws.steps()
    }

    /// Draws when a message sent now arrives, if the link does nothing to it but take its time.
    #[inline(always)]
    pub(super) fn undisturbed(&mut self, now: Time, latency: Latency) -> Option<Time> {
        if !self.faults.is_empty() || !self.overtaken.is_empty() || !self.armed.is_empty() {
            return None;
        }
        self.draws.advance();
        let arrival = now + Duration(self.draws.choose(LATENCY, latency.least.0, latency.most.0));
        self.last = self.last.max(arrival);
        Some(self.last)
    }

    /// Draws what becomes of a message of so many words sent now.
    #[cold]
    pub(super) fn fate(&mut self, now: Time, latency: Latency, words: u64, faults: &[Fault]) -> Fate {
        self.draws.advance();
        let base = now + Duration(self.draws.choose(LATENCY, latency.least.0, latency.most.0));
        let mut fate = Fate { arrival: base, second: None, special: None, shifted: Struck::NONE };
        let mut used = [false; LANES];
        let mut displacement = None;
        let active = std::mem::take(&mut self.faults);
        for number in &active {
            let fault = &faults[*number as usize];
            let lane = lane(fault.kind);
            // One decision a lane and message, so that a pin names exactly one.
            let draws = !matches!(fault.kind, Kind::Bandwidth | Kind::Hold);
            if super::shape::cuts(fault.kind) || (draws && std::mem::replace(&mut used[lane], true)) {
                continue;
            }
            match fault.kind {
                Kind::Bandwidth => {
                    self.busy_until = self.busy_until.max(now) + Duration(fault.strength * (words + 1));
                    fate.arrival += self.busy_until.since(now);
                    fate.shifted = fate.shifted.with(fault.kind);
                }
                Kind::Hold => fate.befall(Special { kind: fault.kind, fault: *number, draw: 0 }),
                _ if lane == DELAY => self.delay(fault, &mut fate),
                _ if !self.draws.chance(lane, fault.rate) => {}
                Kind::Duplicate => fate.second = Some(fate.arrival + self.share(DUPLICATE_LAG)),
                Kind::Reorder => displacement = Some(fault.strength.max(1)),
                kind => {
                    let draw = self.second();
                    fate.befall(Special { kind, fault: *number, draw });
                }
            }
        }
        self.faults = active;
        if let Some(healed) = self.healed {
            let latest = base.max(healed + base.since(now));
            fate.arrival = fate.arrival.min(latest);
            fate.second = fate.second.map(|second| second.min(latest));
        }
        match displacement {
            // Time enough to be overtaken: as long as the next messages take to be sent and arrive.
            Some(left) => {
                let later = fate.arrival.max(self.last) + self.share(REORDER_WINDOW);
                fate.arrival = self.passing(now, later);
                fate.shifted = fate.shifted.with(Kind::Reorder);
                self.overtaken.push(Overtaken { arrival: fate.arrival, left });
            }
            None => fate.arrival = self.in_order(now, fate.arrival),
        }
        fate
    }

    /// Shifts the arrival as a fault of the delay family says.
    fn delay(&self, fault: &Fault, fate: &mut Fate) {
        let (size, draws) = (Duration(fault.strength), &self.draws);
        let later = match fault.kind {
            Kind::DelayUniform => Duration(draws.choose(DELAY, 0, size.0)),
            Kind::DelayLognormal => draws.sample(DELAY, &LOGNORMAL_100, size),
            Kind::DelayBimodal if draws.choose(DELAY, 0, 7) < 7 => return,
            Kind::DelaySpike if draws.choose(DELAY, 0, 99) < 99 => return,
            Kind::DelaySpike => size * 8,
            _ => size,
        };
        fate.arrival += later;
        fate.shifted = fate.shifted.with(fault.kind);
    }

    /// The message's one draw for whatever its faults need: always from the same domain, because several faults that
    /// strike one message share it, and one name is one choice.
    fn second(&self) -> u64 {
        self.draws.choose(SECOND, 0, u64::from(u32::MAX))
    }

    /// The second draw's share of a span.
    fn share(&self, span: Duration) -> Duration {
        let share = u128::from(span.0) * u128::from(self.second()) / u128::from(u32::MAX);
        Duration(u64::try_from(share).expect("no more than the span"))
    }

    /// The arrival, no earlier than that of any message before it, except those it may overtake.
    fn in_order(&mut self, now: Time, arrival: Time) -> Time {
        let mut arrival = arrival.max(self.last);
        if !self.overtaken.is_empty() {
            arrival = self.passing(now, arrival);
        }
        self.last = arrival;
        arrival
    }

    /// The arrival of a message that may overtake what has not been overtaken often enough, and nothing else.
    fn passing(&mut self, now: Time, arrival: Time) -> Time {
        let fixed = self.overtaken.iter().filter(|slow| slow.left == 0).map(|slow| slow.arrival);
        let arrival = fixed.fold(arrival, Time::max);
        for slow in self.overtaken.iter_mut().filter(|slow| slow.arrival > arrival) {
            slow.left -= 1;
        }
        self.overtaken.retain(|slow| slow.arrival > now);
        arrival
    }
}

impl Fate {
    /// Whether nothing but time passes until it arrives, once and as it is.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.special.is_none() && self.second.is_none() && self.shifted.is_empty()
    }

    /// A fault befalls the message; what destroys it wins over what does not.
    fn befall(&mut self, special: Special) {
        if !self.special.is_some_and(|known| destroys(known.kind)) {
            self.special = Some(special);
        }
    }
}

/// Whether a message struck by this kind never arrives.
pub(super) const fn destroys(kind: Kind) -> bool {
    matches!(kind, Kind::Loss | Kind::FalseSuccess | Kind::CorruptNoticed)
}

/// A message out of order comes up to this much later: several times a link's latency, so that others do overtake it.
const REORDER_WINDOW: Duration = crate::time::millis(400);
/// A second copy follows within this: shorter and longer than an election timeout.
const DUPLICATE_LAG: Duration = crate::time::seconds(4);

/// The lane on which a kind of fault is decided.
fn lane(kind: Kind) -> usize {
    match kind {
        Kind::DelayConstant | Kind::DelayUniform | Kind::DelayLognormal | Kind::DelayBimodal | Kind::DelaySpike => {
            DELAY
        }
        Kind::Loss => LOSS,
        Kind::Duplicate => DUPLICATE,
        Kind::Reorder => REORDER,
        Kind::CorruptNoticed | Kind::CorruptUnnoticed => CORRUPT,
        _ => STRIKE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Site;
    use crate::id::NodeId;
    use crate::seed::{Pins, Ratio, Seed, Streams};
    use crate::time::{millis, seconds};

    const LATENCY: Latency = Latency { least: millis(1), most: millis(9) };

    fn always(kind: Kind, strength: u64) -> Fault {
        let site = Site::Link { from: NodeId::agent(0), to: NodeId::agent(1) };
        Fault { span: seconds(9), strength, ..Fault::on(kind, site) }
    }

    fn arrivals(kind: Option<Kind>, strength: u64) -> Vec<Time> {
        let mut link = Link::new(Streams::of(Seed(3)).braid(&LINK_LANES, format_args!("a1->a2")), None);
        let often = |kind| Fault { rate: Ratio::of(1, 4), ..always(kind, strength) };
        let faults: Vec<Fault> = kind.map(often).into_iter().collect();
        link.faults.extend(kind.map(|_| 0));
        let arrival = |step| {
            let now = Time::ZERO + millis(step);
            link.undisturbed(now, LATENCY).unwrap_or_else(|| link.fate(now, LATENCY, 4, &faults).arrival)
        };
        (0..200).map(arrival).collect()
    }

    #[test]
    fn messages_arrive_in_the_order_they_were_sent() {
        assert!(arrivals(None, 0).is_sorted());
        assert!(arrivals(Some(Kind::DelayUniform), millis(50).0).is_sorted());
    }

    #[test]
    fn a_reordered_message_is_overtaken_by_a_bounded_number() {
        let arrivals = arrivals(Some(Kind::Reorder), 3);
        let overtakers = |place: usize| arrivals[place + 1..].iter().filter(|later| **later < arrivals[place]).count();
        let most = (0..arrivals.len()).map(overtakers).max();
        assert!((Some(1)..=Some(3)).contains(&most), "overtaken {most:?} times");
    }

    #[test]
    fn faults_that_strike_one_message_leave_one_choice_to_each_name() {
        let streams = Streams::pinned(Seed(3), Pins::none().recording());
        let mut link = Link::new(streams.braid(&LINK_LANES, format_args!("a1->a2")), None);
        let kinds = [Kind::Duplicate, Kind::Reorder, Kind::CorruptNoticed];
        let faults = kinds.map(|kind| always(kind, 3));
        link.faults.extend(0..3);
        let fate = link.fate(Time::ZERO, LATENCY, 4, &faults);
        let special = fate.special.map(|special| special.kind);
        assert!(fate.second.is_some() && special == Some(Kind::CorruptNoticed), "{fate:?}");
        assert!(Pins::new(&streams.pins().recorded()).is_ok(), "one draw was recorded with two meanings");
    }

    #[test]
    fn what_a_fault_delays_is_through_when_the_link_is_healed() {
        let healed = Time::ZERO + seconds(40);
        let mut link = Link::new(Streams::of(Seed(3)).braid(&LINK_LANES, format_args!("a1->a2")), Some(healed));
        let faults = [always(Kind::DelayConstant, seconds(900).0), always(Kind::Duplicate, 0)];
        link.faults.extend(0..2);
        let fate = link.fate(Time::ZERO + seconds(10), LATENCY, 4, &faults);
        link.faults.clear();
        let later = link.undisturbed(healed, LATENCY).expect("nothing is wrong with it");
        let within = healed..=healed + LATENCY.most;
        assert!(
            [Some(fate.arrival), fate.second, Some(later)].iter().all(|at| at.is_some_and(|at| within.contains(&at)))
        );
    }

    #[test]
    fn switching_a_fault_on_moves_no_other_draw() {
        let (quiet, slow) = (arrivals(None, 0), arrivals(Some(Kind::DelayConstant), seconds(1).0));
        for (quiet, slow) in quiet.iter().zip(&slow) {
            assert_eq!(*quiet + seconds(1), *slow);
        }
    }
}
