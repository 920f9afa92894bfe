//! A bound on how many calls of one kind are under way. Knows no call; it names who waits by numbers.

use super::planted::Bug;
use std::collections::VecDeque;

/// So many at once, so many more that wait, and nobody beyond: what hangs takes its own seats and no others (Nygard,
/// "Release It!", 2007, section 5.3).
///
/// ```
/// use synod::policy::{Bulkhead, Entry};
/// let mut bulkhead = Bulkhead::new(1, 1);
/// assert_eq!(bulkhead.enter(), Entry::In);
/// let Entry::Waits(place) = bulkhead.enter() else { panic!("one may wait") };
/// assert_eq!(bulkhead.enter(), Entry::Full);
/// assert_eq!(bulkhead.leave(), Some(place), "it has the seat now");
/// assert_eq!(bulkhead.leave(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulkhead {
    seats: u32,
    queue: usize,
    taken: u32,
    waiting: VecDeque<Place>,
    next: u64,
    bug: Bug,
}

/// Whoever waits for a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub u64);

/// What becomes of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It has a seat, which it is to give back.
    In,
    /// It waits; [`Bulkhead::leave`] says when it is its turn.
    Waits(Place),
    /// It is turned away.
    Full,
}

crate::digestible! { struct Bulkhead { seats, queue, taken, waiting, next, bug } }

impl crate::digest::Digest for Place {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        digester.word(self.0);
    }
}

impl Bulkhead {
    /// So many seats, and so many callers that may wait for one.
    ///
    /// # Panics
    /// If there is no seat.
    #[must_use]
    pub const fn new(seats: u32, queue: usize) -> Bulkhead {
        assert!(seats > 0, "a bulkhead without a seat lets nobody in");
        Bulkhead { seats, queue, taken: 0, waiting: VecDeque::new(), next: 0, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Bulkhead {
        self.bug = Bug::of(bug);
        self
    }

    /// Somebody wants in.
    pub fn enter(&mut self) -> Entry {
        if self.taken < self.seats || has!(self.bug, NoSeats) {
            self.taken += 1;
            return Entry::In;
        }
        if self.waiting.len() >= self.queue {
            return Entry::Full;
        }
        let place = Place(self.next);
        self.next += 1;
        self.waiting.push_back(place);
        Entry::Waits(place)
    }

    /// Somebody gives a seat back: says who of those that wait has it now.
    pub fn leave(&mut self) -> Option<Place> {
        if has!(self.bug, SeatNeverFreed) {
            return None;
        }
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.taken = self.taken.saturating_sub(1);
        }
        next
    }

    /// Whoever waited waits no more. `false`: it has a seat already, which it is to give back.
    pub fn abandon(&mut self, place: Place) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|other| *other != place);
        self.waiting.len() < before
    }

    /// How many are in.
    #[must_use]
    pub const fn taken(&self) -> u32 {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_more_are_in_or_waiting_than_may_be_and_no_seat_is_lost(
            seats in 1_u32..4, queue in 0_usize..4, deeds in prop::collection::vec((0_u8..3, 0_usize..8), 0..100),
        ) {
            let mut bulkhead = Bulkhead::new(seats, queue);
            let (mut inside, mut waiting) = (0_u32, Vec::new());
            for (deed, which) in deeds {
                match deed {
                    0 => match bulkhead.enter() {
                        Entry::In => inside += 1,
                        Entry::Waits(place) => waiting.push(place),
                        Entry::Full => prop_assert!(inside == seats && waiting.len() == queue),
                    },
                    1 if inside > 0 => match bulkhead.leave() {
                        Some(place) => prop_assert_eq!(waiting.remove(0), place, "first come, first served"),
                        None => inside -= 1,
                    },
                    2 if which < waiting.len() => prop_assert!(bulkhead.abandon(waiting.remove(which))),
                    _ => {}
                }
                prop_assert!(inside <= seats && waiting.len() <= queue);
                prop_assert_eq!(bulkhead.taken(), inside);
                prop_assert!(waiting.is_empty() || inside == seats, "nobody waits for a free seat");
            }
        }
    }

    #[test]
    fn whoever_has_a_seat_cannot_give_up_waiting_for_it() {
        let mut bulkhead = Bulkhead::new(1, 1);
        assert_eq!(bulkhead.enter(), Entry::In);
        let Entry::Waits(place) = bulkhead.enter() else { panic!("it waits") };
        assert_eq!(bulkhead.leave(), Some(place));
        assert!(!bulkhead.abandon(place));
        assert_eq!(bulkhead.taken(), 1);
    }
}
