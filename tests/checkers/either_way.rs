//! Whether judges of letters are told of a whole history or entry by entry makes no difference; nor does what was kept
//! of a history before it went on.

use crate::laws::{config, histories, rebuilt};
use proptest::prelude::*;
use proptest::sample::Index;
use synod::check::{
    AllDelivered, CausalDelivery, Check, DeliveredOnce, FifoDelivery, NoInventedLetter, Observe, Online, TotalOrder,
    Verdict, by_name,
};
use synod::fact::{Decision, Fact, Phase, Slot, Value};
use synod::history::{Entry, Event, History};
use synod::id::{NodeId, ProcessId};
use synod::time::Time;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_judge_of_letters_says_the_same_of_a_whole_history_and_entry_by_entry(
        history in histories(),
        spots in prop::collection::vec((any::<Index>(), any::<Index>()), 0..4),
    ) {
        let mut entries = history.entries().to_vec();
        for (one, other) in spots {
            let (one, other) = (one.index(entries.len()), other.index(entries.len()));
            let event = entries[one].event.clone();
            entries[one].event = std::mem::replace(&mut entries[other].event, event);
        }
        let history = rebuilt(entries);
        same_either_way(NoInventedLetter, &history)?;
        same_either_way(DeliveredOnce, &history)?;
        same_either_way(FifoDelivery, &history)?;
        same_either_way(CausalDelivery, &history)?;
        same_either_way(TotalOrder, &history)?;
        same_either_way(AllDelivered::DEFAULT, &history)?;
    }
}

fn same_either_way(check: impl Online, history: &History) -> Result<(), TestCaseError> {
    let mut state = check.begin();
    let mut entries = history.entries().iter().enumerate();
    let found = entries.find_map(|(place, entry)| state.observe(place, entry));
    let alone = found.map_or_else(|| state.conclude(), Verdict::Violated);
    prop_assert_eq!(alone, check.check(history));
    Ok(())
}

/// At one instant, by the first agent.
fn history_of(facts: impl IntoIterator<Item = Fact>) -> History {
    let entry =
        |fact| Entry { at: Time::ZERO, node: NodeId::agent(0), process: ProcessId(0), event: Event::Fact(fact) };
    rebuilt(facts.into_iter().map(entry).collect())
}

#[test]
fn what_was_kept_of_a_history_is_forgotten_when_it_goes_on() {
    let mut history = history_of([Fact::Sent { number: 1, to: vec![NodeId::agent(0)] }]);
    assert_eq!(NoInventedLetter.check(&history), Verdict::Holds { judged: 0 });
    let unsent = Fact::Delivered { from: NodeId::agent(1), number: 1, position: 1 };
    history.push(history_of([unsent]).entries()[0].clone());
    assert!(NoInventedLetter.check(&history).witness().is_some());
    history.clear();
    assert_eq!(NoInventedLetter.check(&history), Verdict::Holds { judged: 0 });
}

#[test]
fn a_vote_of_an_earlier_round_than_the_lock_is_judged_without_ado() {
    let of = |value| Decision { slot: Slot(1), value: Value::from(value) };
    let history = history_of([
        Fact::Certified { height: 1, round: 1, phase: Phase::Prevote, decision: of("stop"), voters: Vec::new() },
        Fact::Locked { height: 1, round: 5, decision: of("go") },
        Fact::Cast { height: 1, round: 3, phase: Phase::Prevote, choice: Some(of("stop")) },
    ]);
    let verdict = by_name("locked_value").expect("it is known").check(&history);
    assert_eq!(verdict, Verdict::Holds { judged: 1 });
}
