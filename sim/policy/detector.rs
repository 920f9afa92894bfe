//! Failure detectors: is that participant gone, or only late? They hear heartbeats and are asked; they know no network.

use super::planted::Bug;
use crate::time::{Duration, Time};
use std::collections::VecDeque;

/// One or the other way to suspect, as a value that a health check or a monitor keeps for each participant.
///
/// ```
/// use synod::policy::Detector;
/// use synod::time::{millis, seconds, Time};
/// let mut detectors = [
///     Detector::fixed(seconds(3), Time::ZERO),
///     Detector::phi(8, seconds(1), millis(100), Time::ZERO),
/// ];
/// for detector in &mut detectors {
///     (1..=20).for_each(|beat| detector.heard(Time::ZERO + seconds(beat)));
///     assert!(!detector.suspects(Time::ZERO + seconds(21)) && detector.suspects(Time::ZERO + seconds(24)));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detector {
    way: Way,
    bug: Bug,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    Fixed(FixedTimeout),
    Phi { detector: PhiAccrual, threshold: u64 },
}

crate::digestible! { struct Detector { way, bug } }
crate::digestible! { enum Way { 1 = Fixed(detector), 2 = Phi { detector, threshold } } }
crate::digestible! { struct FixedTimeout { span, last } }
crate::digestible! { struct PhiAccrual { gaps, least_deviation, last } }

impl Detector {
    /// As [`FixedTimeout::new`].
    #[must_use]
    pub const fn fixed(span: Duration, now: Time) -> Detector {
        Detector { way: Way::Fixed(FixedTimeout::new(span, now)), bug: Bug::NONE }
    }

    /// As [`PhiAccrual::new`], suspecting from a φ of so many whole ones on.
    #[must_use]
    pub fn phi(threshold: u64, every: Duration, least_deviation: Duration, now: Time) -> Detector {
        let detector = PhiAccrual::new(every, least_deviation, now);
        Detector { way: Way::Phi { detector, threshold }, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Detector {
        self.bug = Bug::of(bug);
        self
    }

    /// A heartbeat came.
    pub fn heard(&mut self, now: Time) {
        if has!(self.bug, HearsNothing) {
            return;
        }
        match &mut self.way {
            Way::Fixed(detector) => detector.heard(now),
            Way::Phi { detector, .. } => detector.heard(now),
        }
    }

    /// Whether it is suspected.
    #[must_use]
    pub fn suspects(&self, now: Time) -> bool {
        let suspected = match &self.way {
            Way::Fixed(detector) => detector.suspects(now),
            Way::Phi { detector, threshold } => detector.suspects(now, *threshold),
        };
        suspected && !has!(self.bug, NeverSuspects)
    }
}

/// Suspects who was not heard of for longer than a fixed span.
///
/// ```
/// use synod::policy::FixedTimeout;
/// use synod::time::{seconds, Time};
/// let mut detector = FixedTimeout::new(seconds(3), Time::ZERO);
/// detector.heard(Time::ZERO + seconds(2));
/// assert!(!detector.suspects(Time::ZERO + seconds(5)));
/// assert!(detector.suspects(Time::ZERO + seconds(6)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedTimeout {
    span: Duration,
    last: Time,
}

impl FixedTimeout {
    /// Suspects after this span; nothing was heard before now.
    #[must_use]
    pub const fn new(span: Duration, now: Time) -> FixedTimeout {
        FixedTimeout { span, last: now }
    }

    /// A heartbeat came.
    pub fn heard(&mut self, now: Time) {
        self.last = self.last.max(now);
    }

    /// Whether it is suspected.
    #[must_use]
    pub fn suspects(&self, now: Time) -> bool {
        now.since(self.last) > self.span
    }
}

/// Suspects by degrees: how unlikely it is that the next heartbeat is merely late, given how heartbeats came before
/// (Hayashibara et al., "The φ Accrual Failure Detector", SRDS 2004).
///
/// φ is −log₁₀ of the probability that a heartbeat still comes; at φ = 8 one in 10⁸ would. As in the paper, gaps are
/// taken as normal with the mean and deviation of the latest ones. All in integers: the tail of the normal
/// distribution is a table of φ in thousandths by standard deviations in eighths.
///
/// ```
/// use synod::policy::PhiAccrual;
/// use synod::time::{millis, seconds, Time};
/// let mut detector = PhiAccrual::new(seconds(1), millis(100), Time::ZERO);
/// for beat in 1..=20 {
///     detector.heard(Time::ZERO + seconds(beat));
/// }
/// assert!(detector.phi(Time::ZERO + seconds(21)) < 1_000, "due now: less than 1");
/// assert!(detector.phi(Time::ZERO + seconds(22)) >= 8_000, "ten deviations late: 8 and more");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhiAccrual {
    /// The latest gaps, oldest first.
    gaps: VecDeque<Duration>,
    least_deviation: Duration,
    last: Time,
}

/// How many gaps are remembered: the paper's experiments use a window of 1,000; a hundred adapts in minutes at a
/// heartbeat a second.
const WINDOW: usize = 100;

/// −1000·log₁₀ of the normal distribution's upper tail at 0, 1/8, 2/8 … standard deviations (as `erfc` gives
/// it, rounded). Beyond the last it is extended by its last step.
const PHI: [u64; 65] = [
    301, 347, 397, 451, 511, 575, 645, 719, 800, 885, 976, 1_073, 1_175, 1_283, 1_397, 1_517, 1_643, 1_775, 1_913,
    2_057, 2_207, 2_363, 2_526, 2_695, 2_870, 3_051, 3_239, 3_433, 3_633, 3_840, 4_053, 4_273, 4_499, 4_732, 4_971,
    5_217, 5_469, 5_727, 5_993, 6_264, 6_543, 6_827, 7_119, 7_417, 7_721, 8_033, 8_350, 8_675, 9_006, 9_344, 9_688,
    10_039, 10_396, 10_760, 11_131, 11_509, 11_893, 12_284, 12_681, 13_085, 13_496, 13_914, 14_338, 14_769, 15_206,
];

impl PhiAccrual {
    /// Expects a heartbeat each so long from now on, and takes gaps to deviate by at least so much, since a line that
    /// was regular so far may still hiccup.
    ///
    /// # Panics
    /// If gaps are taken not to deviate at all.
    #[must_use]
    pub fn new(every: Duration, least_deviation: Duration, now: Time) -> PhiAccrual {
        assert!(least_deviation > Duration::ZERO, "without deviation everything late is infinitely suspect");
        PhiAccrual { gaps: VecDeque::from([every]), least_deviation, last: now }
    }

    /// A heartbeat came.
    pub fn heard(&mut self, now: Time) {
        if self.gaps.len() == WINDOW {
            self.gaps.pop_front();
        }
        self.gaps.push_back(now.since(self.last));
        self.last = self.last.max(now);
    }

    /// φ in thousandths.
    #[must_use]
    pub fn phi(&self, now: Time) -> u64 {
        let count = self.gaps.len() as u128;
        let mean = self.gaps.iter().map(|gap| u128::from(gap.0)).sum::<u128>() / count;
        let square = |gap: &Duration| u128::from(gap.0).abs_diff(mean).pow(2);
        let variance = self.gaps.iter().map(square).sum::<u128>() / count;
        let deviation = variance.isqrt().max(u128::from(self.least_deviation.0));
        let late = u128::from(now.since(self.last).0).saturating_sub(mean);
        // A part of the way between two entries.
        let eighths = late * 8 * 1_000 / deviation;
        let (place, part) = ((eighths / 1_000) as usize, (eighths % 1_000) as u64);
        let last = PHI.len() - 1;
        let step = PHI[last] - PHI[last - 1];
        let at = |place: usize| PHI.get(place).copied().unwrap_or_else(|| PHI[last] + step * (place - last) as u64);
        let place = place.min(1 << 20);
        at(place) + (at(place + 1) - at(place)) * part / 1_000
    }

    /// Whether φ is more than so many whole ones.
    #[must_use]
    pub fn suspects(&self, now: Time, threshold: u64) -> bool {
        self.phi(now) > threshold * 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{LOGNORMAL_70, Seed, Streams};
    use crate::time::{millis, seconds};
    use proptest::prelude::*;

    /// Heartbeats each second over a link whose delay is lognormal with a median of 200 ms and σ = .7: how often each
    /// detector wrongly suspects somebody alive, asked right before each heartbeat comes.
    fn false_alarms(suspects: impl Fn(&FixedTimeout, &PhiAccrual, Time) -> bool) -> u32 {
        let mut delays = Streams::of(Seed(1)).stream(format_args!("delay"));
        let mut fixed = FixedTimeout::new(millis(1_500), Time::ZERO);
        let mut phi = PhiAccrual::new(seconds(1), millis(100), Time::ZERO);
        let (mut alarms, mut last) = (0, Time::ZERO);
        for beat in 1..=20_000 {
            let comes = Time::ZERO + seconds(beat) + delays.sample(&LOGNORMAL_70, millis(200));
            let comes = comes.max(last);
            alarms += u32::from(beat > 100 && suspects(&fixed, &phi, comes));
            fixed.heard(comes);
            phi.heard(comes);
            last = comes;
        }
        alarms
    }

    #[test]
    fn phi_adapts_to_a_link_on_which_a_fixed_timeout_gives_false_alarms() {
        let fixed = false_alarms(|fixed, _, now| fixed.suspects(now));
        let one = false_alarms(|_, phi, now| phi.suspects(now, 1));
        let eight = false_alarms(|_, phi, now| phi.suspects(now, 8));
        println!("false alarms in 19,900 heartbeats: fixed {fixed}, phi 1 {one}, phi 8 {eight}");
        assert!(eight < fixed && eight < one, "fixed {fixed}, phi 1 {one}, phi 8 {eight}");
        assert!(one > 0, "a threshold of 1 is wrong once in ten times by its definition");
    }

    #[test]
    fn whoever_is_gone_is_suspected_in_the_end() {
        let mut phi = PhiAccrual::new(seconds(1), millis(100), Time::ZERO);
        (1..=50).for_each(|beat| phi.heard(Time::ZERO + seconds(beat)));
        let suspected = (51..70).find(|second| phi.suspects(Time::ZERO + seconds(*second), 8));
        assert_eq!(suspected, Some(52));
    }

    proptest! {
        #[test]
        fn suspicion_never_falls_while_nothing_is_heard(
            gaps in prop::collection::vec(1_u64..5_000, 1..150), wait in 0_u64..60_000,
        ) {
            let mut phi = PhiAccrual::new(seconds(1), millis(50), Time::ZERO);
            let mut now = Time::ZERO;
            for gap in gaps {
                now += millis(gap);
                phi.heard(now);
            }
            let later = now + millis(wait);
            prop_assert!(phi.phi(later) <= phi.phi(later + millis(1)));
            prop_assert!(phi.phi(now) <= 301, "who was just heard is as little suspect as can be");
        }
    }
}
