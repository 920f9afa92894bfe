//! `compare --ablate`: a team against itself with one rule after another switched off.

use super::Stage;
use super::arguments::Compare;
use super::compare::{borrowed, exit, finish};
use super::error::BadInput;
use super::run::sweep_each;
use crate::explore::Exit;
use crate::report::{Ablation, Comparison};
use crate::runtime::host_note;
use crate::scenario::{Contestant, Runnable};
use serde_json::json;

pub(super) fn ablate(stage: &mut Stage<'_>, options: &Compare, team: &Contestant) -> Result<Exit, BadInput> {
    if team.ablated().is_empty() {
        return Err(BadInput::Usage(format!("'{}' has no rule that can be switched off", team.name())));
    }
    let arms: Vec<Box<dyn Runnable>> =
        team.ablated().iter().flat_map(|rule| [team.under(&rule.setting), rule.under(&rule.setting)]).collect();
    let reports = sweep_each(stage, &borrowed(&arms)?, &options.seeds, options.jobs);
    let pairs = team.ablated().iter().zip(reports.chunks(2));
    let ablations: Vec<Ablation> =
        pairs.map(|(rule, pair)| Ablation::of(rule, Comparison::from(&pair[0]), Comparison::from(&pair[1]))).collect();
    let exit = exit(&reports);
    let document = json!({
        "team": team.name(),
        "seeds": options.seeds.to_string(),
        "ablations": ablations,
        "host_note": host_note(),
        "exit_code": exit.code(),
    });
    let (name, seeds, host) = (team.name(), &options.seeds, host_note());
    let (setting, table) = (&ablations[0].setting, Ablation::table(&ablations));
    let text = format!("{name} with one rule switched off at a time, seeds {seeds}, {host}\n{setting}\n\n{table}");
    finish(stage, options, &document, &text, &reports)?;
    Ok(exit)
}
