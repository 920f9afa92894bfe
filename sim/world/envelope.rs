//! What travels on links.

use super::tools::{ToolAnswer, ToolRequest};
use crate::agent::{Parcel, Ticket};
use crate::digest::{Digest, Digester};
use crate::id::{NodeId, OpId, ProcessId};
use crate::model::{Chunk, Manner, Piece, ProviderError, Reply, Request, Response, Stamp, Taint, Turn};
use crate::protocol::Data;
use crate::protocol::team::{self, Outcome};
use crate::tool::arguments_of;
use crate::trace::Told;
use std::sync::Arc;

/// A message of any kind. Pure worlds are monomorphic in `M`; async agents send parcels.
#[derive(Clone, Debug)]
pub(super) enum Envelope<M> {
    /// Between members of a pure protocol.
    Peer(M),
    /// The same while rounds part processes: only these copies of its receiver hear it.
    Parted(Box<Parted<M>>),
    /// Between async agents.
    Any(Parcel),
    /// From an agent to its model.
    Prompt(Box<Prompt>),
    /// The same way: the answer is not wanted any more.
    Cancel(Cancel),
    /// Back.
    Reply(Box<ModelReply>),
    /// Back, piece by piece.
    Piece(Box<StreamPiece>),
    /// From an agent to a tool.
    Call(Box<ToolRequest>),
    /// Back.
    Answer(Box<ToolAnswer>),
    /// From a client to a member.
    Invoke(Invoke),
    /// Back.
    Return(Box<Return>),
}

/// A message that does not reach every copy of its receiver.
#[derive(Clone, Debug)]
pub(super) struct Parted<M> {
    /// Those on the sender's side.
    pub(super) heard_by: Vec<u32>,
    pub(super) message: M,
}

/// A call to a model.
#[derive(Clone, Debug)]
pub(super) struct Prompt {
    pub(super) process: ProcessId,
    pub(super) ticket: Ticket,
    /// Which call of this caller, from 0.
    pub(super) turn: Turn,
    pub(super) request: Arc<Request>,
    pub(super) manner: Manner,
}

/// The end of a call before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cancel {
    pub(super) process: ProcessId,
    pub(super) ticket: Ticket,
}

/// One piece of a streamed answer.
#[derive(Clone, Debug)]
pub(super) struct StreamPiece {
    pub(super) process: ProcessId,
    pub(super) ticket: Ticket,
    pub(super) turn: Turn,
    /// Which piece of its stream, from 0.
    pub(super) place: u32,
    pub(super) piece: Piece,
    /// The fault that was forced on the answer.
    pub(super) fault: Option<crate::fault::Kind>,
    /// The false claim in the whole answer, at its last event.
    pub(super) taint: Option<Taint>,
    /// What the provider told with it, at its last event.
    pub(super) stamp: Option<Stamp>,
}

/// A model's answer to a call.
#[derive(Clone, Debug)]
pub(super) struct ModelReply {
    pub(super) process: ProcessId,
    pub(super) ticket: Ticket,
    pub(super) turn: Turn,
    pub(super) outcome: Result<Reply, ProviderError>,
    /// The content fault that was forced on it.
    pub(super) fault: Option<crate::fault::Kind>,
    /// What the provider told with it.
    pub(super) stamp: Stamp,
    /// The provider's response, for callers that read one.
    pub(super) posted: Option<Result<Response, ProviderError>>,
}

/// A client's request.
#[derive(Clone, Debug)]
pub(super) struct Invoke {
    pub(super) op: OpId,
    pub(super) request: team::Request,
}

/// What a client hears.
#[derive(Clone, Debug)]
pub(super) struct Return {
    pub(super) op: OpId,
    pub(super) outcome: Outcome,
}

/// A message under way.
#[derive(Clone, Debug)]
pub(super) struct Flight<M> {
    pub(super) route: Route,
    pub(super) envelope: Envelope<M>,
}

/// What is known of a message without opening it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// Who it says it is from.
    pub(super) claimed: NodeId,
    /// Who it is from.
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    /// The digest of the content.
    pub(super) about: u64,
    pub(super) sent: crate::trace::Cause,
    /// The faults that struck it on its way.
    pub(super) struck: super::struck::Struck,
}

impl Route {
    /// From one participant to another, caused by this and not looked at yet.
    #[inline]
    pub(super) const fn between(from: NodeId, to: NodeId, sent: crate::trace::Cause) -> Route {
        Route { claimed: from, from, to, about: 0, sent, struck: super::struck::Struck::NONE }
    }
}

impl<M: Data> Envelope<M> {
    /// The digest of the content and its size in words.
    #[inline(always)]
    pub(super) fn measure(&self) -> (u64, u64) {
        let mut digester = Digester::default();
        match self {
            Envelope::Peer(message) => message.digest(&mut digester),
            Envelope::Parted(parted) => parted.message.digest(&mut digester),
            Envelope::Any(parcel) => {
                let measured = parcel.measured();
                return (measured.digest, measured.words);
            }
            Envelope::Prompt(prompt) => {
                digester.word(prompt.ticket.0);
                prompt.request.digest(&mut digester);
            }
            Envelope::Cancel(cancel) => digester.word(cancel.ticket.0),
            Envelope::Reply(reply) => {
                digester.word(reply.ticket.0);
                match &reply.outcome {
                    Ok(reply) => reply.text.digest(&mut digester),
                    Err(error) => error.digest(&mut digester),
                }
            }
            Envelope::Piece(told) => {
                digester.word(told.ticket.0);
                digester.word(u64::from(told.place));
                told.piece.digest(&mut digester);
            }
            Envelope::Call(request) => {
                digester.word(request.ticket.0);
                request.call.digest(&mut digester);
                request.key.digest(&mut digester);
            }
            Envelope::Answer(answer) => {
                digester.word(answer.ticket.0);
                match &answer.outcome {
                    Ok(value) => value.digest(&mut digester),
                    Err(error) => error.digest(&mut digester),
                }
            }
            Envelope::Invoke(invoke) => {
                invoke.op.digest(&mut digester);
                invoke.request.digest(&mut digester);
            }
            Envelope::Return(back) => {
                back.op.digest(&mut digester);
                back.outcome.digest(&mut digester);
            }
        }
        (digester.finish(), digester.words())
    }

    /// As a replay prints it, with what it carries. What calls and replies carry stands in the records that cause them.
    pub(super) fn told(&self) -> Told {
        let told = Told::new(self.text());
        match self {
            Envelope::Peer(message) => told.carrying(message),
            Envelope::Parted(parted) => told.carrying(&parted.message),
            Envelope::Any(parcel) => {
                parcel.canonical().iter().fold(told, |told, value| told.carrying_value(None, value))
            }
            Envelope::Invoke(invoke) => told.carrying(&invoke.request),
            Envelope::Return(back) => told.carrying(&back.outcome),
            Envelope::Call(request) => told.carrying_value(None, &arguments_of(&request.call.arguments)),
            Envelope::Answer(answer) => {
                answer.outcome.iter().fold(told, |told, value| told.carrying_value(None, value))
            }
            Envelope::Prompt(_) | Envelope::Cancel(_) | Envelope::Reply(_) | Envelope::Piece(_) => told,
        }
    }

    fn text(&self) -> String {
        match self {
            Envelope::Peer(message) => format!("{message:?}"),
            Envelope::Parted(parted) => format!("{:?}", parted.message),
            Envelope::Any(parcel) => parcel.to_string(),
            Envelope::Prompt(prompt) => format!("prompt {}", prompt.turn),
            Envelope::Cancel(cancel) => format!("cancel call {}", cancel.ticket.0),
            Envelope::Reply(reply) => match &reply.outcome {
                Ok(said) => format!("reply {}: {said}", reply.turn),
                Err(error) => format!("reply {}: {error}", reply.turn),
            },
            Envelope::Piece(told) => match &told.piece {
                Piece::Chunk(Chunk::Text(text) | Chunk::Arguments(text)) => {
                    format!("piece {} of reply {}: {text}", told.place, told.turn)
                }
                Piece::Chunk(Chunk::Call { id, name }) => {
                    format!("piece {} of reply {}: calls {name} as {id}", told.place, told.turn)
                }
                Piece::Chunk(Chunk::End { .. }) => format!("piece {} of reply {}: the end", told.place, told.turn),
                Piece::Failed(error) => format!("piece {} of reply {}: {error}", told.place, told.turn),
            },
            Envelope::Call(request) => match &request.key {
                Some(key) => format!("call {} with key {key}", request.call),
                None => format!("call {}", request.call),
            },
            Envelope::Answer(answer) => match &answer.outcome {
                Ok(value) => format!("result of {}: {value}", answer.call),
                Err(error) => format!("answer to {}: {error}", answer.call),
            },
            Envelope::Invoke(invoke) => format!("operation {}: {}", invoke.op.0, invoke.request),
            Envelope::Return(back) => format!("operation {}: {:?}", back.op.0, back.outcome),
        }
    }
}
