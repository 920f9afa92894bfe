//! The same seeds in another process, which is this test run again: there beside others, and after others on a thread.
//!
//! What the other process is asked stands in an environment variable; its answers begin with a word of their own,
//! because the test harness prints around them.

use super::places::{self, BESIDE};
use super::{SEEDS, reference, scenarios};
use std::env;
use std::fmt;
use std::process::Command;
use synod::explore::{Divergence, NotReproducible};
use synod::scenario::{Job, Run, Runnable};
use synod::seed::Seed;
use synod::trace::Detail;

const VARIABLE: &str = "SYNOD_TEST_ELSEWHERE";
const TEST: &str = "elsewhere::a_seed_gives_the_same_run_in_another_process_beside_others_and_after_others";
const DIGEST: &str = "digest ";
const RECORD: &str = "record ";
/// The word that asks for a seed after and beside all that come before it.
const BESIDE_OTHERS: &str = "beside";
/// Seeds that have a process to themselves. Starting one costs more than the run.
const SOLITARY: [u64; 3] = [0, 17, SEEDS - 1];

/// One digest with its name, as both processes write it.
struct Line<'a> {
    scenario: &'a str,
    seed: Seed,
    digest: u64,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{DIGEST}{} {} {:016x}", self.scenario, self.seed, self.digest)
    }
}

#[test]
fn a_seed_gives_the_same_run_in_another_process_beside_others_and_after_others() {
    if let Ok(asked) = env::var(VARIABLE) {
        return answer(&asked);
    }
    let everywhere = ask("all");
    compare(&lines(&everywhere, DIGEST), &expected(|_| true), Company::Others);
    for scenario in scenarios() {
        let name = scenario.summary().name;
        for seed in SOLITARY {
            let only = expected(|line| line.scenario == name && line.seed.0 == seed);
            compare(&lines(&ask(&format!("{name} {seed}")), DIGEST), &only, Company::Nobody);
        }
    }
}

fn expected(wanted: impl Fn(&Line<'_>) -> bool) -> Vec<String> {
    let mut all = Vec::new();
    for scenario in scenarios() {
        let name = scenario.summary().name;
        for (seed, digest) in (0..).zip(reference(scenario)) {
            let line = Line { scenario: &name, seed: Seed(seed), digest: *digest };
            all.extend(wanted(&line).then(|| line.to_string()));
        }
    }
    all
}

/// Beside whom the other process ran what is compared: a leak may need them.
#[derive(Clone, Copy)]
enum Company {
    Nobody,
    Others,
}

fn compare(given: &[String], expected: &[String], company: Company) {
    assert_eq!(given.len(), expected.len(), "the other process ran other seeds");
    let Some(place) = (0..expected.len()).find(|place| given[*place] != expected[*place]) else { return };
    let words: Vec<&str> = expected[place].split(' ').collect();
    let (scenario, seed) = (words[1], words[2].parse().expect("a seed"));
    panic!("here and in another process:\n{}", explain(scenario, Seed(seed), company));
}

fn explain(name: &str, seed: Seed, company: Company) -> NotReproducible {
    let scenario = find(name);
    let here = records(&told(scenario, seed));
    let question = match company {
        Company::Nobody => format!("{name} {seed}"),
        Company::Others => format!("{name} {seed} {BESIDE_OTHERS}"),
    };
    let there = lines(&ask(&question), RECORD);
    let parting = (0..here.len().max(there.len())).find(|place| here.get(*place) != there.get(*place));
    let divergence = parting.map_or(Divergence::Judgement, |place| Divergence::Record {
        place,
        once: here.get(place).cloned(),
        again: there.get(place).cloned(),
    });
    NotReproducible { scenario: name.to_owned(), seed, divergence }
}

#[test]
fn what_another_process_did_beside_others_is_told_event_by_event() {
    let name = scenarios().next().expect("a scenario").summary().name;
    let alone = lines(&ask(&format!("{name} 5")), RECORD);
    assert!(!alone.is_empty() && lines(&ask(&format!("{name} 5 {BESIDE_OTHERS}")), RECORD) == alone, "{name}");
}

fn find(name: &str) -> &'static dyn Runnable {
    scenarios().find(|scenario| scenario.summary().name == name).expect("a scenario of this test")
}

fn told(scenario: &dyn Runnable, seed: Seed) -> Run {
    places::run(scenario, &Job::of(seed).detailed(Detail::Full))
}

fn records(run: &Run) -> Vec<String> {
    (0..run.trace.records().len())
        .filter_map(|place| run.trace.line(place))
        .map(|line| format!("{RECORD}{line}"))
        .collect()
}

/// What the other process prints when asked this.
fn ask(question: &str) -> String {
    let this = env::current_exe().expect("the path of this test");
    let mut other = Command::new(this);
    let output = other.args([TEST, "--exact", "--nocapture"]).env(VARIABLE, question).output();
    let output = output.expect("this test can be started again");
    assert!(output.status.success(), "{question}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("digests are text")
}

fn lines(printed: &str, word: &str) -> Vec<String> {
    printed.lines().filter(|line| line.starts_with(word)).map(str::to_owned).collect()
}

/// In the other process: every digest, or one with its trace.
fn answer(question: &str) {
    println!();
    if let Some((name, which)) = question.split_once(' ') {
        let scenario = find(name);
        let seed = |number: &str| Seed(number.parse().expect("a seed"));
        let run = match which.split_once(' ') {
            None => told(scenario, seed(which)),
            Some((number, _)) => BESIDE.told(scenario, seed(number)),
        };
        println!("{}", Line { scenario: name, seed: run.seed, digest: run.digest });
        records(&run).iter().for_each(|line| println!("{line}"));
        return;
    }
    for scenario in scenarios() {
        let name = scenario.summary().name;
        for (seed, digest) in (0..).zip(BESIDE.digests(scenario, SEEDS)) {
            println!("{}", Line { scenario: &name, seed: Seed(seed), digest });
        }
    }
}
