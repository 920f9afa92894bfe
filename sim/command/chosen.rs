//! Which scenarios a command line means: those of the catalogue, or the same with another task.

use super::error::BadInput;
use super::{ALL, Stage};
use crate::explore::{Attempt, Strategy};
use crate::scenario::{ON_TASK, Runnable, built_in};
use crate::seed::Seed;
use std::ops::Deref;

/// A scenario that a command works with.
pub(super) enum Chosen<'a> {
    /// As the catalogue has it.
    Listed(&'a dyn Runnable),
    /// With another task.
    Made(Box<dyn Runnable>),
}

impl<'a> Deref for Chosen<'a> {
    type Target = dyn Runnable + 'a;

    fn deref(&self) -> &(dyn Runnable + 'a) {
        match self {
            Chosen::Listed(scenario) => *scenario,
            Chosen::Made(scenario) => &**scenario,
        }
    }
}

impl<'a> Stage<'a> {
    /// The scenarios a name means, each of which can run: all of them for `all`, which leaves out those that cannot
    /// have the task asked for.
    pub(super) fn chosen(&self, name: &str, task: Option<&str>) -> Result<Vec<Chosen<'a>>, BadInput> {
        let chosen = match (name == ALL, task) {
            (true, None) => self.catalogue.iter().map(Chosen::Listed).collect(),
            (true, Some(task)) => on_task(self.catalogue.iter(), task, name)?,
            (false, _) => vec![self.one(name, task)?],
        };
        validated(chosen)
    }

    /// The scenario of a name, which may be `<scenario>@<task>`.
    pub(super) fn one(&self, name: &str, task: Option<&str>) -> Result<Chosen<'a>, BadInput> {
        let (name, task) = match (name.split_once(ON_TASK), task) {
            (Some((name, own)), None) => (name, Some(own)),
            (_, task) => (name, task),
        };
        if let Some(cell) = super::patterns::scenario(self.catalogue, name)? {
            return Ok(Chosen::Made(cell));
        }
        let scenario = self.catalogue.find(name)?;
        match task {
            None => Ok(Chosen::Listed(scenario)),
            Some(task) => Ok(on_task([scenario].into_iter(), task, name)?.remove(0)),
        }
    }
}

/// Those of these scenarios that can have a task, which is at least one of them.
pub(super) fn on_task<'a>(
    scenarios: impl Iterator<Item = &'a dyn Runnable>,
    task: &str,
    asked: &str,
) -> Result<Vec<Chosen<'a>>, BadInput> {
    let set = built_in(task)?.task();
    let made: Vec<Chosen<'a>> = scenarios.filter_map(|scenario| scenario.on_task(&set)).map(Chosen::Made).collect();
    if made.is_empty() {
        let what = "its agents decide about a type of their own; leave out --task";
        return Err(BadInput::Usage(format!("{asked} cannot have the task {task}: {what}")));
    }
    Ok(made)
}

/// The same, if each of them can run.
pub(super) fn validated(chosen: Vec<Chosen<'_>>) -> Result<Vec<Chosen<'_>>, BadInput> {
    chosen.iter().try_for_each(|scenario| scenario.validate()).map_err(BadInput::Invalid)?;
    Ok(chosen)
}

/// What a sweep by this strategy tries on a seed; a strategy that the scenario gives no room for is refused.
pub(super) fn tried(scenario: &dyn Runnable, strategy: Strategy, seed: Seed) -> Result<Attempt, BadInput> {
    Ok(strategy.alone(seed, &scenario.summary())?)
}

/// What makes a command line mean a seed as this strategy uses it, if that is not what it means anyway.
pub(super) fn with_strategy(by: Strategy) -> String {
    if by == Strategy::default() { String::new() } else { format!(" --strategy {by}") }
}
