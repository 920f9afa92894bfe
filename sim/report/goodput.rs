//! What calls of a tool came to over time: how many were made and how many were answered in time. Reads histories,
//! decides nothing.

use crate::fact::{CallOutcome, Fact};
use crate::history::History;
use crate::time::{Duration, Time};

/// Counts by span of time, over any number of runs.
///
/// ```
/// use synod::history::History;
/// use synod::report::Goodput;
/// use synod::time::{minutes, seconds};
/// let mut goodput = Goodput::of("insistent", seconds(5), minutes(5));
/// goodput.add(&History::new());
/// assert_eq!(goodput.answered().len(), 60);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goodput {
    name: String,
    span: Duration,
    made: Vec<u64>,
    answered: Vec<u64>,
    runs: u64,
}

impl Goodput {
    /// Nothing counted yet, in spans of this length up to an end.
    ///
    /// # Panics
    /// If a span has no length.
    #[must_use]
    pub fn of(name: &str, span: Duration, end: Duration) -> Goodput {
        assert!(span > Duration::ZERO, "a span of time has a length");
        let spans = usize::try_from(end.0.div_ceil(span.0)).expect("as many spans as a picture has pixels");
        Goodput { name: name.to_owned(), span, made: vec![0; spans], answered: vec![0; spans], runs: 0 }
    }

    /// Counts a run. What happens after the end is left out.
    pub fn add(&mut self, history: &History) {
        self.runs += 1;
        for (_, entry, fact) in history.facts() {
            let counts = match fact {
                Fact::Called { .. } => &mut self.made,
                Fact::CallEnded { outcome: CallOutcome::Result(_) | CallOutcome::Declined(_), .. } => {
                    &mut self.answered
                }
                _ => continue,
            };
            let place = usize::try_from(entry.at.since(Time::ZERO).0 / self.span.0).unwrap_or(usize::MAX);
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long each span is.
    #[must_use]
    pub const fn span(&self) -> Duration {
        self.span
    }

    /// How many runs were counted.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// Calls made, span by span, of all runs together.
    #[must_use]
    pub fn made(&self) -> &[u64] {
        &self.made
    }

    /// Calls answered in time, span by span, of all runs together.
    #[must_use]
    pub fn answered(&self) -> &[u64] {
        &self.answered
    }

    /// Calls answered in time from one instant to another, in whole spans.
    #[must_use]
    pub fn answered_between(&self, from: Duration, to: Duration) -> u64 {
        let place = |at: Duration| usize::try_from(at.0 / self.span.0).unwrap_or(usize::MAX).min(self.answered.len());
        self.answered[place(from)..place(to)].iter().sum()
    }
}
