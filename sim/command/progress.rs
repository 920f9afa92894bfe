//! A progress bar on standard error, if that is a terminal. Never touches standard output.

use crate::explore::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};

/// Shows how far a command has come, over all its scenarios.
pub(super) struct Bar {
    bar: ProgressBar,
    before: u64,
}

impl Bar {
    /// A bar for so many seeds in all.
    pub(super) fn of(total: u64) -> Bar {
        let bar = if io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        let template = "{bar:30} {human_pos}/{human_len} seeds, {eta} left  {wide_msg}";
        bar.set_style(ProgressStyle::with_template(template).expect("a template that indicatif knows"));
        Bar { bar, before: 0 }
    }

    /// The sweep of this scenario has come so far.
    pub(super) fn show(&self, scenario: &str, progress: Progress) {
        self.bar.set_position(self.before + progress.done);
        match progress.failures {
            0 => self.bar.set_message(scenario.to_owned()),
            failures => self.bar.set_message(format!("{scenario}: {failures} failing")),
        }
    }

    /// A sweep of so many seeds is done.
    pub(super) fn passed(&mut self, seeds: u64) {
        self.before += seeds;
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
