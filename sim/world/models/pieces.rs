//! Streams: each piece of a reply is a message of its own, put in order again where it arrives.

use super::Job;
use crate::agent::{Completion, ModelFailure};
use crate::fault::Kind;
use crate::id::NodeId;
use crate::model::{Chunk, Piece, Reply, Timed, Wire};
use crate::protocol::team::TeamProtocol;
use crate::time::{Duration, Time};
use crate::trace::{Cause, Happening, Mark};
use crate::world::envelope::{Envelope, StreamPiece};
use crate::world::process::Body;
use crate::world::recorder::{Note, Who};
use crate::world::{Due, World};
use std::collections::VecDeque;

/// A reply that is being streamed.
pub(in crate::world) struct Streaming {
    job: Job,
    began: Time,
    /// What is left.
    left: VecDeque<Timed>,
    /// How many pieces were sent.
    sent: u32,
    /// The number under which its model works on it until the last piece is sent; `None`: a cache answers.
    number: Option<u64>,
}

impl<P: TeamProtocol> World<P> {
    /// A reply from a cache, all of it at once.
    pub(super) fn stream_at_once(&mut self, model: u16, job: Job) {
        let Some(Ok(reply)) = &job.outcome else { return };
        let wire = Wire::of(reply, Duration::ZERO, Duration::ZERO);
        self.send_pieces(model, job, wire, None);
    }

    /// A stream that its model works on begins. Broken or not, it was to take so long.
    pub(super) fn start_stream(&mut self, model: u16, job: Job, wire: Wire, first_token: Duration, latency: Duration) {
        let number = self.begin_answer(model, &job, first_token, latency);
        self.send_pieces(model, job, wire, Some(number));
    }

    /// Whoever waits for more than comes has felt what broke it.
    fn send_pieces(&mut self, model: u16, job: Job, Wire(pieces): Wire, number: Option<u64>) {
        let stream = Streaming { job, began: self.recorder.now, left: pieces.into(), sent: 0, number };
        let ends = |timed: &Timed| matches!(timed.piece, Piece::Failed(_) | Piece::Chunk(Chunk::End { .. }));
        if !stream.left.iter().any(ends) {
            self.owe(&stream.job, Kind::HungStream);
        }
        self.next_piece(model, Box::new(stream));
    }

    /// Sends the pieces that are due, and comes back for the next one; of a stream that was cancelled nothing is left.
    pub(in crate::world) fn next_piece(&mut self, model: u16, mut stream: Box<Streaming>) {
        if stream.number.is_some_and(|number| !self.is_answering(model, number)) {
            return;
        }
        while let Some(first) = stream.left.front() {
            let due = stream.began + first.after;
            if due > self.recorder.now {
                return self.queue.push(due, Due::Stream { model, stream });
            }
            if let Some(timed) = stream.left.pop_front() {
                self.send_piece(model, &mut stream, timed.piece);
            }
        }
        if stream.number.is_some_and(|number| self.has_done(model, number)) {
            self.models[usize::from(model)].running -= 1;
            self.admit(model);
        }
    }

    fn send_piece(&mut self, model: u16, stream: &mut Streaming, piece: Piece) {
        let cause = match &piece {
            Piece::Chunk(Chunk::End { .. }) => {
                if self.providers.caches(&self.setup.schedule)
                    && let Some(Ok(reply)) = &stream.job.outcome
                {
                    self.providers.cached.insert(stream.job.caller, reply.clone());
                }
                self.served(model, &stream.job)
            }
            Piece::Failed(error) => {
                let begun = |reply: &Reply| reply.begun(stream.sent as usize);
                stream.job.begun = stream.job.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok()).map(begun);
                stream.job.outcome = Some(Err(*error));
                self.served(model, &stream.job)
            }
            Piece::Chunk(_) => stream.job.cause,
        };
        let Job { caller, prompt, outcome, begun, fired: fault, .. } = &stream.job;
        let taint = match (&piece, outcome) {
            (Piece::Chunk(Chunk::End { .. }), Some(Ok(reply))) => reply.taint.clone(),
            (Piece::Failed(_), _) => begun.as_ref().and_then(|reply| reply.taint.clone()),
            _ => None,
        };
        let ends = matches!(piece, Piece::Failed(_) | Piece::Chunk(Chunk::End { .. }));
        let piece = StreamPiece {
            process: prompt.process,
            ticket: prompt.ticket,
            turn: prompt.turn,
            place: stream.sent,
            piece,
            fault: *fault,
            taint,
            stamp: ends.then(|| self.stamp(model, *caller)),
        };
        stream.sent += 1;
        self.send(Who::only(NodeId::model(model)), *caller, Envelope::Piece(Box::new(piece)), cause);
    }

    /// A piece reaches the process that asked. The connection puts pieces in order and keeps one of each.
    pub(in crate::world) fn hear_piece(&mut self, process: u32, told: StreamPiece, cause: Cause) {
        let who = self.who(process);
        let StreamPiece { ticket, turn, place, piece, fault, taint, stamp, .. } = told;
        let Body::Async(task) = &mut self.processes[process as usize].body else { return };
        if let Some(stamp) = stamp {
            task.desk.open().stamp = stamp;
        }
        let taken = task.desk.open().hear(ticket, place, piece);
        self.set_cause(process, cause);
        self.asked_for(who, taken.asked);
        let Some(ended) = taken.ended else { return };
        let mut mark = Mark::NONE;
        if let Some(kind) = fault {
            self.recorder.ledger.felt(kind);
            mark = mark.with(Mark::FAULT);
        }
        if taint.is_some() {
            mark = mark.with(Mark::TAINT);
        }
        self.paid(who.process, ticket);
        let model = self.model_of(who.node);
        let note = Note::about(ticket.0).with(model).marked(mark);
        let text = || {
            let fault = fault.map(|kind| format!(" (injected: {kind})")).unwrap_or_default();
            let taint = taint.map(|taint| format!(" (false: {taint})")).unwrap_or_default();
            match &ended {
                Ok(reply) => format!("[{turn}]{fault} {reply}{taint}"),
                Err(error) => format!("[{turn}]{fault} {error}{taint}"),
            }
        };
        let cause = self.recorder.record_with(who, Happening::Replied, cause, note, text);
        let completion = match ended {
            Ok(_) => Completion::Streamed,
            Err(error) => Completion::Replied(Err(ModelFailure::Provider(error))),
        };
        self.complete(process, ticket, completion, cause);
        self.turn_ended(who.node);
    }
}
