//! The teams that `compare` puts side by side, each with the rules that can be switched off. A team more is a line more.

use synod::protocol::baseline::last_speaker::LastSpeaker;
use synod::protocol::baseline::majority::Majority;
use synod::protocol::baseline::orchestrator::Orchestrator;
use synod::protocol::consensus::{Bft, Debate, Paxos, Raft, Refine};
use synod::scenario::Contestant;

/// Every team, in the order of the table.
pub(crate) fn teams() -> Vec<Contestant> {
    vec![
        Contestant::new("last_speaker", |scenario, agents| scenario.team(agents, LastSpeaker::factory)),
        Contestant::new("orchestrator", |scenario, agents| scenario.team(agents, Orchestrator::factory)),
        Contestant::new("majority", |scenario, agents| scenario.team(agents, Majority::factory)),
        Contestant::new("raft", |scenario, agents| scenario.team(agents, Raft::factory)),
        Contestant::new("paxos", |scenario, agents| scenario.team(agents, Paxos::factory)),
        Contestant::new("bft", |scenario, agents| scenario.team(agents, Bft::factory)),
        Contestant::new("debate", |scenario, agents| scenario.team(agents, Debate::factory)),
        Contestant::new("refine", |scenario, agents| scenario.team(agents, Refine::factory)),
    ]
}
