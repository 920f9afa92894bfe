//! The event queue: what is due, ordered by (time, sequence). Knows nothing of what the items are.

use super::slab::{Place, Slab};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Items due at instants; those of one instant come out in the order of their turns.
///
/// Only keys are kept in order, `time << 64 | turn << 24 | place << 1 | kept`, so one comparison of integers orders
/// them, and the items themselves never move. The most frequent items are large and are kept by whoever put them in:
/// only their places pass through here, in registers.
///
/// A run has some dozens of items due at once, and what is put in mostly comes due among the first of them. So the next
/// few keys lie in one sorted row: the next one is its last, and a new one moves the few that come before it. All later
/// keys wait in a heap. To take a key out of a heap costs a guess of the processor at every level, which it gets wrong
/// half of the time.
pub(super) struct Queue<T> {
    /// The next keys, the first one last. None of them comes after any of `later`.
    soon: Vec<u128>,
    later: BinaryHeap<Reverse<u128>>,
    items: Slab<T>,
    next: Turn,
}

/// Whose turn it is among the items of one instant; given out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn(u64);

/// Where an item is that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// In the queue, to be [taken](Queue::take).
    Here(Place),
    /// With whoever put it in.
    Elsewhere(Place),
}

/// Eight million items due at once, and a million million turns in a run: more than any run has memory or time for.
const PLACE_BITS: u32 = 24;
const PLACES: u64 = 1 << (PLACE_BITS - 1);
const TURNS: u64 = 1 << (64 - PLACE_BITS);

/// The longest row of next keys: moving half of them costs less than a heap of as many.
const ROW: usize = 64;

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue { soon: Vec::with_capacity(ROW), later: BinaryHeap::new(), items: Slab::default(), next: Turn(0) }
    }
}

impl<T> Queue<T> {
    /// Puts an item in; its turn is the next one.
    #[inline]
    pub(super) fn push(&mut self, at: Time, item: T) {
        let turn = self.turn();
        self.push_in_turn(at, turn, item);
    }

    /// Gives out the next turn, for an item that may come later.
    #[inline]
    pub(super) fn turn(&mut self) -> Turn {
        let turn = self.next;
        self.next = Turn(turn.0 + 1);
        turn
    }

    /// Puts an item in as if it had been put in when its turn was given out.
    #[inline]
    pub(super) fn push_in_turn(&mut self, at: Time, turn: Turn, item: T) {
        let place = self.items.insert(item);
        self.push_key(at, turn, u64::from(place.0) << 1);
    }

    /// Puts in an item that is kept elsewhere; its turn is the next one.
    #[inline]
    pub(super) fn push_kept(&mut self, at: Time, place: Place) {
        let turn = self.turn();
        self.push_key(at, turn, u64::from(place.0) << 1 | 1);
    }

    #[inline(always)]
    fn push_key(&mut self, at: Time, turn: Turn, kept: u64) {
        assert!(kept >> 1 < PLACES && turn.0 < TURNS, "too many events for one run");
        let key = u128::from(at.0) << 64 | u128::from(turn.0 << PLACE_BITS | kept);
        if self.soon.len() == ROW || !self.later.is_empty() {
            return self.push_aside(key);
        }
        self.insert(key);
    }

    /// Puts a key into the row.
    #[inline]
    fn insert(&mut self, key: u128) {
        self.soon.push(key);
        // Few keys move. To look for the place by halves and to move all of them at once took as many instructions, and
        // waited for what was just written.
        let mut row = self.soon.as_mut_slice();
        while let [.., before, last] = row
            && *before < key
        {
            *last = *before;
            let shorter = row.len() - 1;
            row = &mut row[..shorter];
        }
        if let [.., place] = row {
            *place = key;
        }
    }

    /// Puts a key in while some wait in the heap, or have to from now on.
    #[cold]
    fn push_aside(&mut self, key: u128) {
        if self.soon.len() == ROW {
            self.later.extend(self.soon.drain(..ROW / 2).map(Reverse));
        }
        match self.later.peek() {
            Some(Reverse(first)) if *first < key => self.later.push(Reverse(key)),
            _ => self.insert(key),
        }
    }

    /// The row is used up: the next keys come out of the heap.
    #[cold]
    fn refill(&mut self) {
        self.soon.extend(std::iter::from_fn(|| self.later.pop()).take(ROW / 2).map(|Reverse(key)| key));
        self.soon.reverse();
    }

    /// Whether nothing is due any more.
    pub(super) fn is_empty(&self) -> bool {
        self.soon.is_empty() && self.later.is_empty()
    }

    /// When and where the next item is that is due no later than `until`.
    #[inline]
    pub(super) fn pop(&mut self, until: Time) -> Option<(Time, Kept)> {
        if self.soon.is_empty() {
            self.refill();
        }
        let key = *self.soon.last()?;
        let (time, rest) = ((key >> 64) as u64, key as u64);
        if time > until.0 {
            return None;
        }
        self.soon.pop();
        let place = Place((rest >> 1 & (PLACES - 1)) as u32);
        Some((Time(time), if rest & 1 == 0 { Kept::Here(place) } else { Kept::Elsewhere(place) }))
    }

    /// Takes an item out that came due.
    #[inline]
    pub(super) fn take(&mut self, place: Place) -> T {
        self.items.take(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    impl<T> Queue<T> {
        fn next(&mut self) -> Option<T> {
            match self.pop(Time(u64::MAX))?.1 {
                Kept::Here(place) => Some(self.take(place)),
                Kept::Elsewhere(_) => panic!("nothing is kept elsewhere here"),
            }
        }
    }

    #[test]
    fn items_of_one_instant_come_out_in_the_order_they_went_in() {
        let mut queue = Queue::default();
        for (at, item) in [(5, 'c'), (1, 'a'), (5, 'd'), (1, 'b')] {
            queue.push(Time(at), item);
        }
        let order: Vec<char> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(order, ['a', 'b', 'c', 'd']);
    }

    #[test]
    fn an_item_that_comes_late_keeps_its_turn() {
        let mut queue = Queue::default();
        let early = queue.turn();
        queue.push(Time(5), 'b');
        queue.push_in_turn(Time(5), early, 'a');
        let order: Vec<char> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(order, ['a', 'b']);
    }

    #[test]
    fn many_items_come_out_in_the_same_order_as_few() {
        let (mut queue, mut sorted) = (Queue::default(), BTreeSet::new());
        let next = |queue: &mut Queue<u64>, sorted: &mut BTreeSet<(u64, u64)>| {
            let item = queue.next();
            assert_eq!(item, sorted.pop_first().map(|(_, item)| item));
            item
        };
        // Before and after all that is there, several at one instant, and many times as many as a row holds.
        for item in 0..3_000_u64 {
            let at = item.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55;
            queue.push(Time(at), item);
            sorted.insert((at, item));
            if item % 3 == 0 {
                next(&mut queue, &mut sorted);
            }
        }
        while next(&mut queue, &mut sorted).is_some() {}
        assert!(queue.is_empty());
    }

    #[test]
    fn nothing_comes_out_before_it_is_due() {
        let mut queue = Queue::default();
        queue.push(Time(2), ());
        assert_eq!(queue.pop(Time(1)), None);
        assert_eq!(queue.pop(Time(2)), Some((Time(2), Kept::Here(Place(0)))));
    }

    #[test]
    fn what_is_kept_elsewhere_has_its_turn_among_the_others() {
        let mut queue = Queue::default();
        queue.push(Time(1), 'a');
        queue.push_kept(Time(1), Place(7));
        queue.push(Time(1), 'c');
        let order: Vec<Kept> = std::iter::from_fn(|| queue.pop(Time(9))).map(|(_, kept)| kept).collect();
        assert_eq!(order, [Kept::Here(Place(0)), Kept::Elsewhere(Place(7)), Kept::Here(Place(1))]);
    }
}
