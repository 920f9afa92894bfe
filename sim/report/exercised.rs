//! What a sweep exercised, on a few lines. Reads counts, decides nothing.

use super::number::grouped;
use crate::explore::SweepReport;

/// What happened in all runs together, what was declared, and whether the last seeds still showed something new.
#[must_use]
pub fn exercised(report: &SweepReport) -> String {
    let seen = &report.harvest.exercised;
    let operations: u64 = seen.operations.values().sum();
    let judged: u64 = seen.judged.values().sum();
    let mut text = format!(
        "exercised: {} elections, {} contested terms, {} decisions, {} operations of {} clients, {} faults felt, {} of \
         them by models, {} things judged\n",
        grouped(seen.elections),
        grouped(seen.contested_terms),
        grouped(seen.decisions),
        grouped(operations),
        seen.operations.len(),
        grouped(seen.faults_felt()),
        grouped(seen.model_faults_felt),
        grouped(judged),
    );
    for (name, runs) in &seen.declared {
        text.push_str(&format!("  {name}: in {} of {} runs\n", grouped(*runs), grouped(report.harvest.runs)));
    }
    if let Some(last) = report.harvest.coverage.last_new() {
        let quiet = (report.seeds.range().end - 1).saturating_sub(last.0);
        let (likenesses, quiet) = (grouped(report.harvest.coverage.len()), grouped(quiet));
        text.push_str(&format!("  {likenesses} ways of being unlike the others; the last new one with seed {last}, "));
        text.push_str(&format!("{quiet} seeds before the end\n"));
    }
    text
}
