//! Bugs of channels, each on the weakest channel that it breaks, with bounds so narrow that talks meet them.

use super::carrier::Carrier;
use super::{Bug, Family, Row, Switch, listed, row};
use crate::channels::{causal_of, fifo_of, narrow_line, narrow_total, total_of, unordered_of};
use synod::id::{Members, NodeId};
use synod::protocol::channel::line::Planted;
use synod::protocol::channel::{Line, Order, total};

const LINE: &[Row<Planted, Order>] = &[
    row(
        Planted::OmitsADependency,
        "C01",
        Order::Causal,
        "causal_delivery",
        "a dependency that is left out is overtaken",
    ),
    row(
        Planted::ForgetsWhatOthersKnew,
        "C01",
        Order::Causal,
        "causal_delivery",
        "dependencies that do not chain are overtaken",
    ),
    row(
        Planted::DeliversWithoutWaiting,
        "C02",
        Order::Causal,
        "causal_delivery",
        "a letter that does not wait for its past overtakes it",
    ),
    row(
        Planted::TakesAnyLaterNumber,
        "C04",
        Order::Fifo,
        "all_delivered",
        "a letter taken over a gap loses what was in the gap",
    ),
    row(
        Planted::TakesRepetitions,
        "C11",
        Order::Unordered,
        "delivered_once",
        "a repetition that is taken for a letter is delivered twice",
    ),
    row(
        Planted::NumbersAnewAfterRestart,
        "F01",
        Order::Fifo,
        "all_delivered",
        "numbers that begin again after a restart are taken for repetitions",
    ),
    row(
        Planted::PipelinesPastGaps,
        "F02",
        Order::Fifo,
        "fifo_delivery",
        "a retry behind a full pipeline comes too late",
    ),
    row(
        Planted::AcksBeforeDisk,
        "R17",
        Order::Unordered,
        "all_delivered",
        "an acknowledgement before the write loses a letter",
    ),
    row(
        Planted::SendsOnce,
        super::OWN,
        Order::Unordered,
        "all_delivered",
        "a letter that a link lost is never sent again",
    ),
];

const TOTAL: &[Row<total::Planted, ()>] = &[
    row(
        total::Planted::DeliversEarly,
        "C02",
        (),
        "total_order",
        "a letter delivered when it is submitted has no place in the order",
    ),
    row(
        total::Planted::ForgetsSendersOrder,
        "F02",
        (),
        "fifo_delivery",
        "a letter that is submitted again is overtaken in the log",
    ),
];

pub(super) fn bugs() -> Vec<Bug> {
    let mut bugs = listed(Family::Channels, "line", LINE, in_line);
    bugs.extend(listed(Family::Channels, "total", TOTAL, |(), bug| in_total(bug)));
    bugs
}

fn in_line(order: Order, bug: Planted) -> Carrier {
    Carrier::of(move |switch| {
        let line = move |me: NodeId, members: &Members| -> Line {
            let line = narrow_line(order, me, members);
            if switch == Switch::Planted { line.with(bug) } else { line }
        };
        match order {
            Order::Unordered => unordered_of(line),
            Order::Fifo => fifo_of(line),
            Order::Causal => causal_of(line),
        }
    })
}

fn in_total(bug: total::Planted) -> Carrier {
    Carrier::of(move |switch| {
        total_of(move |me, members| {
            let total = narrow_total(me, members);
            if switch == Switch::Planted { total.with(bug) } else { total }
        })
    })
}
