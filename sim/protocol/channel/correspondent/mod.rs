//! Members that talk over a channel: what a channel is tried with, and an example of a protocol that holds one. Know
//! what they say to each other; nothing of how it gets there.
//!
//! As a team they take [`Request::Propose`]: the slot is what they then talk about. [`Subject`] says what they do.
//! Every letter sent and delivered is reported ([`Fact::Sent`], [`Fact::Delivered`]) by the correspondent, not by the
//! channel, which could report falsely. A crash may come between a write and its report, so a restarted member reports
//! its durable transcript again, positions included.

mod bug;
mod durable;
mod remark;
mod talk;

pub use durable::{Durable, Write};

use super::{Audience, Channel, Delivery, Kept, Letter, LetterId, Post, Posted, Refusal, Taken};
use crate::digest::{Digest, Digester};
use crate::fact::{Fact, Slot};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effect, Effects, Event, Protocol};
use crate::time::{Duration, Time, millis};
use remark::Remark;
use std::collections::{BTreeMap, VecDeque};

/// What correspondents do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Whoever is asked says something to all or to one, and what is said is answered, and the answer is, each time by
    /// another member: chains of letters that depend on each other. Clients hear that it is sent.
    Talk {
        /// Whether some letters are for one member.
        letters: Letters,
    },
    /// The first member, a tester, reports a bug to all; the second, who fixes bugs, fixes it and tells all; the third,
    /// a manager, has its model judge from what it heard, in the order in which it heard it, and tells all. Everyone
    /// decides what the manager says.
    Bug,
}

/// For whom letters of a talk are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// For all.
    ToAll,
    /// For all or for one.
    ToAllAndToOne,
}

crate::digestible! { enum Subject { 1 = Talk { letters }, 2 = Bug } }
crate::digestible! { enum Letters { 1 = ToAll, 2 = ToAllAndToOne } }

/// How long a member takes at most to take a letter in: about as long as letters take to come, so that inboxes fill.
const READING: Duration = millis(400);
/// Before a letter that was refused is posted again.
const RETRY: Duration = millis(500);

/// A member that talks over a channel.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::channel::{Correspondent, Letters, Line, Subject};
/// let (me, team) = (NodeId::agent(0), Members::of(3));
/// let talks = Subject::Talk { letters: Letters::ToAllAndToOne };
/// let member = Correspondent::new(me, &team, talks, Line::causal(me, &team));
/// assert!(member.transcript().next().is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correspondent<C: Channel> {
    me: NodeId,
    members: Members,
    subject: Subject,
    channel: C,
    /// Every letter heard, by position.
    heard: BTreeMap<u64, Letter>,
    /// Every letter of its own.
    said: BTreeMap<LetterId, Letter>,
    /// What it wants to say and the channel has not taken, in order.
    drafts: VecDeque<Post>,
    /// Whether the channel refused the first of them and is to be asked again later.
    refused: bool,
    /// On whose behalf the channel is asked to take a letter now; empty between steps.
    posting: Option<Posting>,
    /// Clients that wait for a slot's verdict.
    clients: BTreeMap<Slot, Vec<OpId>>,
    /// Slots that its model is asked about, by ticket.
    asked: BTreeMap<u64, Slot>,
    tickets: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Posting {
    OnesOwn,
    For(OpId),
}

crate::digestible! { enum Posting { 1 = OnesOwn, 2 = For(op) } }

/// What is armed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer<T> {
    /// The channel's.
    Channel(T),
    /// What was handed over up to this position is taken in.
    Take(u64),
    /// What the channel refused is posted again.
    Retry,
    /// A bug is fixed.
    Fix(Slot),
    /// A model that gave nothing is asked again.
    AskAgain(Slot),
}

impl<T: Digest> Digest for Timer<T> {
    fn digest(&self, digester: &mut Digester) {
        match self {
            Timer::Channel(timer) => (1u64, timer).digest(digester),
            Timer::Take(position) => (2u64, position).digest(digester),
            Timer::Retry => 3u64.digest(digester),
            Timer::Fix(slot) => (4u64, slot).digest(digester),
            Timer::AskAgain(slot) => (5u64, slot).digest(digester),
        }
    }
}

impl<C: Channel> Correspondent<C> {
    /// A member before its start.
    #[must_use]
    pub fn new(me: NodeId, members: &Members, subject: Subject, channel: C) -> Correspondent<C> {
        Correspondent {
            me,
            members: members.clone(),
            subject,
            channel,
            heard: BTreeMap::new(),
            said: BTreeMap::new(),
            drafts: VecDeque::new(),
            refused: false,
            posting: None,
            clients: BTreeMap::new(),
            asked: BTreeMap::new(),
            tickets: 0,
        }
    }

    /// What it heard, in order.
    pub fn transcript(&self) -> impl Iterator<Item = &Letter> {
        self.heard.values()
    }

    /// The channel that it holds.
    #[must_use]
    pub fn channel(&self) -> &C {
        &self.channel
    }

    fn start(&mut self, now: Time, durable: Option<Durable<C>>, effects: &mut Effects<Self>) {
        let durable = durable.unwrap_or_default();
        for kept in durable.transcript {
            self.report(&kept, effects);
            match kept {
                Kept::Sent(letter) => _ = self.said.insert(letter.id, letter),
                Kept::Delivered(Delivery { position, letter }) => _ = self.heard.insert(position, letter),
            }
        }
        let again = (durable.channel != C::Durable::default()).then_some(durable.channel);
        self.drive(now, Event::Start(again), effects);
        for position in self.heard.keys().copied().collect::<Vec<_>>() {
            self.think(position, effects);
        }
        self.speak(now, effects);
    }

    fn report(&self, kept: &Kept, effects: &mut Effects<Self>) {
        effects.note(match kept {
            Kept::Sent(letter) => Fact::Sent { number: letter.id.number, to: letter.to.among(&self.members) },
            Kept::Delivered(Delivery { position, letter: Letter { id, .. } }) => {
                Fact::Delivered { from: id.from, number: id.number, position: *position }
            }
        });
    }

    /// A letter is handed over. One that is handed over again is reported again, and read once.
    fn hear(&mut self, delivery: Delivery, effects: &mut Effects<Self>) {
        let position = delivery.position;
        self.report(&Kept::Delivered(delivery.clone()), effects);
        let fresh = self.heard.insert(position, delivery.letter).is_none();
        effects.arm(Timer::Take(position), Duration::ZERO..=READING);
        if fresh {
            self.think(position, effects);
        }
    }

    /// What it makes of a letter.
    fn think(&mut self, position: u64, effects: &mut Effects<Self>) {
        let letter = self.heard[&position].clone();
        let Some(remark) = Remark::read(&letter.body) else { return };
        match self.subject {
            Subject::Talk { letters } => self.answer_remark(&letter, &remark, letters),
            Subject::Bug => self.work_on(remark, effects),
        }
    }

    /// Whether it has said this already, or is about to.
    fn has_said(&self, is: impl Fn(&Remark) -> bool) -> bool {
        let drafted = self.drafts.iter().map(|post| &post.body);
        let said = self.said.values().map(|letter| &letter.body).chain(drafted);
        said.filter_map(Remark::read).any(|remark| is(&remark))
    }

    /// Posts what it wants to say, one letter after the other, until the channel refuses.
    fn speak(&mut self, now: Time, effects: &mut Effects<Self>) {
        while let Some(post) = self.drafts.front().filter(|_| !self.refused).cloned() {
            self.post(now, post, Posting::OnesOwn, effects);
        }
    }

    fn post(&mut self, now: Time, post: Post, posting: Posting, effects: &mut Effects<Self>) {
        self.posting = Some(posting);
        // The channel answers within the step.
        self.pass(now, Event::Invoke { op: OpId(0), request: post }, effects);
    }

    fn on_posted(&mut self, posted: Posted, effects: &mut Effects<Self>) {
        let posting = self.posting.take().expect("the channel answers what it was asked");
        match (posting, posted) {
            (Posting::OnesOwn, Posted::Accepted(_)) => _ = self.drafts.pop_front(),
            (Posting::OnesOwn, Posted::Refused(_)) => {
                self.refused = true;
                effects.arm(Timer::Retry, RETRY..=RETRY);
            }
            (Posting::For(op), Posted::Accepted(_)) => effects.respond(op, Outcome::Done),
            // The client tries another member, after a while.
            (Posting::For(op), Posted::Refused(Refusal::Full { .. })) => {
                effects.respond(op, Outcome::Elsewhere { hint: None });
            }
            (Posting::For(op), Posted::Refused(_)) => effects.respond(op, Outcome::Refused),
        }
    }

    /// One event for the channel, and what this member then has to say.
    fn drive(&mut self, now: Time, event: Event<C>, effects: &mut Effects<Self>) {
        self.pass(now, event, effects);
        self.speak(now, effects);
    }

    fn pass(&mut self, now: Time, event: Event<C>, effects: &mut Effects<Self>) {
        let mut wanted = Effects::default();
        self.channel.step(now, event, &mut wanted);
        for effect in wanted.drain() {
            self.turn(effect, effects);
        }
    }

    /// One of the channel's effects as its holder's.
    fn turn(&mut self, effect: Effect<C>, effects: &mut Effects<Self>) {
        match effect {
            Effect::Send { to, message } => effects.send(to, message),
            Effect::Arm { timer, within } => effects.arm(Timer::Channel(timer), within),
            Effect::Disarm(timer) => effects.disarm(Timer::Channel(timer)),
            Effect::Persist(write) => {
                for kept in C::kept(&write) {
                    if let Kept::Sent(letter) = kept {
                        self.said.insert(letter.id, letter);
                    }
                }
                effects.persist(Write(write));
            }
            Effect::Return { response, .. } => {
                if let Posted::Accepted(id) = response {
                    self.report(&Kept::Sent(self.said[&id].clone()), effects);
                }
                self.on_posted(response, effects);
            }
            Effect::Ask { ask, .. } => self.hear(ask, effects),
            Effect::Note(fact) => effects.note(fact),
            Effect::Halt => effects.halt(),
            // A channel decides nothing that its holder does not hear as a delivery.
            Effect::Cancel(_) | Effect::Decide { .. } => {}
        }
    }

    fn fire(&mut self, now: Time, timer: Timer<C::Timer>, effects: &mut Effects<Self>) {
        match timer {
            Timer::Channel(timer) => self.drive(now, Event::Fire(timer), effects),
            Timer::Take(position) => self.drive(now, Event::Answer { ticket: position, answer: Taken }, effects),
            Timer::Retry => {
                self.refused = false;
                self.speak(now, effects);
            }
            Timer::Fix(slot) => {
                self.fix(slot);
                self.speak(now, effects);
            }
            Timer::AskAgain(slot) => self.judge(slot, effects),
        }
    }
}

impl<C: Channel> Protocol for Correspondent<C> {
    type Message = C::Message;
    type Timer = Timer<C::Timer>;
    type Durable = Durable<C>;
    type Write = Write<C>;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, now: Time, event: Event<Self>, effects: &mut Effects<Self>) {
        match event {
            Event::Start(durable) => self.start(now, durable, effects),
            Event::Deliver { from, message } => self.drive(now, Event::Deliver { from, message }, effects),
            Event::Fire(timer) => self.fire(now, timer, effects),
            Event::Invoke { op, request } => {
                if let Some(slot) = request.slot_or_refuse(op, effects) {
                    self.on_request(now, op, slot, effects);
                }
                self.speak(now, effects);
            }
            Event::Answer { ticket, answer } => {
                self.on_answer(ticket, answer, effects);
                self.speak(now, effects);
            }
            Event::DiskFailed(error) => self.drive(now, Event::DiskFailed(error), effects),
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        C::tolerance(kind)
    }

    fn core(members: &Members) -> usize {
        C::core(members)
    }

    fn corrupted(message: &C::Message, draw: u64) -> Option<C::Message> {
        C::corrupted(message, draw)
    }
}

impl<C: Channel> Digest for Correspondent<C> {
    fn digest(&self, digester: &mut Digester) {
        let Correspondent { me, members, subject, channel, heard, said, drafts, refused, .. } = self;
        let Correspondent { posting, clients, asked, tickets, .. } = self;
        (me, (members, subject)).digest(digester);
        (channel, (heard, said)).digest(digester);
        (drafts, refused).digest(digester);
        (posting, (clients, (asked, tickets))).digest(digester);
    }
}
