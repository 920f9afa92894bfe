//! Laws over arbitrary schedules and histories: what the exported strategies make, and what holds whatever they make.

use proptest::prelude::*;
use std::collections::BTreeMap;
use synod::arbitrary::{Team, histories, schedules};
use synod::check::{Agreement, Check, Verdict};
use synod::fact::{Fact, Slot, Value};
use synod::fault::{Kind, Nemesis, Schedule};
use synod::history::{Event, History, read};
use synod::protocol::consensus::Raft;
use synod::scenario::{Frozen, Job, Runnable, Scenario};
use synod::seed::Seed;
use synod::time::{Time, seconds};

/// Whether two members ever decided one slot differently, by looking at every pair.
fn disagree(history: &History) -> bool {
    let mut first: BTreeMap<Slot, Value> = BTreeMap::new();
    history.entries().iter().any(|entry| match &entry.event {
        Event::Fact(Fact::Decided { slot, value }) => first.entry(*slot).or_insert_with(|| value.clone()) != value,
        _ => false,
    })
}

/// Kinds that Raft bears, so that nothing it promises is lost under them.
fn borne() -> Vec<Kind> {
    vec![
        Kind::Loss,
        Kind::Duplicate,
        Kind::Reorder,
        Kind::DelayConstant,
        Kind::PartitionIsolate,
        Kind::Crash,
        Kind::Pause,
    ]
}

fn team(schedule: Schedule) -> Scenario<Raft> {
    let team = Scenario::new("team").team(3, Raft::factory).nemesis(Nemesis::none()).schedule(schedule);
    team.expect(Agreement)
}

proptest! {
    #[test]
    fn agreement_is_violated_exactly_where_two_members_decide_one_slot_differently(
        history in histories(Team { agents: 4, slots: 3, values: 2 }, 30),
    ) {
        let violated = matches!(Agreement.check(&history), Verdict::Violated(_));
        prop_assert_eq!(violated, disagree(&history));
    }

    #[test]
    fn any_history_is_read_as_it_was_written(history in histories(Team { agents: 3, slots: 2, values: 3 }, 30)) {
        let mut text = Vec::new();
        synod::history::write(&history, &mut text).expect("memory takes everything");
        let again = read(&text[..]).expect("what was written can be read");
        prop_assert_eq!(again.entries(), history.entries());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn raft_agrees_under_any_schedule_that_it_bears(
        schedule in schedules(3, borne(), Time::ZERO + seconds(30), 12),
        seed in 0u64..1_000,
    ) {
        let run = team(schedule).run(&Job::of(Seed(seed)), &Frozen);
        prop_assert!(run.violation().is_none(), "{:?}", run.violation());
    }
}
