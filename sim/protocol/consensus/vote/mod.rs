//! The vote that ends a deliberation: members vote on one slot until a majority of *all* members has voted alike in one
//! ballot. Knows nothing of how the answers came about that are put to the vote.
//!
//! Free votes split, and a split vote of members that may be slow or down cannot be counted to its end: whoever waits
//! for the missing votes may wait for ever, and whoever does not may decide against them. So votes are taken in
//! ballots, one motion each, as in single-decree Paxos (Lamport, *Paxos Made Simple*, 2001; cited as PMS), in the
//! words of an assembly:
//!
//! 1. A *chair* calls the members under a ballot of its own ([`Ballot`]), above all that it promised or met. A member
//!    comes if it promised no higher one, promises to vote in no lower one, and brings its last vote and whatever the
//!    protocol wants known (`B`). Promise and vote are durable before anyone hears of them (PMS §2.2, §3).
//! 2. With a majority of the members there, the chair puts one motion. If any of them voted before, it is the motion of
//!    the highest of those ballots, byte for byte: it may have been decided (P2c).
//! 3. A member votes once a ballot, and in none below its promise (P1a). Before it votes for a *fresh* motion its agent
//!    checks the value: schema, facts, an opinion if so configured. A refusal names its reason. An adopted motion is
//!    not checked again: that would trade safety away.
//! 4. A motion is carried by the votes of a majority of all members in its ballot, each counted once. One that so many
//!    refused that it cannot be carried is dropped, and the protocol hears why.
//! 5. To give up is a motion like any other, so a team never gives up here and decides there.
//! 6. Who knows the outcome has it durably, and tells it again to every member that has not said it knows.
//!
//! Agreement follows from two majorities sharing a member, whatever is lost, late, doubled, or crashes. That a vote
//! ends needs a chair that a majority can hear and that nobody preempts for the length of four messages; when members
//! stand is the protocol's business.

mod chair;
mod message;
mod planted;
mod register;

#[cfg(test)]
mod tests;

pub use message::{Content, Letter, Origin, Timer};
#[cfg(feature = "planted")]
pub use planted::Planted;
pub use register::{Cast, Motion, Register, Registers, Write};

pub use super::paxos::Ballot;
use crate::digest::{Digest, Digester};
use crate::fact::{Fact, Slot, Value};
use crate::id::{Members, NodeId};
use crate::protocol::team::{Answer, Ask, Reason, TeamProtocol};
use crate::protocol::{Data, Effects};
use crate::time::Duration;
use chair::Chair;
use std::collections::{BTreeMap, BTreeSet};

/// A protocol that can carry what a vote sends, arms and writes.
pub trait Composes<B>: TeamProtocol<Message: From<Letter<B>>, Timer: From<Timer>, Write: From<Write>> {}

impl<B, P: TeamProtocol<Message: From<Letter<B>>, Timer: From<Timer>, Write: From<Write>>> Composes<B> for P {}

/// How a vote is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Until what was not answered is said again.
    pub resend: Duration,
    /// A bug put in on purpose.
    #[cfg(feature = "planted")]
    pub planted: Option<Planted>,
}

#[cfg(not(feature = "planted"))]
crate::digestible! { struct Rules { resend } }
#[cfg(feature = "planted")]
crate::digestible! { struct Rules { resend, planted } }

/// What a step of a vote came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on, or it was none of the vote's business.
    Open,
    /// A majority, or one more than that, has come to this member's call: it may put a motion.
    Seated,
    /// Its motion cannot be carried any more.
    Refused {
        /// What was to be adopted.
        value: Value,
        /// Why not.
        reasons: Vec<Reason>,
    },
    /// A higher ballot ended this member's chair.
    Preempted,
    /// The outcome is known now, and was not before.
    Settled(Motion),
}

/// One member's part in the votes of its team: it votes, and sometimes takes the chair.
///
/// ```
/// use synod::fact::{Slot, Value};
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::debate::{Config, Debate, Speech};
/// use synod::protocol::consensus::vote::{Motion, Progress, Votes};
/// use synod::protocol::Effects;
///
/// let mut votes = Votes::new(NodeId::agent(0), &Members::of(1), Config::default().vote);
/// let mut effects: Effects<Debate> = Effects::default();
/// assert_eq!(votes.stand(Slot(0), Speech::Pass, &mut effects), Progress::Seated);
/// assert_eq!(votes.put(Slot(0), Motion::GiveUp, &mut effects), Progress::Settled(Motion::GiveUp));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Votes<B> {
    me: NodeId,
    members: Members,
    rules: Rules,
    /// What is durable, or will be before the next event.
    registers: Registers,
    polls: BTreeMap<Slot, Poll<B>>,
    tickets: u64,
}

impl<B: Digest> Digest for Votes<B> {
    fn digest(&self, digester: &mut Digester) {
        let Votes { me, members, rules, registers, polls, tickets } = self;
        me.digest(digester);
        members.digest(digester);
        rules.digest(digester);
        registers.digest(digester);
        polls.digest(digester);
        tickets.digest(digester);
    }
}

/// What is volatile of one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Poll<B> {
    /// The highest ballot met in a message.
    met: Ballot,
    chair: Option<Chair<B>>,
    check: Option<Check>,
    /// What the own agent found of values before: it is asked once a value.
    findings: BTreeMap<Value, Finding>,
    /// Who is known to know the outcome.
    told: BTreeSet<NodeId>,
}

impl<B> Default for Poll<B> {
    fn default() -> Poll<B> {
        let (findings, told) = (BTreeMap::new(), BTreeSet::new());
        Poll { met: Ballot::NONE, chair: None, check: None, findings, told }
    }
}

impl<B: Digest> Digest for Poll<B> {
    fn digest(&self, digester: &mut Digester) {
        let Poll { met, chair, check, findings, told } = self;
        met.digest(digester);
        chair.digest(digester);
        check.digest(digester);
        findings.digest(digester);
        told.digest(digester);
    }
}

/// A motion that the own agent checks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    ticket: u64,
    ballot: Ballot,
    chair: NodeId,
    value: Value,
}

crate::digestible! { struct Check { ticket, ballot, chair, value } }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    Approved,
    Refused(Reason),
}

crate::digestible! { enum Finding { 1 = Approved, 2 = Refused(reason) } }

impl<B: Data> Votes<B> {
    /// A member that has not voted yet.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, rules: Rules) -> Votes<B> {
        let (registers, polls) = (BTreeMap::new(), BTreeMap::new());
        Votes { me, members: members.clone(), rules, registers, polls, tickets: 0 }
    }

    /// Takes up what an earlier life left, and tells whoever may not know the outcomes.
    pub fn start<P: Composes<B>>(&mut self, registers: Registers, effects: &mut Effects<P>) {
        let (members, votes) = (self.members.len() as u64, self.members.majority() as u64);
        effects.note(Fact::Quorums { members, promises: votes, votes });
        self.registers = registers;
        let me = self.me;
        for (slot, register) in self.registers.clone() {
            if let Some(cast) = register.cast {
                effects.note(accepted(slot, &cast));
            }
            if let Some(motion) = register.outcome {
                // It may have crashed between the write and what follows it.
                act_on(slot, motion, effects);
                self.poll(slot).told.insert(me);
                self.resend(slot, effects);
            }
        }
    }

    /// A ticket that this process has not used: protocols take theirs here too.
    pub fn next_ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// What was voted on a slot, if this member knows.
    #[must_use]
    pub fn outcome(&self, slot: Slot) -> Option<&Motion> {
        self.registers.get(&slot)?.outcome.as_ref()
    }

    /// The slots that this member has a durable part in.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.registers.keys().copied()
    }

    /// The highest ballot that this member promised for a slot.
    #[must_use]
    pub fn promised(&self, slot: Slot) -> Ballot {
        self.registers.get(&slot).map_or(Ballot::NONE, |register| register.promised)
    }

    /// Handles a letter. `brings` says what this member brings if it is called.
    pub fn receive<P: Composes<B>>(
        &mut self,
        from: NodeId,
        letter: Letter<B>,
        brings: impl FnOnce() -> B,
        effects: &mut Effects<P>,
    ) -> Progress {
        let Letter { slot, content } = letter;
        if let (Some(motion), true) = (self.outcome(slot), asks_for_more(&content)) {
            let content = Content::Outcome { motion: motion.clone() };
            effects.send(from, Letter { slot, content }.into());
            return Progress::Open;
        }
        match content {
            Content::Call { ballot } => self.on_call(from, slot, ballot, brings(), effects),
            Content::Here { ballot, cast, brings } => self.on_here(from, slot, ballot, cast, brings),
            Content::Put { ballot, motion, origin } => self.on_put(from, slot, ballot, motion, origin, effects),
            Content::Yes { ballot } => self.on_yes(from, slot, ballot, effects),
            Content::Against { ballot, reason } => self.on_against(from, slot, ballot, reason),
            Content::Preempted { promised } => self.on_preempted(slot, promised),
            Content::Outcome { motion } => self.on_outcome(from, slot, motion, effects),
            Content::Known => {
                self.poll(slot).told.insert(from);
                Progress::Open
            }
        }
    }

    /// Promises a ballot that is not lower than what was promised, and ends a chair of one's own below it.
    fn on_call<P: Composes<B>>(
        &mut self,
        chair: NodeId,
        slot: Slot,
        ballot: Ballot,
        brings: B,
        effects: &mut Effects<P>,
    ) -> Progress {
        let promised = self.promised(slot);
        if ballot < promised {
            effects.send(chair, Letter { slot, content: Content::Preempted { promised } }.into());
            return Progress::Open;
        }
        let progress = self.give_way(slot, ballot);
        if ballot > promised {
            self.save(Write::Promise { slot, ballot }, effects);
            effects.note(Fact::Voted { term: ballot.0, candidate: chair });
        }
        let cast = self.registers.get(&slot).and_then(|register| register.cast.clone());
        effects.send(chair, Letter { slot, content: Content::Here { ballot, cast, brings } }.into());
        progress
    }

    /// Ends a chair of one's own that belongs to a lower ballot.
    fn give_way(&mut self, slot: Slot, ballot: Ballot) -> Progress {
        let poll = self.poll(slot);
        poll.met = poll.met.max(ballot);
        match poll.chair.take_if(|chair| chair.ballot < ballot) {
            Some(_) => Progress::Preempted,
            None => Progress::Open,
        }
    }

    /// A motion is there to be voted on: known good, known bad, or to be looked at first.
    fn on_put<P: Composes<B>>(
        &mut self,
        chair: NodeId,
        slot: Slot,
        ballot: Ballot,
        motion: Motion,
        origin: Origin,
        effects: &mut Effects<P>,
    ) -> Progress {
        let promised = self.promised(slot);
        if ballot < promised {
            effects.send(chair, Letter { slot, content: Content::Preempted { promised } }.into());
            return Progress::Open;
        }
        let progress = self.give_way(slot, ballot);
        let cast = self.registers.get(&slot).and_then(|register| register.cast.as_ref());
        if cast.is_some_and(|cast| cast.ballot == ballot) {
            effects.send(chair, Letter { slot, content: Content::Yes { ballot } }.into());
            return progress;
        }
        match self.examine(chair, slot, ballot, &motion, origin, effects) {
            None => {}
            Some(Finding::Approved) => {
                self.cast(slot, Cast { ballot, motion }, effects);
                effects.send(chair, Letter { slot, content: Content::Yes { ballot } }.into());
            }
            Some(Finding::Refused(reason)) => {
                effects.send(chair, Letter { slot, content: Content::Against { ballot, reason } }.into());
            }
        }
        progress
    }

    /// What is to be said of a motion, if that is known already. If not, the own agent is asked.
    fn examine<P: Composes<B>>(
        &mut self,
        chair: NodeId,
        slot: Slot,
        ballot: Ballot,
        motion: &Motion,
        origin: Origin,
        effects: &mut Effects<P>,
    ) -> Option<Finding> {
        let value = match motion {
            Motion::Adopt(value) if origin == Origin::Fresh => value.clone(),
            _ => return Some(Finding::Approved),
        };
        let poll = self.polls.entry(slot).or_default();
        if let Some(finding) = poll.findings.get(&value) {
            return Some(*finding);
        }
        match &mut poll.check {
            // A check that takes long outlives the ballot it was begun in.
            Some(check) if check.value == value => (check.ballot, check.chair) = (ballot, chair),
            _ => {
                self.tickets += 1;
                let ticket = self.tickets;
                poll.check = Some(Check { ticket, ballot, chair, value: value.clone() });
                effects.ask(ticket, Ask::Validate { slot, value });
            }
        }
        None
    }

    /// Votes: durable before anyone hears of it.
    fn cast<P: Composes<B>>(&mut self, slot: Slot, cast: Cast, effects: &mut Effects<P>) {
        assert!(cast.ballot >= self.promised(slot), "nobody votes below a promise");
        let cast = if self.rules.votes_verbatim() { cast } else { self.in_own_words(cast) };
        self.save(Write::Cast { slot, cast: cast.clone() }, effects);
        effects.note(accepted(slot, &cast));
    }

    /// The own agent's answer to a check. `None`: the ticket is not one of a vote's.
    pub fn answer<P: Composes<B>>(&mut self, ticket: u64, answer: &Answer, effects: &mut Effects<P>) -> Option<VoteOf> {
        let mut polls = self.polls.iter_mut();
        let (slot, poll) = polls.find(|(_, poll)| poll.check.as_ref().is_some_and(|check| check.ticket == ticket))?;
        let slot = *slot;
        let Check { ballot, chair, value, .. } = poll.check.take()?;
        let finding = match answer {
            Answer::Approved => Finding::Approved,
            // What was not checked is not approved, and may be checked again.
            Answer::Nothing(reason) => {
                let progress = self.say(chair, slot, ballot, Motion::Adopt(value), Finding::Refused(*reason), effects);
                return Some(VoteOf { slot, progress });
            }
            Answer::Refused(reason) => Finding::Refused(*reason),
            Answer::Proposal(_) => return Some(VoteOf { slot, progress: Progress::Open }),
        };
        poll.findings.insert(value.clone(), finding);
        let progress = self.say(chair, slot, ballot, Motion::Adopt(value), finding, effects);
        Some(VoteOf { slot, progress })
    }

    /// Acts on a finding, unless the ballot was overtaken meanwhile.
    fn say<P: Composes<B>>(
        &mut self,
        chair: NodeId,
        slot: Slot,
        ballot: Ballot,
        motion: Motion,
        finding: Finding,
        effects: &mut Effects<P>,
    ) -> Progress {
        if ballot < self.promised(slot) || self.outcome(slot).is_some() {
            return Progress::Open;
        }
        if chair == self.me {
            return self.count_own(slot, ballot, finding, effects);
        }
        match finding {
            Finding::Approved => {
                self.cast(slot, Cast { ballot, motion }, effects);
                effects.send(chair, Letter { slot, content: Content::Yes { ballot } }.into());
            }
            Finding::Refused(reason) => {
                effects.send(chair, Letter { slot, content: Content::Against { ballot, reason } }.into());
            }
        }
        Progress::Open
    }

    fn on_outcome<P: Composes<B>>(
        &mut self,
        from: NodeId,
        slot: Slot,
        motion: Motion,
        effects: &mut Effects<P>,
    ) -> Progress {
        self.poll(slot).told.insert(from);
        if self.outcome(slot).is_some() {
            effects.send(from, Letter { slot, content: Content::Known }.into());
            return Progress::Open;
        }
        self.learn(slot, motion.clone(), effects);
        effects.send_all(self.members.others(self.me), &Letter { slot, content: Content::Known }.into());
        effects.arm(Timer::Resend(slot).into(), self.rules.resend..=self.rules.resend);
        Progress::Settled(motion)
    }

    /// The outcome is known, durably, and acted on.
    fn learn<P: Composes<B>>(&mut self, slot: Slot, motion: Motion, effects: &mut Effects<P>) {
        self.save(Write::Outcome { slot, motion: motion.clone() }, effects);
        let me = self.me;
        let poll = self.poll(slot);
        (poll.chair, poll.check) = (None, None);
        poll.told.insert(me);
        act_on(slot, motion, effects);
    }

    /// Changes what is durable. Until the write is through, the driver holds back everything that follows it.
    fn save<P: Composes<B>>(&mut self, write: Write, effects: &mut Effects<P>) {
        write.fold_into(&mut self.registers);
        if let Some(write) = self.rules.surviving(write) {
            effects.persist(write.into());
        }
    }

    fn poll(&mut self, slot: Slot) -> &mut Poll<B> {
        self.polls.entry(slot).or_default()
    }

    fn in_own_words(&self, cast: Cast) -> Cast {
        let habit = self.members.iter().position(|member| member == self.me).unwrap_or_default();
        Cast { motion: cast.motion.reworded(habit), ..cast }
    }
}

/// What an answer to a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteOf {
    /// The slot that it was about.
    pub slot: Slot,
    /// What it came to.
    pub progress: Progress,
}

fn act_on<P: TeamProtocol>(slot: Slot, motion: Motion, effects: &mut Effects<P>) {
    match motion {
        Motion::Adopt(value) => effects.decide(slot, value),
        Motion::GiveUp => effects.note(Fact::Abstained { slot }),
    }
}

fn accepted(slot: Slot, cast: &Cast) -> Fact {
    Fact::Accepted { index: slot.0, ballot: cast.ballot.0, command: cast.motion.name() }
}

/// Whether whoever says this may not know the outcome.
fn asks_for_more<B>(content: &Content<B>) -> bool {
    !matches!(content, Content::Outcome { .. } | Content::Known)
}
