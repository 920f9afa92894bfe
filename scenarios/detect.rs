//! `detect`: prints the detection table of the planted bugs. One binary makes kills and false alarms.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tells how long shrinks take; decides nothing by it"
)]

use clap::{Parser, value_parser};
use serde_json::json;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};
use synod::explore::{SHRINK_BUDGET, Strategy};
use synod_scenarios::corpus::detect::{
    Adequacy, FalseAlarms, Hunt, Table, adequacy_text, alarms_text, configuration, false_alarms, twins,
};
use synod_scenarios::corpus::{Bug, EQUIVALENT, all};

/// How many seeds each planted bug takes to be found, and how often correct twins are accused
#[derive(Debug, Parser)]
#[command(name = "detect", after_help = "Exit codes: 0 every bug found and no twin accused, 1 otherwise, 2 bad input.")]
struct Arguments {
    /// Print one JSON document on standard output and nothing else
    #[arg(long)]
    json: bool,
    /// Only bugs whose name begins with one of these, such as raft,paxos/VoteNotPersisted
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    bugs: Vec<String>,
    /// By which strategies; the last one sweeps twins and tells checkers apart, too
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    #[arg(default_values_t = [Strategy::Swarm, Strategy::Portfolio])]
    strategies: Vec<Strategy>,
    /// Seeds of a range, at most
    #[arg(long, value_name = "N", default_value_t = 25_000, value_parser = value_parser!(u64).range(1..=1_000_000))]
    seeds: u64,
    /// Ranges of seeds, which share none
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u64).range(1..))]
    ranges: u64,
    /// Shrink the first failure of each bug within so many runs; 0 to leave it
    #[arg(long, value_name = "RUNS", default_value_t = SHRINK_BUDGET)]
    shrink: u64,
    /// Sweep so many seeds of each correct twin
    #[arg(long, value_name = "N", default_value_t = 0)]
    false_alarms: u64,
    /// Which kills are lost without each checker, over so many seeds of each bug
    #[arg(long, value_name = "N", default_value_t = 0)]
    adequacy: u64,
    /// Make the least schedule of each bug anew, as lines of scenarios/corpus/least.jsonl, and nothing else
    #[arg(long, conflicts_with_all = ["json", "false_alarms", "adequacy"])]
    least: bool,
    /// On how many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// Where lines go as they come: to readers, or nowhere until the document is whole.
struct Printer {
    json: bool,
}

impl Printer {
    fn say(&self, text: &str) {
        if !self.json {
            println!("{text}");
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |bug: &Bug| arguments.bugs.is_empty() || arguments.bugs.iter().any(|name| bug.name.starts_with(name));
    let bugs: Vec<Bug> = all().into_iter().filter(wanted).collect();
    if bugs.is_empty() {
        eprintln!("no bug's name begins with {}: leave out --bugs to see them all", arguments.bugs.join(" or "));
        return ExitCode::from(2);
    }
    let jobs = arguments.jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let strategy = arguments.strategies.last().copied().unwrap_or_default();
    let hunt = Hunt { most: arguments.seeds, ranges: arguments.ranges, strategy, jobs };
    if arguments.least {
        return lessen(&hunt, &bugs);
    }
    let printer = Printer { json: arguments.json };
    let configuration = format!("{:016x}", configuration(&bugs, &hunt));
    let Hunt { most, ranges, .. } = hunt;
    printer.say(&format!("configuration {configuration}: {} bugs, {ranges} ranges of {most} seeds", bugs.len()));
    let (table, spent) = table(&arguments, &hunt, &bugs, &printer);
    let alarms = alarms(&arguments, &hunt, &bugs, &printer);
    let adequacy = adequacy(&arguments, &hunt, &bugs, &printer);
    let equivalent: Vec<&str> = EQUIVALENT.iter().map(|bug| bug.name).collect();
    printer.say(&format!("not counted, as equivalent: {}", equivalent.join(", ")));
    let survivors = table.survivors().count();
    let accused: u64 = alarms.iter().map(|alarms| alarms.accused).sum();
    if arguments.json {
        let document = json!({
            "configuration": configuration, "ranges": ranges, "seeds": most, "bugs": table.json(),
            "median_shrink_seconds": spent.map(|spent| spent.as_secs_f64()),
            "false_alarms": alarms.iter().map(FalseAlarms::json).collect::<Vec<_>>(),
            "adequacy": adequacy.map(|adequacy| adequacy.json()),
            "equivalent": equivalent,
        });
        println!("{document:#}");
    }
    ExitCode::from(u8::from(survivors > 0 || accused > 0))
}

/// The least schedule of each bug, one line each.
fn lessen(hunt: &Hunt, bugs: &[Bug]) -> ExitCode {
    let mut missing = 0;
    for bug in bugs {
        match hunt.lessen(bug) {
            Some(least) => println!("{}", least.line()),
            None => {
                eprintln!("{}: no schedule of a shrunk run shows it again", bug.name);
                missing += 1;
            }
        }
    }
    ExitCode::from(u8::from(missing > 0))
}

/// Every bug by every strategy, and the median time of a shrink.
fn table(arguments: &Arguments, hunt: &Hunt, bugs: &[Bug], printer: &Printer) -> (Table, Option<Duration>) {
    let mut table = Table::default();
    let mut spent = Vec::new();
    printer.say(&Table::head());
    for (bug, strategy) in bugs.iter().flat_map(|bug| arguments.strategies.iter().map(move |by| (bug, *by))) {
        let found = Hunt { strategy, ..*hunt }.of(bug);
        let shrunk = found.first.as_ref().filter(|_| arguments.shrink > 0).and_then(|first| {
            let began = Instant::now();
            let shrunk = hunt.shrunk(bug, first, arguments.shrink);
            spent.push(began.elapsed());
            shrunk
        });
        printer.say(&table.note(bug, strategy, found, shrunk));
    }
    printer.say(&format!("\n{}{}", table.kill_rates(), table.medians()));
    for (bug, strategy) in table.survivors() {
        printer.say(&format!("NOT FOUND by {strategy}: {bug}"));
    }
    spent.sort_unstable();
    let median = spent.get(spent.len() / 2).copied();
    if let Some(median) = median {
        printer.say(&format!("median shrink: {:.2} s on one core", median.as_secs_f64()));
        printer.say(&table.shrinks());
    }
    (table, median)
}

fn alarms(arguments: &Arguments, hunt: &Hunt, bugs: &[Bug], printer: &Printer) -> Vec<FalseAlarms> {
    if arguments.false_alarms == 0 {
        return Vec::new();
    }
    let sweep = |(twin, names): &(Box<dyn synod::scenario::Runnable>, Vec<String>)| {
        false_alarms(hunt, &**twin, names.len(), arguments.false_alarms)
    };
    let alarms: Vec<FalseAlarms> = twins(bugs).iter().map(sweep).collect();
    printer.say(&format!("\n{}", alarms_text(&alarms)));
    alarms
}

fn adequacy(arguments: &Arguments, hunt: &Hunt, bugs: &[Bug], printer: &Printer) -> Option<Adequacy> {
    if arguments.adequacy == 0 {
        return None;
    }
    let adequacy = Adequacy::of(hunt, bugs, arguments.adequacy);
    printer.say(&format!("\n{}", adequacy_text(&adequacy, arguments.adequacy)));
    Some(adequacy)
}
