//! Replies that break on their way, in a provider's own bytes. Knows no world: which fault strikes, and where, is said.
//!
//! A stream breaks between its events, a body in one piece wherever its bytes end. What was asked for in one piece
//! stays in one piece: an error that a stream tells after its status of 200 is then the status itself, and there are
//! no pieces to come twice or too late.

use super::{Delivery, Provider, Response, StreamEvent, errors, stream, wire};
use crate::fault::Kind;
use crate::model::{ErrorKind, ProviderError, Reply};
use serde_json::Value as Json;

/// Bytes of a body in one piece that arrive together: as many as a stream's chunk has, so that a fault's place says as
/// much of both.
const TOGETHER: usize = 16;

impl Provider {
    /// What a caller gets to see of a reply that this fault strikes on its way. `place` is the boundary at which it is
    /// cut, or the piece that comes twice or too late, modulo what there is. `None` if the fault can do nothing to it.
    ///
    /// ```
    /// use synod::fault::Kind;
    /// use synod::model::{Delivery, ErrorKind, Provider, Reply};
    /// let reply = Reply::saying("Roll it back.");
    /// let cut = Provider::OpenAi.broken(&reply, Delivery::Streamed, Kind::CutStream, 2).unwrap();
    /// assert!(cut.body.contains("Roll ") && !cut.body.contains("it "));
    /// assert_eq!(Provider::OpenAi.read(&cut).unwrap_err().kind, ErrorKind::CutStream);
    /// ```
    #[must_use]
    pub fn broken(self, reply: &Reply, delivery: Delivery, kind: Kind, place: u64) -> Option<Response> {
        match delivery {
            Delivery::Whole => self.broken_body(reply, kind, place),
            Delivery::Streamed | Delivery::StreamedBare => {
                let events = self.events_to(reply, delivery);
                self.broken_events(events, kind, place).map(|left| stream::response(&left))
            }
        }
    }

    fn broken_body(self, reply: &Reply, kind: Kind, place: u64) -> Option<Response> {
        match kind {
            Kind::CutStream => {
                let mut body = self.write_reply(reply);
                let boundary = TOGETHER * modulo(place, body.len().div_ceil(TOGETHER));
                body.truncate(body.floor_char_boundary(boundary));
                Some(wire::whole(body))
            }
            Kind::StreamError => errors::write(self, &ProviderError::of(ErrorKind::Overloaded), Delivery::Whole),
            _ => None,
        }
    }

    fn broken_events(self, mut events: Vec<StreamEvent>, kind: Kind, place: u64) -> Option<Vec<StreamEvent>> {
        let boundary = modulo(place, events.len());
        let deltas: Vec<usize> = (0..events.len()).filter(|place| self.is_piece(&events[*place])).collect();
        let piece = (!deltas.is_empty()).then(|| deltas[modulo(place, deltas.len())]);
        match kind {
            Kind::CutStream => events.truncate(boundary),
            Kind::StreamError => {
                events.truncate(boundary);
                // What a provider in trouble says in the middle of a stream.
                events.push(errors::event(self, ErrorKind::Overloaded, boundary));
            }
            Kind::DuplicateChunk => events.insert(piece?, events[piece?].clone()),
            Kind::LateChunk => {
                let late = events.remove(piece?);
                events.push(late);
            }
            _ => return None,
        }
        Some(events)
    }

    /// Whether an event brings a piece of the text or of a call's arguments.
    fn is_piece(self, event: &StreamEvent) -> bool {
        match self {
            Provider::Anthropic => event.name.as_deref() == Some("content_block_delta"),
            Provider::Responses => event.name.as_deref().is_some_and(|name| name.ends_with(".delta")),
            Provider::OpenAi => {
                let json = serde_json::from_str::<Json>(&event.data).unwrap_or_default();
                let delta = &json["choices"][0]["delta"];
                let called = &delta["tool_calls"][0]["function"]["arguments"];
                [&delta["content"], &delta["refusal"], called].into_iter().any(|text| text.as_str().is_some_and(said))
            }
        }
    }
}

fn said(text: &str) -> bool {
    !text.is_empty()
}

/// A place among so many; the first of none.
fn modulo(place: u64, many: usize) -> usize {
    usize::try_from(place % many.max(1) as u64).expect("less than a length")
}
