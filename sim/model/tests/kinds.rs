//! Every fault of content on a user's own type, shown.

use super::*;
use crate::fault::Part;
use crate::model::{Message, Opinion, Schema, Speaker, Tool, ToolCall};

/// A request that also shows an earlier answer of the model's own and two peers that agree on another one.
fn conversation(problem: &Problem) -> Request {
    let theirs = r#"{"files":["file-7"],"points":5,"ticket":"CHG-7","verdict":"Accept"}"#;
    let request = problem.request().say(Speaker::Assistant, problem.right_text());
    let request = request.say(Speaker::Peer(NodeId::agent(1)), theirs).say(Speaker::Peer(NodeId::agent(2)), theirs);
    request.say(Speaker::User, "Answer again.")
}

fn shown(kind: Kind, talk: fn(&Problem) -> Request) -> String {
    let task = TaskSet::of(Change::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    let streams = Streams::of(Seed(4));
    let problem = task.problem(&streams, Slot(0));
    let request = Request { max_tokens: Some(40), ..talk(&problem) };
    let answered = mock.answer(&streams, &Call { fault: Some(kind), ..call(&request, &problem) });
    let acted = if answered.fault == Some(kind) { "" } else { " (nothing to strike)" };
    let said = match &answered.outcome {
        Ok(reply) => reply.to_string().replace('\n', "\n    "),
        Err(error) => error.to_string(),
    };
    let taint = answered.outcome.ok().and_then(|reply| reply.taint);
    let taint = taint.map(|taint| format!("\n    false: {taint}")).unwrap_or_default();
    format!("{kind}{acted}\n    {said}{taint}\n")
}

fn all() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| kind.part() == Part::ModelContent)
}

#[test]
fn each_fault_of_content_strikes_a_users_type() {
    let lines: String = all().map(|kind| shown(kind, Problem::request)).collect();
    insta::assert_snapshot!("alone", lines);
}

#[test]
fn each_fault_of_content_strikes_a_conversation() {
    let lines: String = all().map(|kind| shown(kind, conversation)).collect();
    insta::assert_snapshot!("conversation", lines);
}

#[test]
fn each_fault_of_content_strikes_a_check_or_says_that_it_cannot() {
    let lines: String = all().map(|kind| shown(kind, checked)).collect();
    insta::assert_snapshot!("check", lines);
}

/// A request for an opinion on a wrong proposal.
fn checked(problem: &Problem) -> Request {
    let wrong = problem.wrong(&mut Streams::of(Seed(4)).stream(format_args!("test"))).expect("a lie");
    let value = crate::fact::Value::from(crate::model::canonical(&wrong.json).as_str());
    Opinion::request(problem, &value, &Opinion::form())
}

/// The same with two peers' opinions of it, which are wrong as well.
fn counselled(problem: &Problem) -> Request {
    let theirs = r#"{"approve":true,"reason":"looks good to me"}"#;
    let request = checked(problem).say(Speaker::Peer(NodeId::agent(1)), theirs);
    request.say(Speaker::Peer(NodeId::agent(2)), theirs)
}

#[test]
fn each_fault_of_content_strikes_a_check_among_peers_or_says_that_it_cannot() {
    let lines: String = all().map(|kind| shown(kind, counselled)).collect();
    insta::assert_snapshot!("counsel", lines);
}

/// A request that offers two tools, of which the first takes the user's own type.
fn with_tools(problem: &Problem) -> Request {
    let record = Tool::new("record", "Records a review.", Schema::of::<Review>());
    let discard = Tool::new("discard", "Discards a ticket.", Schema::of::<Vec<String>>());
    problem.request().offering(record).offering(discard)
}

#[test]
fn each_fault_of_content_strikes_a_call_of_a_tool() {
    let lines: String = all().map(|kind| shown(kind, with_tools)).collect();
    insta::assert_snapshot!("tool", lines);
}

/// A request that also shows that the call was made and what came of it.
fn called(problem: &Problem) -> Request {
    let call = ToolCall { id: "call_1".into(), name: "record".into(), arguments: problem.right_text().into() };
    let said = Message { calls: vec![call.clone()], ..Message::new(Speaker::Assistant, "") };
    let mut request = with_tools(problem);
    request.messages.extend([said, Message::result(&call, "\"recorded\"")]);
    request
}

#[test]
fn each_fault_of_content_strikes_a_report_on_tools() {
    let lines: String = all().map(|kind| shown(kind, called)).collect();
    insta::assert_snapshot!("report", lines);
}

/// Each kind of request that a fault may strike.
const TALKS: [fn(&Problem) -> Request; 6] = [Problem::request, conversation, checked, counselled, with_tools, called];

/// The snapshots show each kind once, of a model that hears nobody; this asks of one that is often wrong and listens.
#[test]
fn a_fault_of_content_acts_somewhere_and_where_it_does_something_else_is_said() {
    let task = TaskSet::of(Change::generate);
    let mock = Mock::new(Profile::closed_book().without_slips(), task.clone());
    let mut acted = std::collections::BTreeMap::new();
    for seed in 0..12 {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        for talk in TALKS {
            let request = talk(&problem);
            let plain = mock.answer(&streams, &call(&request, &problem));
            for kind in all() {
                let struck = mock.answer(&streams, &Call { fault: Some(kind), ..call(&request, &problem) });
                let said =
                    |answered: &Answered| answered.outcome.clone().map(|reply| (reply.text, reply.calls, reply.stop));
                match struck.fault {
                    Some(_) => assert_ne!(said(&struck), said(&plain), "{kind}, seed {seed}"),
                    None => assert_eq!(struck, plain, "{kind}, seed {seed}: what strikes nothing changes nothing"),
                }
                *acted.entry(kind).or_insert(0) += u32::from(struck.fault.is_some());
            }
        }
    }
    // It strikes choices among equals, of which a task has none.
    let nowhere: Vec<Kind> = acted.into_iter().filter(|(_, count)| *count == 0).map(|(kind, _)| kind).collect();
    assert_eq!(nowhere, [Kind::CorrelatedChoice]);
}

#[test]
fn a_correlated_choice_acts_only_where_the_model_would_have_chosen_otherwise() {
    let task = TaskSet::of(Change::generate);
    let acts = |alike: crate::seed::Ratio| {
        let mock = Mock::new(Profile { alike, ..Profile::perfect() }, task.clone());
        let acts = |seed: &u64| {
            let streams = Streams::of(Seed(*seed));
            let problem = task.problem(&streams, Slot(0));
            let request = problem.request().expecting(&Schema::of::<bool>());
            let fault = Some(Kind::CorrelatedChoice);
            mock.answer(&streams, &Call { fault, ..call(&request, &problem) }).fault.is_some()
        };
        (0..1_000).filter(acts).count()
    };
    assert_eq!(acts(crate::seed::Ratio::ALWAYS), 0);
    let half = acts(crate::seed::Ratio::NEVER);
    assert!((450..=550).contains(&half), "of two options half are the other one: {half} in a thousand");
}

#[test]
fn an_outdated_fact_is_the_same_each_time_it_is_asked_for() {
    let task = TaskSet::of(Change::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    for seed in 0..50 {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request();
        let text = |turn, caller| {
            let base = call(&request, &problem);
            let call =
                Call { turn: Turn(turn), caller: NodeId::agent(caller), fault: Some(Kind::OutdatedFact), ..base };
            mock.answer(&streams, &call).outcome.expect("a reply").text
        };
        assert_eq!(text(0, 0), text(5, 3));
        assert_ne!(text(0, 0), problem.right_text());
    }
}
