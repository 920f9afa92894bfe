//! Strategies for [proptest](https://docs.rs/proptest): schedules of faults, courses of steps and histories, for laws
//! that must hold whatever happens. All of them shrink: to fewer faults, steps and events, then to shorter, earlier and
//! weaker ones. Knows no protocol and no checker.
//!
//! ```
//! use proptest::test_runner::{Config, TestRunner};
//! use synod::arbitrary::{Team, histories};
//! use synod::check::{Agreement, Check, Verdict};
//!
//! // A checker that must fail on some history, and the least one on which it does.
//! let mut runner = TestRunner::new_with_rng(
//!     Config { failure_persistence: None, ..Config::default() },
//!     proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
//! );
//! let agrees = |history| match Agreement.check(&history) {
//!     Verdict::Violated(witness) => Err(proptest::test_runner::TestCaseError::fail(witness.contradiction)),
//!     _ => Ok(()),
//! };
//! let least = runner.run(&histories(Team { agents: 3, slots: 2, values: 2 }, 40), agrees).unwrap_err();
//! let proptest::test_runner::TestError::Fail(_, history) = least else { panic!("{least}") };
//! assert_eq!(history.entries().len(), 2, "two decisions are enough to disagree");
//! ```

use crate::fact::{Fact, Slot, Value};
use crate::fault::{Fault, Kind, Part, Schedule, Site};
use crate::history::{Entry, Event, History, Operation};
use crate::id::{NodeId, OpId, ProcessId};
use crate::seed::Ratio;
use crate::time::{Time, millis};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// How large a team is, and what it decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Team {
    /// How many agents, at least two.
    pub agents: u16,
    /// How many slots there are, at least one.
    pub slots: u64,
    /// How many values there are for each, at least one.
    pub values: u8,
}

/// One step of a course: what is to happen, and two numbers that choose among whatever there is then.
///
/// A law about a protocol plays such steps against members of it: it cannot know beforehand which messages and timers
/// there will be, and a number modulo their count always names one. Fewer steps and smaller numbers are simpler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is to happen, of as many kinds as [`courses`] was asked for.
    pub kind: u8,
    /// Which, modulo how many there are.
    pub one: usize,
    /// Which other, modulo how many there are.
    pub other: usize,
}

/// Courses of at most so many steps of so many kinds.
///
/// # Panics
/// If there is no kind.
pub fn courses(kinds: u8, most: usize) -> impl Strategy<Value = Vec<Step>> {
    assert!(kinds > 0, "a step needs a kind");
    let step = (0..kinds, any::<u16>(), any::<u16>());
    vec(step.prop_map(|(kind, one, other)| Step { kind, one: usize::from(one), other: usize::from(other) }), 0..=most)
}

/// The longest that a fault of an arbitrary schedule lasts, in milliseconds: several elections.
const LONGEST: u64 = 9_000;

/// Schedules of at most so many faults of links and processes that begin before this instant, for
/// [`Scenario::schedule`](crate::scenario::Scenario::schedule). Which of them a team bears is for the law to say: give
/// it the kinds that it is to bear.
///
/// # Panics
/// If a team of fewer than two is to be struck, or by no kind.
pub fn schedules(agents: u16, kinds: Vec<Kind>, until: Time, most: usize) -> impl Strategy<Value = Schedule> {
    assert!(agents > 1 && !kinds.is_empty(), "a schedule needs two members and a kind");
    let kind = proptest::sample::select(kinds);
    let fault = (kind, 0..agents, 1..agents, 0..=until.0, 0..=LONGEST, 1u32..=4, 1u64..=2_000);
    let fault = fault.prop_map(move |(kind, from, apart, at, span, rate, strength)| {
        let (from, to) = (NodeId::agent(from), NodeId::agent((from + apart) % agents));
        let site = match kind.part() {
            _ if kind.name().starts_with("partition") => Site::Side(vec![from]),
            Part::Network => Site::Link { from, to },
            Part::Process | Part::ModelTransport | Part::ModelContent => Site::Node(from),
        };
        let fault = Fault::on(kind, site).from(Time(at)).lasting(millis(span)).rate(Ratio::of(rate, 4));
        let strength = if matches!(kind, Kind::Reorder) { strength % 8 + 1 } else { millis(strength).0 };
        fault.strength(strength)
    });
    vec(fault, 0..=most).prop_map(|faults| Schedule { faults })
}

/// Histories of at most so many events in which members report decisions and a client asks for them and hears them.
/// Anything may be reported, true or not: it is for a law to say which of these histories a checker must reject.
///
/// # Panics
/// If a team has nobody in it or nothing to decide.
pub fn histories(team: Team, most: usize) -> impl Strategy<Value = History> {
    let Team { agents, slots, values } = team;
    assert!(agents > 0 && slots > 0 && values > 0, "a team of {agents} with {slots} slots and {values} values");
    let told = prop_oneof![3 => Just(Told::Decided), 1 => Just(Told::Asked), 1 => Just(Told::Heard)];
    let event = (told, 0..agents, 0..slots, 0..values, 0u64..500);
    vec(event, 0..=most).prop_map(move |events| {
        let (mut history, mut now) = (History::new(), Time::ZERO);
        let mut open: Vec<(OpId, Slot)> = Vec::new();
        for (number, (told, agent, slot, value, later)) in (0..).zip(events) {
            now += millis(later);
            let (member, client, slot) = (NodeId::agent(agent), NodeId::client(0), Slot(slot));
            let value = Value::from(format!("v{value}").as_str());
            let heard = open.iter().position(|(_, asked)| *asked == slot);
            let (node, event) = match (told, heard) {
                (Told::Decided, _) => (member, Event::Fact(Fact::Decided { slot, value })),
                (Told::Heard, Some(place)) => {
                    let (op, slot) = open.remove(place);
                    (client, Event::Operation(Operation::Ok { op, slot, value }))
                }
                // Nobody hears the end of what was not asked.
                (Told::Asked | Told::Heard, _) => {
                    let op = OpId(number);
                    open.push((op, slot));
                    (client, Event::Operation(Operation::Invoke { op, slot }))
                }
            };
            history.push(Entry { at: now, node, process: ProcessId(0), event });
        }
        history
    })
}

/// What an event of an arbitrary history is.
#[derive(Clone, Copy, Debug)]
enum Told {
    Decided,
    Asked,
    Heard,
}
