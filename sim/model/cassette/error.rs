//! Why a cassette cannot be read. Knows no reply.

use crate::id::NodeId;
use crate::model::Turn;
use crate::text::one_line;
use std::path::PathBuf;

/// Why a cassette cannot be read. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CassetteError {
    /// There is no such file, or it is no text.
    #[error("cannot read the cassette {}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A line is no recorded call.
    #[error("line {line} of the cassette is no recorded call: {}", one_line(why))]
    Malformed {
        /// Which line.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A line is of another version of the format.
    #[error("line {line} of the cassette is of version {found}, but this build reads version {known}: record it again")]
    Version {
        /// Which line.
        line: usize,
        /// Its version.
        found: String,
        /// The version that this build reads.
        known: u64,
    },
    /// A line's request is not the one that was recorded.
    #[error(
        "line {line} of the cassette has a request whose content is {actual:016x}, but says {written:016x}: it was \
         changed after it was recorded; record it again, or write \"content\":\"{actual:016x}\" if that was meant"
    )]
    Changed {
        /// Which line.
        line: usize,
        /// The content it names.
        written: u64,
        /// The content it has.
        actual: u64,
    },
    /// Two lines are about the same call.
    #[error(
        "line {line} of the cassette records turn {turn} of {caller} with the same content as line {earlier}: keep one"
    )]
    Twice {
        /// Which line.
        line: usize,
        /// The earlier one.
        earlier: usize,
        /// Who asked.
        caller: NodeId,
        /// Which of its requests it was.
        turn: Turn,
    },
}
