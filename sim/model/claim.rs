//! Where in a reply a false claim stands: of one that is cut off, nothing false is left unless that part is. Knows no
//! truth.

use super::{Chunk, Reply, Stop, Taint, ToolCall, canonical, chunks};
use crate::fault::Kind;
use serde_json::Value as Json;

/// The words of a whole reply that make a false claim.
#[derive(Default)]
pub(super) struct Claim {
    /// A reply's text, or the arguments of its last call, up to where the claim ends.
    words: Option<String>,
}

impl Claim {
    /// Where a claim stands in a reply that is still whole.
    pub(super) fn of(taint: &Taint, text: &str, calls: &[ToolCall]) -> Claim {
        let texts = std::iter::once(text).chain(calls.last().map(|call| call.arguments.as_str()));
        Claim { words: texts.into_iter().find_map(|text| words(&taint.claim, text)) }
    }

    /// Whether what is left of the reply still makes the claim.
    pub(super) fn stands(&self, taint: &Taint, left: &Reply) -> bool {
        let cut = matches!(left.stop, Stop::MaxTokens | Stop::ContextWindow | Stop::StopSequence);
        let says =
            |words: &str| left.text.contains(words) || left.calls.iter().any(|call| call.arguments.contains(words));
        // Which tool it calls stands before the arguments, which are cut first.
        let calls = matches!(taint.kind, Kind::FabricatedTool | Kind::WrongTool) && !left.calls.is_empty();
        !cut || calls || says(&taint.claim) || self.words.as_deref().is_some_and(says)
    }
}

impl Reply {
    /// What a reader has of this reply after so many chunks, with its false claim if that is among it.
    pub(crate) fn begun(&self, read: usize) -> Reply {
        let mut begun = Reply { text: String::new(), calls: Vec::new(), stop: Stop::MaxTokens, ..self.clone() };
        for chunk in chunks(self).into_iter().take(read) {
            match chunk {
                Chunk::Text(text) => begun.text.push_str(&text),
                Chunk::Call { id, name } => begun.calls.push(ToolCall { id, name, arguments: String::new() }),
                Chunk::Arguments(text) => begun.calls.last_mut().into_iter().for_each(|call| call.arguments += &text),
                Chunk::End { .. } => {}
            }
        }
        let stands = |taint: &Taint| Claim::of(taint, &self.text, &self.calls).stands(taint, &begun);
        begun.taint = self.taint.clone().filter(stands);
        begun
    }
}

/// The words of a text that say `path = value`, or that a proposal is approved or rejected: those of the JSON in it, up
/// to the end of the value. `None` if it says nothing of the kind.
fn words(claim: &str, text: &str) -> Option<String> {
    // In a form without such a field a verdict counts as said once all of it is.
    let verdict = ["approves ", "rejects "].iter().any(|verb| claim.starts_with(verb));
    let (path, value) =
        if verdict { ("approve", None) } else { claim.split_once(" = ").map(|(path, v)| (path, Some(v)))? };
    let pointer = format!("/{}", path.replace('.', "/"));
    // Prose stands before what it is about, on lines of its own.
    let mut json: Json = serde_json::from_str(text.lines().last()?).ok()?;
    let stands = std::mem::replace(json.pointer_mut(&pointer)?, Json::from(MARK));
    let stands = canonical(&stands);
    let marked = canonical(&json);
    let start = &marked[..marked.find(MARKED)?];
    value.is_none_or(|value| value == stands).then(|| format!("{start}{stands}"))
}

/// Stands where a claim does while its place is looked for: no text has a control character that is not escaped.
const MARK: &str = "\u{1}";
const MARKED: &str = "\"\\u0001\"";

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(claim: &str, text: &str, left: &str) -> bool {
        let taint = Taint { kind: Kind::WrongAnswer, claim: claim.to_owned() };
        let left = Reply { stop: Stop::MaxTokens, ..Reply::saying(left) };
        Claim::of(&taint, text, &[]).stands(&taint, &left)
    }

    #[test]
    fn a_claim_stands_as_long_as_its_value_does() {
        let text = r#"{"files":["a","b"],"points":13,"sure":true}"#;
        for (claim, shortest) in [
            (r#"files.0 = "a""#, r#"{"files":["a""#),
            (r#"files.1 = "b""#, r#"{"files":["a","b""#),
            (r#"files = ["a","b"]"#, r#"{"files":["a","b"]"#),
            ("points = 13", r#"{"files":["a","b"],"points":13"#),
            ("sure = true", r#"{"files":["a","b"],"points":13,"sure":true"#),
            (text, text),
        ] {
            for end in 0..=text.len() {
                assert_eq!(stands(claim, text, &text[..end]), end >= shortest.len(), "{claim}: {}", &text[..end]);
            }
        }
    }

    #[test]
    fn who_reads_a_stream_has_heard_a_claim_once_all_of_its_value_came() {
        let taint = Some(Taint { kind: Kind::WrongAnswer, claim: r#"cause = "deploy""#.to_owned() });
        let whole = Reply { taint, ..Reply::saying(r#"{"cause":"deploy","service":"svc-1"}"#) };
        let heard = |read| whole.begun(read).taint.is_some();
        assert_eq!([0, 1, 2, 3].map(heard), [false, false, true, true]);
        assert_eq!(whole.begun(1).text, r#"{"cause":"deploy"#);
    }

    #[test]
    fn what_is_not_there_to_be_cut_is_gone_with_the_first_cut() {
        assert!(!stands("nothing is said of files", r#"{"points":13}"#, r#"{"points":1"#));
        assert!(!stands(r#"cause = "deploy""#, r#"{"cause":"disk"}"#, r#"{"cause":"disk""#));
    }

    #[test]
    fn a_verdict_stands_once_it_is_given_and_prose_before_it_does_not_count() {
        let text = "I am going with {\"approve\":false}.\n{\"approve\":true,\"reason\":\"fine\"}";
        assert!(stands("approves 7", text, &text[..text.len() - 10]));
        assert!(!stands("approves 7", text, &text[..text.find('\n').unwrap() + 3]));
    }
}
