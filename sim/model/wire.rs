//! A reply on its way as a stream: which chunk comes when, and what may go wrong with it. Knows no world.

use super::{Assembly, Chunk, ErrorKind, ProviderError, Reply, chunks};
use crate::fault::Kind;
use crate::time::{Duration, seconds};

/// What comes over a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A chunk of the reply.
    Chunk(Chunk),
    /// The stream fails here; nothing follows.
    Failed(ProviderError),
}

crate::digestible! { enum Piece { 1 = Chunk(chunk), 2 = Failed(error) } }

/// A piece with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// How long after the call was admitted.
    pub after: Duration,
    /// What comes.
    pub piece: Piece,
}

/// Everything that comes over one stream, in order of time. If neither a last event nor a failure is among it, the
/// stream hangs at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire(pub Vec<Timed>);

/// How long after the last event a late chunk comes. A choice of ours: long after any reader has turned away.
const LATE: Duration = seconds(1);

impl Wire {
    /// A reply whose first chunk comes after so long and whose last event after so long.
    #[must_use]
    pub fn of(reply: &Reply, first: Duration, last: Duration) -> Wire {
        let chunks = chunks(reply);
        let steps = (chunks.len() as u64 - 1).max(1);
        let gap = Duration((last.0 - first.0.min(last.0)) / steps);
        let count = chunks.len();
        let timed = chunks.into_iter().enumerate().map(|(place, chunk)| {
            let after = if place + 1 == count { last } else { first + gap * place as u64 };
            Timed { after, piece: Piece::Chunk(chunk) }
        });
        Wire(timed.collect())
    }

    /// The stream as a fault of this kind leaves it. The place is the boundary at which it is cut, or the chunk that is
    /// doubled or late, modulo what there is. `None` if this kind can do nothing to it.
    #[must_use]
    pub fn struck(mut self, kind: Kind, place: u64) -> Option<Wire> {
        let content = self.0.len() as u64 - 1;
        // As many boundaries as there are events: before each of them, the last one included.
        let boundary = usize::try_from(place % (content + 1)).expect("a place in a stream");
        let chunk = usize::try_from(place % content.max(1)).expect("a place in a stream");
        match kind {
            Kind::HungStream => self.0.truncate(boundary),
            Kind::CutStream => self.fail(boundary, ProviderError::of(ErrorKind::CutStream)),
            // What a provider in trouble says in the middle of a stream.
            Kind::StreamError => self.fail(boundary, ProviderError::in_stream(ErrorKind::Overloaded)),
            Kind::DuplicateChunk | Kind::LateChunk if content == 0 => return None,
            Kind::DuplicateChunk => self.0.insert(chunk, self.0[chunk].clone()),
            Kind::LateChunk => {
                let mut late = self.0.remove(chunk);
                late.after = self.0.last().map_or(late.after, |last| last.after) + LATE;
                self.0.push(late);
            }
            _ => return None,
        }
        Some(self)
    }

    fn fail(&mut self, boundary: usize, error: ProviderError) {
        let after = self.0[boundary].after;
        self.0.truncate(boundary);
        self.0.push(Timed { after, piece: Piece::Failed(error) });
    }

    /// What a caller makes of it that waits for the whole: the reply without its taint, or the failure, and when.
    /// `None` if neither ever comes.
    #[must_use]
    pub fn whole(self) -> Option<Whole> {
        let mut assembly = Assembly::default();
        for Timed { after, piece } in self.0 {
            match piece {
                Piece::Failed(error) => return Some(Whole { after, outcome: Err(error) }),
                Piece::Chunk(chunk) => {
                    let ends = matches!(chunk, Chunk::End { .. });
                    assembly.take(chunk);
                    if ends {
                        return assembly.finish().map(|reply| Whole { after, outcome: Ok(reply) });
                    }
                }
            }
        }
        None
    }
}

/// What became of a stream as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// How long after the call was admitted.
    pub after: Duration,
    /// The reply, or the failure.
    pub outcome: Result<Reply, ProviderError>,
}
