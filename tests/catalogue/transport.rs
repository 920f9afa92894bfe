//! Faults of the way to and from a model: what its callers hear instead of an answer, when, and how often.

use crate::models::{FOUR_CLIENTS, ONE_CLIENT, blames, decided, reply, timeout};
use crate::told::Told;
use crate::{Story, at};
use synod::fault::{Fault, Kind};
use synod::id::NodeId;
use synod::time::{Duration, millis, seconds};
use synod::trace::Happening;

pub fn stories() -> Vec<Story> {
    failures().into_iter().chain(streams()).collect()
}

fn asked(kind: Kind, plan: fn(&Told) -> Vec<Fault>, proof: fn(&Told, &Told)) -> Story {
    Story { kind, cast: ONE_CLIENT, plan, proof }
}

fn several(kind: Kind, plan: fn(&Told) -> Vec<Fault>, proof: fn(&Told, &Told)) -> Story {
    Story { kind, cast: FOUR_CLIENTS, plan, proof }
}

/// What comes instead of a reply.
fn failures() -> Vec<Story> {
    vec![
        asked(Kind::ProviderOutage, |_| outage(), |with, without| fails(with, without, "5")),
        asked(
            Kind::ConnectionRefused,
            |_| on(Kind::ConnectionRefused),
            |with, without| {
                fails(with, without, "connection refused");
            },
        ),
        asked(
            Kind::ConnectionReset,
            |_| on(Kind::ConnectionReset),
            |with, without| {
                fails(with, without, "connection reset");
            },
        ),
        asked(
            Kind::TooManyRequests,
            |_| on(Kind::TooManyRequests),
            |with, without| {
                fails(with, without, "429 rate limited, retry after 20 s");
            },
        ),
        asked(Kind::SlowDown, |_| on(Kind::SlowDown), |with, without| fails(with, without, "429 slow down, retry")),
        asked(
            Kind::SpendCap,
            |_| on(Kind::SpendCap),
            |with, without| {
                fails(with, without, "429 spend cap reached");
                assert!(!reply(with).contains("retry"), "it never says when");
            },
        ),
        several(Kind::QuotaExhausted, |_| on(Kind::QuotaExhausted), quota_exhausted),
        asked(Kind::ServerError, |_| on(Kind::ServerError), |with, without| fails(with, without, "500 ")),
        asked(Kind::Unavailable, |_| on(Kind::Unavailable), |with, without| fails(with, without, "503 ")),
        asked(Kind::GatewayTimeout, |_| on(Kind::GatewayTimeout), gateway_timeout),
        asked(Kind::Overloaded, |_| on(Kind::Overloaded), |with, without| fails(with, without, "529 ")),
        asked(Kind::ProxyPage, |_| on(Kind::ProxyPage), |with, without| fails(with, without, "502 an HTML page")),
        asked(Kind::EmptyBody, |_| on(Kind::EmptyBody), |with, without| fails(with, without, "200 an empty body")),
    ]
}

/// What becomes of a reply on its way.
fn streams() -> Vec<Story> {
    vec![
        asked(
            Kind::SlowFirstToken,
            |_| on(Kind::SlowFirstToken),
            |with, without| {
                assert_eq!(lag(with, without), seconds(10));
                assert_eq!(reply(with), reply(without));
            },
        ),
        asked(
            Kind::SlowStream,
            // As much as its caller has the patience for: the reply has some dozens of tokens.
            |_| vec![on(Kind::SlowStream)[0].clone().strength(millis(100).0)],
            |with, without| {
                assert!(lag(with, without) > seconds(1) && reply(with) == reply(without));
            },
        ),
        asked(Kind::HungStream, |_| on(Kind::HungStream), timeout),
        asked(
            Kind::CutStream,
            |_| on(Kind::CutStream),
            |with, without| {
                fails(with, without, "200 the stream ended without its last event");
            },
        ),
        asked(Kind::StreamError, |_| on(Kind::StreamError), |with, without| fails(with, without, "200 overloaded")),
        asked(
            Kind::DuplicateChunk,
            |_| on(Kind::DuplicateChunk),
            |with, without| {
                assert_eq!(reply(with).len(), reply(without).len() + 16, "sixteen bytes come twice");
            },
        ),
        asked(
            Kind::LateChunk,
            |_| on(Kind::LateChunk),
            |with, without| {
                assert_eq!(reply(with).len() + 16, reply(without).len(), "sixteen bytes are missing");
            },
        ),
        several(Kind::StaleReply, |_| on(Kind::StaleReply), stale_reply),
    ]
}

/// A fault of the only model for a minute.
fn on(kind: Kind) -> Vec<Fault> {
    vec![Fault::at(kind, NodeId::model(0)).lasting(seconds(60))]
}

fn outage() -> Vec<Fault> {
    vec![Fault::at_models(Kind::ProviderOutage, vec![NodeId::model(0)]).lasting(seconds(60))]
}

/// The caller hears this and nothing else, and its team does not decide.
fn fails(with: &Told, without: &Told, text: &str) {
    assert!(reply(with).starts_with(text), "{}", reply(with));
    assert!(blames(with, "Provider") && !decided(with) && decided(without));
}

/// How much later the first reply comes.
fn lag(with: &Told, without: &Told) -> Duration {
    let first = |told: &Told| told.times(NodeId::model(0), Happening::Served)[0];
    first(with).since(first(without))
}

fn gateway_timeout(with: &Told, without: &Told) {
    fails(with, without, "504 ");
    let model = NodeId::model(0);
    let (asked, served) = (with.times(model, Happening::Delivered)[0], with.times(model, Happening::Served)[0]);
    assert_eq!(served.since(asked), seconds(30));
}

fn quota_exhausted(with: &Told, _: &Told) {
    let model = NodeId::model(0);
    let served = with.places(model, Happening::Served).map(|place| with.text(place).to_owned());
    let early: Vec<String> = served.take(4).collect();
    let refused = early.iter().filter(|text| text.contains("429 rate limited, retry after")).count();
    assert!((1..=2).contains(&refused), "two of four are admitted: {early:?}");
}

/// Some caller hears an earlier reply of its own again, and does not without the fault.
fn stale_reply(with: &Told, _: &Told) {
    let model = NodeId::model(0);
    let stale =
        with.places(model, Happening::Served).find(|place| with.record(*place).mark.has(synod::trace::Mark::FAULT));
    let stale = stale.expect("a stale reply");
    let words = |place: usize| with.text(place).split_once("] ").expect("a turn").1.to_owned();
    let caller = with.record(stale).peer;
    let earlier = with.places(model, Happening::Served).filter(|place| *place < stale);
    let same = earlier.filter(|place| with.record(*place).peer == caller && words(*place) == words(stale)).count();
    assert!(same >= 1 && with.record(stale).at < at(70_000), "{}", words(stale));
}
