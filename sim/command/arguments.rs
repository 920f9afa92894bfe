//! The arguments. Their doc comments are the help texts.

use super::variant::Variant;
use crate::explore::{Seeds, Strategy, number_of_threads};
use crate::history::store::Format as HistoryFormat;
use crate::id::NodeId;
use crate::report::View;
use clap::{Args, Parser, Subcommand};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::thread;

/// Finds the seed on which a team of LLM agents disagrees, loses an update, stalls or believes a lie.
#[derive(Debug, Parser)]
#[command(name = "synod", version, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// Print one JSON document on standard output and nothing else
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

impl Arguments {
    pub(super) const fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Text }
    }
}

const EXIT_CODES: &str = "Exit codes: 0 as said, 1 violated, 2 bad input, 3 stalled, 4 crashed, 5 not exercised, \
                          6 undecided.\nIf several apply, the first of 2, 4, 1, 3, 6, 5, 0.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the catalogue: scenarios, properties, faults
    List,
    /// Run a scenario over many seeds; `all` runs every one and asks whether each did what it is expected to do
    Run(Run),
    /// Make one run again and tell it event by event
    Replay(Replay),
    /// Take everything out of a failing run that it can do without, and tell what is left
    Shrink(Shrink),
    /// Tell when a failure became inevitable: how likely it is with all as it was up to an instant
    Why(Why),
    /// Print one line with a digest for each seed, to compare builds and machines
    Digest(Digest),
    /// Show teams side by side in one setting: same seeds, task, models, links and faults
    Compare(Compare),
    /// Judge a history from anywhere by a property
    Check(Check),
}

const PROPERTIES: &str = "`synod list` shows the properties, of shared stores and of runs. Formats: jsonl (a store's \
    or a run's, as the documentation of `synod::history` describes them), knossos, porcupine, rw (Plume, PolySI).\n\
    Exit codes: 0 holds, 1 violated, 2 bad input, 3 stalled, 5 nothing to judge, 6 undecided (the limit is said).";

#[derive(Debug, Args)]
#[command(after_help = PROPERTIES)]
pub(super) struct Check {
    /// A property's name or alias
    pub(super) property: String,
    /// The history
    pub(super) file: PathBuf,
    /// jsonl, knossos, porcupine or rw [default: what the file looks like]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<HistoryFormat>,
    /// Look at values only, as if no version were recorded
    #[arg(long)]
    pub(super) values_only: bool,
    /// How many configurations a search may look at before it gives up [default: the property's own limit]
    #[arg(long, value_name = "N")]
    pub(super) budget: Option<NonZeroU64>,
    /// How long ago what is read may have been replaced, for bounded_staleness [default: 10]
    #[arg(long, value_name = "SECONDS")]
    pub(super) within: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// A scenario's name, or `all`
    pub(super) scenario: String,
    /// Which seeds; B is excluded
    #[arg(long, value_name = "A..B", default_value_t, allow_hyphen_values = true)]
    pub(super) seeds: Seeds,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = number_of_threads)]
    pub(super) jobs: Option<NonZeroUsize>,
    /// What each seed is used for, see `synod list`
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) strategy: Strategy,
    /// End before B once so many seeds in a row showed nothing new
    #[arg(long, value_name = "SEEDS")]
    pub(super) until_plateau: Option<NonZeroU64>,
    /// Write a capsule under this directory for the lowest failing seed of each kind of failure
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// First run again the capsules kept in this directory, and keep there the least failing run that is told
    #[arg(long, value_name = "DIR")]
    pub(super) regressions: Option<PathBuf>,
    #[command(flatten)]
    pub(super) variant: Variant,
}

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// A scenario's name; a capsule brings its own
    pub(super) scenario: Option<String>,
    /// The seed
    #[arg(long, value_name = "N", value_parser = one_seed)]
    pub(super) seed: Option<u64>,
    /// The strategy of the sweep that the seed is from
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) strategy: Strategy,
    /// A capsule that `run --out` wrote
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    pub(super) capsule: Option<PathBuf>,
    /// text, transcript (with --agent), html, mermaid or jsonl
    #[arg(long, default_value = "text")]
    pub(super) view: View,
    /// Whose transcript, such as a2
    #[arg(long, value_name = "AGENT")]
    pub(super) agent: Option<NodeId>,
    #[command(flatten)]
    pub(super) variant: Variant,
}

#[derive(Debug, Args)]
pub(super) struct Shrink {
    /// A scenario's name, or a capsule, which brings its own and goes on where it was left
    pub(super) scenario: Option<String>,
    /// The seed
    #[arg(long, value_name = "N", value_parser = one_seed)]
    pub(super) seed: Option<u64>,
    /// The strategy of the sweep that the seed is from
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) strategy: Strategy,
    /// A capsule
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "scenario"])]
    pub(super) capsule: Option<PathBuf>,
    /// How many runs it may take [default: 500]
    #[arg(long, value_name = "RUNS")]
    pub(super) budget: Option<u64>,
    /// Write the capsule of what is left into this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Tell the run that is left event by event, too: text, mermaid or jsonl
    #[arg(long)]
    pub(super) view: Option<View>,
    #[command(flatten)]
    pub(super) variant: Variant,
}

#[derive(Debug, Args)]
pub(super) struct Why {
    /// A scenario's name, or a capsule, which brings its own
    pub(super) scenario: String,
    /// The seed
    #[arg(long, value_name = "N", value_parser = one_seed)]
    pub(super) seed: Option<u64>,
    /// The strategy of the sweep that the seed is from
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) strategy: Strategy,
    /// How many instants to look at [default: 24]
    #[arg(long, value_name = "N")]
    pub(super) instants: Option<u64>,
    /// How many runs for each [default: 60]
    #[arg(long, value_name = "RUNS")]
    pub(super) tries: Option<u64>,
    /// Draw the curve, as SVG; a folder that is not there is made
    #[arg(long, value_name = "FILE")]
    pub(super) plot: Option<PathBuf>,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = number_of_threads)]
    pub(super) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) variant: Variant,
}

#[derive(Debug, Args)]
pub(super) struct Digest {
    /// A scenario's name, or `all`
    pub(super) scenario: String,
    /// Which seeds; B is excluded
    #[arg(long, value_name = "A..B", default_value_t, allow_hyphen_values = true)]
    pub(super) seeds: Seeds,
    /// What each seed is used for, see `synod list`
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) strategy: Strategy,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = number_of_threads)]
    pub(super) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) variant: Variant,
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// Which teams, all in one setting, on the same seeds and faults [default: every team]
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub(super) teams: Vec<String>,
    /// Compare scenarios instead, each in its own setting; `all` for every one
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', conflicts_with_all = ["teams", "profile"])]
    pub(super) scenarios: Vec<String>,
    /// Compare this team with itself, each of its rules for language models switched off in turn
    #[arg(long, value_name = "TEAM", conflicts_with_all = ["teams", "scenarios", "task", "profile"])]
    pub(super) ablate: Option<String>,
    /// Compare scenarios as usually written with their better versions, and what being better costs [default: all]
    #[arg(
        long,
        value_name = "A,B,…",
        value_delimiter = ',',
        num_args = 0..=1,
        conflicts_with_all = ["teams", "scenarios", "ablate", "task", "profile", "patterns"],
    )]
    pub(super) policies: Option<Vec<String>>,
    /// Compare patterns of working together instead, on every store and channel [default: every pattern]; a cell, such
    /// as hand_off.causal.fifo, or a part of its name, for some only
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', num_args = 0..)]
    #[arg(conflicts_with_all = ["teams", "scenarios", "ablate", "task", "profile"])]
    pub(super) patterns: Option<Vec<String>>,
    /// What teams decide about [default: diagnose]
    #[arg(long, value_name = "NAME")]
    pub(super) task: Option<String>,
    /// How good their models are [default: grounded]
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Draw how often teams are right, late and unsafe against hallucination rate and partition time, as SVG; with
    /// --policies NAME, calls made and answered over time; a folder that is not there is made
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenarios", "ablate"])]
    pub(super) plot: Option<PathBuf>,
    /// Write the table and the JSON document into this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Which seeds; B is excluded
    #[arg(long, value_name = "A..B", default_value_t, allow_hyphen_values = true)]
    pub(super) seeds: Seeds,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = number_of_threads)]
    pub(super) jobs: Option<NonZeroUsize>,
}

fn one_seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("'{}' is no seed: write a whole number, such as 17", text.escape_debug()))
}

/// The number of threads asked for, or one for each core.
pub(super) fn threads(jobs: Option<NonZeroUsize>) -> NonZeroUsize {
    jobs.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}
