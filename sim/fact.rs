//! What is decided and what participants say of themselves. Knows no protocol and no task.

mod circuit;
mod outcome;
mod stamp;
mod stored;
mod telling;
mod value;

pub use circuit::Circuit;
pub use outcome::CallOutcome;
pub use stamp::Stamp;
pub use stored::{Content, Key, Session, UnknownSession, WriteId, Written};
pub use value::{Mention, Value, mentions};

use crate::digest::{Digest, Digester};
use crate::id::NodeId;
use crate::seed::Ratio;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which decision is meant: the n-th thing a team decides about, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot(pub u64);

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {}", self.0)
    }
}

impl Digest for Slot {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.0);
    }
}

/// What was decided for a slot: one entry of a team's log of decisions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Decision {
    /// The slot.
    pub slot: Slot,
    /// The value.
    pub value: Value,
}

crate::digestible! { struct Decision { slot, value } }

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.value, self.slot)
    }
}

/// How much of a task a decision got right: from nothing to all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Score(pub Ratio);

impl Score {
    /// All of it.
    pub const CORRECT: Score = Score(Ratio::ALWAYS);
    /// None of it.
    pub const WRONG: Score = Score(Ratio::NEVER);

    /// Whether the decision is wholly right.
    #[must_use]
    pub fn is_correct(self) -> bool {
        self == Score::CORRECT || self.0 >= Ratio::ALWAYS
    }
}

impl Digest for Score {
    fn digest(&self, digester: &mut Digester) {
        self.0.digest(digester);
    }
}

/// Which of the two votes of a round of Byzantine agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The first: a quorum of these makes a value lockable.
    Prevote,
    /// The second: a quorum of these decides.
    Precommit,
}

crate::digestible! { enum Phase { 1 = Prevote, 2 = Precommit } }

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Prevote => "prevote",
            Phase::Precommit => "precommit",
        })
    }
}

/// What a participant reports about itself. A liar or a buggy protocol may report falsely, which is why every safety
/// property on facts has a twin on operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// It put a value forward for a slot.
    Proposed {
        /// The slot.
        slot: Slot,
        /// The value.
        value: Value,
    },
    /// It voted in a term.
    Voted {
        /// The term.
        term: u64,
        /// Whom it voted for.
        candidate: NodeId,
    },
    /// It became leader of a term.
    Elected {
        /// The term.
        term: u64,
        /// The index of the last entry in its log.
        last: u64,
    },
    /// It stopped being leader of a term.
    SteppedDown {
        /// The term.
        term: u64,
    },
    /// It put an entry into its log, durably. Indexes start at 1.
    Appended {
        /// The entry's index.
        index: u64,
        /// The entry's term.
        term: u64,
        /// The digest of the entry's command.
        command: u64,
    },
    /// It removed this entry of its log and all after it.
    Truncated {
        /// The first removed index.
        from: u64,
    },
    /// It started again from durable state; what it reports next is what survived.
    Recovered {
        /// The term it remembers.
        term: u64,
    },
    /// It learnt that its log is committed up to an index.
    Committed {
        /// The greatest committed index.
        index: u64,
        /// Its term at that moment.
        term: u64,
    },
    /// It applied an entry to its state.
    Applied {
        /// The entry's index.
        index: u64,
        /// The digest of the entry's command.
        command: u64,
    },
    /// It cast a vote of a Byzantine agreement.
    Cast {
        /// The height: the place in the log that it is about.
        height: u64,
        /// The round.
        round: u64,
        /// Which vote of the round.
        phase: Phase,
        /// For what; `None` for nothing.
        choice: Option<Decision>,
    },
    /// It holds the signed votes of a quorum.
    Certified {
        /// The height.
        height: u64,
        /// The round of the votes.
        round: u64,
        /// Which vote of the round.
        phase: Phase,
        /// What they are for.
        decision: Decision,
        /// Who signed, in order.
        voters: Vec<NodeId>,
    },
    /// It will vote for nothing else without proof of a later round.
    Locked {
        /// The height.
        height: u64,
        /// The round.
        round: u64,
        /// What it is locked on.
        decision: Decision,
    },
    /// It entered a round of a Byzantine agreement.
    Entered {
        /// The height.
        height: u64,
        /// The round.
        round: u64,
    },
    /// It holds two contradicting statements signed by one member.
    Accused {
        /// That member.
        member: NodeId,
        /// The height.
        height: u64,
        /// The round.
        round: u64,
    },
    /// It decided.
    Decided {
        /// The slot.
        slot: Slot,
        /// The value.
        value: Value,
    },
    /// It gave up deciding, which costs liveness and never safety.
    Abstained {
        /// The slot.
        slot: Slot,
    },
    /// The scenario compared a decision with the ground truth.
    Scored {
        /// The slot.
        slot: Slot,
        /// The decision's score.
        score: Score,
    },
    /// It started, and counts so many members as a quorum.
    Quorums {
        /// Of how many.
        members: u64,
        /// Whose promises make a leader.
        promises: u64,
        /// Whose votes choose.
        votes: u64,
    },
    /// It promised, durably, to take part in no lower ballot.
    Promised {
        /// The ballot.
        ballot: u64,
    },
    /// It voted, durably, for a command at an index of the log.
    Accepted {
        /// The index.
        index: u64,
        /// The ballot of the vote.
        ballot: u64,
        /// The digest of the command.
        command: u64,
    },
    /// It counted a quorum of votes of one ballot.
    Chosen {
        /// The index.
        index: u64,
        /// The ballot.
        ballot: u64,
        /// The digest of the command.
        command: u64,
    },
    /// It took a snapshot in place of its log up to here.
    Installed {
        /// The last index in the snapshot.
        index: u64,
    },
    /// It answered in a round of a deliberation.
    Answered {
        /// The slot.
        slot: Slot,
        /// The term of the round, 0 where there are no terms.
        term: u64,
        /// The round.
        round: u64,
        /// Its answer.
        value: Value,
    },
    /// It counted enough equal answers in enough rounds to stop deliberating.
    Agreed {
        /// The slot.
        slot: Slot,
        /// The term of the rounds.
        term: u64,
        /// The last of the rounds.
        round: u64,
        /// The answer.
        value: Value,
        /// How many members have to give it in a round.
        alpha: u64,
        /// In how many rounds in a row.
        beta: u64,
    },
    /// It goes on from a snapshot in place of its log up to an entry of this index and term; what follows it is kept if
    /// and only if that entry was in the log.
    Restored {
        /// The last index in the snapshot.
        index: u64,
        /// The term of the entry there.
        term: u64,
    },
    /// From an entry of its log on, committed or not, others vote than before.
    Reconfigured {
        /// The entry's index.
        index: u64,
        /// Who votes from now on.
        voters: Vec<NodeId>,
    },
    /// It called a tool.
    Called {
        /// The call's own name.
        call: String,
        /// The tool's.
        tool: String,
        /// The arguments in canonical form, or as they are if they are no JSON.
        arguments: Value,
    },
    /// A call that it made came to an end, as far as it knows.
    CallEnded {
        /// The call.
        call: String,
        /// How.
        outcome: CallOutcome,
    },
    /// It put a question to its model under policies, for the first time or again.
    Questioned {
        /// The question's own name: the same however often it is put, and in whatever words.
        question: String,
        /// The digest of its words.
        words: u64,
    },
    /// It waits no longer for a question that it put, whether it was answered or not.
    Settled {
        /// The question.
        question: String,
    },
    /// It took a piece of work on, to be concluded by then. Names of parts continue the whole's, after a slash.
    Undertaken {
        /// The work's name.
        work: String,
        /// By when.
        due: Time,
    },
    /// It concluded a piece of work, and says what is missing of it.
    Concluded {
        /// The work's name.
        work: String,
        /// The names of the parts that are missing; its own name if it has nothing at all.
        missing: Vec<String>,
    },
    /// It holds the only claim to a piece of work, until then.
    Claimed {
        /// The work's name.
        work: String,
        /// The claim's fencing number.
        token: u64,
        /// Until when.
        until: Time,
    },
    /// Its breaker on calls of a tool switched.
    Switched {
        /// The tool.
        tool: String,
        /// To what.
        circuit: Circuit,
    },
    /// It wants a thing that one participant at a time can have, and waits for it.
    Awaits {
        /// The thing.
        thing: String,
    },
    /// It has the thing now.
    Holds {
        /// The thing.
        thing: String,
    },
    /// It has it, or waits for it, no more.
    Yields {
        /// The thing.
        thing: String,
    },
    /// It does not think that this one is there any more.
    Suspects {
        /// Whom.
        node: NodeId,
    },
    /// It watches this one, and thinks that it is there.
    Trusts {
        /// Whom.
        node: NodeId,
    },
    /// It means to do all of these steps or to leave nothing of them. Effects of a step go by the key `work/step`, of
    /// its compensation by `work/step/undo`.
    Planned {
        /// The work's name.
        work: String,
        /// Its steps, in order.
        steps: Vec<String>,
    },
    /// It told whoever wants a piece of work that it will see to it.
    Acknowledged {
        /// The work's name.
        work: String,
    },
    /// It says that it used a tool and that this came of it.
    Announced {
        /// The tool.
        tool: String,
        /// The result, in canonical form.
        result: Value,
    },
    /// It handed a letter to a channel, durably. May be told again after a restart.
    Sent {
        /// Which of its letters this is, from 1, counted on across its lives.
        number: u64,
        /// Everyone who shall get it: one for a letter to one, all members (itself too) for a broadcast.
        to: Vec<NodeId>,
    },
    /// A channel handed a letter to it, durably. May be told again after a restart.
    Delivered {
        /// Who sent it.
        from: NodeId,
        /// Which of that sender's letters it is.
        number: u64,
        /// Its place in the sequence of all that was ever delivered here, from 1.
        position: u64,
    },
    /// It reads a letter that was delivered, and acts on it from here on. May be told again after a restart.
    Heeded {
        /// Who sent it.
        from: NodeId,
        /// Which of that sender's letters it is.
        number: u64,
    },
    /// It gave an event of its own this stamp of a hybrid logical clock. May be told again after a restart.
    Stamped {
        /// The stamp.
        stamp: Stamp,
        /// What its own physical clock showed.
        clock: Time,
        /// The latest stamp that it had received since its last own one, if any: it had to go beyond it.
        heard: Option<Stamp>,
    },
    /// A replica of a store took a write in, durably. May be told again after a restart.
    Took {
        /// Which.
        write: WriteId,
        /// The digest of everything that it shows from then on.
        state: u64,
    },
    /// A replica of a store started again.
    Held {
        /// The digest of everything that it shows.
        state: u64,
    },
}

crate::digestible! { enum Fact {
    1 = Proposed { slot, value }, 2 = Voted { term, candidate }, 3 = Elected { term, last }, 4 = SteppedDown { term },
    5 = Appended { index, term, command }, 6 = Truncated { from }, 7 = Recovered { term },
    8 = Committed { index, term }, 9 = Applied { index, command },
    10 = Decided { slot, value }, 11 = Abstained { slot }, 12 = Scored { slot, score },
    13 = Quorums { members, promises, votes }, 14 = Promised { ballot }, 15 = Accepted { index, ballot, command },
    16 = Chosen { index, ballot, command }, 17 = Installed { index }, 18 = Restored { index, term },
    19 = Reconfigured { index, voters },
    // Numbers from 40 on: Byzantine agreement.
    40 = Cast { height, round, phase, choice }, 41 = Certified { height, round, phase, decision, voters },
    42 = Locked { height, round, decision }, 43 = Accused { member, height, round },
    44 = Entered { height, round },
    // Numbers from 60 on: deliberations.
    60 = Answered { slot, term, round, value }, 61 = Agreed { slot, term, round, value, alpha, beta },
    // Numbers from 70 on: tools.
    70 = Called { call, tool, arguments }, 71 = CallEnded { call, outcome }, 72 = Announced { tool, result },
    // Numbers from 80 on: channels and clocks.
    80 = Sent { number, to }, 81 = Delivered { from, number, position }, 82 = Stamped { stamp, clock, heard },
    83 = Heeded { from, number },
    // Numbers from 90 on: shared stores.
    90 = Took { write, state }, 91 = Held { state },
    // Numbers from 100 on: work under policies.
    100 = Undertaken { work, due }, 101 = Concluded { work, missing }, 102 = Claimed { work, token, until },
    103 = Switched { tool, circuit }, 104 = Awaits { thing }, 105 = Holds { thing }, 106 = Yields { thing },
    107 = Suspects { node }, 108 = Trusts { node }, 109 = Planned { work, steps }, 110 = Acknowledged { work },
    111 = Questioned { question, words }, 112 = Settled { question },
} }
