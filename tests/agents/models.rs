//! Asking the model: typed replies, and every way in which there is none.

use super::support::{A1, M1, Notes, at, noted_with, on, only, run_with, traced};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::fault::Kind;
use synod::model::{Profile, Request, Scripted, Speaker, Task};
use synod::seed::Draws;
use synod::time::{Duration, Time, minutes, seconds};
use synod::{Agent, Sim};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Review {
    change: String,
    approve: bool,
}

#[derive(Clone)]
struct Change(u64);

impl Task for Change {
    type Reply = Review;

    fn generate(draws: &mut Draws) -> (String, Change) {
        let number = draws.below(1_000);
        (format!("Is CH-{number} safe?"), Change(number))
    }

    fn right(&self) -> Review {
        Review { change: format!("CH-{}", self.0), approve: self.0.is_multiple_of(2) }
    }
}

async fn ask(agent: Agent, notes: Notes) -> synod::Result {
    match agent.ask::<Review>(agent.task()).await {
        Ok(review) => notes.write(format!("{} {}", agent.task().messages.len(), review.change)),
        Err(error) => notes.write(error),
    }
    Ok(())
}

/// What an agent hears that asks about the task while this fault strikes every call.
fn heard(set: impl Fn(&Sim) + Copy + Send + Sync + 'static) -> String {
    let lines = noted_with(21, 1, ask, move |sim| {
        sim.task(Change::generate).model(Profile::perfect());
        set(sim);
    });
    lines.concat()
}

#[test]
fn a_reply_is_a_value_of_the_users_own_type() {
    let review = heard(|_| ());
    assert!(review.contains(" CH-"), "{review}");
}

#[test]
fn each_unusable_reply_is_an_error_of_its_own() {
    let struck = |kind| match kind {
        Kind::Refusal => heard(|sim| _ = sim.schedule(only(at(Kind::Refusal, M1, seconds(0), minutes(9))))),
        Kind::Truncated => heard(|sim| _ = sim.schedule(only(at(Kind::Truncated, M1, seconds(0), minutes(9))))),
        Kind::MalformedJson => heard(|sim| _ = sim.schedule(only(at(Kind::MalformedJson, M1, seconds(0), minutes(9))))),
        Kind::ModelOutage => heard(|sim| _ = sim.schedule(only(at(Kind::ModelOutage, M1, seconds(0), minutes(9))))),
        Kind::ModelTimeout => heard(|sim| _ = sim.schedule(only(at(Kind::ModelTimeout, M1, seconds(0), minutes(9))))),
        _ => heard(|sim| _ = sim.schedule(only(on(Kind::Loss, A1, M1, minutes(9))))),
    };
    let cases = [
        (Kind::Refusal, "the model refused to answer"),
        (Kind::Truncated, "cut off at its token limit"),
        (Kind::MalformedJson, "does not satisfy the reply type's JSON Schema"),
        (Kind::ModelOutage, "the provider failed: 5"),
        (Kind::ModelTimeout, "the model did not answer in time"),
        (Kind::Loss, "the model did not answer in time"),
    ];
    for (kind, expected) in cases {
        let error = struck(kind);
        assert!(error.contains(expected), "{kind}: {error}");
    }
}

#[test]
fn a_valid_reply_of_another_type_is_refused() {
    let lines = noted_with(22, 1, ask, |sim| {
        sim.task(Change::generate).model(Scripted::new(|_: &Request| vec![1, 2]));
    });
    assert!(lines[0].contains("JSON Schema"), "{lines:?}");
}

#[test]
fn a_scripted_model_answers_what_it_is_asked() {
    let lines = noted_with(
        23,
        1,
        |agent: Agent, notes: Notes| async move {
            let request = agent.task().say(Speaker::User, "Count.");
            notes.write(agent.ask::<u64>(request).await?);
            Ok(())
        },
        |sim| _ = sim.model(Scripted::new(|request: &Request| request.messages.len() as u64)),
    );
    assert_eq!(lines.len(), 1);
    assert!(lines[0].parse::<u64>().is_ok(), "{lines:?}");
}

#[test]
fn an_agent_waits_for_its_model_as_long_as_it_says() {
    let lines = noted_with(
        24,
        1,
        |agent: Agent, notes: Notes| async move {
            let waited = agent.ask_within::<Review>(agent.task(), seconds(7)).await;
            notes.write(format!("{} {}", waited.is_err(), agent.now()));
            Ok(())
        },
        |sim| _ = sim.schedule(only(at(Kind::ModelTimeout, M1, Duration::ZERO, minutes(9)))),
    );
    assert_eq!(lines, [format!("true {}", Time(seconds(7).0))]);
}

#[test]
fn a_reply_that_comes_too_late_is_in_the_trace_and_nowhere_else() {
    let run = run_with(
        25,
        1,
        |agent: Agent| async move {
            // Whoever drops a question cancels it; whoever asks for a nanosecond has it answered all the same.
            let early = agent.ask_within::<Review>(agent.task(), Duration(1)).await;
            assert!(early.is_err());
            agent.sleep(minutes(3)).await;
            agent.abstain().await
        },
        |sim| _ = sim.task(Change::generate).model(Profile::perfect()),
    );
    assert_eq!(run.crash, None);
    let late = run.trace.records().iter().filter(|record| record.happening.verb() == "hears from its model");
    assert!(late.clone().all(|record| record.mark.has(synod::trace::Mark::LATE)) && late.count() == 1);
    assert_eq!(traced(&run, A1, "asks its model").len(), 1);
}

#[test]
fn many_agents_share_one_model_and_its_queue() {
    let lines = noted_with(26, 7, ask, |sim| {
        sim.task(Change::generate).model(Profile::perfect()).models(1);
    });
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert!(lines.iter().all(|line| line == &lines[0]), "one task, one truth: {lines:?}");
}
