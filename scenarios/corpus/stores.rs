//! Bugs of shared stores, each in the weakest store that promises what it breaks.

use super::carrier::Carrier;
use super::{Bug, Family, Row, listed, row};
use crate::stores::{causal_config, causal_of, eventual_of, strong_of};
use synod::id::{Members, NodeId};
use synod::protocol::store::gossip::{Config, Planted};
use synod::protocol::store::{Gossip, Order, Strong, strong};

const GOSSIP: &[Row<Planted, Order>] = &[
    row(
        Planted::OmitsDependency,
        "C01",
        Order::Causal,
        "causal_consistency",
        "an update that omits a dependency comes before it",
    ),
    row(
        Planted::TakesAtOnce,
        "C02",
        Order::Causal,
        "causal_consistency",
        "an update that waits for nothing comes before what it follows",
    ),
    row(Planted::SkipsGaps, "C04", Order::Any, "eventual_convergence", "a gap that is skipped is never filled"),
    row(
        Planted::IgnoresTokens,
        "C06",
        Order::Causal,
        "read_your_writes",
        "a session that moves without its token misses its own writes",
    ),
    row(
        Planted::StampsByWallClock,
        "C07",
        Order::Causal,
        "causal_consistency",
        "the last writer by wall clock is not the last writer",
    ),
    row(
        Planted::CollectsTooSoon,
        "C08",
        Order::Any,
        "eventual_convergence",
        "a tombstone collected too soon lets a removed note reappear",
    ),
    row(
        Planted::LastToComeWins,
        "C09",
        Order::Any,
        "eventual_convergence",
        "a merge that heeds the order of arrival never converges",
    ),
    row(
        Planted::TakesCallsTwice,
        "C11",
        Order::Causal,
        "strong_convergence",
        "a call that takes effect twice brings an old note back",
    ),
    row(
        Planted::AnswersBeforeDurable,
        "R17",
        Order::Any,
        "eventual_convergence",
        "an update acknowledged before it is durable is lost",
    ),
    row(
        Planted::DropsLogTooSoon,
        super::OWN,
        Order::Any,
        "eventual_convergence",
        "a log dropped too soon leaves a replica behind for ever",
    ),
    row(
        Planted::WatchesHoldWorkers,
        super::OWN,
        Order::Any,
        "calls_answered",
        "watches that nobody waits for any more leave nobody to serve a call",
    ),
    row(
        Planted::AnswersNoSummary,
        super::OWN,
        Order::Any,
        "eventual_convergence",
        "an update that was lost on a link never comes",
    ),
    row(
        Planted::IgnoresDiskErrors,
        super::OWN,
        Order::Any,
        "eventual_convergence",
        "an update that is in memory and on no disk is forgotten by the next crash",
    ),
    row(
        Planted::HearsNoStamps,
        super::OWN,
        Order::Any,
        "clock_validity",
        "a clock that hears no stamps stamps an answer before what it answers",
    ),
    row(
        Planted::DropsLateEntries,
        super::OWN,
        Order::Any,
        "thread_entries",
        "an entry that comes late is acknowledged and shown nowhere",
    ),
];

const STRONG: &[Row<strong::Planted, ()>] = &[
    row(strong::Planted::ReadsUnasked, "R18", (), "linearizable", "a read of a member that asks nobody is stale"),
    row(
        strong::Planted::ComparesBeforehand,
        "A06",
        (),
        "linearizable",
        "a comparison before the proposal loses an update",
    ),
    row(
        strong::Planted::ForgetsCalls,
        "T01",
        (),
        "linearizable",
        "a call sent again as another one takes effect twice",
    ),
];

pub(super) fn bugs() -> Vec<Bug> {
    let mut bugs = listed(Family::Stores, "gossip", GOSSIP, in_gossip);
    bugs.extend(listed(Family::Stores, "strong", STRONG, |(), bug| in_strong(bug)));
    bugs
}

fn in_gossip(order: Order, bug: Planted) -> Carrier {
    Carrier::of(move |switch| {
        let usual = move || match (order, bug) {
            // Replicas that make up for it soon bring the old note to more of those who knew a newer one.
            (Order::Any, _) | (Order::Causal, Planted::TakesCallsTwice) => Config::of(order),
            (Order::Causal, _) => causal_config(),
        };
        let config = move || Config { planted: switch.of(bug), ..usual() };
        let replica = move |me: NodeId, members: &Members| Gossip::new(me, members, config());
        match order {
            Order::Any => eventual_of(replica),
            Order::Causal => causal_of(replica),
        }
    })
}

fn in_strong(bug: strong::Planted) -> Carrier {
    Carrier::of(move |switch| {
        strong_of(move |me, members| match switch.of(bug) {
            Some(bug) => Strong::planted(me, members, bug),
            None => Strong::factory(me, members),
        })
    })
}
