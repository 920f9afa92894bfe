//! A run, asked what its participants observed. Knows the probe's beats by their text.

use crate::probe::Probe;
use std::collections::BTreeMap;
use synod::fault::{Fault, Schedule};
use synod::id::NodeId;
use synod::model::Profile;
use synod::scenario::{Frozen, Job, Run, Runnable, Scenario};
use synod::seed::{Domain, Pin, Seed};
use synod::time::{Duration, Time, seconds};
use synod::trace::{Detail, Happening, Record};

/// Long enough for the rarest kind to strike, a spike in a hundred messages, and for a hung call to be given up.
pub const SAFETY: Duration = seconds(70);

/// Who takes part.
#[derive(Clone, Copy)]
pub struct Cast {
    pub agents: u16,
    pub clients: u16,
}

/// A run in full detail.
pub struct Told(pub Run);

/// What a target observes: nothing that only the world knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    at: Time,
    happening: Happening,
    peer: Option<NodeId>,
    about: u64,
}

impl Told {
    /// The run of these faults on a seed.
    pub fn of(cast: Cast, faults: &[Fault], seed: u64) -> Told {
        let scenario = Scenario::new("catalogue")
            .team(cast.agents, Probe::factory)
            .profile(Profile::perfect())
            // The last operation of a client waits until the nemesis has stopped.
            .workload(cast.clients, 2)
            .phases(SAFETY, seconds(1))
            .schedule(Schedule { faults: faults.to_vec() });
        // Links within one region, so that beats and faults do not blur.
        let domain = Domain { least: 0, most: 2, harmless: 0 };
        let near = Pin { stream: "link/latency".to_owned(), index: 0, choice: 0, domain };
        let job = Job { pins: vec![near], ..Job::of(Seed(seed)).detailed(Detail::Full) };
        let run = scenario.run(&job, &Frozen);
        assert!(run.crash.is_none() && run.pin_error.is_none(), "{:?}, {:?}", run.crash, run.pin_error);
        Told(run)
    }

    /// Places of a node's records of one sort, until the nemesis stops and crashes who is not in the core.
    pub fn places(&self, node: NodeId, happening: Happening) -> impl Iterator<Item = usize> + '_ {
        let fits = move |record: &Record| record.node == node && record.happening == happening && is_early(record);
        let records = self.0.trace.records().iter().enumerate();
        records.filter(move |(_, record)| fits(record)).map(|(place, _)| place)
    }

    /// Instants of a node's records of one sort.
    pub fn times(&self, node: NodeId, happening: Happening) -> Vec<Time> {
        self.places(node, happening).map(|place| self.record(place).at).collect()
    }

    pub fn record(&self, place: usize) -> &Record {
        &self.0.trace.records()[place]
    }

    pub fn text(&self, place: usize) -> &str {
        self.0.trace.text(place)
    }

    /// Beats that one member received under the name of another, by number, in the order they came.
    pub fn heard(&self, from: NodeId, to: NodeId) -> Vec<Heard> {
        self.beats(to, Happening::Delivered, from)
    }

    /// Beats that one member sent to another.
    pub fn sent(&self, from: NodeId, to: NodeId) -> Vec<Heard> {
        self.beats(from, Happening::Sent, to)
    }

    fn beats(&self, node: NodeId, happening: Happening, peer: NodeId) -> Vec<Heard> {
        let places = self.places(node, happening).filter(|place| self.record(*place).peer == Some(peer));
        places.filter(|place| self.text(*place).starts_with("Beat")).map(|place| self.beat(place)).collect()
    }

    fn beat(&self, place: usize) -> Heard {
        let Record { at, about, process, .. } = *self.record(place);
        let field = |name: &str| {
            let (_, rest) = self.text(place).split_once(&format!("{name}: ")).expect("a field of a beat");
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().expect("a number")
        };
        let (number, writes, torn) = (field("number"), field("writes"), field("torn"));
        let (uptime, heard) = (field("uptime"), field("heard"));
        let process = u64::from(process.0);
        Heard { at, about, process, number, writes, torn, uptime, heard, clock: self.clock(place) }
    }

    /// The clock a beat shows, which a trace prints in seconds with six decimals.
    fn clock(&self, place: usize) -> Time {
        let (_, rest) = self.text(place).split_once("now: ").expect("a beat shows its clock");
        let (whole, rest) = rest.split_once('.').expect("seconds");
        let micros: u64 = rest[..6].parse().expect("six decimals");
        Time((whole.parse::<u64>().expect("whole seconds") * 1_000_000 + micros) * 1_000)
    }

    /// When each beat of a link first arrived.
    pub fn arrivals(&self, from: NodeId, to: NodeId) -> BTreeMap<u64, Time> {
        let mut arrivals = BTreeMap::new();
        for beat in self.heard(from, to) {
            arrivals.entry(beat.number).or_insert(beat.at);
        }
        arrivals
    }

    /// Everything a node observed.
    pub fn observed(&self, node: NodeId) -> Vec<Observed> {
        use Happening::{
            Crashed, Delivered, DiskFailed, Dropped, Fired, Persisted, Replied, Returned, Sent, Started, Woke,
        };
        let seen = [Started, Crashed, Delivered, Dropped, Fired, Replied, Returned, Persisted, DiskFailed, Sent, Woke];
        let records = self.0.trace.records().iter();
        let records =
            records.filter(|record| record.node == node && seen.contains(&record.happening) && is_early(record));
        records.map(|&Record { at, happening, peer, about, .. }| Observed { at, happening, peer, about }).collect()
    }

    /// The members that asked a model, in the order they first did.
    pub fn askers(&self) -> Vec<NodeId> {
        let mut askers: Vec<NodeId> = Vec::new();
        for record in self.0.trace.records().iter().filter(|record| record.happening == Happening::Prompted) {
            if !askers.contains(&record.node) {
                askers.push(record.node);
            }
        }
        askers
    }
}

/// What a model said, of the text of its reply's record: without the turn's number, the note on what was injected, and
/// the false claim, none of which its caller sees.
pub fn words(text: &str) -> &str {
    let text = text.split_once("] ").expect("a turn").1;
    let text = text.strip_prefix("(injected: ").map_or(text, |rest| rest.split_once(") ").expect("a note").1);
    text.rsplit_once(" (false: ").map_or(text, |(said, _)| said)
}

fn is_early(record: &Record) -> bool {
    record.at < Time::ZERO + SAFETY
}

/// A beat as it was sent or received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    pub at: Time,
    pub about: u64,
    /// Of the sender or receiver, whose record this is.
    pub process: u64,
    pub number: u64,
    pub writes: u64,
    pub torn: u64,
    pub uptime: u64,
    pub heard: u64,
    pub clock: Time,
}
