//! Clients of shared stores: one session each, which reads, thinks, writes, and moves between replicas. Knows no queue
//! and no link.
//!
//! Half of what a session does are turns, as agents take them: it reads a note, thinks for a while, and writes the same
//! note. Every value is written once, so that who reads it knows which write it came from.

use crate::call::Looks;
use crate::fact::{self, Content, Key, Value, WriteId};
use crate::history::{Asked, Heard, Holds};
use crate::id::NodeId;
use crate::protocol::store::{Act, Request, Response, Token};
use crate::seed::Stream;
use crate::time::Duration;
use std::collections::BTreeMap;

/// What clients of a shared store do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sessions {
    /// How many there are.
    pub clients: u16,
    /// How many calls each makes, one after the other.
    pub calls: u64,
    /// How many notes there are besides one that is removed now and again.
    pub notes: u64,
    /// How many threads.
    pub threads: u64,
    /// The longest pause between two calls.
    pub think: Duration,
    /// How long a session waits for an answer before it tries another replica or gives up.
    pub patience: Duration,
    /// How a turn writes.
    pub turns: Turns,
    /// What becomes of a call that changes something and is not answered.
    pub silence: Silence,
    /// How long replicas have to recover once faults are over, before each session makes its last call.
    pub recovery: Duration,
    /// How long everything has to arrive once faults and calls are over.
    pub settling: Duration,
}

/// How a turn writes what it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// Whatever is there now.
    Overwrite,
    /// By compare-and-set on the version that it read.
    Swap,
}

/// What becomes of a call that changes something and is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Its outcome stays unknown; the session goes on at another replica.
    GivesUp,
    /// It is sent again, to one replica after the other, for so long. For stores that know a call again.
    Repeats(Duration),
}

/// A session under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) plan: Sessions,
    name: fact::Session,
    /// How many calls it made that change something.
    writes: u32,
    token: Token,
    /// What it last saw under each key.
    known: BTreeMap<Key, Known>,
    turns: u32,
    /// The note that it has read and thinks about.
    thinking: Option<Key>,
    /// The call under way.
    asked: Option<Asked>,
    /// Whether the call under way waits for a change.
    watches: Watches,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watches {
    Yes,
    No,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    write: WriteId,
    value: Value,
}

/// What one call in a hundred is drawn to be.
#[derive(Clone, Copy)]
enum Kind {
    Read,
    Turn,
    Write,
    ReadFleeting,
    WriteFleeting,
    Remove,
    Append,
    ReadThread,
    Watch,
}

impl Kind {
    const fn of(draw: u64) -> Kind {
        match draw {
            0..20 => Kind::Read,
            20..46 => Kind::Turn,
            46..56 => Kind::Write,
            56..63 => Kind::ReadFleeting,
            63..69 => Kind::WriteFleeting,
            69..75 => Kind::Remove,
            75..86 => Kind::Append,
            86..96 => Kind::ReadThread,
            _ => Kind::Watch,
        }
    }
}

impl Session {
    pub(super) fn new(client: NodeId, plan: Sessions) -> Session {
        Session {
            plan,
            name: fact::Session::of(client),
            writes: 0,
            token: Token::default(),
            known: BTreeMap::new(),
            turns: 0,
            thinking: None,
            asked: None,
            watches: Watches::No,
        }
    }

    /// Whether the session goes to another replica for its next call, without need.
    pub(super) fn moves(draws: &mut Stream) -> bool {
        draws.below(4) == 1
    }

    /// Its next call. Takes two draws, whatever it is.
    pub(super) fn request(&mut self, draws: &mut Stream) -> Request {
        let (kind, pick) = (Kind::of(draws.below(100)), draws.word());
        let note = Key::from(format!("note{}", 1 + pick % self.plan.notes.max(1)).as_str());
        let thread = Key::from(format!("thread{}", 1 + pick % self.plan.threads.max(1)).as_str());
        let fleeting = Key::from("fleeting");
        if let Some(key) = self.thinking.take() {
            return self.finish_turn(key);
        }
        match kind {
            Kind::Turn => {
                self.turns += 1;
                self.thinking = Some(note.clone());
                self.ask(note, Act::Read, Some(self.turns))
            }
            Kind::Read => self.ask(note, Act::Read, None),
            Kind::ReadFleeting => self.ask(fleeting, Act::Read, None),
            Kind::ReadThread => self.ask(thread, Act::Read, None),
            Kind::Watch => {
                let seen = self.known.get(&note).map(|known| known.write);
                self.ask(note, Act::Watch { seen }, None)
            }
            Kind::Write | Kind::WriteFleeting | Kind::Append | Kind::Remove => {
                let value = self.next_value();
                match kind {
                    Kind::Write => self.ask(note, Act::Write { value }, None),
                    Kind::WriteFleeting => self.ask(fleeting, Act::Write { value }, None),
                    Kind::Append => self.ask(thread, Act::Append { value }, None),
                    _ => self.ask(fleeting, Act::Remove, None),
                }
            }
        }
    }

    /// The second half of a turn: what it came to is written.
    fn finish_turn(&mut self, key: Key) -> Request {
        let value = self.next_value();
        let act = match (self.plan.turns, self.known.get(&key)) {
            (Turns::Swap, Some(known)) => Act::Swap { expected: Some(known.write), value },
            _ => Act::Write { value },
        };
        self.ask(key, act, Some(self.turns))
    }

    /// The value that the next write carries: its own name, which no other write has.
    fn next_value(&self) -> Value {
        Value::from(WriteId { session: self.name, number: self.writes + 1 }.to_string().as_str())
    }

    fn ask(&mut self, key: Key, act: Act, turn: Option<u32>) -> Request {
        let call = act.call();
        self.writes += u32::from(call.changes());
        self.watches = if matches!(act, Act::Watch { .. }) { Watches::Yes } else { Watches::No };
        let request = Request { session: self.name, number: self.writes, key, act, token: self.token.clone() };
        let value = match &request.act {
            Act::Write { value } | Act::Append { value } | Act::Swap { value, .. } => Some(value.clone()),
            Act::Read | Act::Remove | Act::Watch { .. } => None,
        };
        let known = self.known.get(&request.key).filter(|_| matches!(request.act, Act::Swap { .. }));
        let expected = known.map(|known| known.value.clone());
        let expected_write = known.map(|known| known.write);
        let (key, write) = (request.key.clone(), request.write());
        let looks = if self.watches == Watches::Yes { Looks::OnceChanged } else { Looks::AtOnce };
        self.asked = Some(Asked { session: self.name, call, key, value, expected, expected_write, write, turn, looks });
        request
    }

    /// The call under way, as a history keeps it.
    pub(super) fn asked(&self) -> Option<&Asked> {
        self.asked.as_ref()
    }

    /// How long the call under way is waited for.
    pub(super) fn waits(&self) -> Duration {
        let patience = self.plan.patience;
        match (self.asked.as_ref().is_some_and(|asked| asked.call.changes()), self.plan.silence, self.watches) {
            (_, _, Watches::Yes) | (true, Silence::GivesUp, _) => patience,
            (true, Silence::Repeats(span), _) => span,
            // A read may be asked of anyone, any number of times.
            (false, ..) => patience * 4,
        }
    }

    /// The session hears an answer.
    pub(super) fn hear(&mut self, response: Response) -> Heard {
        let Some(asked) = self.asked.take() else { unreachable!("an answer belongs to a call under way") };
        match response {
            Response::Found { content, token } => {
                self.token.0.join(&token.0);
                self.learn(asked.key, &content);
                Heard { holds: Holds::Yes, content: Some(content) }
            }
            Response::Done { token } => {
                self.token.0.join(&token.0);
                Heard { holds: Holds::Yes, content: None }
            }
            Response::Differs => Heard { holds: Holds::No, content: None },
        }
    }

    fn learn(&mut self, key: Key, content: &Content) {
        match content {
            Content::Note { value: Some(value), write: Some(write) } => {
                self.known.insert(key, Known { write: *write, value: value.clone() });
            }
            Content::Note { .. } => _ = self.known.remove(&key),
            Content::Thread(_) | Content::Listed(_) => {}
        }
    }

    /// The session gives a call up. What it read half of a turn for is not written.
    pub(super) fn give_up(&mut self) {
        self.asked = None;
        self.thinking = None;
    }
}
