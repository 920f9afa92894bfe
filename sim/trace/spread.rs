//! How far a false claim came: who invented it, who repeated it, what it reached. Knows no trace; the module `trail`
//! says by which rule it is found out.

use crate::fact::{Key, Slot};
use crate::fault::Kind;
use crate::id::NodeId;
use crate::time::Time;
use serde::Serialize;
use std::fmt;

/// How far one falsehood came in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The false claim, quoted.
    pub claim: String,
    /// What kind of falsehood.
    pub kind: Kind,
    /// Which decision it is about.
    pub slot: Slot,
    /// Each time a model said it, oldest first.
    pub births: Vec<Birth>,
    /// How many agents took part in the run.
    pub agents: usize,
    /// What each of them is called, if the team has a word for it and started no sub-agents.
    pub role: Option<String>,
    /// Agents whose model invented it.
    pub invented: Vec<NodeId>,
    /// Agents that sent, saved, noted, reported or decided it.
    pub repeated: Vec<NodeId>,
    /// Notes of a shared store that it was written into, each once, oldest first.
    pub notes: Vec<Noted>,
    /// Decisions for it, oldest first.
    pub decided: Vec<Decided>,
    /// Effects of tools that it reached, oldest first.
    pub effects: Vec<Effect>,
    /// Places of the records it reached.
    pub reached: Vec<usize>,
}

/// A model says a falsehood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Birth {
    /// The model.
    pub model: NodeId,
    /// Whom it told.
    pub caller: NodeId,
    /// When.
    pub at: Time,
    /// The record's place in the trace.
    pub place: usize,
}

/// A tool carries a falsehood out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Which tool.
    pub tool: NodeId,
    /// When.
    pub at: Time,
}

/// An agent writes a falsehood into a note of a store that others read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Noted {
    /// Under which key.
    pub key: Key,
    /// Who wrote it there first.
    pub agent: NodeId,
    /// When.
    pub at: Time,
}

/// An agent decides a falsehood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Who.
    pub agent: NodeId,
    /// When.
    pub at: Time,
}

impl Spread {
    /// Whether this agent invented or repeated it.
    #[must_use]
    pub fn concerns(&self, agent: NodeId) -> bool {
        self.invented.contains(&agent) || self.repeated.contains(&agent)
    }
}

/// The line a report prints.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { claim, kind, slot, agents, role, invented, repeated, notes, decided, effects, .. } = self;
        let (invented, repeated, who) = (invented.len(), repeated.len(), several(role.as_deref().unwrap_or("agent")));
        write!(f, "false about {slot}: {claim} ({kind}): ")?;
        write!(f, "{invented} of {agents} {who} invented it, {repeated} of {agents} repeated it")?;
        if let Some(Noted { key, at, .. }) = notes.first() {
            write!(f, ", noted under {key} at {at}")?;
        }
        match decided.first() {
            Some(first) => write!(f, ", decided at {}", first.at)?,
            None => f.write_str(", nobody decided it")?,
        }
        effects.first().map_or(Ok(()), |Effect { tool, at }| write!(f, ", carried out by {tool} at {at}"))
    }
}

/// The plural of a role's word, as regular nouns have it.
fn several(role: &str) -> String {
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|end| role.ends_with(end));
    match role.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        Some(stem) => format!("{stem}ies"),
        None if sibilant => format!("{role}es"),
        None => format!("{role}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::several;

    #[test]
    fn roles_have_regular_plurals() {
        let words = ["reviewer", "clerk", "deputy", "envoy", "boss", "coach"].map(several);
        assert_eq!(words, ["reviewers", "clerks", "deputies", "envoys", "bosses", "coaches"]);
    }
}
