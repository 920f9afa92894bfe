//! An agent as it is written for production: raw JSON out, raw JSON in, its own types, and its framework's schema of
//! them. Of Synod it knows its handle.

use super::support::{A1, Notes, noted_with, only, performed, story};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use synod::fact::Fact;
use synod::fault::{Fault, Kind};
use synod::model::{Cassette, Mock, Profile, Provider, Tape, Task, TaskSet};
use synod::seed::Draws;
use synod::{Agent, Sim};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Merge,
    Reject,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
struct Review {
    verdict: Verdict,
    change: String,
    risk: u8,
    files: Vec<String>,
}

#[derive(Clone)]
struct Change(Review);

impl Task for Change {
    type Reply = Review;

    fn generate(draws: &mut Draws) -> (String, Change) {
        let number = draws.choose(100, 899, 100);
        let risk = u8::try_from(draws.below(9)).expect("a digit");
        let verdict = if risk < 5 { Verdict::Merge } else { Verdict::Reject };
        let evidence = format!(
            "Review the change; a risk of 5 and more is rejected.\n\
             CH-{number} touches src/a{number}.rs and src/b{number}.rs.\nIts risk is {risk}. CH-{} is closed.",
            number + 1
        );
        let files = ["a", "b"].map(|name| format!("src/{name}{number}.rs")).into();
        (evidence, Change(Review { verdict, change: format!("CH-{number}"), risk, files }))
    }

    fn right(&self) -> Review {
        self.0.clone()
    }
}

/// The schema of a review as other languages' libraries write it: titles, no `$schema`, closed objects.
fn schema() -> Json {
    json!({
        "title": "Review",
        "type": "object",
        "properties": {
            "verdict": { "title": "Verdict", "type": "string", "enum": ["merge", "reject"] },
            "change": { "title": "Change", "type": "string" },
            "risk": { "title": "Risk", "type": "integer", "minimum": 0, "maximum": 9 },
            "files": { "title": "Files", "type": "array", "items": { "type": "string" } },
        },
        "required": ["verdict", "change", "risk", "files"],
        "additionalProperties": false,
    })
}

/// What production code does: a body, the text of the response, its own type.
async fn reviewed(agent: &Agent, provider: Provider) -> synod::Result<Review> {
    let messages = json!([{ "role": "user", "content": agent.evidence() }]);
    let (body, pointer) = match provider {
        Provider::Anthropic => (
            json!({
                "model": "claude", "max_tokens": 500, "messages": messages,
                "output_config": { "format": { "type": "json_schema", "schema": schema() } },
            }),
            "/content/0/text",
        ),
        _ => (
            json!({
                "model": "gpt", "messages": messages, "temperature": 0,
                "response_format": {
                    "type": "json_schema", "json_schema": { "name": "review", "strict": true, "schema": schema() },
                },
            }),
            "/choices/0/message/content",
        ),
    };
    let response = agent.post(provider, &body.to_string()).await?;
    let json: Json = serde_json::from_str(&response.body).map_err(|error| error.to_string())?;
    let text = json.pointer(pointer).and_then(Json::as_str).ok_or_else(|| json.to_string())?;
    serde_json::from_str(text).map_err(|error| format!("{error}: {text}").into())
}

async fn reviewer(agent: Agent, provider: Provider) -> synod::Result {
    let review = reviewed(&agent, provider).await?;
    agent.decide(&review).await
}

fn set(sim: &Sim) {
    sim.task(Change::generate).model(Profile::perfect());
}

const BOTH: [Provider; 2] = [Provider::OpenAi, Provider::Anthropic];

#[test]
fn production_code_gets_the_right_answer_in_its_own_schema_from_either_provider() {
    for provider in BOTH {
        for seed in 0..10 {
            let run = performed(&story(1, move |agent| reviewer(agent, provider), set), seed);
            assert_eq!(run.crash, None);
            assert_eq!((run.figures.decisions, run.figures.correct), (1, 1), "{provider:?}, seed {seed}");
        }
    }
}

#[test]
fn faults_of_content_reach_production_code_with_the_lie_marked() {
    for provider in BOTH {
        for (kind, heard) in [
            (Kind::WrongAnswer, "of its type"),
            (Kind::FabricatedId, "of its type"),
            (Kind::Derailment, "of its type"),
            (Kind::MalformedJson, "no review"),
            (Kind::Refusal, "no review"),
            (Kind::Empty, "no review"),
        ] {
            let fault: &'static Fault = Box::leak(Box::new(Fault::of_caller(kind, A1)));
            let set = move |sim: &Sim| {
                set(sim);
                sim.schedule(only(fault.clone()));
            };
            let work = move |agent: Agent, notes: Notes| async move {
                let review = reviewed(&agent, provider).await;
                notes.write(if review.is_ok() { "of its type" } else { "no review" });
                agent.decide(&review?).await
            };
            assert_eq!(noted_with(81, 1, work, set), [heard], "{kind} by {provider:?}");
            let run = performed(&story(1, move |agent| reviewer(agent, provider), set), 81);
            assert_eq!(run.ledger.tally(kind).felt, 1, "{kind} by {provider:?}");
            assert_eq!(run.figures.correct, 0, "{kind} by {provider:?}");
        }
    }
}

#[test]
fn what_production_code_was_answered_can_be_kept_and_replayed_and_another_question_is_named() {
    for provider in BOTH {
        let tape: &'static Tape = Box::leak(Box::default());
        let recording = move |sim: &Sim| {
            sim.task(Change::generate).model(tape.record(Mock::new(Profile::stress(), TaskSet::of(Change::generate))));
        };
        let program = move |agent| reviewer(agent, provider);
        let recorded = performed(&story(2, program, recording), 82);
        let cassette: &'static Cassette = Box::leak(Box::new(tape.cassette().to_string().parse().expect("a cassette")));
        let replaying = move |sim: &Sim| {
            sim.task(Change::generate).model(cassette.clone());
        };
        let decided = |run: &synod::scenario::Run| {
            let decisions = run.history.facts().filter(|(_, _, fact)| matches!(fact, Fact::Decided { .. }));
            decisions.map(|(_, _, fact)| format!("{fact:?}")).collect::<Vec<_>>()
        };
        let replayed = performed(&story(2, program, replaying), 82);
        assert_eq!(decided(&replayed), decided(&recorded), "{provider:?}");
        // Another seed has another change to review: no line of the cassette is about it.
        let crash = performed(&story(2, program, replaying), 83).crash.expect("no reply").to_string();
        assert!(crash.contains("the cassette has no reply for turn 0 of a"), "{crash}");
        assert!(crash.contains("the nearest recorded call is turn 0 of a") && crash.contains("message 1"), "{crash}");
    }
}
