//! What a client calls next: decisions, the log, or changes of the team. Knows no queue and no link.

use super::sessions::Session;
use super::setup::Workload;
use crate::fact::Slot;
use crate::history::{Operation, Wish};
use crate::id::{NodeId, OpId};
use crate::protocol::team::Request;
use crate::seed::{Piece, Stream, Streams};
use crate::time::{Duration, millis, seconds};
use std::collections::BTreeSet;

/// The longest pause of a reader: short beside an election, so that some read falls into every interregnum.
const READER_THINKS: Duration = millis(1_500);
/// The longest pause of an administrator: several changes fit into a safety phase.
const ADMINISTRATOR_THINKS: Duration = seconds(4);
/// How long an administrator waits before it turns to something else, as people do: a change that nobody has confirmed
/// may then still be under way while the next one begins.
const ADMINISTRATOR_WAITS: Duration = seconds(4);

/// What a client is there for. Proposers come first, then readers, then administrators, then sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Calling {
    /// It wants decisions.
    Proposer,
    /// It reads the log.
    Reader,
    /// It changes who votes and who leads. Whom it believes removed.
    Administrator { removed: BTreeSet<NodeId> },
    /// It uses a shared store.
    Session(Box<Session>),
}

impl Calling {
    /// The calling of the client with this index, among so many.
    pub(super) fn of(index: u16, clients: u16, workload: &Workload) -> Calling {
        let sessions = clients - workload.sessions.map_or(0, |sessions| sessions.clients);
        let administrators = sessions - workload.visits.administrators;
        let readers = administrators - workload.visits.readers;
        match (index, workload.sessions) {
            (index, _) if index < readers => Calling::Proposer,
            (index, _) if index < administrators => Calling::Reader,
            (index, Some(plan)) if index >= sessions => {
                Calling::Session(Box::new(Session::new(NodeId::client(index), plan)))
            }
            _ => Calling::Administrator { removed: BTreeSet::new() },
        }
    }

    /// The stream of its draws. Each calling has a name of its own, so that none moves another.
    pub(super) fn stream(&self, client: NodeId, streams: &Streams) -> Stream {
        let calling = match self {
            Calling::Proposer => "client",
            Calling::Reader => "reader",
            Calling::Administrator { .. } => "administrator",
            Calling::Session(_) => "session",
        };
        streams.stream([Piece::Text(calling), Piece::Text("/"), Piece::Node(client)])
    }

    /// How many operations it begins.
    pub(super) fn quota(&self, workload: &Workload) -> u64 {
        match self {
            Calling::Proposer => workload.decisions,
            Calling::Reader => workload.visits.reads,
            Calling::Administrator { .. } => workload.visits.changes,
            Calling::Session(session) => session.plan.calls,
        }
    }

    /// Its longest pause between two operations.
    pub(super) fn think(&self, workload: &Workload) -> Duration {
        match self {
            Calling::Proposer => workload.think,
            Calling::Reader => READER_THINKS,
            Calling::Administrator { .. } => ADMINISTRATOR_THINKS,
            Calling::Session(session) => session.plan.think,
        }
    }

    /// How long it waits for the end of an operation before it gives up; `None`: for ever, and asks again meanwhile.
    pub(super) fn waits(&self) -> Option<Duration> {
        match self {
            Calling::Proposer | Calling::Reader => None,
            Calling::Administrator { .. } => Some(ADMINISTRATOR_WAITS),
            Calling::Session(session) => Some(session.waits()),
        }
    }

    /// How long it waits for an answer before it tries another member.
    pub(super) fn patience(&self, workload: &Workload) -> Duration {
        match self {
            Calling::Session(session) => session.plan.patience,
            _ => workload.patience,
        }
    }

    /// Whether its last operation belongs to the liveness phase. Administrators leave a team that is healing alone.
    pub(super) fn outlasts_faults(&self) -> bool {
        !matches!(self, Calling::Administrator { .. })
    }

    /// Its next request. `number` names the decision if it wants one.
    pub(super) fn request(&mut self, number: u64, members: u64, draws: &mut Stream) -> Request {
        match self {
            Calling::Proposer => Request::Propose { slot: Slot(number) },
            Calling::Reader => Request::Read,
            Calling::Administrator { removed } => administer(removed, members, draws),
            Calling::Session(session) => Request::Store(Box::new(session.request(draws))),
        }
    }
}

/// Hands leadership over once in four times; else removes a member, or brings one back. It means to leave a majority.
fn administer(removed: &mut BTreeSet<NodeId>, members: u64, draws: &mut Stream) -> Request {
    let turn = draws.below(4);
    let member = NodeId::agent(u16::try_from(draws.below(members)).expect("a member"));
    let minority = usize::try_from(members.saturating_sub(1) / 2).expect("a few members");
    if turn == 0 {
        return Request::Transfer { to: member };
    }
    if !removed.contains(&member) && removed.len() < minority {
        removed.insert(member);
        return Request::Remove { member };
    }
    let back = if removed.contains(&member) { Some(member) } else { removed.first().copied() };
    let member = back.unwrap_or(member);
    removed.remove(&member);
    Request::Admit { member }
}

/// How the history writes down that a client begins this.
pub(super) fn begun(op: OpId, request: &Request, calling: &Calling) -> Operation {
    match (request, calling) {
        (Request::Propose { slot }, _) => Operation::Invoke { op, slot: *slot },
        (Request::Read, _) => Operation::Read { op },
        (Request::Admit { member }, _) => Operation::Administer { op, wish: Wish::Admit(*member) },
        (Request::Remove { member }, _) => Operation::Administer { op, wish: Wish::Remove(*member) },
        (Request::Transfer { to }, _) => Operation::Administer { op, wish: Wish::Transfer(*to) },
        (Request::Store(_), Calling::Session(session)) => {
            Operation::Ask { op, asked: session.asked().expect("a call under way").clone() }
        }
        (Request::Store(_), _) => unreachable!("only sessions call stores"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use crate::time::Time;
    use crate::world::Visits;

    #[test]
    fn an_administrator_means_to_leave_a_majority_and_does_all_it_can() {
        for members in [3, 4, 7] {
            let mut calling = Calling::Administrator { removed: BTreeSet::new() };
            let mut draws = Streams::of(Seed(7)).stream(format_args!("administrator/c1"));
            let mut seen = [0; 3];
            for _ in 0..200 {
                match calling.request(0, members, &mut draws) {
                    Request::Transfer { .. } => seen[0] += 1,
                    Request::Remove { .. } => seen[1] += 1,
                    Request::Admit { .. } => seen[2] += 1,
                    other => panic!("an administrator wants to {other}"),
                }
                let Calling::Administrator { removed } = &calling else { unreachable!("it was made as one") };
                assert!((removed.len() as u64) * 2 < members, "{removed:?} of {members}");
            }
            assert!(seen.iter().all(|times| *times > 20), "{seen:?}");
        }
    }

    #[test]
    fn proposers_come_first_then_readers_then_administrators() {
        let visits = Visits { readers: 2, administrators: 1, ..Visits::default() };
        let (patience, think) = (seconds(1), seconds(1));
        let workload = Workload { decisions: 1, patience, think, last_after: Time::ZERO, visits, sessions: None };
        let callings: Vec<Calling> = (0..4).map(|index| Calling::of(index, 4, &workload)).collect();
        let administrator = Calling::Administrator { removed: BTreeSet::new() };
        assert_eq!(callings, [Calling::Proposer, Calling::Reader, Calling::Reader, administrator]);
    }
}
