//! Faults that madsim can do: loss, cut links, partitions, crashes with restart. Knows no protocol.
//!
//! As many and as long as the nemesis of the round on Synod has them on an average seed: twelve in eight seconds. What
//! it has besides (duplicates, reordering, corruption, clocks, disks, models) madsim's network cannot do, so the
//! baseline is spared it.

use super::book::Book;
use madsim::net::NetSim;
use madsim::rand::{Rng, thread_rng};
use madsim::runtime::{Handle, NodeHandle};
use madsim::task::{NodeId, spawn_local};
use madsim::time::sleep;
use std::time::Duration;
use synod::history::Environment;
use synod::trace::Happening;

/// Faults of a run, and the most time between the beginnings of two.
const FAULTS: u32 = 12;
const PAUSE: Duration = Duration::from_millis(1_000);
/// The least and the most that a fault lasts.
const SPAN: std::ops::Range<u64> = 500..4_000;
/// How much is lost while loss is on.
const LOSS: f64 = 0.25;

/// What may happen.
#[derive(Clone, Copy)]
enum Fault {
    Loss,
    Cut { from: NodeId, to: NodeId },
    Partition { around: NodeId },
}

/// Makes trouble for a while. One member at a time is down, of the two that a team of five can spare.
pub async fn make(handle: Handle, nodes: Vec<NodeHandle>, book: Book) {
    for _ in 0..FAULTS {
        sleep(thread_rng().gen_range(Duration::ZERO..PAUSE)).await;
        let span = Duration::from_millis(thread_rng().gen_range(SPAN));
        let member = thread_rng().gen_range(0..nodes.len());
        let other = (member + thread_rng().gen_range(1..nodes.len())) % nodes.len();
        let (node, peer) = (nodes[member].id(), nodes[other].id());
        let kind = thread_rng().gen_range(0..4u64);
        book.happened(member, Happening::FaultBegan, kind);
        match kind {
            0 => _ = spawn_local(strike(Fault::Loss, span)),
            1 => _ = spawn_local(strike(Fault::Cut { from: node, to: peer }, span)),
            2 => _ = spawn_local(strike(Fault::Partition { around: node }, span)),
            _ => {
                handle.kill(node);
                book.environment(member, Environment::Crashed);
                sleep(span).await;
                handle.restart(node);
            }
        }
    }
}

/// One fault of the network, from its beginning to its end.
async fn strike(fault: Fault, span: Duration) {
    let net = NetSim::current();
    match fault {
        Fault::Loss => net.update_config(|config| config.packet_loss_rate = LOSS),
        Fault::Cut { from, to } => net.clog_link(from, to),
        Fault::Partition { around } => net.clog_node(around),
    }
    sleep(span).await;
    match fault {
        Fault::Loss => net.update_config(|config| config.packet_loss_rate = 0.0),
        Fault::Cut { from, to } => net.unclog_link(from, to),
        Fault::Partition { around } => net.unclog_node(around),
    }
}
