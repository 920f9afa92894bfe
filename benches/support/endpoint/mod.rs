//! madsim's own network as the baseline: one madsim node per member, each reached through an `Endpoint`.
//!
//! Messages travel as typed values, never as bytes: the cheapest way that `Endpoint` has.

pub mod raft;
pub mod ring;

use madsim::Config;
use madsim::net::Endpoint;
use madsim::runtime::{NodeHandle, Runtime};
use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Every message has the same tag: members take what comes.
const TAG: u64 = 1;

/// A team of madsim nodes.
pub struct Team {
    runtime: Runtime,
    nodes: Vec<NodeHandle>,
    tally: Arc<Tally>,
}

impl Team {
    /// A runtime with so many nodes, to be stopped after so many messages.
    pub fn new(members: usize, seed: u64, messages: u64) -> Team {
        let runtime = Runtime::with_seed_and_config(seed, Config::default());
        let nodes = (0..members).map(|member| runtime.create_node().ip(address(member).ip()).build()).collect();
        let tally = Arc::new(Tally { sent: AtomicU64::new(0), enough: messages, reached: Notify::new() });
        Team { runtime, nodes, tally }
    }

    /// Starts a member's life on its node.
    pub fn start<Life>(&self, member: usize, live: impl FnOnce(Line) -> Life + Send + 'static)
    where
        Life: Future<Output = ()> + Send + 'static,
    {
        let tally = self.tally.clone();
        self.nodes[member].spawn(async move {
            let endpoint = Endpoint::bind(address(member)).await.expect("an address of the node");
            // Whoever binds later than a message arrives never gets it.
            madsim::time::sleep(Duration::from_millis(10)).await;
            live(Line { endpoint, tally }).await;
        });
    }

    /// Runs until enough was sent; returns how much that is.
    pub fn run(self) -> u64 {
        self.runtime.block_on(async {
            self.tally.reached.notified().await;
            // A task that outlives its runtime holds on to it: kill all, and let the executor drop them.
            self.nodes.iter().for_each(|node| self.runtime.handle().kill(node.id()));
            madsim::time::sleep(Duration::from_millis(1)).await;
        });
        self.tally.sent.load(Ordering::Relaxed)
    }
}

fn address(member: usize) -> SocketAddr {
    let last = u8::try_from(member + 1).expect("a small team");
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), 1)
}

/// Counts what is sent and tells when it is enough.
struct Tally {
    sent: AtomicU64,
    enough: u64,
    reached: Notify,
}

/// A member's way to the others.
#[derive(Clone)]
pub struct Line {
    endpoint: Endpoint,
    tally: Arc<Tally>,
}

impl Line {
    /// Sends a message.
    pub async fn send<M: Any + Send + Sync>(&self, to: usize, message: M) {
        if self.tally.sent.fetch_add(1, Ordering::Relaxed) + 1 == self.tally.enough {
            self.tally.reached.notify_one();
        }
        self.endpoint.send_to_raw(address(to), TAG, Box::new(message)).await.expect("a network without faults");
    }

    /// The next message, and which member sent it.
    pub async fn receive<M: Any>(&self) -> (usize, M) {
        let (payload, from) = self.endpoint.recv_from_raw(TAG).await.expect("a network without faults");
        let IpAddr::V4(ip) = from.ip() else { panic!("every member has a version 4 address") };
        (usize::from(ip.octets()[3]) - 1, *payload.downcast::<M>().expect("one type of message in a team"))
    }
}
