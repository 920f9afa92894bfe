//! Failure detectors: is that participant gone, or only late? They hear heartbeats and are asked; they know no network.

use super::planted::Bug;
use crate::time::{Duration, Time};
use std::collections::VecDeque;

/// One or the other way to suspect, as a value that a health check or a monitor keeps for each participant.
///
/// ```
/// use synod::policy::{Detector, Rhythm};
/// use synod::time::{millis, seconds, Time};
/// let rhythm = Rhythm { every: seconds(1), least_deviation: millis(100), ceiling: seconds(10) };
/// let mut detectors = [Detector::fixed(seconds(3), Time::ZERO), Detector::phi(8, rhythm, Time::ZERO)];
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
crate::digestible! { struct PhiAccrual { gaps, rhythm, last } }
crate::digestible! { struct Rhythm { every, least_deviation, ceiling } }

impl Detector {
    /// As [`FixedTimeout::new`].
    #[must_use]
    pub const fn fixed(span: Duration, now: Time) -> Detector {
        Detector { way: Way::Fixed(FixedTimeout::new(span, now)), bug: Bug::NONE }
    }

    /// As [`PhiAccrual::new`], suspecting from a φ of so many whole ones on.
    #[must_use]
    pub fn phi(threshold: u64, rhythm: Rhythm, now: Time) -> Detector {
        let detector = PhiAccrual::new(rhythm, now);
        Detector { way: Way::Phi { detector, threshold }, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Detector {
        self.bug = Bug::of(bug);
        if let Way::Phi { detector, .. } = &mut self.way
            && has!(self.bug, NoCeiling)
        {
            detector.rhythm.ceiling = Duration(u64::MAX);
        }
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

/// How heartbeats are expected to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// One is sent each so long.
    pub every: Duration,
    /// Gaps are taken to deviate by at least so much, since a line that was regular so far may still hiccup.
    pub least_deviation: Duration,
    /// Whoever is silent for longer is suspected, whatever came before.
    pub ceiling: Duration,
}

/// Suspects by degrees: how unlikely it is that the next heartbeat is merely late, given how heartbeats came before
/// (Hayashibara et al., "The φ Accrual Failure Detector", SRDS 2004).
///
/// φ is −log₁₀ of the probability that a heartbeat still comes; at φ = 8 one in 10⁸ would. As in the paper, gaps are
/// taken as normal with the mean and deviation of the latest ones. All in integers: the tail of the normal
/// distribution is a table of φ in thousandths by standard deviations in eighths.
///
/// Beyond the paper there is a ceiling on silence. One gap of 20 s among gaps of a second makes the deviation so large
/// that φ = 8 takes another 20 s, so φ alone overlooks who stops right after a long delay, and for a whole window.
/// Therefore silence beyond the ceiling is suspect whatever φ says, and a gap that was longer is not remembered: it
/// tells of an absence, not of the link. Cassandra leaves out such gaps so as to mark a host down quickly instead of
/// adapting to its absences (`ArrivalWindow.MAX_INTERVAL_IN_NANO`); Akka leaves out the gap that ends a suspicion, as a
/// long pause would skew what is usual (`PhiAccrualFailureDetector.heartbeat`). Gaps up to the ceiling are remembered
/// even from suspects, or else a link that has become slower would be suspected for ever.
///
/// ```
/// use synod::policy::{PhiAccrual, Rhythm};
/// use synod::time::{millis, seconds, Time};
/// let rhythm = Rhythm { every: seconds(1), least_deviation: millis(100), ceiling: seconds(10) };
/// let mut detector = PhiAccrual::new(rhythm, Time::ZERO);
/// for beat in 1..=20 {
///     detector.heard(Time::ZERO + seconds(beat));
/// }
/// assert!(detector.phi(Time::ZERO + seconds(21)) < 1_000, "due now: less than 1");
/// assert!(detector.phi(Time::ZERO + seconds(22)) >= 8_000, "ten deviations late: 8 and more");
/// assert!(detector.suspects(Time::ZERO + seconds(31), u64::MAX), "beyond the ceiling whatever the threshold");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhiAccrual {
    /// The latest gaps up to the ceiling, oldest first.
    gaps: VecDeque<Duration>,
    rhythm: Rhythm,
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
    /// Expects heartbeats in this rhythm from now on.
    ///
    /// # Panics
    /// If gaps are taken not to deviate at all, or if the ceiling lies below the gap that is expected.
    #[must_use]
    pub fn new(rhythm: Rhythm, now: Time) -> PhiAccrual {
        let Rhythm { every, least_deviation, ceiling } = rhythm;
        assert!(least_deviation > Duration::ZERO, "without deviation everything late is infinitely suspect");
        assert!(ceiling >= every, "below a ceiling of {ceiling} no heartbeat each {every} is in time");
        PhiAccrual { gaps: VecDeque::from([every]), rhythm, last: now }
    }

    /// A heartbeat came.
    pub fn heard(&mut self, now: Time) {
        let gap = now.since(self.last);
        self.last = self.last.max(now);
        if gap > self.rhythm.ceiling {
            return;
        }
        if self.gaps.len() == WINDOW {
            self.gaps.pop_front();
        }
        self.gaps.push_back(gap);
    }

    /// φ in thousandths.
    #[must_use]
    pub fn phi(&self, now: Time) -> u64 {
        let count = self.gaps.len() as u128;
        let mean = self.gaps.iter().map(|gap| u128::from(gap.0)).sum::<u128>() / count;
        let square = |gap: &Duration| u128::from(gap.0).abs_diff(mean).pow(2);
        let variance = self.gaps.iter().map(square).sum::<u128>() / count;
        let deviation = variance.isqrt().max(u128::from(self.rhythm.least_deviation.0));
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

    /// Whether φ is more than so many whole ones, or silence lasts beyond the ceiling.
    #[must_use]
    pub fn suspects(&self, now: Time, threshold: u64) -> bool {
        now.since(self.last) > self.rhythm.ceiling || self.phi(now) > threshold.saturating_mul(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{LOGNORMAL_70, Seed, Streams};
    use crate::time::{millis, seconds};
    use proptest::prelude::*;

    const RHYTHM: Rhythm = Rhythm { every: seconds(1), least_deviation: millis(100), ceiling: seconds(10) };

    /// Heartbeats each second over a link whose delay is lognormal with a median of 200 ms and σ = .7: how often each
    /// detector wrongly suspects somebody alive, asked right before each heartbeat comes.
    fn false_alarms(suspects: impl Fn(&FixedTimeout, &PhiAccrual, Time) -> bool) -> u32 {
        let mut delays = Streams::of(Seed(1)).stream(format_args!("delay"));
        let mut fixed = FixedTimeout::new(millis(1_500), Time::ZERO);
        let mut phi = PhiAccrual::new(RHYTHM, Time::ZERO);
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
        let mut phi = PhiAccrual::new(RHYTHM, Time::ZERO);
        (1..=50).for_each(|beat| phi.heard(Time::ZERO + seconds(beat)));
        let suspected = (51..70).find(|second| phi.suspects(Time::ZERO + seconds(*second), 8));
        assert_eq!(suspected, Some(52));
    }

    #[test]
    fn who_comes_back_is_watched_as_closely_as_before() {
        let mut phi = PhiAccrual::new(RHYTHM, Time::ZERO);
        let beats = (1..=50).chain(70..=80);
        beats.for_each(|beat| phi.heard(Time::ZERO + seconds(beat)));
        let suspected = (81..100).find(|second| phi.suspects(Time::ZERO + seconds(*second), 8));
        assert_eq!(suspected, Some(82), "an absence of 20 s is no gap to get used to");
    }

    #[test]
    fn a_link_that_becomes_slower_is_got_used_to() {
        let mut phi = PhiAccrual::new(RHYTHM, Time::ZERO);
        (1..=50).for_each(|beat| phi.heard(Time::ZERO + seconds(beat)));
        assert!(phi.suspects(Time::ZERO + seconds(54), 8), "the first gap of four seconds is unheard of");
        let last = 50 + 4 * WINDOW as u64;
        (54..=last).step_by(4).for_each(|beat| phi.heard(Time::ZERO + seconds(beat)));
        assert!(!phi.suspects(Time::ZERO + seconds(last + 4), 8), "gaps of suspects up to the ceiling are remembered");
    }

    proptest! {
        #[test]
        fn whoever_is_silent_beyond_the_ceiling_is_suspected_whatever_came_before(
            gaps in prop::collection::vec(0_u64..100_000, 0..150),
            ceiling in 1_000_u64..20_000,
            threshold in 1_u64..100,
        ) {
            let rhythm = Rhythm { ceiling: millis(ceiling), ..RHYTHM };
            let mut detector = Detector::phi(threshold, rhythm, Time::ZERO);
            let mut now = Time::ZERO;
            for gap in gaps {
                now += millis(gap);
                detector.heard(now);
            }
            prop_assert!(!detector.suspects(now), "who was just heard is trusted");
            prop_assert!(detector.suspects(now + rhythm.ceiling + millis(1)));
        }

        #[test]
        fn suspicion_never_falls_while_nothing_is_heard(
            gaps in prop::collection::vec(1_u64..5_000, 1..150), wait in 0_u64..60_000,
        ) {
            let mut phi = PhiAccrual::new(Rhythm { least_deviation: millis(50), ..RHYTHM }, Time::ZERO);
            let mut now = Time::ZERO;
            for gap in gaps {
                now += millis(gap);
                phi.heard(now);
            }
            let later = now + millis(wait);
            prop_assert!(phi.phi(later) <= phi.phi(later + millis(1)));
            prop_assert!(!phi.suspects(later, 8) || phi.suspects(later + millis(1), 8));
            prop_assert!(phi.phi(now) <= 301, "who was just heard is as little suspect as can be");
        }
    }
}
