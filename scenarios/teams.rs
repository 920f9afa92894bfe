//! The teams that `compare` puts side by side, and the rules of theirs that can be switched off. A team more is a line
//! more.

use crate::properties::{byzantine_agreement, chosen_log, replicated_log};
use synod::fault::{Kind, Nemesis};
use synod::protocol::baseline::last_speaker::LastSpeaker;
use synod::protocol::baseline::majority::Majority;
use synod::protocol::baseline::orchestrator::Orchestrator;
use synod::protocol::consensus::adaptation::{Acceptance, Adoption, Handover, Heartbeats, Visibility};
use synod::protocol::consensus::{Bft, Debate, Paxos, Raft, Refine, bft, drafting, paxos, raft};
use synod::protocol::team::TeamProtocol;
use synod::scenario::{Contestant, Scenario, Setting, Trouble};

/// Every team, in the order of the table.
pub(crate) fn teams() -> Vec<Contestant> {
    vec![
        Contestant::new("last_speaker", |scenario, agents| scenario.team(agents, LastSpeaker::factory)),
        Contestant::new("orchestrator", |scenario, agents| scenario.team(agents, Orchestrator::factory)),
        Contestant::new("majority", |scenario, agents| scenario.team(agents, Majority::factory)),
        raft_team(),
        paxos_team(),
        bft_team(),
        Contestant::new("debate", |scenario, agents| scenario.team(agents, Debate::factory)),
        Contestant::new("refine", |scenario, agents| scenario.team(agents, Refine::factory)),
    ]
}

/// A rule of section 1 of the design, how it is broken, and where that shows.
#[derive(Clone, Copy)]
struct Rule {
    name: &'static str,
    instead: &'static str,
    trouble: fn() -> Trouble,
}

/// Models now and then name what does not exist; the check of another member notices.
const ACCEPTANCE: Rule = Rule {
    name: "validated acceptance",
    instead: "whatever a member's model proposes is put to the vote unchecked",
    trouble: || Trouble::OneCaller(Kind::FabricatedId),
};

const ADOPTION: Rule = Rule {
    name: "verbatim adoption",
    instead: "each member keeps an answer in its own words",
    trouble: || Trouble::None,
};

const HEARTBEATS: Rule = Rule {
    name: "shell heartbeats",
    instead: "a member says nothing while its model generates",
    trouble: || Trouble::None,
};

const HANDOVER: Rule = Rule {
    name: "handover lease",
    instead: "a leader whose model yields nothing keeps its place",
    trouble: || Trouble::OneCaller(Kind::ModelTimeout),
};

/// Crashes, most of all while a write is under way.
const VISIBILITY: Rule = Rule {
    name: "durable before visible",
    instead: "messages leave before what they rest on is on the disk",
    trouble: || Trouble::Faults(Nemesis::processes()),
};

/// Each rule with the configuration that breaks it.
fn ablated<C: Clone + Send + Sync + 'static, P: TeamProtocol + 'static>(
    whole: Contestant,
    breaks: [(Rule, C); 5],
    team: fn(Scenario<synod::world::Unused>, u16, C) -> Scenario<P>,
) -> Contestant {
    breaks.into_iter().fold(whole, |contestant, (rule, config)| {
        let setting = Setting { trouble: (rule.trouble)(), ..Setting::default() };
        let broken = move |scenario, agents| team(scenario, agents, config.clone());
        contestant.without(rule.name, rule.instead, setting, broken)
    })
}

/// What breaks each rule in a configuration that has a field of its own for every one.
macro_rules! breaks {
    ($config:ident) => {
        [
            (ACCEPTANCE, $config { acceptance: Acceptance::Unchecked, ..$config::default() }),
            (ADOPTION, $config { adoption: Adoption::Reworded, ..$config::default() }),
            (HEARTBEATS, $config { heartbeats: Heartbeats::BetweenAnswers, ..$config::default() }),
            (HANDOVER, $config { handover: Handover::Stays, ..$config::default() }),
            (VISIBILITY, $config { visibility: Visibility::SentFirst, ..$config::default() }),
        ]
    };
}

fn raft_team() -> Contestant {
    type Config = raft::Config;
    fn team(scenario: Scenario<synod::world::Unused>, agents: u16, config: Config) -> Scenario<Raft> {
        replicated_log(scenario.team(agents, move |me, members| Raft::new(me, members, config.clone())))
    }
    let whole = Contestant::new("raft", |scenario, agents| team(scenario, agents, Config::default()));
    ablated(whole, breaks!(Config), team)
}

fn paxos_team() -> Contestant {
    type Config = paxos::Config;
    fn team(scenario: Scenario<synod::world::Unused>, agents: u16, config: Config) -> Scenario<Paxos> {
        chosen_log(scenario.team(agents, move |me, members| Paxos::new(me, members, config.clone())))
    }
    let drafting = |change: fn(drafting::Rules) -> drafting::Rules| {
        let config = Config::default();
        Config { drafting: change(config.drafting), ..config }
    };
    let whole = Contestant::new("paxos", |scenario, agents| team(scenario, agents, Config::default()));
    let breaks = [
        (ACCEPTANCE, drafting(|rules| drafting::Rules { acceptance: Acceptance::Unchecked, ..rules })),
        (ADOPTION, Config { adoption: Adoption::Reworded, ..Config::default() }),
        (HEARTBEATS, Config { heartbeats: Heartbeats::BetweenAnswers, ..Config::default() }),
        (HANDOVER, drafting(|rules| drafting::Rules { handover: Handover::Stays, ..rules })),
        (VISIBILITY, Config { visibility: Visibility::SentFirst, ..Config::default() }),
    ];
    ablated(whole, breaks, team)
}

fn bft_team() -> Contestant {
    type Config = bft::Config;
    fn team(scenario: Scenario<synod::world::Unused>, agents: u16, config: Config) -> Scenario<Bft> {
        byzantine_agreement(scenario.team(agents, move |me, members| Bft::new(me, members, config.clone())))
    }
    let whole = Contestant::new("bft", |scenario, agents| team(scenario, agents, Config::default()));
    ablated(whole, breaks!(Config), team)
}
