//! Opinions in forms of users' own: who shows a proposal and asks for a verdict in other words gets a judge as well.

use super::*;
use crate::fact::Value;
use crate::model::{Diagnose, Judge, Opinion, Schema, Speaker, canonical};
use serde_json::{Value as Json, json};

const SEEDS: u64 = 3_000;

/// As frameworks write a type: closed, every field required.
fn strict(properties: &Json) -> Schema {
    let required: Vec<&String> = properties.as_object().expect("fields").keys().collect();
    Schema::from(json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    }))
}

/// A form of opinions, and what stands in one for approval and where.
struct Own {
    schema: Schema,
    verdict: &'static str,
    approved: Json,
}

fn forms() -> [Own; 4] {
    let text = || json!({ "type": "string" });
    let flag = || json!({ "type": "boolean" });
    let own = |properties: Json, verdict: &'static str, approved: Json| {
        let schema = strict(&properties);
        Own { schema, verdict, approved }
    };
    [
        own(json!({ "approve": flag(), "reason": text() }), "approve", json!(true)),
        own(json!({ "ok": flag(), "score": { "type": "integer", "minimum": 0 } }), "ok", json!(true)),
        own(json!({ "urgent": flag(), "approve": flag(), "why": text() }), "approve", json!(true)),
        own(
            json!({ "comment": text(), "verdict": { "enum": ["needs_work", "rejected", "approved"] } }),
            "verdict",
            json!("approved"),
        ),
    ]
}

/// A request for an opinion of this form on a right or a wrong answer.
fn asked(problem: &Problem, seed: u64, right: Truth, schema: &Schema) -> Request {
    let lie = problem.wrong(&mut Streams::of(Seed(seed)).stream(format_args!("test"))).expect("a lie");
    let proposal = match right {
        Truth::Right => problem.right().clone(),
        Truth::Wrong => Value::from(canonical(&lie.json).as_str()),
    };
    Opinion::request(problem, &proposal, &Opinion::form()).expecting(schema)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Truth {
    Right,
    Wrong,
}

#[test]
fn a_users_own_opinion_is_as_often_right_as_the_judge() {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(Profile { judge: Judge::rubber_stamp(), ..Profile::perfect() }, task.clone());
    for Own { schema, verdict, approved } in forms() {
        let form = Form::new(schema.clone());
        for (truth, permille) in [(Truth::Right, 960), (Truth::Wrong, 750)] {
            let mut count = 0;
            for seed in 0..SEEDS {
                let streams = Streams::of(Seed(seed));
                let problem = task.problem(&streams, Slot(0));
                let request = asked(&problem, seed, truth, &schema);
                let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
                let opinion = form.parse(&reply.text).expect("of the form that was asked for");
                let approves = opinion[verdict] == approved;
                assert_eq!(reply.taint.is_some(), approves != (truth == Truth::Right), "{reply}");
                count += u64::from(approves);
            }
            let measured = count * 1_000 / SEEDS;
            // Three standard deviations of 3,000 draws at a quarter are 24 in a thousand.
            assert!(measured.abs_diff(permille) <= 25, "{schema:?}: {measured} in a thousand, expected {permille}");
        }
    }
}

#[test]
fn faults_of_judges_strike_a_users_own_opinion() {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    for Own { schema, verdict, approved } in forms() {
        for seed in 0..20 {
            let streams = Streams::of(Seed(seed));
            let problem = task.problem(&streams, Slot(0));
            let approves = |request: &Request, fault: Kind| {
                let answered = mock.answer(&streams, &Call { fault: Some(fault), ..call(request, &problem) });
                let reply = answered.outcome.expect("a reply");
                let opinion: Json = serde_json::from_str(&reply.text).expect("JSON");
                (answered.fault == Some(fault)).then_some(opinion[verdict] == approved)
            };
            let wrong = asked(&problem, seed, Truth::Wrong, &schema);
            let right = asked(&problem, seed, Truth::Right, &schema);
            assert_eq!(approves(&wrong, Kind::RubberStamp), Some(true));
            assert_eq!(approves(&wrong, Kind::WrongVerdict), Some(true));
            assert_eq!(approves(&right, Kind::WrongVerdict), Some(false));
            // Two peers of three who say otherwise, in the same form.
            let mut peer = mock.answer(&streams, &call(&wrong, &problem)).outcome.expect("a reply").text;
            let rejects = peer.clone();
            peer = mock.answer(&streams, &call(&right, &problem)).outcome.expect("a reply").text;
            let said = |request: &Request, text: &str| {
                let request = request.clone().say(Speaker::Peer(NodeId::agent(1)), text);
                request.say(Speaker::Peer(NodeId::agent(2)), text)
            };
            assert_eq!(approves(&said(&wrong, &peer), Kind::Sycophancy), Some(true), "{peer}");
            assert_eq!(approves(&said(&right, &rejects), Kind::Injection), Some(false), "{rejects}");
        }
    }
}

#[test]
fn who_shows_no_proposal_or_has_no_place_for_a_verdict_gets_any_value() {
    let task = TaskSet::of(Diagnose::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    let text = json!({ "type": "string" });
    let unjudged = |schema: &Schema, request: fn(&Problem, u64, &Schema) -> Request| {
        let says_yes = |seed: &u64| {
            let streams = Streams::of(Seed(*seed));
            let problem = task.problem(&streams, Slot(0));
            let request = request(&problem, *seed, schema);
            let reply = mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply");
            assert_eq!(reply.taint, None);
            reply.text.contains("true")
        };
        (0..200).filter(says_yes).count()
    };
    let [own, ..] = forms();
    let silent = unjudged(&own.schema, |problem, _, schema| problem.request().expecting(schema));
    assert!((60..=140).contains(&silent), "a coin");
    let two = strict(&json!({ "left": { "type": "boolean" }, "right": { "type": "boolean" }, "why": text }));
    let split = unjudged(&two, |problem, seed, schema| asked(problem, seed, Truth::Wrong, schema));
    assert!(split > 100, "two coins: {split}");
}
