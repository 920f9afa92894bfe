//! Which scenarios a command line means: those of the catalogue, or the same with another task.

use super::error::BadInput;
use super::{ALL, Stage};
use crate::scenario::{ON_TASK, Runnable, built_in};
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
            (true, Some(task)) => self.every_on(task)?,
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
        let scenario = self.catalogue.find(name)?;
        let Some(task) = task else { return Ok(Chosen::Listed(scenario)) };
        let made = scenario.on_task(&built_in(task)?.task()).map(Chosen::Made);
        made.ok_or_else(|| {
            let what = "its agents decide about a type of their own; leave out --task";
            BadInput::Usage(format!("{name} cannot have the task {task}: {what}"))
        })
    }

    /// Every scenario that can have a task.
    pub(super) fn every_on(&self, task: &str) -> Result<Vec<Chosen<'a>>, BadInput> {
        let task = built_in(task)?.task();
        let made: Vec<Chosen<'a>> =
            self.catalogue.iter().filter_map(|scenario| scenario.on_task(&task)).map(Chosen::Made).collect();
        if made.is_empty() {
            return Err(BadInput::Usage(format!("no scenario can have the task {}: leave out --task", task.name())));
        }
        Ok(made)
    }
}

/// The same, if each of them can run.
pub(super) fn validated(chosen: Vec<Chosen<'_>>) -> Result<Vec<Chosen<'_>>, BadInput> {
    chosen.iter().try_for_each(|scenario| scenario.validate()).map_err(BadInput::Invalid)?;
    Ok(chosen)
}
