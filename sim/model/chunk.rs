//! Replies in pieces: how a stream tells one, and how its reader puts it together again. Knows no time.

use super::{Delivery, Provider, Reply, Stop, ToolCall, Usage};
use crate::digest::{Digest, Digester};

/// How a caller wants a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// When it is complete.
    Whole,
    /// In pieces, as they come.
    Streamed,
    /// In the shape of a provider's response, when all of it is there.
    Posted {
        /// Whose shape.
        provider: Provider,
        /// In one piece, or as the events of a stream.
        delivery: Delivery,
    },
}

/// One piece of a streamed reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// More of the text.
    Text(String),
    /// A call of a tool begins; its arguments follow.
    Call {
        /// The call's own name.
        id: String,
        /// The tool's.
        name: String,
    },
    /// More of the arguments of the call that began last.
    Arguments(String),
    /// The last event: the reply is complete.
    End {
        /// Why it ended.
        stop: Stop,
        /// What it cost.
        usage: Usage,
        /// The stop sequence that it came upon, if it ended there.
        stopped_at: Option<String>,
    },
}

impl Digest for Chunk {
    fn digest(&self, digester: &mut Digester) {
        let mut all = |variant: u64, fields: &[&dyn Digest]| {
            digester.word(variant);
            fields.iter().for_each(|field| field.digest(digester));
        };
        match self {
            Chunk::Text(text) => all(1, &[text]),
            Chunk::Call { id, name } => all(2, &[id, name]),
            Chunk::Arguments(text) => all(3, &[text]),
            Chunk::End { stop, usage, stopped_at: None } => all(4, &[stop, usage]),
            Chunk::End { stop, usage, stopped_at: Some(text) } => all(5, &[stop, usage, text]),
        }
    }
}

/// Bytes of a chunk at most. Providers send a few tokens of four bytes at a time.
const CHUNK_BYTES: usize = 16;

/// The chunks of a reply, in order, the last event last.
///
/// ```
/// use synod::model::{Assembly, Reply, chunks};
/// let reply = Reply::saying("roll back the deploy of svc-7");
/// let mut assembly = Assembly::default();
/// chunks(&reply).into_iter().for_each(|chunk| assembly.take(chunk));
/// assert_eq!(assembly.finish(), Some(reply));
/// ```
#[must_use]
pub fn chunks(reply: &Reply) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = pieces(&reply.text).map(|piece| Chunk::Text(piece.to_owned())).collect();
    for ToolCall { id, name, arguments } in &reply.calls {
        chunks.push(Chunk::Call { id: id.clone(), name: name.clone() });
        chunks.extend(pieces(arguments).map(|piece| Chunk::Arguments(piece.to_owned())));
    }
    let Reply { stop, usage, stopped_at, .. } = reply;
    chunks.push(Chunk::End { stop: *stop, usage: *usage, stopped_at: stopped_at.clone() });
    chunks
}

/// A text in pieces of at most [`CHUNK_BYTES`], never within a character.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.floor_char_boundary(CHUNK_BYTES);
        let (piece, left) = rest.split_at(end);
        rest = left;
        (!piece.is_empty()).then_some(piece)
    })
}

/// A reply that is being put together from its chunks, as they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assembly {
    text: String,
    calls: Vec<ToolCall>,
    end: Option<End>,
}

/// What a stream's last event says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct End {
    stop: Stop,
    usage: Usage,
    stopped_at: Option<String>,
}

impl Assembly {
    /// Takes the next chunk. What comes after the last event is too late, and arguments without a call are nobody's.
    pub fn take(&mut self, chunk: Chunk) {
        if self.end.is_some() {
            return;
        }
        match chunk {
            Chunk::Text(text) => self.text.push_str(&text),
            Chunk::Call { id, name } => self.calls.push(ToolCall { id, name, arguments: String::new() }),
            Chunk::Arguments(text) => {
                if let Some(call) = self.calls.last_mut() {
                    call.arguments.push_str(&text);
                }
            }
            Chunk::End { stop, usage, stopped_at } => self.end = Some(End { stop, usage, stopped_at }),
        }
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The reply; `None` as long as its last event is missing, for then it may be anything.
    #[must_use]
    pub fn finish(self) -> Option<Reply> {
        let End { stop, usage, stopped_at } = self.end?;
        Some(Reply { text: self.text, calls: self.calls, stop, usage, stopped_at, taint: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_the_last_event_is_too_late_and_what_has_none_is_nothing() {
        let said = |text: &str| Chunk::Text(text.to_owned());
        let mut assembly = Assembly::default();
        assembly.take(said("Roll it back"));
        assert_eq!(assembly.clone().finish(), None);
        assembly.take(Chunk::End { stop: Stop::EndTurn, usage: Usage::default(), stopped_at: None });
        assembly.take(said(", or not."));
        assert_eq!(assembly.finish().map(|reply| reply.text), Some("Roll it back".to_owned()));
    }
}
