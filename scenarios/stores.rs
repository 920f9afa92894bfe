//! Shared stores: what each promises and keeps under every fault that it promises to survive, and what `weak` allows.

use crate::evidence;
use synod::check::consistency::{
    CausalConsistency, CausalConvergence, EventualConvergence, Guarantee, Linearizable, SessionGuarantee,
    StrongConvergence,
};
use synod::check::{CallsAnswered, Check, ClockValidity, OfStore, ThreadEntries};
use synod::fault::Nemesis;
use synod::id::{Members, NodeId};
use synod::protocol::store::gossip::Config;
use synod::protocol::store::{Gossip, Order, Strong, Weak};
use synod::protocol::team::TeamProtocol;
use synod::scenario::Scenario;
use synod::time::{millis, seconds};
use synod::world::{Sessions, Silence, Turns};

/// A dictionary that everyone overwrites.
pub(crate) fn weak() -> Scenario<Weak> {
    weak_violating(causal_consistency())
}

/// The same, expected to violate this.
#[must_use]
pub fn weak_violating(check: impl Check + 'static) -> Scenario<Weak> {
    evidence::of_store(store("weak", "a shared dictionary, overwritten in place", Weak::factory, plan()))
        .violating(check)
}

/// The last writer wins.
pub(crate) fn eventual() -> Scenario<Gossip> {
    eventual_of(Gossip::eventual)
}

/// The same with another replica in place of the correct one: same nemesis, same budgets, same properties.
pub fn eventual_of(factory: impl Fn(NodeId, &Members) -> Gossip + Send + Sync + 'static) -> Scenario<Gossip> {
    let about = "the last writer wins, and anti-entropy makes up for what was lost";
    let scenario = evidence::of_tombstones(evidence::of_store(store("eventual", about, factory, plan())));
    scenario
        .expect(OfStore::whole(EventualConvergence))
        .expect(OfStore::whole(StrongConvergence))
        .expect(ThreadEntries::DEFAULT)
        .expect(ClockValidity)
        .expect(CallsAnswered::DEFAULT)
}

/// The store `eventual`, expected to violate this: what causal order adds.
#[must_use]
pub fn eventual_violating(check: impl Check + 'static) -> Scenario<Gossip> {
    store("eventual", "the last writer wins", Gossip::eventual, plan()).violating(check)
}

/// Causal order and session tokens.
pub(crate) fn causal() -> Scenario<Gossip> {
    causal_of(|me, members| Gossip::new(me, members, causal_config()))
}

/// The configuration of that store. Replicas make up for what was lost so seldom that sessions meet the gap: an update
/// without what it follows is otherwise put right before anybody looks.
#[must_use]
pub fn causal_config() -> Config {
    Config { gossip: seconds(2)..=seconds(5), ..Config::of(Order::Causal) }
}

/// The same with another replica in place of the correct one.
pub fn causal_of(factory: impl Fn(NodeId, &Members) -> Gossip + Send + Sync + 'static) -> Scenario<Gossip> {
    let about = "updates wait for what they depend on, and sessions carry what they saw";
    let scenario = evidence::of_tombstones(evidence::of_store(store("causal", about, factory, plan())));
    // Through the same lens as the others: what replicas tell is the same through any.
    judged(scenario)
        .expect(OfStore::entry_by_entry(EventualConvergence))
        .expect(OfStore::entry_by_entry(StrongConvergence))
        .expect(ThreadEntries::DEFAULT)
        .expect(ClockValidity)
        .expect(CallsAnswered::DEFAULT)
}

/// A state machine on Raft's log.
pub(crate) fn strong() -> Scenario<Strong> {
    strong_of(Strong::factory)
}

/// The same with another member in place of the correct one.
pub fn strong_of(factory: impl Fn(NodeId, &Members) -> Strong + Send + Sync + 'static) -> Scenario<Strong> {
    let plan = Sessions { turns: Turns::Swap, silence: Silence::Repeats(seconds(25)), ..plan() };
    let scenario =
        store("strong", "notes on Raft's log, with compare-and-set and reads that are confirmed", factory, plan);
    let scenario = evidence::of_log(evidence::of_store(scenario));
    scenario.expect(OfStore::whole(Linearizable::DEFAULT)).expect(CallsAnswered::DEFAULT)
}

/// Few keys and many sessions, so that they meet; pauses from none to as long as an election.
fn plan() -> Sessions {
    Sessions {
        clients: 5,
        calls: 24,
        notes: 2,
        threads: 1,
        think: millis(1_800),
        patience: seconds(3),
        turns: Turns::Overwrite,
        silence: Silence::GivesUp,
        recovery: CallsAnswered::DEFAULT.recovery,
        settling: seconds(20),
    }
}

fn store<P: TeamProtocol>(
    name: &str,
    about: &str,
    factory: impl Fn(NodeId, &Members) -> P + Send + Sync + 'static,
    plan: Sessions,
) -> Scenario<P> {
    let scenario = Scenario::new(name).about(about).team(3, factory).sizes([3, 4, 5]);
    scenario.sessions(plan).nemesis(Nemesis::all()).phases(seconds(40), seconds(200))
}

fn causal_consistency() -> OfStore<CausalConsistency> {
    OfStore::entry_by_entry(CausalConsistency::default())
}

/// Everything that causal order promises.
fn judged<P: TeamProtocol>(scenario: Scenario<P>) -> Scenario<P> {
    let session = |guarantee| OfStore::entry_by_entry(SessionGuarantee::of(guarantee));
    scenario
        .expect(causal_consistency())
        .expect(OfStore::entry_by_entry(CausalConvergence::default()))
        .expect(session(Guarantee::ReadYourWrites))
        .expect(session(Guarantee::MonotonicReads))
        .expect(session(Guarantee::MonotonicWrites))
        .expect(session(Guarantee::WritesFollowReads))
}
