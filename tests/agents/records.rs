//! A store that users wrote by hand: agents record what they do to it, and the checkers of stores judge that.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use synod::agent::{Act, Called};
use synod::check::consistency::Linearizable;
use synod::check::{Check, OfStore, Verdict, Witness};
use synod::explore::perform;
use synod::runtime::default_host;
use synod::scenario::{Job, Sim, Story};
use synod::seed::Seed;
use synod::time::{minutes, seconds};
use synod::trace::Detail;
use synod::{Agent, Result};

const SEEDS: u64 = 40;

/// A map that everyone shares, as one writes it in an afternoon.
#[derive(Clone, Default)]
struct SharedMap(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl SharedMap {
    fn open(&self) -> MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &str) -> Vec<String> {
        self.open().get(key).cloned().unwrap_or_default()
    }
}

/// Reads the findings, thinks about its own for a while, and puts back what it read and its own.
async fn overwrites(agent: Agent, map: SharedMap) -> Result {
    for round in 0..2 {
        let finding = format!("{} found {round}", agent.id());
        let act = Act::append("findings", &finding);
        agent
            .record(act, async {
                let mut findings = map.get("findings");
                think(&agent).await;
                findings.push(finding);
                map.open().insert("findings".to_owned(), findings);
                Called::Done
            })
            .await;
    }
    read(agent, map).await
}

/// The same, and puts it back only if nobody was faster.
async fn swaps(agent: Agent, map: SharedMap) -> Result {
    for round in 0..2 {
        let finding = format!("{} found {round}", agent.id());
        let act = Act::append("findings", &finding);
        agent
            .record(act, async {
                loop {
                    let read = map.get("findings");
                    think(&agent).await;
                    let mut map = map.open();
                    let findings = map.entry("findings".to_owned()).or_default();
                    if *findings == read {
                        findings.push(finding);
                        return Called::Done;
                    }
                }
            })
            .await;
    }
    read(agent, map).await
}

async fn think(agent: &Agent) {
    agent.sleep(seconds(1 + agent.draw(20))).await;
}

async fn read(agent: Agent, map: SharedMap) -> Result {
    agent.record(Act::read("findings"), async { Called::Listed(map.get("findings")) }).await;
    agent.abstain().await
}

/// The lowest seed on which the team's map is not what it seems.
fn violation<F, W>(program: F) -> Option<Witness>
where
    F: Fn(Agent, SharedMap) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = Result> + Send + 'static,
{
    let story = Story::new("map", move |sim: Sim| {
        let (program, map) = (program.clone(), SharedMap::default());
        async move {
            sim.team(3, move |agent| program(agent, map.clone()));
            sim.run_for(minutes(10)).await;
        }
    });
    (0..SEEDS).find_map(|seed| {
        let run = perform(&story, default_host(), &Job::of(Seed(seed)).detailed(Detail::Full)).expect("contained");
        assert_eq!(run.crash, None);
        match OfStore::whole(Linearizable::DEFAULT).check(&run.history) {
            Verdict::Violated(witness) => Some(witness),
            Verdict::Holds { judged } => {
                assert_eq!(judged, 9, "three agents append twice and read once");
                None
            }
            Verdict::Unknown { limit } => panic!("{limit}"),
        }
    })
}

#[test]
fn a_hand_written_shared_map_loses_an_update() {
    let witness = violation(overwrites).expect("two agents think at the same time on some seed");
    let text = witness.to_string();
    // Two of them read what cannot both have been there.
    assert!(text.contains("findings") && text.contains("found 0"), "the witness names what was lost:\n{text}");
}

#[test]
fn a_map_that_compares_before_it_overwrites_loses_none() {
    assert_eq!(violation(swaps), None);
}

#[test]
fn an_agent_that_crashes_in_an_operation_leaves_it_open() {
    use crate::support::{A1, at, only, run_with};
    use synod::fault::Kind;
    use synod::history::Operation;
    let program = |agent: Agent| async move {
        agent
            .record(Act::write("plan", &format!("{} at {}", agent.id(), agent.now())), async {
                agent.sleep(seconds(5)).await;
                Called::Done
            })
            .await;
        Ok(())
    };
    let run = run_with(1, 1, program, |sim| {
        sim.schedule(only(at(Kind::Crash, A1, seconds(2), seconds(1))));
    });
    let operations: Vec<&Operation> = run.history.operations().map(|(_, _, operation)| operation).collect();
    let [Operation::Ask { asked: first, .. }, Operation::Ask { asked: second, .. }, Operation::Heard { .. }] =
        operations[..]
    else {
        panic!("{operations:?}")
    };
    assert_ne!(first.session, second.session, "each life is a session of its own");
}
