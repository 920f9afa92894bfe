//! Which scenarios are versions of one another. Knows names only.

/// One matter in several versions: as usually written, and as it should be.
///
/// ```
/// use synod::scenario::Pairing;
/// let pairing = Pairing::of("retry_storm", ["retry_storm_budgeted"]);
/// assert_eq!(pairing.versions().collect::<Vec<_>>(), ["retry_storm", "retry_storm_budgeted"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    usual: String,
    better: Vec<String>,
}

impl Pairing {
    /// The usual version's scenario, by which the pairing goes, and those of the better ones.
    #[must_use]
    pub fn of<S: Into<String>>(usual: &str, better: impl IntoIterator<Item = S>) -> Pairing {
        Pairing { usual: usual.to_owned(), better: better.into_iter().map(Into::into).collect() }
    }

    /// What it goes by: the name of the usual version's scenario.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.usual
    }

    /// The scenarios of the better versions.
    #[must_use]
    pub fn better(&self) -> &[String] {
        &self.better
    }

    /// Every version's scenario, the usual one first.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.usual.as_str()).chain(self.better.iter().map(String::as_str))
    }
}
