//! What can be wrong with letters, with clocks' stamps and with the order of tools' effects: one damage each.

use crate::laws::{Mutation, executed, is, repeat};
use synod::fact::{Fact, Stamp};
use synod::history::{Event, History};
use synod::id::NodeId;
use synod::time::Time;

/// The damages, each with the property that must notice it.
pub const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "of two calls the later takes effect first",
        property: "effects_in_order",
        fits: |history, place| {
            place + 1 < history.entries().len() && executed(history, place) && executed(history, place + 1)
        },
        damage: |entries, place| entries.swap(place, place + 1),
    },
    Mutation {
        name: "a letter was never sent",
        property: "no_invented_letter",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Sent { .. }))),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a letter was for one less",
        property: "no_invented_letter",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Sent { .. }))),
        damage: |entries, place| {
            if let Event::Fact(Fact::Sent { to, .. }) = &mut entries[place].event {
                to.pop();
            }
        },
    },
    Mutation {
        name: "a number is given to a second letter",
        property: "no_invented_letter",
        fits: |history, place| is(history, place, |event| matches!(event, Event::Fact(Fact::Sent { .. }))),
        damage: |entries, place| {
            let mut other = entries[place].clone();
            if let Event::Fact(Fact::Sent { to, .. }) = &mut other.event {
                to.clear();
            }
            entries.insert(place + 1, other);
        },
    },
    Mutation {
        name: "a letter is taken twice",
        property: "delivered_once",
        fits: |history, place| taken(history, place).is_some(),
        damage: |entries, place| {
            let mut again = entries[place].clone();
            if let Event::Fact(Fact::Delivered { position, .. }) = &mut again.event {
                *position += 1;
            }
            entries.insert(place + 1, again);
        },
    },
    Mutation {
        name: "two letters are taken at one place",
        property: "delivered_once",
        fits: |history, place| taken(history, place).is_some(),
        damage: |entries, place| {
            let mut other = entries[place].clone();
            if let Event::Fact(Fact::Delivered { number, .. }) = &mut other.event {
                *number += 50;
            }
            entries.insert(place + 1, other);
        },
    },
    Mutation {
        name: "a place is left out",
        property: "delivered_once",
        fits: |history, place| taken(history, place).is_some_and(|(_, number)| number == 2),
        damage: |entries, place| {
            if let Event::Fact(Fact::Delivered { position, .. }) = &mut entries[place].event {
                *position += 1;
            }
        },
    },
    Mutation {
        name: "a sender's first letter is left out",
        property: "fifo_delivery",
        fits: |history, place| taken(history, place) == Some((NodeId::agent(0), 1)),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "an answer is taken before what it answers",
        property: "causal_delivery",
        fits: answered_at_once,
        damage: |entries, place| entries.swap(place, place + 1),
    },
    Mutation {
        name: "one of several takes two letters in another order",
        property: "total_order",
        fits: answered_at_once,
        damage: |entries, place| entries.swap(place, place + 1),
    },
    Mutation {
        name: "the last letter never comes",
        property: "all_delivered",
        fits: |history, place| taken(history, place) == Some((NodeId::agent(0), 3)),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a clock stands still",
        property: "clock_validity",
        fits: |history, place| stamped(history, place).is_some(),
        damage: repeat,
    },
    Mutation {
        name: "a stamp that was heard was never given",
        property: "clock_validity",
        fits: |history, place| stamped(history, place).is_some_and(|stamp| stamp.count == 0),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a stamp is not after what was heard",
        property: "clock_validity",
        fits: |history, place| stamped(history, place).is_some_and(|stamp| stamp.count == 1),
        damage: |entries, place| {
            if let Event::Fact(Fact::Stamped { stamp, .. }) = &mut entries[place].event {
                stamp.time = Time(stamp.time.0 - 1);
            }
        },
    },
    Mutation {
        name: "a stamp is of no clock's time",
        property: "clock_validity",
        fits: |history, place| stamped(history, place).is_some(),
        damage: |entries, place| {
            if let Event::Fact(Fact::Stamped { stamp, .. }) = &mut entries[place].event {
                stamp.time = Time(stamp.time.0 + 1_000);
            }
        },
    },
    Mutation {
        name: "a stamp is behind its clock",
        property: "clock_validity",
        fits: |history, place| stamped(history, place).is_some(),
        damage: |entries, place| {
            if let Event::Fact(Fact::Stamped { stamp, clock, .. }) = &mut entries[place].event {
                *clock = Time(stamp.time.0 + 1);
            }
        },
    },
];

fn taken(history: &History, place: usize) -> Option<(NodeId, u64)> {
    match history.entries()[place].event {
        Event::Fact(Fact::Delivered { from, number, .. }) => Some((from, number)),
        _ => None,
    }
}

/// A letter is taken right before the answer to it, by the same receiver.
fn answered_at_once(history: &History, place: usize) -> bool {
    let [first, second] = [NodeId::agent(0), NodeId::agent(1)].map(|from| Some((from, 1)));
    let next = history.entries().get(place + 1).filter(|next| next.node == history.entries()[place].node);
    taken(history, place) == first && next.is_some() && taken(history, place + 1) == second
}

fn stamped(history: &History, place: usize) -> Option<Stamp> {
    match history.entries()[place].event {
        Event::Fact(Fact::Stamped { stamp, .. }) => Some(stamp),
        _ => None,
    }
}
