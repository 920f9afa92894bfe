//! One directed link: its draws, its order, and what the faults active on it do to a message.

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
    /// Numbers of flapping faults that let the link stand just now.
    pub(super) flapped: Vec<u32>,
    /// How many active faults cut the link.
    pub(super) cuts: u32,
    /// Numbers of faults that wait for the n-th message of this link.
    pub(super) armed: Vec<(u64, u32)>,
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
    pub(super) special: Option<Kind>,
    /// The fault that struck, for the ledger.
    pub(super) struck: Option<Kind>,
    /// A draw for what the special fault needs: which bit, which name.
    pub(super) draw: u64,
}

impl Link {
    pub(super) fn new(draws: Braid) -> Link {
        Link {
            draws,
            faults: Vec::new(),
            flapped: Vec::new(),
            cuts: 0,
            armed: Vec::new(),
            last: Time::ZERO,
            busy_until: Time::ZERO,
            overtaken: Vec::new(),
        }
    }

    /// One strike of a fault ends here; it cut the link so many times, none or one.
    pub(super) fn end(&mut self, number: u32, cuts: u32) {
        if let Some(place) = self.faults.iter().position(|active| *active == number) {
            self.faults.remove(place);
            self.cuts -= cuts;
        } else {
            self.flapped.retain(|flapped| *flapped != number);
        }
    }

    /// Every fault ends here.
    pub(super) fn heal(&mut self) {
        self.faults.clear();
        self.flapped.clear();
        self.armed.clear();
        self.cuts = 0;
    }

    /// How many messages were sent before the current one.
    pub(super) fn sent(&self) -> u64 {
        self.draws.steps()
    }

    /// Draws what becomes of a message of so many words sent now.
    #[inline]
    pub(super) fn fate(&mut self, now: Time, latency: Latency, words: u64, faults: &[Fault]) -> Fate {
        self.draws.advance();
        let base = now + Duration(self.draws.choose(LATENCY, latency.least.0, latency.most.0));
        let fate = Fate { arrival: base, second: None, special: None, struck: None, draw: 0 };
        if self.faults.is_empty() && self.overtaken.is_empty() {
            return Fate { arrival: self.in_order(base), ..fate };
        }
        self.struck_fate(now, fate, words, faults)
    }

    #[cold]
    fn struck_fate(&mut self, now: Time, mut fate: Fate, words: u64, faults: &[Fault]) -> Fate {
        let mut used = [false; LANES];
        let mut displacement = None;
        let active = std::mem::take(&mut self.faults);
        for number in &active {
            let fault = &faults[*number as usize];
            let lane = lane(fault.kind);
            // One decision a lane and message, so that a pin names exactly one.
            if std::mem::replace(&mut used[lane], true) {
                continue;
            }
            if self.strike(fault, lane, now, words, &mut fate, &mut displacement) {
                fate.struck = Some(fault.kind);
            }
        }
        self.faults = active;
        match displacement {
            Some(left) => {
                // Time enough to be overtaken: as long as the next messages take to be sent and arrive.
                fate.arrival += self.share(REORDER_WINDOW);
                self.overtaken.push(Overtaken { arrival: fate.arrival, left });
            }
            None => fate.arrival = self.in_order(fate.arrival),
        }
        fate
    }

    /// Applies one fault; says whether it struck.
    fn strike(
        &mut self,
        fault: &Fault,
        lane: usize,
        now: Time,
        words: u64,
        fate: &mut Fate,
        displacement: &mut Option<u64>,
    ) -> bool {
        let size = fault.strength;
        let draws = &self.draws;
        match fault.kind {
            Kind::DelayConstant => fate.arrival += Duration(size),
            Kind::DelayUniform => fate.arrival += Duration(draws.choose(lane, 0, size)),
            Kind::DelayLognormal => fate.arrival += draws.sample(lane, &LOGNORMAL_100, Duration(size)),
            Kind::DelayBimodal if draws.choose(lane, 0, 7) == 7 => fate.arrival += Duration(size),
            Kind::DelaySpike if draws.choose(lane, 0, 99) == 99 => fate.arrival += Duration(size) * 8,
            Kind::DelayBimodal | Kind::DelaySpike => return false,
            Kind::Bandwidth => {
                self.busy_until = self.busy_until.max(now) + Duration(size * (words + 1));
                fate.arrival = fate.arrival.max(self.busy_until);
            }
            Kind::Hold => fate.special = Some(fault.kind),
            _ if !draws.chance(lane, fault.rate) => return false,
            Kind::Duplicate => fate.second = Some(fate.arrival + self.share(DUPLICATE_LAG)),
            Kind::Reorder => *displacement = Some(size.max(1)),
            _ => {
                fate.special = Some(fault.kind);
                fate.draw = self.second();
            }
        }
        true
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
    fn in_order(&mut self, arrival: Time) -> Time {
        let mut arrival = arrival.max(self.last);
        self.overtaken.retain_mut(|slow| {
            if slow.arrival <= arrival {
                return false;
            }
            if slow.left == 0 {
                arrival = slow.arrival;
                return false;
            }
            slow.left -= 1;
            true
        });
        self.last = self.last.max(arrival);
        arrival
    }
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
    use crate::fault::{Site, When};
    use crate::id::NodeId;
    use crate::seed::{Pins, Ratio, Seed, Streams};
    use crate::time::{millis, seconds};

    const LATENCY: Latency = Latency { least: millis(1), most: millis(9) };

    fn always(kind: Kind, strength: u64) -> Fault {
        let site = Site::Link { from: NodeId::agent(0), to: NodeId::agent(1) };
        Fault { kind, site, when: When::At(Time::ZERO), span: seconds(9), rate: Ratio::ALWAYS, strength }
    }

    fn arrivals(kind: Option<Kind>, strength: u64) -> Vec<Time> {
        fates(kind, strength).iter().map(|fate| fate.arrival).collect()
    }

    fn fates(kind: Option<Kind>, strength: u64) -> Vec<Fate> {
        let mut link = Link::new(Streams::of(Seed(3)).braid(&LINK_LANES, format_args!("a1->a2")));
        let often = |kind| Fault { rate: Ratio::of(1, 4), ..always(kind, strength) };
        let faults: Vec<Fault> = kind.map(often).into_iter().collect();
        link.faults.extend(kind.map(|_| 0));
        (0..200).map(|step| link.fate(Time::ZERO + millis(step), LATENCY, 4, &faults)).collect()
    }

    #[test]
    fn messages_arrive_in_the_order_they_were_sent() {
        assert!(arrivals(None, 0).is_sorted());
        assert!(arrivals(Some(Kind::DelayUniform), millis(50).0).is_sorted());
    }

    #[test]
    fn a_reordered_message_is_overtaken_by_a_bounded_number() {
        let fates = fates(Some(Kind::Reorder), 3);
        let (mut slow, mut most) = (0, 0);
        for (place, fate) in fates.iter().enumerate().filter(|(_, fate)| fate.struck == Some(Kind::Reorder)) {
            // Messages that are out of order themselves may pass, too: the bound is about those that are not.
            let in_order = fates[place + 1..].iter().filter(|later| later.struck.is_none());
            most = most.max(in_order.filter(|later| later.arrival < fate.arrival).count());
            slow += 1;
        }
        assert!(slow > 0 && (1..=3).contains(&most), "of {slow} reordered messages one was overtaken {most} times");
    }

    #[test]
    fn faults_that_strike_one_message_leave_one_choice_to_each_name() {
        let streams = Streams::pinned(Seed(3), Pins::none().recording());
        let mut link = Link::new(streams.braid(&LINK_LANES, format_args!("a1->a2")));
        let kinds = [Kind::Duplicate, Kind::Reorder, Kind::CorruptNoticed];
        let faults = kinds.map(|kind| always(kind, 3));
        link.faults.extend(0..3);
        let fate = link.fate(Time::ZERO, LATENCY, 4, &faults);
        assert!(fate.second.is_some() && fate.special == Some(Kind::CorruptNoticed), "{fate:?}");
        assert!(Pins::new(&streams.pins().recorded()).is_ok(), "one draw was recorded with two meanings");
    }

    #[test]
    fn switching_a_fault_on_moves_no_other_draw() {
        let (quiet, slow) = (arrivals(None, 0), arrivals(Some(Kind::DelayConstant), seconds(1).0));
        for (quiet, slow) in quiet.iter().zip(&slow) {
            assert_eq!(*quiet + seconds(1), *slow);
        }
    }
}
