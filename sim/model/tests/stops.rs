//! Stop sequences: where a reply ends, what of it is paid for, and what of a fault is left.

use super::*;
use crate::model::{Act, Action, Diagnose, Pace, Scripted, Speaker, Stop};

fn answered(model: &Scripted, request: &Request, fault: Option<Kind>) -> Answered {
    let (model_node, caller) = (NodeId::model(0), NodeId::agent(0));
    let call = Call { model: model_node, caller, turn: Turn(0), request, problem: None, fault };
    model.answer(&Streams::of(Seed(5)), &call)
}

/// What a model says of "one two three four" that is told to stop at these texts.
fn said(stops: &[&str], most: Option<u32>) -> Reply {
    // It does not reason before it speaks, so that every token is one of the text.
    let pace = Pace { reasoning: 0, long_reasoning: 0, ..Pace::usual() };
    let profile = Profile { pace, ..Profile::perfect() };
    let model = Scripted::saying(|_| "one two three four".to_owned()).with(profile);
    let stops = stops.iter().map(|text| (*text).to_owned()).collect();
    let request = Request { stops, max_tokens: most, ..Request::about(Slot(0)).say(Speaker::User, "Count.") };
    answered(&model, &request, None).outcome.expect("a reply")
}

#[test]
fn a_reply_ends_before_the_first_stop_sequence_that_it_completes() {
    for (stops, most, text, stopped_at) in [
        (&[" three"][..], None, "one two", Some(" three")),
        (&[" four", " two"], None, "one", Some(" two")),
        // The one that ends first, however early the other begins; of two that end at once, the longer.
        (&["two three", "thr"], None, "one two ", Some("thr")),
        (&["three", "two three"], None, "one ", Some("two three")),
        (&["five"], None, "one two three four", None),
        (&[""], None, "one two three four", None),
        (&["one"], None, "", Some("one")),
        // Cut off within the sequence, or before it.
        (&["three"], Some(3), "one two thre", None),
        (&["two"], Some(3), "one ", Some("two")),
    ] {
        let reply = said(stops, most);
        assert_eq!((reply.text.as_str(), reply.stopped_at.as_deref()), (text, stopped_at), "{stops:?} {most:?}");
        let stop = match (stopped_at, text) {
            (Some(_), _) => Stop::StopSequence,
            (None, "one two three four") => Stop::EndTurn,
            (None, _) => Stop::MaxTokens,
        };
        assert_eq!(reply.stop, stop, "{stops:?} {most:?}");
    }
}

#[test]
fn what_is_written_up_to_the_end_of_the_sequence_is_paid_for_and_nothing_behind_it() {
    let tokens = |stops: &[&str]| said(stops, None).usage.output_tokens;
    assert_eq!((tokens(&[]), tokens(&["four"])), (5, 5), "eighteen bytes");
    assert_eq!(tokens(&[" two"]), 2, "seven bytes");
}

#[test]
fn tools_that_would_have_been_called_behind_the_sequence_are_not() {
    let model = Scripted::acting::<()>(|_| Act::Call(vec![Action::new("merge", &"fix-7")]));
    let tool = crate::model::Tool::new("merge", "", crate::model::Schema::of::<String>());
    let request = Request::about(Slot(0)).say(Speaker::User, "Merge fix-7.").offering(tool).stopping_at("going with");
    let called = answered(&model, &request, None).outcome.expect("a reply");
    assert_eq!((called.stop, called.calls.len()), (Stop::ToolUse, 1), "arguments are not words");
    // It says what it is going to do, and calls another branch's merge.
    let halted = answered(&model, &request, Some(Kind::SaidNotDone)).outcome.expect("a reply");
    assert_eq!((halted.stop, halted.text.as_str(), halted.calls.len()), (Stop::StopSequence, "I am ", 0));
}

#[test]
fn a_task_stops_there_too_and_half_an_answer_is_none() {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    let streams = Streams::of(Seed(1));
    let problem = task.problem(&streams, Slot(0));
    let request = problem.request().stopping_at(r#","service""#);
    let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
    assert!(reply.stop == Stop::StopSequence && problem.right_text().starts_with(&reply.text), "{reply}");
    assert_eq!(crate::model::parse_reply::<crate::model::Diagnosis>(&reply), Err(crate::model::ReplyError::Schema));
    assert!(reply.to_string().ends_with(" [stop sequence]"));
}

#[test]
fn a_fault_behind_the_sequence_has_struck_nothing() {
    let model = Scripted::saying(|_| "Yes. END and more of it, up to here".to_owned());
    let request = Request::about(Slot(0)).say(Speaker::User, "Well?");
    let told = request.clone().stopping_at("END");
    let acts = |request: &Request, kind| answered(&model, request, Some(kind)).fault == Some(kind);
    // Its end is cut off, which nobody hears; its language is another one from the beginning.
    let behind = (0..100).filter(|seed| {
        let call = Call {
            model: NodeId::model(0),
            caller: NodeId::agent(0),
            turn: Turn(0),
            request: &told,
            problem: None,
            fault: Some(Kind::Truncated),
        };
        let answered = model.answer(&Streams::of(Seed(*seed)), &call);
        let heard = answered.outcome.expect("a reply").stop == Stop::StopSequence;
        assert_eq!(answered.fault.is_none(), heard);
        heard
    });
    assert!((40..100).contains(&behind.count()), "mostly behind it, and before it now and then");
    assert!(acts(&request, Kind::Truncated) && acts(&told, Kind::LanguageDrift));
}

#[test]
fn nothing_false_is_said_where_the_reply_ends_before_it() {
    let task = TaskSet::of(Change::generate);
    // Wrong of itself: of a fault nothing is left where the same is said as without it.
    let mock = Mock::new(Profile { wrong: crate::seed::Ratio::ALWAYS, ..Profile::perfect() }, task.clone());
    let (mut before, mut behind) = (0, 0);
    for seed in 0..40 {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let whole = struck(&mock, &task, seed, None).reply().clone();
        let taint = whole.taint.expect("a lie");
        for stop in ["{", r#","points""#, r#","ticket""#, r#","verdict""#, "}"] {
            let request = problem.request().stopping_at(stop);
            let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
            assert_eq!(reply.stop, Stop::StopSequence);
            // Fields come in the order of their names, and one of them is false.
            let field = taint.claim.split([' ', '.']).next().expect("a field");
            let said = reply.text.contains(&format!("\"{field}\""));
            assert_eq!(reply.taint.is_some(), said, "seed {seed}: {} in {reply}", taint.claim);
            before += u32::from(!said);
            behind += u32::from(said);
        }
    }
    assert!(before > 40 && behind > 40, "{before} and {behind}");
}
