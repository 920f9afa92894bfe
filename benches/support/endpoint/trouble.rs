//! Faults that madsim can do: loss, cut links, partitions, crashes with restart. Knows no protocol.
//!
//! They are those of the seed's own plan on Synod, for as long. What madsim's network cannot do the baseline is spared:
//! see [`round`](crate::support::round). What strikes at telling moments on Synod strikes here once, at a drawn
//! instant.

use super::book::Book;
use crate::support::ring::NODES;
use crate::support::round::SAFETY;
use futures::future::join_all;
use madsim::net::NetSim;
use madsim::rand::{Rng, thread_rng};
use madsim::runtime::{Handle, NodeHandle};
use madsim::time::sleep;
use std::cell::RefCell;
use synod::digest::digest_of;
use synod::fault::{Fault, Kind, Site, When};
use synod::history::Environment;
use synod::id::{NodeId, Role};
use synod::time::{Duration, Time};
use synod::trace::Happening;

/// Loss is one number for all of madsim's network, so one link's loss is spread over all.
const LINKS: f64 = 20.0;

/// What madsim can do of a fault.
#[derive(Clone, PartialEq)]
enum Deed {
    Lose(f64),
    Cut(Vec<Link>),
    Down(usize),
}

/// A directed link between two members.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Link {
    from: usize,
    to: usize,
}

/// Faults may overlap: what one of them did stays done until all that did it have ended.
struct Net {
    handle: Handle,
    nodes: Vec<NodeHandle>,
    book: Book,
    /// Every deed that is on.
    active: RefCell<Vec<Deed>>,
}

/// Makes trouble as planned.
pub async fn make(handle: Handle, nodes: Vec<NodeHandle>, book: Book, plan: Vec<Fault>) {
    let net = Net { handle, nodes, book, active: RefCell::default() };
    join_all(plan.iter().filter_map(|fault| deed(fault).map(|deed| strike(&net, deed, fault)))).await;
}

/// One fault, from its beginning to its end.
async fn strike(net: &Net, deed: Deed, fault: &Fault) {
    let begin = match fault.when {
        When::At(at) => at.since(Time::ZERO),
        _ => Duration(thread_rng().gen_range(0..SAFETY.0)),
    };
    sleep(begin.into()).await;
    net.book.happened(0, Happening::FaultBegan, digest_of(fault));
    net.begin(&deed);
    sleep(fault.span.into()).await;
    net.book.happened(0, Happening::FaultEnded, digest_of(&fault.kind));
    net.end(&deed);
}

impl Net {
    fn begin(&self, deed: &Deed) {
        match deed {
            Deed::Lose(_) => {}
            Deed::Cut(links) => links.iter().for_each(|link| {
                NetSim::current().clog_link(self.nodes[link.from].id(), self.nodes[link.to].id());
            }),
            Deed::Down(member) if self.is_down(*member) => {}
            Deed::Down(member) => {
                self.handle.kill(self.nodes[*member].id());
                self.book.happened(*member, Happening::Crashed, 0);
                self.book.environment(*member, Environment::Crashed);
            }
        }
        self.active.borrow_mut().push(deed.clone());
        self.lose();
    }

    fn end(&self, deed: &Deed) {
        let place = self.active.borrow().iter().position(|active| active == deed).expect("a deed that began");
        self.active.borrow_mut().remove(place);
        match deed {
            Deed::Lose(_) => self.lose(),
            Deed::Cut(links) => links.iter().filter(|link| !self.is_cut(**link)).for_each(|link| {
                NetSim::current().unclog_link(self.nodes[link.from].id(), self.nodes[link.to].id());
            }),
            Deed::Down(member) if self.is_down(*member) => {}
            Deed::Down(member) => self.handle.restart(self.nodes[*member].id()),
        }
    }

    /// As much is lost as the worst active fault says.
    fn lose(&self) {
        let active = self.active.borrow();
        let rates = active.iter().map(|deed| if let Deed::Lose(rate) = deed { *rate } else { 0.0 });
        let worst = rates.fold(0.0, f64::max);
        NetSim::current().update_config(|config| config.packet_loss_rate = worst);
    }

    fn is_cut(&self, link: Link) -> bool {
        self.active.borrow().iter().any(|deed| matches!(deed, Deed::Cut(links) if links.contains(&link)))
    }

    fn is_down(&self, member: usize) -> bool {
        self.active.borrow().iter().any(|deed| matches!(deed, Deed::Down(down) if *down == member))
    }
}

/// What madsim can do of a fault, if anything.
fn deed(fault: &Fault) -> Option<Deed> {
    let members = usize::from(NODES);
    let drawn = || thread_rng().gen_range(0..members);
    let member = |node: &NodeId| (node.role() == Role::Agent).then_some(node.index());
    match (fault.kind, &fault.site) {
        (Kind::Loss, _) => Some(Deed::Lose(fault.rate.part_of(1_000_000) as f64 / 1_000_000.0 / LINKS)),
        (Kind::Crash | Kind::CrashAfterPersist, Site::Node(node)) => member(node).map(Deed::Down),
        (Kind::Crash | Kind::CrashAfterPersist, Site::Whoever) => Some(Deed::Down(drawn())),
        (Kind::Cut | Kind::Flap, Site::Link { from, to }) => {
            Some(Deed::Cut(vec![Link { from: member(from)?, to: member(to)? }]))
        }
        (Kind::PartitionIsolate, Site::Whoever) => Some(Deed::Cut(around(&[drawn()]))),
        (
            Kind::PartitionSplit
            | Kind::PartitionIsolate
            | Kind::PartitionRing
            | Kind::PartitionBridge
            | Kind::PartitionOneWay,
            Site::Side(side),
        ) => Some(Deed::Cut(around(&side.iter().filter_map(member).collect::<Vec<_>>()))),
        _ => None,
    }
}

/// The links between these members and all others.
fn around(side: &[usize]) -> Vec<Link> {
    let all = 0..usize::from(NODES);
    let pairs = all.clone().flat_map(|from| all.clone().map(move |to| Link { from, to }));
    pairs.filter(|link| side.contains(&link.from) != side.contains(&link.to)).collect()
}
