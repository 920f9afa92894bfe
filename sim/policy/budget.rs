//! A budget of retries that callers share. Knows no call and no clock.

use super::planted::Bug;

/// Retries are paid from what first tries pay in: however bad things are, load grows by no more than that share.
///
/// Without one, retries of an overloaded service add to the load that makes it fail, and it stays down when what
/// began it is over (Bronson et al. 2021, "Metastable Failures in Distributed Systems"). Google's SRE book (2016,
/// chapter 21) bounds retries to a tenth of the requests.
///
/// ```
/// use synod::policy::Budget;
/// let mut budget = Budget::new(10, 2);
/// assert!(budget.take() && budget.take() && !budget.take(), "two in reserve");
/// (0..10).for_each(|_| budget.tried());
/// assert!(budget.take() && !budget.take(), "one for ten tries");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    percent: u64,
    /// In hundredths of a retry.
    left: u64,
    most: u64,
    bug: Bug,
}

crate::digestible! { struct Budget { percent, left, most, bug } }

/// A retry, in hundredths.
const ONE: u64 = 100;

impl Budget {
    /// So many retries for a hundred first tries, and so many in reserve, which is also the most that is ever saved up.
    #[must_use]
    pub const fn new(percent: u32, reserve: u32) -> Budget {
        let most = reserve as u64 * ONE;
        Budget { percent: percent as u64, left: most, most, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub const fn planted(mut self, bug: super::Planted) -> Budget {
        self.bug = Bug::of(bug);
        self
    }

    /// A first try was made.
    pub fn tried(&mut self) {
        let percent = if has!(self.bug, PaysWhole) { ONE } else { self.percent };
        // A reserve of none still pays for one retry once enough was paid in.
        self.left = (self.left + percent).min(self.most.max(ONE));
    }

    /// Takes a retry from the budget; `false`: there is none left.
    pub fn take(&mut self) -> bool {
        let enough = self.left >= ONE;
        if enough {
            self.left -= ONE;
        }
        enough || has!(self.bug, NeverEmpty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn retries_never_exceed_the_reserve_and_the_share_of_tries(
            percent in 0_u32..100, reserve in 0_u32..20, tries in prop::collection::vec(any::<bool>(), 0..400),
        ) {
            let mut budget = Budget::new(percent, reserve);
            let (mut first, mut again) = (0_u64, 0_u64);
            for retry in tries {
                if retry {
                    again += u64::from(budget.take());
                } else {
                    budget.tried();
                    first += 1;
                }
                prop_assert!(again * 100 <= u64::from(reserve) * 100 + first * u64::from(percent));
            }
        }
    }
}
