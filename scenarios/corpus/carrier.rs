//! Scenarios that carry a bug or do not, made anew for each use, under their own trouble or a given one. Knows no bug.

use super::{Least, Switch};
use synod::protocol::team::TeamProtocol;
use synod::scenario::{Runnable, Scenario, Story};

type Make = Box<dyn Fn(Switch, Option<&Least>) -> Box<dyn Runnable> + Send + Sync>;

/// Makes a scenario with a bug in it, or the same without.
pub(super) struct Carrier(Make);

impl Carrier {
    /// One that makes it so.
    pub(super) fn of<S: Carried>(make: impl Fn(Switch) -> S + Send + Sync + 'static) -> Carrier {
        Carrier(Box::new(move |switch, least| match least {
            Some(least) => Box::new(make(switch).under(least)),
            None => Box::new(make(switch)),
        }))
    }

    pub(super) fn scenario(&self, switch: Switch, least: Option<&Least>) -> Box<dyn Runnable> {
        (self.0)(switch, least)
    }
}

/// What can carry a bug: its trouble can be replaced.
pub(super) trait Carried: Runnable + 'static {
    /// The same in this trouble.
    fn under(self, least: &Least) -> Self;
}

impl<P: TeamProtocol + 'static> Carried for Scenario<P> {
    fn under(self, least: &Least) -> Self {
        let scenario = self.schedule(least.schedule());
        if least.agents.is_some() { scenario.sizes(least.agents) } else { scenario }
    }
}

impl Carried for Story {
    fn under(self, least: &Least) -> Self {
        self.schedule(least.schedule())
    }
}
