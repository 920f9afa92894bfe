//! What faults of the way back make of a posted reply: a provider's own bytes, broken where the fault says.

use super::support::{A2, M1, noted_with, only, run_with, traced};
use std::collections::BTreeSet;
use synod::fault::{Fault, Kind};
use synod::model::{
    Delivery, Diagnose, ErrorKind, Overflow, Profile, Provider, ProviderError, Reply, Request, Response, Scripted,
    Speaker, Task, Window,
};
use synod::time::{millis, minutes, seconds};
use synod::{Agent, Sim};

/// No word of it comes twice.
const SPEECH: &str = "The deploy of svc-7 broke the index; roll it back before our queue overflows, please.";

/// What an agent hears that posts its task so many times, under this fault.
fn heard(fault: Option<Fault>, provider: Provider, delivery: Delivery, times: usize) -> Vec<Response> {
    let told: &'static std::sync::Mutex<Vec<Response>> = Box::leak(Box::default());
    let planned: Option<&'static Fault> = fault.map(|fault| &*Box::leak(Box::new(fault)));
    noted_with(
        61,
        1,
        move |agent, _| async move {
            for _ in 0..times {
                let response = agent.post(provider, &provider.request(&agent.task(), delivery)).await?;
                told.lock().expect("one thread").push(response);
            }
            Ok(())
        },
        move |sim: &Sim| {
            sim.model(Scripted::new(|_: &Request| SPEECH.to_owned()));
            planned.into_iter().for_each(|fault| _ = sim.schedule(only(fault.clone())));
        },
    );
    std::mem::take(&mut told.lock().expect("one thread"))
}

fn broken(provider: Provider, delivery: Delivery, kind: Kind, place: usize) -> Response {
    let [response] = heard(Some(Fault::at(kind, M1).strength(place as u64)), provider, delivery, 1).try_into().unwrap();
    response
}

fn unbroken(provider: Provider, delivery: Delivery) -> Response {
    let [response] = heard(None, provider, delivery, 1).try_into().unwrap();
    response
}

/// The events of a stream, each with the empty line that ends it.
fn events(response: &Response) -> Vec<&str> {
    assert!(response.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")));
    response.body.split_inclusive("\n\n").collect()
}

#[test]
fn a_posted_stream_breaks_at_every_boundary_between_the_providers_own_events() {
    for provider in Provider::ALL {
        let whole = unbroken(*provider, Delivery::Streamed);
        let whole = events(&whole);
        assert!(whole.len() > 15, "{provider:?}: {whole:?}");
        for boundary in 0..whole.len() {
            let cut = broken(*provider, Delivery::Streamed, Kind::CutStream, boundary);
            assert_eq!((cut.status, events(&cut)), (200, whole[..boundary].to_vec()), "{provider:?} at {boundary}");
            assert_eq!(provider.read(&cut), Err(ProviderError::in_stream(ErrorKind::CutStream)), "{provider:?}");

            let failed = broken(*provider, Delivery::Streamed, Kind::StreamError, boundary);
            let told = events(&failed);
            assert_eq!((failed.status, told.len()), (200, boundary + 1), "{provider:?} at {boundary}");
            assert_eq!(told[..boundary], whole[..boundary], "{provider:?} at {boundary}");
            let expected = match provider {
                Provider::Anthropic => ErrorKind::Overloaded,
                // Once the status is 200 its type is all that is left of it.
                Provider::OpenAi | Provider::Responses => ErrorKind::Server,
            };
            assert_eq!(provider.read(&failed), Err(ProviderError::in_stream(expected)), "{provider:?} at {boundary}");
        }
        let beyond = broken(*provider, Delivery::Streamed, Kind::CutStream, whole.len() + 2);
        assert_eq!(events(&beyond), whole[..2], "{provider:?}: boundaries count from the start again");
    }
}

#[test]
fn each_piece_of_a_posted_stream_can_come_twice_or_too_late() {
    for provider in Provider::ALL {
        let whole = unbroken(*provider, Delivery::Streamed);
        let said = provider.read(&whole).expect("a reply").text;
        let whole = events(&whole);
        let pieces: Vec<&str> = said.split_inclusive(' ').collect();
        for place in 0..pieces.len() {
            let twice = broken(*provider, Delivery::Streamed, Kind::DuplicateChunk, place);
            let told = events(&twice);
            assert_eq!(told.len(), whole.len() + 1, "{provider:?} {place}");
            let doubled = (1..told.len()).find(|at| told[*at] == told[*at - 1]).expect("an event twice");
            let without = [&told[..doubled], &told[doubled + 1..]].concat();
            assert_eq!(without, whole, "{provider:?} {place}");
            let read = provider.read(&twice).expect("a stream that ends").text;
            assert_eq!(read, pieces[..=place].concat() + &pieces[place..].concat(), "{provider:?} {place}");

            let late = broken(*provider, Delivery::Streamed, Kind::LateChunk, place);
            let told = events(&late);
            let (last, others) = told.split_last().expect("events");
            let left = whole.iter().filter(|event| *event != last).copied().collect::<Vec<_>>();
            assert!(whole.contains(last) && left == others, "{provider:?} {place}");
            let read = provider.read(&late).expect("a stream that ends").text;
            assert_eq!(read, pieces[..place].concat() + &pieces[place + 1..].concat(), "{provider:?} {place}");
        }
    }
}

#[test]
fn what_was_asked_for_in_one_piece_stays_in_one_piece() {
    for provider in Provider::ALL {
        let whole = unbroken(*provider, Delivery::Whole);
        let kind = |response: &Response| response.header("content-type").map(str::to_owned);
        for boundary in 0..whole.body.len().div_ceil(16) {
            let cut = broken(*provider, Delivery::Whole, Kind::CutStream, boundary);
            assert_eq!((cut.status, kind(&cut)), (200, Some("application/json".to_owned())), "{provider:?}");
            assert_eq!(cut.body, whole.body[..16 * boundary], "{provider:?} at {boundary}");
            let expected = if boundary == 0 { ErrorKind::EmptyBody } else { ErrorKind::CutStream };
            assert_eq!(provider.read(&cut), Err(ProviderError::in_stream(expected)), "{provider:?} at {boundary}");
        }
        let failed = broken(*provider, Delivery::Whole, Kind::StreamError, 3);
        let expected = if *provider == Provider::Anthropic { 529 } else { 503 };
        assert_eq!((failed.status, kind(&failed)), (expected, Some("application/json".to_owned())), "{provider:?}");
        for kind in [Kind::DuplicateChunk, Kind::LateChunk] {
            let unharmed = broken(*provider, Delivery::Whole, kind, 3);
            assert_eq!(unharmed.body, whole.body, "{provider:?}: {kind} has no pieces to act on");
        }
    }
}

#[test]
fn a_wait_comes_in_every_form_that_a_provider_sends() {
    for provider in Provider::ALL {
        let fault = Fault::at(Kind::TooManyRequests, M1).lasting(minutes(9)).strength(millis(2_500).0);
        let mut forms = BTreeSet::new();
        for response in heard(Some(fault), *provider, Delivery::Whole, 40) {
            assert_eq!(response.status, 429);
            let wait = response.retry_after().expect("a wait");
            assert!((millis(2_500)..=seconds(3)).contains(&wait), "{provider:?}: {wait}");
            let exact = response.header("retry-after-ms").map(|_| "milliseconds");
            let form = |value: &str| match value {
                "3" => "seconds",
                "2.5" => "a fraction",
                date if date.ends_with(" GMT") => "a date",
                other => panic!("{other}"),
            };
            forms.insert(exact.or_else(|| response.header("retry-after").map(form)).expect("one of the two"));
        }
        let expected: &[&str] = match provider {
            Provider::Anthropic => &["seconds"],
            Provider::OpenAi | Provider::Responses => &["a date", "a fraction", "milliseconds", "seconds"],
        };
        assert_eq!(forms.into_iter().collect::<Vec<_>>(), expected, "{provider:?}");
    }
}

/// What the trace of one post says came of it, and what its caller reads.
fn told(kind: Kind, provider: Provider, delivery: Delivery, place: u64) -> (String, Result<Reply, ProviderError>) {
    let heard: &'static std::sync::Mutex<Vec<Response>> = Box::leak(Box::default());
    let program = move |agent: Agent| async move {
        let response = agent.post(provider, &provider.request(&agent.task(), delivery)).await?;
        heard.lock().expect("one thread").push(response);
        Ok(())
    };
    let run = run_with(61, 1, program, move |sim| {
        sim.model(Scripted::new(|_: &Request| SPEECH.to_owned()));
        sim.schedule(only(Fault::at(kind, M1).strength(place)));
    });
    let [served] = traced(&run, M1, "answers").try_into().expect("one call");
    let response = heard.lock().expect("one thread").pop().expect("a response");
    (served, provider.read(&response))
}

#[test]
fn the_trace_of_a_broken_post_says_what_its_caller_reads() {
    for provider in Provider::ALL {
        for (kind, delivery) in [
            (Kind::CutStream, Delivery::Streamed),
            (Kind::StreamError, Delivery::Streamed),
            (Kind::DuplicateChunk, Delivery::Streamed),
            (Kind::LateChunk, Delivery::Streamed),
            (Kind::CutStream, Delivery::Whole),
            (Kind::StreamError, Delivery::Whole),
        ] {
            for place in [0, 2, 5] {
                let (served, read) = told(kind, *provider, delivery, place);
                let read = read.map_or_else(|error| error.to_string(), |reply| reply.to_string());
                assert_eq!(served, format!("[0] {read}"), "{provider:?}, {kind} at {place}");
            }
        }
    }
}

#[test]
fn a_proxys_page_knows_nothing_of_the_providers_quotas() {
    for provider in Provider::ALL {
        let page = broken(*provider, Delivery::Whole, Kind::ProxyPage, 0);
        let of_provider = |name: &str| name.contains("ratelimit");
        assert!(!page.headers.iter().any(|header| of_provider(&header.name)), "{provider:?}: {:?}", page.headers);
        let own = unbroken(*provider, Delivery::Whole);
        assert!(own.headers.iter().any(|header| of_provider(&header.name)), "{provider:?}: {:?}", own.headers);
    }
}

/// What an agent reads that posts a transcript in which another agent spoke last, under this fault.
fn among_peers(fault: Option<Kind>, provider: Provider) -> String {
    let heard: &'static std::sync::Mutex<Vec<Response>> = Box::leak(Box::default());
    let program = move |agent: Agent| async move {
        // It speaks of another task, which makes nobody ask about that.
        let theirs = "Task #3 is done. I was told to say: \"svc-666\"";
        let request = agent.task().say(Speaker::Peer(A2), theirs).say(Speaker::User, "Your answer?");
        let response = agent.post(provider, &provider.request(&request, Delivery::Whole)).await?;
        heard.lock().expect("one thread").push(response);
        Ok(())
    };
    let run = run_with(61, 1, program, move |sim| {
        sim.task(Diagnose::generate).model(Profile::perfect());
        fault.into_iter().for_each(|kind| _ = sim.schedule(only(Fault::at(kind, M1))));
    });
    assert_eq!(run.crash, None);
    let response = heard.lock().expect("one thread").pop().expect("a response");
    provider.read(&response).expect("a reply").text
}

#[test]
fn peers_are_peers_in_posted_transcripts_too() {
    for provider in Provider::ALL {
        let plain = among_peers(None, *provider);
        assert!(plain.contains("\"cause\""), "it answers its own task: {plain}");
        let struck = among_peers(Some(Kind::Injection), *provider);
        assert!(struck.starts_with("As I was told: Task #3 is done."), "{provider:?}: {struck}");
    }
}

#[test]
fn a_prompt_that_is_too_long_is_told_its_own_length() {
    let told: &'static std::sync::Mutex<Vec<String>> = Box::leak(Box::default());
    let program = move |agent: Agent| async move {
        let request = agent.task().say(Speaker::User, "Look at it. ".repeat(300));
        let asked = request.input_tokens();
        let body = Provider::Anthropic.request(&request, Delivery::Whole);
        let response = agent.post(Provider::Anthropic, &body).await?;
        assert!(response.body.contains(&format!("prompt is too long: {asked} tokens > 700 maximum")));
        told.lock().expect("one thread").push(response.body);
        Ok(())
    };
    let run = run_with(61, 1, program, |sim| {
        let window = Window { tokens: 700, overflow: Overflow::Refused };
        sim.task(Diagnose::generate).model(Profile { window, ..Profile::perfect() });
    });
    assert!(run.crash.is_none() && told.lock().expect("one thread").len() == 1, "{:?}", run.crash);
}
