//! A script that calls tools suffers what a mock that does suffers.

use super::*;
use crate::model::{Act, Action, Message, Schema, Scripted, Speaker, Stop, Tool, ToolCall};
use serde_json::{Value as Json, json};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Merge {
    branch: String,
    #[serde(default)]
    into: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Close {
    branch: String,
}

fn merge(branch: &str) -> Action {
    Action::new("merge", &json!({ "branch": branch, "into": "main" }))
}

/// Merges two branches at once, then says which commit came last.
fn script(request: &Request) -> Act<Merge> {
    let last = request.messages.iter().rfind(|message| message.role == Speaker::Tool);
    match last {
        None => Act::Call(vec![merge("fix-170"), merge("fix-184")]),
        Some(result) => Act::Answer(Merge { branch: "fix-184".to_owned(), into: result.text.clone() }),
    }
}

fn asked() -> Request {
    let request = Request::about(Slot(0)).say(Speaker::User, "Merge fix-170 and fix-184, not fix-198.");
    let request = request.expecting(&Schema::of::<Merge>());
    let request = request.offering(Tool::new("merge", "Merges a branch.", Schema::of::<Merge>()));
    request.offering(Tool::new("close", "Closes a branch.", Schema::of::<Close>()))
}

fn answer(request: &Request, fault: Option<Kind>) -> Answered {
    let (model, caller) = (NodeId::model(0), NodeId::agent(0));
    let call = Call { model, caller, turn: Turn(0), request, problem: None, fault };
    Scripted::acting(script).answer(&Streams::of(Seed(3)), &call)
}

fn reply(request: &Request, fault: Option<Kind>) -> Reply {
    let answered = answer(request, fault);
    assert_eq!(answered.fault, fault, "{:?}", answered.outcome);
    answered.outcome.expect("a reply")
}

/// The request with these calls in it, and what came of each.
fn shown(calls: &[ToolCall]) -> Request {
    let mut request = asked();
    request.messages.push(Message { calls: calls.to_vec(), ..Message::new(Speaker::Assistant, "") });
    request.messages.extend(calls.iter().map(|call| Message::result(call, "merged")));
    request
}

fn arguments(call: &ToolCall) -> Json {
    serde_json::from_str(&call.arguments).expect("JSON")
}

#[test]
fn a_script_calls_its_tools_and_then_answers() {
    let request = asked();
    let said = reply(&request, None);
    assert_eq!((said.stop, said.text.as_str(), said.calls.len()), (Stop::ToolUse, "", 2));
    let made: Vec<Json> = said.calls.iter().map(arguments).collect();
    assert_eq!(made, [merge("fix-170").arguments, merge("fix-184").arguments]);
    assert_ne!(said.calls[0].id, said.calls[1].id);
    let answered = reply(&shown(&said.calls), None);
    assert_eq!((answered.stop, answered.calls.len()), (Stop::EndTurn, 0));
    assert_eq!(answered.text, r#"{"branch":"fix-184","into":"merged"}"#);
}

#[test]
fn every_fault_on_calls_strikes_the_last_call_of_a_script() {
    let request = asked();
    let whole = reply(&request, None);
    for kind in [
        Kind::FabricatedTool,
        Kind::WrongTool,
        Kind::WrongArgument,
        Kind::AmbiguousArgument,
        Kind::WrongAnswer,
        Kind::FabricatedId,
        Kind::SaidNotDone,
        Kind::TruncatedCall,
        Kind::Truncated,
        Kind::MalformedJson,
        Kind::RepeatedCall,
    ] {
        let said = reply(&request, Some(kind));
        let offered = |call: &ToolCall| request.tools.iter().any(|tool| tool.name == call.name);
        let (last, first) = (said.calls.last().expect("a call"), &said.calls[0]);
        assert_eq!((&first.name, arguments(first)), (&"merge".to_owned(), merge("fix-170").arguments), "{kind}");
        let (was, right) = (&whole.calls[1], merge("fix-184").arguments);
        match kind {
            Kind::FabricatedTool => assert!(!offered(last), "{last}"),
            Kind::WrongTool => assert_eq!((&*last.name, arguments(last)), ("close", json!({ "branch": "fix-184" }))),
            Kind::TruncatedCall | Kind::Truncated => {
                assert!(was.arguments.starts_with(&last.arguments) && last.arguments.len() < was.arguments.len());
                assert_eq!(said.stop, Stop::MaxTokens);
            }
            Kind::MalformedJson => assert!(serde_json::from_str::<Json>(&last.arguments).is_err()),
            Kind::RepeatedCall => {
                let made: Vec<Json> = said.calls.iter().map(arguments).collect();
                assert_eq!(made[1..], [right.clone(), right], "{said}");
                assert_ne!(said.calls[1].id, said.calls[2].id);
            }
            _ => assert!(last.name == "merge" && arguments(last) != right, "{kind}: {last}"),
        }
        let lies = !matches!(kind, Kind::TruncatedCall | Kind::Truncated | Kind::MalformedJson | Kind::RepeatedCall);
        assert_eq!(said.taint.map(|taint| taint.kind), lies.then_some(kind), "{kind}");
    }
}

#[test]
fn a_script_reports_what_no_tool_gave_before_and_after_it_called() {
    let request = asked();
    let made = reply(&request, None).calls;
    for request in [request, shown(&made)] {
        let said = reply(&request, Some(Kind::FabricatedResult));
        assert!(said.calls.is_empty() && Form::of::<Merge>().canonical(&said.text).is_ok(), "{said}");
        assert_eq!(said.taint.map(|taint| taint.kind), Some(Kind::FabricatedResult));
    }
    let again = reply(&shown(&made), Some(Kind::RepeatedCall));
    assert_eq!((again.calls.len(), &again.calls[0].arguments), (1, &made[1].arguments));
}

#[test]
fn a_result_belongs_to_the_call_that_it_names() {
    let made = reply(&asked(), None).calls;
    let mut request = shown(&made);
    let failed = request.messages.last_mut().expect("a result");
    failed.text = "error: the branch is gone".to_owned();
    let again = reply(&request, Some(Kind::RepeatedCall));
    assert_eq!((again.calls.len(), &again.calls[0].arguments), (1, &made[0].arguments), "the only call that went well");
}

#[test]
fn a_script_that_lost_what_came_of_its_calls_makes_them_again() {
    let made = reply(&asked(), None).calls;
    let request = shown(&made).say(Speaker::User, "Take your time. ".repeat(80));
    assert!(reply(&request, None).calls.is_empty());
    // All that it reads is the newest half: it sees no result, and would hardly know what to merge.
    let again = answer(&request, Some(Kind::HistoryTruncated)).outcome.expect("a reply");
    assert_eq!(again.calls.len(), 2, "{again}");
}
