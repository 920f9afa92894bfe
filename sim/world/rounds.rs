//! Partitions that change with the rounds members enter, and part processes, not only names: of two copies of one
//! member each may stand on another side. Knows no protocol: a round is what a member reports to have entered.
//!
//! What a process sends in a round reaches the processes that listen to its side of that round's partition. Which side
//! each process is on is drawn when the round is first entered, by a stream named after it; a process that starts again
//! stands where the one before it stood. In some rounds some processes listen to another side than their own: they are
//! heard by those whom they do not hear. Partitions alone show what two voters know to both of them or to neither.

use super::World;
use super::envelope::{Envelope, Flight, Parted};
use crate::fact::Fact;
use crate::fault::{Fault, Kind};
use crate::id::NodeId;
use crate::protocol::team::TeamProtocol;
use crate::seed::{Ratio, Streams};
use std::collections::BTreeMap;

/// Copies of one member that are told apart.
const COPIES: usize = 2;

/// How processes are parted at the moment.
pub(super) struct Rounds {
    /// The fault's number, which names its draws.
    fault: u32,
    /// Rounds from this one on part nobody.
    end: u64,
    /// The round each process entered last.
    entered: BTreeMap<u32, Round>,
    /// Where each copy of each member stands, by round.
    stands: BTreeMap<Round, Vec<Stand>>,
}

/// Where a process stands in a round.
#[derive(Clone, Copy)]
struct Stand {
    /// The side that it is on: those who listen to it hear the process.
    side: u64,
    /// The side that it listens to.
    hears: u64,
}

/// How many rounds have processes that are heard by others than they hear.
const ONE_WAY: Ratio = Ratio::of(1, 2);
/// How many processes of such a round.
const DEAF: Ratio = Ratio::of(1, 2);

/// A round of a height.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Round {
    height: u64,
    round: u64,
}

impl Rounds {
    pub(super) fn new(number: u32, fault: &Fault) -> Rounds {
        Rounds { fault: number, end: fault.strength, entered: BTreeMap::new(), stands: BTreeMap::new() }
    }

    /// Draws who stands where in a round: all together, or on two or three sides, and who listens to which.
    fn draw(&mut self, round: Round, members: usize, streams: &Streams) {
        let (fault, Round { height, round: number }) = (self.fault, round);
        self.stands.entry(round).or_insert_with(|| {
            let mut draws = streams.stream(format_args!("rounds/{fault}/h{height}/{number}"));
            let sides = *draws.pick(&[1, 2, 2, 3]);
            let places: Vec<u64> = (0..members * COPIES).map(|_| draws.below(sides)).collect();
            let one_way = draws.chance(ONE_WAY);
            let stand = |side| {
                let hears = if one_way && draws.chance(DEAF) { draws.below(sides) } else { side };
                Stand { side, hears }
            };
            places.into_iter().map(stand).collect()
        });
    }

    /// How processes stand in the round this one is in, if they are parted.
    fn stands_in(&self, process: u32) -> Option<&[Stand]> {
        let round = self.entered.get(&process).filter(|round| round.round < self.end)?;
        self.stands.get(round).map(Vec::as_slice)
    }
}

impl<P: TeamProtocol> World<P> {
    /// A process reports what it did: it may have entered a round.
    pub(super) fn note_round(&mut self, process: u32, fact: &Fact) {
        let Fact::Entered { height, round } = *fact else { return };
        let (members, round) = (self.members.len(), Round { height, round });
        let Some(rounds) = &mut self.rounds else { return };
        rounds.entered.insert(process, round);
        rounds.draw(round, members, &self.streams);
    }

    /// The message as it travels while rounds part processes.
    pub(super) fn parted(&mut self, process: u32, to: NodeId, message: P::Message) -> Envelope<P::Message> {
        let Some(stands) = self.rounds.as_ref().and_then(|rounds| rounds.stands_in(process)) else {
            return Envelope::Peer(message);
        };
        let own = self.processes[process as usize].node;
        let copy = self.live[own.index()].iter().position(|other| *other == process).unwrap_or_default();
        let stand = |node: NodeId, copy: usize| stands[node.index() * COPIES + copy.min(COPIES - 1)];
        let here = stand(own, copy).side;
        let receivers = self.live[to.index()].iter().enumerate();
        let heard_by: Vec<u32> =
            receivers.filter(|(copy, _)| stand(to, *copy).hears == here).map(|(_, process)| *process).collect();
        if heard_by.len() == self.live[to.index()].len() {
            return Envelope::Peer(message);
        }
        Envelope::Parted(Box::new(Parted { heard_by, message }))
    }

    /// A parted message reaches those of its receiver's copies that listen to its sender's side, and no other.
    pub(super) fn deliver_parted(&mut self, flight: &Flight<P::Message>, heard_by: &[u32]) {
        let live = self.live[flight.route.to.index()].clone();
        let reached: Vec<u32> = live.iter().copied().filter(|process| heard_by.contains(process)).collect();
        if reached.is_empty() {
            return self.drop_flight(flight, Some(Kind::RoundPartitions));
        }
        if reached.len() < live.len() {
            self.recorder.struck(Kind::RoundPartitions);
        }
        reached.into_iter().for_each(|process| self.reach_copy(process, flight.clone()));
    }
}
