//! The states of a task as the Agent2Agent protocol names them. Knows no task.
//!
//! A2A 1.0, `a2a.proto`, `enum TaskState`; as JSON it is written by the rules of Protocol Buffers, hence by its full
//! names.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How far a task of another agent has come.
///
/// ```
/// use synod::model::TaskState;
/// let state: TaskState = serde_json::from_str(r#""TASK_STATE_INPUT_REQUIRED""#).unwrap();
/// assert!(state.is_interrupted() && !state.is_over());
/// assert_eq!(serde_json::to_string(&state).unwrap(), r#""TASK_STATE_INPUT_REQUIRED""#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TaskState {
    /// It was taken and not begun.
    #[serde(rename = "TASK_STATE_SUBMITTED")]
    Submitted,
    /// Somebody works on it.
    #[serde(rename = "TASK_STATE_WORKING")]
    Working,
    /// It is done.
    #[serde(rename = "TASK_STATE_COMPLETED")]
    Completed,
    /// It ended with an error.
    #[serde(rename = "TASK_STATE_FAILED")]
    Failed,
    /// It was called off.
    #[serde(rename = "TASK_STATE_CANCELED")]
    Canceled,
    /// It waits for more from whoever wanted it.
    #[serde(rename = "TASK_STATE_INPUT_REQUIRED")]
    InputRequired,
    /// The agent will not do it.
    #[serde(rename = "TASK_STATE_REJECTED")]
    Rejected,
    /// It waits for somebody's credentials.
    #[serde(rename = "TASK_STATE_AUTH_REQUIRED")]
    AuthRequired,
}

impl TaskState {
    /// Every state.
    pub const ALL: &[TaskState] = &[
        TaskState::Submitted,
        TaskState::Working,
        TaskState::Completed,
        TaskState::Failed,
        TaskState::Canceled,
        TaskState::InputRequired,
        TaskState::Rejected,
        TaskState::AuthRequired,
    ];

    /// Whether no later state can follow.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, TaskState::Completed | TaskState::Failed | TaskState::Canceled | TaskState::Rejected)
    }

    /// Whether it goes on only after somebody else has done something.
    #[must_use]
    pub const fn is_interrupted(self) -> bool {
        matches!(self, TaskState::InputRequired | TaskState::AuthRequired)
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_written_as_the_protocol_names_it_and_comes_back() {
        let names =
            ["SUBMITTED", "WORKING", "COMPLETED", "FAILED", "CANCELED", "INPUT_REQUIRED", "REJECTED", "AUTH_REQUIRED"];
        for (state, name) in TaskState::ALL.iter().zip(names) {
            let written = format!("TASK_STATE_{name}");
            assert_eq!(state.to_string(), written);
            assert_eq!(serde_json::from_str(&format!("{written:?}")).ok(), Some(*state));
        }
        assert!(serde_json::from_str::<TaskState>(r#""TASK_STATE_UNSPECIFIED""#).is_err());
    }

    #[test]
    fn a_state_is_over_interrupted_or_under_way() {
        let counts = |of: fn(TaskState) -> bool| TaskState::ALL.iter().filter(|state| of(**state)).count();
        assert_eq!((counts(TaskState::is_over), counts(TaskState::is_interrupted)), (4, 2));
        assert!(TaskState::ALL.iter().all(|state| !(state.is_over() && state.is_interrupted())));
    }
}
