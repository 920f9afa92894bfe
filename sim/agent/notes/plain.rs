//! Notes in plain words, as a prompt shows them: a text stands there letter for letter, so that a model can quote it.

use crate::fact::{Content, Value};
use serde_json::Value as Json;

/// A note, or a thread with one entry after the other.
pub(super) fn of_content(content: &Content) -> String {
    let entries: Vec<&Value> = match content {
        Content::Note { value, .. } => value.iter().collect(),
        Content::Thread(entries) => entries.iter().map(|entry| &entry.value).collect(),
        Content::Listed(values) => values.iter().collect(),
    };
    if entries.is_empty() {
        return "(nothing yet)".to_owned();
    }
    entries.into_iter().map(of_value).collect::<Vec<_>>().join("\n")
}

fn of_value(value: &Value) -> String {
    serde_json::from_slice(value.bytes()).map_or_else(|_| value.to_string(), |json| of_json(&json))
}

fn of_json(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Array(parts) => parts.iter().map(of_json).collect::<Vec<_>>().join("\n"),
        Json::Object(fields) => {
            let field = |(name, json): (&String, &Json)| format!("{name}: {}", of_json(json));
            fields.iter().map(field).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_letter_for_letter() {
        let value = Value::from(r#"{"lines":["[log-1] it says \"no\"","b"],"sure":true}"#);
        let note = Content::Note { value: Some(value), write: None };
        assert_eq!(of_content(&note), "lines: [log-1] it says \"no\"\nb\nsure: true");
        assert_eq!(of_content(&Content::Note { value: None, write: None }), "(nothing yet)");
    }
}
