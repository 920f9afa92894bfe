//! A protocol that shows what happens to it: each member beats ten times a second, and every beat tells what its sender
//! remembers, what its disk kept, what it has heard and what its clock shows.

use synod::digestible;
use synod::fact::{Fact, Slot};
use synod::fault::{Kind, Tolerance};
use synod::id::{Members, NodeId, OpId};
use synod::protocol::team::{Answer, Ask, Outcome, Reason, Request};
use synod::protocol::{DiskError, Effects, Event, Fold, Protocol};
use synod::time::{Duration, Time, millis};

/// Between two beats.
pub const PERIOD: Duration = millis(100);
/// Words that every second beat carries besides, for links that are narrow.
pub const LOAD: usize = 40;

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    me: NodeId,
    members: Members,
    disk: Disk,
    uptime: u64,
    heard: u64,
    reason: Option<Reason>,
    asked: Vec<Asked>,
}

/// What a beat tells. The text of a trace shows its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Which of its sender's beats this is, counted on disk.
    pub number: u64,
    writes: u64,
    torn: u64,
    uptime: u64,
    heard: u64,
    now: Time,
    reason: Option<Reason>,
    load: Vec<u64>,
}

/// What a member keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    number: u64,
    writes: u64,
    torn: u64,
}

/// One change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A beat was begun.
    Begun(u64),
    /// What is left of a torn write.
    Torn,
}

/// The only timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    op: OpId,
    slot: Slot,
}

digestible! { struct Probe { me, members, disk, uptime, heard, reason, asked } }
digestible! { struct Beat { number, writes, torn, uptime, heard, now, reason, load } }
digestible! { struct Disk { number, writes, torn } }
digestible! { enum Write { 1 = Begun(number), 2 = Torn } }
digestible! { struct Tick {} }
digestible! { struct Asked { op, slot } }

impl Fold<Write> for Disk {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Begun(number) => (self.number, self.writes) = (*number, self.writes + 1),
            Write::Torn => self.torn += 1,
        }
    }
}

impl Probe {
    /// A member's factory.
    pub fn factory(me: NodeId, members: &Members) -> Probe {
        let (disk, asked) = (Disk::default(), Vec::new());
        Probe { me, members: members.clone(), disk, uptime: 0, heard: 0, reason: None, asked }
    }

    fn beat(&mut self, now: Time, effects: &mut Effects<Probe>) {
        let write = Write::Begun(self.disk.number + 1);
        self.disk.fold(&write);
        self.uptime += 1;
        effects.arm(Tick, PERIOD..=PERIOD);
        effects.persist(write);
        let Disk { number, writes, torn } = self.disk;
        let load = vec![number; if number.is_multiple_of(2) { LOAD } else { 0 }];
        let Probe { uptime, heard, reason, .. } = *self;
        let beat = Beat { number, writes, torn, uptime, heard, now, reason, load };
        effects.send_all(self.members.others(self.me), &beat);
    }

    fn answered(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<Probe>) {
        let Some(place) = self.asked.iter().position(|asked| asked.op.0 == ticket) else { return };
        let Asked { op, slot } = self.asked.remove(place);
        let response = match answer {
            Answer::Proposal(value) => {
                effects.decide(slot, value.clone());
                Outcome::Decided { slot, value }
            }
            Answer::Nothing(reason) => {
                self.reason = Some(reason);
                Outcome::GaveUp { slot }
            }
            Answer::Approved | Answer::Refused(_) => return,
        };
        effects.respond(op, response);
    }
}

impl Protocol for Probe {
    type Message = Beat;
    type Timer = Tick;
    type Durable = Disk;
    type Write = Write;
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, now: Time, event: Event<Probe>, effects: &mut Effects<Probe>) {
        match event {
            Event::Start(survived) => {
                self.disk = survived.unwrap_or_default();
                effects.arm(Tick, PERIOD..=PERIOD);
            }
            Event::Deliver { .. } => self.heard += 1,
            Event::Fire(Tick) => {
                // For partitions that change with rounds, each beat is one.
                effects.note(Fact::Entered { height: 0, round: self.uptime });
                self.beat(now, effects);
            }
            Event::Invoke { op, request } => {
                if let Some(slot) =
                    request.slot_or_refuse(op, effects).filter(|_| self.asked.iter().all(|asked| asked.op != op))
                {
                    self.asked.push(Asked { op, slot });
                    effects.ask(op.0, Ask::Propose { slot, refusals: Vec::new() });
                }
            }
            Event::Answer { ticket, answer } => self.answered(ticket, answer, effects),
            // The beat that was to follow is gone; its number too.
            Event::DiskFailed(DiskError::Full) => {
                (self.disk.number, self.disk.writes) = (self.disk.number - 1, self.disk.writes - 1)
            }
            Event::DiskFailed(DiskError::Read) => effects.halt(),
        }
    }

    fn tolerance(_: Kind) -> Option<Tolerance> {
        Some(Tolerance::Tolerated)
    }

    fn corrupted(message: &Beat, _: u64) -> Option<Beat> {
        Some(Beat { number: message.number ^ 1 << 32, ..message.clone() })
    }

    /// A lie is a beat of an impossible number; a forged voter's comes beside the true one.
    fn lied(&self, kind: Kind, to: NodeId, message: &Beat) -> Option<Vec<Beat>> {
        let false_beat = Probe::corrupted(message, 0)?;
        match kind {
            Kind::SilentShell => Some(Vec::new()),
            Kind::EquivocatingShell => (to.index() % 2 == 1).then(|| vec![false_beat]),
            Kind::ForgedVoter => Some(vec![message.clone(), false_beat]),
            _ => None,
        }
    }

    fn torn(_: &Write, _: u64) -> Option<Write> {
        Some(Write::Torn)
    }
}
