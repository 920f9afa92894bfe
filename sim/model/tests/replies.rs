//! A reply is a function of its call: nothing else that happens moves it.

use super::*;
use crate::fact::Value;
use crate::model::{Diagnose, Opinion, Scripted, Speaker, Stop};
use crate::time::seconds;
use proptest::prelude::*;

fn mock(profile: Profile) -> (Mock, TaskSet) {
    let task = TaskSet::of(Diagnose::generate);
    (Mock::new(profile, task.clone()), task)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Calls of two agents, alone and among other calls, agents and faults.
    #[test]
    fn another_call_or_agent_never_changes_a_reply(
        seed: u64,
        slots in prop::collection::vec(0u64..4, 1..6),
        more in 0u16..4,
    ) {
        let (mock, task) = mock(Profile::stress());
        let ask = |streams: &Streams, agent: u16, turn: usize, slot: u64, fault: Option<Kind>| {
            let problem = task.problem(streams, Slot(slot));
            let request = problem.request();
            let (caller, turn) = (NodeId::agent(agent), Turn(turn as u64));
            mock.answer(streams, &Call { caller, turn, fault, ..call(&request, &problem) })
        };
        let streams = Streams::of(Seed(seed));
        let calls = slots.iter().enumerate();
        let alone: Vec<Answered> = calls.map(|(turn, slot)| ask(&streams, 0, turn, *slot, None)).collect();
        let crowded = Streams::of(Seed(seed));
        for (turn, slot) in slots.iter().enumerate().rev() {
            for agent in 1..=more {
                ask(&crowded, agent, turn, *slot, Some(Kind::MalformedJson));
            }
            prop_assert_eq!(&ask(&crowded, 0, turn, *slot, None), &alone[turn]);
        }
    }
}

#[test]
fn caller_turn_and_content_each_give_another_reply() {
    let (mock, task) = mock(Profile::grounded());
    let streams = Streams::of(Seed(1));
    let problem = task.problem(&streams, Slot(0));
    let request = problem.request();
    let again = request.clone().say(Speaker::User, "Are you sure?");
    let base = call(&request, &problem);
    // Until its first token a call knows nothing of what it will say: what differs is drawn for this very call.
    let latencies: Vec<_> = [
        base,
        Call { caller: NodeId::agent(1), ..base },
        Call { turn: Turn(1), ..base },
        Call { model: NodeId::model(1), ..base },
        Call { request: &again, ..base },
    ]
    .iter()
    .map(|call| mock.answer(&streams, call).first_token)
    .collect();
    for (place, latency) in latencies.iter().enumerate() {
        assert!(!latencies[..place].contains(latency), "call {place} took as long as an earlier one: {latencies:?}");
    }
}

#[test]
fn the_prompt_holds_task_evidence_and_form() {
    let (_, task) = mock(Profile::grounded());
    let problem = task.problem(&Streams::of(Seed(1)), Slot(7));
    let prompt = problem.prompt();
    assert!(prompt.starts_with("Task #7: diagnose\n") && prompt.contains(problem.evidence()));
    let causes = "\"bad_deploy\" | \"config_change\" | \"expired_certificate\" | \"full_disk\" | \"traffic_spike\" | \
         \"dependency_outage\"";
    let form = format!("{{\"cause\": {causes}, \"evidence\": [string, …], \"service\": string}}");
    assert!(prompt.ends_with(&format!("\nReply as JSON of this form: {form}")), "{prompt}");
}

#[test]
fn a_reply_longer_than_its_limit_is_cut_off_there() {
    let (mock, task) = mock(Profile::perfect());
    let streams = Streams::of(Seed(1));
    let problem = task.problem(&streams, Slot(0));
    let request = Request { max_tokens: Some(5), ..problem.request() };
    let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
    assert_eq!((reply.stop, reply.text.len(), reply.usage.output_tokens), (Stop::MaxTokens, 20, 5));
    assert!(problem.right_text().starts_with(&reply.text));
}

#[test]
fn a_perfect_judge_tells_right_from_wrong() {
    let (mock, task) = mock(Profile::perfect());
    for seed in 0..100 {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let lie = problem.wrong(&mut streams.stream(format_args!("test"))).expect("a lie");
        let wrong = Value::from(lie.json.to_string().as_str());
        for (proposal, fault, approve) in [
            (problem.right(), None, true),
            (&wrong, None, false),
            (problem.right(), Some(Kind::WrongAnswer), false),
            (&wrong, Some(Kind::WrongAnswer), true),
        ] {
            let request = Opinion::request(&problem, proposal, mock.opinion());
            assert_eq!(Opinion::proposal(&request).as_ref(), Some(proposal));
            let reply = mock.answer(&streams, &Call { fault, ..call(&request, &problem) }).outcome.expect("a reply");
            let opinion = Opinion::read(&reply.text).expect("an opinion");
            assert_eq!(opinion.approve, approve, "{}", reply.text);
            assert_eq!(reply.taint.is_some(), fault.is_some());
        }
    }
}

#[test]
fn a_question_without_a_truth_gets_some_value_of_its_type() {
    let (mock, task) = mock(Profile::perfect());
    let form = Form::of::<Review>();
    for seed in 0..100 {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(0));
        let request = Request::about(Slot(0)).say(Speaker::User, "Review this.").expecting(form.schema());
        let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
        serde_json::from_str::<Review>(&reply.text).expect("a review");
    }
}

#[test]
fn a_scripted_model_suffers_the_same_faults() {
    let review = Review { verdict: Verdict::Accept, ticket: "CHG-7".into(), points: 3, files: vec!["file-1".into()] };
    let right = serde_json::to_string(&serde_json::to_value(&review).unwrap()).unwrap();
    let model = Scripted::new(move |_: &Request| review.clone());
    let request = Request::about(Slot(0)).say(Speaker::User, "Review CHG-7 and file-1, not CHG-8.");
    let form = Form::of::<Review>();
    let answer = |fault: Option<Kind>| {
        let base = Call {
            model: NodeId::model(0),
            caller: NodeId::agent(0),
            turn: Turn(0),
            request: &request,
            problem: None,
            fault,
        };
        model.answer(&Streams::of(Seed(3)), &base).outcome
    };
    assert_eq!(answer(None).unwrap().text, right);
    for lie in [Kind::WrongAnswer, Kind::FabricatedId] {
        let reply = answer(Some(lie)).unwrap();
        assert!(form.canonical(&reply.text).is_ok() && reply.text != right);
        assert_eq!(reply.taint.expect("taint").kind, lie);
    }
    for broken in [Kind::MalformedJson, Kind::Truncated, Kind::Refusal] {
        assert!(form.canonical(&answer(Some(broken)).unwrap().text).is_err());
    }
    assert!(answer(Some(Kind::ModelOutage)).is_err());
}

/// One draw of a call pinned to wrong turns exactly that call.
#[test]
fn a_pin_turns_one_answer_by_name() {
    use crate::seed::Pins;
    let (mock, task) = mock(Profile::closed_book());
    let recorded = (0..50).find_map(|seed| {
        let streams = Streams::pinned(Seed(seed), Pins::none().recording());
        let problem = task.problem(&streams, Slot(0));
        let request = problem.request();
        let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
        let hard = streams.pins().recorded().into_iter().find(|pin| pin.stream == "difficulty/m1/0");
        hard.filter(|_| reply.taint.is_some()).map(|pin| (seed, pin))
    });
    let (seed, mut pin) = recorded.expect("a problem that is too hard, among fifty");
    pin.choice = pin.domain.harmless;
    let streams = Streams::pinned(Seed(seed), Pins::new(&[pin]).expect("a pin"));
    let problem = task.problem(&streams, Slot(0));
    let request = problem.request();
    let answered = mock.answer(&streams, &call(&request, &problem));
    assert_eq!(streams.pins().settle(), Ok(()));
    assert_eq!(answered.outcome.expect("a reply").taint, None);
    assert!(answered.latency < seconds(600));
}

#[test]
fn archived_seeds_keep_their_replies() {
    let (mock, task) = mock(Profile::stress());
    let lines = [None, Some(Kind::FabricatedId), Some(Kind::MalformedJson), Some(Kind::Truncated)].map(|fault| {
        let struck = struck(&mock, &task, 1, fault);
        let (reply, latency) = (struck.reply(), struck.answered.latency.as_nanos());
        format!("{reply} {latency} {}", reply.usage.output_tokens)
    });
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"cause":"config_change","evidence":["log-820"],"service":"svc-564"} 2272985447 211
    {"cause":"traffic_spike","evidence":["log-484","log-819"],"service":"svc-658"} 2300238548 214
    Here is my answer:
    {"cause":"config_change","evidence":["log-820"],"service":"svc-564"}
    Let me know if you need anything else. 2409250952 226
    {"cause":"config_change","evidence":["log-820"],"ser [cut off] 2236647979 207
    "#);
}
