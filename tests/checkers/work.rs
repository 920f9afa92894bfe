//! Mutations of work under policies: each is what one property must notice.

use crate::laws::{Mutation, is};
use synod::fact::{CallOutcome, Circuit, Fact};
use synod::history::{Entry, Environment, Event, History};
use synod::time::seconds;

/// Where a fact stands that is so.
fn fact(history: &History, place: usize, wanted: fn(&Fact) -> bool) -> bool {
    matches!(&history.entries()[place].event, Event::Fact(fact) if wanted(fact))
}

/// The same call right after this one.
fn again(entries: &mut Vec<Entry>, place: usize, times: usize) {
    for _ in 0..times {
        entries.insert(place + 1, entries[place].clone());
    }
}

/// Whether an effect goes by this key.
fn goes_by(event: &Event, wanted: &str) -> bool {
    matches!(event, Event::Environment(Environment::Executed { key, .. }) if key.as_deref() == Some(wanted))
}

pub const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "a piece of work is never concluded",
        property: "deadlines_kept",
        fits: |history, place| fact(history, place, |fact| matches!(fact, Fact::Concluded { .. })),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a part is missing, and the whole does not say so",
        property: "no_silent_loss",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::Concluded { work, .. } if work == "report/costs"))
        },
        damage: |entries, place| {
            if let Event::Fact(Fact::Concluded { missing, .. }) = &mut entries[place].event {
                missing.push("sums".to_owned());
            }
        },
    },
    Mutation {
        name: "a claim outlasts the next one",
        property: "one_live_claim",
        fits: |history, place| fact(history, place, |fact| matches!(fact, Fact::Claimed { token: 1, .. })),
        damage: |entries, place| {
            if let Event::Fact(Fact::Claimed { until, .. }) = &mut entries[place].event {
                *until += seconds(60);
            }
            entries.retain(|entry| !matches!(entry.event, Event::Fact(Fact::Concluded { .. })));
        },
    },
    Mutation {
        name: "the next claim has the same number",
        property: "one_live_claim",
        fits: |history, place| fact(history, place, |fact| matches!(fact, Fact::Claimed { token: 2, .. })),
        damage: |entries, place| {
            if let Event::Fact(Fact::Claimed { token, .. }) = &mut entries[place].event {
                *token = 1;
            }
        },
    },
    Mutation {
        name: "an older claim acts after a newer one",
        property: "fenced_effects",
        fits: |history, place| {
            let first = |event: &Event| match event {
                Event::Environment(Environment::Executed { key, .. }) => key.as_deref() == Some("costs#1"),
                _ => false,
            };
            is(history, place, first)
        },
        damage: |entries, place| {
            if let Event::Environment(Environment::Executed { key, .. }) = &mut entries[place].event {
                *key = Some("costs#3".to_owned());
            }
        },
    },
    Mutation {
        name: "a call passes an open breaker",
        property: "breaker_legality",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::Switched { circuit: Circuit::HalfOpen, .. }))
        },
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "a second call follows the probe",
        property: "breaker_legality",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::Called { call, .. } if call == "call_10"))
        },
        damage: |entries, place| {
            again(entries, place, 1);
            if let Event::Fact(Fact::Called { call, .. }) = &mut entries[place + 1].event {
                call.push_str("_too");
            }
        },
    },
    Mutation {
        name: "a call is made again and again",
        property: "retry_load",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::Called { call, .. } if call == "call_11"))
        },
        damage: |entries, place| again(entries, place, 60),
    },
    Mutation {
        name: "six retries begin at once",
        property: "herd",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::Called { call, .. } if call == "call_11"))
        },
        damage: |entries, place| again(entries, place, 6),
    },
    Mutation {
        name: "what was declined is called again",
        property: "no_vain_retry",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::Called { call, .. } if call == "call_11"))
        },
        damage: |entries, place| {
            if let Event::Fact(Fact::Called { call, .. }) = &mut entries[place].event {
                *call = "call_10".to_owned();
            }
        },
    },
    Mutation {
        name: "calls stay in vain",
        property: "recovery",
        fits: |history, place| {
            is(history, place, |event| matches!(event, Event::Environment(Environment::Resumed)))
                && history.entries()[place].node.role() == synod::id::Role::Tool
        },
        damage: |entries, place| {
            for entry in &mut entries[place..] {
                if let Event::Fact(Fact::CallEnded { outcome, .. }) = &mut entry.event {
                    *outcome = CallOutcome::Unknown;
                }
            }
        },
    },
    Mutation {
        name: "two who have something wait for each other",
        property: "no_wait_cycle",
        fits: |history, place| fact(history, place, |fact| matches!(fact, Fact::Holds { thing } if thing == "journal")),
        damage: |entries, place| {
            // The journal's holder waits for the ledger, whose holder then waits for the journal.
            let waits = |entry: &Entry, thing: &str| {
                let event = Event::Fact(Fact::Awaits { thing: thing.to_owned() });
                Entry { event, ..entry.clone() }
            };
            let (first, second) = (waits(&entries[place], "ledger"), waits(&entries[place - 1], "journal"));
            entries.insert(place + 1, second);
            entries.insert(place + 1, first);
        },
    },
    Mutation {
        name: "a step of two is never done",
        property: "all_or_nothing",
        fits: |history, place| is(history, place, |event| goes_by(event, "trip/hotel")),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "the first step is undone first",
        property: "all_or_nothing",
        fits: |history, place| is(history, place, |event| goes_by(event, "tour/hotel/undo")),
        damage: |entries, place| {
            if let Event::Environment(Environment::Executed { key, .. }) = &mut entries[place].event {
                *key = Some("tour/flight/undo".to_owned());
            }
        },
    },
    Mutation {
        name: "nobody notices that somebody is gone",
        property: "sound_suspicion",
        fits: |history, place| fact(history, place, |fact| matches!(fact, Fact::Suspects { .. })),
        damage: |entries, place| drop(entries.remove(place)),
    },
    Mutation {
        name: "somebody who runs is suspected again and again",
        property: "sound_suspicion",
        fits: |history, place| {
            is(history, place, |event| matches!(event, Event::Environment(Environment::Paused)))
                && history.entries()[place].node.role() == synod::id::Role::Agent
        },
        damage: |entries, place| {
            let suspects = entries.iter().find(|entry| matches!(entry.event, Event::Fact(Fact::Suspects { .. })));
            let suspects = Entry { at: entries[place].at, ..suspects.expect("there is one").clone() };
            (0..9).for_each(|_| entries.insert(place, suspects.clone()));
        },
    },
    Mutation {
        name: "work is claimed without end",
        property: "no_livelock",
        fits: |history, place| fact(history, place, |fact| matches!(fact, Fact::Claimed { .. })),
        damage: |entries, place| again(entries, place, 6),
    },
    Mutation {
        name: "a call is made again at once, and again",
        property: "retry_gaps",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::CallEnded { call, .. } if call == "call_11"))
        },
        damage: |entries, place| {
            let [called, ended] = [&entries[place - 1], &entries[place]].map(Entry::clone);
            for _ in 0..3 {
                entries.insert(place + 1, ended.clone());
                entries.insert(place + 1, called.clone());
            }
        },
    },
    Mutation {
        name: "what was acknowledged is never concluded",
        property: "no_lost_work",
        fits: |history, place| {
            fact(history, place, |fact| matches!(fact, Fact::Concluded { work, .. } if work == "report"))
        },
        damage: |entries, place| drop(entries.remove(place)),
    },
];
