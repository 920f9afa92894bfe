//! How the plan of one run is drawn: one choice, decided in advance by whoever pins it. Plans nothing itself.

use crate::seed::{Piece, Streams};
use serde::{Deserialize, Serialize};

/// What kind of trouble a nemesis makes in one run, out of what it may make at all.
///
/// A run draws it from a stream of its own, and that draw is always [`Tactic::Swarm`] unless it is pinned: so a
/// strategy is a pin, and a run stays a function of scenario, seed and pins.
///
/// ```
/// use synod::fault::Tactic;
/// use synod::seed::{Pins, Seed, Streams};
/// assert_eq!(Tactic::of(&Streams::of(Seed(7))), Tactic::Swarm);
/// let pins = Pins::new(&[Tactic::Quiet.pin()]).unwrap();
/// assert_eq!(Tactic::of(&Streams::pinned(Seed(7), pins)), Tactic::Quiet);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tactic {
    /// A random subset of the kinds, scattered over the run, and some habits (Groce et al., ISSTA 2012).
    #[default]
    Swarm,
    /// Every kind as likely as any other, scattered evenly over the run.
    Random,
    /// A few faults that strike at telling moments, and little besides.
    Trigger,
    /// Few links much slower than others, and links that fall behind at single messages: priorities of deliveries
    /// (Burckhardt et al., ASPLOS 2010).
    Pct,
    /// Members that run twice while rounds part their processes (arXiv 2004.10617).
    Twins,
    /// No fault and many clients.
    Quiet,
}

impl Tactic {
    /// Every tactic, in the order of their numbers, which only grows: capsules hold them.
    pub const ALL: [Tactic; 6] =
        [Tactic::Swarm, Tactic::Random, Tactic::Trigger, Tactic::Pct, Tactic::Twins, Tactic::Quiet];

    /// The stream that it is drawn from.
    pub const STREAM: &str = "tactic";

    /// Numbers that a tactic may have, now or later: one more does not change the domain of the draw, so that kept
    /// capsules still fit.
    const MOST: u64 = 63;

    /// The tactic of a run. A number that no tactic has is a swarm's, as in versions that knew no tactics.
    #[must_use]
    pub fn of(streams: &Streams) -> Tactic {
        let name = [Piece::Text(Tactic::STREAM)];
        if !streams.is_watched(&name) {
            return Tactic::Swarm;
        }
        let number = streams.stream(name).settled(Tactic::Swarm as u64, 0..=Tactic::MOST);
        let tactic = usize::try_from(number).ok().and_then(|number| Tactic::ALL.get(number));
        tactic.copied().unwrap_or_default()
    }

    /// The pin that makes a run's nemesis plan so.
    #[must_use]
    pub fn pin(self) -> crate::seed::Pin {
        crate::seed::Pin {
            stream: Tactic::STREAM.to_owned(),
            index: 0,
            choice: self as u64,
            domain: crate::seed::Domain { least: 0, most: Tactic::MOST, harmless: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Pins, Seed};

    #[test]
    fn every_tactic_is_the_one_that_its_pin_chooses() {
        for (number, tactic) in (0..).zip(Tactic::ALL) {
            assert_eq!(tactic.pin().choice, number, "{tactic:?} changed its number");
            let pins = Pins::new(&[tactic.pin()]).expect("a pin");
            assert_eq!(Tactic::of(&Streams::pinned(Seed(number), pins.clone())), tactic);
            assert_eq!(pins.settle(), Ok(()));
        }
    }
}
