//! The log checkers against their definitions, spelled out over whole copies of every log, on arbitrary reports.

use proptest::prelude::*;
use proptest::test_runner::Config;
use synod::check::{Check, LeaderCompleteness, LogMatching};
use synod::fact::Fact;
use synod::history::{Entry, Event, History};
use synod::id::{NodeId, ProcessId};
use synod::time::Time;

/// What a member may report; terms and commands are few, so that reports collide.
#[derive(Clone, Copy, Debug)]
enum Report {
    Append { term: u64, command: u64 },
    Cut { keep: usize },
    Commit { length: usize, term: u64 },
    Win { term: u64 },
    Recover,
}

type Log = Vec<Item>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    term: u64,
    command: u64,
}

/// Something that was said of a whole log in a term.
struct Claim {
    log: Log,
    term: u64,
}

/// The history of the reports, with what the definitions speak of.
#[derive(Default)]
struct Told {
    history: History,
    logs: [Log; 3],
    prefixes: Vec<Log>,
    commits: Vec<Claim>,
    elections: Vec<Claim>,
}

impl Told {
    fn take(&mut self, node: usize, report: Report) {
        let log = &mut self.logs[node];
        let fact = match report {
            Report::Append { term, command } => {
                log.push(Item { term, command });
                self.prefixes.push(log.clone());
                Fact::Appended { index: log.len() as u64, term, command }
            }
            Report::Cut { keep } => {
                log.truncate(keep);
                Fact::Truncated { from: keep as u64 + 1 }
            }
            Report::Commit { length, term } => {
                let length = length.min(log.len());
                self.commits.push(Claim { log: log[..length].to_vec(), term });
                Fact::Committed { index: length as u64, term }
            }
            Report::Win { term } => {
                self.elections.push(Claim { log: log.clone(), term });
                Fact::Elected { term, last: log.len() as u64 }
            }
            Report::Recover => {
                log.clear();
                Fact::Recovered { term: 0 }
            }
        };
        let node = NodeId::agent(node as u16);
        self.history.push(Entry { at: Time::ZERO, node, process: ProcessId(0), event: Event::Fact(fact) });
    }

    /// Figure 3: logs with an entry of the same index and term are identical up to it.
    fn logs_match(&self) -> bool {
        let same_end = |one: &Log, other: &Log| {
            one.len() == other.len() && one.last().map(|item| item.term) == other.last().map(|item| item.term)
        };
        let pairs = self.prefixes.iter().flat_map(|one| self.prefixes.iter().map(move |other| [one, other]));
        pairs.into_iter().all(|[one, other]| !same_end(one, other) || one == other)
    }

    /// Figure 3: what is committed in a term is in the logs of the leaders of all greater terms.
    fn leaders_are_complete(&self) -> bool {
        let binds = |commit: &Claim, election: &Claim| commit.term < election.term;
        let holds = |commit: &Claim, election: &Claim| election.log.starts_with(&commit.log);
        let mut commits = self.commits.iter();
        commits.all(|commit| self.elections.iter().all(|election| !binds(commit, election) || holds(commit, election)))
    }
}

fn told(reports: &[(usize, Report)]) -> Told {
    let mut told = Told::default();
    for (node, report) in reports {
        told.take(*node, *report);
    }
    told
}

/// `terms` bounds the terms of logs, `rank` those of commits and elections: the greater, the rarer a violation.
fn reports(terms: u64, rank: u64) -> impl Strategy<Value = Vec<(usize, Report)>> {
    let report = prop_oneof![
        8 => (1..=terms, 0..2u64).prop_map(|(term, command)| Report::Append { term, command: command * term % 2 }),
        1 => (0..4usize).prop_map(|keep| Report::Cut { keep }),
        3 => (0..6usize, 1..=rank).prop_map(|(length, term)| Report::Commit { length, term }),
        2 => (1..=rank).prop_map(|term| Report::Win { term }),
        1 => Just(Report::Recover),
    ];
    prop::collection::vec((0..3usize, report), 0..30)
}

/// Eight times the usual number: some contradictions take five reports in the right order to come about.
fn config() -> Config {
    let usual = Config::default();
    Config { cases: usual.cases * 8, failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn log_matching_is_its_definition(reports in reports(6, 2)) {
        let told = told(&reports);
        let verdict = LogMatching.check(&told.history);
        prop_assert_eq!(verdict.witness().is_none(), told.logs_match(), "{:?}", verdict);
    }

    #[test]
    fn leader_completeness_is_its_definition(reports in prop_oneof![reports(1, 4), reports(3, 4), reports(2, 9)]) {
        let told = told(&reports);
        let verdict = LeaderCompleteness.check(&told.history);
        prop_assert_eq!(verdict.witness().is_none(), told.leaders_are_complete(), "{:?}", verdict);
    }
}
