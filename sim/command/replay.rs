//! `replay`: one run again, shown in a view.

use super::Stage;
use super::arguments::{Format, Replay};
use super::chosen::tried;
use super::error::BadInput;
use crate::explore::{Attempt, Capsule, Exit, Fit, SweepReport, perform};
use crate::id::NodeId;
use crate::report::{self, View};
use crate::scenario::{Job, Run, Runnable, Summary};
use crate::seed::{Pins, Seed};
use crate::trace::Detail;

pub(super) fn replay(stage: &mut Stage<'_>, options: &Replay) -> Result<Exit, BadInput> {
    let request = Request::of(stage, options)?;
    let chosen = stage.one(&request.scenario, &options.variant)?;
    let scenario: &dyn Runnable = &*chosen;
    scenario.validate().map_err(BadInput::Invalid)?;
    let summary = scenario.summary();
    check_view(options)?;
    if let Some(capsule) = &request.capsule {
        capsule.is_of(&summary)?;
    }
    let outcome = perform(scenario, stage.host, &request.job);
    let seed = request.job.seed;
    let attempt = Attempt { pins: request.job.pins.clone(), ..Attempt::from(seed) };
    let exit = SweepReport::of_one(summary.clone(), stage.host, seed, &attempt, &outcome).exit();
    match outcome {
        Err(escape) => writeln!(stage.out, "{}, seed {seed}: the scenario itself {escape}", summary.name)?,
        Ok(run) => {
            if let Some(capsule) = &request.capsule {
                compare(capsule, &run)?;
            }
            show(stage, &summary, &run, options, exit)?;
        }
    }
    Ok(exit)
}

/// Which run is wanted.
struct Request {
    scenario: String,
    job: Job,
    capsule: Option<Capsule>,
}

impl Request {
    fn of(stage: &Stage<'_>, options: &Replay) -> Result<Request, BadInput> {
        match (&options.capsule, &options.scenario, options.seed) {
            (None, Some(scenario), Some(seed)) => {
                let chosen = stage.one(scenario, &options.variant)?;
                let job = tried(&*chosen, options.strategy, Seed(seed))?.job().detailed(Detail::Full);
                Ok(Request { scenario: scenario.clone(), job, capsule: None })
            }
            (Some(path), scenario, _) => {
                let capsule = Capsule::read(path)?;
                Pins::new(&capsule.pins)?;
                if let Some(other) = scenario.as_ref().filter(|name| **name != capsule.scenario) {
                    let text = format!("{} is a capsule of {}, not of {other}", path.display(), capsule.scenario);
                    return Err(BadInput::Usage(text));
                }
                let job = capsule.job(Detail::Full);
                Ok(Request { scenario: capsule.scenario.clone(), job, capsule: Some(capsule) })
            }
            (None, Some(name), None) => {
                // A misspelt name is the greater mistake.
                stage.one(name, &options.variant)?;
                Err(BadInput::Usage(format!("which run of {name}? Give --seed N, or --capsule FILE")))
            }
            (None, None, _) => {
                Err(BadInput::Usage("what to replay? Give a scenario and --seed N, or --capsule FILE".to_owned()))
            }
        }
    }
}

fn check_view(options: &Replay) -> Result<(), BadInput> {
    let text = match (options.view, options.agent) {
        (View::Transcript, None) => "whose transcript? Give --agent, such as --agent a1",
        (View::Text | View::Html | View::Mermaid | View::Jsonl, Some(_)) => "--agent goes with --view transcript",
        _ => return Ok(()),
    };
    Err(BadInput::Usage(text.to_owned()))
}

/// Says on standard error how the run differs from its capsule and whether its failure is gone; an error if it must not
/// differ.
pub(super) fn compare(capsule: &Capsule, run: &Run) -> Result<(), BadInput> {
    if let Fit::Rerecorded { from } = capsule.fits(run)? {
        eprintln!("re-recorded: synod {from} made this capsule, and the run is another one in this version");
    }
    let violates = |property: &str| {
        let witnesses = run.judged.iter().filter_map(|judged| judged.verdict.witness());
        witnesses.map(|witness| witness.property).any(|name| name == property) || run.crash.is_some()
    };
    if let Some(property) = capsule.property.as_deref().filter(|property| !violates(property)) {
        eprintln!("the capsule's failure is gone: {property} is not violated any more");
    }
    Ok(())
}

fn show(stage: &mut Stage<'_>, summary: &Summary, run: &Run, options: &Replay, exit: Exit) -> Result<(), BadInput> {
    if stage.format == Format::Json {
        return stage.print_json(&report::run_json(summary, run, exit));
    }
    let text = match (options.view, options.agent) {
        (View::Html, _) => report::html(summary, run),
        (View::Mermaid, _) => report::mermaid(summary, run),
        (View::Jsonl, _) => report::jsonl(run),
        (View::Transcript, Some(agent)) => {
            check_agent(summary, run, agent)?;
            report::transcript(summary, run, agent)
        }
        _ => report::text(summary, run),
    };
    Ok(stage.out.write_all(text.as_bytes())?)
}

/// Whether there is such a participant: a member of the team, or one that delegation made.
fn check_agent(summary: &Summary, run: &Run, agent: NodeId) -> Result<(), BadInput> {
    let is_member = (0..summary.agents).any(|index| NodeId::agent(index) == agent);
    if is_member || run.trace.records().iter().any(|record| record.node == agent) {
        return Ok(());
    }
    Err(BadInput::Usage(format!("there is no {agent} in {}: its agents are a1 to a{}", summary.name, summary.agents)))
}
