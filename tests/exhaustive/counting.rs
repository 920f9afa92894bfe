//! Protocols so small that their states are counted by hand.

use synod::check::{Agreement, Check, Lane, Observe, Online, Property, PropertyKind, Verdict, Witness};
use synod::digest::{Digest, Digester};
use synod::explore::exhaustive::{Bounds, Ending, Exhaustive, Explored, Refused, Silent};
use synod::fact::{Fact, Slot, Value};
use synod::fault::{Kind, Tolerance};
use synod::history::{Entry, Event as Record, History};
use synod::id::{Members, NodeId};
use synod::protocol::{Effects, Event, Fold, Protocol, Timing};
use synod::time::millis;

/// What a member of a toy team does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    /// Sends one message to its successor as it starts, and counts what it hears.
    Greets,
    /// Has one timer, which makes it decide.
    Decides,
    /// Has one timer, which makes it write that it fired, then decide.
    WritesFirst,
    /// The same, and safety trusts the timer.
    Waits,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Toy {
    me: NodeId,
    members: Members,
    habit: Habit,
    heard: u64,
}

impl Digest for Toy {
    fn digest(&self, digester: &mut Digester) {
        (self.heard, self.habit as u64).digest(digester);
    }
}

/// How many writes there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Written(u64);

impl Digest for Written {
    fn digest(&self, digester: &mut Digester) {
        self.0.digest(digester);
    }
}

impl Fold<u64> for Written {
    fn fold(&mut self, write: &u64) {
        self.0 += write;
    }
}

macro_rules! toy {
    ($name:ident, $timing:expr) => {
        #[derive(Clone, Debug, PartialEq, Eq)]
        struct $name(Toy);

        impl Digest for $name {
            fn digest(&self, digester: &mut Digester) {
                self.0.digest(digester);
            }
        }

        impl Protocol for $name {
            type Message = u64;
            type Timer = u64;
            type Durable = Written;
            type Write = u64;
            type Request = ();
            type Response = ();
            type Ask = ();
            type Answer = ();

            fn step(&mut self, _: synod::time::Time, event: Event<$name>, effects: &mut Effects<$name>) {
                let Toy { me, members, habit, heard } = &mut self.0;
                match (event, *habit) {
                    (Event::Start(_), Habit::Greets) => {
                        let next = (me.index() + 1) % members.len();
                        effects.send(members.iter().nth(next).expect("a member"), 1);
                    }
                    (Event::Start(_), _) => effects.arm(0, millis(1)..=millis(1)),
                    (Event::Deliver { message, .. }, _) => *heard += message,
                    (Event::Fire(_), habit) => {
                        if habit == Habit::WritesFirst {
                            effects.persist(1);
                        }
                        effects.decide(Slot(0), Value::from("done"));
                    }
                    _ => {}
                }
            }

            fn tolerance(_: Kind) -> Option<Tolerance> {
                Some(Tolerance::Tolerated)
            }

            fn timing() -> Timing {
                $timing
            }
        }
    };
}
toy!(Timeless, Timing::Indifferent);
toy!(Timed, Timing::Trusted);

/// How many decisions there were.
#[derive(Clone, Copy)]
struct AtMost(u64);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    seen: u64,
    most: u64,
}

synod::digestible! { struct Count { seen, most } }

impl Check for AtMost {
    fn property(&self) -> Property {
        Property { name: "at_most", about: "few decisions", source: "this test", kind: PropertyKind::Safety }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        let mut state = self.begin();
        let violation = history.entries().iter().enumerate().find_map(|(place, entry)| state.observe(place, entry));
        violation.map_or_else(|| state.conclude(), Verdict::Violated)
    }
}

impl Online for AtMost {
    type State = Count;

    fn begin(&self) -> Count {
        Count { seen: 0, most: self.0 }
    }
}

impl Observe for Count {
    fn observe(&mut self, _: usize, entry: &Entry) -> Option<Witness> {
        self.seen += u64::from(matches!(entry.event, Record::Fact(Fact::Decided { .. })));
        let (property, shape, steps) = (AtMost(0).property().name, "one more".to_owned(), Vec::new());
        let contradiction = format!("{} decisions", self.seen);
        (self.seen > self.most).then_some(Witness { property, shape, steps, contradiction })
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.seen }
    }
}

fn toys(size: u16, habit: Habit) -> Exhaustive<Timeless> {
    let make = move |me, members: &Members| Timeless(Toy { me, members: members.clone(), habit, heard: 0 });
    Exhaustive::of(size, make, Silent)
}

fn searched(search: Exhaustive<Timeless>, bounds: Bounds) -> Explored {
    search.bounds(bounds).run().expect("a search that can be made")
}

/// Each of three messages is in flight or was heard: two to the third states, the farthest three actions away, and each
/// of the messages in flight can be next: three times two to the second.
#[test]
fn every_subset_of_messages_may_have_arrived() {
    let explored = searched(toys(3, Habit::Greets).check(AtMost(9)), Bounds::default());
    assert_eq!((explored.states, explored.transitions, explored.depth), (8, 12, 3));
}

/// One message may also arrive twice: besides the eight there is one of three letters heard twice or heard once and in
/// flight. Letter and spent duplicate: not yet heard, or heard once and in flight, or heard twice, or, without the
/// duplicate, heard once. Of the others each was heard or not: eight and three times two times four.
#[test]
fn one_message_may_arrive_twice() {
    let bounds = Bounds { duplicates: 1, ..Bounds::default() };
    let explored = searched(toys(3, Habit::Greets).check(AtMost(9)), bounds);
    assert_eq!((explored.states, explored.depth), (8 + 3 * 2 * 4, 4));
}

/// Two processes, each with one timer that fires at most once: two to the second states if both may, three if one may.
#[test]
fn timers_fire_as_often_as_the_bound_says() {
    for (timers, states, depth, left_out) in [(0, 1, 0, 2), (1, 3, 1, 2), (2, 4, 2, 0)] {
        let bounds = Bounds { timers, ..Bounds::default() };
        let explored = searched(toys(2, Habit::Decides).check(AtMost(9)), bounds);
        assert_eq!((explored.states, explored.depth, explored.pruned.timers), (states, depth, left_out), "{timers}");
    }
}

/// One process: armed, writing, done. With one crash besides: armed again with an empty disk, after a crash before the
/// timer or one that lost the write; with a written disk, after one that kept it or came after the decision, which is
/// told apart by what the checker counted. From each of these three the timer fires again and the write ends.
#[test]
fn a_crash_keeps_the_write_under_way_or_loses_it() {
    let without = searched(toys(1, Habit::WritesFirst).check(AtMost(9)), Bounds::default());
    assert_eq!((without.states, without.depth), (3, 2));
    let bounds = Bounds { crashes: 1, timers: 9, ..Bounds::default() };
    let with = searched(toys(1, Habit::WritesFirst).check(AtMost(9)), bounds);
    // What was spent of the timers tells a crash before the timer from one after it: four places to start again.
    assert_eq!((with.states, with.depth), (3 + 4 * 3, 5));
}

/// Two processes that write: each armed, writing or done. While one writes the other may act, or may not.
#[test]
fn others_act_while_a_write_is_under_way_if_the_bound_says_so() {
    for (writes, states) in [(Ending::Meanwhile, 9), (Ending::AtOnce, 8)] {
        let bounds = Bounds { writes, ..Bounds::default() };
        let explored = searched(toys(2, Habit::WritesFirst).check(AtMost(9)), bounds);
        assert_eq!((explored.states, explored.depth), (states, 4), "{writes:?}");
    }
}

/// The third decision is one too many, and no way to it is shorter than three timers.
#[test]
fn the_way_to_a_violation_is_a_shortest_one() {
    let explored = searched(toys(4, Habit::Decides).check(AtMost(2)), Bounds { timers: 4, ..Bounds::default() });
    assert_eq!((explored.depth, explored.path.len()), (3, 3));
    assert_eq!(explored.path[0].what, "timer 0 fires at a1");
    assert!(explored.verdict.witness().is_some() && !explored.holds());
    assert!(explored.to_string().ends_with("at_most is violated:\n  3 decisions"), "{explored}");
    assert!(explored.to_json().contains("\"depth\": 3"));
}

#[test]
fn what_would_prove_nothing_is_refused() {
    let waits = |me, members: &Members| Timed(Toy { me, members: members.clone(), habit: Habit::Waits, heard: 0 });
    let trusting = Exhaustive::of(2, waits, Silent).check(Agreement).run();
    assert!(matches!(trusting, Err(Refused::TrustsTime(_))), "{trusting:?}");
    assert_eq!(toys(2, Habit::Greets).run().err(), Some(Refused::NoProperty));
    let nobody = toys(2, Habit::Greets).check(Agreement).clocks([]).run();
    assert_eq!(nobody.err(), Some(Refused::NoClock));
    let stranger = toys(2, Habit::Greets).check(Agreement).invoke(NodeId::agent(5), ()).run();
    assert_eq!(stranger.err(), Some(Refused::NoMember(NodeId::agent(5))));
}

#[test]
fn a_search_that_runs_out_of_states_has_no_verdict() {
    let explored = searched(toys(3, Habit::Greets).check(AtMost(9)), Bounds { states: 4, ..Bounds::default() });
    assert_eq!(explored.verdict, Verdict::Unknown { limit: "4 states".to_owned() });
    assert!(!explored.holds());
}

#[test]
fn a_checker_that_saw_nothing_is_no_evidence() {
    let explored = searched(toys(3, Habit::Greets).check(AtMost(9)), Bounds::default());
    assert!(!explored.holds() && explored.to_string().ends_with("some checker saw nothing it judges"), "{explored}");
}
