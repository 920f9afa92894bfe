//! From a finished world to a run: decisions scored, properties judged, everything digested.

use super::abstraction;
use super::exercised::{Exercised, Goal};
use super::run::{Job, Judged, Run, States};
use crate::check::{Check, Verdict};
use crate::digest::{Digest, Digester};
use crate::fact::Fact;
use crate::history::{Entry, Event};
use crate::id::{NodeId, ProcessId};
use crate::seed::Pins;
use crate::world::Finished;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Scores the decisions, judges the history, digests it all.
pub(super) fn conclude(
    job: &Job,
    mut finished: Finished,
    pins: &Pins,
    checks: &[Arc<dyn Check>],
    goals: &[Goal],
) -> Run {
    score(&mut finished);
    let judged = checks.iter().map(|check| Judged::by(&**check, &finished.history)).collect();
    assemble(job, finished, pins, judged, goals)
}

/// The run that these verdicts are about.
pub(super) fn assemble(job: &Job, finished: Finished, pins: &Pins, judged: Vec<Judged>, goals: &[Goal]) -> Run {
    let Finished { trace, history, ledger, schedule, figures, latencies, crash, waiting, spending, outlines, .. } =
        finished;
    let states = match job.states {
        States::Unseen => BTreeSet::new(),
        States::Kept if outlines.is_empty() => abstraction::states(&history),
        States::Kept => outlines,
    };
    let mut digester = Digester::default();
    digester.word(trace.digest());
    for Judged { property, verdict } in &judged {
        property.name.digest(&mut digester);
        match verdict {
            Verdict::Holds { judged } => digester.word(*judged),
            Verdict::Violated(witness) => witness.contradiction.digest(&mut digester),
            Verdict::Unknown { limit } => limit.digest(&mut digester),
        }
    }
    for figure in [figures.decisions, figures.correct, figures.messages, figures.model_calls, figures.events] {
        digester.word(figure);
    }
    crash.as_ref().map(|crash| crash.what.as_str()).digest(&mut digester);
    Run {
        seed: job.seed,
        exercised: Exercised::of(&history, &ledger, &judged, goals),
        states,
        digest: digester.finish(),
        judged,
        crash,
        pin_error: pins.settle().err(),
        idle_pins: pins.idle(),
        ledger,
        schedule,
        figures,
        latencies,
        trace,
        history,
        draws: pins.recorded(),
        draw_times: pins.recorded_at(),
        waiting,
        spending,
    }
}

/// Compares the first decision of each slot with the ground truth, as facts of the history.
pub(super) fn score(finished: &mut Finished) {
    let at = finished.history.entries().last().map(|entry| entry.at).unwrap_or_default();
    for (slot, value) in &finished.decided {
        let Some(problem) = finished.problems.get(slot) else { continue };
        let score = problem.score(value);
        finished.figures.correct += u64::from(score.is_correct());
        let event = Event::Fact(Fact::Scored { slot: *slot, score });
        finished.history.push(Entry { at, node: NodeId::agent(0), process: ProcessId(0), event });
    }
}
