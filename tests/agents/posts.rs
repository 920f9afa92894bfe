//! Agents that speak a provider's own shapes: what is on the wire in a run, headers of real buckets included.

use super::support::{A1, M1, at, noted_with, only};
use synod::agent::ModelFailure;
use synod::fault::{Fault, Kind};
use synod::model::{
    Delivery, ErrorKind, Excess, Profile, Provider, ProviderError, Quota, Request, Response, Scripted, parse_reply,
};
use synod::time::{minutes, seconds};
use synod::{Agent, Error, Sim};

/// Two calls at once, then one every ten seconds; a thousand tokens a minute are read.
const QUOTA: Quota =
    Quota { per_minute: 6, burst: 2, input_per_minute: Some(1_000), excess: Excess::Rejected, ..Quota::usual() };

fn set(sim: &Sim) {
    sim.model(Scripted::new(|_: &Request| 17_u64).with(Profile { quota: QUOTA, ..Profile::perfect() }));
}

/// What an agent hears that posts this body under this fault.
fn heard(fault: Option<Kind>, body: fn(&Agent) -> String, provider: Provider) -> Result<Response, Error> {
    let told: &'static std::sync::Mutex<Option<Result<Response, Error>>> = Box::leak(Box::default());
    let fault: Option<&'static Fault> = fault.map(|kind| &*Box::leak(Box::new(at(kind, M1, seconds(0), minutes(9)))));
    noted_with(
        61,
        1,
        move |agent: Agent, _| async move {
            let outcome = agent.post(provider, &body(&agent)).await;
            *told.lock().expect("one thread") = Some(outcome);
            Ok(())
        },
        move |sim| {
            set(sim);
            if let Some(fault) = fault {
                sim.schedule(only(fault.clone()));
            }
        },
    );
    told.lock().expect("one thread").take().expect("an outcome")
}

fn whole(provider: Provider) -> fn(&Agent) -> String {
    match provider {
        Provider::OpenAi => |agent| Provider::OpenAi.request(&agent.task(), Delivery::Whole),
        Provider::Anthropic => |agent| Provider::Anthropic.request(&agent.task(), Delivery::Whole),
        Provider::Responses => |agent| Provider::Responses.request(&agent.task(), Delivery::Whole),
    }
}

fn streamed(provider: Provider) -> fn(&Agent) -> String {
    match provider {
        Provider::OpenAi => |agent| Provider::OpenAi.request(&agent.task(), Delivery::Streamed),
        Provider::Anthropic => |agent| Provider::Anthropic.request(&agent.task(), Delivery::Streamed),
        Provider::Responses => |agent| Provider::Responses.request(&agent.task(), Delivery::Streamed),
    }
}

#[test]
fn a_posted_request_gets_the_providers_response_whole_or_streamed() {
    for provider in Provider::ALL {
        for body in [whole(*provider), streamed(*provider)] {
            let response = heard(None, body, *provider).expect("a response");
            assert_eq!(response.status, 200);
            let reply = provider.read(&response).expect("a reply");
            assert_eq!(parse_reply::<u64>(&reply), Ok(17), "{provider:?}");
            let requests = response.meters(*provider).requests.expect("a meter");
            assert_eq!((requests.limit, requests.remaining), (2, 1), "{provider:?}");
        }
        let kind = heard(None, streamed(*provider), *provider).expect("a response");
        assert!(kind.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")));
    }
}

#[test]
fn every_request_has_a_name_of_its_own() {
    for provider in Provider::ALL {
        let names = noted_with(
            64,
            2,
            move |agent: Agent, notes: super::support::Notes| async move {
                for _ in 0..3 {
                    let response = agent.post(*provider, &provider.request(&agent.task(), Delivery::Whole)).await?;
                    let name = response.request_id().expect("a name").to_owned();
                    let told =
                        response.status == 200 || *provider != Provider::Anthropic || response.body.contains(&name);
                    assert!(told, "{}: its body says so too", response.body);
                    notes.write(name);
                }
                Ok(())
            },
            set,
        );
        let different: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!((names.len(), different.len()), (6, 6), "{names:?}");
    }
}

#[test]
fn what_goes_wrong_has_the_providers_shape() {
    for provider in Provider::ALL {
        let read =
            |kind| heard(Some(kind), whole(*provider), *provider).map(|response| provider.read(&response).map(|_| ()));
        assert_eq!(read(Kind::ServerError), Ok(Err(ProviderError::of(ErrorKind::Server))));
        assert_eq!(read(Kind::EmptyBody), Ok(Err(ProviderError::of(ErrorKind::EmptyBody))));
        let page = read(Kind::ProxyPage).expect("a response").expect_err("a page");
        assert_eq!(page.kind, ErrorKind::NotTheProvider);
        assert_eq!(read(Kind::ConnectionReset), Err(Error::Provider(ProviderError::of(ErrorKind::Reset))));
        assert_eq!(read(Kind::ModelTimeout), Err(Error::from(ModelFailure::Timeout)));
        let cut = heard(Some(Kind::CutStream), streamed(*provider), *provider).expect("a response");
        assert_eq!(provider.read(&cut), Err(ProviderError::in_stream(ErrorKind::CutStream)), "{provider:?}");
        let nonsense = heard(None, |_| "{".to_owned(), *provider).expect("a response");
        assert_eq!(provider.read(&nonsense).expect_err("no request").kind, ErrorKind::InvalidRequest);
        assert!(nonsense.body.contains("EOF while parsing an object"), "it says why: {}", nonsense.body);
    }
}

#[test]
fn a_quota_that_runs_out_shows_in_the_headers_of_every_response() {
    for provider in Provider::ALL {
        let lines = noted_with(
            62,
            1,
            move |agent: Agent, notes: super::support::Notes| async move {
                for _ in 0..3 {
                    let body = provider.request(&agent.task(), Delivery::Whole);
                    let response = agent.post(*provider, &body).await?;
                    let meters = response.meters(*provider);
                    let requests = meters.requests.expect("a meter");
                    notes.write(format!("{} {} of {}", response.status, requests.remaining, requests.limit));
                    if response.status == 429 {
                        let wait = response.retry_after().expect("a wait");
                        // The bucket is full again one call later than it admits the next one.
                        assert!(wait <= seconds(10) && requests.reset > wait, "{wait} {requests:?}");
                        agent.sleep(wait).await;
                        let again = agent.post(*provider, &body).await?;
                        notes.write(again.status);
                    }
                    assert_eq!(agent.id(), A1);
                    assert_eq!(meters.tokens.is_some(), agent.meters().tokens.is_some());
                }
                Ok(())
            },
            |sim: &Sim| {
                let pace = synod::model::Pace { first_token: synod::time::millis(1), ..Profile::perfect().pace };
                let pace = synod::model::Pace { per_token: synod::time::micros(1), ..pace };
                let profile = Profile { quota: QUOTA, pace, ..Profile::perfect() };
                sim.model(Scripted::new(|_: &Request| 17_u64).with(profile));
            },
        );
        assert_eq!(lines, ["200 1 of 2", "200 0 of 2", "429 0 of 2", "200"], "{provider:?}");
    }
}

#[test]
fn a_quota_that_a_fault_exhausts_shows_in_the_headers_as_long_as_it_lasts() {
    for provider in Provider::ALL {
        let lines = noted_with(
            63,
            1,
            move |agent: Agent, notes: super::support::Notes| async move {
                for _ in 0..4 {
                    let response = agent.post(*provider, &provider.request(&agent.task(), Delivery::Whole)).await?;
                    let requests = response.meters(*provider).requests.expect("a meter");
                    notes.write(format!("{} {} of {}", response.status, requests.remaining, requests.limit));
                    if response.status == 429 {
                        let wait = response.retry_after().expect("a wait");
                        assert!(wait <= requests.reset, "{wait} {requests:?}");
                    }
                }
                agent.sleep(minutes(3)).await;
                let response = agent.post(*provider, &provider.request(&agent.task(), Delivery::Whole)).await?;
                let requests = response.meters(*provider).requests.expect("a meter");
                notes.write(format!("{} of {}", requests.remaining, requests.limit));
                Ok(())
            },
            |sim: &Sim| {
                let pace = synod::model::Pace { first_token: synod::time::millis(1), ..Profile::perfect().pace };
                let pace = synod::model::Pace { per_token: synod::time::micros(1), ..pace };
                let profile = Profile { quota: Quota::strict(600), pace, ..Profile::perfect() };
                sim.model(Scripted::new(|_: &Request| 17_u64).with(profile));
                // Two calls a minute are left of the six hundred, for two minutes.
                sim.schedule(only(at(Kind::QuotaExhausted, M1, seconds(0), minutes(2)).strength(2)));
            },
        );
        assert_eq!(lines, ["200 1 of 2", "200 0 of 2", "429 0 of 2", "429 0 of 2", "599 of 600"], "{provider:?}");
    }
}
