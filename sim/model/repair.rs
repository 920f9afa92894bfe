//! How lenient parsers read JSON that breaks off: they close whatever is open. Knows no schema.

use serde_json::Value as Json;

/// The text with everything closed that is open, as long a beginning of it as makes JSON; the text itself if none
/// does.
pub(super) fn closed(text: &str) -> String {
    if serde_json::from_str::<Json>(text).is_ok() {
        return text.to_owned();
    }
    let ends = (0..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
    let mut closed = ends.map(|end| format!("{}{}", text[..end].trim_end_matches([',', ' ']), endings(&text[..end])));
    closed.find(|text| serde_json::from_str::<Json>(text).is_ok()).unwrap_or_else(|| text.to_owned())
}

/// What closes everything that is open at the end of a text.
fn endings(text: &str) -> String {
    let mut open = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (open.last(), letter) {
            (Some('"'), '\\') => _ = letters.next(),
            (Some('"'), '"') => _ = open.pop(),
            (Some('"'), _) => {}
            (_, '"') => open.push('"'),
            (_, '{') => open.push('}'),
            (_, '[') => open.push(']'),
            (_, '}' | ']') => _ = open.pop(),
            _ => {}
        }
    }
    open.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::closed;

    #[test]
    fn what_is_open_is_closed_and_what_has_no_value_is_dropped() {
        for (cut, whole) in [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"a":12"#, r#"{"a":12}"#),
            (r#"{"a":1,"b":"x"#, r#"{"a":1,"b":"x"}"#),
            (r#"{"a":1,"b"#, r#"{"a":1}"#),
            (r#"{"a":1,"b":"#, r#"{"a":1}"#),
            (r#"{"a":["x","y"#, r#"{"a":["x","y"]}"#),
            (r#"{"a":"x\""#, r#"{"a":"x\""}"#),
            (r#"{"a"#, "{}"),
        ] {
            assert_eq!(closed(cut), whole, "{cut}");
        }
    }
}
