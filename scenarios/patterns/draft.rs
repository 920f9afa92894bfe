//! What teams of every pattern share: an answer in the making, with the evidence that it rests on.

use super::desk::think;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use synod::agent::Page;
use synod::{Agent, Result};

/// An answer in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    /// Who had a part in it.
    pub(super) by: BTreeSet<String>,
    /// Who signed it last, and when. A model gives the same answer again, and then a draft would be the same as an
    /// earlier one: checkers could not tell which of the two somebody read or replaced.
    pub(super) signed: String,
    /// The lines of evidence that it rests on.
    pub(super) lines: BTreeSet<String>,
    /// What the last model to look at it answered.
    pub(super) answer: Json,
}

impl Draft {
    /// With an agent's own lines and its model's answer.
    pub(super) fn signed(mut self, agent: &Agent, answer: Json) -> Draft {
        self.by.insert(agent.id().to_string());
        self.signed = format!("{} at {}", agent.id(), agent.now());
        self.lines.extend(agent.evidence().lines().map(str::to_owned));
        self.answer = answer;
        self
    }

    /// Both in one; the answer is whoever's turn it is.
    pub(super) fn with(mut self, other: Draft) -> Draft {
        self.by.extend(other.by);
        self.lines.extend(other.lines);
        self
    }

    /// Whether so many had a part in it.
    pub(super) fn is_whole(&self, members: usize) -> bool {
        self.by.len() >= members
    }
}

/// One turn: what was read goes into the prompt, and what comes back is written.
pub(super) async fn add_to(agent: Agent, page: Page<Draft>) -> Result<Draft> {
    let answer = think(&agent, page.request).await?;
    Ok(page.note.unwrap_or_default().signed(&agent, answer))
}
