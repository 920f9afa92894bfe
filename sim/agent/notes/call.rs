//! One call of a store: tried, waited for, tried elsewhere, given up; and written down, however it ends.

use super::Notes;
use crate::agent::port::{Command, Completion, Consult};
use crate::agent::record::{Act, Began, Called, Ended};
use crate::agent::wait::race;
use crate::agent::{Agent, Error, Result};
use crate::fact::Key;
use crate::protocol::store::{self, Again, Response};
use crate::protocol::team::Outcome;
use crate::time::{Duration, millis, seconds};

/// How long a replica has for an answer before the call is tried again or given up: ten round trips of a slow link.
const PATIENCE: Duration = seconds(3);
/// Before another replica is asked because one cannot serve: a leader has to be known first.
const BACKOFF: Duration = millis(300);
/// Reads are asked of this many replicas, one after the other; two whole rounds of three.
const READS: u32 = 6;
/// A change comes again so often: beyond an election (2 s) and a restart of the replica (some 10 s).
const CHANGES: u32 = 8;
/// Redirections in one call. A member that does not know the leader says so at once, so there may be many.
const REDIRECTIONS: u32 = 60;

impl Notes {
    /// Calls the store and writes down what was called and what came of it.
    pub(super) async fn call(&mut self, act: Act, wanted: store::Act) -> Result<Response> {
        let number = self.agent.port.next_operation();
        let changes = act.call.changes();
        let act = if self.turns > 0 { act.in_turn(self.turns) } else { act };
        let count = u32::try_from(number + 1).expect("fewer than four billion calls");
        let (session, key) = (crate::fact::Session::of(self.agent.id()), act.key.clone());
        let request = store::Request { session, number: count, key, act: wanted, token: self.token.clone() };
        self.agent.port.submit(Command::Began(Box::new(Began { number, act })));
        let (agent, key) = (self.agent.clone(), request.key.clone());
        let mut open = Open { agent, number, key, ends: Some(unheard(changes)) };
        let answered = self.pursue(number, &request, if changes { self.store.level.again() } else { Again::Anywhere });
        let answered = answered.await;
        open.end(match &answered {
            Ok(Response::Found { content, .. }) => Called::Saw(content.clone()),
            Ok(Response::Done { .. }) => Called::Done,
            Ok(Response::Differs) => Called::Refused,
            Err(Error::Unanswered) => unheard(changes),
            Err(_) => Called::Failed,
        });
        answered
    }

    /// Tries a call until it is answered, as far as it may come again.
    async fn pursue(&mut self, number: u64, request: &store::Request, again: Again) -> Result<Response> {
        let (mut tries, mut redirections) = (0, 0);
        let most = if request.act.call().changes() { CHANGES } else { READS };
        loop {
            match self.try_once(number, request).await {
                Some(Outcome::Store(response)) => return Ok(*response),
                Some(Outcome::Elsewhere { hint }) if redirections < REDIRECTIONS => {
                    redirections += 1;
                    let hinted = self.store.replicas.iter().position(|replica| Some(replica) == hint);
                    self.home = hinted.unwrap_or_else(|| self.next_replica());
                    self.agent.sleep(BACKOFF).await;
                }
                Some(Outcome::Elsewhere { .. }) => return Err(Error::Unanswered),
                Some(_) => return Err("the store refuses the call".into()),
                None => {
                    tries += 1;
                    let given_up = again == Again::Never || tries >= most;
                    // Whoever gives up goes to another replica with its next call.
                    if given_up || again == Again::Anywhere {
                        self.home = self.next_replica();
                    }
                    if given_up {
                        return Err(Error::Unanswered);
                    }
                }
            }
        }
    }

    /// Asks one replica, once.
    async fn try_once(&self, number: u64, request: &store::Request) -> Option<Outcome> {
        let replica = self.store.replicas.iter().nth(self.home).expect("a replica");
        let request = request.clone();
        let answer = self.agent.want(|ticket| Command::Consult(Box::new(Consult { ticket, number, replica, request })));
        match race(answer, &mut self.agent.timer(PATIENCE)).await {
            Some(Completion::Consulted(outcome)) => Some(*outcome),
            _ => None,
        }
    }

    fn next_replica(&self) -> usize {
        (self.home + 1) % self.store.replicas.len()
    }
}

/// What is known of a call whose answer nobody heard.
const fn unheard(changes: bool) -> Called {
    if changes { Called::Unknown } else { Called::Failed }
}

/// A call that has not ended. Dropped, as by whoever waits for something else at the same time, it ends unheard.
struct Open {
    agent: Agent,
    number: u64,
    key: Key,
    ends: Option<Called>,
}

impl Open {
    fn end(&mut self, called: Called) {
        self.ends = None;
        let (number, key) = (self.number, self.key.clone());
        self.agent.port.submit(Command::Ended(Box::new(Ended { number, key, called })));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(called) = self.ends.take() {
            self.end(called);
        }
    }
}
