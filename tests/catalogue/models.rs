//! Faults of the model, which is one more node: what its callers hear instead of an answer, or as one.

use crate::told::{Cast, Told, words};
use crate::{Story, at, fault};
use serde_json::Value as Json;
use synod::fault::{Fault, Kind, Site};
use synod::history::Operation;
use synod::id::NodeId;
use synod::time::{Duration, seconds};
use synod::trace::{Happening, Mark};

/// One member is asked, and asks the model.
pub const ONE_CLIENT: Cast = Cast { agents: 3, clients: 1 };
/// Several are, at about the same time.
pub const FOUR_CLIENTS: Cast = Cast { agents: 3, clients: 4 };

pub fn stories() -> Vec<Story> {
    let asked = |kind, plan: fn(&Told) -> Vec<Fault>, proof| Story { kind, cast: ONE_CLIENT, plan, proof };
    vec![
        asked(Kind::ModelTimeout, |_| vec![there(Kind::ModelTimeout)], timeout),
        Story { kind: Kind::RateLimit, cast: FOUR_CLIENTS, plan: |_| vec![limit()], proof: rate_limit },
        asked(Kind::ModelOutage, |_| vec![there(Kind::ModelOutage)], outage),
        asked(Kind::WrongAnswer, |_| vec![there(Kind::WrongAnswer)], wrong),
        asked(Kind::FabricatedId, |_| vec![there(Kind::FabricatedId)], fabricated),
        asked(Kind::MalformedJson, |_| vec![there(Kind::MalformedJson)], malformed),
        asked(Kind::Truncated, |_| vec![there(Kind::Truncated)], truncated),
        asked(Kind::Refusal, |_| vec![there(Kind::Refusal)], refusal),
        asked(Kind::FabricatedCitation, |_| vec![there(Kind::FabricatedCitation)], fabricated),
        asked(Kind::PartialTruth, |_| vec![there(Kind::PartialTruth)], partial),
        asked(Kind::OutdatedFact, |_| vec![there(Kind::OutdatedFact)], wrong),
        asked(Kind::CorrelatedError, |_| vec![there(Kind::CorrelatedError)], wrong),
        asked(Kind::Derailment, |_| vec![there(Kind::Derailment)], derailed),
        asked(Kind::HistoryTruncated, |_| vec![there(Kind::HistoryTruncated)], unread),
        asked(Kind::LostInTheMiddle, |_| vec![there(Kind::LostInTheMiddle)], unread),
        asked(Kind::Contradiction, |_| vec![there(Kind::Contradiction)], unreadable),
        asked(Kind::SaidNotDone, |_| vec![there(Kind::SaidNotDone)], unreadable),
        asked(Kind::Empty, |_| vec![there(Kind::Empty)], unreadable),
        asked(Kind::RepetitionLoop, |_| vec![there(Kind::RepetitionLoop)], unreadable),
        asked(Kind::RoleConfusion, |_| vec![there(Kind::RoleConfusion)], unreadable),
        asked(Kind::FormatDrift, |_| vec![there(Kind::FormatDrift)], unreadable),
        asked(Kind::LanguageDrift, |_| vec![there(Kind::LanguageDrift)], unreadable),
        asked(Kind::PrematureDone, |_| vec![there(Kind::PrematureDone)], unreadable),
        asked(Kind::NeverDone, |_| vec![there(Kind::NeverDone)], unreadable),
        asked(Kind::ContextOverflow, |_| vec![there(Kind::ContextOverflow)], overflow),
    ]
}

/// What cannot be read as an answer is none.
fn unreadable(with: &Told, without: &Told) {
    assert!(serde_json::from_str::<Json>(&reply(with)).is_err(), "{}", reply(with));
    assert!(blames(with, "Schema") && !decided(with) && decided(without));
}

/// An answer of the same form, about something else: none of its names stands in what was asked.
fn derailed(with: &Told, without: &Told) {
    let (lie, truth) = (parsed(&reply(with)), parsed(&reply(without)));
    assert!(lie != truth && keys(&lie) == keys(&truth));
    let place = with.places(with.askers()[0], Happening::Prompted).next().expect("a prompt");
    let names = |json: &Json| json["service"].as_str().map(str::to_owned).expect("a service");
    assert!(!with.text(place).contains(&names(&lie)) && with.text(place).contains(&names(&truth)));
    assert!(is_tainted(with) && !is_tainted(without));
}

/// What was not read is guessed, in one of the answers at least.
fn unread(with: &Told, without: &Told) {
    assert_eq!(keys(&parsed(&reply(with))), keys(&parsed(&reply(without))), "an answer of the same form");
    assert!(with.0.figures.correct < with.0.figures.decisions, "without the evidence it is a guess");
    assert_eq!(without.0.figures.correct, without.0.figures.decisions);
}

fn partial(with: &Told, without: &Told) {
    let (part, whole) = (parsed(&reply(with)), parsed(&reply(without)));
    let (told, known) = (strings(&part), strings(&whole));
    assert!(told.len() + 1 == known.len() && told.iter().all(|text| known.contains(text)), "{told:?} of {known:?}");
    assert!(is_tainted(with));
}

fn overflow(with: &Told, without: &Told) {
    assert!(reply(with).contains("prompt too long"), "{}", reply(with));
    assert!(blames(with, "Provider") && !decided(with) && decided(without));
}

fn there(kind: Kind) -> Fault {
    let first = fault(kind, Site::Node(NodeId::model(0)), Duration::ZERO);
    Fault { when: synod::fault::When::At(at(0)), span: seconds(60), ..first }
}

/// A call every twenty seconds.
fn limit() -> Fault {
    Fault { strength: seconds(20).0, ..there(Kind::RateLimit) }
}

/// What the first asker heard first.
pub fn reply(told: &Told) -> String {
    let asker = told.askers()[0];
    let place = told.places(asker, Happening::Replied).next().expect("a reply");
    words(told.text(place)).to_owned()
}

/// Whether the client was given a decision before the faults ended.
pub fn decided(told: &Told) -> bool {
    told.0
        .history
        .operations()
        .any(|(_, entry, operation)| matches!(operation, Operation::Ok { .. }) && entry.at < at(60_000))
}

/// Whether a member's beats give this as the reason of its last failure.
pub fn blames(told: &Told, reason: &str) -> bool {
    let asker = told.askers()[0];
    let mut sent = told.places(asker, Happening::Sent);
    sent.any(|place| told.text(place).contains(&format!("reason: Some({reason})")))
}

fn is_tainted(told: &Told) -> bool {
    let asker = told.askers()[0];
    let mut replies = told.places(asker, Happening::Replied);
    replies.any(|place| told.record(place).mark.has(Mark::TAINT.with(Mark::FAULT)))
}

pub fn timeout(with: &Told, without: &Told) {
    let asker = with.askers()[0];
    let (asked, gave_up) = (with.times(asker, Happening::Prompted)[0], with.times(asker, Happening::Woke)[0]);
    assert_eq!(gave_up.since(asked), seconds(45), "it waits as long as its patience lasts");
    assert!(with.times(asker, Happening::Replied).iter().all(|reply| *reply > gave_up), "no answer comes");
    assert!(blames(with, "Timeout") && decided(without));
}

fn rate_limit(with: &Told, without: &Told) {
    let served = |told: &Told| told.times(NodeId::model(0), Happening::Served);
    let count = |told: &Told, until: u64| served(told).iter().filter(|time| **time < at(until)).count();
    assert!(count(without, 20_000) >= 4, "its quota admits all four: {:?}", served(without));
    assert!(count(with, 20_000) <= 2 && count(with, 70_000) >= 3, "one every twenty seconds: {:?}", served(with));
}

fn outage(with: &Told, without: &Told) {
    assert!(["500", "503", "529"].iter().any(|status| reply(with).contains(status)), "{}", reply(with));
    assert!(blames(with, "Provider") && !decided(with) && decided(without));
}

fn wrong(with: &Told, without: &Told) {
    let (lie, truth) = (reply(with), reply(without));
    let (lie, truth): (Json, Json) = (parsed(&lie), parsed(&truth));
    assert!(lie != truth && keys(&lie) == keys(&truth), "another answer of the same form");
    assert!(is_tainted(with) && decided(with), "it is believed");
    assert!(with.0.figures.correct < with.0.figures.decisions);
    assert_eq!(without.0.figures.correct, without.0.figures.decisions);
}

fn fabricated(with: &Told, without: &Told) {
    let (lie, truth) = (parsed(&reply(with)), parsed(&reply(without)));
    assert!(lie != truth && keys(&lie) == keys(&truth));
    let place = with.places(with.askers()[0], Happening::Prompted).next().expect("a prompt");
    let invented: Vec<&str> = strings(&lie).into_iter().filter(|text| !strings(&truth).contains(text)).collect();
    assert_eq!(invented.len(), 1, "one name is invented: {invented:?}");
    assert!(!with.text(place).contains(invented[0]), "which no evidence mentions");
    assert!(is_tainted(with));
}

fn malformed(with: &Told, without: &Told) {
    assert!(serde_json::from_str::<Json>(&reply(with)).is_err(), "{}", reply(with));
    assert!(blames(with, "Schema") && !decided(with) && decided(without));
}

fn truncated(with: &Told, without: &Told) {
    let (cut, whole) = (reply(with), reply(without));
    let cut = cut.strip_suffix(" [cut off]").expect("it says that it was cut off");
    assert!(cut.len() < whole.len() && whole.starts_with(cut), "the beginning of the answer");
    assert!(blames(with, "Schema") && !decided(with));
}

fn refusal(with: &Told, without: &Told) {
    assert!([" [refused]", " [filtered]"].iter().any(|end| reply(with).ends_with(end)), "{}", reply(with));
    assert!(blames(with, "Refusal") && !decided(with) && decided(without));
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn keys(json: &Json) -> Vec<&String> {
    json.as_object().map(|object| object.keys().collect()).unwrap_or_default()
}

/// Every string in a value.
fn strings(json: &Json) -> Vec<&str> {
    match json {
        Json::String(text) => vec![text],
        Json::Array(items) => items.iter().flat_map(strings).collect(),
        Json::Object(object) => object.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}
