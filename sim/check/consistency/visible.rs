//! The last write of a thread under a key that a clock includes. Knows no property.

use super::linearizable::Keys;
use super::threads::{Place, Threads};
use crate::history::store::StoreHistory;
use std::ops::Range;

/// Writes by key, then by thread, in the thread's order.
#[derive(Debug)]
pub(super) struct Visible {
    writes: Vec<u32>,
    numbers: Vec<u32>,
    groups: Vec<Group>,
    /// By key: where its groups begin.
    starts: Vec<u32>,
}

/// The writes of one thread under one key.
#[derive(Clone, Copy, Debug)]
struct Group {
    thread: u32,
    from: u32,
    to: u32,
}

/// Searches that remember where the last one of each group ended: the next one is mostly near.
pub(super) struct Searches<'a> {
    visible: &'a Visible,
    /// By group.
    hints: Vec<u32>,
}

/// Steps that a search goes from where the last one ended, before it starts anew.
const NEAR: u32 = 8;

impl Visible {
    pub(super) fn of(history: &StoreHistory, threads: &Threads) -> Visible {
        let keys = Keys::writes(history);
        let mut visible = Visible { writes: Vec::new(), numbers: Vec::new(), groups: Vec::new(), starts: vec![0] };
        let mut of_key: Vec<(Place, u32)> = Vec::new();
        for key in 0..keys.count() {
            of_key.clear();
            of_key.extend(keys.places(key).iter().filter_map(|write| Some((threads.place(*write)?, *write))));
            of_key.sort_by_key(|(place, _)| (place.thread, place.index));
            for (place, write) in &of_key {
                let at = visible.writes.len() as u32;
                let fresh = Group { thread: place.thread, from: at, to: at };
                let is_first = visible.starts.last() == Some(&(visible.groups.len() as u32));
                if is_first || visible.groups.last().is_none_or(|group| group.thread != place.thread) {
                    visible.groups.push(fresh);
                }
                visible.writes.push(*write);
                visible.numbers.push(place.number);
                if let Some(group) = visible.groups.last_mut() {
                    group.to += 1;
                }
            }
            visible.starts.push(visible.groups.len() as u32);
        }
        visible
    }

    /// Searches that begin anew.
    pub(super) fn searches(&self) -> Searches<'_> {
        Searches { visible: self, hints: self.groups.iter().map(|group| group.from).collect() }
    }

    fn groups(&self, key: u32) -> Range<usize> {
        self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize
    }
}

impl Searches<'_> {
    /// Shows, for each thread that wrote under the key, its last write that the clock includes.
    #[inline]
    pub(super) fn each(&mut self, key: u32, clock: &[u32], mut show: impl FnMut(u32, Last)) {
        let groups = self.visible.groups(key);
        for (group, hint) in self.visible.groups[groups.clone()].iter().zip(&mut self.hints[groups]) {
            *hint = group.search(&self.visible.numbers, *hint, clock[group.thread as usize]);
            if *hint > group.from {
                let at = *hint as usize - 1;
                show(self.visible.writes[at], Last { thread: group.thread, number: self.visible.numbers[at] });
            }
        }
    }

    /// The same for one thread only.
    pub(super) fn last_of(&mut self, key: u32, thread: u32, limit: u32) -> Option<u32> {
        let groups = self.visible.groups(key);
        let place = self.visible.groups[groups.clone()].binary_search_by_key(&thread, |group| group.thread).ok()?;
        let (group, hint) = (self.visible.groups[groups.start + place], &mut self.hints[groups.start + place]);
        *hint = group.search(&self.visible.numbers, *hint, limit);
        (*hint > group.from).then(|| self.visible.writes[*hint as usize - 1])
    }
}

/// Which of its thread's writes it is.
#[derive(Clone, Copy)]
pub(super) struct Last {
    pub(super) thread: u32,
    pub(super) number: u32,
}

impl Group {
    /// One more than the place of the last number up to the limit.
    #[inline]
    fn search(self, numbers: &[u32], hint: u32, limit: u32) -> u32 {
        let mut at = hint;
        for _ in 0..NEAR {
            if at < self.to && numbers[at as usize] <= limit {
                at += 1;
            } else if at > self.from && numbers[at as usize - 1] > limit {
                at -= 1;
            } else {
                return at;
            }
        }
        self.from + numbers[self.from as usize..self.to as usize].partition_point(|number| *number <= limit) as u32
    }
}
