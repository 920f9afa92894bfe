//! What faults of the way back make of an answer: errors in its place, delays, and streams that break.

use super::Job;
use super::posted::Posting;
use crate::fault::{Kind, Part};
use crate::id::NodeId;
use crate::model::{Answered, ErrorKind, Manner, ProviderError, Reply, Wire};
use crate::protocol::team::TeamProtocol;
use crate::time::{Duration, seconds};
use crate::world::World;

/// How long a gateway waits for its model. A choice of ours: shorter than agents wait, so that its 504 is heard.
const GATEWAY: Duration = seconds(30);

/// The fault that a model is told of: what it is to say, or that its provider is down.
pub(super) fn forced(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::ProviderOutage | Kind::ModelOutage => Some(Kind::ModelOutage),
        _ => (kind.part() == Part::ModelContent).then_some(kind),
    }
}

/// Whether a fault strikes before anything is generated, so that nobody pays.
pub(super) fn generates_nothing(kind: Kind) -> bool {
    matches!(kind, Kind::ServerError | Kind::Unavailable | Kind::GatewayTimeout | Kind::Overloaded)
}

/// Whether a fault acts on a stream's pieces.
fn is_of_streams(kind: Kind) -> bool {
    matches!(kind, Kind::HungStream | Kind::CutStream | Kind::StreamError | Kind::DuplicateChunk | Kind::LateChunk)
}

impl<P: TeamProtocol> World<P> {
    /// Sends an answer on its way back, with what its fault makes of it.
    pub(super) fn carry(&mut self, model: u16, mut job: Job, kind: Option<Kind>, answered: Answered) {
        let Answered { outcome, first_token, latency, .. } = self.hindered(model, &mut job, kind, answered);
        let broken = kind.filter(|kind| is_of_streams(*kind));
        if let (Manner::Posted { provider, delivery }, Ok(reply), Some(kind)) = (job.prompt.manner, &outcome, broken) {
            let posting = Posting { provider, delivery, reply: reply.clone(), first_token, latency };
            return self.carry_posted(model, job, kind, posting);
        }
        let streamed = job.prompt.manner == Manner::Streamed;
        if let Ok(reply) = &outcome
            && (streamed || broken.is_some())
        {
            let whole = Wire::of(reply, first_token, latency);
            let strength = self.strength_of(&job);
            let struck = broken.and_then(|kind| whole.clone().struck(kind, strength));
            if struck.is_some() {
                self.act(&mut job);
            }
            let reply = reply.clone();
            return if streamed {
                job.outcome = Some(outcome);
                self.start_stream(model, job, struck.unwrap_or(whole), first_token, latency);
            } else {
                self.carry_whole(model, job, reply, first_token, struck.unwrap_or(whole));
            };
        }
        job.outcome = Some(outcome);
        self.serve_after(model, job, first_token, latency);
    }

    /// A stream whose caller waits for the whole.
    fn carry_whole(&mut self, model: u16, mut job: Job, reply: Reply, first_token: Duration, wire: Wire) {
        match wire.whole() {
            None => self.hang(model, &job, Kind::HungStream),
            Some(whole) => {
                let tainted = |told: Reply| Reply { taint: reply.taint, ..told };
                job.outcome = Some(whole.outcome.map(tainted));
                self.serve_after(model, job, first_token, whole.after);
            }
        }
    }

    /// An answer as errors and delays leave it.
    fn hindered(&mut self, model: u16, job: &mut Job, kind: Option<Kind>, answered: Answered) -> Answered {
        let Answered { outcome, first_token, latency, fault } = answered;
        let failed = |error: ErrorKind, after: Duration| Answered {
            outcome: Err(ProviderError::of(error)),
            first_token: after,
            latency: after,
            fault: None,
        };
        let hindered = match kind {
            Some(Kind::ServerError) => failed(ErrorKind::Server, first_token),
            Some(Kind::Unavailable) => failed(ErrorKind::Unavailable, first_token),
            Some(Kind::Overloaded) => failed(ErrorKind::Overloaded, first_token),
            Some(Kind::GatewayTimeout) => failed(ErrorKind::Timeout, GATEWAY),
            Some(Kind::EmptyBody) => failed(ErrorKind::EmptyBody, latency),
            Some(Kind::ConnectionReset) => failed(ErrorKind::Reset, self.reset_after(model, job, latency)),
            Some(kind @ (Kind::SlowFirstToken | Kind::SlowStream)) => {
                let written = outcome.as_ref().map_or(0, |reply| u64::from(reply.written()));
                let strength = Duration(self.strength_of(job));
                let more = if kind == Kind::SlowStream { strength * written } else { strength };
                self.owe(job, kind);
                let first = if kind == Kind::SlowStream { first_token } else { first_token + more };
                Answered { outcome, first_token: first, latency: latency + more, fault }
            }
            _ => return Answered { outcome, first_token, latency, fault },
        };
        self.act(job);
        hindered
    }

    /// A connection breaks at any time before the answer is there.
    fn reset_after(&self, model: u16, job: &Job, latency: Duration) -> Duration {
        let (node, caller, turn) = (NodeId::model(model), job.caller, job.prompt.turn);
        self.streams.stream(format_args!("reset/{node}/{caller}/{turn}")).within(Duration::ZERO..=latency)
    }
}
