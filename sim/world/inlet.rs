//! A stream as its reader has it: pieces put in order, and what of the reply is there. Knows no time and no reader.
//!
//! A reader may act on a call before the stream ends, and streams break: so a call is asked for as soon as it begins,
//! when only its beginning has come, and once more when all of it is there.

use crate::history::Extent;
use crate::model::{Assembly, Chunk, Piece, ProviderError, Reply, Stop};
use std::collections::{BTreeMap, VecDeque};

/// One stream.
#[derive(Default)]
pub(super) struct Inlet {
    /// Pieces that came before an earlier one.
    early: BTreeMap<u32, Piece>,
    /// The place of the next piece in order.
    next: u32,
    /// Chunks in order that nobody has read yet.
    unread: VecDeque<Chunk>,
    /// The call of a tool that is being written.
    writing: Option<Named>,
    /// All of the chunks together.
    whole: Assembly,
}

/// What a piece completes.
#[derive(Default)]
pub(super) struct Taken {
    /// Calls of tools that have begun or are whole now, in order.
    pub(super) asked: Vec<Asked>,
    /// How the stream ended: with this reply, or so.
    pub(super) ended: Option<Result<Reply, ProviderError>>,
}

/// A call of a tool by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) call: String,
    pub(super) tool: String,
}

/// A call that a model asks for, and how much of it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) named: Named,
    pub(super) extent: Extent,
}

impl Inlet {
    /// A piece arrives, perhaps before an earlier one.
    pub(super) fn take(&mut self, place: u32, piece: Piece) -> Taken {
        let mut taken = Taken::default();
        if place >= self.next {
            self.early.insert(place, piece);
        }
        while taken.ended.is_none()
            && let Some(piece) = self.early.remove(&self.next)
        {
            self.next += 1;
            match piece {
                Piece::Failed(error) => taken.ended = Some(Err(error)),
                Piece::Chunk(chunk) => self.chunk(chunk, &mut taken),
            }
        }
        taken
    }

    /// The next chunk that nobody has read.
    pub(super) fn read(&mut self) -> Option<Chunk> {
        self.unread.pop_front()
    }

    fn chunk(&mut self, chunk: Chunk, taken: &mut Taken) {
        let whole = |named: Named| Asked { named, extent: Extent::Whole };
        let mut end = None;
        match &chunk {
            Chunk::Text(_) | Chunk::Arguments(_) => {}
            Chunk::Call { id, name } => {
                let named = Named { call: id.clone(), tool: name.clone() };
                taken.asked.extend(self.writing.replace(named.clone()).map(whole));
                taken.asked.push(Asked { named, extent: Extent::Cut });
            }
            Chunk::End { stop, .. } => end = Some(*stop),
        }
        self.whole.take(chunk.clone());
        self.unread.push_back(chunk);
        if let Some(stop) = end {
            let written = self.writing.take().filter(|_| !matches!(stop, Stop::MaxTokens | Stop::ContextWindow));
            taken.asked.extend(written.map(whole));
            taken.ended = std::mem::take(&mut self.whole).finish().map(Ok);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ErrorKind, ToolCall, Usage, chunks};

    fn reply(stop: Stop) -> Reply {
        let call =
            |id: &str| ToolCall { id: id.into(), name: "merge".into(), arguments: r#"{"branch":"fix-7"}"#.into() };
        let calls = vec![call("call_1"), call("call_2")];
        Reply { text: "On it.".into(), calls, stop, usage: Usage::default(), stopped_at: None, taint: None }
    }

    /// What a reader hears of a reply's first so many chunks, taken in this order: every call with its extent, and the
    /// end.
    fn heard(
        reply: &Reply,
        most: usize,
        order: fn(usize) -> usize,
    ) -> (Vec<String>, Option<Result<Reply, ProviderError>>) {
        let (mut inlet, mut asked, mut ended) = (Inlet::default(), Vec::new(), None);
        let chunks: Vec<Chunk> = chunks(reply).into_iter().take(most).collect();
        for step in 0..chunks.len() {
            let place = order(step).min(chunks.len() - 1);
            let taken = inlet.take(u32::try_from(place).expect("few"), Piece::Chunk(chunks[place].clone()));
            asked.extend(taken.asked.iter().map(|asked| format!("{} {:?}", asked.named.call, asked.extent)));
            ended = ended.or(taken.ended);
        }
        (asked, ended)
    }

    const ALL: usize = usize::MAX;

    #[test]
    fn a_call_is_asked_for_when_it_begins_and_when_it_is_whole() {
        let said = reply(Stop::ToolUse);
        let (asked, ended) = heard(&said, ALL, |step| step);
        assert_eq!(asked, ["call_1 Cut", "call_1 Whole", "call_2 Cut", "call_2 Whole"]);
        assert_eq!(ended, Some(Ok(said.clone())));
        // Each pair of neighbours the other way round; the last of an odd number stays where it is.
        let swapped = heard(&said, chunks(&said).len() / 2 * 2, |step| step ^ 1);
        assert_eq!(swapped.0[..3], asked[..3], "order is restored");
    }

    #[test]
    fn what_a_limit_or_a_break_cut_off_is_never_whole() {
        for stop in [Stop::MaxTokens, Stop::ContextWindow] {
            assert_eq!(heard(&reply(stop), ALL, |step| step).0, ["call_1 Cut", "call_1 Whole", "call_2 Cut"]);
        }
        let said = reply(Stop::ToolUse);
        let all = chunks(&said).len();
        let (asked, ended) = heard(&said, all - 1, |step| step);
        assert_eq!((asked.last().map(String::as_str), ended), (Some("call_2 Cut"), None));
    }

    #[test]
    fn an_error_ends_a_stream_and_what_follows_it_is_nobodys() {
        let mut inlet = Inlet::default();
        let error = ProviderError::in_stream(ErrorKind::Overloaded);
        assert!(inlet.take(1, Piece::Failed(error)).ended.is_none(), "it waits for what comes before");
        let taken = inlet.take(0, Piece::Chunk(Chunk::Text("On".into())));
        assert_eq!(taken.ended, Some(Err(error)));
        assert_eq!((inlet.read(), inlet.read()), (Some(Chunk::Text("On".into())), None));
    }
}
