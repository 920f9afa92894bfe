//! The determinism sentinel of tests: a share of a sweep is run again in another process and compared event by event.
//!
//! A test's scenario is a closure that no other program knows, so the other process is the same test binary, started
//! once more for exactly this test, with [`ERRAND`] in its environment. There the test's sweep prints digests instead
//! of searching. The rule: every sweep on the thread of a test, which bears its name, is compared, but for replays,
//! single seeds and processes that were started for such an errand; a binary that does not know the test by that name,
//! as that of an example in documentation, prints nothing and is not compared. Knows processes and digests, no
//! scenario.

use super::digests::digests;
use super::perform::perform;
use super::{Attempt, Divergence, Host, NotReproducible, Seeds, Strategy};
use crate::scenario::Runnable;
use crate::seed::Seed;
use crate::trace::Detail;
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::process::{Command, Stdio};

/// The variable that sends a process on an errand: `digests <scenario>#<sweep> A..B` or `events <scenario>#<sweep> N`.
/// A test may sweep several scenarios of one name, so its sweeps are counted.
pub const ERRAND: &str = "SYNOD_ERRAND";
/// What every line of an answer begins with: a test may print lines of its own.
const ANSWER: &str = "synod-errand: ";
/// One seed in so many is run again, as by the `run` command.
const SHARE: u64 = 64;
/// Seeds at most: agents' runs take longer than pure ones, and a run that depends on its process differs on nearly
/// every seed.
const MOST: u64 = 16;

/// What this process was started for, if it was started to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Errand {
    /// The scenario's name, and which sweep of the test it is.
    sweep: String,
    wanted: Wanted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Digests(Seeds),
    Events(Seed),
}

/// A sweep in a test that is known by name.
pub(crate) struct Test<'a> {
    /// The test's path, as the test harness knows it.
    pub(crate) name: &'a str,
    pub(crate) scenario: &'a dyn Runnable,
    pub(crate) host: &'a dyn Host,
    pub(crate) strategy: Strategy,
    /// Which sweep of the test this is, from 0.
    pub(crate) number: u64,
}

/// The number of the next sweep on this thread, which is a test's own.
pub(crate) fn number() -> u64 {
    thread_local!(static SWEEPS: Cell<u64> = const { Cell::new(0) });
    SWEEPS.with(|sweeps| sweeps.replace(sweeps.get() + 1))
}

impl Errand {
    /// The errand that the environment sends this process on.
    pub(crate) fn by_environment() -> Option<Errand> {
        Errand::parse(&std::env::var(ERRAND).ok()?)
    }

    fn parse(text: &str) -> Option<Errand> {
        let mut words = text.split(' ');
        let (what, sweep, which) = (words.next()?, words.next()?.to_owned(), words.next()?);
        let wanted = match what {
            "digests" => Wanted::Digests(which.parse().ok()?),
            "events" => Wanted::Events(Seed(which.parse().ok()?)),
            _ => return None,
        };
        Some(Errand { sweep, wanted })
    }

    fn text(&self) -> String {
        match &self.wanted {
            Wanted::Digests(seeds) => format!("digests {} {seeds}", self.sweep),
            Wanted::Events(seed) => format!("events {} {seed}", self.sweep),
        }
    }

    /// Prints what was asked for, if it is about this sweep of the test.
    pub(crate) fn run(&self, test: &Test<'_>) {
        if test.sweep() == self.sweep {
            test.answer(&self.wanted).iter().for_each(|line| println!("{ANSWER}{line}"));
        }
    }
}

impl Test<'_> {
    /// Whether this thread runs the test of that name: the harness names threads after tests.
    #[cfg(feature = "runtime")]
    pub(crate) fn is_running(&self) -> bool {
        std::thread::current().name() == Some(self.name)
    }

    fn sweep(&self) -> String {
        format!("{}#{}", self.scenario.summary().name, self.number)
    }

    /// Runs a share of a sweep again elsewhere, and says where a run parted from what it is here, if one does.
    pub(crate) fn compare(&self, seeds: &Seeds) -> Option<NotReproducible> {
        let share = share(seeds);
        let wanted = Wanted::Digests(share.clone());
        let there = self.ask(&wanted)?;
        let here = self.answer(&wanted);
        let place = (0..here.len()).find(|place| here.get(*place) != there.get(*place))?;
        let seed = Seed(share.range().start + place as u64);
        let wanted = Wanted::Events(seed);
        let (here, there) = (self.answer(&wanted), self.ask(&wanted).unwrap_or_default());
        let place = (0..here.len().max(there.len())).find(|place| here.get(*place) != there.get(*place));
        let divergence = place.map_or(Divergence::Judgement, |place| Divergence::Record {
            place,
            once: here.get(place).cloned(),
            again: there.get(place).cloned(),
        });
        Some(NotReproducible { scenario: self.scenario.summary().name, seed, divergence })
    }

    /// What an errand prints, a line each.
    fn answer(&self, wanted: &Wanted) -> Vec<String> {
        let summary = self.scenario.summary();
        let attempt = |seed| -> Attempt { self.strategy.first(seed, &summary) };
        let mut lines = Vec::new();
        match wanted {
            Wanted::Digests(seeds) => {
                digests(self.scenario, self.host, seeds, attempt, NonZeroUsize::MIN, |seed, run| {
                    lines
                        .push(run.map_or_else(|_| format!("{seed} crashed"), |digest| format!("{seed} {digest:016x}")));
                })
            }
            Wanted::Events(seed) => {
                match perform(self.scenario, self.host, &attempt(*seed).job().detailed(Detail::Full)) {
                    Err(escape) => lines.push(escape.what.replace('\n', " ")),
                    Ok(run) => {
                        let told = (0..run.trace.records().len()).filter_map(|place| run.trace.line(place));
                        lines.extend(told.map(|line| line.trim().replace('\n', " ")));
                    }
                }
            }
        }
        lines
    }

    /// What another process answers; `None` if it cannot be started or does not know this test.
    fn ask(&self, wanted: &Wanted) -> Option<Vec<String>> {
        let errand = Errand { sweep: self.sweep(), wanted: wanted.clone() };
        let mut command = Command::new(std::env::current_exe().ok()?);
        // On one thread the harness runs a test on its own, which bears no test's name.
        command.args(["--exact", self.name, "--nocapture", "--test-threads", "2"]).env(ERRAND, errand.text());
        // The share is asked for as it is here, whatever this process was told to run.
        for variable in ["SYNOD_CAPSULE", "SYNOD_SEED", "SYNOD_SEEDS", "MADSIM_TEST_SEED", "MADSIM_TEST_NUM"] {
            command.env_remove(variable);
        }
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // The harness may have begun the line with the test's name.
        let answers = text.lines().filter_map(|line| Some(line.split_once(ANSWER)?.1.to_owned()));
        let answers: Vec<String> = answers.collect();
        (!answers.is_empty()).then_some(answers)
    }
}

/// From the middle of a sweep: neither the seeds that everyone tries first nor those that nobody reaches.
fn share(seeds: &Seeds) -> Seeds {
    let count = (seeds.len() / SHARE).clamp(1, MOST);
    let first = seeds.range().start + (seeds.len() - count) / 2;
    Seeds::new(first..first + count).expect("at least one seed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::BareHost;
    use crate::explore::fake::{Fake, Sin};

    const HERE: &str = "explore::elsewhere::tests::";

    fn compared(name: &str, sin: Sin, strategy: Strategy) -> Option<NotReproducible> {
        let fake = Fake::new("fake", sin);
        let name = format!("{HERE}{name}");
        let test = Test { name: &name, scenario: &fake, host: &BareHost, strategy, number: number() };
        match Errand::by_environment() {
            Some(errand) => {
                errand.run(&test);
                None
            }
            None => {
                assert!(test.ask(&Wanted::Digests("5..8".parse().expect("a range"))).is_some(), "nobody answered");
                test.compare(&"0..640".parse().expect("a range"))
            }
        }
    }

    #[test]
    fn a_run_that_is_the_same_in_another_process_is_not_accused() {
        let name = "a_run_that_is_the_same_in_another_process_is_not_accused";
        assert_eq!(compared(name, Sin::ViolatesEvery(5), Strategy::Portfolio), None);
    }

    #[test]
    fn a_run_that_depends_on_its_process_is_found_and_its_first_other_event_named() {
        let name = "a_run_that_depends_on_its_process_is_found_and_its_first_other_event_named";
        let sent_here = Errand::by_environment().is_some();
        let found = compared(name, Sin::DependsOnProcess, Strategy::Swarm);
        if !sent_here {
            let found = found.expect("every process is another one");
            assert!(matches!(found.divergence, Divergence::Record { place: 1, .. }), "{found}");
        }
    }

    #[test]
    fn two_sweeps_of_one_name_in_one_test_are_each_compared_with_their_own() {
        let name = "two_sweeps_of_one_name_in_one_test_are_each_compared_with_their_own";
        for sin in [Sin::ViolatesEvery(5), Sin::StallsEvery(3)] {
            assert_eq!(compared(name, sin, Strategy::Swarm), None, "{sin:?}");
        }
    }

    #[test]
    fn a_test_that_nobody_knows_is_not_compared() {
        let fake = Fake::new("fake", Sin::DependsOnProcess);
        let (name, strategy) = ("nobody::knows", Strategy::Swarm);
        let test = Test { name, scenario: &fake, host: &BareHost, strategy, number: 0 };
        assert_eq!(test.compare(&"0..64".parse().expect("a range")), None);
    }

    #[test]
    fn an_errand_reads_what_it_writes() {
        for text in ["digests a.b#0 3..9", "events raft#2 7"] {
            assert_eq!(Errand::parse(text).map(|errand| errand.text()).as_deref(), Some(text));
        }
        assert_eq!(Errand::parse("dance raft 7"), None);
    }
}
