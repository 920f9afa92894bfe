//! `compare --plot`: the same teams at every step of two circumstances. Knows which steps; others sweep and draw.

use super::Stage;
use super::arguments::Compare;
use super::compare::borrowed;
use super::error::BadInput;
use super::run::sweep_each;
use crate::explore::SweepReport;
use crate::model::Profile;
use crate::report::{Comparison, Curve, Curves, Point};
use crate::scenario::{Contestant, Runnable, Setting, Trouble};
use crate::seed::Ratio;
use crate::time::seconds;

/// Shares of wrong answers in percent: from the best summaries to the worst closed-book answers that were measured.
const WRONG: [u64; 7] = [0, 5, 10, 20, 30, 50, 80];
/// Seconds that a minority is cut off, up to what a client waits.
const CUT: [u64; 7] = [0, 2, 5, 10, 15, 20, 30];

/// A circumstance that grows.
struct Axis {
    title: &'static str,
    steps: &'static [u64],
    at: fn(&Setting, u64) -> Setting,
}

const AXES: [Axis; 2] = [
    Axis {
        title: "hallucination rate: wrong answers, % of all",
        steps: &WRONG,
        at: |setting, percent| {
            let profile = Profile {
                wrong: Ratio::percent(u32::try_from(percent).expect("a share in percent")),
                ..setting.profile.clone()
            };
            Setting { profile, trouble: Trouble::None, ..setting.clone() }
        },
    },
    Axis {
        title: "partition time: a minority cut off for, s",
        steps: &CUT,
        at: |setting, span| {
            // Asked while the cut begins.
            let asked_within = seconds(8);
            Setting { trouble: Trouble::Partition(seconds(span)), asked_within, ..setting.clone() }
        },
    },
];

/// Sweeps every team at every step.
pub(super) fn curves(
    stage: &Stage<'_>,
    options: &Compare,
    teams: &[&Contestant],
    setting: &Setting,
) -> Result<(Vec<Curves>, Vec<SweepReport>), BadInput> {
    let mut arms: Vec<Box<dyn Runnable>> = Vec::new();
    for axis in &AXES {
        let settings = axis.steps.iter().map(|step| (axis.at)(setting, *step));
        let settings: Vec<Setting> = settings.collect();
        arms.extend(teams.iter().flat_map(|team| settings.iter().map(|setting| team.under(setting))));
    }
    let reports = sweep_each(stage, &borrowed(&arms)?, &options.seeds, options.jobs);
    let mut rest = reports.iter();
    let mut columns = Vec::new();
    for axis in &AXES {
        let curve = |team: &&Contestant| {
            let step = |(at, report): (&u64, &SweepReport)| Point { at: *at, comparison: report.into() };
            let points = axis.steps.iter().zip(rest.by_ref()).map(step).collect();
            Curve { team: team.name().to_owned(), points }
        };
        let curves = teams.iter().map(curve).collect();
        let described = Comparison::setting(&(axis.at)(setting, axis.steps[0]));
        columns.push(Curves { axis: axis.title, setting: described, curves });
    }
    Ok((columns, reports))
}

/// The picture of these curves.
#[cfg(feature = "report")]
pub(super) fn picture(options: &Compare, setting: &Setting, columns: &[Curves]) -> Result<String, BadInput> {
    let caption = [
        format!(
            "Seeds {} at every point, the same for all teams; task {}, profile {}, {} agents with {} models, one \
             decision a seed, no other faults.",
            options.seeds, setting.task.name, setting.profile.name, setting.agents, setting.models
        ),
        format!("Bands: 95 % intervals (Wilson 1927). synod {}.", env!("CARGO_PKG_VERSION")),
    ];
    let title = "Teams of language models: right, in time, safe?";
    let plot = crate::report::Plot { title, caption: &caption, columns };
    plot.svg().map_err(|error| BadInput::Usage(error.to_string()))
}

/// Without the feature there is no picture, and the remedy is said before anything is swept.
#[cfg(not(feature = "report"))]
pub(super) fn picture(_: &Compare, _: &Setting, _: &[Curves]) -> Result<String, BadInput> {
    Err(BadInput::Usage("this build cannot draw: build it with --features report".to_owned()))
}
