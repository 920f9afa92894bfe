//! Bugs that real systems had, by a name of their own: what was done wrong, and where it was seen. A corpus restates
//! them; what restates none is [`OWN`].

/// A bug that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name: a letter for its kind (Raft, Paxos, Byzantine, causal, FIFO, team) or M for a failure mode of MAST.
    pub id: &'static str,
    /// What was done wrong.
    pub mistake: &'static str,
}

/// What restates no bug of [`KNOWN`].
pub const OWN: &str = "own";

const fn bug(id: &'static str, mistake: &'static str) -> Known {
    Known { id, mistake }
}

/// Every known bug that a bug of the corpus restates or might.
pub const KNOWN: &[Known] = &[
    bug("R01", "an entry of an earlier term is committed by counting replicas (Raft, figure 8; LogCabin #44)"),
    bug("R02", "the vote is not persisted (akka-raft #56)"),
    bug("R03", "the term is not persisted (raft-java #57)"),
    bug("R04", "votes go to candidates with older logs (Hydro #3082)"),
    bug("R07", "the leader's commit is taken before the consistency check (async-raft 0.6.1)"),
    bug("R09", "an acknowledgement names the log's end (CCF #6001)"),
    bug("R10", "votes for an earlier candidacy count (little-raft #44)"),
    bug("R11", "a vote that arrives twice counts twice (coyote-samples #8)"),
    bug("R13", "half of the voters are taken for a majority (openraft d60f1e85)"),
    bug("R15", "a match index may regress (PySyncObj #167)"),
    bug("R16", "an acknowledgement of an earlier term counts (openraft cecb5de8)"),
    bug("R17", "an acknowledgement is sent before the write (openraft a9f696a9)"),
    bug("R18", "a read is answered without confirming leadership (Jepsen etcd 2014)"),
    bug("R19", "a read is answered before an entry of the own term is committed (TiKV #9239)"),
    bug("R20", "acknowledgements for another request confirm a read (etcd/raft #397)"),
    bug("R21", "a lease is trusted for too long (openraft #1747; raft-rs #141)"),
    bug("R22", "voters change before an entry of the own term is committed (raft-dev 2015)"),
    bug("R23", "two changes of voters are under way (Raft thesis, 4.1)"),
    bug("R26", "members without a vote count (openraft d882e743)"),
    bug("R28", "a quorum is counted over progress taken for sorted (openraft #1802)"),
    bug("R29", "an old snapshot replaces a newer log (openraft 674e78aa)"),
    bug("R30", "what was compacted counts as a conflict (openraft 71a290cd)"),
    bug("R32", "entries are compared by index only (Raft, 5.3)"),
    bug("R34", "a leader heeds no higher term (Raft, 5.1)"),
    bug("R35", "replies of a lower term are dropped and a pre-vote never ends (etcd #8243)"),
    bug("R37", "entries of one batch are applied short (etcd 8ecce32, CockroachDB #28918)"),
    bug("R38", "term and vote are written one after the other (hashicorp/raft #661)"),
    bug("P01", "a promise is not durable (Paxos Made Live, 5)"),
    bug("P02", "an accepted value is not durable (Paxos Made Live, 5)"),
    bug("P03", "an acceptor votes below its promise (Paxos Made Simple, P1a)"),
    bug("P05", "a proposer keeps its own value (Paxos Made Simple, P2c)"),
    bug("P07", "ballots do not name their proposer"),
    bug("P08", "a ballot is used again after a restart (Paxos Made Live)"),
    bug("P10", "quorums do not meet (Flexible Paxos)"),
    bug("P11", "votes are added up across ballots"),
    bug("P12", "gaps of the log are never filled (Paxos Made Live)"),
    bug("P13", "proposers duel without backing off"),
    bug("B01", "a quorum of 2f"),
    bug("B02", "a team of 3f (Pease, Shostak, Lamport)"),
    bug("B03", "no lock, or one that is forgotten (Twins, arXiv 2004.10617)"),
    bug("B05", "a lock is lifted by an older round (Tendermint)"),
    bug("B07", "a view change takes the wrong value along (arXiv 1712.01367)"),
    bug("B09", "a certificate's signers are not checked"),
    bug("B10", "a proposer ignores a valid value that it knows (Netrix, arXiv 2303.05893)"),
    bug("C01", "one dependency is left out"),
    bug("C02", "nothing waits for what it depends on"),
    bug("C04", "a later number is taken for the next"),
    bug("C06", "a session moves without its token (Jepsen MongoDB 3.6.4)"),
    bug("C07", "the last writer is found by the wall clock (Jepsen Cassandra)"),
    bug("C08", "a tombstone is collected before all saw it"),
    bug("C09", "a merge heeds the order of arrival (riak_dt #78)"),
    bug("C11", "what is not idempotent is applied twice (DefraDB #1041)"),
    bug("F01", "numbers begin again after a restart"),
    bug("F02", "a retry is overtaken by what was pipelined behind it (Kafka #10690)"),
    bug("T01", "what is not idempotent is retried after a timeout (Redis-Raft #52)"),
    bug("T02", "retries have no bound (WASABI, SOSP 2024)"),
    bug("T03", "permanent errors are retried (WASABI, SOSP 2024)"),
    bug("T05", "load stays after its trigger ended (metastable failures, OSDI 2022)"),
    bug("T08", "backoff has no jitter"),
    bug("A01", "a phantom quorum: votes are claimed that nobody cast"),
    bug("A02", "a vote is for a paraphrase"),
    bug("A04", "an echo: a claim comes back to its author as a confirmation"),
    bug("A05", "a verifier shares its author's model"),
    bug("A06", "a write rests on a stale context"),
    bug("A07", "a team does not come to an end although nothing fails (arXiv 2603.01213)"),
    bug("A08", "a tool's result is invented"),
    bug("A09", "a retried tool call repeats its effect"),
    bug("A11", "two coordinators act at once"),
    bug("A12", "a vote that cannot be read counts as approval"),
    bug("M1.1", "an output disobeys the task's form (MAST)"),
    bug("M1.2", "a member does what another's role is (MAST)"),
    bug("M1.3", "a step is repeated (MAST)"),
    bug("M1.4", "what was said is forgotten (MAST)"),
    bug("M1.5", "a member does not notice that the task has ended (MAST)"),
    bug("M2.1", "a conversation begins anew (MAST)"),
    bug("M2.2", "a member guesses where it should ask (MAST)"),
    bug("M2.3", "a member works on something else (MAST)"),
    bug("M2.4", "a member keeps to itself what others need (MAST)"),
    bug("M2.5", "a member overlooks what it was told (MAST)"),
    bug("M2.6", "a member says one thing and does another (MAST)"),
    bug("M3.1", "a task ends before it is done (MAST)"),
    bug("M3.2", "a result is not verified, or not all of it (MAST)"),
    bug("M3.3", "a result is verified wrongly (MAST)"),
];

/// The known bug of this name.
#[must_use]
pub fn known(id: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.id == id)
}
