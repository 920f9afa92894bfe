//! Histories as JSON Lines: what is written is read back, and what is wrong is named with its line and a remedy.

use crate::story::told;
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::collections::BTreeSet;
use synod::fact::{CallOutcome, Circuit, Decision, Fact, Phase, Score, Slot, Stamp, Value};
use synod::history::{
    Decline, Entry, Environment, Event, Extent, Fit, History, Nature, Operation, Restart, Wish, read, write,
};
use synod::id::{NodeId, OpId, ProcessId};
use synod::seed::Ratio;
use synod::time::{Time, micros};

fn written(history: &History) -> String {
    let mut lines = Vec::new();
    write(history, &mut lines).expect("memory takes everything");
    String::from_utf8(lines).expect("JSON is UTF-8")
}

/// Reads the lines and compares the error, or its absence, with the beginning of a text.
fn check(lines: &[&str], expected: &str) {
    let found = match read(lines.join("\n").as_bytes()) {
        Ok(history) => format!("{} entries", history.entries().len()),
        Err(error) => error.to_string(),
    };
    assert!(found.starts_with(expected), "expected: {expected}\n   found: {found}");
}

const INVOKE: &str = r#"{"at":5,"node":"c1","process":0,"operation":{"invoke":{"op":0,"slot":0}}}"#;
const INFO: &str = r#"{"at":6,"node":"c1","process":0,"operation":{"info":{"op":0}}}"#;

#[test]
fn lines_look_as_documented() {
    let story = [
        "0us c1 invokes #0 0",
        "1us a1 offered 0 rollback",
        "2us a1/1 decides 0 rollback",
        "2us a1 restarts",
        "2us a1 heals a1 a2",
        "3us a1 crashes",
        "3us a1 scores 0 right",
    ];
    let expected = r#"{"at":0,"node":"c1","process":0,"operation":{"invoke":{"op":0,"slot":0}}}
{"at":1000,"node":"a1","process":0,"environment":{"offered":{"slot":0,"value":"rollback"}}}
{"at":2000,"node":"a1","process":1,"fact":{"decided":{"slot":0,"value":"rollback"}}}
{"at":2000,"node":"a1","process":0,"environment":{"started":{"again":"with_disk"}}}
{"at":2000,"node":"a1","process":0,"environment":{"healed":{"core":["a1","a2"]}}}
{"at":3000,"node":"a1","process":0,"environment":"crashed"}
{"at":3000,"node":"a1","process":0,"fact":{"scored":{"slot":0,"score":{"numerator":1,"denominator":1}}}}
"#;
    assert_eq!(written(&told(&story)), expected);
}

#[test]
fn reads_what_is_well_formed() {
    check(&[], "0 entries");
    check(&["", INVOKE, "  ", INFO, ""], "2 entries");
    check(&[r#"{"environment":"ended","process":0,"node":"m2","at":0}"#], "1 entries");
}

#[test]
fn names_the_line_and_the_remedy_of_what_is_no_entry() {
    check(&[INVOKE, "{oops", INFO], "line 2: this is no JSON (");
    check(&[INVOKE, r#"{"at":5,"nod"#], "line 2: the last line breaks off in the middle: copy the file again");
    check(&[r#"{"at":5,"nod"#, INVOKE], "line 1: this is no JSON (");
    check(&["[1, 2]"], "line 1: this is no JSON object: write one object");
    check(&[r#"{"node":"a1"}"#], "line 1: there is no \"at\"");
    check(&[r#"{"at":-1,"node":"a1"}"#], "line 1: \"at\" cannot be -1: a time is a whole number of nanoseconds");
    check(&[r#"{"at":1.5,"node":"a1"}"#], "line 1: \"at\" cannot be 1.5");
    check(&[r#"{"at":1,"node":7}"#], "line 1: \"node\" cannot be 7: a node is a name such as");
    check(&[r#"{"at":1,"node":"b7"}"#], "line 1: 'b7' names no participant: write a1");
    check(&[r#"{"at":1,"node":"a1","process":4294967296}"#], "line 1: \"process\" cannot be 4294967296");
    check(&[r#"{"at":1,"node":"a1","process":0}"#], "line 1: an entry has exactly one event");
    check(
        &[r#"{"at":1,"node":"a1","process":0,"fact":{"abstained":{"slot":0}},"environment":"ended"}"#],
        "line 1: an entry has exactly one event, under \"operation\", \"fact\" or \"environment\"; this one has 2",
    );
    check(&[r#"{"at":1,"node":"a1","process":0,"rumour":1}"#], "line 1: \"rumour\" belongs to no entry");
}

#[test]
fn names_the_line_and_the_remedy_of_what_is_no_event() {
    let event = |event: &str| format!(r#"{{"at":1,"node":"a1","process":0,{event}}}"#);
    let cases = [
        (r#""fact":{"dreamt":{"slot":0}}"#, "line 1: not an event of lane \"fact\" (unknown variant `dreamt`"),
        (r#""fact":{"decided":{"slot":0}}"#, "line 1: not an event of lane \"fact\" (missing field `value`"),
        (r#""fact":{"decided":{"slot":-1,"value":"x"}}"#, "line 1: not an event of lane \"fact\" (invalid value"),
        (r#""fact":{"decided":{"slot":0,"value":7}}"#, "line 1: not an event of lane \"fact\" (a value must be a text"),
        (r#""fact":{"decided":{"slot":0,"value":{"hex":"f"}}}"#, "line 1: not an event of lane \"fact\" (a hex value"),
        (
            r#""fact":{"scored":{"slot":0,"score":{"numerator":1,"denominator":0}}}"#,
            "line 1: not an event of lane \"fact\" (a ratio lies between 0 and 1",
        ),
        (r#""environment":"exploded""#, "line 1: not an event of lane \"environment\" (unknown variant `exploded`"),
        (
            r#""environment":{"healed":{"core":["z1"]}}"#,
            "line 1: not an event of lane \"environment\" ('z1' names no participant",
        ),
    ];
    for (text, expected) in cases {
        check(&[&event(text)], expected);
    }
}

#[test]
fn names_the_line_and_the_remedy_of_what_does_not_fit_the_lines_before() {
    let other = r#"{"at":7,"node":"c2","process":0,"operation":{"fail":{"op":0}}}"#;
    let again = r#"{"at":7,"node":"c1","process":0,"operation":{"ok":{"op":0,"slot":0,"value":"x"}}}"#;
    check(&[INFO, INVOKE], "line 1: operation 0 completes but was never invoked: add its \"invoke\"");
    check(&[INVOKE, "", INVOKE], "line 3: operation 0 was invoked in line 1 already: give every call its own op");
    check(&[INVOKE, INFO, again], "line 3: operation 0 was complete in line 2 already");
    check(&[INVOKE, other], "line 2: operation 0 was invoked by c1: only c1 can see it complete");
    check(
        &[INFO.replace("\"info\":{\"op\":0}", "\"invoke\":{\"op\":1,\"slot\":0}").as_str(), INVOKE],
        "line 2: 5 is before 6, the entry before: sort by",
    );
}

#[test]
fn says_that_a_file_is_no_text() {
    let error = read(&[0xff, 0xfe, b'\n'][..]).expect_err("no UTF-8");
    assert!(error.to_string().starts_with("line 1: cannot be read ("), "{error}");
}

fn decisions() -> impl Strategy<Value = Decision> {
    (slots(), values()).prop_map(|(slot, value)| Decision { slot, value })
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(|text| Value::from(text.as_str())),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(|bytes| Value::new(&bytes)),
    ]
}

fn nodes() -> impl Strategy<Value = NodeId> {
    // The last index has no name: a name counts from 1 and fits the same sixteen bits.
    prop_oneof![
        (0..u16::MAX).prop_map(NodeId::agent),
        (0..u16::MAX).prop_map(NodeId::client),
        (0..u16::MAX).prop_map(NodeId::model),
        (0..u16::MAX).prop_map(NodeId::tool),
    ]
}

fn slots() -> impl Strategy<Value = Slot> {
    any::<u64>().prop_map(Slot)
}

/// What members of a Byzantine agreement report.
fn facts_of_heights() -> impl Strategy<Value = Fact> {
    let number = any::<u64>;
    prop_oneof![
        (number(), number(), decisions()).prop_map(|(height, round, decision)| Fact::Cast {
            height,
            round,
            phase: Phase::Prevote,
            choice: (round % 2 == 0).then_some(decision),
        }),
        (number(), number(), decisions(), prop::collection::vec(nodes(), 0..5)).prop_map(
            |(height, round, decision, voters)| Fact::Certified {
                height,
                round,
                phase: Phase::Precommit,
                decision,
                voters
            }
        ),
        (number(), number(), decisions()).prop_map(|(height, round, decision)| Fact::Locked {
            height,
            round,
            decision
        }),
        (number(), number(), nodes()).prop_map(|(height, round, member)| Fact::Accused { height, round, member }),
        (number(), number()).prop_map(|(height, round)| Fact::Entered { height, round }),
    ]
}

fn facts() -> impl Strategy<Value = Fact> {
    let number = any::<u64>;
    let score = (1..=u32::MAX).prop_flat_map(|whole| (0..=whole).prop_map(move |part| Score(Ratio::of(part, whole))));
    prop_oneof![
        (slots(), values()).prop_map(|(slot, value)| Fact::Proposed { slot, value }),
        (number(), nodes()).prop_map(|(term, candidate)| Fact::Voted { term, candidate }),
        (number(), number()).prop_map(|(term, last)| Fact::Elected { term, last }),
        number().prop_map(|term| Fact::SteppedDown { term }),
        (number(), number(), number()).prop_map(|(index, term, command)| Fact::Appended { index, term, command }),
        number().prop_map(|from| Fact::Truncated { from }),
        number().prop_map(|term| Fact::Recovered { term }),
        (number(), number()).prop_map(|(index, term)| Fact::Committed { index, term }),
        (number(), number()).prop_map(|(index, command)| Fact::Applied { index, command }),
        (slots(), values()).prop_map(|(slot, value)| Fact::Decided { slot, value }),
        facts_of_heights(),
        slots().prop_map(|slot| Fact::Abstained { slot }),
        (slots(), score).prop_map(|(slot, score)| Fact::Scored { slot, score }),
        (number(), number(), number()).prop_map(|(members, promises, votes)| Fact::Quorums {
            members,
            promises,
            votes
        }),
        number().prop_map(|ballot| Fact::Promised { ballot }),
        (number(), number(), number()).prop_map(|(index, ballot, command)| Fact::Accepted { index, ballot, command }),
        (number(), number(), number()).prop_map(|(index, ballot, command)| Fact::Chosen { index, ballot, command }),
        number().prop_map(|index| Fact::Installed { index }),
        (number(), number()).prop_map(|(index, term)| Fact::Restored { index, term }),
        (number(), prop::collection::vec(nodes(), 0..5))
            .prop_map(|(index, voters)| Fact::Reconfigured { index, voters }),
        (slots(), number(), number(), values()).prop_map(|(slot, term, round, value)| Fact::Answered {
            slot,
            term,
            round,
            value
        }),
        (slots(), number(), number(), values()).prop_map(|(slot, term, round, value)| Fact::Agreed {
            slot,
            term,
            round,
            value,
            alpha: round,
            beta: term
        }),
        (names(), names(), values()).prop_map(|(call, tool, arguments)| Fact::Called { call, tool, arguments }),
        (names(), outcomes()).prop_map(|(call, outcome)| Fact::CallEnded { call, outcome }),
        (names(), values()).prop_map(|(tool, result)| Fact::Announced { tool, result }),
        works(),
        (number(), prop::collection::vec(nodes(), 0..5)).prop_map(|(number, to)| Fact::Sent { number, to }),
        (nodes(), number(), number()).prop_map(|(from, number, position)| Fact::Delivered { from, number, position }),
        (nodes(), number()).prop_map(|(from, number)| Fact::Heeded { from, number }),
        (stamps(), number(), prop::option::of(stamps())).prop_map(|(stamp, clock, heard)| Fact::Stamped {
            stamp,
            clock: Time(clock),
            heard
        }),
    ]
}

fn stamps() -> impl Strategy<Value = Stamp> {
    (any::<u64>(), any::<u64>(), nodes()).prop_map(|(time, count, node)| Stamp { time: Time(time), count, node })
}

/// What is told of work under policies.
fn works() -> impl Strategy<Value = Fact> {
    let number = any::<u64>;
    prop_oneof![
        (names(), number()).prop_map(|(work, due)| Fact::Undertaken { work, due: Time(due) }),
        (names(), number()).prop_map(|(question, words)| Fact::Questioned { question, words }),
        names().prop_map(|question| Fact::Settled { question }),
        (names(), prop::collection::vec(names(), 0..3)).prop_map(|(work, missing)| Fact::Concluded { work, missing }),
        (names(), number(), number()).prop_map(|(work, token, until)| Fact::Claimed {
            work,
            token,
            until: Time(until)
        }),
        (names(), prop_oneof![Just(Circuit::Closed), Just(Circuit::Open), Just(Circuit::HalfOpen)])
            .prop_map(|(tool, circuit)| Fact::Switched { tool, circuit }),
        names().prop_map(|thing| Fact::Awaits { thing }),
        names().prop_map(|thing| Fact::Holds { thing }),
        names().prop_map(|thing| Fact::Yields { thing }),
    ]
}

fn names() -> impl Strategy<Value = String> {
    ".{0,6}"
}

fn outcomes() -> impl Strategy<Value = CallOutcome> {
    prop_oneof![
        values().prop_map(CallOutcome::Result),
        values().prop_map(CallOutcome::Declined),
        Just(CallOutcome::Unknown)
    ]
}

/// What the world records of tools.
fn work() -> impl Strategy<Value = Environment> {
    let nature = prop::sample::select(vec![Nature::Effect, Nature::Query]);
    let extent = prop::sample::select(vec![Extent::Whole, Extent::Cut]);
    let fit = prop::sample::select(vec![Fit::Fits, Fit::Misfits]);
    let why = prop::sample::select(vec![Decline::NoSuchTool, Decline::Arguments, Decline::Refused]);
    let key = prop::option::of(names());
    prop_oneof![
        (names(), nature).prop_map(|(tool, nature)| Environment::Serves { tool, nature }),
        (names(), names(), extent).prop_map(|(call, tool, extent)| Environment::Requested { call, tool, extent }),
        (names(), names(), key, nodes(), values(), values(), fit).prop_map(
            |(call, tool, key, by, arguments, result, fit)| Environment::Executed {
                call,
                tool,
                key,
                by,
                arguments,
                result,
                fit
            }
        ),
        (names(), names(), nodes(), why).prop_map(|(call, tool, by, why)| Environment::Declined {
            call,
            tool,
            by,
            why
        }),
        names().prop_map(|call| Environment::Strayed { call }),
    ]
}

fn environments() -> impl Strategy<Value = Environment> {
    let again = prop::sample::select(vec![Restart::First, Restart::WithDisk, Restart::WithoutDisk]);
    prop_oneof![
        again.prop_map(|again| Environment::Started { again }),
        Just(Environment::Crashed),
        Just(Environment::Paused),
        Just(Environment::Resumed),
        any::<u64>().prop_map(|write| Environment::Persisted { write }),
        (slots(), values()).prop_map(|(slot, value)| Environment::Offered { slot, value }),
        prop::collection::vec(nodes(), 0..5).prop_map(|core| Environment::Healed { core }),
        work(),
        Just(Environment::Suborned),
        Just(Environment::Ended),
    ]
}

/// How a client begins an operation: with a question for a decision, for the log, or for a change of the team.
fn beginnings() -> impl Strategy<Value = fn(OpId, Slot, NodeId) -> Operation> {
    prop::sample::select(vec![
        (|op, slot, _| Operation::Invoke { op, slot }) as fn(OpId, Slot, NodeId) -> Operation,
        |op, _, _| Operation::Read { op },
        |op, _, member| Operation::Administer { op, wish: Wish::Admit(member) },
        |op, _, member| Operation::Administer { op, wish: Wish::Remove(member) },
        |op, _, member| Operation::Administer { op, wish: Wish::Transfer(member) },
    ])
}

/// How it ends, whatever it began with: what belongs to what is no business of the lines.
fn ends() -> impl Strategy<Value = Option<Operation>> {
    let decisions = prop::collection::vec((slots(), values()), 0..4);
    let op = OpId(0);
    prop_oneof![
        (slots(), values()).prop_map(move |(slot, value)| Some(Operation::Ok { op, slot, value })),
        decisions.prop_map(move |told| {
            let decisions = told.into_iter().map(|(slot, value)| Decision { slot, value }).collect();
            Some(Operation::Log { op, decisions })
        }),
        prop::sample::select(vec![
            Some(Operation::Done { op }),
            Some(Operation::Fail { op }),
            Some(Operation::Info { op }),
            None
        ]),
    ]
}

/// The same end of another operation.
fn of(op: OpId, end: Operation) -> Operation {
    match end {
        Operation::Ok { slot, value, .. } => Operation::Ok { op, slot, value },
        Operation::Log { decisions, .. } => Operation::Log { op, decisions },
        Operation::Done { .. } => Operation::Done { op },
        Operation::Fail { .. } => Operation::Fail { op },
        Operation::Info { .. } => Operation::Info { op },
        begun => begun,
    }
}

/// One client's operations, each invoked and most completed.
fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let calls = prop::collection::vec((any::<u64>(), beginnings(), slots(), nodes(), ends()), 0..6);
    calls.prop_map(|calls| {
        let mut seen = BTreeSet::new();
        let fresh = calls.into_iter().filter(|(op, ..)| seen.insert(*op));
        let calls = fresh.flat_map(|(op, begin, slot, member, end)| {
            let op = OpId(op);
            [Some(begin(op, slot, member)), end.map(|end| of(op, end))].into_iter().flatten()
        });
        calls.collect()
    })
}

fn histories() -> impl Strategy<Value = History> {
    let reported = prop_oneof![facts().prop_map(Event::Fact), environments().prop_map(Event::Environment)];
    let reported = prop::collection::vec((nodes(), any::<u32>(), reported), 0..20);
    (reported, operations()).prop_map(|(reported, operations)| {
        let asked = operations.into_iter().map(|operation| (NodeId::client(0), 0, Event::Operation(operation)));
        let mut history = History::new();
        let mut at = Time::ZERO;
        for (node, process, event) in reported.into_iter().chain(asked) {
            history.push(Entry { at, node, process: ProcessId(process), event });
            at += micros(u64::from(process % 2));
        }
        history
    })
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_written_is_read_back(history in histories()) {
        let lines = written(&history);
        let back = read(lines.as_bytes());
        prop_assert_eq!(back.as_ref().ok(), Some(&history), "{:?}", back);
        prop_assert_eq!(written(&history), written(&back.unwrap()));
    }

    #[test]
    fn a_file_that_breaks_off_is_never_taken_for_whole(history in histories(), at in any::<prop::sample::Index>()) {
        let lines = written(&history);
        prop_assume!(lines.len() > 1);
        let cut = 1 + at.index(lines.len() - 1);
        let whole = lines.as_bytes()[..cut].ends_with(b"\n") || lines.as_bytes()[cut] == b'\n';
        let told = read(&lines.as_bytes()[..cut]);
        prop_assert_eq!(told.is_ok(), whole, "{:?}", told);
    }
}
