//! `compare --policies NAME --plot FILE`: calls made and calls answered over time, of each version of one matter. Knows
//! which runs; others run, count and draw.

use super::Stage;
use super::arguments::Compare;
use super::error::BadInput;
use crate::explore::perform;
use crate::fault::{Schedule, When};
use crate::report::Goodput;
use crate::scenario::{Job, Pairing, Run};
use crate::seed::Seed;
use crate::time::{Duration, Time, seconds};
use crate::trace::Detail;

/// Runs that are counted together, at most: the curves of more look the same.
const RUNS: u64 = 20;
/// Calls are counted in spans of this length.
const SPAN: Duration = seconds(5);

/// What is drawn: the versions of one matter, and what all their runs went through alike.
pub(super) struct OverTime {
    title: String,
    trouble: Option<[Duration; 2]>,
    teams: Vec<Goodput>,
}

/// Runs the first seeds of each version once more, and counts their calls.
pub(super) fn count(stage: &Stage<'_>, options: &Compare, pairings: &[&Pairing]) -> Result<OverTime, BadInput> {
    let [pairing] = pairings else {
        let refusal = "a picture shows the versions of one matter: name it, as in --policies retry_storm";
        return Err(BadInput::Usage(refusal.to_owned()));
    };
    let range = options.seeds.range();
    let range = range.start..range.end.min(range.start.saturating_add(RUNS));
    let mut trouble = Trouble::Unseen;
    let mut all: Vec<(String, Vec<Run>)> = Vec::new();
    for name in pairing.versions() {
        let scenario = stage.catalogue.find(name).expect("the catalogue has every version of its pairings");
        let mut runs = Vec::new();
        for seed in range.clone() {
            let run = perform(scenario, stage.host, &Job::of(Seed(seed)).detailed(Detail::Full));
            let run = run.map_err(|escape| BadInput::Usage(format!("{name} cannot be drawn: {escape}")))?;
            trouble = trouble.and(&run.schedule);
            runs.push(run);
        }
        all.push((name.to_owned(), runs));
    }
    let last = |run: &Run| run.history.entries().last().map_or(Time::ZERO, |entry| entry.at).since(Time::ZERO);
    let end = all.iter().flat_map(|(_, runs)| runs.iter().map(last)).max().unwrap_or(Duration::ZERO);
    let teams: Vec<Goodput> = all.iter().map(|(name, runs)| counted(name, runs, end)).collect();
    if teams.iter().all(|team| team.made().iter().all(|count| *count == 0)) {
        return Err(BadInput::Usage(format!(
            "no version of {} calls a tool: there is nothing to draw",
            pairing.name()
        )));
    }
    let title = format!("{} and its better versions, seeds {}..{}", pairing.name(), range.start, range.end);
    Ok(OverTime { title, trouble: trouble.span(), teams })
}

fn counted(name: &str, runs: &[Run], end: Duration) -> Goodput {
    let mut goodput = Goodput::of(name, SPAN, end);
    runs.iter().for_each(|run| goodput.add(&run.history));
    goodput
}

/// What goes wrong at the same instant in every run, if anything does.
enum Trouble {
    Unseen,
    Alike(Schedule),
    Unlike,
}

impl Trouble {
    fn and(self, schedule: &Schedule) -> Trouble {
        match self {
            Trouble::Unseen => Trouble::Alike(schedule.clone()),
            Trouble::Alike(known) if known == *schedule => Trouble::Alike(known),
            Trouble::Alike(_) | Trouble::Unlike => Trouble::Unlike,
        }
    }

    /// From the first fault's begin to the last one's end.
    fn span(&self) -> Option<[Duration; 2]> {
        let Trouble::Alike(schedule) = self else { return None };
        let instant = |fault: &crate::fault::Fault| match fault.when {
            When::At(at) => Some([at.since(Time::ZERO), at.since(Time::ZERO) + fault.span]),
            When::Nth(_) | When::On(..) | When::Each(_) => None,
        };
        let spans: Vec<[Duration; 2]> = schedule.faults.iter().map(instant).collect::<Option<_>>()?;
        Some([spans.iter().map(|span| span[0]).min()?, spans.iter().map(|span| span[1]).max()?])
    }
}

/// The picture.
#[cfg(feature = "report")]
pub(super) fn picture(counted: &OverTime) -> Result<String, BadInput> {
    let OverTime { title, trouble, teams } = counted;
    let timeline = crate::report::Timeline { title, trouble: *trouble, teams };
    timeline.svg().map_err(|error| BadInput::Usage(error.to_string()))
}

/// Without the feature there is no picture, and the remedy is said.
#[cfg(not(feature = "report"))]
pub(super) fn picture(counted: &OverTime) -> Result<String, BadInput> {
    let OverTime { title, trouble: _, teams: _ } = counted;
    Err(BadInput::Usage(format!("this build cannot draw {title}: build it with --features report")))
}
