//! Which calls a fault of models strikes: by site, number, persistence and position.

use super::support::{A1, A2, M1, Notes, noted_with};
use synod::fault::{Fault, Kind, Persistence, Position, Schedule, Site};
use synod::id::NodeId;
use synod::model::{Pace, Profile, Request, Scripted};
use synod::seed::Ratio;
use synod::time::{Time, micros, millis, minutes, seconds};
use synod::{Agent, Sim};

/// Calls that each agent makes, one a minute.
const CALLS: u64 = 9;

async fn caller(agent: Agent, notes: Notes) -> synod::Result {
    for call in 0..CALLS {
        let begun = Time::ZERO + minutes(call);
        agent.sleep(begun.since(agent.now())).await;
        match agent.ask::<bool>(agent.task()).await {
            Err(synod::Error::Provider(_)) => notes.write(format!("{} {call}", agent.id())),
            other => assert_eq!(other, Ok(true)),
        }
    }
    Ok(())
}

/// The numbers of this agent's calls that a fault struck, of agents that share a model.
fn struck(agents: u16, who: NodeId, fault: &Fault) -> Vec<u64> {
    struck_by(31, agents, who, fault)
}

fn struck_by(seed: u64, agents: u16, who: NodeId, fault: &Fault) -> Vec<u64> {
    let planned: &'static Fault = Box::leak(Box::new(fault.clone()));
    let set = move |sim: &Sim| {
        // No call takes as long as agents wait.
        let pace = Pace { first_token: millis(1), per_token: micros(1), ..Pace::usual() };
        let model = Scripted::new(|_: &Request| true).with(Profile { pace, ..Profile::perfect() });
        sim.model(model).schedule(Schedule { faults: vec![planned.clone()] });
    };
    let lines = noted_with(seed, agents, caller, set);
    let own = lines.iter().filter_map(|line| line.strip_prefix(&format!("{who} ")));
    own.map(|call| call.parse().expect("a number")).collect()
}

#[test]
fn every_site_and_persistence_strikes_its_own_calls_from_its_own_number_on() {
    let persistences: [(Persistence, &[u64]); 4] = [
        (Persistence::Persistent, &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (Persistence::Single, &[0]),
        (Persistence::Burst { calls: 3 }, &[0, 1, 2]),
        (Persistence::Intermittent { struck: 2, spared: 1 }, &[0, 1, 3, 4, 6, 7]),
    ];
    let link = Site::Link { from: A1, to: M1 };
    for site in [Site::Node(M1), Site::Models(vec![M1]), Site::Caller(A1), link] {
        for (persistence, pattern) in persistences {
            for first in [0, 2] {
                let all = Fault { persistence, ..Fault::on(Kind::Overloaded, site.clone()) };
                let fault = if first == 0 { all } else { all.at_call(first) };
                let expected: Vec<u64> = pattern.iter().map(|call| call + first).filter(|call| *call < CALLS).collect();
                assert_eq!(struck(1, A1, &fault), expected, "{fault}");
            }
        }
    }
}

#[test]
fn a_fault_of_one_caller_spares_the_others() {
    for site in [Site::Caller(A1), Site::Link { from: A1, to: M1 }] {
        let fault = Fault::on(Kind::Unavailable, site).at_call(1).burst(2);
        assert_eq!(struck(2, A1, &fault), [1, 2], "{fault}");
        assert!(struck(2, A2, &fault).is_empty(), "{fault}");
    }
}

#[test]
fn of_faults_that_meet_at_a_call_the_one_that_began_first_strikes() {
    let ask = |agent: Agent, notes: Notes| async move {
        agent.sleep(seconds(10)).await;
        if let Err(error) = agent.ask::<bool>(agent.task()).await {
            notes.write(error);
        }
        Ok(())
    };
    let from = |kind, second| Fault::at(kind, M1).from(Time::ZERO + seconds(second)).lasting(minutes(1));
    for (first, second, told) in [(1, 2, "529"), (2, 1, "503")] {
        let lines = noted_with(3, 1, ask, move |sim| {
            let faults = vec![from(Kind::Overloaded, first), from(Kind::Unavailable, second)];
            sim.model(Scripted::new(|_: &Request| true)).schedule(Schedule { faults });
        });
        assert!(lines.len() == 1 && lines[0].contains(told), "{lines:?}");
    }
}

#[test]
fn a_rate_strikes_that_share_of_calls_and_other_ones_in_other_runs() {
    const RUNS: u64 = 80;
    let fault = Fault { rate: Ratio::percent(30), ..Fault::at(Kind::Unavailable, M1) };
    let runs: Vec<Vec<u64>> = (0..RUNS).map(|seed| struck_by(seed, 1, A1, &fault)).collect();
    let count = runs.iter().map(|calls| calls.len() as u64).sum::<u64>();
    // Three standard deviations of 720 draws at .3 are 37.
    assert!(count.abs_diff(RUNS * CALLS * 30 / 100) <= 37, "{count} of {}", RUNS * CALLS);
    assert!(runs.windows(2).any(|pair| pair[0] != pair[1]));
}

#[test]
fn a_fault_strikes_in_its_third_of_the_run() {
    let expected: [(Position, &[u64]); 3] =
        [(Position::Early, &[0, 1, 2]), (Position::Mid, &[3, 4, 5]), (Position::Late, &[6, 7, 8])];
    for (position, calls) in expected {
        let fault = Fault::at(Kind::ServerError, M1).placed(position, minutes(9));
        assert_eq!(struck(1, A1, &fault), calls, "{position:?}");
        let window = Fault::at(Kind::ServerError, M1).from(position.begin(minutes(9))).lasting(seconds(30));
        assert_eq!(struck(1, A1, &window), calls[..1], "{position:?}");
    }
}
