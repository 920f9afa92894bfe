//! The task of a team that was given none: there is nothing to know.

use crate::fact::Score;
use crate::model::Task;
use crate::seed::Draws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of the task of a team that was given none: what it decides is neither right nor wrong.
pub(crate) const UNTITLED: &str = "untitled";

/// The task of a team that was given none.
#[derive(Clone)]
pub(super) struct Untitled;

/// Its only reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Nothing {}

impl Task for Untitled {
    type Reply = Nothing;

    fn generate(_: &mut Draws) -> (String, Untitled) {
        (String::new(), Untitled)
    }

    fn right(&self) -> Nothing {
        Nothing {}
    }

    fn score(&self, _: &Nothing) -> Score {
        Score::CORRECT
    }
}
