//! Writes down what happens: the trace for people and digests, the history for checkers.

use super::outcome::{Crash, Figures};
use crate::digest::digest_of;
use crate::fact::Fact;
use crate::fault::{Kind, Ledger};
use crate::history::{self, Entry, Environment, History, Operation};
use crate::id::{NodeId, ProcessId};
use crate::time::{Duration, Time};
use crate::trace::{Cause, Happening, Mark, Record, Told, Trace};

/// Everything that outlives a run.
pub(super) struct Recorder {
    pub(super) trace: Trace,
    pub(super) history: History,
    pub(super) ledger: Ledger,
    pub(super) figures: Figures,
    /// From each decided slot's invocation to its first decision, in the order of these decisions.
    pub(super) latencies: Vec<Duration>,
    pub(super) crash: Option<Crash>,
    /// The instant all records of now carry.
    pub(super) now: Time,
}

/// Who a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Who {
    pub(super) node: NodeId,
    pub(super) process: ProcessId,
}

impl Who {
    /// A participant that never restarts: a client or a model.
    pub(super) const fn only(node: NodeId) -> Who {
        Who { node, process: ProcessId(0) }
    }
}

impl Recorder {
    /// One record of the trace.
    #[inline]
    pub(super) fn record(&mut self, who: Who, happening: Happening, cause: Cause, note: Note) -> Cause {
        self.record_with(who, happening, cause, note, String::new)
    }

    /// One record of the trace with a text for people.
    #[inline]
    pub(super) fn record_with<T: Into<Told>>(
        &mut self,
        who: Who,
        happening: Happening,
        cause: Cause,
        note: Note,
        text: impl FnOnce() -> T,
    ) -> Cause {
        let Note { peer, mark, about } = note;
        let record = Record { at: self.now, node: who.node, process: who.process, happening, mark, peer, cause, about };
        self.trace.push(record, text)
    }

    /// A fact a participant reports about itself.
    pub(super) fn fact(&mut self, who: Who, fact: Fact, cause: Cause) -> Cause {
        let decided = matches!(fact, Fact::Decided { .. });
        self.figures.elections += u64::from(matches!(fact, Fact::Elected { .. }));
        let happening = if decided { Happening::Decided } else { Happening::Fact };
        let place = self.record_with(who, happening, cause, Note::about(digest_of(&fact)), || {
            Told::new(fact.to_string()).carrying(&fact)
        });
        self.enter(who, history::Event::Fact(fact));
        place
    }

    /// Something a client saw.
    pub(super) fn operation(&mut self, who: Who, operation: Operation) {
        self.enter(who, history::Event::Operation(operation));
    }

    /// Something the world knows.
    pub(super) fn environment(&mut self, who: Who, environment: Environment) {
        self.enter(who, history::Event::Environment(environment));
    }

    /// A fault acted and its target observed it.
    pub(super) fn struck(&mut self, kind: Kind) {
        self.ledger.fired(kind);
        self.ledger.felt(kind);
    }

    fn enter(&mut self, who: Who, event: history::Event) {
        self.history.push(Entry { at: self.now, node: who.node, process: who.process, event });
    }
}

/// The part of a record that varies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) peer: Option<NodeId>,
    pub(super) mark: Mark,
    pub(super) about: u64,
}

impl Note {
    /// Nothing more to say.
    pub(super) const NONE: Note = Note { peer: None, mark: Mark::NONE, about: 0 };

    pub(super) const fn about(about: u64) -> Note {
        Note { about, ..Note::NONE }
    }

    pub(super) const fn with(mut self, peer: NodeId) -> Note {
        self.peer = Some(peer);
        self
    }

    pub(super) const fn marked(mut self, mark: Mark) -> Note {
        self.mark = mark;
        self
    }
}
