//! A handmade run for the tests of views: a question to a model, a lie, a lost message, a late one, and a
//! contradiction.

use crate::check::{Property, PropertyKind, Step, Verdict, Witness};
use crate::explore::fake;
use crate::fact::{Fact, Slot, Value};
use crate::fault::Kind;
use crate::history::{Entry, Event};
use crate::id::{NodeId, ProcessId};
use crate::scenario::{Judged, Run};
use crate::time::{Time, millis};
use crate::trace::{Cause, Detail, Happening, Mark, Record, Trace};

const A1: NodeId = NodeId::agent(0);
const A2: NodeId = NodeId::agent(1);
const M1: NodeId = NodeId::model(0);

/// The run.
pub(super) fn run() -> Run {
    let mut run = fake::violating_every(2, 4);
    run.ledger.fired(Kind::Loss);
    run.ledger.felt(Kind::Loss);
    run.trace = trace();
    for (node, at, value) in [(A1, 7, "roll back"), (A2, 12, "scale up")] {
        let event = Event::Fact(Fact::Decided { slot: Slot(0), value: Value::from(value) });
        run.history.push(Entry { at: Time::ZERO + millis(at), node, process: ProcessId(0), event });
    }
    let steps = run.history.entries().iter().enumerate();
    let steps = steps.map(|(place, entry)| Step::of(place, entry, ["decides roll back", "decides scale up"][place]));
    let witness = Witness {
        property: "agreement",
        shape: "two_values".to_owned(),
        steps: steps.collect(),
        contradiction: "a1 and a2 decided slot 0 differently.".to_owned(),
    };
    let agreement = Property { kind: PropertyKind::Safety, ..fake::AGREEMENT };
    run.judged = vec![Judged { property: agreement, verdict: Verdict::Violated(witness) }];
    run.digest = 0x1234;
    run
}

fn trace() -> Trace {
    let mut trace = Trace::new(Detail::Full);
    let mut push = |at, node, happening, peer, mark, cause, text: &str| {
        let (at, process) = (Time::ZERO + millis(at), ProcessId(0));
        let record = Record { at, node, process, happening, mark, peer, cause, about: 7 };
        trace.push(record, || text.to_owned())
    };
    let none = (Mark::NONE, Cause::NONE);
    let asked = push(0, A2, Happening::Prompted, Some(M1), none.0, none.1, "You are a2.\nWhat caused the alert?");
    let sent = push(1, A1, Happening::Sent, Some(A2), none.0, none.1, "proposal roll back");
    push(2, A2, Happening::Dropped, Some(A1), Mark::FAULT, sent, "proposal roll back");
    let lie = Mark::FAULT.with(Mark::TAINT);
    let served = push(5, M1, Happening::Served, Some(A2), lie, asked, "{\"cause\": \"deploy-999\"}");
    let heard = push(6, A2, Happening::Replied, Some(M1), lie, served, "{\"cause\": \"deploy-999\"}");
    push(7, A1, Happening::Decided, None, Mark::NONE, sent, "decides roll back for slot 0");
    let again = push(8, A2, Happening::Prompted, Some(M1), Mark::NONE, heard, "Are you sure?");
    push(9, M1, Happening::Served, Some(A2), Mark::NONE, again, "{\"sure\": true}");
    let late = push(11, A2, Happening::Delivered, Some(A1), Mark::LATE, sent, "reminder");
    push(12, A2, Happening::Decided, None, Mark::TAINT, late, "decides scale up for slot 0");
    trace
}
