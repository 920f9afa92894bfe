//! An agent of the kind that thinks, acts and observes in prose: it has its model stop where an observation is due,
//! which is the agent's to make and not the model's.

use super::support::{Notes, noted_with, only};
use synod::agent::ONLY_SLOT;
use synod::fault::{Fault, Kind};
use synod::id::NodeId;
use synod::model::{Chunk, Delivery, Provider, Request, Scripted, Speaker, Stop};
use synod::{Agent, Error, Sim};

const DUE: &str = "\nObservation:";

/// Goes on to invent what it would see, as models do; once it is shown what is there, it says so.
fn thinks(request: &Request) -> String {
    match request.messages.iter().rev().find_map(|message| message.text.strip_prefix("Observation: ")) {
        Some(seen) => format!("Answer: {seen}"),
        None => format!("Thought: I should look.\nAction: look{DUE} three branches\nAnswer: three"),
    }
}

fn set(sim: &Sim) {
    sim.model(Scripted::saying(thinks));
}

fn question(provider: Provider) -> Request {
    let request = Request::about(ONLY_SLOT).say(Speaker::User, "How many branches are there?").stopping_at(DUE);
    // Anthropic's requests have a limit.
    if provider == Provider::Anthropic { Request { max_tokens: Some(200), ..request } } else { request }
}

#[test]
fn a_posted_request_with_a_stop_sequence_gets_no_invented_observation() {
    for delivery in [Delivery::Whole, Delivery::Streamed] {
        for (provider, stop, stopped_at) in
            [(Provider::OpenAi, Stop::EndTurn, None), (Provider::Anthropic, Stop::StopSequence, Some(DUE))]
        {
            let work = move |agent: Agent, notes: Notes| async move {
                let mut request = question(provider);
                for _ in 0..2 {
                    let response = agent.post(provider, &provider.request(&request, delivery)).await?;
                    let reply = provider.read(&response).map_err(Error::Provider)?;
                    notes.write(&reply.text);
                    if let Some(answer) = reply.text.strip_prefix("Answer: ") {
                        return agent.decide(answer).await;
                    }
                    assert_eq!(
                        (reply.stop, reply.stopped_at.as_deref()),
                        (stop, stopped_at),
                        "{provider:?} {delivery:?}"
                    );
                    request = request.say(Speaker::Assistant, reply.text).say(Speaker::User, "Observation: two");
                }
                Ok(())
            };
            let lines = noted_with(71, 1, work, set);
            assert_eq!(lines, ["Thought: I should look.\nAction: look", "Answer: two"], "{provider:?} {delivery:?}");
        }
    }
}

#[test]
fn an_agent_that_forgets_its_stop_sequence_believes_the_models_own_invention() {
    let work = |agent: Agent, notes: Notes| async move {
        let request = Request { stops: Vec::new(), ..question(Provider::OpenAi) };
        let response = agent.post(Provider::OpenAi, &Provider::OpenAi.request(&request, Delivery::Whole)).await?;
        notes.write(Provider::OpenAi.read(&response).map_err(Error::Provider)?.text);
        Ok(())
    };
    let lines = noted_with(71, 1, work, set);
    assert!(lines[0].ends_with("three branches\nAnswer: three"), "{lines:?}");
}

#[test]
fn a_stream_ends_at_the_sequence_and_says_which_it_was() {
    let work = |agent: Agent, notes: Notes| async move {
        let mut stream = agent.stream(question(Provider::Anthropic));
        while let Some(arrival) = stream.next().await {
            match arrival?.chunk {
                Chunk::End { stop, stopped_at, .. } => notes.write(format!("{stop:?} {stopped_at:?}")),
                Chunk::Text(text) => assert!(!text.contains("three")),
                _ => {}
            }
        }
        Ok(())
    };
    assert_eq!(noted_with(71, 1, work, set), [format!("StopSequence {:?}", Some(DUE))]);
}

#[test]
fn faults_of_form_strike_prose_and_its_sequence_still_counts() {
    let cut = |sim: &Sim| {
        set(sim);
        sim.schedule(only(Fault::at(Kind::RoleConfusion, NodeId::model(0)).once()));
    };
    let work = |agent: Agent, notes: Notes| async move {
        let body = Provider::Anthropic.request(&question(Provider::Anthropic), Delivery::Whole);
        let response = agent.post(Provider::Anthropic, &body).await?;
        notes.write(Provider::Anthropic.read(&response).map_err(Error::Provider)?.text);
        Ok(())
    };
    let lines = noted_with(71, 1, work, cut);
    assert!(lines[0].starts_with("user: ") && lines[0].ends_with("Action: look"), "{lines:?}");
}
