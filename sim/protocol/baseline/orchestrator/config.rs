//! How long things take, how succession works, and what either way promises. Knows no state.

use crate::fault::{Class, Kind, Part, Tolerance};
use crate::time::{Duration, millis, seconds};

/// Everything about the orchestrator that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How another member takes over.
    pub succession: Succession,
    /// Between two signs of the orchestrator's life.
    pub heartbeat: Duration,
    /// How long the orchestrator must be silent before the first in line takes over.
    pub silence: Duration,
    /// How much longer each next one in line waits.
    pub stagger: Duration,
    /// How long answers are collected.
    pub deadline: Duration,
    /// Between two copies of what was not acknowledged.
    pub resend: Duration,
}

/// How another member takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Succession {
    /// The next in line begins, the last one goes on: what ships today.
    Unfenced,
    /// The next in line first has a majority promise to refuse the last one, and learns what it may have decided.
    Fenced,
}

crate::digestible! { enum Succession { 1 = Unfenced, 2 = Fenced } }
crate::digestible! { struct Config { succession, heartbeat, silence, stagger, deadline, resend } }

impl Default for Config {
    fn default() -> Config {
        Config {
            succession: Succession::Unfenced,
            heartbeat: millis(300),
            // Six beats: one lost or slow message makes no successor.
            silence: seconds(2),
            // Longer than a beat and a round trip, so that the first in line is heard before the second begins.
            stagger: seconds(1),
            // Most replies of measured chat models came within 10 s; one straggler must not hold up the others.
            deadline: seconds(10),
            resend: seconds(2),
        }
    }
}

/// Why a configuration cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A span that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
    /// Successors would take over although the orchestrator lives.
    #[error("a heartbeat every {heartbeat} cannot break a silence of {silence}: at least two must fit in")]
    SlowHeartbeat {
        /// The span between heartbeats.
        heartbeat: Duration,
        /// The least silence before a succession.
        silence: Duration,
    },
}

impl Config {
    /// The mended orchestrator: everything as by default but the succession.
    #[must_use]
    pub fn fenced() -> Config {
        Config { succession: Succession::Fenced, ..Config::default() }
    }

    /// Whether a team with this configuration can work at all.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let spans = [
            ("heartbeat", self.heartbeat),
            ("stagger", self.stagger),
            ("deadline", self.deadline),
            ("resend", self.resend),
        ];
        if let Some((name, _)) = spans.into_iter().find(|(_, span)| span.0 == 0) {
            return Err(ConfigError::Zero(name));
        }
        if self.heartbeat * 2 > self.silence {
            return Err(ConfigError::SlowHeartbeat { heartbeat: self.heartbeat, silence: self.silence });
        }
        Ok(())
    }

    /// What this way of succession promises. [`Protocol::tolerance`](crate::protocol::Protocol::tolerance) is the table
    /// of [`Succession::Fenced`]: what an orchestrated team is taken to promise, and what the unfenced one is seen not
    /// to keep.
    #[must_use]
    pub fn tolerance(&self, kind: Kind) -> Tolerance {
        match (self.succession, kind.part()) {
            // Whatever makes a live orchestrator seem silent makes two of them.
            (Succession::Unfenced, Part::Network | Part::Process) => Tolerance::OutOfScope,
            _ => fenced(kind),
        }
    }
}

/// What the fenced orchestrator promises. Every class is listed, so that a new one asks for a decision.
pub(super) const fn fenced(kind: Kind) -> Tolerance {
    match kind.class() {
        // Answers name their epoch and are counted by sender; what is not acknowledged is sent again.
        Class::Delivery => Tolerance::Tolerated,
        // Any two majorities share a member, and that member refuses the older epoch.
        Class::Cut => Tolerance::Tolerated,
        // Members and links are trusted.
        Class::Tampering => Tolerance::OutOfScope,
        // Promises and acceptances are durable before they are told, each in one atomic write; a failed disk halts its
        // member; a paused orchestrator wakes up fenced; clocks only say when to take over.
        Class::Interruption => Tolerance::Tolerated,
        // A forgotten promise lets the fenced one back in; two processes with one identity share its epochs.
        Class::Amnesia => Tolerance::OutOfScope,
        // Members believe each other.
        Class::Deceit => Tolerance::OutOfScope,
        // Without any answer a slot is given up and may be asked for again; which answer wins is not agreement's
        // business.
        Class::Access | Class::Speech => Tolerance::Tolerated,
    }
}
