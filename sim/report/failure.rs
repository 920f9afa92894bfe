//! Failures of a sweep as text: what was violated, the proof, the faults, and the command that shows the run again.

use super::number::grouped;
use crate::explore::{Evidence, Group, Strategy, SweepReport};
use crate::scenario::Summary;
use crate::seed::Seed;
use std::collections::BTreeMap;

/// The commands that show a seed's run again: with the command installed, and from a clone.
#[must_use]
pub fn replay_command(summary: &Summary, seed: Seed, by: Strategy) -> String {
    if by == Strategy::Guided {
        return format!("the sweep with --out DIR, and replay its capsule: seed {seed} depends on the seeds before it");
    }
    let words = format!("replay {} --seed {seed}{}", summary.name, strategy_option(summary, seed, by));
    format!("synod {words}\ncargo run --release -- {words}")
}

/// What makes a command line mean a seed as this strategy used it; nothing where it means that anyway.
#[must_use]
pub fn strategy_option(summary: &Summary, seed: Seed, by: Strategy) -> String {
    by.to_ask_for(seed, summary).map_or_else(String::new, |by| format!(" --strategy {by}"))
}

/// One failure: a headline, the evidence, the faults of that run, and how to see it again.
#[must_use]
pub fn failure(report: &SweepReport, group: &Group) -> String {
    let name = &report.summary.name;
    let example = &group.example;
    let again = replay_command(&report.summary, example.seed, example.attempt.by).replace('\n', "\n  ");
    format!(
        "{name} {} ({} of {} seeds fail like this: {})\n{example}\nSee it again:\n  {again}\n\
         The shortest of its kind: {}\n",
        group.headline(),
        grouped(group.count),
        grouped(report.harvest.runs),
        group.shape,
        group.shortest
    )
}

/// Every group of failures, one line each.
#[must_use]
pub fn failure_groups(report: &SweepReport) -> String {
    let mut text = String::new();
    for group in report.harvest.failures.groups() {
        let why = match &group.example.evidence {
            Evidence::Witness(witness) => witness.contradiction.clone(),
            Evidence::Crash(crash) => crash.to_string(),
            Evidence::Panic(what) => what.clone(),
        };
        let (count, seed) = (grouped(group.count), group.example.seed);
        text.push_str(&format!(
            "{count:>9} × {}, {}, {}, first with seed {seed}, shortest with seed {}: {why}\n",
            group.property,
            group.shape,
            found_by(&group.found_by),
            group.shortest.seed
        ));
    }
    match report.harvest.failures.beyond() {
        0 => {}
        beyond => text.push_str(&format!("{:>9} × of further shapes\n", grouped(beyond))),
    }
    text
}

/// Which strategies found a failure, and how often if there are several.
fn found_by(counts: &BTreeMap<Strategy, u64>) -> String {
    let told: Vec<String> = match counts.len() {
        1 => counts.keys().map(Strategy::to_string).collect(),
        _ => counts.iter().map(|(strategy, count)| format!("{strategy} {}", grouped(*count))).collect(),
    };
    format!("found by {}", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Seeds, Sweep};

    #[test]
    fn a_failure_ends_in_its_replay_command() {
        let fake = Fake::new("last_speaker", Sin::ViolatesEvery(17));
        let report = Sweep::of(Seeds::new(0..1_000).unwrap()).run(&fake, &BareHost);
        insta::assert_snapshot!(failure(&report, report.first_failure().unwrap()) + &failure_groups(&report));
    }
}
