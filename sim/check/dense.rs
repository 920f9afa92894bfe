//! A map from numbers that are small in every run of ours and may be anything in a history from outside.
//!
//! Slots, log indexes, terms and operations count up from nothing, so a vector finds them in one step. Knows nothing
//! of what it holds.

use crate::digest::{Digest, Digester};
use crate::id::NodeId;
use std::collections::BTreeMap;

/// Keys below this live in a vector. Well above what a run reaches, and at most a few megabytes when a history from
/// outside starts just below it.
const DENSE: u64 = 1 << 16;
/// Room for the keys of a short run, so that a vector grows once instead of step by step.
const ROOM: usize = 16;

/// A map from `u64` that is a vector for small keys and a tree for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dense<T> {
    near: Vec<Option<T>>,
    far: BTreeMap<u64, T>,
}

impl<T> Default for Dense<T> {
    fn default() -> Dense<T> {
        Dense { near: Vec::new(), far: BTreeMap::new() }
    }
}

impl<T> Dense<T> {
    /// What is kept under the key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<&T> {
        if key < DENSE { self.near.get(key as usize)?.as_ref() } else { self.far.get(&key) }
    }

    /// What is kept under the key, to change.
    #[inline]
    pub(super) fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        if key < DENSE { self.near.get_mut(key as usize)?.as_mut() } else { self.far.get_mut(&key) }
    }

    /// What is kept under the key, after putting `fresh()` there if there was nothing.
    #[inline]
    pub(super) fn get_or(&mut self, key: u64, fresh: impl FnOnce() -> T) -> &mut T {
        if key >= DENSE {
            return self.far.entry(key).or_insert_with(fresh);
        }
        self.near_place(key as usize).get_or_insert_with(fresh)
    }

    /// Keeps this under the key, whatever was there.
    #[inline]
    pub(super) fn put(&mut self, key: u64, value: T) {
        if key >= DENSE {
            self.far.insert(key, value);
        } else {
            *self.near_place(key as usize) = Some(value);
        }
    }

    #[inline]
    fn near_place(&mut self, place: usize) -> &mut Option<T> {
        if place >= self.near.len() {
            if self.near.capacity() == 0 {
                self.near.reserve_exact(ROOM.max(place + 1));
            }
            self.near.resize_with(place + 1, || None);
        }
        &mut self.near[place]
    }

    /// Everything kept, by ascending key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let near = (0..).zip(&self.near).filter_map(|(key, kept)| Some((key, kept.as_ref()?)));
        near.chain(self.far.iter().map(|(key, kept)| (*key, kept)))
    }
}

/// What is kept, however far the vector reaches.
impl<T: Digest> Digest for Dense<T> {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.iter().count() as u64);
        self.iter().for_each(|pair| pair.digest(digester));
    }
}

impl<T: Default> Dense<T> {
    /// What is kept under the key, after putting the default there if there was nothing.
    #[inline]
    pub(super) fn slot(&mut self, key: u64) -> &mut T {
        self.get_or(key, T::default)
    }
}

/// A node's key: roles interleave, so that the first agents and the first clients are all small numbers.
#[inline]
pub(super) fn key_of(node: NodeId) -> u64 {
    node.index() as u64 * 3 + node.role() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_small_and_huge_keys_in_one_order() {
        let mut map = Dense::default();
        for key in [u64::MAX, 3, DENSE, DENSE - 1, 0] {
            *map.slot(key) = key;
        }
        map.put(3, 4);
        map.put(u64::MAX, 5);
        assert_eq!((map.get(3), map.get(u64::MAX)), (Some(&4), Some(&5)));
        map.put(3, 3);
        let keys: Vec<u64> = map.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [0, 3, DENSE - 1, DENSE, u64::MAX]);
        assert_eq!(map.get(3), Some(&3));
        assert_eq!(map.get(4), None);
    }

    #[test]
    fn no_two_nodes_share_a_key() {
        let nodes = (0..50).flat_map(|index| [NodeId::agent(index), NodeId::client(index), NodeId::model(index)]);
        let mut keys: Vec<u64> = nodes.map(key_of).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 150);
    }
}
