//! madsim's own network as the baseline: one madsim node per member, each reached through an `Endpoint`.
//!
//! Every baseline is there three times. *Bare*: messages travel as typed values and nothing else is done: much less
//! than Synod does. *The same work in values*: each message is also digested once and recorded at both ends, in the
//! same trace and history that Synod keeps (see [`book`]); it travels over `send_to_raw`, which `Endpoint` has for
//! other simulators. *The same work in bytes*: the same over `send_to` and `recv_from`, which `Endpoint` has for
//! programs.

pub mod book;
pub mod mind;
pub mod raft;
pub mod ring;
pub mod trouble;

use book::Book;
use futures::FutureExt;
use futures::future;
use madsim::Config;
use madsim::net::Endpoint;
use madsim::runtime::{Handle, NodeHandle, Runtime};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use synod::digest::{Digest, digest_of};
use tokio::sync::Notify;

/// Every message has the same tag: members take what comes.
const TAG: u64 = 1;
/// Larger than any message here.
const MOST_BYTES: usize = 1_024;
/// A message's digest travels before it, so that it is made once.
const DIGEST_BYTES: usize = 8;

/// How messages travel and what is done beside.
#[derive(Clone, Copy)]
pub enum Work {
    /// As values, and nothing is done beside.
    Bare,
    /// As values, and everything is written down.
    Values(Book),
    /// As bytes, and everything is written down.
    Bytes(Book),
}

impl Work {
    /// Where what happens is written down, if it is.
    pub fn book(self) -> Option<Book> {
        match self {
            Work::Bare => None,
            Work::Values(book) | Work::Bytes(book) => Some(book),
        }
    }
}

/// A team of madsim nodes.
pub struct Team {
    runtime: Runtime,
    nodes: Vec<NodeHandle>,
    tally: Arc<Tally>,
    work: Work,
}

impl Team {
    /// A runtime, to be stopped after so many messages.
    pub fn new(seed: u64, messages: u64, work: Work) -> Team {
        let runtime = Runtime::with_seed_and_config(seed, Config::default());
        let tally = Arc::new(Tally { sent: AtomicU64::new(0), enough: messages, reached: Notify::new() });
        Team { runtime, nodes: Vec::new(), tally, work }
    }

    /// Adds a member, whose life begins now and after every restart.
    pub fn add<Life>(&mut self, live: impl Fn(Line) -> Life + Clone + Send + Sync + 'static)
    where
        Life: Future<Output = ()> + Send + 'static,
    {
        let me = self.nodes.len();
        let (tally, work) = (self.tally.clone(), self.work);
        let life = move || {
            let (tally, live) = (tally.clone(), live.clone());
            async move {
                let endpoint = Endpoint::bind(address(me)).await.expect("an address of the node");
                // Whoever binds later than a message arrives never gets it.
                madsim::time::sleep(Duration::from_millis(10)).await;
                live(Line { me, endpoint, tally, work }).await;
            }
        };
        self.nodes.push(self.runtime.create_node().ip(address(me).ip()).init(life).build());
    }

    /// Runs until enough was sent, beside whatever makes trouble; returns how much that is.
    pub fn run<Trouble>(self, trouble: impl FnOnce(Handle, Vec<NodeHandle>) -> Trouble) -> u64
    where
        Trouble: Future<Output = ()>,
    {
        self.runtime.block_on(async {
            let trouble = trouble(self.runtime.handle().clone(), self.nodes.clone()).then(|()| future::pending::<()>());
            future::select(pin!(self.tally.reached.notified()), pin!(trouble)).await;
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
    /// What is done beside.
    pub work: Work,
    endpoint: Endpoint,
    tally: Arc<Tally>,
}

/// What can travel either way.
pub trait Message: Any + Send + Sync + Serialize + DeserializeOwned + Digest {}

impl<M: Any + Send + Sync + Serialize + DeserializeOwned + Digest> Message for M {}

/// A value that travels with its digest.
struct Digested<M> {
    digest: u64,
    message: M,
}

impl Line {
    /// Sends a message.
    pub async fn send<M: Message>(&self, to: usize, message: M) {
        if self.tally.sent.fetch_add(1, Ordering::Relaxed) + 1 == self.tally.enough {
            self.tally.reached.notify_one();
        }
        let sent = match self.work {
            Work::Bare => self.endpoint.send_to_raw(address(to), TAG, Box::new(message)).await,
            Work::Values(book) => {
                let digest = digest_of(&message);
                book.sent(self.me, to, digest);
                self.endpoint.send_to_raw(address(to), TAG, Box::new(Digested { digest, message })).await
            }
            Work::Bytes(book) => {
                let digest = digest_of(&message);
                book.sent(self.me, to, digest);
                let bytes = postcard::to_extend(&message, digest.to_le_bytes().to_vec());
                self.endpoint.send_to(address(to), TAG, &bytes.expect("a message has a compact form")).await
            }
        };
        sent.expect("a network that loses, but never refuses");
    }

    /// The messages that come to this member.
    pub fn listen(&self) -> Ear {
        Ear { line: self.clone(), buffer: Box::new([0; MOST_BYTES]) }
    }
}

/// Where a member hears what comes.
pub struct Ear {
    line: Line,
    /// Room for bytes, used again and again.
    buffer: Box<[u8; MOST_BYTES]>,
}

impl Ear {
    /// The next message, and which member sent it.
    pub async fn receive<M: Message>(&mut self) -> (usize, M) {
        let Line { me, work, endpoint, .. } = &self.line;
        match work {
            Work::Bare => {
                let (payload, from) = endpoint.recv_from_raw(TAG).await.expect("the node's own endpoint");
                (member(from), *payload.downcast::<M>().expect("one type of message in a team"))
            }
            Work::Values(book) => {
                let (payload, from) = endpoint.recv_from_raw(TAG).await.expect("the node's own endpoint");
                let digested = payload.downcast::<Digested<M>>().expect("one type of message in a team");
                let Digested { digest, message } = *digested;
                book.delivered(*me, member(from), digest);
                (member(from), message)
            }
            Work::Bytes(book) => {
                let received = endpoint.recv_from(TAG, &mut self.buffer[..]).await;
                let (length, from) = received.expect("the node's own endpoint");
                let (digest, message) = self.buffer[..length].split_at(DIGEST_BYTES);
                let digest = u64::from_le_bytes(digest.try_into().expect("eight bytes"));
                book.delivered(*me, member(from), digest);
                (member(from), postcard::from_bytes(message).expect("nobody alters messages here"))
            }
        }
    }
}

fn member(from: SocketAddr) -> usize {
    let IpAddr::V4(ip) = from.ip() else { panic!("every member has a version 4 address") };
    usize::from(ip.octets()[3]) - 1
}
