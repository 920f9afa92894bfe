//! What a model does with tools: one action after the other, again after an error, and a report in the end.

use super::*;
use crate::digest::digest_of;
use crate::fault::Kind;
use crate::model::{Message, Schema, Speaker, Stop, Tool, ToolCall};
use crate::seed::Ratio;
use serde_json::Value as Json;

/// Two changes to record, each by a call.
#[derive(Clone)]
struct Twice(Review);

impl Task for Twice {
    type Reply = Review;

    fn generate(draws: &mut Draws) -> (String, Twice) {
        let (evidence, Change(review)) = Change::generate(draws);
        (evidence, Twice(review))
    }

    fn right(&self) -> Review {
        self.0.clone()
    }

    fn actions(&self) -> Vec<crate::model::Action> {
        let second = Review { points: 8, ..self.0.clone() };
        vec![crate::model::Action::new("record", &self.0), crate::model::Action::new("record", &second)]
    }
}

fn record() -> Tool {
    Tool::new("record", "Records a review.", Schema::of::<Review>())
}

fn discard() -> Tool {
    Tool::new("discard", "Discards a ticket.", Schema::of::<Discarded>())
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Discarded {
    ticket: String,
    silently: bool,
}

/// A model at work on slot 0 of a seed.
struct Worker {
    mock: Mock,
    streams: Streams,
    problem: Problem,
    request: Request,
    turn: u64,
}

impl Worker {
    fn of<T: Task>(seed: u64, profile: Profile, generate: fn(&mut Draws) -> (String, T)) -> Worker {
        let task = TaskSet::of(generate);
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request().offering(record()).offering(discard());
        Worker { mock: Mock::new(profile, task), streams, problem, request, turn: 0 }
    }

    fn reply(&mut self, fault: Option<Kind>) -> Reply {
        let base = call(&self.request, &self.problem);
        let call = Call { turn: Turn(self.turn), fault, ..base };
        let reply = self.mock.answer(&self.streams, &call).outcome.expect("a reply");
        self.turn += 1;
        reply
    }

    /// Shows the model this reply and what came of its calls.
    fn show(&mut self, reply: &Reply, result: &str) {
        self.request.messages.push(Message::said(reply));
        self.request.messages.extend(reply.calls.iter().map(|call| Message::result(call, result)));
    }
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn a_model_makes_one_call_after_the_other_and_then_reports() {
    for seed in 0..200 {
        let mut worker = Worker::of(seed, Profile::perfect(), Twice::generate);
        let actions = worker.problem.actions().to_vec();
        for action in &actions {
            let reply = worker.reply(None);
            let [made] = &reply.calls[..] else { panic!("{reply}") };
            assert_eq!((&made.name, json(&made.arguments)), (&action.tool, action.arguments.clone()));
            assert_eq!((reply.stop, &reply.taint), (Stop::ToolUse, &None));
            worker.show(&reply, "\"recorded\"");
        }
        let report = worker.reply(None);
        assert!(report.calls.is_empty() && report.stop == Stop::EndTurn, "{report}");
        assert!(worker.problem.canonical(&report.text).is_ok(), "{report}");
    }
}

#[test]
fn after_an_error_the_same_call_comes_under_another_name() {
    let mut worker = Worker::of(3, Profile::perfect(), Twice::generate);
    let first = worker.reply(None);
    worker.show(&first, "error: nothing came in time");
    let second = worker.reply(None);
    assert_eq!(first.calls[0].arguments, second.calls[0].arguments);
    assert_ne!(first.calls[0].id, second.calls[0].id);
}

#[test]
fn an_honest_report_says_what_was_done_and_what_the_tool_said() {
    let mut worker = Worker::of(5, Profile::perfect(), Change::generate);
    let call = worker.reply(Some(Kind::WrongArgument));
    let done = json(&call.calls[0].arguments);
    assert_ne!(done, json(worker.problem.right_text()));
    worker.show(&call, r#"{"ticket":"CHG-000"}"#);
    let report = json(&worker.reply(None).text);
    assert_eq!(report["ticket"], "CHG-000", "the tool's word comes last");
    assert_eq!((&report["points"], &report["verdict"]), (&done["points"], &done["verdict"]));
}

#[test]
fn who_says_one_thing_and_does_another_stands_by_its_words() {
    let mut worker = Worker::of(5, Profile::perfect(), Change::generate);
    let call = worker.reply(Some(Kind::SaidNotDone));
    assert!(call.text.contains(worker.problem.right_text()), "{call}");
    assert_ne!(json(&call.calls[0].arguments), json(worker.problem.right_text()));
    worker.show(&call, "\"recorded\"");
    assert_eq!(worker.reply(None).text, worker.problem.right_text());
}

#[test]
fn a_wrong_argument_is_as_frequent_as_a_wrong_answer_and_the_same_on_each_try() {
    const SEEDS: u64 = 4_000;
    let profile = || Profile { wrong: Ratio::percent(30), ..Profile::perfect() };
    let (mut wrong, mut again) = (0, 0);
    for seed in 0..SEEDS {
        let mut worker = Worker::of(seed, profile(), Change::generate);
        let first = worker.reply(None);
        let Some(taint) = &first.taint else { continue };
        assert_eq!(taint.kind, Kind::WrongArgument);
        assert!(record().admits(&first.calls[0].arguments), "{first}");
        wrong += 1;
        worker.show(&first, "error: nothing came in time");
        let second = worker.reply(None);
        if second.taint.is_some() {
            again += 1;
            assert_eq!(second.calls[0].arguments, first.calls[0].arguments, "a misreading does not change");
        }
    }
    // Three standard deviations of 4,000 draws at .3 are 22 in a thousand.
    let share = wrong * 1_000 / SEEDS;
    assert!(share.abs_diff(300) <= 22, "{share} in a thousand");
    // p + (1 - p)·.51 of those that failed once fail again in other words: .657 with p = .3.
    let repeated = again * 1_000 / wrong;
    assert!(repeated.abs_diff(657) <= 45, "{repeated} in a thousand");
}

#[test]
fn a_limit_cuts_the_arguments_and_says_so() {
    let mut worker = Worker::of(1, Profile::perfect(), Change::generate);
    let whole = worker.reply(None);
    worker.request.max_tokens = Some(5);
    let cut = worker.reply(None);
    assert_eq!((cut.stop, cut.usage.output_tokens), (Stop::MaxTokens, 5));
    let [call] = &cut.calls[..] else { panic!("{cut}") };
    assert_eq!(call.name.len() + call.arguments.len(), 20);
    assert!(whole.calls[0].arguments.starts_with(&call.arguments) && !record().admits(&call.arguments));
    worker.request.max_tokens = Some(1);
    assert!(worker.reply(None).calls.is_empty(), "of which nothing is left is no call");
}

#[test]
fn a_call_does_not_depend_on_who_else_calls() {
    let alone = Worker::of(9, Profile::stress(), Change::generate).reply(None);
    let mut other = Worker::of(9, Profile::stress(), Change::generate);
    let busy = other.request.clone();
    for agent in 1..4 {
        let base = call(&busy, &other.problem);
        let call = Call { caller: NodeId::agent(agent), fault: Some(Kind::WrongTool), ..base };
        let theirs = other.mock.answer(&other.streams, &call).outcome.expect("a reply");
        assert!(theirs.calls.iter().all(|call| alone.calls.iter().all(|own| own.id != call.id)));
    }
    assert_eq!(digest_of(&other.reply(None)), digest_of(&alone));
}

#[test]
fn an_ambiguous_argument_is_the_beginning_of_several_names() {
    let mut worker = Worker::of(1, Profile::perfect(), Change::generate);
    let reply = worker.reply(Some(Kind::AmbiguousArgument));
    let (said, right) = (json(&reply.calls[0].arguments), json(worker.problem.right_text()));
    let (said, right) = (said["ticket"].as_str().expect("a name"), right["ticket"].as_str().expect("a name"));
    assert!(right.starts_with(said) && said != right, "{said} for {right}");
    assert_eq!(reply.taint.map(|taint| taint.kind), Some(Kind::AmbiguousArgument));
}

#[test]
fn tools_without_actions_leave_answers_as_they_are() {
    let task = TaskSet::of(crate::model::Diagnose::generate);
    let (mock, streams) = (Mock::new(Profile::perfect(), task.clone()), Streams::of(Seed(2)));
    let problem = task.problem(&streams, Slot(0));
    let request = problem.request().offering(record());
    let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
    assert_eq!((reply.text.as_str(), reply.calls.len()), (problem.right_text(), 0));
}

#[test]
fn a_result_of_a_call_that_nobody_made_counts_for_nothing() {
    let mut worker = Worker::of(4, Profile::perfect(), Change::generate);
    let stray = ToolCall { id: "call_0".to_owned(), name: "record".to_owned(), arguments: "{}".to_owned() };
    worker.request.messages.push(Message::result(&stray, "\"recorded\""));
    worker.request = worker.request.clone().say(Speaker::User, "Go on.");
    assert_eq!(worker.reply(None).calls.len(), 1);
}

#[test]
fn a_result_that_was_lost_with_the_history_makes_the_model_call_again() {
    let filler = "Take your time. ".repeat(300);
    for kind in [None, Some(Kind::HistoryTruncated), Some(Kind::LostInTheMiddle)] {
        let mut worker = Worker::of(6, Profile::perfect(), Change::generate);
        // Filler before it and twice as much after it: the result is in the older half, and in the middle third.
        worker.request.messages.insert(0, Message::new(Speaker::System, filler.clone()));
        let first = worker.reply(None);
        worker.show(&first, "\"recorded\"");
        worker.request = worker.request.clone().say(Speaker::User, filler.repeat(2));
        let again = worker.reply(kind);
        assert_eq!(again.calls.len(), usize::from(kind.is_some()), "{kind:?}: {again}");
        assert!(again.calls.iter().all(|call| call.id != first.calls[0].id));
    }
    // Of a result that is still read, nothing is forgotten: the newest half holds it.
    let mut worker = Worker::of(6, Profile::perfect(), Change::generate);
    worker.request.messages.insert(0, Message::new(Speaker::System, filler));
    let first = worker.reply(None);
    worker.show(&first, "\"recorded\"");
    assert!(worker.reply(Some(Kind::HistoryTruncated)).calls.is_empty());
}

/// The same change to be recorded twice.
#[derive(Clone)]
struct Doubled(Review);

impl Task for Doubled {
    type Reply = Review;

    fn generate(draws: &mut Draws) -> (String, Doubled) {
        let (evidence, Change(review)) = Change::generate(draws);
        (evidence, Doubled(review))
    }

    fn right(&self) -> Review {
        self.0.clone()
    }

    fn actions(&self) -> Vec<crate::model::Action> {
        vec![crate::model::Action::new("record", &self.0), crate::model::Action::new("record", &self.0)]
    }
}

#[test]
fn an_action_that_is_to_be_done_twice_is_done_twice_and_then_reported() {
    let mut worker = Worker::of(5, Profile::perfect(), Doubled::generate);
    for place in 0..2 {
        let reply = worker.reply(None);
        assert_eq!(reply.calls.len(), 1, "call {place}: {reply}");
        worker.show(&reply, "\"recorded\"");
    }
    let report = worker.reply(None);
    assert!(report.calls.is_empty() && report.stop == Stop::EndTurn, "{report}");
}

#[test]
fn an_error_is_one_in_capitals_too() {
    for (result, again) in [("Error: no route", true), ("ERROR", true), ("error: none", true), ("\"no error\"", false)]
    {
        let mut worker = Worker::of(5, Profile::perfect(), Change::generate);
        let first = worker.reply(None);
        worker.show(&first, result);
        assert_eq!(!worker.reply(None).calls.is_empty(), again, "{result}");
    }
}
