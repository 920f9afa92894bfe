//! Patterns of working together, put on any store and any channel. Knows no pattern.
//!
//! A *cell* is one pattern on one store and one channel, as far as it uses them: a scenario like any other, which can
//! be run, replayed and shrunk by its name, such as `hand_off.causal.fifo`. An *operation* is a call of the store or a
//! letter. An *outcome* is the team's first decision, right or wrong by the task's truth, or none in time.

use super::run::Runnable;
use super::story::Story;
use crate::agent::{Notes, Pass, Revision};
use crate::protocol::store::Level;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// In which sequence a channel has its letters heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sequence {
    /// In any.
    Unordered,
    /// Each sender's in the order it sent them.
    Fifo,
    /// Each after all that its writer knew.
    Causal,
    /// In one order for all.
    Total,
}

impl Sequence {
    /// Every sequence, the weakest promise first.
    pub const ALL: [Sequence; 4] = [Sequence::Unordered, Sequence::Fifo, Sequence::Causal, Sequence::Total];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Sequence::Unordered => "unordered",
            Sequence::Fifo => "fifo",
            Sequence::Causal => "causal",
            Sequence::Total => "total",
        }
    }
}

/// A name that no channel has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no channel '{}': unordered, fifo, causal, total", .0.escape_debug())]
pub struct UnknownSequence(pub String);

impl FromStr for Sequence {
    type Err = UnknownSequence;

    fn from_str(name: &str) -> Result<Sequence, UnknownSequence> {
        let known = Sequence::ALL.into_iter().find(|sequence| sequence.name() == name);
        known.ok_or_else(|| UnknownSequence(name.to_owned()))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a pattern is put on.
///
/// ```
/// use synod::protocol::store::Level;
/// use synod::scenario::{Rung, Sequence};
/// let rung = Rung { store: Some(Level::Causal), channel: Some(Sequence::Fifo) };
/// assert_eq!(rung.to_string(), "causal.fifo");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rung {
    /// The store; none if the pattern has no use for one.
    pub store: Option<Level>,
    /// The channel; none if the pattern has no use for one.
    pub channel: Option<Sequence>,
}

impl Rung {
    /// How a turn writes here: by compare-and-set where that compares with what all replicas have.
    #[must_use]
    pub fn revision(self) -> Revision {
        if self.store == Some(Level::Strong) { Revision::Swap } else { Revision::Overwrite }
    }

    /// Whether whoever reads a letter takes over what its writer had seen: a causal store keeps its promise to sessions
    /// that know of each other.
    #[must_use]
    pub fn passes(self) -> Passes {
        if self.store >= Some(Level::Causal) { Passes::Followed } else { Passes::Ignored }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.store.map(Level::name), self.channel.map(Sequence::name)];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("."))
    }
}

/// What becomes of the pass that a letter carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// Its reader's session goes on from what its writer had seen.
    Followed,
    /// Nothing, as in the agents of today.
    Ignored,
}

impl Passes {
    /// What a letter carries of its writer's session.
    #[must_use]
    pub fn of(self, notes: &Notes) -> Pass {
        if self == Passes::Followed { notes.pass() } else { Pass::default() }
    }
}

/// Which of both a pattern uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// A store alone.
    Store,
    /// A channel alone.
    Channel,
    /// Letters beside a store.
    Both,
}

/// What in an agent's source depends on the rung, with what stands there on one.
struct Knob {
    text: &'static str,
    on: fn(Rung) -> String,
}

const KNOBS: [Knob; 4] = [
    Knob { text: "rung.store", on: |rung| format!("{:?}", rung.store) },
    Knob { text: "rung.channel", on: |rung| format!("{:?}", rung.channel) },
    Knob { text: "rung.revision()", on: |rung| format!("{:?}", rung.revision()) },
    Knob { text: "rung.passes()", on: |rung| format!("{:?}", rung.passes()) },
];

type Make = Arc<dyn Fn(&str, Rung) -> Story + Send + Sync>;

/// A way of working together.
#[derive(Clone)]
pub struct Pattern {
    name: &'static str,
    about: &'static str,
    parts: Parts,
    source: &'static str,
    under: String,
    make: Make,
}

impl Pattern {
    /// A pattern of this snake-case name. `source` is the text of the file that `make` is in; what depends on the rung
    /// in it is written `rung.store`, `rung.channel`, `rung.revision()` or `rung.passes()`.
    #[must_use]
    pub fn new(
        name: &'static str,
        about: &'static str,
        parts: Parts,
        source: &'static str,
        make: impl Fn(&str, Rung) -> Story + Send + Sync + 'static,
    ) -> Pattern {
        Pattern { name, about, parts, source, under: String::new(), make: Arc::new(make) }
    }

    /// Under what it runs, in a few words for whoever reads figures of it.
    #[must_use]
    pub fn under(self, under: impl Into<String>) -> Pattern {
        Pattern { under: under.into(), ..self }
    }

    /// Under what it runs; empty if that was not said.
    #[must_use]
    pub fn trouble(&self) -> &str {
        &self.under
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One line about it.
    #[must_use]
    pub const fn about(&self) -> &'static str {
        self.about
    }

    /// The source of its agents.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Everything it can be put on, the weakest first.
    #[must_use]
    pub fn rungs(&self) -> Vec<Rung> {
        let stores: Vec<Option<Level>> = match self.parts {
            Parts::Channel => vec![None],
            Parts::Store | Parts::Both => Level::ALL.map(Some).to_vec(),
        };
        let channels: Vec<Option<Sequence>> = match self.parts {
            Parts::Store => vec![None],
            Parts::Channel | Parts::Both => Sequence::ALL.map(Some).to_vec(),
        };
        let pairs = stores.into_iter().flat_map(|store| channels.iter().map(move |channel| (store, *channel)));
        pairs.map(|(store, channel)| Rung { store, channel }).collect()
    }

    /// Its scenario on a rung.
    #[must_use]
    pub fn on(&self, rung: Rung) -> Box<dyn Runnable> {
        Box::new((self.make)(&format!("{}.{rung}", self.name), rung))
    }

    /// How many lines of its source have to be other ones to move from one rung to another.
    #[must_use]
    pub fn lines_changed(&self, from: Rung, to: Rung) -> usize {
        let code = self.source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let moves = |line: &&str| KNOBS.iter().any(|knob| line.contains(knob.text) && (knob.on)(from) != (knob.on)(to));
        code.filter(moves).count()
    }
}
