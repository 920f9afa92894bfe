//! Outside of a simulation messages go over wires and state lies on disks: both come back as they were.

use super::{Debate, Paxos, Raft, Refine};
use crate::id::{Members, NodeId};
use crate::protocol::Protocol;
use crate::protocol::storm::Storm;
use crate::protocol::team::TeamProtocol;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let bytes = postcard::to_stdvec(value).expect("it can be written");
    assert_eq!(postcard::from_bytes::<T>(&bytes).as_ref(), Ok(value));
    let json = serde_json::to_string(value).expect("it can be written as JSON");
    assert_eq!(serde_json::from_str::<T>(&json).expect("its own JSON"), *value);
}

/// Every message and every disk of some stormy runs, and how many messages those were.
fn storms<P: TeamProtocol>(make: impl Fn(NodeId, &Members) -> P + Copy + 'static) -> usize
where
    P::Message: Serialize + DeserializeOwned,
    P::Durable: Serialize + DeserializeOwned,
{
    let mut messages = 0;
    for seed in 0..4 {
        let mut storm = Storm::new(seed, 3, make);
        for _ in 0..120 {
            storm.rage(5);
            storm.rig.mail.iter().for_each(|letter| comes_back(&letter.message));
            messages += storm.rig.mail.len();
        }
        Members::of(3).iter().for_each(|member| comes_back(storm.rig.disk(member)));
    }
    messages
}

fn travels<P: Protocol>()
where
    P::Message: Serialize + DeserializeOwned,
    P::Write: Serialize + DeserializeOwned,
{
}

#[test]
fn what_protocols_send_and_keep_goes_over_wires_and_comes_back() {
    let seen = [storms(Raft::factory), storms(Paxos::factory), storms(Debate::factory), storms(Refine::factory)];
    assert!(seen.iter().all(|messages| *messages > 100), "{seen:?}");
    travels::<Raft>();
    travels::<Paxos>();
    travels::<Debate>();
    travels::<Refine>();
}
