//! Members that talk over each channel: every promise holds under every fault that the channel promises to survive.

use crate::evidence;
use synod::check::{
    AllDelivered, CausalDelivery, DeliveredOnce, ElectionSafety, FifoDelivery, NoInventedLetter, TotalOrder,
};
use synod::fault::Nemesis;
use synod::id::{Members, NodeId};
use synod::protocol::channel::{Bounds, Channel, Correspondent, Letters, Line, Order, Subject, Total};
use synod::protocol::team::TeamProtocol;
use synod::scenario::Scenario;
use synod::time::seconds;

/// So small that talks meet every bound.
const NARROW: Bounds = Bounds { outbox: 6, window: 3, held: 3, inbox: 3, ..usual() };

/// [`Bounds::default`], which is no constant.
const fn usual() -> Bounds {
    Bounds {
        outbox: 64,
        window: 16,
        held: 16,
        inbox: 32,
        body: 65_536,
        resend: synod::time::millis(700),
        resend_most: seconds(5),
    }
}

/// Links, processes and disks. No channel asks a model anything.
pub(crate) fn nemesis() -> Nemesis {
    Nemesis::network() + Nemesis::processes()
}

/// What every channel promises.
pub(crate) fn deliveries<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    scenario.expect(NoInventedLetter).expect(DeliveredOnce).expect(AllDelivered::DEFAULT)
}

fn talk<C: Channel>(
    name: &str,
    about: &str,
    letters: Letters,
    channel: impl Fn(NodeId, &Members) -> C + Send + Sync + 'static,
) -> Scenario<Correspondent<C>> {
    let subject = Subject::Talk { letters };
    let member = move |me, members: &Members| Correspondent::new(me, members, subject, channel(me, members));
    let scenario = Scenario::new(name).about(about).team(4, member).sizes([3, 4, 5]);
    let scenario = scenario.workload(3, 6).thinking(seconds(6)).phases(seconds(40), seconds(140));
    evidence::of_team(deliveries(scenario.nemesis(nemesis())))
}

/// An end of a channel with narrow bounds.
#[must_use]
pub fn narrow_line(order: Order, me: NodeId, members: &Members) -> Line {
    Line::new(me, members, order, NARROW)
}

/// The same in total order.
#[must_use]
pub fn narrow_total(me: NodeId, members: &Members) -> Total {
    Total::new(me, members, NARROW)
}

/// A talk over letters in no order, with any ends in place of the correct ones.
pub fn unordered_of(
    channel: impl Fn(NodeId, &Members) -> Line + Send + Sync + 'static,
) -> Scenario<Correspondent<Line>> {
    let about = "members talk; each letter arrives once, in any order, and no order is asked for";
    evidence::of_disorder(talk("channel_unordered", about, Letters::ToAllAndToOne, channel))
}

/// The same in each sender's order.
pub fn fifo_of(channel: impl Fn(NodeId, &Members) -> Line + Send + Sync + 'static) -> Scenario<Correspondent<Line>> {
    let about = "members talk; each sender's letters arrive in order, over crashes and cut links";
    talk("channel_fifo", about, Letters::ToAllAndToOne, channel).expect(FifoDelivery)
}

/// The same in causal order.
pub fn causal_of(channel: impl Fn(NodeId, &Members) -> Line + Send + Sync + 'static) -> Scenario<Correspondent<Line>> {
    let about = "members talk to all and to one; each letter arrives after all that its writer knew";
    talk("channel_causal", about, Letters::ToAllAndToOne, channel).expect(FifoDelivery).expect(CausalDelivery)
}

/// The same in one order for all.
pub fn total_of(channel: impl Fn(NodeId, &Members) -> Total + Send + Sync + 'static) -> Scenario<Correspondent<Total>> {
    let about = "members talk to all through Raft's log; everybody hears everything in one order";
    let scenario = talk("channel_total", about, Letters::ToAll, channel).expect(FifoDelivery).expect(CausalDelivery);
    scenario.expect(TotalOrder).expect(ElectionSafety)
}

pub(crate) fn unordered() -> Scenario<Correspondent<Line>> {
    unordered_of(|me, members| narrow_line(Order::Unordered, me, members))
}

pub(crate) fn fifo() -> Scenario<Correspondent<Line>> {
    fifo_of(|me, members| narrow_line(Order::Fifo, me, members))
}

pub(crate) fn causal() -> Scenario<Correspondent<Line>> {
    causal_of(|me, members| narrow_line(Order::Causal, me, members))
}

pub(crate) fn total() -> Scenario<Correspondent<Total>> {
    total_of(narrow_total)
}
