//! The two workloads on which checkers of shared stores are measured, in time (`benches/consistency.rs`) and in memory
//! (`tests/memory`).
//!
//! `LIN(n,c,K)`: c closed-loop clients; an operation takes U[1,100] to its point and U[1,100] more to return, think
//! time U[1,20]; half reads, uniform key, every value written once. `CAUSAL(n,k,K)`: k replicas, a session each; key
//! floor(K·u²); half reads; last writer wins by (Lamport time, replica); before one operation in twenty the replica
//! takes in all that a random other has.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use synod::call::{Call, KeyId, SessionId, ValueId, Version};
use synod::history::store::{Invocation, Return, StoreHistory};
use synod::id::OpId;
use synod::time::Time;

/// SplitMix64.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Invoke,
    Point,
    Return,
}

/// `LIN(count, clients, keys)`: linearizable.
pub fn lin(count: usize, clients: u64, keys: u64) -> StoreHistory {
    let mut draws = Draws(1);
    let mut history = StoreHistory::default();
    let sessions: Vec<SessionId> = (0..clients).map(|client| history.session(&format!("c{client}"))).collect();
    let keys: Vec<KeyId> = (0..keys).map(|key| history.key(&format!("k{key}"))).collect();
    let mut store: Vec<(ValueId, Version)> = vec![(ValueId::NOTHING, Version::INITIAL); keys.len()];
    let mut written = vec![0; sessions.len()];
    let mut flights: Vec<Option<(OpId, usize, ValueId, Return)>> = vec![None; sessions.len()];
    let mut queue: BinaryHeap<Reverse<(u64, Moment, usize)>> =
        (0..sessions.len()).map(|client| Reverse((1 + draws.below(20), Moment::Invoke, client))).collect();
    let mut begun = 0;
    while let Some(Reverse((at, moment, client))) = queue.pop() {
        match moment {
            Moment::Invoke if begun == count => {}
            Moment::Invoke => {
                begun += 1;
                let key = draws.below(keys.len() as u64) as usize;
                let mut call = Invocation::of(sessions[client], keys[key], Call::Read);
                if draws.below(2) == 0 {
                    call = Invocation { call: Call::Write, ..call }.with(history.fresh_value());
                }
                let op = history.invoke(Time(at), call).expect("one at a time");
                flights[client] = Some((op, key, call.value, Return::OK));
                queue.push(Reverse((at + 1 + draws.below(100), Moment::Point, client)));
            }
            Moment::Point => {
                let (_, key, value, end) = flights[client].as_mut().expect("under way");
                if *value == ValueId::NOTHING {
                    *end = Return::value(store[*key].0).at(store[*key].1);
                } else {
                    written[client] += 1;
                    store[*key] = (*value, Version::of(sessions[client], written[client]));
                    *end = Return::OK.at(store[*key].1);
                }
                queue.push(Reverse((at + 1 + draws.below(100), Moment::Return, client)));
            }
            Moment::Return => {
                let (op, _, _, end) = flights[client].take().expect("under way");
                history.complete(Time(at), op, end).expect("it was invoked");
                queue.push(Reverse((at + 1 + draws.below(20), Moment::Invoke, client)));
            }
        }
    }
    history
}

#[derive(Clone, Copy)]
struct Held {
    stamp: (u64, usize),
    value: ValueId,
    version: Version,
}

/// `CAUSAL(count, replicas, keys)`: causally consistent and convergent.
pub fn causal(count: usize, replicas: usize, keys: usize) -> StoreHistory {
    let mut draws = Draws(2);
    let mut history = StoreHistory::default();
    let sessions: Vec<SessionId> = (0..replicas).map(|replica| history.session(&format!("a{replica}"))).collect();
    let key_ids: Vec<KeyId> = (0..keys).map(|key| history.key(&format!("k{key}"))).collect();
    let mut states: Vec<Vec<Option<Held>>> = vec![vec![None; keys]; replicas];
    let (mut clocks, mut written) = (vec![0u64; replicas], vec![0u32; replicas]);
    for at in 0..count as u64 {
        let me = draws.below(replicas as u64) as usize;
        if draws.below(20) == 0 {
            let other = draws.below(replicas as u64) as usize;
            clocks[me] = clocks[me].max(clocks[other]);
            let theirs = states[other].clone();
            for (mine, theirs) in states[me].iter_mut().zip(theirs) {
                if theirs.map(|held| held.stamp) > mine.map(|held| held.stamp) {
                    *mine = theirs;
                }
            }
        }
        let drawn = draws.below(1 << 20);
        let key = ((keys as u64 * drawn * drawn) >> 40) as usize;
        clocks[me] += 1;
        let reads = draws.below(2) == 0;
        let (call, end) = match states[me][key].filter(|_| reads) {
            Some(held) => {
                let end = Return::value(held.value).at(held.version);
                (Invocation::of(sessions[me], key_ids[key], Call::Read), end)
            }
            None => {
                written[me] += 1;
                let (value, version) = (history.fresh_value(), Version::of(sessions[me], written[me]));
                states[me][key] = Some(Held { stamp: (clocks[me], me), value, version });
                (Invocation::of(sessions[me], key_ids[key], Call::Write).with(value), Return::OK.at(version))
            }
        };
        let op = history.invoke(Time(at), call).expect("one at a time");
        history.complete(Time(at), op, end).expect("it was invoked");
    }
    history
}
