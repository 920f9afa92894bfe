//! JSON documents for scripts, one for each command.

use super::row::Row;
use crate::check::consistency::{self, Look};
use crate::explore::{Exit, Strategy};
use crate::fault::{FaultProfile, Kind};
use crate::scenario::BuiltIn;
use crate::scenario::{Run, Summary};
use crate::trace::Trace;
use serde_json::{Value, json};

/// What `run --json` prints.
#[must_use]
pub fn sweep_json(rows: &[Row], host_note: &str, exit: Exit) -> Value {
    json!({ "rows": rows, "host_note": host_note, "exit_code": exit.code() })
}

/// What `list --json` prints.
#[must_use]
pub fn list_json(summaries: &[Summary]) -> Value {
    let faults: Vec<Value> = Kind::ALL
        .iter()
        .map(|kind| json!({ "name": kind.name(), "part": kind.part(), "about": kind.about() }))
        .collect();
    let tasks = BuiltIn::ALL.map(|task| json!({ "name": task.name, "about": task.about }));
    let profiles = FaultProfile::ALL.map(|profile| json!({ "name": profile.name, "about": profile.about }));
    let strategies = Strategy::ALL.map(|strategy| json!({ "name": strategy.name(), "about": strategy.about() }));
    let of_stores: Vec<Value> = consistency::all(Look::DEFAULT)
        .iter()
        .map(|check| json!({ "property": check.property(), "aliases": consistency::aliases(check.property().name) }))
        .collect();
    json!({
        "scenarios": summaries,
        "tasks": tasks,
        "properties_of_stores": of_stores,
        "faults": faults,
        "fault_profiles": profiles,
        "strategies": strategies,
    })
}

/// What `replay --json` prints.
#[must_use]
pub fn run_json(summary: &Summary, run: &Run, exit: Exit) -> Value {
    let records: Vec<Value> = (0..run.trace.records().len()).map(|place| record_json(&run.trace, place)).collect();
    json!({
        "scenario": summary.name,
        "seed": run.seed,
        "digest": format!("{:016x}", run.digest),
        "judged": run.judged,
        "crash": run.crash,
        "schedule": run.schedule,
        "ledger": run.ledger,
        "figures": run.figures,
        "false_claims": run.trace.spreads(),
        "records": records,
        "exit_code": exit.code(),
    })
}

/// One record of a trace.
pub(super) fn record_json(trace: &Trace, place: usize) -> Value {
    use crate::trace::Mark;
    let record = &trace.records()[place];
    let marks = [(Mark::FAULT, "fault"), (Mark::TAINT, "taint"), (Mark::LATE, "late")];
    let marks: Vec<&str> = marks.into_iter().filter(|(mark, _)| record.mark.has(*mark)).map(|(_, name)| name).collect();
    json!({
        "place": place,
        "at": record.at,
        "node": record.node,
        "process": record.process,
        "happening": record.happening,
        "peer": record.peer,
        "cause": record.cause.place(),
        "about": format!("{:016x}", record.about),
        "marks": marks,
        "text": trace.text(place),
    })
}
