//! Every content fault on a user's own type, with no code of the user's for it.

use super::*;
use crate::fault::Kind;
use crate::model::{Opinion, Schema, Stop};
use crate::protocol::team::Reason;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// In how many places two values differ; a value of another kind counts as one.
fn differences(one: &Json, other: &Json) -> usize {
    match (one, other) {
        (Json::Object(one), Json::Object(other)) if one.keys().eq(other.keys()) => {
            one.values().zip(other.values()).map(|(one, other)| differences(one, other)).sum()
        }
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).map(|(one, other)| differences(one, other)).sum()
        }
        (one, other) => usize::from(one != other),
    }
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

fn each_seed(fault: Kind, check: impl Fn(&Problem, &Reply)) {
    let task = TaskSet::of(Change::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    for seed in 0..300 {
        let struck = struck(&mock, &task, seed, Some(fault));
        check(&struck.problem, struck.reply());
    }
}

#[test]
fn without_a_fault_a_perfect_model_is_right() {
    let task = TaskSet::of(Change::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    for seed in 0..300 {
        let struck = struck(&mock, &task, seed, None);
        assert_eq!(struck.problem.canonical(&struck.reply().text).as_ref(), Ok(struck.problem.right()));
        assert_eq!(struck.reply().taint, None);
    }
}

#[test]
fn a_wrong_answer_is_valid_plausible_and_wrong_in_one_place() {
    each_seed(Kind::WrongAnswer, |problem, reply| {
        let value = problem.canonical(&reply.text).expect("a wrong answer satisfies the schema");
        assert!(!problem.score(&value).is_correct());
        assert_eq!(differences(&json(&reply.text), &json(problem.right_text())), 1, "{}", reply.text);
        let taint = reply.taint.as_ref().expect("a wrong answer is tainted");
        assert_eq!(taint.kind, Kind::WrongAnswer);
        let claimed = taint.claim.split(" = ").nth(1).expect("a claim names its place and its value");
        assert!(reply.text.contains(claimed), "{taint} is not in {}", reply.text);
    });
}

#[test]
fn wrong_answers_alter_every_kind_of_field() {
    let task = TaskSet::of(Change::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    let mut altered: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..300 {
        let struck = struck(&mock, &task, seed, Some(Kind::WrongAnswer));
        let claim = &struck.reply().taint.as_ref().expect("taint").claim;
        let field = claim.split([' ', '.']).next().expect("a place").to_owned();
        *altered.entry(field).or_default() += 1;
    }
    assert!(["verdict", "ticket", "points", "files"].iter().all(|field| altered.contains_key(*field)), "{altered:?}");
}

#[test]
fn a_fabricated_id_is_valid_but_no_fact() {
    each_seed(Kind::FabricatedId, |problem, reply| {
        let value = problem.canonical(&reply.text).expect("a fabricated id satisfies the schema");
        assert_eq!(problem.facts(&value), Err(Reason::Facts), "{}", reply.text);
        assert_eq!(problem.facts(problem.right()), Ok(()));
        let taint = reply.taint.as_ref().expect("a fabricated id is tainted");
        assert_eq!(taint.kind, Kind::FabricatedId);
        assert!(taint.claim.starts_with("ticket = \"CHG-") || taint.claim.starts_with("files."), "{taint}");
    });
}

#[test]
fn broken_replies_are_refused_by_the_schema() {
    each_seed(Kind::MalformedJson, |problem, reply| {
        assert_eq!(problem.canonical(&reply.text), Err(Reason::Schema), "{}", reply.text);
        assert_eq!(reply.stop, Stop::EndTurn);
    });
    each_seed(Kind::Truncated, |problem, reply| {
        assert_eq!(problem.canonical(&reply.text), Err(Reason::Schema), "{}", reply.text);
        assert!(problem.right_text().starts_with(&reply.text) && !reply.text.is_empty());
        assert_eq!(reply.stop, Stop::MaxTokens);
    });
    let (refused, filtered) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    each_seed(Kind::Refusal, |problem, reply| {
        assert_eq!(problem.canonical(&reply.text), Err(Reason::Schema), "{}", reply.text);
        let count = if reply.stop == Stop::Refusal { &refused } else { &filtered };
        count.set(count.get() + 1);
        assert!(matches!(reply.stop, Stop::Refusal | Stop::ContentFilter), "{:?}", reply.stop);
    });
    assert!(refused.get() > filtered.get() && filtered.get() > 0, "{refused:?} {filtered:?}");
    each_seed(Kind::NeverDone, |problem, reply| {
        assert_eq!(problem.canonical(&reply.text), Err(Reason::Schema), "{}", reply.text);
        assert_eq!(reply.stop, Stop::PauseTurn, "a turn that goes on and on is paused");
    });
}

#[test]
fn an_outage_is_an_error_that_asks_for_nothing() {
    let task = TaskSet::of(Change::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    let statuses = (0..100).map(|seed| {
        let error = struck(&mock, &task, seed, Some(Kind::ModelOutage)).answered.outcome.expect_err("an outage");
        assert_eq!(error.retry_after, None);
        error.status.expect("a status")
    });
    let seen: std::collections::BTreeSet<u16> = statuses.collect();
    assert_eq!(seen, [500, 503, 529].into());
}

#[test]
#[should_panic(expected = "the world applies it")]
fn a_fault_of_the_network_is_not_a_models() {
    let task = TaskSet::of(Change::generate);
    struck(&Mock::new(Profile::perfect(), task.clone()), &task, 0, Some(Kind::Loss));
}

#[test]
fn a_schema_round_trips_through_text() {
    let form = Form::of::<Everything>();
    let again = Form::new(Schema::from(json(&form.schema().to_string())));
    assert_eq!(form.schema(), again.schema());
    assert_eq!(form.gist(), again.gist());
}

#[test]
fn a_type_with_a_single_value_has_no_lies() {
    let mut draws = Streams::of(Seed(0)).stream(format_args!("lie"));
    assert_eq!(Form::of::<()>().wrong(&Json::Null, "", &mut draws, |_| true), None);
    assert_eq!(Form::of::<()>().fabricated(&Json::Null, "", &mut draws, |_| true), None);
}

/// All that `schemars` commonly writes: constants, tagged variants, options, tuples, maps, references, recursion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Everything {
    review: Review,
    urgent: bool,
    note: Option<String>,
    successor: Option<Box<Everything>>,
    span: (i64, bool),
    weights: BTreeMap<String, u8>,
    share: f64,
    #[schemars(range(min = 1, max = 5))]
    stars: u8,
    event: Event,
    by: Author,
    #[serde(default)]
    labels: Vec<Verdict>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Event {
    Idle,
    Moved { to: String },
    Sized(u8),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Author {
    Person { name: String },
    Machine { build: u32 },
}

fn id() -> impl Strategy<Value = String> {
    "[a-z]{1,4}-[0-9]{1,4}"
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![Just(Verdict::Accept), Just(Verdict::Reject), Just(Verdict::Postpone)]
}

fn review() -> impl Strategy<Value = Review> {
    (verdict(), id(), any::<u8>(), prop::collection::vec(id(), 0..3))
        .prop_map(|(verdict, ticket, points, files)| Review { verdict, ticket, points, files })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![Just(Event::Idle), id().prop_map(|to| Event::Moved { to }), any::<u8>().prop_map(Event::Sized)]
}

fn author() -> impl Strategy<Value = Author> {
    prop_oneof![id().prop_map(|name| Author::Person { name }), any::<u32>().prop_map(|build| Author::Machine { build })]
}

fn everything() -> impl Strategy<Value = Everything> {
    let weights = prop::collection::btree_map("[a-z/~]{1,3}", any::<u8>(), 0..3);
    let labels = prop::collection::vec(verdict(), 0..3);
    let rest = (0u32..1_000, 1u8..=5, event(), author(), labels);
    let head = (review(), any::<bool>(), prop::option::of(id()), (any::<i64>(), any::<bool>()), weights);
    let flat = (head, rest).prop_map(|((review, urgent, note, span, weights), (share, stars, event, by, labels))| {
        let share = f64::from(share) / 8.0;
        Everything { review, urgent, note, successor: None, span, weights, share, stars, event, by, labels }
    });
    flat.prop_recursive(2, 4, 1, |inner| {
        (inner.clone(), inner).prop_map(|(one, other)| Everything { successor: Some(Box::new(other)), ..one })
    })
}

fn check<T>(right: &T, evidence: &str, seed: u64) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned + JsonSchema + PartialEq,
{
    let form = Form::of::<T>();
    let right_json = serde_json::to_value(right).expect("serializes");
    prop_assert!(form.admits(&right_json), "{right_json}");
    let reads_wrong = |json: &Json| serde_json::from_value::<T>(json.clone()).is_ok_and(|value| value != *right);
    let mut draws = Streams::of(Seed(seed)).stream(format_args!("lie"));
    for lie in [
        form.wrong(&right_json, evidence, &mut draws, reads_wrong),
        form.fabricated(&right_json, evidence, &mut draws, reads_wrong),
    ] {
        let lie = lie.expect("the type has more than one value");
        prop_assert!(form.admits(&lie.json) && reads_wrong(&lie.json), "{}", lie.json);
        prop_assert_eq!(differences(&lie.json, &right_json), 1, "{}", lie.json);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn lies_satisfy_the_schema_of_a_flat_type(
        right in review(),
        evidence in "([a-z]{1,3}-[0-9]{1,3} ){0,6}",
        seed: u64,
    ) {
        check(&right, &evidence, seed)?;
    }

    #[test]
    fn lies_satisfy_the_schema_of_a_nested_type(right in everything(), seed: u64) {
        check(&right, "", seed)?;
    }

    #[test]
    fn lies_satisfy_the_schema_of_bare_values(
        flag: bool,
        number: i16,
        word in id(),
        list in prop::collection::vec(any::<bool>(), 0..3),
    ) {
        check(&flag, "", 1)?;
        check(&number, "", 2)?;
        check(&word, "", 3)?;
        check(&list, "", 4)?;
        check(&Opinion { approve: flag, reason: word }, "", 5)?;
    }
}
