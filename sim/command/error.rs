//! What can be wrong with a request, each as one line.

use crate::explore::{CapsuleError, NotAlone, Unfit};
use crate::scenario::{UnknownFaults, UnknownScenario, UnknownTask};
use crate::seed::PinError;
use std::io;

/// Why a request cannot be obeyed.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadInput {
    #[error(transparent)]
    Scenario(#[from] UnknownScenario),
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error(transparent)]
    NotAlone(#[from] NotAlone),
    #[error(transparent)]
    Task(#[from] UnknownTask),
    #[error(transparent)]
    Faults(#[from] UnknownFaults),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Capsule(#[from] CapsuleError),
    #[error(transparent)]
    Pin(#[from] PinError),
    /// Standard output is closed: no fault of the request.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// The message of a text of several paragraphs: its first one, on one line.
pub(super) fn one_line(text: &str) -> String {
    let paragraph = text.lines().take_while(|line| !line.trim().is_empty());
    paragraph.map(str::trim).collect::<Vec<_>>().join(" ")
}
