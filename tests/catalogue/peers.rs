//! Faults that need more than a question: peers to follow, a proposal to check, a choice among equals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::agent::ONLY_SLOT;
use synod::fault::{Fault, Kind, Persistence, Schedule, Site, When};
use synod::id::NodeId;
use synod::model::{Company, Diagnosis, Opinion, Profile, Request, Schema, Speaker};
use synod::scenario::{Frozen, Job, Run, Runnable, Sim, Story};
use synod::seed::{Ratio, Seed};
use synod::time::{Duration, Time, seconds};
use synod::trace::{Detail, Happening};
use synod::{Agent, Result};

/// The kinds on trial.
pub const KINDS: [Kind; 7] = [
    Kind::CorrelatedChoice,
    Kind::Sycophancy,
    Kind::Injection,
    Kind::RubberStamp,
    Kind::ConversationReset,
    Kind::IgnoredPeers,
    Kind::WrongVerdict,
];

const THEIRS: &str = r#"{"cause":"full_disk","evidence":["log-1"],"service":"svc-1"}"#;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum Fork {
    Left,
    Right,
    Top,
    Bottom,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Forks {
    first: Fork,
    second: Fork,
    third: Fork,
}

/// The task, two peers that agree on something else, and the question again.
fn with_peers(agent: &Agent) -> Request {
    let peer = |number| Speaker::Peer(NodeId::agent(number));
    agent.task().say(peer(7), THEIRS).say(peer(8), THEIRS)
}

async fn diagnose(agent: Agent) -> Result<()> {
    let said: Diagnosis = agent.ask(with_peers(&agent)).await?;
    agent.save(&said).await
}

async fn check(agent: Agent) -> Result<()> {
    let request = agent.task().say(Speaker::User, format!("Approve it?\nPROPOSAL: {THEIRS}"));
    let request = request.expecting(Opinion::form().schema());
    let said: Opinion = agent.ask(request).await?;
    agent.save(&said).await
}

async fn choose(agent: Agent) -> Result<()> {
    let request = Request::about(ONLY_SLOT).say(Speaker::User, "Which forks?").expecting(&Schema::of::<Forks>());
    let said: Forks = agent.ask(request).await?;
    agent.save(&said).await
}

/// Never wrong by itself, and as easily led by what a conversation holds as any.
fn gullible() -> Profile {
    Profile { company: Company::Followed { abandon: Ratio::ALWAYS, adopt: Ratio::ALWAYS }, ..Profile::perfect() }
}

fn run(kind: Kind, faults: Vec<Fault>) -> Run {
    let story = Story::new("peers", move |sim: Sim| {
        let schedule = Schedule { faults: faults.clone() };
        async move {
            match kind {
                Kind::RubberStamp | Kind::WrongVerdict => sim.team(3, check),
                Kind::CorrelatedChoice => sim.team(3, choose),
                _ => sim.team(3, diagnose),
            };
            let led = matches!(kind, Kind::ConversationReset | Kind::IgnoredPeers);
            sim.model(if led { gullible() } else { Profile::perfect() });
            sim.task(<synod::model::Diagnose as synod::model::Task>::generate);
            sim.schedule(schedule).run_for(seconds(120)).await;
        }
    });
    let run = story.run(&Job::of(Seed(7)).detailed(Detail::Full), &Frozen);
    assert!(run.crash.is_none(), "{:?}", run.crash);
    run
}

/// What the agents wrote down.
fn said(run: &Run) -> Vec<String> {
    let records = run.trace.records().iter().enumerate();
    let saved = records.filter(|(_, record)| record.happening == Happening::Persisting);
    saved.map(|(place, _)| run.trace.text(place).to_owned()).collect()
}

#[test]
fn faults_among_peers_fire_and_are_felt() {
    for kind in KINDS {
        let site = Site::Node(NodeId::model(0));
        let when = When::At(Time::ZERO);
        let fault = Fault {
            kind,
            site,
            when,
            persistence: Persistence::Persistent,
            span: seconds(100),
            rate: Ratio::ALWAYS,
            strength: Duration::ZERO.0,
            name: None,
        };
        let (with, without) = (run(kind, vec![fault]), run(kind, Vec::new()));
        let tally = with.ledger.tally(kind);
        assert!(tally.fired == 3 && tally.felt == 3, "{kind}: {tally:?}");
        assert_eq!(without.ledger.tally(kind).fired, 0);
        let (told, untold) = (said(&with), said(&without));
        assert!(told.len() == 3 && untold.len() == 3 && told != untold, "{kind}: {told:?}, {untold:?}");
        match kind {
            Kind::CorrelatedChoice => assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}"),
            // The proposal is wrong. Who has looked at it says at what.
            Kind::RubberStamp => {
                assert!(told.iter().all(|text| text.contains("true") && text.contains("looks good to me")), "{told:?}");
            }
            Kind::WrongVerdict => {
                assert!(told.iter().all(|text| text.contains("true") && text.contains("it fits")), "{told:?}");
            }
            Kind::ConversationReset | Kind::IgnoredPeers => {
                let led = |text: &String| text.contains("svc-1\"");
                assert!(untold.iter().all(led) && !told.iter().any(led), "{untold:?}, {told:?}");
            }
            _ => assert!(told.iter().all(|text| text.contains("svc-1\"")), "{told:?}"),
        }
    }
}
