//! A scenario that is not deterministic, planted to show that the sentinel finds it. Never in the catalogue.

use synod::Agent;
use synod::check::Agreement;
use synod::prelude::seconds;
use synod::scenario::{Catalogue, Sim, Story};

/// Its one agent decides the number of the process it runs in: the same on every run of one process.
pub(crate) fn catalogue() -> Catalogue {
    let story = Story::new("unsteady", |sim: Sim| async move {
        sim.team(1, |agent: Agent| async move { agent.decide(std::process::id()).await });
        sim.run_for(seconds(1)).await;
        sim.check(Agreement);
    });
    Catalogue::of(vec![Box::new(story.about("decides the number of its process").expect(&Agreement))])
}
