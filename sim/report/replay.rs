//! A run told event by event. Reads its trace and verdicts, decides nothing.

use super::json::record_json;
use crate::check::{Step, Witness};
use crate::explore::CRASH;
use crate::history::{Entry, Event, History};
use crate::scenario::{Run, Summary};
use crate::trace::{Happening, Trace};
use std::collections::BTreeMap;

/// One line for each record, the violation marked where it happened, and the verdicts at the end.
#[must_use]
pub fn text(summary: &Summary, run: &Run) -> String {
    let Summary { name, team, agents, task, .. } = summary;
    let mut text = format!("{name}, seed {}: {agents} agents of {team}, task {task}\n", run.seed);
    for fault in &run.schedule.faults {
        text.push_str(&format!("planned fault: {fault}\n"));
    }
    let (marks, effects) = (marks(run), effects(&run.trace));
    for (place, effects) in effects.iter().enumerate() {
        text.push_str(&run.trace.line(place).expect("a place within the trace"));
        if !effects.is_empty() {
            text.push_str(&format!("  -> {}", numbered(effects)));
        }
        if let Some(mark) = marks.get(&place) {
            text.push_str(&format!("  <== {mark}"));
        }
        text.push('\n');
    }
    text.push_str(&verdicts(run));
    text
}

/// What each record caused.
fn effects(trace: &Trace) -> Vec<Vec<usize>> {
    let mut effects = vec![Vec::new(); trace.records().len()];
    for (place, record) in trace.records().iter().enumerate() {
        if let Some(caused) = record.cause.place().and_then(|cause| effects.get_mut(cause)) {
            caused.push(place);
        }
    }
    effects
}

/// Places in order, neighbours drawn together: `#3, #5 to #9`.
fn numbered(places: &[usize]) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for place in places {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *place => *last = *place,
            _ => spans.push((*place, *place)),
        }
    }
    let written = spans.into_iter().map(|(first, last)| match last - first {
        0 => format!("#{first}"),
        1 => format!("#{first}, #{last}"),
        _ => format!("#{first} to #{last}"),
    });
    written.collect::<Vec<String>>().join(", ")
}

/// One JSON object a line for each record.
#[must_use]
pub fn jsonl(run: &Run) -> String {
    (0..run.trace.records().len()).map(|place| format!("{}\n", record_json(&run.trace, place))).collect()
}

pub(super) fn verdicts(run: &Run) -> String {
    use crate::check::Verdict;
    let mut text = String::new();
    for judged in &run.judged {
        let name = judged.property.name;
        text.push_str(&match &judged.verdict {
            Verdict::Holds { judged: 0 } => format!("{name}: nothing to judge\n"),
            Verdict::Holds { judged } => format!("{name}: holds, {judged} judged\n"),
            Verdict::Unknown { limit } => format!("{name}: unknown, the checker gave up: {limit}\n"),
            Verdict::Violated(witness) => format!("{name}: VIOLATED ({})\n{witness}\n", witness.shape),
        });
    }
    if let Some(crash) = &run.crash {
        text.push_str(&format!("{CRASH} at {}: {crash}\n", crash.at));
    }
    run.trace.spreads().iter().for_each(|spread| text.push_str(&format!("{spread}\n")));
    let total = run.ledger.total();
    text.push_str(&format!("faults: {} planned, {} fired, {} felt\n", total.planned, total.fired, total.felt));
    text.push_str(&format!("digest {:016x}\n", run.digest));
    text
}

/// What to write beside which record.
pub(super) fn marks(run: &Run) -> BTreeMap<usize, String> {
    let mut marks: BTreeMap<usize, String> = BTreeMap::new();
    for witness in run.judged.iter().filter_map(|judged| judged.verdict.witness()) {
        for (place, number) in steps(run, witness) {
            let mark = format!("{} violated, step {number} of {}", witness.property, witness.steps.len());
            marks.entry(place).and_modify(|known| *known = format!("{known}; {mark}")).or_insert(mark);
        }
    }
    marks
}

/// The records that a witness's steps are, with each step's number from 1.
fn steps(run: &Run, witness: &Witness) -> Vec<(usize, usize)> {
    let steps = witness.steps.iter().enumerate();
    steps.filter_map(|(number, step)| Some((record_of(&run.history, &run.trace, step)?, number + 1))).collect()
}

/// The record of a step. A step points into the history; the trace holds, for the same node and instant, the same kinds
/// of happenings in the same order.
fn record_of(history: &History, trace: &Trace, step: &Step) -> Option<usize> {
    let place = step.place?;
    let entry = history.entries().get(place)?;
    let alike =
        |other: &&Entry| other.at == entry.at && other.node == entry.node && lane(&other.event) == lane(&entry.event);
    let rank = history.entries()[..place].iter().filter(alike).count();
    let records = trace.records().iter().enumerate();
    let here: Vec<usize> = records
        .filter(|(_, record)| {
            record.at == entry.at && record.node == entry.node && shows(record.happening, &entry.event)
        })
        .map(|(place, _)| place)
        .collect();
    here.get(rank).or(here.last()).copied()
}

/// The number of a history's lane.
const fn lane(event: &Event) -> u8 {
    match event {
        Event::Operation(_) => 0,
        Event::Fact(_) => 1,
        Event::Environment(_) => 2,
    }
}

/// Whether a record of this kind can be what an entry of the history is about.
const fn shows(happening: Happening, event: &Event) -> bool {
    let fits = match happening {
        Happening::Invoked | Happening::Returned => 0,
        Happening::Fact | Happening::Decided => 1,
        _ => 2,
    };
    fits == lane(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::report::handmade;
    use crate::scenario::Runnable;

    #[test]
    fn a_replay_tells_every_event_and_marks_the_violation() {
        let summary = Fake::new("last_speaker", Sin::None).summary();
        insta::assert_snapshot!(text(&summary, &handmade::run()));
    }

    #[test]
    fn effects_that_follow_each_other_are_drawn_together() {
        assert_eq!(numbered(&[3, 5, 6, 8, 9, 10, 11]), "#3, #5, #6, #8 to #11");
    }

    #[test]
    fn every_line_of_jsonl_is_one_record() {
        let run = handmade::run();
        let lines: Vec<serde_json::Value> =
            jsonl(&run).lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
        assert_eq!(lines.len(), run.trace.records().len());
        assert_eq!(lines[4]["marks"], serde_json::json!(["fault", "taint"]));
        assert_eq!((&lines[4]["node"], &lines[4]["cause"]), (&"a2".into(), &3.into()));
    }
}
