//! Teams that can be put into any setting, whole or with one of their rules switched off. Knows no protocol.

use super::build::Scenario;
use super::run::Runnable;
use super::setting::Setting;
use crate::check::{
    Agreement, ClientAgreement, ClientIntegrity, ClientTermination, ClientValidity, Correctness, Integrity,
    Termination, Validity,
};
use crate::protocol::team::TeamProtocol;
use crate::world::Unused;
use std::sync::Arc;

type Make = Arc<dyn Fn(&str, &Setting) -> Box<dyn Runnable> + Send + Sync>;

/// A team that is compared with others.
///
/// ```
/// use synod::protocol::consensus::Raft;
/// use synod::scenario::{Contestant, Setting};
/// let raft = Contestant::new("raft", |scenario, agents| scenario.team(agents, Raft::factory));
/// assert_eq!(raft.under(&Setting::default()).summary().agents, 5);
/// ```
#[derive(Clone)]
pub struct Contestant {
    name: String,
    make: Make,
    ablated: Vec<Ablated>,
}

/// A contestant with one of its rules switched off.
#[derive(Clone)]
pub struct Ablated {
    /// The rule, as the table names it.
    pub rule: &'static str,
    /// What is done instead.
    pub instead: &'static str,
    /// The setting that both the whole and the ablated team are put into.
    pub setting: Setting,
    make: Make,
}

impl Contestant {
    /// A team of this name: `team` gives a scenario so many agents of its protocol, and the properties that only its
    /// protocol has, if any. What every team is judged by is added.
    #[must_use]
    pub fn new<P: TeamProtocol + 'static>(
        name: &str,
        team: impl Fn(Scenario<Unused>, u16) -> Scenario<P> + Send + Sync + 'static,
    ) -> Contestant {
        Contestant { name: name.to_owned(), make: making(team), ablated: Vec::new() }
    }

    /// The same team has a rule that can be switched off; `team` does so. The setting is one that shows what the rule
    /// is for.
    #[must_use]
    pub fn without<P: TeamProtocol + 'static>(
        mut self,
        rule: &'static str,
        instead: &'static str,
        setting: Setting,
        team: impl Fn(Scenario<Unused>, u16) -> Scenario<P> + Send + Sync + 'static,
    ) -> Contestant {
        self.ablated.push(Ablated { rule, instead, setting, make: making(team) });
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What can be switched off.
    #[must_use]
    pub fn ablated(&self) -> &[Ablated] {
        &self.ablated
    }

    /// The team in a setting.
    #[must_use]
    pub fn under(&self, setting: &Setting) -> Box<dyn Runnable> {
        (self.make)(&self.name, setting)
    }
}

impl Ablated {
    /// The ablated team in a setting.
    #[must_use]
    pub fn under(&self, setting: &Setting) -> Box<dyn Runnable> {
        (self.make)(self.rule, setting)
    }
}

fn making<P: TeamProtocol + 'static>(
    team: impl Fn(Scenario<Unused>, u16) -> Scenario<P> + Send + Sync + 'static,
) -> Make {
    Arc::new(move |name, setting| {
        let within = setting.bound;
        let scenario = team(Scenario::new(name), setting.agents).under(setting);
        Box::new(
            scenario
                .expect(Agreement)
                .expect(ClientAgreement)
                .expect(Validity)
                .expect(ClientValidity)
                .expect(Integrity)
                .expect(ClientIntegrity)
                .expect(Correctness)
                .expect(Termination { within })
                .expect(ClientTermination { within }),
        )
    })
}
