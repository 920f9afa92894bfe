//! Which format a text is in, told by its first line that says something. Knows the formats' looks only.

use super::error::{StoreError, Wrong};
use super::record::StoreHistory;
use super::{knossos, read, read_knossos, read_porcupine, read_read_write, readwrite};
use std::fmt;
use std::str::FromStr;

/// A format of a store's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own JSON Lines.
    Jsonl,
    /// The operation log of Jepsen and Knossos.
    Knossos,
    /// The key-value log of Porcupine.
    Porcupine,
    /// The text of Plume and PolySI.
    ReadWrite,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] = [Format::Jsonl, Format::Knossos, Format::Porcupine, Format::ReadWrite];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Format::Jsonl => "jsonl",
            Format::Knossos => "knossos",
            Format::Porcupine => "porcupine",
            Format::ReadWrite => "rw",
        }
    }

    /// The format that a text looks like.
    ///
    /// ```
    /// use synod::history::store::Format;
    /// assert_eq!(Format::of("w(1,2,3,4)\n"), Some(Format::ReadWrite));
    /// assert_eq!(Format::of("hello"), None);
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Option<Format> {
        let looks = |line: &str| {
            let line = line.trim();
            if line.starts_with("{:") {
                Some(Format::Porcupine)
            } else if line.starts_with('{') {
                Some(Format::Jsonl)
            } else if readwrite::is_operation(line) {
                Some(Format::ReadWrite)
            } else {
                knossos::is_event(line).then_some(Format::Knossos)
            }
        };
        // Logs of Jepsen begin with whatever else was logged.
        text.lines().find_map(looks)
    }

    /// Reads a history in this format.
    ///
    /// # Errors
    /// The first line that cannot be, with what to do about it.
    pub fn read(self, text: &str) -> Result<StoreHistory, StoreError> {
        let history = match self {
            Format::Jsonl => read(text.as_bytes()),
            Format::Knossos => read_knossos(text.as_bytes()),
            Format::Porcupine => read_porcupine(text.as_bytes()),
            Format::ReadWrite => read_read_write(text.as_bytes()),
        }?;
        if history.operations().is_empty() && history.replicas().is_empty() {
            let what = Wrong::Malformed(format!("there is no event in the format {self}: name another with --format"));
            return Err(StoreError { line: 1, what });
        }
        Ok(history)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no format has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no format: there are jsonl, knossos, porcupine and rw")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Format, UnknownFormat> {
        Format::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}
