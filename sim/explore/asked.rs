//! What the environment asks of a test: which seeds, which capsule, how many threads. Reads variables, decides nothing.

use super::{NoThreads, RangeError, Seeds, Strategy, UnknownStrategy, number_of_threads};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// What the environment asks for. The capsule goes before the seeds, `SYNOD_*` before `MADSIM_TEST_*`, both before what
/// the test itself says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `SYNOD_CAPSULE`: replay this file.
    pub capsule: Option<PathBuf>,
    /// `SYNOD_SEED`, `SYNOD_SEEDS`, or `MADSIM_TEST_SEED` with `MADSIM_TEST_NUM`.
    pub seeds: Option<Seeds>,
    /// `SYNOD_STRATEGY`: what each seed is used for.
    pub strategy: Option<Strategy>,
    /// `SYNOD_JOBS` or `MADSIM_TEST_JOBS`.
    pub jobs: Option<NonZeroUsize>,
    /// `SYNOD_VIEW`, as it stands.
    pub view: Option<String>,
}

/// A variable that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    /// It should be a number.
    #[error("{variable}='{text}' is no number")]
    NotANumber {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        text: String,
    },
    /// It should be a strategy.
    #[error("SYNOD_STRATEGY: {0}")]
    NoStrategy(#[from] UnknownStrategy),
    /// It should be a number of threads.
    #[error("{variable}: {error}")]
    NoThreads {
        /// The variable.
        variable: &'static str,
        /// What is wrong.
        error: NoThreads,
    },
    /// It should be a range.
    #[error("{variable}: {error}")]
    NotARange {
        /// The variable.
        variable: &'static str,
        /// What is wrong.
        error: RangeError,
    },
}

impl Asked {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// If a variable is set to something that cannot be read.
    pub fn by_environment() -> Result<Asked, AskedError> {
        Asked::by(|variable| std::env::var(variable).ok())
    }

    /// Reads variables through `lookup`.
    ///
    /// # Errors
    /// If a variable is set to something that cannot be read.
    pub fn by(lookup: impl Fn(&'static str) -> Option<String>) -> Result<Asked, AskedError> {
        let number = |variable| number(variable, lookup(variable));
        let threads = |variable| threads(variable, lookup(variable));
        let jobs = threads("SYNOD_JOBS")?.or(threads("MADSIM_TEST_JOBS")?);
        let seeds = match (number("SYNOD_SEED")?, lookup("SYNOD_SEEDS")) {
            (Some(seed), _) => Some(range("SYNOD_SEED", seed, 1)?),
            (None, Some(text)) => Some(text.parse().map_err(|error| not_a_range("SYNOD_SEEDS", error))?),
            (None, None) => match number("MADSIM_TEST_SEED")? {
                Some(first) => Some(range("MADSIM_TEST_NUM", first, number("MADSIM_TEST_NUM")?.unwrap_or(1))?),
                None => number("MADSIM_TEST_NUM")?.map(|count| range("MADSIM_TEST_NUM", 0, count)).transpose()?,
            },
        };
        Ok(Asked {
            capsule: lookup("SYNOD_CAPSULE").map(PathBuf::from),
            seeds,
            jobs,
            strategy: lookup("SYNOD_STRATEGY").map(|name| name.parse()).transpose()?,
            view: lookup("SYNOD_VIEW"),
        })
    }
}

fn number(variable: &'static str, text: Option<String>) -> Result<Option<u64>, AskedError> {
    let parse = |text: String| text.parse().map_err(|_| AskedError::NotANumber { variable, text });
    text.map(parse).transpose()
}

fn threads(variable: &'static str, text: Option<String>) -> Result<Option<NonZeroUsize>, AskedError> {
    let parse = |text: String| number_of_threads(&text).map_err(|error| AskedError::NoThreads { variable, error });
    text.map(parse).transpose()
}

fn range(variable: &'static str, first: u64, count: u64) -> Result<Seeds, AskedError> {
    Seeds::new(first..first.saturating_add(count)).map_err(|error| not_a_range(variable, error))
}

const fn not_a_range(variable: &'static str, error: RangeError) -> AskedError {
    AskedError::NotARange { variable, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(variables: &[(&str, &str)]) -> Result<Asked, AskedError> {
        let find = |name: &str| variables.iter().find(|(variable, _)| *variable == name);
        Asked::by(|name| find(name).map(|(_, text)| (*text).to_owned()))
    }

    fn seeds(variables: &[(&str, &str)]) -> Option<String> {
        asked(variables).unwrap().seeds.map(|seeds| seeds.to_string())
    }

    #[test]
    fn our_variables_go_before_those_of_madsim() {
        assert_eq!(seeds(&[]), None);
        assert_eq!(seeds(&[("MADSIM_TEST_SEED", "5"), ("MADSIM_TEST_NUM", "3")]).unwrap(), "5..8");
        assert_eq!(seeds(&[("SYNOD_SEEDS", "1..3"), ("MADSIM_TEST_SEED", "5")]).unwrap(), "1..3");
        assert_eq!(seeds(&[("SYNOD_SEED", "9"), ("SYNOD_SEEDS", "1..3")]).unwrap(), "9..10");
        assert_eq!(asked(&[("MADSIM_TEST_JOBS", "4"), ("SYNOD_JOBS", "2")]).unwrap().jobs, NonZeroUsize::new(2));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (variable, text) in [
            ("SYNOD_SEED", "x"),
            ("SYNOD_STRATEGY", "luck"),
            ("SYNOD_SEEDS", "3..1"),
            ("SYNOD_JOBS", "-1"),
            ("SYNOD_JOBS", "0"),
            ("SYNOD_JOBS", "1000000"),
            ("SYNOD_JOBS", "two"),
            ("MADSIM_TEST_JOBS", "0"),
            ("MADSIM_TEST_NUM", "0"),
        ] {
            let error = asked(&[(variable, text)]).unwrap_err();
            assert!(error.to_string().starts_with(variable), "{error}");
        }
    }
}
