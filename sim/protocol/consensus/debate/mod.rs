//! Debate: every member answers, sees what its peers answer, answers again, and after some rounds the team votes.
//!
//! After Du, Li, Torralba, Tenenbaum, Mordatch, *Improving Factuality and Reasoning in Language Models through
//! Multiagent Debate* (ICML 2024, arXiv 2305.14325; cited as Du), whose agents share a process and never fail. Knows
//! rounds, speeches and who the members are; never what a model says beyond its typed answer.
//!
//! What to expect of it: on average a debate moves nobody towards the truth, it is a martingale, and the vote brings
//! the gain (arXiv 2508.17536); members give right answers up when peers disagree (arXiv 2605.00914). Both show here,
//! because a member's next prompt shows what its peers answer. So agreement and correctness are judged apart.
//!
//! # The rules, one by one
//!
//! 1. A request at any member opens the debate: it tells all others, and everyone asks its own model at once (Du,
//!    section 2.1). There is no leader of a debate.
//! 2. Round 0 is answered without a look at peers. In each later round a model is shown its own last answer and the
//!    last answer of every peer (Du, section 2.1).
//! 3. A member speaks once a round: an answer, or a pass if its model gives none in time. A speech is durable before it
//!    is said, and a restarted member stands by what it said.
//! 4. A message carries all that its sender said, by round, so what is lost comes again with the next. The first speech
//!    of a member in a round stands; a later copy changes nothing. Only speeches *of* a round count in it.
//! 5. A round is over for a member when all have spoken and somebody answered; or when a majority of the members has,
//!    itself among them, and the rest has had its time. So an outage of all models does not spend the rounds at once. A
//!    member that hears of a later round goes on there: laggards catch up.
//! 6. The debate stops early when enough members gave one answer *in one round* ([`Stop`]), whoever is still thinking;
//!    what it asked its model is cancelled.
//! 7. After its last round, a split debate goes on, round by round up to [`Config::most`], as long as nobody has
//!    answered; or, with [`Split::GiveUp`], as long as no answer has a majority of the members.
//! 8. Then the members vote ([`vote`]). Whoever's turn it is takes the chair, without its model: first the member in
//!    place `slot mod n`, then the next after a while. Being called ends a member's debate; it brings its last answer.
//! 9. The motion is the answer that a majority of the members brought. If none has that: by [`Split::Plurality`] what
//!    most of those present have, of several the least; by [`Split::GiveUp`], that the team gives up.
//! 10. A motion is checked by each member's agent before it votes for it. One that is refused falls out, and what the
//!     refusals say goes into the next prompts; if no other answer is there, the chair reopens the debate for a further
//!     round. After [`Config::refusals`] of them, or [`Config::most`] rounds, the motion is to give up.
//! 11. A decision is carried by the durable votes of a majority of all members in one ballot, so no two members ever
//!     decide differently, and none decides what others gave up.
//!
//! # Deviations
//!
//! - Du's agents wait for each other in every round and take the majority of the last answers; what becomes of a member
//!   that is slow, or down, or of a tie, is not said there. Rules 3 to 11 are ours.
//! - Peers' answers are shown as canonical values; their reasoning is not passed on.

mod config;
mod floor;
mod message;
mod planted;
mod rounds;
mod voting;

#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError, Split, Stop};
pub use message::{Durable, Message, Speech, Speeches, Timer, Write};
#[cfg(feature = "planted")]
pub use planted::Planted;

use super::vote::{self, Motion, Progress, Votes};
use crate::fact::Slot;
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Protocol};
use crate::time::Time;
use floor::{Floor, Stage};
use std::collections::BTreeMap;

/// One member of a team that debates.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::consensus::debate::{Config, Debate, Stop};
/// let team = Members::of(5);
/// let stubborn = Config { stop: Stop::Never, ..Config::default() };
/// assert_ne!(Debate::new(NodeId::agent(0), &team, stubborn), Debate::factory(NodeId::agent(0), &team));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debate {
    me: NodeId,
    members: Members,
    config: Config,
    floors: BTreeMap<Slot, Floor>,
    votes: Votes<Speech>,
}

crate::digestible! { struct Debate { me, members, config, floors, votes } }

impl Debate {
    /// A member before its start.
    ///
    /// # Panics
    /// If the configuration cannot work ([`Config::validate`]) or `me` is no member.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, config: Config) -> Debate {
        assert!(members.contains(me), "{me} is no member of the team");
        config.validate().unwrap_or_else(|error| panic!("debate cannot run: {error}"));
        let votes = Votes::new(me, members, config.vote_rules());
        Debate { me, members: members.clone(), config, floors: BTreeMap::new(), votes }
    }

    /// A member with the default configuration, before its start.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Debate {
        Debate::new(me, members, Config::default())
    }

    /// Goes on where an earlier life stopped: it stands by what it said, and votes as it promised.
    fn start(&mut self, durable: Durable, effects: &mut Effects<Debate>) {
        let Durable { said, registers } = durable;
        self.votes.start(registers, effects);
        let voted: Vec<Slot> = self.votes.slots().collect();
        // It may have crashed between a write and the report of it.
        for (slot, speeches) in &said {
            speeches.iter().for_each(|(round, speech)| rounds::report(*slot, *round, speech, effects));
        }
        for slot in said.keys().copied().chain(voted) {
            if self.votes.outcome(slot).is_some() || self.floors.contains_key(&slot) {
                continue;
            }
            let mut floor = Floor::default();
            floor.hear(self.me, said.get(&slot).cloned().unwrap_or_default());
            floor.round = floor.latest_round();
            self.floors.insert(slot, floor);
            if self.votes.promised(slot) == vote::Ballot::NONE {
                self.resume(slot, effects);
            } else {
                self.close(slot, effects);
                self.back_off(slot, effects);
            }
        }
    }

    fn on_request(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Debate>) {
        if let Some(motion) = self.votes.outcome(slot) {
            return effects.respond(op, motion.outcome(slot));
        }
        self.join(slot, effects);
        let floor = self.floors.entry(slot).or_default();
        if !floor.clients.contains(&op) {
            floor.clients.push(op);
        }
    }

    fn receive(&mut self, from: NodeId, message: Message, effects: &mut Effects<Debate>) {
        if !self.members.contains(from) {
            return;
        }
        match message {
            Message::Said { slot, speeches } => self.on_said(from, slot, speeches, effects),
            Message::Reopened { slot, round, refused } => self.on_reopened(slot, round, refused, effects),
            Message::Vote(letter) => self.on_letter(from, letter, effects),
        }
    }

    fn fire(&mut self, timer: Timer, effects: &mut Effects<Debate>) {
        match timer {
            Timer::Patience(slot) => self.speak(slot, Speech::Pass, effects),
            Timer::Floor(slot) => self.end_floor(slot, effects),
            Timer::Resend(slot) => self.repeat(slot, effects),
            Timer::Chair(slot) if self.votes.has_put(slot) => self.back_off(slot, effects),
            Timer::Chair(slot) | Timer::Motion(slot) => self.take_chair(slot, effects),
            Timer::Tally(slot) => self.put_motion(slot, effects),
            Timer::ResendVote(slot) => self.votes.fire(vote::Timer::Resend(slot), effects),
        }
    }

    /// An answer of the own agent: to the debater, or to the voter who checks a motion. One to a question that was
    /// cancelled goes nowhere.
    fn on_answer(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<Debate>) {
        let asked = self.floors.iter().find(|(_, floor)| floor.asked == Some(ticket)).map(|(slot, _)| *slot);
        match (asked, answer) {
            (Some(slot), Answer::Proposal(value)) => self.speak(slot, Speech::Answer(value), effects),
            (Some(slot), _) => self.speak(slot, Speech::Pass, effects),
            (None, answer) => {
                if let Some(vote::VoteOf { slot, progress }) = self.votes.answer(ticket, &answer, effects) {
                    self.follow_up(slot, progress, effects);
                }
            }
        }
    }
}

impl Protocol for Debate {
    type Message = Message;
    type Timer = Timer;
    type Durable = Durable;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, event: Event<Debate>, effects: &mut Effects<Debate>) {
        match event {
            Event::Start(durable) => self.start(durable.unwrap_or_default(), effects),
            Event::Deliver { from, message } => self.receive(from, message, effects),
            Event::Fire(timer) => self.fire(timer, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(op, slot, effects);
                }
            }
            Event::Answer { ticket, answer } => self.on_answer(ticket, answer, effects),
            Event::DiskFailed(_) => effects.halt(),
        }
    }

    /// Safety and progress rest on the vote alone, which is one of a durable majority. What the debate says can only
    /// change which answer is put.
    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance::of_a_durable_majority(kind))
    }

    fn corrupted(message: &Message, draw: u64) -> Option<Message> {
        Some(message.corrupted(draw))
    }
}
