//! What a sweep found, and what that means: exercised or not, as expected or not, which exit code.

use super::{Attempt, Exit, Gravity, Group, Harvest, Host, NotReproducible, Outcome, PropertyTally, Seeds};
use crate::check::PropertyKind;
use crate::scenario::{Expectation, Summary};
use crate::seed::Seed;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What a sweep found.
#[derive(Clone, Debug)]
pub struct SweepReport {
    /// What was swept.
    pub summary: Summary,
    /// Where it ran.
    pub host: &'static str,
    /// Which seeds.
    pub seeds: Seeds,
    /// Everything that was counted; independent of the number of threads.
    pub harvest: Harvest,
    /// Seeds that gave two different runs, the lowest few.
    pub not_reproducible: Vec<NotReproducible>,
    /// How long it took on the wall.
    pub wall: Duration,
}

/// Why a sweep without violations is no evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// No run decided anything, nor gave a safety checker anything to judge.
    NothingDecided,
    /// Faults were planned and none fired.
    NoFaultFired,
    /// Faults fired and none was felt.
    NoFaultFelt,
    /// A safety checker had nothing to judge in any run.
    NothingJudged(&'static str),
    /// A checker gave up on some runs.
    GaveUp(&'static str),
    /// Something declared never happened.
    NeverHappened(String),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::NothingDecided => f.write_str("nothing was decided in any run"),
            Gap::NoFaultFired => f.write_str("faults were planned and none fired"),
            Gap::NoFaultFelt => f.write_str("faults fired and none was felt"),
            Gap::NothingJudged(property) => write!(f, "{property} had nothing to judge in any run"),
            Gap::GaveUp(property) => write!(f, "the checker of {property} gave up on some runs"),
            Gap::NeverHappened(what) => write!(f, "it never happened that {what}"),
        }
    }
}

/// Whether a scenario did what it is expected to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// It did.
    Yes,
    /// It did not.
    No,
}

impl SweepReport {
    /// The report of a single run that was already made, so that it is judged by the same rules as a sweep.
    #[must_use]
    pub fn of_one(summary: Summary, host: &dyn Host, seed: Seed, attempt: &Attempt, outcome: &Outcome) -> SweepReport {
        let mut harvest = Harvest::default();
        harvest.absorb(seed, attempt, outcome);
        let seeds = Seeds::only(seed);
        SweepReport { summary, host: host.name(), seeds, harvest, not_reproducible: Vec::new(), wall: Duration::ZERO }
    }

    /// What keeps this sweep from being evidence.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let Harvest { figures, ledger, properties, exercised, .. } = &self.harvest;
        let total = ledger.total();
        let mut gaps = Vec::new();
        let decides = properties.iter().any(|tally| tally.property.name == "agreement");
        let is_safety = |tally: &&PropertyTally| tally.property.kind == PropertyKind::Safety;
        // A team that has nothing to agree on is judged by what its members tell each other.
        let judged = !decides && properties.iter().filter(is_safety).any(PropertyTally::is_exercised);
        gaps.extend((figures.decisions + figures.calls == 0 && !judged).then_some(Gap::NothingDecided));
        if total.planned > 0 && total.felt == 0 {
            gaps.push(if total.fired == 0 { Gap::NoFaultFired } else { Gap::NoFaultFelt });
        }
        let safety = properties.iter().filter(is_safety);
        let idle = safety.filter(|tally| !tally.is_exercised() && tally.unknown == 0);
        gaps.extend(idle.map(|tally| Gap::NothingJudged(tally.property.name)));
        let promised = properties.iter().filter(|tally| tally.property.kind != PropertyKind::Correctness);
        gaps.extend(promised.filter(|tally| tally.unknown > 0).map(|tally| Gap::GaveUp(tally.property.name)));
        gaps.extend(exercised.missing().map(|what| Gap::NeverHappened(what.to_owned())));
        gaps
    }

    /// The plain verdict, whatever was expected.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let broken = (!self.not_reproducible.is_empty() || self.harvest.crashed > 0).then_some(Exit::Crashed);
        let violated = self.violated().map(|tally| match tally.property.kind {
            PropertyKind::Liveness => Exit::Stalled,
            _ => Exit::Violated,
        });
        let gap = (!self.gaps().is_empty()).then_some(Exit::NotExercised);
        Exit::gravest(broken.into_iter().chain(violated).chain(gap))
    }

    /// Whether the scenario did what it is expected to do.
    #[must_use]
    pub fn met(&self) -> Met {
        if self.expected_exit() == Exit::AsSaid { Met::Yes } else { Met::No }
    }

    /// The exit code this sweep calls for when expectations count: 0 if its own was met.
    ///
    /// An expected violation is its own evidence; one that was not found is a violated expectation.
    #[must_use]
    pub fn expected_exit(&self) -> Exit {
        let Expectation::Violates(expected) = &self.summary.expectation else { return self.exit() };
        if !self.not_reproducible.is_empty() || self.harvest.crashed > 0 {
            return Exit::Crashed;
        }
        let is_found = self.violated().any(|tally| tally.property.name == expected);
        let surprises = self.violated().filter(|tally| !is_implied(tally.property.name, expected));
        let exits = surprises.map(|tally| match tally.property.kind {
            PropertyKind::Liveness => Exit::Stalled,
            _ => Exit::Violated,
        });
        Exit::gravest(exits.chain((!is_found).then_some(Exit::Violated)))
    }

    /// The failure to show first: the expected violation if there is one, else the gravest with the lowest seed.
    #[must_use]
    pub fn first_failure(&self) -> Option<&Group> {
        let expected = |group: &&Group| match &self.summary.expectation {
            Expectation::Violates(expected) => group.gravity != Gravity::Crash && group.property == *expected,
            Expectation::Holds => false,
        };
        self.harvest.failures.groups().iter().find(expected).or_else(|| self.harvest.failures.first())
    }

    /// Seeds per second of wall time, over the whole sweep.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
    pub fn seeds_per_second(&self) -> f64 {
        self.harvest.runs as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    /// Violated safety and liveness properties; correctness is no failure.
    fn violated(&self) -> impl Iterator<Item = &PropertyTally> {
        let promised = |tally: &&PropertyTally| tally.property.kind != PropertyKind::Correctness;
        self.harvest.properties.iter().filter(promised).filter(|tally| tally.violated > 0)
    }
}

/// Whether a violation is one that the expected one brings along: the same promise as clients see it, or a member that
/// disagrees with its own earlier life, which is a disagreement too.
fn is_implied(found: &str, expected: &str) -> bool {
    let plain = found.strip_prefix("client_").unwrap_or(found);
    found == expected || plain == expected || (expected == "agreement" && plain == "integrity")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Sweep};

    fn sweep(fake: &Fake) -> SweepReport {
        Sweep::of(Seeds::new(0..100).unwrap()).run(fake, &BareHost)
    }

    #[test]
    fn plain_verdicts_choose_the_exit_code() {
        let cases = [
            (Sin::None, Exit::AsSaid),
            (Sin::ViolatesEvery(10), Exit::Violated),
            (Sin::StallsEvery(10), Exit::Stalled),
            (Sin::PanicsOn(50), Exit::Crashed),
            (Sin::Idle, Exit::NotExercised),
            (Sin::Faultless, Exit::NotExercised),
        ];
        for (sin, exit) in cases {
            assert_eq!(sweep(&Fake::new("fake", sin)).exit(), exit, "{sin:?}");
        }
    }

    #[test]
    fn an_expected_violation_is_met_only_if_it_is_found_alone() {
        let cases = [
            (Sin::ViolatesEvery(10), "agreement", Exit::AsSaid),
            // What clients see follows from what members do, not the other way round.
            (Sin::ViolatesEvery(10), "client_agreement", Exit::Violated),
            (Sin::None, "agreement", Exit::Violated),
            (Sin::StallsEvery(10), "agreement", Exit::Violated),
            (Sin::StallsEvery(10), "termination", Exit::AsSaid),
            (Sin::PanicsOn(3), "agreement", Exit::Crashed),
        ];
        for (sin, property, exit) in cases {
            let report = sweep(&Fake::violating("fake", sin, property));
            assert_eq!(report.expected_exit(), exit, "{sin:?} {property}");
            assert_eq!(report.met() == Met::Yes, exit == Exit::AsSaid);
        }
    }

    #[test]
    fn a_pass_without_evidence_names_its_gaps() {
        let idle = sweep(&Fake::new("fake", Sin::Idle)).gaps();
        assert_eq!(
            idle,
            [Gap::NothingDecided, Gap::NothingJudged("agreement"), Gap::NothingJudged("client_agreement")]
        );
        assert_eq!(sweep(&Fake::new("fake", Sin::Faultless)).gaps(), [Gap::NoFaultFired]);
    }
}
