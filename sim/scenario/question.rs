//! What a story's body asks of its history, and when that is answered.

use super::run::Judged;
use crate::check::Check;
use crate::history::History;

/// What a test's body asks of the history.
pub(super) struct Question {
    pub(super) check: Box<dyn Check>,
    /// The answer, once the world went on: until then the end of the run may still belong to what happened so far.
    pub(super) answer: Option<Judged>,
}

impl Question {
    pub(super) fn settle(&mut self, history: &History) {
        if self.answer.is_none() {
            self.answer = Some(Judged::by(&*self.check, history));
        }
    }
}
