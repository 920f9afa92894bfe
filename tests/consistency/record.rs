//! Oracles' operations as a store's history.

use crate::models::Op;
use synod::call::{Call, Outcome, ValueId, Version};
use synod::history::store::{Answer, Invocation, Return, StoreHistory};
use synod::id::OpId;
use synod::time::Time;

/// Whether versions are stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamps {
    None,
    /// Every write, and every read by the value it returned. Only for values that are written once under a key.
    All,
}

/// The history of these operations. Those of one session must not overlap, unless the earlier one never ends.
pub fn history(ops: &[Op], stamps: Stamps) -> StoreHistory {
    let mut history = StoreHistory::default();
    let mut events: Vec<(u32, usize, bool)> = Vec::new();
    for (place, op) in ops.iter().enumerate() {
        events.push((op.invoked, place, true));
        // Given up right before the session goes on.
        let next = ops.iter().filter(|other| other.session == op.session && other.invoked > op.invoked);
        let given_up = next.map(|other| other.invoked).min();
        events.extend(op.returned.or(given_up).map(|at| (at, place, false)));
    }
    events.sort_by_key(|(at, _, begins)| (*at, *begins));
    let mut made: Vec<Option<OpId>> = vec![None; ops.len()];
    for (at, place, begins) in events {
        let op = &ops[place];
        let at = Time(u64::from(at));
        if begins {
            let session = history.session(&format!("s{}", op.session));
            let key = history.key(&format!("k{}", op.key));
            let [value, expected] = [op.value, op.expected].map(|number| value(&mut history, number));
            let call = Invocation { value, expected, ..Invocation::of(session, key, op.call) };
            made[place] = Some(history.invoke(at, call).expect("a history that can be"));
            if stamps == Stamps::All && op.outcome == Outcome::Open && op.call.changes() {
                let version = version(&mut history, ops, place);
                history.stamp(made[place].expect("just made").0 as usize, Some(version)).expect("a fresh version");
            }
        } else {
            let end = end(&mut history, ops, place, stamps);
            history.complete(at, made[place].expect("made before"), end).expect("an end that can be");
        }
    }
    history
}

fn value(history: &mut StoreHistory, number: u32) -> ValueId {
    if number == 0 { ValueId::NOTHING } else { history.value(&format!("v{number}")) }
}

fn end(history: &mut StoreHistory, ops: &[Op], place: usize, stamps: Stamps) -> Return {
    let op = &ops[place];
    let answer = match &op.list {
        Some(list) => {
            let list = list.iter().map(|number| value(history, *number)).collect();
            Answer::List(history.list(list))
        }
        None => Answer::Value(value(history, op.got)),
    };
    let outcome = if op.returned.is_none() { Outcome::Open } else { op.outcome };
    let stamped = stamps == Stamps::All && outcome == Outcome::Ok;
    let version = match op.call {
        _ if !stamped => None,
        Call::Read if op.got == 0 => Some(Version::INITIAL),
        Call::Read => {
            let wrote = |other: &Op| other.call == Call::Write && other.key == op.key && other.value == op.got;
            ops.iter().position(wrote).map(|write| version(history, ops, write))
        }
        _ => Some(version(history, ops, place)),
    };
    Return { outcome, answer, version }
}

/// The n-th change of its session.
fn version(history: &mut StoreHistory, ops: &[Op], place: usize) -> Version {
    let op = &ops[place];
    let earlier = ops.iter().filter(|other| other.session == op.session && other.call.changes());
    let number = earlier.filter(|other| other.invoked <= op.invoked).count() as u32;
    Version::of(history.session(&format!("s{}", op.session)), number)
}
