//! Results of which a part is missing, and that say so. Knows no part's meaning.

use super::planted::Bug;
use std::collections::BTreeMap;
use std::fmt;

/// What there is of a result, and what there is not: a partial result is worth having as long as it says that it is
/// one.
///
/// ```
/// use synod::policy::Partial;
/// let mut report = Partial::of(["weather", "traffic"]);
/// report.put("weather", "rain");
/// report.lack("traffic", "it did not answer in time");
/// assert!(!report.is_whole());
/// assert_eq!(report.to_string(), "1 of 2 parts; missing: traffic (it did not answer in time)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial<T> {
    parts: BTreeMap<String, Result<T, Why>>,
    bug: Bug,
}

/// Why a part is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// Nobody said anything of it yet.
    Open,
    Said(String),
}

/// A part that is missing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Missing {
    /// Which.
    pub part: String,
    /// Why.
    pub why: String,
}

impl<T> Partial<T> {
    /// A result that is to have these parts and has none of them yet.
    #[must_use]
    pub fn of<S: Into<String>>(parts: impl IntoIterator<Item = S>) -> Partial<T> {
        let parts = parts.into_iter().map(|part| (part.into(), Err(Why::Open))).collect();
        Partial { parts, bug: Bug::NONE }
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn planted(mut self, bug: super::Planted) -> Partial<T> {
        self.bug = Bug::of(bug);
        self
    }

    /// A part is there. What is no part of the result is left out.
    pub fn put(&mut self, part: &str, value: T) {
        if let Some(known) = self.parts.get_mut(part) {
            *known = Ok(value);
        }
    }

    /// A part will not come, unless it is there already.
    pub fn lack(&mut self, part: &str, why: impl fmt::Display) {
        if let Some(missing @ Err(_)) = self.parts.get_mut(part) {
            *missing = Err(Why::Said(why.to_string()));
        }
    }

    /// Whether no part is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.parts.values().all(Result::is_ok)
    }

    /// What is there, by its part's name.
    pub fn have(&self) -> impl Iterator<Item = (&str, &T)> {
        self.parts.iter().filter_map(|(part, value)| Some((part.as_str(), value.as_ref().ok()?)))
    }

    /// What is missing, and why.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        if has!(self.bug, SilentlyPartial) {
            return Vec::new();
        }
        let told = |(part, value): (&String, &Result<T, Why>)| match value {
            Ok(_) => None,
            Err(Why::Open) if has!(self.bug, ForgetsOpen) => None,
            Err(Why::Open) => Some(Missing { part: part.clone(), why: "nothing was heard of it".to_owned() }),
            Err(Why::Said(why)) => Some(Missing { part: part.clone(), why: why.clone() }),
        };
        self.parts.iter().filter_map(told).collect()
    }
}

impl<T> fmt::Display for Partial<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} parts", self.have().count(), self.parts.len())?;
        for (place, Missing { part, why }) in self.missing().iter().enumerate() {
            let before = if place == 0 { "; missing: " } else { ", " };
            write!(f, "{before}{part} ({why})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_part_is_either_there_or_said_to_be_missing(
            deeds in prop::collection::vec((0_usize..5, any::<bool>()), 0..20),
        ) {
            let names = ["a", "b", "c", "d", "no part"];
            let mut partial = Partial::of(names[..4].iter().copied());
            for (which, comes) in deeds {
                if comes { partial.put(names[which], which) } else { partial.lack(names[which], "late") }
            }
            let mut told: Vec<String> = partial.have().map(|(part, _)| part.to_owned()).collect();
            told.extend(partial.missing().into_iter().map(|missing| missing.part));
            told.sort_unstable();
            prop_assert_eq!(told, &names[..4]);
            prop_assert_eq!(partial.is_whole(), partial.missing().is_empty());
        }
    }
}
