//! Kept capsules: runs that failed before, made again and judged by what they show now.

use super::{Attempt, Capsule, CapsuleError, Fit, Group, Host, Outcome, SweepReport, perform};
use crate::scenario::Runnable;
use crate::seed::{Pin, PinError};
use crate::trace::Detail;
use std::path::{Path, PathBuf};

/// Where the failing runs of a package's tests are kept, beside its manifest.
pub(crate) const REGRESSIONS: &str = "synod-regressions";

/// A kept run, made again.
pub struct Rerun {
    /// What it shows now.
    pub report: SweepReport,
    /// Whether it is the run that was recorded.
    pub fit: Result<Fit, CapsuleError>,
    /// The capsule of what it is now, if it still fails as recorded and is another run.
    pub anew: Option<Capsule>,
}

/// The capsules in a directory, in the order of their names; none if there is no such directory.
#[must_use]
pub fn kept(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths
}

impl Capsule {
    /// Makes its run again under those of its pins that still fit, and judges it by its verdicts: one that fails no
    /// more is mended, whatever its digest.
    #[must_use]
    pub fn rerun(&self, scenario: &dyn Runnable, host: &dyn Host) -> Rerun {
        let outcome = perform(scenario, host, &self.job(Detail::Full));
        let fit = outcome.as_ref().map_or(Ok(Fit::Same), |run| self.fits(run));
        let Fitting { outcome, pins } = fitting(scenario, host, self, outcome);
        let attempt = Attempt { pins: pins.clone(), ..Attempt::from(self) };
        let report = SweepReport::of_one(scenario.summary(), host, self.seed, &attempt, &outcome);
        let is_other = !matches!(fit, Ok(Fit::Same));
        let anew = self.failure_in(&report).filter(|_| is_other).map(|group| match &outcome {
            Ok(run) => Capsule::of_run(&report.summary, group, &pins, run),
            Err(_) => Capsule::of(&self.scenario, group),
        });
        Rerun { report, fit, anew }
    }

    /// The failure that it was kept for, if the report of its run has it: a run that fails by something else only has
    /// another failure.
    #[must_use]
    pub fn failure_in<'a>(&self, report: &'a SweepReport) -> Option<&'a Group> {
        let Some(property) = &self.property else { return report.first_failure() };
        report.harvest.failures.groups().iter().find(|group| group.property == *property)
    }
}

/// A kept run under those of its pins that still fit.
struct Fitting {
    outcome: Outcome,
    pins: Vec<Pin>,
}

/// Users mend their agents, and then some pins fit no more. Those that no draw comes to change nothing; if one is for
/// another draw now, the seed alone has to do.
fn fitting(scenario: &dyn Runnable, host: &dyn Host, capsule: &Capsule, outcome: Outcome) -> Fitting {
    match outcome.as_ref().map(|run| (&run.pin_error, &run.idle_pins)) {
        Ok((Some(PinError::NeverConsumed { .. }), idle)) => {
            let pins = capsule.pins.iter().filter(|pin| !idle.contains(pin)).cloned().collect();
            Fitting { outcome, pins }
        }
        Ok((Some(_), _)) => {
            let alone = Capsule { pins: Vec::new(), ..capsule.clone() };
            Fitting { outcome: perform(scenario, host, &alone.job(Detail::Full)), pins: Vec::new() }
        }
        _ => Fitting { outcome, pins: capsule.pins.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Shrink};
    use crate::seed::Seed;

    fn capsule(scenario: &Fake) -> Capsule {
        let shrink = Shrink { scenario, host: &BareHost, budget: 50 };
        Capsule::least(&scenario.summary(), &shrink.seed(Seed(17)).expect("seed 17 fails"))
    }

    #[test]
    fn a_kept_run_that_fails_no_more_is_mended_and_one_that_still_fails_is_the_same() {
        let capsule = capsule(&Fake::new("last_speaker", Sin::ViolatesEvery(17)));
        let again = capsule.rerun(&Fake::new("last_speaker", Sin::ViolatesEvery(17)), &BareHost);
        assert!(again.report.first_failure().is_some() && again.anew.is_none());
        let mended = capsule.rerun(&Fake::new("last_speaker", Sin::None), &BareHost);
        assert!(mended.report.first_failure().is_none() && mended.anew.is_none());
    }

    #[test]
    fn a_kept_run_is_judged_and_recorded_anew_by_the_property_it_was_kept_for() {
        let stalls = Fake::new("last_speaker", Sin::StallsEvery(17));
        let kept = capsule(&Fake::new("last_speaker", Sin::ViolatesEvery(17)));
        let other = Capsule { digest: "0".repeat(16), ..kept }.rerun(&stalls, &BareHost);
        assert_eq!(other.report.first_failure().map(|group| group.property.as_str()), Some("termination"));
        assert!(other.fit.is_err() && other.anew.is_none(), "it does not become the capsule of another failure");
    }

    #[test]
    fn a_directory_that_is_not_there_keeps_nothing() {
        assert_eq!(kept(Path::new("no/such/directory")), Vec::<PathBuf>::new());
    }
}
