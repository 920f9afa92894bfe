//! `run`: sweeps, their table, and one failure told.

use super::arguments::{Format, Run, threads};
use super::error::BadInput;
use super::progress::Bar;
use super::regressions::rerun;
use super::sentinel::{Watched, summary, watch};
use super::shrink::{again, write_least};
use super::{ALL, Stage};
use crate::explore::{
    Attempt, Capsule, Exit, Fingerprint, Group, Host, Met, SHRINK_BUDGET, Seeds, Shrink, Shrunk, Sweep, SweepReport,
    perform,
};
use crate::report::{self, Row};
use crate::runtime::host_note;
use crate::scenario::Runnable;
use crate::seed::Seed;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

pub(super) fn run(stage: &mut Stage<'_>, options: &Run) -> Result<Exit, BadInput> {
    let chosen = stage.chosen(&options.scenario, &options.variant)?;
    let scenarios: Vec<&dyn Runnable> = chosen.iter().map(|scenario| &**scenario).collect();
    if let [scenario] = scenarios[..] {
        options.strategy.fits(&scenario.summary())?;
    }
    let kept = options.regressions.as_deref().map(|directory| rerun(stage, &scenarios, directory)).transpose()?;
    let kept = kept.unwrap_or_default();
    let mut reports = sweep_until(stage, &scenarios, options);
    let pairs = scenarios.iter().zip(&mut reports);
    let watched: Vec<Watched> =
        pairs.filter_map(|(scenario, report)| watch(stage, *scenario, report, options)).collect();
    let mut capsules = match &options.out {
        Some(directory) => write_capsules(&reports, directory)?,
        None => Vec::new(),
    };
    let least = Least::of(stage.host, &scenarios, &reports, [&options.regressions, &options.out])?;
    capsules.extend(least.iter().flat_map(|least| least.capsules.clone()));
    let exit = match options.scenario == ALL {
        true => {
            Exit::gravest(reports.iter().map(SweepReport::expected_exit).chain(kept.iter().map(|one| one.expected)))
        }
        false => Exit::gravest(reports.iter().map(SweepReport::exit).chain(kept.iter().map(|one| one.plain))),
    };
    let rows: Vec<Row> = reports.iter().map(Row::from).collect();
    if stage.format == Format::Json {
        let mut document = report::sweep_json(&rows, host_note(), exit);
        document["least"] = least.map(|least| report::least_json(least.scenario, &least.shrunk)).into();
        document["capsules"] = capsules.iter().map(|path| path.display().to_string()).collect();
        document["regressions"] = serde_json::to_value(&kept).expect("names and states");
        document["elsewhere"] = serde_json::to_value(&watched).expect("counts and texts");
        stage.print_json(&document)?;
        return Ok(exit);
    }
    let seeds = &options.seeds;
    let default = if *seeds == Seeds::default() { " (the default)" } else { "" };
    let threads = threads(options.jobs);
    writeln!(stage.out, "seeds {seeds}{default} on {threads} threads, {}\n", host_note())?;
    writeln!(stage.out, "{}", report::table(&rows))?;
    kept.iter().try_for_each(|one| writeln!(stage.out, "{}", one.line()))?;
    if !watched.is_empty() {
        let runs = reports.iter().map(|report| report.harvest.runs).sum();
        writeln!(stage.out, "{}\n", summary(&watched, runs))?;
    }
    if options.scenario != ALL {
        reports.iter().try_for_each(|report| writeln!(stage.out, "{}", report::exercised(report)))?;
    }
    promise(stage.out, &reports, &options.scenario)?;
    tell(stage.out, &reports, options, least.as_ref())?;
    capsules.iter().try_for_each(|path| writeln!(stage.out, "capsule: {}", path.display()))?;
    conclude(stage.out, &reports, options, exit)?;
    Ok(exit)
}

/// What is left of the failing run that is most worth a look.
struct Least<'a> {
    scenario: &'a dyn Runnable,
    shrunk: Shrunk,
    /// Where it was written, if that was asked for.
    capsules: Vec<PathBuf>,
}

impl<'a> Least<'a> {
    fn of(
        host: &dyn Host,
        scenarios: &[&'a dyn Runnable],
        reports: &[SweepReport],
        directories: [&Option<PathBuf>; 2],
    ) -> Result<Option<Least<'a>>, BadInput> {
        let Some(place) = worst(reports) else { return Ok(None) };
        let scenario = scenarios[place];
        let Some(shrunk) = least(host, scenario, &reports[place]) else { return Ok(None) };
        let written = directories.into_iter().flatten().map(|directory| write_least(scenario, &shrunk, directory));
        let capsules = written.collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Least { scenario, shrunk, capsules }))
    }
}

/// Sweeps each until its seeds are done or show nothing new any more, if that is asked for.
fn sweep_until(stage: &Stage<'_>, scenarios: &[&dyn Runnable], options: &Run) -> Vec<SweepReport> {
    let sweep = Sweep::of(options.seeds.clone()).strategy(options.strategy);
    sweep_all(stage, scenarios, &Sweep { jobs: threads(options.jobs), plateau: options.until_plateau, ..sweep })
}

/// Sweeps scenarios one after the other, each on every thread.
pub(super) fn sweep_each(
    stage: &Stage<'_>,
    scenarios: &[&dyn Runnable],
    seeds: &Seeds,
    jobs: Option<NonZeroUsize>,
) -> Vec<SweepReport> {
    sweep_all(stage, scenarios, &Sweep { jobs: threads(jobs), ..Sweep::of(seeds.clone()) })
}

fn sweep_all(stage: &Stage<'_>, scenarios: &[&dyn Runnable], like: &Sweep<'_>) -> Vec<SweepReport> {
    let seeds = &like.seeds;
    let mut bar = Bar::of(seeds.len() * scenarios.len() as u64);
    let mut reports = Vec::new();
    for scenario in scenarios {
        let name = scenario.summary().name;
        let progress = |progress| bar.show(&name, progress);
        let sweep = Sweep::of(seeds.clone()).strategy(like.strategy);
        let sweep = Sweep { jobs: like.jobs, plateau: like.plateau, progress: &progress, ..sweep };
        reports.push(sweep.run(*scenario, stage.host));
        bar.passed(seeds.len());
    }
    reports
}

fn write_capsules(reports: &[SweepReport], directory: &Path) -> Result<Vec<PathBuf>, BadInput> {
    let mut written: Vec<PathBuf> = Vec::new();
    for report in reports {
        for group in report.harvest.failures.groups() {
            let path = Capsule::of(&report.summary.name, group).path(directory);
            // A seed that fails in several ways is one run and one capsule: that of its first failure.
            if !written.contains(&path) {
                written.push(Capsule::of(&report.summary.name, group).write(directory)?);
            }
        }
    }
    Ok(written)
}

/// What a pass is worth: the promises of every team that held, whole if it was asked for alone.
fn promise(out: &mut dyn Write, reports: &[SweepReport], asked: &str) -> Result<(), BadInput> {
    let passed: Vec<&SweepReport> = reports.iter().filter(|report| report.exit() == Exit::AsSaid).collect();
    for report in &passed {
        let show = if asked == ALL { report::promises_in_short } else { report::promises };
        write!(out, "{}", show(&report.summary))?;
    }
    if !passed.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// The report with the failure that is most worth a look: a surprise before one that was expected.
fn worst(reports: &[SweepReport]) -> Option<usize> {
    let fails = |report: &SweepReport| report.first_failure().is_some();
    let surprise = reports.iter().position(|report| report.met() == Met::No && fails(report));
    surprise.or_else(|| reports.iter().position(fails))
}

/// What is left of a failing run: of the shortest one, if that fails by itself as the sweep's first failure does. Runs
/// that do not come out the same have nothing that could be taken out.
fn least(host: &dyn Host, scenario: &dyn Runnable, report: &SweepReport) -> Option<Shrunk> {
    let group = report.first_failure().filter(|_| report.not_reproducible.is_empty())?;
    let alike = Fingerprint::of(group);
    let shows = |seed: Seed, attempt: &Attempt| {
        let outcome = perform(scenario, host, &attempt.job());
        let alone = SweepReport::of_one(scenario.summary(), host, seed, attempt, &outcome);
        alone.first_failure().is_some_and(|group: &Group| Fingerprint::of(group) == alike)
    };
    let shrink = Shrink { scenario, host, budget: SHRINK_BUDGET };
    let (shortest, example) = (&group.shortest, &group.example);
    if shows(shortest.seed, &shortest.attempt) {
        shrink.alike(shortest.seed, &shortest.attempt, &alike).ok()
    } else if shows(example.seed, &example.attempt) {
        shrink.group(group).ok()
    } else {
        None
    }
}

/// Tells of every run that cannot be trusted, every way in which the worst scenario fails, and its least failing run.
fn tell(
    out: &mut dyn Write,
    reports: &[SweepReport],
    options: &Run,
    least: Option<&Least<'_>>,
) -> Result<(), BadInput> {
    for unlike in reports.iter().flat_map(|report| &report.not_reproducible) {
        writeln!(out, "{unlike}\n")?;
    }
    let Some(worst) = worst(reports).map(|place| &reports[place]) else { return Ok(()) };
    if options.scenario != ALL {
        writeln!(out, "{}", report::failure_groups(worst))?;
    }
    match (least, worst.first_failure()) {
        (Some(Least { shrunk, capsules, .. }), _) => {
            let (name, Run { seeds, strategy, .. }) = (&worst.summary.name, options);
            let sweep = format!("cargo run --release -- run {name} --seeds {seeds} --strategy {strategy}");
            let path = capsules.last().map(PathBuf::as_path);
            writeln!(out, "{}", report::story(shrunk, &again(&worst.summary, shrunk, path, &sweep)))?;
        }
        (None, Some(group)) => writeln!(out, "{}", report::failure(worst, group))?,
        (None, None) => {}
    }
    Ok(())
}

fn conclude(out: &mut dyn Write, reports: &[SweepReport], options: &Run, exit: Exit) -> Result<(), BadInput> {
    let missed = || reports.iter().filter(|report| report.met() == Met::No).map(|report| report.summary.name.as_str());
    match (options.scenario == ALL, missed().next()) {
        (false, _) => writeln!(out, "exit code {}", exit.code())?,
        (true, None) => writeln!(out, "every scenario did what it is expected to do")?,
        (true, Some(_)) => {
            let missed: Vec<&str> = missed().collect();
            writeln!(out, "NOT as expected: {}; exit code {}", missed.join(", "), exit.code())?;
        }
    }
    Ok(())
}
