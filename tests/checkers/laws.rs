//! Laws: every checker accepts whatever a correct team does, and rejects it after one mutation of its class.

use crate::letters;
use crate::shelf;
use crate::team::{Move, history_of};
use crate::work;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use synod::check::{Agreement, Check, LeaderCompleteness, Observe, Online, Verdict, all, by_name};
use synod::fact::{Decision, Fact, Phase, Score, Slot, Value};
use synod::history::{Entry, Environment, Event, Extent, History, Operation};
use synod::id::{NodeId, ProcessId};

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let who = 0..5usize;
    let step = prop_oneof![
        2 => who.clone().prop_map(Move::Stand),
        4 => who.clone().prop_map(Move::Propose),
        6 => (who.clone(), who.clone()).prop_map(|(leader, member)| Move::Replicate { leader, member }),
        4 => who.clone().prop_map(Move::Commit),
        4 => (who.clone(), who.clone()).prop_map(|(leader, member)| Move::Learn { leader, member }),
        1 => who.clone().prop_map(Move::Crash),
        1 => who.prop_map(Move::Recover),
    ];
    // A member stands first, so that most lists lead somewhere.
    prop::collection::vec(step, 0..80).prop_map(|mut moves| {
        moves.insert(0, Move::Stand(0));
        moves
    })
}

pub fn histories() -> impl Strategy<Value = History> {
    (prop::sample::select(vec![3u16, 5]), moves()).prop_map(|(size, moves)| history_of(size, &moves))
}

/// One kind of damage, the property that must notice it, and where it can be done.
pub struct Mutation {
    pub name: &'static str,
    pub property: &'static str,
    pub fits: fn(&History, usize) -> bool,
    pub damage: fn(&mut Vec<Entry>, usize),
}

impl Mutation {
    /// Every place where it can be made.
    fn places(&self, history: &History) -> Vec<usize> {
        (0..history.entries().len()).filter(|place| (self.fits)(history, *place)).collect()
    }
}

pub fn is(history: &History, place: usize, wanted: fn(&Event) -> bool) -> bool {
    wanted(&history.entries()[place].event)
}

/// Whether an earlier or later entry is about the same as this one, by the given key.
fn is_shared<K: Eq>(history: &History, place: usize, key: fn(&Event) -> Option<K>) -> bool {
    let own = key(&history.entries()[place].event);
    let others = || history.entries().iter().enumerate().filter(|(other, _)| *other != place);
    own.is_some_and(|own| others().any(|(_, entry)| key(&entry.event).is_some_and(|key| key == own)))
}

fn entry_of(event: &Event) -> Option<(u64, u64)> {
    match event {
        Event::Fact(Fact::Appended { index, term, .. }) => Some((*index, *term)),
        _ => None,
    }
}

fn applied(event: &Event) -> Option<u64> {
    match event {
        Event::Fact(Fact::Applied { index, .. }) => Some(*index),
        _ => None,
    }
}

fn decided(event: &Event) -> Option<Slot> {
    match event {
        Event::Fact(Fact::Decided { slot, .. }) => Some(*slot),
        _ => None,
    }
}

fn heard(event: &Event) -> Option<Slot> {
    match event {
        Event::Operation(Operation::Ok { slot, .. }) => Some(*slot),
        _ => None,
    }
}

fn restate(entries: &mut [Entry], place: usize, invented: &str) {
    match &mut entries[place].event {
        Event::Fact(Fact::Decided { value, .. }) | Event::Operation(Operation::Ok { value, .. }) => {
            *value = Value::from(invented);
        }
        Event::Fact(
            Fact::Appended { command, .. } | Fact::Applied { command, .. } | Fact::Accepted { command, .. },
        ) => *command = !*command,
        _ => unreachable!("only what carries a value is restated"),
    }
}

pub fn repeat(entries: &mut Vec<Entry>, place: usize) {
    entries.insert(place + 1, entries[place].clone());
}

/// A rival of the node that the entry is about: the same event by the next agent.
fn rival(entries: &mut Vec<Entry>, place: usize) {
    let mut twin = entries[place].clone();
    twin.node = NodeId::agent(((twin.node.index() + 1) % 3) as u16);
    twin.process = ProcessId(0);
    entries.insert(place + 1, twin);
}

/// Every damage.
fn mutations() -> impl Iterator<Item = &'static Mutation> {
    MUTATIONS.iter().chain(letters::MUTATIONS).chain(shelf::MUTATIONS).chain(work::MUTATIONS)
}

const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "one of several deciders decides otherwise",
        property: "agreement",
        fits: |history, place| is_shared(history, place, decided),
        damage: |entries, place| restate(entries, place, "otherwise"),
    },
    Mutation {
        name: "one of several clients hears otherwise",
        property: "client_agreement",
        fits: |history, place| is_shared(history, place, heard),
        damage: |entries, place| restate(entries, place, "otherwise"),
    },
    Mutation {
        name: "a decision is invented",
        property: "validity",
        fits: |history, place| is(history, place, |event| decided(event).is_some()),
        damage: |entries, place| restate(entries, place, "invented"),
    },
    Mutation {
        name: "an answer is invented",
        property: "client_validity",
        fits: |history, place| is(history, place, |event| heard(event).is_some()),
        damage: |entries, place| restate(entries, place, "invented"),
    },
    Mutation {
        name: "a process decides again",
        property: "integrity",
        fits: |history, place| is(history, place, |event| decided(event).is_some()),
        damage: repeat,
    },
    Mutation {
        name: "an operation is answered again",
        property: "client_integrity",
        fits: |history, place| is(history, place, |event| heard(event).is_some()),
        damage: repeat,
    },
    Mutation {
        name: "an invocation is missing",
        property: "client_integrity",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Operation(Operation::Invoke { .. }))),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a member forgets every decision",
        property: "termination",
        fits: |history, place| is(history, place, |event| decided(event).is_some()),
        damage: |entries, place| {
            let node = entries[place].node;
            entries.retain(|entry| entry.node != node || decided(&entry.event).is_none());
        },
    },
    Mutation {
        name: "the last answer is lost",
        property: "client_termination",
        fits: |history, place| is(history, place, |event| heard(event).is_some()) && after_the_heal(history, place),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a read misses the last decision",
        property: "linearizable_log",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Operation(Operation::Log { .. }))),
        damage: |entries, place| {
            if let Event::Operation(Operation::Log { decisions, .. }) = &mut entries[place].event {
                decisions.pop();
            }
        },
    },
    Mutation {
        name: "a rival wins the same term",
        property: "election_safety",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Elected { .. }))),
        damage: rival,
    },
    Mutation {
        name: "a leader cuts its log",
        property: "leader_append_only",
        fits: |history, place| place > 0 && appended_as_leader(history, place),
        damage: |entries, place| {
            let mut cut = entries[place].clone();
            if let Event::Fact(Fact::Appended { index, .. }) = cut.event {
                cut.event = Event::Fact(Fact::Truncated { from: index });
            }
            entries.insert(place + 1, cut);
        },
    },
    Mutation {
        name: "one copy of an entry differs",
        property: "log_matching",
        fits: |history, place| is_shared(history, place, entry_of),
        damage: |entries, place| restate(entries, place, ""),
    },
    Mutation {
        name: "an entry is skipped",
        property: "log_matching",
        fits: |history, place| {
            let next = history.entries().get(place + 1).and_then(|entry| entry_of(&entry.event));
            let same = history.entries().get(place + 1).is_some_and(|next| next.node == history.entries()[place].node);
            is(history, place, |event| entry_of(event).is_some()) && same && next.is_some_and(|(index, _)| index > 1)
        },
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a member with an empty disk wins after a commit",
        property: "leader_completeness",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Committed { .. }))),
        damage: |entries, place| {
            let Event::Fact(Fact::Committed { term, .. }) = entries[place].event else { unreachable!("it fits") };
            let mut usurper = entries[place].clone();
            usurper.process = ProcessId(99);
            usurper.event = Event::Fact(Fact::Elected { term: term + 1, last: 0 });
            entries.insert(place + 1, usurper);
        },
    },
    Mutation {
        name: "one of several state machines takes another command",
        property: "state_machine_safety",
        fits: |history, place| is_shared(history, place, applied),
        damage: |entries, place| restate(entries, place, ""),
    },
    Mutation {
        name: "a state machine takes a command twice",
        property: "state_machine_safety",
        fits: |history, place| is(history, place, |event| applied(event).is_some()),
        damage: repeat,
    },
    Mutation {
        name: "an acceptor goes back on its promise",
        property: "promises_kept",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Promised { .. }))),
        damage: |entries, place| {
            let mut breach = entries[place].clone();
            breach.event = Event::Fact(Fact::Promised { ballot: 1 });
            entries.insert(place + 1, breach);
        },
    },
    Mutation {
        name: "one of several votes of a ballot is for another command",
        property: "one_value_per_ballot",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Accepted { .. }))),
        damage: |entries, place| restate(entries, place, ""),
    },
    Mutation {
        name: "a vote that a choice rests on was never cast",
        property: "chosen_once",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Accepted { .. }))),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a second certificate is for another value",
        property: "certificates",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Certified { .. }))),
        damage: |entries, place| {
            let mut other = entries[place].clone();
            if let Event::Fact(Fact::Certified { decision, .. }) = &mut other.event {
                decision.value = Value::from("otherwise");
            }
            entries.insert(place + 1, other);
        },
    },
    Mutation {
        name: "a certificate counts a voter twice",
        property: "certificates",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Certified { .. }))),
        damage: |entries, place| {
            if let Event::Fact(Fact::Certified { voters, .. }) = &mut entries[place].event {
                voters[1] = voters[0];
            }
        },
    },
    Mutation {
        name: "a member votes against its lock",
        property: "locked_value",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Locked { .. }))),
        damage: |entries, place| {
            let mut breach = entries[place].clone();
            if let Event::Fact(Fact::Locked { height, round, decision }) = breach.event {
                let choice = Some(Decision { value: Value::from("otherwise"), ..decision });
                breach.event = Event::Fact(Fact::Cast { height, round: round + 1, phase: Phase::Prevote, choice });
            }
            entries.insert(place + 1, breach);
        },
    },
    Mutation {
        name: "an answer that an agreement rests on was never given",
        property: "stable_agreement",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Answered { .. }))),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "nothing turned the member that is accused",
        property: "accountability",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Environment(Environment::Suborned))),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation { name: "a call is carried out again", property: "effect_at_most_once", fits: executed, damage: repeat },
    Mutation {
        name: "a step is taken under another name",
        property: "no_repeated_step",
        fits: executed,
        damage: |entries, place| {
            let mut again = entries[place].clone();
            if let Event::Environment(Environment::Executed { call, key, .. }) = &mut again.event {
                (*call, *key) = ("call_2".to_owned(), None);
            }
            entries.insert(place + 1, again);
        },
    },
    Mutation {
        name: "half a call is carried out",
        property: "complete_calls",
        fits: |history, place| {
            is(history, place, |event| matches!(event, Event::Environment(Environment::Requested { .. })))
        },
        damage: |entries, place| {
            if let Event::Environment(Environment::Requested { extent, .. }) = &mut entries[place].event {
                *extent = Extent::Cut;
            }
        },
    },
    Mutation {
        name: "a tool is invented",
        property: "valid_calls",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Called { .. }))),
        damage: |entries, place| {
            if let Event::Fact(Fact::Called { tool, .. }) = &mut entries[place].event {
                tool.push_str("_now");
            }
        },
    },
    Mutation {
        name: "an outcome is lost",
        property: "no_orphan_calls",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::CallEnded { .. }))),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "what is announced was never done",
        property: "announced_is_executed",
        fits: executed,
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a decision misses the truth",
        property: "correctness",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Scored { .. }))),
        damage: |entries, place| {
            if let Event::Fact(Fact::Scored { score, .. }) = &mut entries[place].event {
                *score = Score::WRONG;
            }
        },
    },
];

pub fn executed(history: &History, place: usize) -> bool {
    is(history, place, |event| matches!(event, Event::Environment(Environment::Executed { .. })))
}

pub fn after_the_heal(history: &History, place: usize) -> bool {
    let healed = |entry: &Entry| matches!(entry.event, Event::Environment(Environment::Healed { .. }));
    history.entries()[..place].iter().any(healed)
}

/// A leader reports a proposal right before the entry it makes of it.
fn appended_as_leader(history: &History, place: usize) -> bool {
    let before = |event: &Event| matches!(event, Event::Fact(Fact::Proposed { .. }));
    entry_of(&history.entries()[place].event).is_some() && before(&history.entries()[place - 1].event)
}

pub fn rebuilt(entries: Vec<Entry>) -> History {
    let mut history = History::new();
    entries.into_iter().for_each(|entry| history.push(entry));
    history
}

/// No files are written: a case that failed is to become a story.
pub fn config() -> Config {
    Config { failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_checker_accepts_a_correct_team_and_has_evidence(history in histories()) {
        for checker in all() {
            let verdict = checker.check(&history);
            let name = checker.property().name;
            let holds = matches!(verdict, Verdict::Holds { judged } if judged > 0 || name == "leader_completeness");
            prop_assert!(holds, "{name}: {verdict:?}");
        }
    }

    #[test]
    fn every_mutation_is_rejected(history in histories(), spot in any::<Index>()) {
        for mutation in mutations() {
            let places = mutation.places(&history);
            if !places.is_empty() {
                reject(mutation, &history, *spot.get(&places))?;
            }
        }
    }

    #[test]
    fn a_verdict_depends_on_nothing_but_the_history(history in histories()) {
        for checker in all() {
            prop_assert_eq!(checker.check(&history), checker.check(&history.clone()));
        }
    }

    #[test]
    fn a_state_can_be_copied_in_the_middle_of_a_history(history in histories(), at in any::<Index>()) {
        let entries = history.entries();
        let middle = at.index(entries.len());
        let mut state = Agreement.begin();
        for (place, entry) in entries.iter().enumerate().take(middle) {
            prop_assert_eq!(state.observe(place, entry), None);
        }
        let mut copy = state.clone();
        prop_assert_eq!(&copy, &state);
        for (place, entry) in entries.iter().enumerate().skip(middle) {
            prop_assert_eq!(copy.observe(place, entry), None);
        }
        prop_assert_eq!(copy.conclude(), Agreement.check(&history));
    }
}

fn reject(mutation: &Mutation, history: &History, place: usize) -> Result<(), TestCaseError> {
    let mut entries = history.entries().to_vec();
    (mutation.damage)(&mut entries, place);
    let history = rebuilt(entries);
    let verdict = by_name(mutation.property).unwrap().check(&history);
    let witness = verdict.witness();
    prop_assert!(witness.is_some(), "{}: {} says {verdict:?}", mutation.name, mutation.property);
    let witness = witness.unwrap();
    for step in &witness.steps {
        let entry = step.place.map(|place| &history.entries()[place]);
        prop_assert!(entry.is_none_or(|entry| entry.at == step.at), "{step:?} is not what stands there");
    }
    prop_assert!(witness.steps.len() <= 4, "{}: {} steps: {witness}", mutation.name, witness.steps.len());
    Ok(())
}

/// Without it a law about mutations could hold because none was ever made.
#[test]
fn every_mutation_can_be_made_in_one_busy_history() {
    let round = |leader: usize| {
        let all = 0..3usize;
        let copies = all.clone().map(move |member| Move::Replicate { leader, member });
        let heard = all.map(move |member| Move::Learn { leader, member });
        let lead = [Move::Stand(leader), Move::Propose(leader), Move::Propose(leader)];
        let after = [Move::Propose(leader), Move::Crash(leader), Move::Recover(leader)];
        lead.into_iter().chain(copies).chain([Move::Commit(leader)]).chain(heard).chain(after)
    };
    let moves: Vec<Move> = (0..3).flat_map(round).collect();
    let history = history_of(3, &moves);
    for mutation in mutations() {
        assert!(!mutation.places(&history).is_empty(), "no place for: {}", mutation.name);
    }
    assert!(matches!(LeaderCompleteness.check(&history), Verdict::Holds { judged: 3.. }));
}

#[test]
fn every_property_has_a_mutation() {
    for checker in all() {
        let name = checker.property().name;
        assert!(mutations().any(|mutation| mutation.property == name), "nothing violates {name}");
    }
}

#[test]
fn every_property_cites_a_source_and_every_twin_is_there() {
    for checker in all() {
        let property = checker.property();
        assert!(!property.source.is_empty() && !property.about.is_empty(), "{}", property.name);
        assert!(!checker.lanes().is_empty(), "{}", property.name);
    }
    for name in ["agreement", "validity", "integrity", "termination"] {
        assert!(by_name(&format!("client_{name}")).is_ok(), "{name} has no twin");
    }
}
