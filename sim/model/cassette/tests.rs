//! Every line that is wrong, every request that matches nothing, and every fault on top of what was recorded.

use super::*;
use crate::fact::Slot;
use crate::fault::{Kind, Part};
use crate::model::{Call, ErrorKind, Message, Model, Schema, Scripted, Speaker, Stop, Taint, Tool, ToolCall, Usage};
use crate::seed::{Seed, Streams};
use crate::time::seconds;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Review {
    change: String,
    approve: bool,
}

const A1: NodeId = NodeId::agent(0);
const A2: NodeId = NodeId::agent(1);

fn asked(text: &str) -> Request {
    Request::about(Slot(0)).say(Speaker::System, "Be brief.").say(Speaker::User, text)
}

fn said(text: &str) -> Reply {
    let usage = Usage { input_tokens: 9, output_tokens: 3 };
    Reply { text: text.into(), calls: Vec::new(), stop: Stop::EndTurn, usage, stopped_at: None, taint: None }
}

fn call(id: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.into(), name: "merge".into(), arguments: arguments.into() }
}

/// Two calls of one agent and one of another.
fn cassette() -> Cassette {
    let mut cassette = Cassette::default();
    cassette.keep(Recorded::reply(A1, Turn(0), asked("Does CHG-7 merge?"), said("Yes.")));
    cassette.keep(Recorded::reply(A1, Turn(1), asked("Does CHG-8 merge?"), said("No.")));
    cassette.keep(Recorded::reply(A2, Turn(0), asked("Does CHG-9 merge?"), said("Perhaps.")));
    cassette
}

fn line(number: usize) -> String {
    cassette().to_string().lines().nth(number - 1).expect("a line").to_owned()
}

fn refused(lines: &[&str]) -> String {
    lines.join("\n").parse::<Cassette>().expect_err("it cannot be read").to_string()
}

#[test]
fn a_line_reads_as_documented() {
    let parts = [
        r#"{"version":1,"caller":"a1","turn":0,"content":"6624fd032dca512f","#,
        r#""request":{"slot":0,"messages":[{"role":"system","text":"Be brief."},"#,
        r#"{"role":"user","text":"Does CHG-7 merge?"}]},"#,
        r#""reply":{"text":"Yes.","stop":"end_turn","usage":{"input_tokens":9,"output_tokens":3}}}"#,
    ];
    assert_eq!(line(1), parts.concat());
}

#[test]
fn each_wrong_line_is_named_with_its_number_and_the_remedy() {
    let (first, second) = (line(1), line(2));
    let swapped = |from: &str, to: &str| second.replace(from, to);
    let cases = [
        (vec![first.as_str(), "", "{\"version\":1"], "line 3 of the cassette is no recorded call: EOF"),
        (vec![&first, "{}"], "line 2 of the cassette is no recorded call: it has no version"),
        (vec![&first, &first], "line 2 of the cassette records turn 0 of a1 with the same content as line 1: keep one"),
    ];
    for (lines, expected) in cases {
        assert!(refused(&lines).starts_with(expected), "{}", refused(&lines));
    }
    let edits = [
        (
            swapped("\"version\":1", "\"version\":2"),
            "line 2 of the cassette is of version 2, but this build reads version 1",
        ),
        (swapped("CHG-8", "CHG-88"), "line 2 of the cassette has a request whose content is"),
        (swapped("\"reply\":", "\"answer\":"), "line 2 of the cassette is no recorded call: unknown field `answer`"),
        (swapped("\"caller\":\"a1\"", "\"caller\":\"x1\""), "line 2 of the cassette is no recorded call: "),
        (
            swapped("\"role\":\"user\"", "\"role\":\"judge\""),
            "line 2 of the cassette is no recorded call: nobody has the role",
        ),
        (swapped("\"content\":\"", "\"content\":\"g"), "line 2 of the cassette is no recorded call: its content"),
    ];
    for (edited, expected) in edits {
        assert_ne!(edited, second);
        let why = refused(&[&first, &edited]);
        assert!(why.starts_with(expected), "{why}");
    }
    let reply = second.find(",\"reply\"").expect("a reply");
    let silent = format!("{}}}", &second[..reply]);
    assert!(refused(&[&first, &silent]).contains("line 2 of the cassette is no recorded call: it has neither"));
    let error = r#","error":{"status":500,"kind":"server","retry_after":null}}"#;
    let both = format!("{}{error}", second.strip_suffix('}').expect("an object"));
    assert!(refused(&[&first, &both]).contains("it has both a reply and an error"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Cassette::read("no/such/cassette.jsonl").expect_err("nothing is there");
    assert!(error.to_string().starts_with("cannot read the cassette no/such/cassette.jsonl: "), "{error}");
}

#[test]
fn calls_are_found_by_what_they_are_and_not_by_where_they_stand() {
    let mut lines: Vec<String> = cassette().to_string().lines().map(str::to_owned).collect();
    lines.reverse();
    assert_eq!(lines.join("\n").parse(), Ok(cassette()));
    let found = cassette();
    let found = found.find(A2, Turn(0), &asked("Does CHG-9 merge?")).expect("recorded");
    assert_eq!(found.outcome, Ok(said("Perhaps.")));
}

#[test]
fn a_request_that_matches_nothing_names_the_nearest_and_what_differs() {
    let unmatched =
        |caller, turn, request: &Request| cassette().find(caller, Turn(turn), request).expect_err("none").to_string();
    let cases = [
        // The same caller before any other, whatever it says.
        (
            unmatched(A1, 1, &asked("Does CHG-9 merge?")),
            "the nearest recorded call is turn 1 of a1",
            "message 2 (user) said \"Does CHG-8 merge?\" and says \"Does CHG-9 merge?\"",
        ),
        (
            unmatched(A1, 7, &asked("Does CHG-8 merge?")),
            "the nearest recorded call is turn 1 of a1",
            "the turn was 1 and is 7;",
        ),
        // Even if another asked the very same in that turn.
        (
            unmatched(A2, 1, &asked("Does CHG-8 merge?")),
            "the nearest recorded call is turn 0 of a2",
            "the turn was 0 and is 1;",
        ),
        (
            unmatched(NodeId::agent(5), 0, &asked("Does CHG-9 merge?")),
            "the nearest recorded call is turn 0 of a2",
            "the caller was a2 and is a6;",
        ),
        (
            unmatched(A1, 0, &asked("Does CHG-7 merge?").say(Speaker::User, "Now?")),
            "turn 0 of a1",
            "message 3 (user) is new: \"Now?\"",
        ),
        (
            unmatched(A1, 0, &Request::about(Slot(0)).say(Speaker::System, "Be brief.")),
            "turn 0 of a1",
            "message 2 (user) is gone",
        ),
        (
            unmatched(A1, 0, &Request { slot: Slot(4), ..asked("Does CHG-7 merge?") }),
            "turn 0 of a1",
            "the slot was 0 and is 4",
        ),
        (
            unmatched(A1, 0, &Request { max_tokens: Some(5), ..asked("Does CHG-7 merge?") }),
            "turn 0 of a1",
            "the limit of tokens was none and is 5",
        ),
        (
            unmatched(A1, 0, &asked("Does CHG-7 merge?").stopping_at("END")),
            "turn 0 of a1",
            "the list of stop sequences was [] and is [\"END\"]",
        ),
        (
            unmatched(A1, 0, &asked("Does CHG-7 merge?").expecting(&Schema::of::<bool>())),
            "turn 0 of a1",
            "the schema was none and is {",
        ),
        (
            unmatched(A1, 0, &asked("Does CHG-7 merge?").offering(Tool::new("merge", "", Schema::of::<bool>()))),
            "turn 0 of a1",
            "the tools changed: \"\", then \"merge\"",
        ),
    ];
    for (told, nearest, differs) in cases {
        assert!(told.contains(nearest) && told.contains(differs), "{told}");
        assert!(told.ends_with("record it again if the change was meant"), "{told}");
    }
    let empty = Cassette::default().find(A1, Turn(0), &asked("?")).expect_err("none").to_string();
    assert!(empty.ends_with("it is empty"), "{empty}");
}

#[test]
fn of_two_calls_of_one_turn_the_one_with_more_text_in_common_is_nearer() {
    let mut cassette = cassette();
    cassette.keep(Recorded::reply(A1, Turn(0), asked("Who owns the index of svc-4?"), said("Nobody.")));
    let unmatched = cassette.find(A1, Turn(0), &asked("Who owns the index of svc-5?")).expect_err("none");
    let differs = &unmatched.nearest.as_ref().expect("a nearest").differs;
    assert!(differs[0].contains("svc-4") && differs[0].contains("svc-5"), "{differs:?}");
}

/// What a cassette with one reply answers under this fault.
fn struck(request: &Request, outcome: Result<Reply, ProviderError>, fault: Option<Kind>) -> crate::model::Answered {
    let mut cassette = Cassette::default();
    let latency = Some(seconds(4));
    cassette.keep(Recorded {
        caller: A1,
        turn: Turn(0),
        request: request.clone(),
        outcome,
        first_token: None,
        latency,
    });
    let call = Call { model: NodeId::model(0), caller: A1, turn: Turn(0), request, problem: None, fault };
    cassette.answer(&Streams::of(Seed(3)), &call)
}

#[test]
fn without_a_fault_exactly_what_was_recorded_comes_back() {
    let calls = vec![call("call_1", r#"{"branch":"a"}"#)];
    let taint = Some(Taint { kind: Kind::WrongAnswer, claim: "yes".into() });
    let odd = Reply { calls, stop: Stop::PauseTurn, taint, ..said("  {\"approve\" : true} ") };
    let error = ProviderError::of(ErrorKind::RateLimited).after(seconds(7));
    // A limit that the recorded provider did not keep either, and a schema that the reply does not satisfy.
    let request = Request { max_tokens: Some(1), ..asked("?").expecting(&Schema::of::<Review>()) };
    for outcome in [Ok(odd), Err(error)] {
        let answered = struck(&request, outcome.clone(), None);
        assert_eq!((answered.outcome, answered.latency, answered.fault), (outcome, seconds(4), None));
        assert!(answered.first_token <= seconds(4));
    }
}

#[test]
fn every_fault_of_content_strikes_a_recorded_reply_or_says_that_it_cannot() {
    let text = r#"{"approve":true,"change":"CHG-7"}"#;
    let request = asked("Does CHG-7 merge, or CHG-8?").expecting(&Schema::of::<Review>());
    let mut idle = Vec::new();
    for kind in Kind::ALL.iter().filter(|kind| kind.part() == Part::ModelContent) {
        let answered = struck(&request, Ok(said(text)), Some(*kind));
        let same = answered.outcome == Ok(said(text));
        assert_eq!(answered.fault.is_none(), same, "{kind}: {answered:?}");
        if same {
            idle.push(*kind);
        }
    }
    // Nothing was left unread, no peer is heard, nobody is asked to judge or to choose, and no tool is called.
    let mut expected = vec![
        Kind::HistoryTruncated,
        Kind::LostInTheMiddle,
        Kind::ConversationReset,
        Kind::IgnoredPeers,
        Kind::WrongVerdict,
        Kind::Sycophancy,
        Kind::Injection,
        Kind::RubberStamp,
        Kind::CorrelatedChoice,
        Kind::FabricatedTool,
        Kind::FabricatedResult,
        Kind::WrongTool,
        Kind::WrongArgument,
        Kind::AmbiguousArgument,
        Kind::TruncatedCall,
        Kind::RepeatedCall,
    ];
    expected.sort_unstable();
    idle.sort_unstable();
    assert_eq!(idle, expected);
}

#[test]
fn a_lie_about_a_recorded_reply_is_valid_false_and_marked() {
    let text = r#"{"approve":true,"change":"CHG-7"}"#;
    let request = asked("Does CHG-7 merge, or CHG-8?").expecting(&Schema::of::<Review>());
    let reply = struck(&request, Ok(said(text)), Some(Kind::WrongAnswer)).outcome.expect("a reply");
    let lie: Review = serde_json::from_str(&reply.text).expect("a review");
    assert_ne!(lie, Review { change: "CHG-7".into(), approve: true });
    assert_eq!(reply.taint.expect("a taint").kind, Kind::WrongAnswer);
    let prose = struck(&asked("?"), Ok(said("It merges.")), Some(Kind::WrongAnswer));
    assert_eq!((prose.outcome, prose.fault), (Ok(said("It merges.")), None), "nobody knows what would be false");
}

#[test]
fn a_call_of_a_tool_is_cut_within_its_arguments() {
    let arguments = r#"{"branch":"a","into":"main"}"#;
    let calls = vec![call("call_1", "{}"), call("call_2", arguments)];
    let reply = Reply { calls, stop: Stop::ToolUse, ..said("") };
    for kind in [Kind::Truncated, Kind::TruncatedCall] {
        let cut = struck(&asked("?"), Ok(reply.clone()), Some(kind));
        assert_eq!(cut.fault, Some(kind));
        let cut = cut.outcome.expect("a reply");
        assert_eq!((cut.stop, cut.text.as_str(), cut.calls[0].arguments.as_str()), (Stop::MaxTokens, "", "{}"));
        assert!(arguments.starts_with(&cut.calls[1].arguments) && cut.calls[1].arguments.len() < arguments.len());
    }
    let kept = struck(&asked("?"), Ok(reply.clone()), Some(Kind::WrongAnswer));
    assert_eq!((kept.outcome, kept.fault), (Ok(reply.clone()), None), "nothing is answered yet");
    let broken = struck(&asked("?"), Ok(reply.clone()), Some(Kind::MalformedJson)).outcome.expect("a reply");
    assert!(serde_json::from_str::<serde_json::Value>(&broken.calls[1].arguments).is_err());
    assert_eq!(broken.stop, Stop::ToolUse);
    let refused = struck(&asked("?"), Ok(reply), Some(Kind::Refusal)).outcome.expect("a reply");
    assert!(refused.calls.is_empty() && matches!(refused.stop, Stop::Refusal | Stop::ContentFilter));
}

#[test]
fn a_recorded_call_is_struck_as_a_models_own_where_its_tool_is_on_offer() {
    let arguments = r#"{"approve":true,"change":"CHG-7"}"#;
    let request = asked("Does CHG-7 merge, or CHG-8?").offering(Tool::new("merge", "", Schema::of::<Review>()));
    let reply = Reply { calls: vec![call("call_1", arguments)], stop: Stop::ToolUse, ..said("On it.") };
    for kind in [Kind::FabricatedTool, Kind::WrongArgument, Kind::AmbiguousArgument, Kind::RepeatedCall] {
        let struck = struck(&request, Ok(reply.clone()), Some(kind));
        assert_eq!(struck.fault, Some(kind));
        let said = struck.outcome.expect("a reply");
        assert_eq!((said.text.as_str(), said.stop), ("On it.", Stop::ToolUse), "{kind}");
        let made: Vec<&str> = said.calls.iter().map(|call| call.arguments.as_str()).collect();
        match kind {
            Kind::FabricatedTool => assert!(said.calls[0].name.starts_with("merge_") && made == [arguments]),
            Kind::RepeatedCall => assert_eq!(made, [arguments, arguments]),
            _ => assert!(made.len() == 1 && made[0] != arguments, "{kind}: {made:?}"),
        }
        assert_eq!(said.taint.is_some(), kind != Kind::RepeatedCall, "{kind}");
    }
    // With no other tool there is none to confuse it with, and no answer that could claim a result.
    for kind in [Kind::WrongTool, Kind::FabricatedResult] {
        assert_eq!(struck(&request, Ok(reply.clone()), Some(kind)).outcome, Ok(reply.clone()), "{kind}");
    }
}

#[test]
fn a_provider_that_is_down_does_not_replay() {
    for outcome in [Ok(said("Yes.")), Err(ProviderError::of(ErrorKind::RateLimited))] {
        let down = struck(&asked("?"), outcome, Some(Kind::ModelOutage));
        assert!([500, 503, 529].contains(&down.outcome.expect_err("an outage").status.expect("a status")));
    }
}

#[test]
#[should_panic(expected = "the cassette has no reply for turn 3 of a1")]
fn a_replay_that_goes_another_way_stops() {
    let request = asked("Does CHG-9 merge?");
    let call =
        Call { model: NodeId::model(0), caller: A1, turn: Turn(3), request: &request, problem: None, fault: None };
    cassette().answer(&Streams::of(Seed(1)), &call);
}

#[test]
fn what_is_recorded_is_what_a_model_says_without_its_fault() {
    let tape = Tape::default();
    let model = tape.record(Scripted::new(|request: &Request| request.messages.len() as u64));
    let (streams, request) = (Streams::of(Seed(5)), asked("How many?"));
    let call = |turn, fault| Call {
        model: NodeId::model(0),
        caller: A1,
        turn: Turn(turn),
        request: &request,
        problem: None,
        fault,
    };
    let (plain, refusal) =
        (model.answer(&streams, &call(0, None)), model.answer(&streams, &call(1, Some(Kind::Refusal))));
    let stop = refusal.outcome.as_ref().expect("a reply").stop;
    assert!(matches!(stop, Stop::Refusal | Stop::ContentFilter), "{stop:?}");
    let cassette = tape.cassette();
    assert_eq!(cassette.answer(&streams, &call(0, None)), plain);
    assert_eq!(cassette.answer(&streams, &call(1, None)).outcome.expect("a reply").text, "2");
    // The same call again stays as it was recorded first.
    model.answer(&streams, &call(0, Some(Kind::Refusal)));
    assert_eq!(tape.cassette(), cassette);
}

fn any_recorded() -> impl Strategy<Value = Recorded> {
    let message = prop_oneof![
        ".{0,12}".prop_map(|text| Message::new(Speaker::User, text)),
        ".{0,12}".prop_map(|text| Message::new(Speaker::Peer(A2), text)),
        "[a-z]{1,4}".prop_map(|id| Message::result(&call(&id, "{}"), "done")),
        ".{0,12}".prop_map(|text| Message { calls: vec![call("c", &text)], ..Message::new(Speaker::Assistant, text) }),
    ];
    let outcome = prop_oneof![
        ".{0,12}".prop_map(|text| Ok(said(&text))),
        ".{1,4}".prop_map(|end| Ok(Reply { stop: Stop::StopSequence, stopped_at: Some(end), ..said("On it.") })),
        prop::sample::select(ErrorKind::ALL).prop_map(|kind| Err(ProviderError::of(kind).after(seconds(3)))),
    ];
    let span = || prop::option::of(any::<u64>().prop_map(Duration));
    let stops = prop::collection::vec(".{0,4}", 0..2);
    let request = (prop::collection::vec(message, 0..4), any::<bool>(), prop::option::of(any::<u32>()), stops);
    (0u16..3, 0u64..3, request, outcome, span(), span()).prop_map(
        |(caller, turn, (messages, formal, max_tokens, stops), outcome, first_token, latency)| {
            let mut request = Request { messages, max_tokens, stops, ..Request::about(Slot(turn)) };
            if formal {
                request = request.expecting(&Schema::of::<Review>()).offering(Tool::new("t", "", Schema::of::<bool>()));
            }
            Recorded { caller: NodeId::agent(caller), turn: Turn(turn), request, outcome, first_token, latency }
        },
    )
}

proptest! {
    #[test]
    fn a_cassette_comes_back_from_its_text(calls in prop::collection::vec(any_recorded(), 0..8)) {
        let mut cassette = Cassette::default();
        calls.into_iter().for_each(|recorded| _ = cassette.keep(recorded));
        prop_assert_eq!(cassette.to_string().parse(), Ok(cassette));
    }
}
