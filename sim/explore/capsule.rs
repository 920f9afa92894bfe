//! Capsules: a run in a file. Scenario, seed and pins name it; the digest tells whether it is still the same run.

use super::{Attempt, Evidence, Example, Group, Parting, Shrunk, Strategy, Trail};
use crate::scenario::{Job, Run, Summary};
use crate::seed::{Pin, PinError, Seed};
use crate::trace::Detail;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Everything it takes to make one run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capsule {
    /// The version of Synod that made it.
    pub synod: String,
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: Seed,
    /// The strategy that found it.
    #[serde(default = "swarm", skip_serializing_if = "is_swarm")]
    pub by: Strategy,
    /// Draws decided in advance.
    pub pins: Vec<Pin>,
    /// The run's digest, as sixteen hexadecimal digits: many JSON readers cannot hold 64 bits in a number.
    pub digest: String,
    /// The property it violates, or `crash`; `None` if it fails nothing.
    pub property: Option<String>,
    /// The shape of the violation.
    pub shape: Option<String>,
    /// What its scenario was then; absent in capsules that were not shrunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Parameters>,
    /// Its events, to find the first one that differs; empty in capsules that were not shrunk.
    #[serde(default, skip_serializing_if = "Trail::is_empty")]
    pub trail: Trail,
}

/// What a scenario's runs depend on besides seed and pins, as far as a catalogue knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// What its team runs.
    pub team: String,
    /// How many agents it has at most, before a run draws its size.
    pub agents: u16,
    /// What it decides about.
    pub task: String,
}

impl Parameters {
    /// Those of a scenario.
    #[must_use]
    pub fn of(summary: &Summary) -> Parameters {
        Parameters { team: summary.team.clone(), agents: summary.agents, task: summary.task.clone() }
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} agents of {}, task {}", self.agents, self.team, self.task)
    }
}

/// A capsule that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum CapsuleError {
    /// The file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The file does not hold JSON.
    #[error("{path}: no JSON ({error}): the file is corrupt or no capsule")]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where.
        error: serde_json::Error,
    },
    /// It holds JSON that is no capsule of this version.
    #[error("{path}: no capsule of synod {version} ({error})", version = VERSION)]
    NotACapsule {
        /// The file.
        path: PathBuf,
        /// What is missing, unknown or of another type.
        error: serde_json::Error,
    },
    /// The same version gives another run.
    #[error(
        "the capsule's digest is {expected}, but {scenario} with seed {seed} gives {given} in the same version of \
         synod: the scenario changed, or it is not deterministic{}", told(parting.as_deref())
    )]
    Changed {
        /// The scenario.
        scenario: String,
        /// The seed.
        seed: Seed,
        /// The capsule's digest.
        expected: String,
        /// The run's.
        given: String,
        /// Where the run is another one first, if the capsule knows its events.
        parting: Option<Box<Parting>>,
    },
    /// The same version comes to no such draw, or to another one.
    #[error("{error}{}", told(parting.as_deref()))]
    Pin {
        /// The first pin that does not fit.
        error: PinError,
        /// Where the run is another one first, if the capsule knows its events.
        parting: Option<Box<Parting>>,
    },
    /// The scenario is another one.
    #[error("the capsule is of {scenario} with {then}, but it has {now} in the same version of synod")]
    OtherScenario {
        /// The scenario.
        scenario: String,
        /// What it was.
        then: Box<Parameters>,
        /// What it is.
        now: Box<Parameters>,
    },
}

fn told(parting: Option<&Parting>) -> String {
    parting.map_or_else(String::new, |parting| format!("; {parting}"))
}

/// How well a run fits its capsule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is the same run.
    Same,
    /// Another version of Synod made the capsule, and the run is another one now: judge it by its property only.
    Rerecorded {
        /// The version that made the capsule.
        from: String,
    },
}

/// Who found what a capsule does not say: a seed without pins is used so.
fn swarm() -> Strategy {
    Strategy::Swarm
}

fn is_swarm(by: &Strategy) -> bool {
    *by == swarm()
}

/// This version of Synod.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A digest as capsules and the `digest` command write it.
fn hexadecimal(digest: u64) -> String {
    format!("{digest:016x}")
}

impl Capsule {
    /// The capsule of a group's lowest seed. A panic that left no run has the digest 0.
    #[must_use]
    pub fn of(scenario: &str, group: &Group) -> Capsule {
        let Example { attempt, digest, evidence, .. } = &group.example;
        debug_assert!(*digest != 0 || matches!(evidence, Evidence::Panic(_)), "only a panic leaves no digest");
        Capsule {
            synod: VERSION.to_owned(),
            scenario: scenario.to_owned(),
            seed: attempt.from,
            by: attempt.by,
            pins: attempt.pins.clone(),
            digest: hexadecimal(*digest),
            property: Some(group.property.clone()),
            shape: Some(group.shape.clone()),
            parameters: None,
            trail: Trail::default(),
        }
    }

    /// The capsule of a shrunk run.
    #[must_use]
    pub fn least(summary: &Summary, shrunk: &Shrunk) -> Capsule {
        Capsule::of_run(summary, &shrunk.group, &shrunk.pins, &shrunk.run)
    }

    /// The capsule of a run that was made under these pins, in full detail, and failed so.
    #[must_use]
    pub fn of_run(summary: &Summary, group: &Group, pins: &[Pin], run: &Run) -> Capsule {
        Capsule {
            pins: pins.to_vec(),
            parameters: Some(Parameters::of(summary)),
            trail: Trail::of(&run.trace),
            ..Capsule::of(&summary.name, group)
        }
    }

    /// Whether the scenario is still what it was when the capsule was made.
    ///
    /// # Errors
    /// If it is another one although this very version made the capsule.
    pub fn is_of(&self, summary: &Summary) -> Result<(), CapsuleError> {
        let now = Parameters::of(summary);
        match &self.parameters {
            Some(then) if *then != now && self.synod == VERSION => Err(CapsuleError::OtherScenario {
                scenario: self.scenario.clone(),
                then: Box::new(then.clone()),
                now: Box::new(now),
            }),
            _ => Ok(()),
        }
    }

    /// Reads a capsule.
    ///
    /// # Errors
    /// If the file cannot be read, holds no JSON, or holds something else than a capsule.
    pub fn read(path: &Path) -> Result<Capsule, CapsuleError> {
        let path = path.to_owned();
        let text = fs::read_to_string(&path).map_err(|error| CapsuleError::File { path: path.clone(), error })?;
        serde_json::from_str(&text).map_err(|error| {
            if error.is_data() {
                CapsuleError::NotACapsule { path, error }
            } else {
                CapsuleError::NotJson { path, error }
            }
        })
    }

    /// Where it is written under a directory.
    #[must_use]
    pub fn path(&self, directory: &Path) -> PathBuf {
        directory.join(format!("{}-{}.json", self.scenario, self.seed))
    }

    /// Writes the capsule as `<scenario>-<seed>.json` under a directory, which is made if need be, and says where.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn write(&self, directory: &Path) -> Result<PathBuf, CapsuleError> {
        let path = self.path(directory);
        let made = fs::create_dir_all(directory).map_err(|error| CapsuleError::File { path: path.clone(), error });
        made.and_then(|()| self.write_to(&path)).map(|()| path)
    }

    /// Writes the capsule to this file.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn write_to(&self, path: &Path) -> Result<(), CapsuleError> {
        fs::write(path, self.to_json()).map_err(|error| CapsuleError::File { path: path.to_owned(), error })
    }

    /// One pin a line: a capsule is read by people too.
    fn to_json(&self) -> String {
        let text = |value: &Self| serde_json::to_string_pretty(value).expect("a capsule is plain data");
        let pins: Vec<String> =
            self.pins.iter().map(|pin| serde_json::to_string(pin).expect("a pin is plain data")).collect();
        let whole = text(&Capsule { pins: Vec::new(), ..self.clone() }) + "\n";
        if pins.is_empty() {
            return whole;
        }
        whole.replacen("\"pins\": []", &format!("\"pins\": [\n    {}\n  ]", pins.join(",\n    ")), 1)
    }

    /// The job that makes its run again.
    #[must_use]
    pub fn job(&self, detail: Detail) -> Job {
        Attempt::from(self).job().detailed(detail)
    }

    /// Compares a run made from this capsule, in full detail, with what the capsule says.
    ///
    /// # Errors
    /// If a pin does not fit or the digests differ although this very version made the capsule; names the first draw
    /// and the first event that differ.
    pub fn fits(&self, run: &Run) -> Result<Fit, CapsuleError> {
        let given = hexadecimal(run.digest);
        let parting = || if self.trail.is_empty() { None } else { self.trail.parting(&run.trace).map(Box::new) };
        // A pin that fits nothing is no pin, whichever version made it.
        if let Some(error) = run.pin_error.clone() {
            return Err(CapsuleError::Pin { error, parting: parting() });
        }
        if given == self.digest {
            return Ok(Fit::Same);
        }
        if self.synod != VERSION {
            return Ok(Fit::Rerecorded { from: self.synod.clone() });
        }
        let parting = parting();
        let (scenario, expected) = (self.scenario.clone(), self.digest.clone());
        Err(CapsuleError::Changed { scenario, seed: self.seed, expected, given, parting })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Seeds, Sweep, perform};

    fn capsule() -> Capsule {
        let report = Sweep::of(Seeds::new(0..50).unwrap()).run(&scenario(), &BareHost);
        Capsule::of("fake", report.first_failure().unwrap())
    }

    fn scenario() -> Fake {
        Fake::new("fake", Sin::ViolatesEvery(20))
    }

    fn replayed(capsule: &Capsule) -> Run {
        perform(&scenario(), &BareHost, &capsule.job(Detail::Full)).unwrap()
    }

    fn directory(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("synod-capsule-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    #[test]
    fn a_capsule_round_trips_through_its_file_and_fits_its_run() {
        let directory = directory("round");
        let path = capsule().write(&directory).unwrap();
        assert!(path.ends_with("fake-20.json"));
        let read = Capsule::read(&path).unwrap();
        assert_eq!(read, capsule());
        assert_eq!(read.fits(&replayed(&read)).unwrap(), Fit::Same);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn each_way_to_be_corrupt_has_its_own_message() {
        let directory = directory("corrupt");
        let whole = serde_json::to_string(&capsule()).unwrap();
        let cases = [
            ("cut.json", whole[..whole.len() / 2].to_owned(), "no JSON"),
            ("empty.json", String::new(), "no JSON"),
            ("other.json", "[1]".to_owned(), "no capsule"),
            ("unknown.json", whole.replacen('{', "{\"colour\":1,", 1), "unknown field `colour`"),
            ("lacking.json", whole.replacen("\"seed\"", "\"sead\"", 1), "unknown field `sead`"),
        ];
        for (name, text, message) in cases {
            let path = directory.join(name);
            fs::write(&path, text).unwrap();
            let error = Capsule::read(&path).unwrap_err().to_string();
            assert!(error.contains(message) && error.contains(name) && !error.contains('\n'), "{error}");
        }
        assert!(matches!(Capsule::read(&directory.join("absent.json")), Err(CapsuleError::File { .. })));
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn another_digest_is_an_error_only_in_the_same_version() {
        let changed = Capsule { digest: hexadecimal(1), ..capsule() };
        let run = replayed(&changed);
        assert!(matches!(changed.fits(&run), Err(CapsuleError::Changed { .. })));
        let older = Capsule { synod: "0.0.9".to_owned(), ..changed };
        assert_eq!(older.fits(&run).unwrap(), Fit::Rerecorded { from: "0.0.9".to_owned() });
    }
}
