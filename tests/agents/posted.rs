//! What faults of the way back make of a posted reply: a provider's own bytes, broken where the fault says.

use super::support::{M1, noted_with, only};
use std::collections::BTreeSet;
use synod::Sim;
use synod::fault::{Fault, Kind};
use synod::model::{Delivery, ErrorKind, Provider, ProviderError, Request, Response, Scripted};
use synod::time::{millis, minutes, seconds};

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
