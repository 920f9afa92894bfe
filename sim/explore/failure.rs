//! Why a sweep in a test failed, as the text that the test prints.

use super::{AskedError, CapsuleError, Example, Gap, Group, NotReproducible, RangeError, Seeds, Shrunk, SweepReport};
use crate::scenario::Expectation;
use crate::seed::Seed;
use crate::trace::Spread;
use std::fmt;

/// Why a sweep is no success. `Debug` prints the same text as `Display`, so that `?` in a test reads well.
pub enum Failure {
    /// The scenario cannot run.
    Invalid(String),
    /// The range of seeds is empty.
    Range(RangeError),
    /// A variable of the environment cannot be read.
    Asked(AskedError),
    /// The capsule asked for cannot be replayed.
    Capsule(CapsuleError),
    /// A seed gave two different runs.
    NotReproducible(NotReproducible),
    /// A seed fails.
    Found(Box<Found>),
    /// The expected violation was not found.
    NotFound {
        /// The scenario.
        scenario: String,
        /// The property it is expected to violate.
        property: String,
        /// The seeds searched.
        seeds: Seeds,
    },
    /// Nothing failed, and nothing was shown.
    NotExercised {
        /// The scenario.
        scenario: String,
        /// What is missing.
        gaps: Vec<Gap>,
        /// Who waited for what when the first run ended in which somebody did, a line each.
        waiting: Vec<String>,
    },
}

/// A failing seed and how to see it again.
#[derive(Clone, Debug)]
pub struct Found {
    /// The scenario.
    pub scenario: String,
    /// What failed.
    pub group: Group,
    /// How many seeds were run.
    pub runs: u64,
    /// The line that makes the same run again.
    pub again: String,
    /// What is left of the run, if it was shrunk; the group's example is of that run then.
    pub least: Option<Box<Shrunk>>,
}

impl Failure {
    /// What is wrong with a sweep, if anything; `again` is the line that replays a seed.
    #[must_use]
    pub fn of(report: &SweepReport, again: impl Fn(Seed) -> String) -> Option<Failure> {
        if report.met() == super::Met::Yes {
            return None;
        }
        if let Some(unlike) = report.not_reproducible.first() {
            return Some(Failure::NotReproducible(unlike.clone()));
        }
        let scenario = report.summary.name.clone();
        if let Expectation::Violates(property) = &report.summary.expectation
            && report.harvest.property(property).is_none_or(|tally| tally.violated == 0)
        {
            return Some(Failure::NotFound { scenario, property: property.clone(), seeds: report.seeds.clone() });
        }
        let failures = &report.harvest.failures;
        Some(match failures.first() {
            None => {
                let waiting = report.harvest.waiting.clone();
                Failure::NotExercised { scenario, gaps: report.gaps(), waiting }
            }
            Some(group) => {
                let again = again(group.example.seed);
                let (group, runs) = (group.clone(), report.harvest.runs);
                Failure::Found(Box::new(Found { scenario, group, runs, again, least: None }))
            }
        })
    }
}

impl Failure {
    /// The same failure, told by its least run.
    #[must_use]
    pub fn shrunk(mut self, shrunk: Shrunk) -> Failure {
        if let Failure::Found(found) = &mut self {
            found.group.example = shrunk.group.example.clone();
            found.least = Some(Box::new(shrunk));
        }
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Invalid(why) => f.write_str(why),
            Failure::Range(error) => error.fmt(f),
            Failure::Asked(error) => error.fmt(f),
            Failure::Capsule(error) => error.fmt(f),
            Failure::NotReproducible(unlike) => unlike.fmt(f),
            Failure::Found(found) => found.fmt(f),
            Failure::NotFound { scenario, property, seeds } => {
                write!(f, "{scenario} is expected to violate {property}, but does not on any of the seeds {seeds}")
            }
            Failure::NotExercised { scenario, gaps, waiting } => {
                write!(f, "{scenario} violates nothing, but that shows nothing:")?;
                gaps.iter().try_for_each(|gap| write!(f, "\n  {gap}"))?;
                waiting.iter().try_for_each(|who| write!(f, "\n  {who}"))
            }
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { scenario, group, runs, again, least } = self;
        writeln!(f, "{scenario}: {}, on {} of {runs} seeds, {}", group.headline(), group.count, group.shape)?;
        match least {
            None => writeln!(f, "{}", group.example)?,
            Some(least) => write_least(f, least)?,
        }
        write!(f, "The same run again:\n  {again}")
    }
}

/// The proof in the least run, what it takes, and what was taken out.
fn write_least(f: &mut fmt::Formatter<'_>, least: &Shrunk) -> fmt::Result {
    write!(f, "{}", least.group.example.evidence)?;
    write_spreads(f, &least.group.example.spreads)?;
    let faults = least.faults();
    writeln!(f, "\n{}", if faults.is_empty() { "No fault is needed for it." } else { "Faults that it takes:" })?;
    faults.iter().try_for_each(|fault| writeln!(f, "  {fault}"))?;
    least.run.waiting.iter().try_for_each(|who| writeln!(f, "At the end {who}."))?;
    writeln!(f, "This is the least of it, {}.", least.summary())
}

impl Group {
    /// What failed first, in a few words.
    #[must_use]
    pub fn headline(&self) -> String {
        match self.gravity {
            super::Gravity::Crash => format!("crashes with seed {}", self.example.seed),
            _ => format!("violates {} with seed {}", self.property, self.example.seed),
        }
    }
}

/// The proof, then the faults that acted in that run and what came of each kind.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.evidence)?;
        write_spreads(f, &self.spreads)?;
        let planned = &self.schedule.faults;
        if planned.is_empty() {
            return write!(f, "\nNo fault was planned in this run.");
        }
        let acted: Vec<_> = self.ledger.iter().filter(|(_, tally)| tally.fired > 0).collect();
        let idle = planned.iter().filter(|fault| acted.iter().all(|(kind, _)| *kind != fault.kind)).count();
        write!(f, "\nFaults that acted in this run:")?;
        for (kind, tally) in &acted {
            write!(f, "\n  {kind}: fired {}, felt {}", tally.fired, tally.felt)?;
            let of_kind = planned.iter().filter(|fault| fault.kind == *kind);
            of_kind.into_iter().try_for_each(|fault| write!(f, "\n    {fault}"))?;
        }
        if idle > 0 {
            write!(f, "\n  and {idle} planned that never acted")?;
        }
        Ok(())
    }
}

/// False claims told of one failure: those that were decided come first, and more than these bury the proof.
const MOST_SPREADS: usize = 3;

fn write_spreads(f: &mut fmt::Formatter<'_>, spreads: &[Spread]) -> fmt::Result {
    let mut gravest: Vec<&Spread> = spreads.iter().collect();
    gravest.sort_by_key(|spread| (spread.decided.is_empty(), std::cmp::Reverse(spread.repeated.len())));
    gravest.iter().take(MOST_SPREADS).try_for_each(|spread| write!(f, "\n{spread}"))?;
    match spreads.len().saturating_sub(MOST_SPREADS) {
        0 => Ok(()),
        more => write!(f, "\nand {more} more false claims that came less far"),
    }
}
