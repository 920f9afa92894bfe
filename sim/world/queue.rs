//! The event queue: what is due, ordered by (time, sequence). Knows nothing of what the items are.

use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Items due at instants; those of one instant come out in the order they went in.
///
/// The heap holds only keys and places: a key is `time << 64 | sequence`, so one comparison of integers orders it, and
/// the items themselves never move.
pub(super) struct Queue<T> {
    heap: BinaryHeap<Reverse<(u128, u32)>>,
    items: Vec<Option<T>>,
    free: Vec<u32>,
    sequence: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue { heap: BinaryHeap::new(), items: Vec::new(), free: Vec::new(), sequence: 0 }
    }
}

impl<T> Queue<T> {
    /// Puts an item in.
    #[inline]
    pub(super) fn push(&mut self, at: Time, item: T) {
        let place = match self.free.pop() {
            Some(place) => {
                self.items[place as usize] = Some(item);
                place
            }
            None => {
                self.items.push(Some(item));
                u32::try_from(self.items.len() - 1).expect("fewer than four billion items due at once")
            }
        };
        let key = u128::from(at.0) << 64 | u128::from(self.sequence);
        self.sequence += 1;
        self.heap.push(Reverse((key, place)));
    }

    /// Whether nothing is due any more.
    pub(super) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Takes out the next item that is due no later than `until`.
    #[inline]
    pub(super) fn pop(&mut self, until: Time) -> Option<(Time, T)> {
        let Reverse((key, _)) = self.heap.peek()?;
        let at = instant(*key);
        if at > until {
            return None;
        }
        let Reverse((_, place)) = self.heap.pop().expect("an item was just seen");
        self.free.push(place);
        Some((at, self.items[place as usize].take().expect("a place in the heap holds an item")))
    }
}

fn instant(key: u128) -> Time {
    Time(u64::try_from(key >> 64).expect("the high half of a key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_one_instant_come_out_in_the_order_they_went_in() {
        let mut queue = Queue::default();
        for (at, item) in [(5, 'c'), (1, 'a'), (5, 'd'), (1, 'b')] {
            queue.push(Time(at), item);
        }
        let order: Vec<char> = std::iter::from_fn(|| queue.pop(Time(9))).map(|(_, item)| item).collect();
        assert_eq!(order, ['a', 'b', 'c', 'd']);
    }

    #[test]
    fn nothing_comes_out_before_it_is_due() {
        let mut queue = Queue::default();
        queue.push(Time(2), ());
        assert_eq!(queue.pop(Time(1)), None);
        assert_eq!(queue.pop(Time(2)), Some((Time(2), ())));
    }
}
