//! A second request when the first one takes unusually long. Knows no request; it names them by numbers.

use super::planted::Bug;
use super::{Budget, Repeatable};
use crate::time::{Duration, Time};

/// Of so many, a twentieth is one.
const FEWEST: usize = 20;

/// Sends a second request once the first has taken longer than most; the first answer wins, the other is cancelled
/// (Dean, Barroso, "The Tail at Scale", CACM 2013: hedged requests, deferred until the 95th percentile).
///
/// ```
/// use synod::policy::{Hedge, Hedged, Repeatable};
/// use synod::time::{seconds, Time};
/// let mut race = Hedge::after(seconds(15), Repeatable::Idempotent).begin(Time::ZERO);
/// assert_eq!(race.due(), Some(Time::ZERO + seconds(15)));
/// assert!(race.late(Time::ZERO + seconds(15), None), "send the second");
/// assert_eq!(race.answered(1), vec![0], "the second won: cancel the first");
/// assert_eq!(race.answered(0), Vec::<usize>::new());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hedge {
    after: Duration,
    work: Repeatable,
    bug: Bug,
}

/// The requests of one hedged call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hedged {
    hedge: Hedge,
    began: Time,
    /// Whether each request sent is still under way.
    open: Vec<Open>,
    /// Whether a second request can still be sent.
    second: Second,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Second {
    Possible,
    /// The budget did not pay for it when it was due.
    Unpaid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Yes,
    No,
}

impl Hedge {
    /// A second request after so long; none at all if the work must not be done twice.
    #[must_use]
    pub const fn after(after: Duration, work: Repeatable) -> Hedge {
        Hedge { after, work, bug: Bug::NONE }
    }

    /// A second request once the first is later than nineteen in twenty of these were; after `otherwise` as long as
    /// fewer than twenty are known.
    ///
    /// ```
    /// use synod::policy::{Hedge, Latencies, Repeatable};
    /// use synod::time::{seconds, Time};
    /// let mut latencies = Latencies::of_last(100);
    /// let due = |latencies: &Latencies| {
    ///     Hedge::after_p95(latencies, seconds(30), Repeatable::Idempotent).begin(Time::ZERO).due()
    /// };
    /// assert_eq!(due(&latencies), Some(Time::ZERO + seconds(30)));
    /// (1..=20).for_each(|second| latencies.took(seconds(second)));
    /// assert_eq!(due(&latencies), Some(Time::ZERO + seconds(19)));
    /// ```
    #[must_use]
    pub fn after_p95(latencies: &Latencies, otherwise: Duration, work: Repeatable) -> Hedge {
        let known = latencies.percentile(95).filter(|_| latencies.spans.len() >= FEWEST);
        Hedge::after(known.unwrap_or(otherwise), work)
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub const fn planted(mut self, bug: super::Planted) -> Hedge {
        self.bug = Bug::of(bug);
        self
    }

    /// The first request is sent now.
    #[must_use]
    pub fn begin(self, now: Time) -> Hedged {
        Hedged { hedge: self, began: now, open: vec![Open::Yes], second: Second::Possible }
    }
}

impl Hedged {
    /// When a second request is due, if one is to be sent at all.
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        let may = self.hedge.work == Repeatable::Idempotent || has!(self.hedge.bug, HedgesOnceOnly);
        let may = may && !has!(self.hedge.bug, NeverHedges);
        (may && self.second == Second::Possible && self.open == [Open::Yes])
            .then(|| self.began + if has!(self.hedge.bug, HedgesAtOnce) { Duration::ZERO } else { self.hedge.after })
    }

    /// Time passes. Says whether a second request is to be sent now; it is number 1 and counts as sent. It is paid from
    /// this budget, if there is one: when everything is late at once, hedges add no more than its share to the load.
    pub fn late(&mut self, now: Time, budget: Option<&mut Budget>) -> bool {
        if self.due().is_none_or(|due| now < due) {
            return false;
        }
        let paid = has!(self.hedge.bug, HedgesUnpaid) || budget.is_none_or(Budget::take);
        if paid {
            self.open.push(Open::Yes);
        } else {
            self.second = Second::Unpaid;
        }
        paid
    }

    /// A request was answered: says which others are to be cancelled. They are over then.
    pub fn answered(&mut self, request: usize) -> Vec<usize> {
        self.failed(request);
        let losers = |(place, open): (usize, &mut Open)| {
            (*open == Open::Yes).then(|| {
                *open = Open::No;
                place
            })
        };
        self.open.iter_mut().enumerate().filter_map(losers).collect()
    }

    /// A request failed: says whether none is under way any more, so that the call has failed.
    pub fn failed(&mut self, request: usize) -> bool {
        if let Some(open) = self.open.get_mut(request) {
            *open = Open::No;
        }
        self.open.iter().all(|open| *open == Open::No)
    }
}

/// The latest latencies, for the span after which a request is unusually late.
///
/// ```
/// use synod::policy::Latencies;
/// use synod::time::seconds;
/// let mut latencies = Latencies::of_last(100);
/// (1..=100).for_each(|second| latencies.took(seconds(second)));
/// assert_eq!(latencies.percentile(95), Some(seconds(95)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latencies {
    most: usize,
    next: usize,
    spans: Vec<Duration>,
}

impl Latencies {
    /// Remembers so many.
    ///
    /// # Panics
    /// If it is to remember none.
    #[must_use]
    pub fn of_last(most: usize) -> Latencies {
        assert!(most > 0, "a percentile of nothing");
        Latencies { most, next: 0, spans: Vec::new() }
    }

    /// A request took so long.
    pub fn took(&mut self, span: Duration) {
        if self.spans.len() < self.most {
            self.spans.push(span);
        } else {
            self.spans[self.next] = span;
            self.next = (self.next + 1) % self.most;
        }
    }

    /// The span that so many percent of the remembered requests did not exceed (nearest rank); `None`: there are none.
    #[must_use]
    pub fn percentile(&self, percent: u32) -> Option<Duration> {
        let mut sorted = self.spans.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent as usize).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::seconds;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Wait(u64),
        Answered(usize),
        Failed(usize),
    }

    proptest! {
        #[test]
        fn a_hedge_never_sends_twice_what_must_not_be_and_leaves_nothing_under_way(
            once: bool,
            reserve in prop::option::of(0_u32..2),
            deeds in prop::collection::vec(prop_oneof![
                (0_u64..9).prop_map(Deed::Wait),
                (0_usize..2).prop_map(Deed::Answered),
                (0_usize..2).prop_map(Deed::Failed),
            ], 0..30),
        ) {
            let work = if once { Repeatable::OnceOnly } else { Repeatable::Idempotent };
            let mut race = Hedge::after(seconds(10), work).begin(Time::ZERO);
            let mut budget = reserve.map(|reserve| Budget::new(10, reserve));
            let (mut now, mut sent, mut over) = (Time::ZERO, 1_usize, Vec::new());
            for deed in deeds {
                match deed {
                    Deed::Wait(span) => {
                        now += seconds(span);
                        if race.late(now, budget.as_mut()) {
                            prop_assert!(over.is_empty(), "a request that is over is not hedged");
                            sent += 1;
                        }
                    }
                    Deed::Answered(request) if request < sent && !over.contains(&request) => {
                        let losers = race.answered(request);
                        over.push(request);
                        over.extend(losers);
                        prop_assert_eq!(over.len(), sent, "who did not win is cancelled");
                    }
                    Deed::Failed(request) if request < sent && !over.contains(&request) => {
                        over.push(request);
                        prop_assert_eq!(race.failed(request), over.len() == sent);
                    }
                    Deed::Answered(_) | Deed::Failed(_) => {}
                }
                let most = if once || reserve == Some(0) { 1 } else { 2 };
                prop_assert!(sent <= most, "{sent} were sent");
            }
        }

        #[test]
        fn a_percentile_is_one_of_the_latest_and_grows_with_its_share(
            spans in prop::collection::vec(0_u64..1000, 1..50),
        ) {
            let mut latencies = Latencies::of_last(20);
            spans.iter().for_each(|span| latencies.took(Duration(*span)));
            let latest = &spans[spans.len().saturating_sub(20)..];
            let mut before = Duration::ZERO;
            for percent in [0, 50, 95, 100] {
                let found = latencies.percentile(percent).expect("there are some");
                prop_assert!(latest.contains(&found.0) && found >= before);
                before = found;
            }
        }
    }
}
