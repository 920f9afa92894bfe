//! Replies in a neutral shape that every provider's can be rendered from. Knows no provider.

use super::ToolCall;
use super::reading::TOKEN_BYTES;
use crate::digest::{Digest, Digester};
use crate::fault::Kind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a model answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// The tools it calls, in order.
    pub calls: Vec<ToolCall>,
    /// Why it ended.
    pub stop: Stop,
    /// What it cost.
    pub usage: Usage,
    /// Which of the request's stop sequences it came upon. `None` unless that is why it ended, and of a provider that
    /// does not say which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<String>,
    /// The false claim that was born here, if one was. Agents never see it; traces do.
    pub taint: Option<Taint>,
}

impl Reply {
    /// A complete reply that says this and calls no tool. What it cost is left open.
    ///
    /// ```
    /// use synod::model::{Reply, Stop, Usage};
    /// let reply = Reply { usage: Usage { input_tokens: 9, output_tokens: 2 }, ..Reply::saying("Yes.") };
    /// assert_eq!((reply.text.as_str(), reply.stop), ("Yes.", Stop::EndTurn));
    /// ```
    #[must_use]
    pub fn saying(text: impl Into<String>) -> Reply {
        let (calls, usage, stopped_at, taint) = (Vec::new(), Usage::default(), None, None);
        Reply { text: text.into(), calls, stop: Stop::EndTurn, usage, stopped_at, taint }
    }

    /// About how many tokens of it a caller sees.
    pub(crate) fn written(&self) -> u32 {
        let called: usize = self.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
        u32::try_from((self.text.len() + called).div_ceil(TOKEN_BYTES)).unwrap_or(u32::MAX)
    }
}

impl Digest for Reply {
    fn digest(&self, digester: &mut Digester) {
        let Reply { text, calls, stop, usage, stopped_at, taint } = self;
        text.digest(digester);
        calls.digest(digester);
        stop.digest(digester);
        usage.digest(digester);
        taint.digest(digester);
        // Replies of old had none, and archived digests are of those.
        if let Some(text) = stopped_at {
            text.digest(digester);
        }
    }
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The model had said what it wanted to say.
    EndTurn,
    /// It was cut off.
    MaxTokens,
    /// It declined to answer.
    Refusal,
    /// It came upon a text at which it was told to stop.
    StopSequence,
    /// It waits for the results of the tools it calls.
    ToolUse,
    /// The provider paused a long turn; sending the transcript back goes on with it.
    PauseTurn,
    /// Transcript and reply together outgrew the context window.
    ContextWindow,
    /// The provider's filter withheld it.
    ContentFilter,
}

crate::digestible! { enum Stop {
    1 = EndTurn, 2 = MaxTokens, 3 = Refusal, 4 = StopSequence, 5 = ToolUse, 6 = PauseTurn, 7 = ContextWindow,
    8 = ContentFilter,
} }

/// Tokens of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub input_tokens: u32,
    /// Tokens written, those of silent reasoning included.
    pub output_tokens: u32,
}

crate::digestible! { struct Usage { input_tokens, output_tokens } }

/// A false claim, marked where it is born.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// What kind of falsehood.
    pub kind: Kind,
    /// The claim itself, to be quoted.
    pub claim: String,
}

crate::digestible! { struct Taint { kind, claim } }

impl fmt::Display for Taint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.claim)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for call in &self.calls {
            write!(f, " [calls {call}]")?;
        }
        f.write_str(match self.stop {
            Stop::EndTurn | Stop::ToolUse => "",
            Stop::MaxTokens => " [cut off]",
            Stop::Refusal => " [refused]",
            Stop::StopSequence => " [stop sequence]",
            Stop::PauseTurn => " [paused]",
            Stop::ContextWindow => " [context window full]",
            Stop::ContentFilter => " [filtered]",
        })
    }
}
