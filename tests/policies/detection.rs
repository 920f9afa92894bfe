//! How often detectors are wrong about agents, counted: on the links of the scenario, each heartbeat late by a
//! lognormal delay with a median of .2 s, while three workers are paused or down for a while.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use synod::explore::{BareHost, perform};
use synod::fact::Fact;
use synod::history::{Environment, Event, History};
use synod::id::NodeId;
use synod::scenario::{Job, Runnable, Story};
use synod::seed::Seed;
use synod_scenarios::policies::{watch, watch_phi};

const RUNS: u64 = 30;

/// What a detector did in some runs.
#[derive(Debug, Default)]
struct Score {
    /// Suspicions of somebody who ran.
    wrong: u64,
    /// Times that somebody stopped while it was trusted, and how many of them were noticed.
    stopped: u64,
    noticed: u64,
    /// Milliseconds from stopping to suspicion, summed.
    took: u64,
}

impl Score {
    fn add(&mut self, history: &History) {
        let mut down = BTreeMap::new();
        let mut suspected: BTreeSet<NodeId> = BTreeSet::new();
        for entry in history.entries() {
            match &entry.event {
                Event::Fact(Fact::Suspects { node }) => {
                    suspected.insert(*node);
                    match down.remove(node) {
                        Some(since) => {
                            self.noticed += 1;
                            self.took += entry.at.since(since).as_nanos() / 1_000_000;
                        }
                        None => self.wrong += 1,
                    }
                }
                Event::Fact(Fact::Trusts { node }) => _ = suspected.remove(node),
                Event::Environment(Environment::Crashed | Environment::Paused) if !suspected.contains(&entry.node) => {
                    self.stopped += 1;
                    down.insert(entry.node, entry.at);
                }
                Event::Environment(Environment::Started { .. } | Environment::Resumed) => {
                    down.remove(&entry.node);
                }
                _ => {}
            }
        }
    }
}

fn scored(story: &Story) -> Score {
    let mut score = Score::default();
    for seed in 0..RUNS {
        let run = perform(story as &dyn Runnable, &BareHost, &Job::of(Seed(seed))).expect("the run is contained");
        score.add(&run.history);
    }
    score
}

#[test]
fn phi_is_wrong_far_less_often_than_a_fixed_timeout_and_notices_everyone_who_is_gone() {
    let [fixed, phi] = [watch(), watch_phi()].map(|story| scored(&story));
    // Three workers, a heartbeat a second, four minutes.
    let beats = RUNS * 3 * 240;
    println!("false alarms of {beats} heartbeats in {RUNS} runs: fixed {fixed:?}, phi {phi:?}");
    assert!(phi.wrong * 10 < fixed.wrong, "fixed {fixed:?}, phi {phi:?}");
    for score in [&fixed, &phi] {
        assert!(score.stopped >= RUNS && score.noticed == score.stopped, "fixed {fixed:?}, phi {phi:?}");
    }
}
