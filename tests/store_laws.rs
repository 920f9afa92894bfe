//! Laws of shared stores: clocks, vectors, merges, commands, and replicas under any order of messages.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use synod::fact::{Content, Key, Session, Stamp, Value, WriteId, Written};
use synod::id::{Members, NodeId, OpId};
use synod::protocol::store::gossip::{Durable, Message, Timer};
use synod::protocol::store::strong::Command;
use synod::protocol::store::{Act, Change, Clock, Dot, Gossip, Notes, Request, Token, Update, Vector, Winner};
use synod::protocol::{Effect, Effects, Event, Fold, Protocol, team};
use synod::time::{Time, millis};

fn stamps() -> impl Strategy<Value = Stamp> {
    (0u64..50, 0u64..4, 0u16..3).prop_map(|(time, count, node)| Stamp {
        time: Time(time),
        count,
        node: NodeId::agent(node),
    })
}

fn vectors() -> impl Strategy<Value = Vector> {
    prop::collection::btree_map(0u16..4, 1u64..9, 0..4).prop_map(|counts| {
        let mut vector = Vector::default();
        for (origin, number) in counts {
            vector.add(Dot { origin: NodeId::agent(origin), number });
        }
        vector
    })
}

/// Updates as replicas can make them: no two of one dot or one stamp.
fn updates() -> impl Strategy<Value = Vec<Update>> {
    prop::collection::btree_map((0u64..30, 0u16..3), (0usize..3, 0u8..3), 1..12).prop_map(|drawn| {
        let mut numbers = BTreeMap::new();
        let update = |((time, origin), (key, change)): ((u64, u16), (usize, u8))| {
            let number = numbers.entry(origin).or_insert(0u64);
            *number += 1;
            let origin = NodeId::agent(origin);
            let write = WriteId { session: Session::of(origin), number: u32::try_from(*number).expect("few") };
            let value = Value::from(write.to_string().as_str());
            Update {
                dot: Dot { origin, number: *number },
                needs: Vector::default(),
                stamp: Stamp { time: Time(time), count: 0, node: origin },
                write,
                key: Key::from(["plan", "draft", "thread"][key]),
                // A thread, a note, and what is now one and now the other.
                change: match (key, change) {
                    (2, _) | (1, 2) => Change::Append(value),
                    (_, 0) => Change::Remove,
                    _ => Change::Put(value),
                },
            }
        };
        drawn.into_iter().map(update).collect()
    })
}

fn notes_of<'a>(updates: impl IntoIterator<Item = &'a Update>) -> Notes {
    let mut notes = Notes::default();
    updates.into_iter().for_each(|update| notes.take(update, Winner::LaterStamp));
    notes
}

proptest! {
    #[test]
    fn a_clock_goes_beyond_all_it_made_or_heard_and_never_beyond_the_fastest_clock(
        events in prop::collection::vec((0u64..60, prop::option::of(stamps())), 1..40),
    ) {
        let mut clock = Clock::default();
        let (mut last, mut fastest) = (None, Time::ZERO);
        for (now, heard) in events {
            let now = Time(now);
            fastest = fastest.max(now);
            if let Some(heard) = heard {
                fastest = fastest.max(heard.time);
                clock.hear(heard);
                last = last.max(Some(heard));
            }
            let stamp = clock.stamp(now, NodeId::agent(0));
            prop_assert!(last.is_none_or(|last: Stamp| (last.time, last.count) < (stamp.time, stamp.count)));
            prop_assert!(now <= stamp.time && stamp.time <= fastest);
            last = Some(stamp);
        }
    }

    #[test]
    fn a_clock_that_starts_again_goes_beyond_what_it_recovers(stamp in stamps(), now in 0u64..60) {
        let mut clock = Clock::default();
        clock.hear(stamp);
        let next = clock.stamp(Time(now), NodeId::agent(1));
        prop_assert!((next.time, next.count) > (stamp.time, stamp.count));
    }

    #[test]
    fn vectors_are_a_lattice(one in vectors(), other in vectors(), third in vectors()) {
        let join = |a: &Vector, b: &Vector| { let mut both = a.clone(); both.join(b); both };
        prop_assert_eq!(join(&one, &other), join(&other, &one));
        prop_assert_eq!(join(&join(&one, &other), &third), join(&one, &join(&other, &third)));
        prop_assert_eq!(join(&one, &one), one.clone());
        prop_assert_eq!(one.meet(&other), other.meet(&one));
        prop_assert!(join(&one, &other).covers(&one) && one.covers(&one.meet(&other)));
        prop_assert_eq!(one.covers(&other), join(&one, &other) == one);
    }

    #[test]
    fn notes_are_alike_whatever_the_order_and_however_often(
        taken in updates().prop_flat_map(|updates| (Just(updates.clone()), Just(updates).prop_shuffle())),
        again in 0usize..12,
    ) {
        let (one, mut other) = taken;
        other.extend(other.get(again).cloned());
        prop_assert_eq!(notes_of(&one), notes_of(&other));
    }

    #[test]
    fn what_is_shown_is_what_one_after_the_other_in_the_order_of_stamps_would_leave(
        updates in updates().prop_shuffle(),
    ) {
        let mut in_order: Vec<&Update> = updates.iter().filter(|update| update.key == Key::from("draft")).collect();
        in_order.sort_by_key(|update| update.stamp);
        let mut expected = Content::Note { value: None, write: None };
        for Update { write, change, .. } in in_order {
            expected = match (change, expected) {
                (Change::Put(value), _) => Content::Note { value: Some(value.clone()), write: Some(*write) },
                (Change::Remove, _) => Content::Note { value: None, write: Some(*write) },
                (Change::Append(value), shown) => {
                    let mut entries = if let Content::Thread(entries) = shown { entries } else { Vec::new() };
                    entries.push(Written { write: *write, value: value.clone() });
                    Content::Thread(entries)
                }
            };
        }
        prop_assert_eq!(notes_of(&updates).read(&Key::from("draft")).content, expected);
    }

    #[test]
    fn a_thread_shows_every_entry_once_in_the_order_of_stamps(updates in updates(), again in 0usize..12) {
        let mut appended: Vec<&Update> =
            updates.iter().filter(|update| update.key == Key::from("thread")).collect();
        appended.sort_by_key(|update| update.stamp);
        let expected: Vec<WriteId> = appended.iter().map(|update| update.write).collect();
        let notes = notes_of(updates.iter().rev().chain(updates.get(again)));
        let shown = match notes.read(&Key::from("thread")).content {
            Content::Thread(entries) => entries.iter().map(|entry| entry.write).collect(),
            Content::Note { .. } | Content::Listed(_) => Vec::new(),
        };
        prop_assert_eq!(shown, expected);
    }

    #[test]
    fn a_command_is_read_back_as_it_was_written(
        number in 1u32..99,
        text in ".{0,20}",
        act in 0u8..5,
        key in "[a-z:0-9]{0,9}",
    ) {
        let write = WriteId { session: Session { node: NodeId::client(3), life: number % 3 }, number };
        let value = Value::from(text.as_str());
        let act = match act {
            0 => Act::Remove,
            1 => Act::Write { value },
            2 => Act::Append { value },
            3 => Act::Swap { expected: None, value },
            _ => Act::Swap { expected: Some(write), value },
        };
        let command = Command { write, key: Key::from(key.as_str()), act };
        prop_assert_eq!(Command::decode(&command.encode()), Some(command));
    }

    #[test]
    fn bytes_that_are_no_command_are_none(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        // The point is that nothing panics; what is read is written back the same.
        if let Some(command) = Command::decode(&Value::new(&bytes)) {
            prop_assert_eq!(Command::decode(&command.encode()), Some(command));
        }
    }

    #[test]
    fn replicas_converge_and_no_removed_note_comes_back(
        script in prop::collection::vec((0u8..8, 0usize..3, 0usize..64), 1..160),
    ) {
        let mut net = Net::new(3);
        for (step, node, pick) in script {
            net.step(step, node, pick);
        }
        net.calm_down();
        let shown: BTreeSet<u64> = net.replicas.iter().map(|replica| replica.disk().notes.shown()).collect();
        prop_assert_eq!(shown.len(), 1);
        let tombstones: usize = net.replicas.iter().map(|replica| replica.disk().notes.tombstones().count()).sum();
        let logs: usize = net.replicas.iter().map(|replica| replica.disk().log.len()).sum();
        prop_assert_eq!((tombstones, logs), (0, 0), "what everyone has seen is not kept");
        // By the stamps alone, without any collection, the same would be shown.
        prop_assert_eq!(notes_of(net.made.values()).shown(), *shown.first().expect("three replicas"));
    }
}

#[test]
fn a_call_that_comes_again_takes_effect_once_whatever_it_asks_and_also_after_a_restart() {
    let value = || Value::from("draft");
    let swap = Act::Swap { expected: None, value: value() };
    for act in [Act::Write { value: value() }, Act::Remove, Act::Append { value: value() }, swap] {
        let mut net = Net::new(3);
        let session = Session::of(NodeId::client(0));
        let request = Request { session, number: 1, key: Key::from("plan"), act: act.clone(), token: Token::default() };
        for op in 1..=3 {
            let request = team::Request::Store(Box::new(request.clone()));
            net.handle(0, Event::Invoke { op: OpId(op), request });
            if op == 2 {
                net.restart(0);
            }
        }
        net.calm_down();
        assert_eq!(net.made.len(), 1, "{act:?}");
    }
}

/// Replicas whose messages come in any order, twice, or not at all.
struct Net {
    replicas: Vec<Gossip>,
    disks: Vec<Durable>,
    mail: Vec<(NodeId, NodeId, Message)>,
    calls: u32,
    now: Time,
    /// Every update that was ever made.
    made: BTreeMap<Dot, Update>,
}

impl Net {
    fn new(size: u16) -> Net {
        let members = Members::of(size);
        let replicas = members.iter().map(|node| Gossip::eventual(node, &members)).collect();
        let disks = vec![Durable::default(); usize::from(size)];
        Net { replicas, disks, mail: Vec::new(), calls: 0, now: Time::ZERO, made: BTreeMap::new() }
    }

    fn step(&mut self, step: u8, node: usize, pick: usize) {
        self.now += millis(7);
        match step {
            0 | 1 => self.call(node, pick),
            2 => self.handle(node, Event::Fire(Timer::Gossip)),
            3 if !self.mail.is_empty() => _ = self.mail.remove(pick % self.mail.len()),
            4 if !self.mail.is_empty() => {
                let copy = self.mail[pick % self.mail.len()].clone();
                self.mail.push(copy);
            }
            5 if pick.is_multiple_of(8) => self.restart(node),
            _ if !self.mail.is_empty() => {
                let letter = self.mail.remove(pick % self.mail.len());
                self.deliver(letter);
            }
            _ => {}
        }
    }

    fn call(&mut self, node: usize, pick: usize) {
        self.calls += 1;
        let value = Value::from(self.calls.to_string().as_str());
        let act = match pick % 3 {
            0 => Act::Remove,
            1 => Act::Append { value },
            _ => Act::Write { value },
        };
        let key = Key::from(["plan", "draft"][pick % 2]);
        let session = Session::of(NodeId::client(0));
        let request = Request { session, number: self.calls, key, act, token: Token::default() };
        self.handle(
            node,
            Event::Invoke { op: OpId(u64::from(self.calls)), request: team::Request::Store(Box::new(request)) },
        );
    }

    fn restart(&mut self, node: usize) {
        let members = Members::of(3);
        self.replicas[node] = Gossip::eventual(NodeId::agent(u16::try_from(node).expect("three")), &members);
        let disk = self.disks[node].clone();
        self.handle(node, Event::Start(Some(disk)));
    }

    fn deliver(&mut self, (from, to, message): (NodeId, NodeId, Message)) {
        self.handle(to.index(), Event::Deliver { from, message });
    }

    fn handle(&mut self, node: usize, event: Event<Gossip>) {
        let mut effects = Effects::default();
        self.replicas[node].step(self.now, event, &mut effects);
        let me = NodeId::agent(u16::try_from(node).expect("three"));
        for effect in effects.drain() {
            match effect {
                Effect::Send { to, message } => {
                    if let Message::Updates(updates) = &message {
                        self.made.extend(updates.iter().map(|update| (update.dot, update.clone())));
                    }
                    self.mail.push((me, to, message));
                }
                Effect::Persist(write) => self.disks[node].fold(&write),
                _ => {}
            }
        }
    }

    /// Everyone tells everyone, and everything arrives.
    fn calm_down(&mut self) {
        for _ in 0..6 {
            (0..self.replicas.len()).for_each(|node| self.handle(node, Event::Fire(Timer::Gossip)));
            while let Some(letter) = self.mail.pop() {
                self.deliver(letter);
            }
        }
    }
}
