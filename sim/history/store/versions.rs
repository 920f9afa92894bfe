//! A map from versions, which count up in each session. Knows nothing of what it holds.

use crate::call::Version;
use std::collections::BTreeMap;

/// Numbers below this have a place in a table: more writes than a session of a run makes, and at most a few megabytes
/// where a history from elsewhere begins just below it.
const NEAR: u32 = 1 << 16;

/// A map from versions that is a table for small numbers and a tree for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::history) struct ByVersion<T> {
    /// By session, then by number.
    near: Vec<Vec<Option<T>>>,
    far: BTreeMap<Version, T>,
}

impl<T> Default for ByVersion<T> {
    fn default() -> ByVersion<T> {
        ByVersion { near: Vec::new(), far: BTreeMap::new() }
    }
}

impl<T> ByVersion<T> {
    /// What is kept under the version.
    pub(in crate::history) fn get(&self, version: Version) -> Option<&T> {
        if version.number() >= NEAR {
            return self.far.get(&version);
        }
        self.near.get(version.session().0 as usize)?.get(version.number() as usize)?.as_ref()
    }

    /// What is kept under the version, after putting `fresh()` there if there was nothing.
    pub(in crate::history) fn get_or(&mut self, version: Version, fresh: impl FnOnce() -> T) -> &T {
        let (session, number) = (version.session().0 as usize, version.number());
        if number >= NEAR {
            return self.far.entry(version).or_insert_with(fresh);
        }
        if session >= self.near.len() {
            self.near.resize_with(session + 1, Vec::new);
        }
        let (numbers, number) = (&mut self.near[session], number as usize);
        if number >= numbers.len() {
            numbers.resize_with(number + 1, || None);
        }
        numbers[number].get_or_insert_with(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::SessionId;

    #[test]
    fn what_was_put_first_stays_whether_the_number_is_small_or_not() {
        let mut map = ByVersion::default();
        for number in [1, NEAR - 1, NEAR, u32::MAX - 1] {
            let version = Version::of(SessionId(3), number);
            assert_eq!(map.get(version), None);
            assert_eq!((*map.get_or(version, || number), *map.get_or(version, || 0)), (number, number));
            assert_eq!(map.get(version), Some(&number));
        }
        assert_eq!(map.get(Version::of(SessionId(2), 1)), None);
    }
}
