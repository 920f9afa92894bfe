//! Sessions' calls: which must wait, which take effect, what each depends on. Knows no other replica.

use super::{Accepted, Answered, Gossip, Message, Parked, Stamped, Write};
use crate::id::OpId;
use crate::protocol::Effects;
use crate::protocol::store::{Act, Change, Dot, Request, Response, Token, Update, Vector};
use crate::protocol::team::Outcome;
use crate::time::Time;

/// How many calls wait at most: more than sessions there are. Beyond it the oldest is dropped, as if it had been lost.
const MOST_PARKED: usize = 64;
/// How many calls are served side by side where each that waits holds one of them: as few as there can be.
const WORKERS: usize = 1;

impl Gossip {
    /// A session calls.
    pub(super) fn on_request(&mut self, now: Time, op: OpId, request: Request, effects: &mut Effects<Gossip>) {
        if self.is_held_up() {
            return;
        }
        if self.lacks(&request.token) {
            self.parked.push_back(Parked { op, request });
            if self.parked.len() > MOST_PARKED {
                self.parked.pop_front();
            }
            return;
        }
        if self.serve(now, op, request, effects) {
            self.look_again(now, effects);
        }
    }

    /// Whether calls that wait leave nobody to serve this one. Never, unless a bug is planted (rule 11).
    fn is_held_up(&self) -> bool {
        !self.config.watches_hold_nobody_up() && self.watching.len() >= WORKERS
    }

    /// Whether the session has seen what this replica has not.
    fn lacks(&self, token: &Token) -> bool {
        self.config.heeds_tokens() && !self.disk.seen.covers(&token.0)
    }

    /// Serves what waited for an update that is here now.
    pub(super) fn look_again(&mut self, now: Time, effects: &mut Effects<Gossip>) {
        loop {
            let ready = self.parked.iter().position(|parked| !self.lacks(&parked.request.token));
            if let Some(Parked { op, request }) = ready.and_then(|place| self.parked.remove(place)) {
                self.serve(now, op, request, effects);
                continue;
            }
            let changed = self.watching.iter().find(|(_, request)| self.has_news(request)).map(|(op, _)| *op);
            let Some(op) = changed else { return };
            let request = self.watching.remove(&op).expect("it was found");
            self.serve(now, op, request, effects);
        }
    }

    fn has_news(&self, request: &Request) -> bool {
        match &request.act {
            Act::Watch { seen } => self.disk.notes.version(&request.key) != *seen,
            _ => true,
        }
    }

    /// Answers a call; says whether it changed anything.
    fn serve(&mut self, now: Time, op: OpId, request: Request, effects: &mut Effects<Gossip>) -> bool {
        let change = match &request.act {
            Act::Watch { .. } if !self.has_news(&request) => {
                self.watching.insert(op, request);
                return false;
            }
            Act::Read | Act::Watch { .. } => {
                let sight = self.disk.notes.read(&request.key);
                let token = Token(if self.config.is_causal() { sight.needs } else { Vector::default() });
                respond(op, Response::Found { content: sight.content, token }, effects);
                return false;
            }
            Act::Write { value } | Act::Swap { value, .. } => Change::Put(value.clone()),
            Act::Remove => Change::Remove,
            Act::Append { value } => Change::Append(value.clone()),
        };
        if let Some(accepted) = self.answered_before(&request) {
            match &accepted.answered {
                _ if accepted.number > request.number => {}
                Answered::Done(token) => respond(op, Response::Done { token: token.clone() }, effects),
                Answered::Differs => respond(op, Response::Differs, effects),
            }
            return false;
        }
        let mut needs = request.token.0.clone();
        if let Act::Swap { expected, .. } = &request.act {
            if self.disk.notes.version(&request.key) != *expected {
                self.save(Write::Refused { session: request.session, number: request.number }, effects);
                respond(op, Response::Differs, effects);
                return false;
            }
            needs.join(&self.disk.notes.read(&request.key).needs);
        }
        self.accept(now, op, &request, change, needs, effects);
        true
    }

    fn answered_before(&self, request: &Request) -> Option<Accepted> {
        let accepted = self.disk.accepted.get(&request.session).filter(|accepted| accepted.number >= request.number);
        accepted.filter(|_| self.config.counts_calls()).cloned()
    }

    /// A call takes effect here, and is told to everyone.
    fn accept(
        &mut self,
        now: Time,
        op: OpId,
        request: &Request,
        change: Change,
        needs: Vector,
        effects: &mut Effects<Gossip>,
    ) {
        let needs = if self.config.is_causal() { self.config.told(needs) } else { Vector::default() };
        let dot = Dot { origin: self.me, number: self.disk.seen.count(self.me) + 1 };
        let stamp = self.config.stamp(&mut self.clock, now, self.me);
        let mut token = Token(needs.clone());
        token.0.add(dot);
        let token = if self.config.is_causal() { token } else { Token::default() };
        let write = request.write().expect("a call that changes something is a write");
        let update = Update { dot, needs, stamp, write, key: request.key.clone(), change };
        let call = Accepted { number: request.number, answered: Answered::Done(token.clone()) };
        let stamped = Stamped { stamp, clock: now, heard: self.heard.take() };
        self.take(update.clone(), Some(call), Some(stamped), effects);
        respond(op, Response::Done { token }, effects);
        effects.send_all(self.members.others(self.me), &Message::Updates(vec![update]));
    }
}

fn respond(op: OpId, response: Response, effects: &mut Effects<Gossip>) {
    effects.respond(op, Outcome::Store(Box::new(response)));
}
