//! A reply is a function of seed, model, caller, turn and content, in whole runs: one more agent, call or fault moves
//! no other reply.

use super::support::{A1, A2, M1, at, only, performed, story, traced};
use proptest::prelude::*;
use synod::fault::{Fault, Kind, Site};
use synod::id::NodeId;
use synod::model::{Profile, Quota, Speaker, Spending, Task};
use synod::seed::{Draws, Ratio};
use synod::time::{Duration, minutes, seconds};
use synod::trace::Happening;
use synod::{Agent, Sim};

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Guess {
    service: String,
    minutes: u32,
}

#[derive(Clone)]
struct Outage(u32);

impl Task for Outage {
    type Reply = Guess;

    fn generate(draws: &mut Draws) -> (String, Outage) {
        let number = u32::try_from(draws.choose(100, 999, 100)).expect("three digits");
        (format!("svc-{number} failed, then svc-{}; {} minutes in all.", number + 1, number % 60), Outage(number))
    }

    fn right(&self) -> Guess {
        Guess { service: format!("svc-{}", self.0), minutes: self.0 % 60 }
    }
}

/// What else happens in a run than the first agent's calls.
#[derive(Clone, Debug)]
struct More {
    agents: u16,
    calls: u16,
    fault: Option<Fault>,
}

/// Often wrong, often malformed and now and then refusing, so that each reply has something to move.
fn shaky() -> Profile {
    let profile =
        Profile { wrong: Ratio::percent(50), quota: Quota { burst: 99, ..Quota::usual() }, ..Profile::grounded() };
    profile.slipping(Kind::MalformedJson, Ratio::percent(20)).slipping(Kind::Refusal, Ratio::percent(20))
}

/// One reply as a replay tells it, and how long it took.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    said: String,
    took: Duration,
}

/// What the first agent's model answered in its three turns, and what that cost.
#[derive(Clone, Debug, PartialEq)]
struct Replies {
    told: Vec<Told>,
    /// The same as it reached the caller, as far as it was waited for, with the false claims in it.
    heard: Vec<String>,
    spent: Spending,
}

fn replies(seed: u64, more: &More) -> Replies {
    let (fault, extra) = (more.fault.clone(), more.calls);
    let fault: &'static Option<Fault> = Box::leak(Box::new(fault));
    let program = move |agent: Agent| async move {
        let calls = if agent.id() == A1 { 3 } else { 1 + extra };
        for call in 0..calls {
            let request = agent.task().say(Speaker::User, format!("This is call {call}."));
            // Whatever comes of it, the next one is asked at about the same time.
            let _ = agent.ask_within::<Guess>(request, seconds(50)).await;
        }
        Ok(())
    };
    let set = move |sim: &Sim| {
        sim.task(Outage::generate).model(shaky());
        if let Some(fault) = fault {
            sim.schedule(only(fault.clone()));
        }
    };
    let run = performed(&story(2 + more.agents, program, set), seed);
    assert_eq!(run.crash, None);
    let of = |node: NodeId, peer: NodeId, happening: Happening| {
        let records = run.trace.records().iter().enumerate();
        records.filter(move |(_, record)| (record.node, record.happening, record.peer) == (node, happening, Some(peer)))
    };
    let came = of(M1, A1, Happening::Delivered).map(|(_, record)| record.at);
    let served = of(M1, A1, Happening::Served).map(|(place, record)| (run.trace.text(place).to_owned(), record.at));
    let heard = of(A1, M1, Happening::Replied).map(|(place, _)| run.trace.text(place).to_owned());
    let told = came.zip(served).map(|(came, (said, at))| Told { said, took: at.since(came) }).collect();
    Replies { told, heard: heard.collect(), spent: run.spending[&A1] }
}

/// Faults that strike anybody but the first agent.
fn any_fault() -> impl Strategy<Value = Fault> {
    let kinds = vec![
        Kind::WrongAnswer,
        Kind::MalformedJson,
        Kind::Truncated,
        Kind::Refusal,
        Kind::ServerError,
        Kind::ConnectionReset,
        Kind::CutStream,
        Kind::SlowStream,
        Kind::ModelTimeout,
    ];
    let of_caller = (prop::sample::select(kinds), 0u64..2).prop_map(|(kind, nth)| Fault {
        when: synod::fault::When::Nth(nth),
        ..Fault::on(kind, Site::Caller(A2)).lasting(minutes(9))
    });
    let of_link = prop::sample::select(vec![Kind::Loss, Kind::Duplicate, Kind::DelayUniform])
        .prop_map(|kind| Fault::on(kind, Site::Link { from: A2, to: M1 }).lasting(minutes(9)));
    let of_node = Just(Fault::at(Kind::Crash, A2).from(synod::time::Time::ZERO + seconds(1)));
    prop_oneof![of_caller, of_link, of_node]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_more_agent_call_or_fault_moves_no_other_reply(
        seed in 0u64..1_000_000,
        agents in 0u16..4,
        calls in 0u16..3,
        fault in prop::option::of(any_fault()),
    ) {
        let plain = replies(seed, &More { agents: 0, calls: 0, fault: None });
        prop_assert_eq!(plain.told.len(), 3);
        let more = More { agents, calls, fault };
        prop_assert_eq!(replies(seed, &more), plain, "{:?}", more);
    }
}

#[test]
fn replies_differ_by_seed_and_turn_and_faults_of_their_own() {
    let none = More { agents: 0, calls: 0, fault: None };
    let plain = replies(1, &none);
    assert_ne!(plain, replies(2, &none));
    assert!(plain.told[0] != plain.told[1] && plain.told[1] != plain.told[2], "{plain:?}");
    assert!((0..20).any(|seed| replies(seed, &none).heard.iter().any(|heard| heard.contains("(false: "))));
    let own = Fault::on(Kind::MalformedJson, Site::Caller(NodeId::agent(0))).lasting(minutes(9));
    assert_ne!(plain, replies(1, &More { fault: Some(own), ..none }));
}

/// What the first agent's model answered in each turn of its lives, if this happens while it asks again and again.
fn lives(fault: Option<Fault>) -> Vec<String> {
    let program = |agent: Agent| async move {
        for _ in 0..6 {
            let _ = agent.ask_within::<Guess>(agent.task(), seconds(50)).await;
            agent.sleep(seconds(5)).await;
        }
        Ok(())
    };
    let fault: &'static Option<Fault> = Box::leak(Box::new(fault));
    let set = move |sim: &Sim| {
        sim.task(Outage::generate).model(shaky());
        fault.iter().for_each(|fault| _ = sim.schedule(only(fault.clone())));
    };
    let run = performed(&story(1, program, set), 3);
    assert_eq!(run.crash, None);
    traced(&run, M1, "answers")
}

fn turn(line: &str) -> u64 {
    let number = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).expect("a turn").0;
    number.parse().expect("a number")
}

#[test]
fn a_restarted_caller_asks_on_from_where_it_left_off() {
    let plain = lives(None);
    assert_eq!(plain.iter().map(|line| turn(line)).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    let crash = at(Kind::Crash, A1, seconds(15), seconds(1));
    let again = lives(Some(crash));
    let mut turns: Vec<u64> = again.iter().map(|line| turn(line)).collect();
    turns.sort_unstable();
    assert!(turns.len() > 6 && turns.iter().copied().eq(0..turns.len() as u64), "{turns:?}");
    // The first life was told what it would have been told anyway.
    assert!(again[..2] == plain[..2], "{again:?}, {plain:?}");
}

#[test]
fn a_second_copy_asks_in_turns_of_its_own_and_moves_no_reply_of_the_first() {
    let plain = lives(None);
    let twin = at(Kind::Twin, A1, seconds(15), minutes(9));
    let (first, second): (Vec<String>, Vec<String>) = lives(Some(twin)).into_iter().partition(|line| turn(line) < 6);
    assert_eq!(first, plain);
    let turns: Vec<u64> = second.iter().map(|line| turn(line)).collect();
    assert!(turns.len() == 6 && turns.iter().all(|turn| *turn > 1_000), "{turns:?}");
}
