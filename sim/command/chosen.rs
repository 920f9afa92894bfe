//! Which scenarios a command line means: those of the catalogue, or the same with another task or other faults.

use super::error::BadInput;
use super::variant::Variant;
use super::{ALL, Stage};
use crate::explore::{Attempt, Strategy};
use crate::scenario::{Runnable, built_in, fault_profile};
use crate::seed::Seed;
use std::ops::Deref;

/// A scenario that a command works with.
pub(super) enum Chosen<'a> {
    /// As the catalogue has it.
    Listed(&'a dyn Runnable),
    /// With something exchanged, or put together.
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
    /// have what is to be exchanged.
    pub(super) fn chosen(&self, name: &str, variant: &Variant) -> Result<Vec<Chosen<'a>>, BadInput> {
        let chosen = match name == ALL {
            true => each(self.catalogue.iter().map(Chosen::Listed), variant, name)?,
            false => vec![self.one(name, variant)?],
        };
        validated(chosen)
    }

    /// The scenario of a name, which may be `<scenario>@<task>+<faults>`.
    pub(super) fn one(&self, name: &str, variant: &Variant) -> Result<Chosen<'a>, BadInput> {
        let (name, variant) = variant.of(name);
        let chosen = match super::patterns::scenario(self.catalogue, name)? {
            Some(cell) => Chosen::Made(cell),
            None => Chosen::Listed(self.catalogue.find(name)?),
        };
        Ok(each([chosen].into_iter(), &variant, name)?.remove(0))
    }
}

/// Those of these scenarios that can have what is to be exchanged, which is at least one of them.
pub(super) fn each<'a>(
    scenarios: impl Iterator<Item = Chosen<'a>>,
    variant: &Variant,
    asked: &str,
) -> Result<Vec<Chosen<'a>>, BadInput> {
    let task = variant.task.as_deref().map(built_in).transpose()?.map(|task| task.task());
    let faults = variant.faults.as_deref().map(fault_profile).transpose()?;
    let varied = |chosen: Chosen<'a>| {
        let chosen = match &task {
            Some(task) => Chosen::Made(chosen.on_task(task)?),
            None => chosen,
        };
        match &faults {
            Some(faults) => Some(Chosen::Made(chosen.under(faults)?)),
            None => Some(chosen),
        }
    };
    let made: Vec<Chosen<'a>> = scenarios.filter_map(varied).collect();
    if made.is_empty() && !variant.is_none() {
        let said = variant.said();
        let what = "its agents decide about a type of their own, or its team promises nothing under such faults";
        return Err(BadInput::Usage(format!("{asked} cannot have {said}: {what}; leave it out")));
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
