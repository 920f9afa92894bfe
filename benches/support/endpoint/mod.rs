//! madsim's own network as the baseline: one madsim node per member, each reached through an `Endpoint`.
//!
//! Every baseline is there twice. *Bare*: messages travel as typed values, never as bytes, and nothing else is done:
//! the cheapest way that `Endpoint` has, and much less than Synod does. *The same work*: messages travel as bytes
//! (postcard) over `send_to` and `recv_from`, as between programs, and each is digested and recorded at both ends, in
//! the same trace and history that Synod keeps; see [`book`].

pub mod book;
pub mod raft;
pub mod ring;
pub mod trouble;

use book::Book;
use madsim::Config;
use madsim::net::Endpoint;
use madsim::runtime::{Handle, NodeHandle, Runtime};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use synod::digest::Digest;
use tokio::sync::Notify;

/// Every message has the same tag: members take what comes.
const TAG: u64 = 1;
/// Larger than any message here.
const MOST_BYTES: usize = 1_024;

/// A team of madsim nodes.
pub struct Team {
    runtime: Runtime,
    nodes: Vec<NodeHandle>,
    tally: Arc<Tally>,
    book: Option<Book>,
}

impl Team {
    /// A runtime, to be stopped after so many messages. With a book, the same work as on Synod is done.
    pub fn new(seed: u64, messages: u64, book: Option<Book>) -> Team {
        let runtime = Runtime::with_seed_and_config(seed, Config::default());
        let tally = Arc::new(Tally { sent: AtomicU64::new(0), enough: messages, reached: Notify::new() });
        Team { runtime, nodes: Vec::new(), tally, book }
    }

    /// Adds a member, whose life begins now and after every restart.
    pub fn add<Life>(&mut self, live: impl Fn(Line) -> Life + Clone + Send + Sync + 'static)
    where
        Life: Future<Output = ()> + Send + 'static,
    {
        let me = self.nodes.len();
        let (tally, book) = (self.tally.clone(), self.book.clone());
        let life = move || {
            let (tally, book, live) = (tally.clone(), book.clone(), live.clone());
            async move {
                let endpoint = Endpoint::bind(address(me)).await.expect("an address of the node");
                // Whoever binds later than a message arrives never gets it.
                madsim::time::sleep(Duration::from_millis(10)).await;
                live(Line { me, endpoint, tally, book }).await;
            }
        };
        self.nodes.push(self.runtime.create_node().ip(address(me).ip()).init(life).build());
    }

    /// Runs until enough was sent, beside whatever makes trouble; returns how much that is.
    pub fn run<Trouble>(self, trouble: impl FnOnce(Handle, Vec<NodeHandle>) -> Trouble) -> u64
    where
        Trouble: Future<Output = ()> + 'static,
    {
        self.runtime.block_on(async {
            madsim::task::spawn_local(trouble(self.runtime.handle().clone(), self.nodes.clone()));
            self.tally.reached.notified().await;
            // A task that outlives its runtime holds on to it: kill all, and let the executor drop them.
            self.nodes.iter().for_each(|node| self.runtime.handle().kill(node.id()));
            madsim::time::sleep(Duration::from_millis(1)).await;
        });
        self.tally.sent.load(Ordering::Relaxed)
    }
}

/// No trouble at all.
pub async fn calm(_: Handle, _: Vec<NodeHandle>) {}

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
    /// Whose it is.
    pub me: usize,
    /// Where what happens is written down, if it is.
    pub book: Option<Book>,
    endpoint: Endpoint,
    tally: Arc<Tally>,
}

/// What can travel either way.
pub trait Message: Any + Send + Sync + Serialize + DeserializeOwned + Digest {}

impl<M: Any + Send + Sync + Serialize + DeserializeOwned + Digest> Message for M {}

impl Line {
    /// Sends a message.
    pub async fn send<M: Message>(&self, to: usize, message: M) {
        if self.tally.sent.fetch_add(1, Ordering::Relaxed) + 1 == self.tally.enough {
            self.tally.reached.notify_one();
        }
        let sent = match &self.book {
            None => self.endpoint.send_to_raw(address(to), TAG, Box::new(message)).await,
            Some(book) => {
                book.sent(self.me, to, &message);
                let bytes = postcard::to_stdvec(&message).expect("a message has a compact form");
                self.endpoint.send_to(address(to), TAG, &bytes).await
            }
        };
        sent.expect("a network that loses, but never refuses");
    }

    /// The next message, and which member sent it.
    pub async fn receive<M: Message>(&self) -> (usize, M) {
        let Some(book) = &self.book else {
            let (payload, from) = self.endpoint.recv_from_raw(TAG).await.expect("the node's own endpoint");
            return (member(from), *payload.downcast::<M>().expect("one type of message in a team"));
        };
        let mut buffer = [0; MOST_BYTES];
        let (length, from) = self.endpoint.recv_from(TAG, &mut buffer).await.expect("the node's own endpoint");
        let message = postcard::from_bytes(&buffer[..length]).expect("nobody alters messages here");
        let from = member(from);
        book.delivered(self.me, from, &message);
        (from, message)
    }
}

fn member(from: SocketAddr) -> usize {
    let IpAddr::V4(ip) = from.ip() else { panic!("every member has a version 4 address") };
    usize::from(ip.octets()[3]) - 1
}
