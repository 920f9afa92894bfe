//! The store of most agent frameworks today: a dictionary that everyone overwrites in place, and no metadata at all.
//!
//! A replica overwrites its own copy, writes it to its file, answers, and tells the others, once. They overwrite theirs
//! as they hear of it. Nothing is sent again, nothing is ordered, and a thread is appended to by writing all of it.
//! Knows no versions: what it keeps of a write's name is for histories, and no decision here looks at it, but for a
//! compare-and-set, which compares with its own copy.

use super::{Act, Request, Response, Token};
use crate::digest::digest_of;
use crate::fact::{Content, Fact, Key, WriteId, Written};
use crate::fault::{Kind, Tolerance};
use crate::id::{Members, NodeId, OpId};
use crate::protocol::team::{self, Outcome};
use crate::protocol::{Effects, Event, Fold, Protocol};
use crate::time::Time;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// A copy of the dictionary.
///
/// ```
/// use synod::id::{Members, NodeId};
/// use synod::protocol::store::Weak;
/// let team = Members::of(3);
/// assert_ne!(Weak::factory(NodeId::agent(0), &team), Weak::factory(NodeId::agent(1), &team));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weak {
    me: NodeId,
    members: Members,
    pages: Pages,
    /// Who waits for a key to change.
    watching: BTreeMap<OpId, Request>,
}

crate::digestible! { struct Weak { me, members, pages, watching } }

/// What is in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages(BTreeMap<Key, Content>);

impl crate::digest::Digest for Pages {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        self.0.digest(digester);
    }
}

/// A key is overwritten; also what replicas tell each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwrite {
    /// The key.
    pub key: Key,
    /// What is there from now on.
    pub content: Content,
}

crate::digestible! { struct Overwrite { key, content } }

impl Fold<Overwrite> for Pages {
    fn fold(&mut self, write: &Overwrite) {
        self.0.insert(write.key.clone(), write.content.clone());
    }
}

impl Weak {
    /// A copy before its start.
    ///
    /// # Panics
    /// If `me` is no member.
    #[must_use]
    pub fn factory(me: NodeId, members: &Members) -> Weak {
        assert!(members.contains(me), "{me} is no member of the store");
        Weak { me, members: members.clone(), pages: Pages::default(), watching: BTreeMap::new() }
    }

    fn content(&self, key: &Key) -> Content {
        self.pages.0.get(key).cloned().unwrap_or(Content::Note { value: None, write: None })
    }

    fn serve(&mut self, op: OpId, request: Request, effects: &mut Effects<Weak>) {
        let content = self.content(&request.key);
        let version = version(&content);
        let after = match (&request.act, request.write()) {
            (Act::Watch { seen }, _) if *seen == version => {
                self.watching.insert(op, request);
                return;
            }
            (Act::Swap { expected, .. }, _) if *expected != version => return respond(op, Response::Differs, effects),
            (Act::Write { value } | Act::Swap { value, .. }, write) => {
                Content::Note { value: Some(value.clone()), write }
            }
            (Act::Remove, write) => Content::Note { value: None, write },
            (Act::Append { value }, Some(write)) => {
                let mut entries = if let Content::Thread(entries) = content { entries } else { Vec::new() };
                entries.push(Written { write, value: value.clone() });
                Content::Thread(entries)
            }
            _ => return respond(op, Response::Found { content, token: Token::default() }, effects),
        };
        let overwrite = Overwrite { key: request.key, content: after };
        self.overwrite(&overwrite, effects);
        respond(op, Response::Done { token: Token::default() }, effects);
        effects.send_all(self.members.others(self.me), &overwrite);
    }

    fn overwrite(&mut self, write: &Overwrite, effects: &mut Effects<Weak>) {
        self.pages.fold(write);
        effects.persist(write.clone());
        if let Some(write) = latest(&write.content) {
            effects.note(Fact::Took { write, state: digest_of(&self.pages) });
        }
        let told: Vec<OpId> =
            self.watching.iter().filter(|(_, request)| request.key == write.key).map(|(op, _)| *op).collect();
        for op in told {
            if let Some(request) = self.watching.remove(&op) {
                self.serve(op, request, effects);
            }
        }
    }
}

/// What a session can have read: a removed note has no version.
fn version(content: &Content) -> Option<WriteId> {
    match content {
        Content::Note { value: None, .. } => None,
        content => latest(content),
    }
}

/// The write that is last in it.
fn latest(content: &Content) -> Option<WriteId> {
    match content {
        Content::Note { write, .. } => *write,
        Content::Thread(entries) => entries.last().map(|entry| entry.write),
        Content::Listed(_) => None,
    }
}

fn respond(op: OpId, response: Response, effects: &mut Effects<Weak>) {
    effects.respond(op, Outcome::Store(Box::new(response)));
}

impl Protocol for Weak {
    type Message = Overwrite;
    type Timer = NoTimer;
    type Durable = Pages;
    type Write = Overwrite;
    type Request = team::Request;
    type Response = Outcome;
    type Ask = team::Ask;
    type Answer = team::Answer;

    fn step(&mut self, _: Time, event: Event<Weak>, effects: &mut Effects<Weak>) {
        match event {
            Event::Start(Some(pages)) => {
                self.pages = pages;
                effects.note(Fact::Held { state: digest_of(&self.pages) });
            }
            Event::Deliver { message, .. } => self.overwrite(&message, effects),
            Event::Invoke { op, request: team::Request::Store(request) } => self.serve(op, *request, effects),
            Event::Invoke { op, .. } => effects.respond(op, Outcome::Refused),
            Event::DiskFailed(_) => effects.halt(),
            Event::Start(None) | Event::Answer { .. } | Event::Fire(_) => {}
        }
    }

    fn tolerance(kind: Kind) -> Option<Tolerance> {
        Some(super::tolerance(kind))
    }

    fn core(members: &Members) -> usize {
        members.len()
    }
}

/// The name of a timer that is never armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoTimer(pub(super) Infallible);

impl crate::digest::Digest for NoTimer {
    fn digest(&self, _: &mut crate::digest::Digester) {
        match self.0 {}
    }
}
