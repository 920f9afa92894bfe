//! Every other policy of the wrapper, driven twice: by async agents that share it, and step by step from what they
//! noted down, as a pure protocol does. Both decide alike for the same events.

use crate::driving::support::{self, A1, only};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use synod::agent::{Compartment, Shared};
use synod::fault::{Fault, Kind};
use synod::model::Profile;
use synod::policy::{
    Act, Admission, Allowance, Breaker, Budget, Bulkhead, Class, Classify, Ended, Ending, Entry, Hedge, Pass, Place,
    Plan, Remembered, Repeatable, Retry, Saga, Stage,
};
use synod::seed::Ratio;
use synod::time::{Duration, Time, millis, seconds};
use synod::{Agent, Error};

const SEEDS: u64 = 8;
/// Tasks of one agent that share a policy, and how often each makes use of it.
const TASKS: usize = 4;
const TURNS: usize = 12;

/// Something that an agent noted down of one of its tasks.
#[derive(Clone, Debug, PartialEq)]
struct Noted<E> {
    at: Time,
    task: usize,
    event: E,
}

/// What one agent notes down.
struct Log<E>(Arc<Mutex<Vec<Noted<E>>>>);

impl<E> Clone for Log<E> {
    fn clone(&self) -> Log<E> {
        Log(self.0.clone())
    }
}

impl<E> Log<E> {
    fn note(&self, agent: &Agent, task: usize, event: E) {
        self.0.lock().unwrap().push(Noted { at: agent.now(), task, event });
    }
}

/// What a single agent notes down in a run with this seed, with a model of which some calls fail.
fn noted<E, F, W>(seed: u64, program: F) -> Vec<Noted<E>>
where
    E: Clone + Send + 'static,
    F: Fn(Agent, Log<E>) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let log = Log(Arc::new(Mutex::new(Vec::new())));
    let told = log.clone();
    let program = move |agent: Agent| {
        let (program, log) = (program.clone(), told.clone());
        async move {
            program(agent, log).await;
            Ok(())
        }
    };
    let run = support::run_with(seed, 1, program, |sim| {
        let fails = Fault::of_caller(Kind::Overloaded, A1).rate(Ratio::percent(40));
        sim.model(Profile::perfect()).schedule(only(fails));
    });
    assert_eq!(run.crash, None);
    log.0.lock().unwrap().clone()
}

/// Work of up to so long that fails in two of five cases.
async fn work(agent: &Agent, most: Duration) -> synod::Result<()> {
    agent.sleep(millis(1) + Duration(agent.draw(most.0))).await;
    if agent.draw(5) < 2 { Err(Error::ModelTimeout) } else { Ok(()) }
}

#[derive(Clone, Debug, PartialEq)]
enum AtBreaker {
    Asks,
    Passes,
    Refused(Duration),
    Over(Ended),
}

async fn guarded(agent: Agent, log: Log<AtBreaker>) {
    let breaker = Shared::new(Breaker::new(2, seconds(9)));
    let task = |task: usize| {
        let (agent, log, breaker) = (agent.clone(), log.clone(), breaker.clone());
        async move {
            for _ in 0..TURNS {
                agent.sleep(Duration(agent.draw(seconds(4).0))).await;
                log.note(&agent, task, AtBreaker::Asks);
                let passing = async {
                    log.note(&agent, task, AtBreaker::Passes);
                    let done = work(&agent, seconds(3)).await;
                    log.note(&agent, task, AtBreaker::Over(if done.is_ok() { Ended::Well } else { Ended::Badly }));
                    done
                };
                if let Err(Error::Guarded(wait)) = agent.guarded("work", &breaker, passing).await {
                    log.note(&agent, task, AtBreaker::Refused(wait));
                }
            }
        }
    };
    join_all((0..TASKS).map(task)).await;
}

#[test]
fn a_breaker_lets_the_same_calls_through() {
    let (mut passed, mut refused) = (0, 0);
    for seed in 0..SEEDS {
        let (mut breaker, mut passes) = (Breaker::new(2, seconds(9)), BTreeMap::<usize, Pass>::new());
        let events = noted(seed, guarded);
        for (place, Noted { at, task, event }) in events.iter().enumerate() {
            let decided = |event| assert_eq!(events[place + 1], Noted { at: *at, task: *task, event }, "seed {seed}");
            match event {
                AtBreaker::Asks => match breaker.admit(*at) {
                    Admission::Passes(pass) => {
                        passes.insert(*task, pass);
                        decided(AtBreaker::Passes);
                        passed += 1;
                    }
                    Admission::Refused { wait } => {
                        decided(AtBreaker::Refused(wait));
                        refused += 1;
                    }
                },
                AtBreaker::Over(ended) => breaker.ended(*at, passes.remove(task).expect("it passed"), *ended),
                AtBreaker::Passes | AtBreaker::Refused(_) => {}
            }
        }
    }
    assert!(passed > 50 && refused > 50, "{passed} passed, {refused} refused");
}

#[derive(Clone, Debug, PartialEq)]
enum AtDoor {
    Comes,
    In,
    Full,
    Leaves,
}

async fn seated(agent: Agent, log: Log<AtDoor>) {
    let room = Compartment::new(Bulkhead::new(1, 2));
    let task = |task: usize| {
        let (agent, log, room) = (agent.clone(), log.clone(), room.clone());
        async move {
            for _ in 0..TURNS {
                agent.sleep(Duration(agent.draw(seconds(4).0))).await;
                log.note(&agent, task, AtDoor::Comes);
                let sitting = async {
                    log.note(&agent, task, AtDoor::In);
                    let done = work(&agent, seconds(3)).await;
                    log.note(&agent, task, AtDoor::Leaves);
                    done
                };
                if matches!(agent.seated(&room, sitting).await, Err(Error::Full)) {
                    log.note(&agent, task, AtDoor::Full);
                }
            }
        }
    };
    join_all((0..TASKS).map(task)).await;
}

#[test]
fn a_bulkhead_seats_the_same_callers_in_the_same_order() {
    let (mut at_once, mut later, mut turned_away) = (0, 0, 0);
    for seed in 0..SEEDS {
        let (mut bulkhead, mut waiting) = (Bulkhead::new(1, 2), BTreeMap::<u64, usize>::new());
        let name = |place: &Place| synod::digest::digest_of(place);
        let events = noted(seed, seated);
        for (place, Noted { at, task, event }) in events.iter().enumerate() {
            let decided = |task: usize, event| {
                let same = events[place + 1..].iter().take_while(|later| later.at == *at);
                assert!(same.clone().any(|later| later.task == task && later.event == event), "seed {seed}: {event:?}");
            };
            match event {
                AtDoor::Comes => match bulkhead.enter() {
                    Entry::In => {
                        decided(*task, AtDoor::In);
                        at_once += 1;
                    }
                    Entry::Waits(place) => _ = waiting.insert(name(&place), *task),
                    Entry::Full => {
                        decided(*task, AtDoor::Full);
                        turned_away += 1;
                    }
                },
                AtDoor::Leaves => {
                    if let Some(next) = bulkhead.leave() {
                        decided(waiting.remove(&name(&next)).expect("it waits"), AtDoor::In);
                        later += 1;
                    }
                }
                AtDoor::In | AtDoor::Full => {}
            }
        }
    }
    let all = [at_once, later, turned_away];
    assert!(all.iter().all(|count| *count > 20), "at once, later, turned away: {all:?}");
}

#[derive(Clone, Debug, PartialEq)]
enum AtGate {
    Comes,
    Passes,
}

async fn paced(agent: Agent, log: Log<AtGate>) {
    let allowance = Shared::new(Allowance::per_minute(20, 3));
    for _ in 0..TASKS * TURNS {
        agent.sleep(Duration(agent.draw(seconds(5).0))).await;
        log.note(&agent, 0, AtGate::Comes);
        agent.pace(&allowance).await;
        log.note(&agent, 0, AtGate::Passes);
    }
}

#[test]
fn an_allowance_keeps_calls_back_for_as_long() {
    let mut waited = 0;
    for seed in 0..SEEDS {
        let mut allowance = Allowance::per_minute(20, 3);
        for turn in noted(seed, paced).chunks_exact(2) {
            let mut now = turn[0].at;
            while let Err(wait) = allowance.take(now) {
                now += wait;
                waited += 1;
            }
            assert_eq!(turn[1], Noted { at: now, task: 0, event: AtGate::Passes }, "seed {seed}");
        }
    }
    assert!(waited > 50, "{waited} waits");
}

#[derive(Clone, Debug, PartialEq)]
enum InRace {
    Begins,
    Sends(usize),
    Answered(usize),
    Failed(usize),
    Over,
}

async fn hedged(agent: Agent, log: Log<InRace>) {
    let budget = Shared::new(Budget::new(30, 1));
    let hedge = Hedge::after(seconds(2), Repeatable::Idempotent);
    for turn in 0..TASKS * TURNS {
        log.note(&agent, turn, InRace::Begins);
        let racer = |number: usize| {
            let (agent, log) = (agent.clone(), log.clone());
            async move {
                log.note(&agent, turn, InRace::Sends(number));
                let done = work(&agent, seconds(5)).await;
                let ended = if done.is_ok() { InRace::Answered(number) } else { InRace::Failed(number) };
                log.note(&agent, turn, ended);
                done
            }
        };
        let _ = agent.hedged(hedge, Some(&budget), racer).await;
        log.note(&agent, turn, InRace::Over);
    }
}

#[test]
fn a_hedge_sends_the_same_second_requests_and_takes_the_same_answers() {
    let (mut second, mut unpaid, mut lost) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut budget = Budget::new(30, 1);
        let hedge = Hedge::after(seconds(2), Repeatable::Idempotent);
        let events = noted(seed, hedged);
        for turn in events.chunk_by(|one, other| one.task == other.task) {
            budget.tried();
            let mut race = hedge.begin(turn[0].at);
            let due = race.due().expect("it may be sent twice");
            // What happens at the instant itself comes before the second request.
            let (before, after): (Vec<_>, Vec<_>) =
                turn.iter().partition(|noted| noted.at < due || noted.event == InRace::Sends(0));
            let is_over = before.iter().any(|noted| noted.event == InRace::Over);
            let sent = turn.iter().find(|noted| noted.event == InRace::Sends(1));
            if is_over {
                assert_eq!(sent, None, "seed {seed}");
                continue;
            }
            let late = race.late(due, Some(&mut budget));
            assert_eq!(sent.map(|sent| sent.at), late.then_some(due), "seed {seed}");
            second += u64::from(late);
            unpaid += u64::from(!late);
            let mut over = false;
            for noted in after {
                match noted.event {
                    InRace::Answered(number) => {
                        lost += race.answered(number).len();
                        over = true;
                    }
                    InRace::Failed(number) => over = race.failed(number),
                    InRace::Over => assert!(over, "seed {seed}"),
                    InRace::Begins | InRace::Sends(_) => assert!(!over),
                }
            }
        }
    }
    assert!(second > 20 && unpaid > 20 && lost > 5, "{second} sent, {unpaid} unpaid, {lost} losers");
}

/// What an agent's question got, if anything.
type Got = Option<BTreeMap<String, u64>>;

async fn remembering(agent: Agent, log: Log<Got>) {
    let memory = Shared::new(Remembered::for_at_most(seconds(20)));
    for turn in 0..TASKS * TURNS {
        let answer = agent.ask::<BTreeMap<String, u64>>(agent.task()).remembered(&memory).await;
        // A remembered answer comes at the instant at which the model's failure does.
        log.note(&agent, turn, answer.ok());
        agent.sleep(Duration(agent.draw(seconds(20).0))).await;
    }
}

#[test]
fn what_is_remembered_is_given_for_as_long() {
    let (mut given, mut too_old) = (0, 0);
    for seed in 0..SEEDS {
        let own = noted(seed, remembering);
        let bare = noted(seed, |agent, log: Log<Got>| async move {
            for turn in 0..TASKS * TURNS {
                let answer = agent.ask::<BTreeMap<String, u64>>(agent.task()).each(seconds(60)).await;
                log.note(&agent, turn, answer.ok());
                agent.sleep(Duration(agent.draw(seconds(20).0))).await;
            }
        });
        let mut memory = Remembered::for_at_most(seconds(20));
        for (own, bare) in own.iter().zip(&bare) {
            assert_eq!(own.at, bare.at, "the model and the agent draw alike, seed {seed}");
            let kept = memory.recall(bare.at).cloned();
            assert_eq!(own.event, bare.event.clone().or(kept.clone()), "seed {seed}");
            given += u64::from(bare.event.is_none() && kept.is_some());
            too_old += u64::from(bare.event.is_none() && kept.is_none());
            bare.event.iter().for_each(|answer| memory.keep(bare.at, answer.clone()));
        }
    }
    assert!(given > 20 && too_old > 20, "{given} given, {too_old} too old");
}

#[derive(Clone, Debug, PartialEq)]
enum OfSaga {
    Acts(Act),
    Acted,
    Failed(Class),
    Ends(Ending),
}

fn saga(turn: usize) -> Saga {
    Saga::new(&format!("work-{turn}"), ["one", "two", "three"])
}

async fn whole(agent: Agent, log: Log<OfSaga>) {
    for turn in 0..TURNS {
        let carry_out = |act: Act| {
            let (agent, log) = (agent.clone(), log.clone());
            async move {
                log.note(&agent, turn, OfSaga::Acts(act));
                let done = work(&agent, seconds(3)).await;
                log.note(
                    &agent,
                    turn,
                    done.as_ref().map_or_else(|why| OfSaga::Failed(why.class()), |()| OfSaga::Acted),
                );
                done
            }
        };
        let ending = agent.saga(saga(turn), Plan::new(Retry::never()), carry_out).await;
        log.note(&agent, turn, OfSaga::Ends(ending.expect("the disk is well")));
    }
}

#[test]
fn a_saga_does_and_undoes_the_same_steps() {
    let mut endings = BTreeMap::<String, u64>::new();
    for seed in 0..SEEDS {
        let events = noted(seed, whole);
        for turn in events.chunk_by(|one, other| one.task == other.task) {
            let (mut saga, mut done) = (saga(turn[0].task), turn.iter().map(|noted| &noted.event));
            loop {
                match saga.stage() {
                    Stage::Write(_) => saga.written(),
                    Stage::Over(ending) => {
                        assert_eq!(done.next(), Some(&OfSaga::Ends(ending)), "seed {seed}");
                        *endings.entry(format!("{ending:?}")).or_default() += 1;
                        break;
                    }
                    Stage::Act(act) => {
                        assert_eq!(done.next(), Some(&OfSaga::Acts(act)), "seed {seed}");
                        match done.next() {
                            Some(OfSaga::Acted) => saga.acted(),
                            Some(OfSaga::Failed(class)) => saga.failed(*class),
                            other => panic!("an act ends: {other:?}"),
                        }
                    }
                }
            }
        }
    }
    assert!(endings.len() == 2 && endings.values().all(|count| *count > 10), "{endings:?}");
}
