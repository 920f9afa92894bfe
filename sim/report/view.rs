//! The views of a replay.

use std::str::FromStr;

/// How a replay is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Event by event.
    #[default]
    Text,
    /// What an agent's model saw and said.
    Transcript,
    /// One page to open in a browser: lifelines beside the lines of the replay.
    Html,
    /// A sequence diagram in the language of Mermaid.
    Mermaid,
    /// One JSON object a line for each record.
    Jsonl,
}

/// A name that is no view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no view '{0}': this version has text, transcript, html, mermaid and jsonl")]
pub struct UnknownView(String);

impl FromStr for View {
    type Err = UnknownView;

    fn from_str(text: &str) -> Result<View, UnknownView> {
        match text {
            "text" => Ok(View::Text),
            "transcript" => Ok(View::Transcript),
            "html" => Ok(View::Html),
            "mermaid" => Ok(View::Mermaid),
            "jsonl" => Ok(View::Jsonl),
            other => Err(UnknownView(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_this_version_lacks_is_refused_with_those_it_has() {
        assert_eq!("jsonl".parse(), Ok(View::Jsonl));
        let refused = "video".parse::<View>().unwrap_err().to_string();
        assert_eq!(refused, "there is no view 'video': this version has text, transcript, html, mermaid and jsonl");
    }
}
