//! The patterns in which agents work together, each a small team with a real task, on any store and any channel.
//!
//! Every member has its share of the evidence and a model that is never wrong of itself but knows only what it was
//! shown. So a wrong decision has one cause: something that was shared did not come through. The pattern says how it is
//! shared. One file each; what depends on the rung is written `rung.…` there, and counted.

mod board;
mod desk;
mod draft;
mod fan_out;
mod graph;
mod hand_off;
mod mail;
mod scratchpad;
mod thread;
mod topic;

use synod::Sim;
use synod::check::consistency::{
    CausalConsistency, CausalConvergence, EventualConvergence, Guarantee, Linearizable, NoCausalCascade, NoLongFork,
    NoLostUpdate, NoPhantomTool, NoStaleGeneration, NoWriteSkew, SessionGuarantee, Sight,
};
use synod::check::{CausalDelivery, Check, FifoDelivery, NoStaleHandOff, OfStore, TotalOrder};
use synod::fault::Nemesis;
use synod::model::{Evidence, Profile};
use synod::protocol::Protocol;
use synod::protocol::channel::Line;
use synod::scenario::{Parts, Pattern, Story};
use synod::time::{Duration, minutes, seconds};

/// How long an agent that has done its part goes on serving its end of the channel: the whole of a run's faults.
const LINGER: Duration = seconds(120);

/// How long faults last. Several turns of every agent fall into it.
const TROUBLE: Duration = seconds(60);

/// Faults in one run, at most. A note goes from replica to replica over one of thirty links, at two or three instants
/// of a minute; of the usual 24 faults, most of which last less than two seconds, hardly any meets it.
const FAULTS: u64 = 96;

/// Every pattern, in the order in which the matrix shows them.
pub(crate) fn all() -> Vec<Pattern> {
    let under = format!(
        "links, processes and disks fail for {TROUBLE}, up to {FAULTS} faults a run, more than plans usually have; \
         models are right about what they are shown"
    );
    let all = [
        scratchpad::pattern(),
        thread::pattern(),
        topic::pattern(),
        hand_off::pattern(),
        fan_out::pattern(),
        board::pattern(),
        graph::pattern(),
    ];
    all.map(|pattern| pattern.under(&*under)).into()
}

/// A cell: what the pattern sets up, under links, processes and disks that fail. On which store and which channel that
/// is, stands in the pattern's own file.
fn cell(name: &str, about: &str, parts: Parts, set_up: impl Fn(&Sim) + Copy + Send + Sync + 'static) -> Story {
    let body = move |sim: Sim| async move {
        sim.evidence(Evidence::Spread).model(Profile::perfect());
        set_up(&sim);
        sim.heal_after(TROUBLE).nemesis(nemesis());
        sim.run_for(minutes(8)).await;
        judge(&sim, parts);
    };
    Story::new(name, body).about(about)
}

/// Links, processes and disks fail as every channel promises to survive; stores promise no more. Whoever promises less
/// than another one is compared with it under the same faults.
fn nemesis() -> Nemesis {
    (Nemesis::network() + Nemesis::processes()).borne(Line::tolerance).at_most(FAULTS)
}

/// Everything that may be asked of these parts.
fn judge(sim: &Sim, parts: Parts) {
    if parts != Parts::Channel {
        stores().into_iter().for_each(|check| sim.check_boxed(check));
    }
    if parts != Parts::Store {
        sim.check(FifoDelivery);
        sim.check(CausalDelivery);
        sim.check(TotalOrder);
    }
    if parts == Parts::Both {
        sim.check(NoStaleHandOff);
    }
}

/// Levels, the strongest first, then anomalies.
fn stores() -> Vec<Box<dyn Check>> {
    let sight = Sight::Recorded;
    let session = |guarantee| Box::new(OfStore::entry_by_entry(SessionGuarantee::of(guarantee))) as Box<dyn Check>;
    vec![
        Box::new(OfStore::whole(Linearizable::DEFAULT)),
        Box::new(OfStore::entry_by_entry(CausalConvergence::default())),
        Box::new(OfStore::entry_by_entry(CausalConsistency::default())),
        session(Guarantee::ReadYourWrites),
        session(Guarantee::MonotonicReads),
        session(Guarantee::MonotonicWrites),
        session(Guarantee::WritesFollowReads),
        Box::new(OfStore::whole(EventualConvergence)),
        Box::new(OfStore::entry_by_entry(NoLostUpdate { sight })),
        Box::new(OfStore::entry_by_entry(NoStaleGeneration { sight })),
        Box::new(OfStore::entry_by_entry(NoPhantomTool)),
        Box::new(OfStore::entry_by_entry(NoCausalCascade { sight })),
        Box::new(OfStore::entry_by_entry(NoWriteSkew { sight })),
        Box::new(OfStore::entry_by_entry(NoLongFork { sight })),
    ]
}
