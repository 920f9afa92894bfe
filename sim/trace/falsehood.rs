//! When does something carry a false claim? Knows contents, not who said them.
//!
//! The rule compares values, and in doubt says no. Content carries a claim about the same slot if
//!
//! 1. some part of it equals the false part at the same path: with `cause = "deploy"` claimed, any object whose
//!    `cause` is `"deploy"`;
//! 2. or some part of it equals the whole reply. A number, a flag or a null counts only where it stands alone, as the
//!    content or under its single name: `41` says nothing among other fields;
//! 3. or a text in it names an invented id or source, as a word of its own;
//! 4. or a text in it quotes a reply that is prose, or the claim about it;
//! 5. or a text in it has the false part as a line of its own, as prompts show notes: `cause: deploy`.
//!
//! JSON within prose counts as JSON.

use super::told::{Claim, Content, Said};
use crate::fact::Slot;
use crate::fault::Kind;
use serde_json::Value as Json;

/// Shorter names than this are no evidence of having been invented.
const SHORTEST_ID: usize = 4;
/// Shorter prose than this is repeated by chance.
const SHORTEST_PROSE: usize = 12;

/// A falsehood: what all claims have in common that say the same wrong thing about the same slot.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Falsehood {
    pub(super) slot: Slot,
    pub(super) kind: Kind,
    pub(super) quote: String,
    /// Whole replies that say it.
    wholes: Vec<Json>,
    /// The false part and where it stands.
    part: Option<Part>,
    /// An id or a source that does not exist.
    invented: Option<String>,
    /// Replies that are no JSON, and claims that are no part of one.
    prose: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct Part {
    pointer: String,
    json: Json,
}

impl Falsehood {
    pub(super) fn of(claim: &Claim) -> Falsehood {
        let Claim { kind, quote, slot, reply } = claim;
        let mut falsehood = Falsehood {
            slot: *slot,
            kind: *kind,
            quote: quote.clone(),
            wholes: Vec::new(),
            part: None,
            invented: None,
            prose: Vec::new(),
        };
        falsehood.learn(reply);
        falsehood
    }

    /// Whether a claim says the same wrong thing.
    pub(super) fn is_of(&self, claim: &Claim) -> bool {
        self.slot == claim.slot && self.quote == claim.quote
    }

    /// Takes in one more reply that says it.
    pub(super) fn learn(&mut self, reply: &str) {
        let Ok(json) = serde_json::from_str::<Json>(reply) else {
            let found: Vec<Json> = embedded(reply).collect();
            for json in found {
                self.learn_part(&json);
            }
            return self.prose.push(reply.trim().to_owned());
        };
        self.learn_part(&json);
        if !self.wholes.contains(&json) {
            self.wholes.push(json);
        }
    }

    fn learn_part(&mut self, json: &Json) {
        let Some(part) = part(&self.quote, json) else { return };
        if let (Kind::FabricatedId | Kind::FabricatedCitation, Json::String(id)) = (self.kind, &part.json) {
            self.invented = Some(id.clone()).filter(|id| id.len() >= SHORTEST_ID);
        }
        self.part = Some(part);
    }

    /// Whether this carries it.
    pub(super) fn is_in(&self, said: &Said) -> bool {
        if said.slot.is_some_and(|slot| slot != self.slot) {
            return false;
        }
        self.stands_in(&said.content)
    }

    /// Whether this carries it, whatever it is about.
    pub(super) fn stands_in(&self, content: &Content) -> bool {
        match content {
            Content::Json(json) => self.stands_alone(json) || self.is_within(json),
            Content::Prose(text) => self.is_in_prose(text),
        }
    }

    /// A bare number or flag, as the whole content or under its single name.
    fn stands_alone(&self, json: &Json) -> bool {
        let alone = match json {
            Json::Object(fields) if fields.len() == 1 => fields.values().next().unwrap_or(json),
            json => json,
        };
        !alone.is_object() && !alone.is_array() && self.wholes.contains(alone)
    }

    fn is_within(&self, json: &Json) -> bool {
        let at_path = |part: &Part| json.pointer(&part.pointer) == Some(&part.json);
        if self.part.as_ref().is_some_and(at_path) {
            return true;
        }
        match json {
            Json::Object(fields) => self.wholes.contains(json) || fields.values().any(|field| self.is_within(field)),
            Json::Array(items) => self.wholes.contains(json) || items.iter().any(|item| self.is_within(item)),
            Json::String(text) => self.wholes.contains(json) || self.is_in_prose(text),
            _ => false,
        }
    }

    fn is_in_prose(&self, text: &str) -> bool {
        let quoted = |words: &String| words.len() >= SHORTEST_PROSE && text.contains(words.as_str());
        self.invented.as_ref().is_some_and(|id| names(text, id))
            || self.prose.iter().any(quoted)
            || self.part.as_ref().and_then(Part::line).is_some_and(|line| text.lines().any(|found| found == line))
            || embedded(text).any(|json| self.is_within(&json))
    }
}

impl Part {
    /// As a line of a note that is shown in words; items of lists have no name to be known by.
    fn line(&self) -> Option<String> {
        let (_, name) = self.pointer.rsplit_once('/').filter(|(_, name)| name.parse::<usize>().is_err())?;
        Some(format!("{name}: {}", self.json.as_str().map_or_else(|| self.json.to_string(), str::to_owned)))
    }
}

/// The part of a reply that a quote of the form `path = value` names, if it stands there.
fn part(quote: &str, reply: &Json) -> Option<Part> {
    let (path, text) = quote.split_once(" = ")?;
    let pointer = format!("/{}", path.replace('.', "/"));
    let json: Json = serde_json::from_str(text).ok()?;
    (reply.pointer(&pointer) == Some(&json)).then_some(Part { pointer, json })
}

/// Whether a text names an id as a word of its own.
fn names(text: &str, id: &str) -> bool {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
    text.match_indices(id).any(|(place, _)| {
        let (before, after) = (text[..place].chars().next_back(), text[place + id.len()..].chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

/// The objects and lists that stand in a text.
fn embedded(text: &str) -> impl Iterator<Item = Json> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(place) = text[from..].find(['{', '[']) {
            let start = from + place;
            let mut found = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Json>();
            if let Some(Ok(json)) = found.next() {
                from = start + found.byte_offset();
                return Some(json);
            }
            from = start + 1;
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falsehood(kind: Kind, quote: &str, reply: &str) -> Falsehood {
        Falsehood::of(&Claim { kind, quote: quote.to_owned(), slot: Slot(0), reply: reply.to_owned() })
    }

    fn json(text: &str) -> Said {
        Said { slot: None, content: Content::Json(serde_json::from_str(text).unwrap()) }
    }

    fn prose(text: &str) -> Said {
        Said { slot: None, content: Content::Prose(text.to_owned()) }
    }

    #[test]
    fn an_altered_field_is_found_wherever_the_object_is_and_nowhere_else() {
        let deploy =
            falsehood(Kind::WrongAnswer, r#"cause = "deploy""#, r#"{"cause":"deploy","service":"svc-1","sure":true}"#);
        for carries in [
            json(r#"{"cause":"deploy","service":"svc-1","sure":true}"#),
            json(r#"{"votes":[{"by":"a1","for":{"cause":"deploy","service":"svc-7"}}]}"#),
            prose("The shared note finding:\ncause: deploy\nservice: svc-7"),
            prose(r#"PROPOSAL: {"cause":"deploy","service":"svc-1","sure":true} Reply as {"cause": one of …}"#),
        ] {
            assert!(deploy.is_in(&carries), "{carries:?}");
        }
        for innocent in [
            json(r#"{"cause":"disk","service":"svc-1","sure":true}"#),
            json(r#"{"effect":"deploy"}"#),
            json(r#"["deploy", true, "svc-1"]"#),
            prose("the deploy was fine, cause unknown"),
            prose("the cause: deploy or disk"),
        ] {
            assert!(!deploy.is_in(&innocent), "{innocent:?}");
        }
        let elsewhere = Said { slot: Some(Slot(1)), ..json(r#"{"cause":"deploy"}"#) };
        assert!(!deploy.is_in(&elsewhere), "what is false of one slot may be true of another");
    }

    #[test]
    fn an_invented_id_is_found_in_prose_as_a_word_of_its_own() {
        let ticket = falsehood(Kind::FabricatedId, r#"ids.0 = "INC-4417""#, r#"{"ids":["INC-4417","INC-1"]}"#);
        assert!(ticket.is_in(&prose("see INC-4417.")) && ticket.is_in(&json(r#"{"note":"as INC-4417 shows"}"#)));
        assert!(!ticket.is_in(&prose("see INC-44170 and XINC-4417")) && !ticket.is_in(&json(r#"["INC-1"]"#)));
        let source =
            falsehood(Kind::FabricatedCitation, r#"source = "RFC 9912""#, r#"{"cause":"disk","source":"RFC 9912"}"#);
        assert!(source.is_in(&prose("as RFC 9912 has it")) && !source.is_in(&prose("as RFC 99123 has it")));
    }

    #[test]
    fn a_bare_number_counts_only_where_it_stands_alone() {
        let number = falsehood(Kind::WrongAnswer, "41", "41");
        assert!(number.is_in(&json("41")) && number.is_in(&json(r#"{"Answer":41}"#)));
        assert!(!number.is_in(&json(r#"{"round":41,"answer":7}"#)) && !number.is_in(&json("[41]")));
    }

    #[test]
    fn a_claim_about_a_reply_is_carried_by_the_whole_reply() {
        let verdict = falsehood(Kind::WrongAnswer, "approves 7", r#"{"approve":true,"reason":"fine"}"#);
        assert!(verdict.is_in(&json(r#"[{"approve":true,"reason":"fine"}]"#)));
        assert!(!verdict.is_in(&json(r#"{"approve":true,"reason":"other"}"#)));
    }
}
