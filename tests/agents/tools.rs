//! Tools as agents meet them: keys, errors, durable state, orphans, and false arguments on their way to an effect.

use super::support::{A1, Notes, at, noted_with, only, performed, run_with};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::check::{Check, EffectAtMostOnce, NoOrphanCalls};
use synod::fault::{Fault, Kind, Site};
use synod::history::{Environment, Extent};
use synod::id::NodeId;
use synod::model::{Act, Action, Request, Scripted, ToolCall};
use synod::scenario::{Run, Story};
use synod::time::{Duration, millis, seconds};
use synod::tool::{CallError, Invocation, Keys, Service, Toolbox};
use synod::trace::Happening;
use synod::{Agent, Error, Sim};

const T1: NodeId = NodeId::tool(0);
const T2: NodeId = NodeId::tool(1);

#[derive(Serialize, Deserialize, JsonSchema)]
struct Deposit {
    cents: u64,
}

/// Counts what was paid in.
struct Till(Keys);

impl Service for Till {
    type Arguments = Deposit;
    type Output = u64;
    type State = u64;
    const NAME: &'static str = "till";
    const ABOUT: &'static str = "Takes money and says how much there is.";

    fn call(&self, sum: &mut u64, Deposit { cents }: Deposit) -> Result<u64, String> {
        *sum += cents;
        if cents == 13 { Err("not on a Friday".to_owned()) } else { Ok(*sum) }
    }

    fn keys(&self) -> Keys {
        self.0
    }
}

/// Another till, which does not look at keys.
struct Box2;

impl Service for Box2 {
    type Arguments = Deposit;
    type Output = u64;
    type State = u64;
    const NAME: &'static str = "box";
    const ABOUT: &'static str = "Takes money and remembers no key.";

    fn call(&self, sum: &mut u64, Deposit { cents }: Deposit) -> Result<u64, String> {
        *sum += cents;
        Ok(*sum)
    }

    fn keys(&self) -> Keys {
        Keys::Ignored
    }
}

fn call(id: &str, tool: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: tool.to_owned(), arguments: arguments.to_owned() }
}

fn tills(sim: &Sim) {
    sim.tools(Toolbox::default().with(Till(Keys::Honoured)).with(Box2));
}

fn executed(run: &Run) -> usize {
    let done = |environment: &Environment| matches!(environment, Environment::Executed { .. });
    run.history.environment().filter(|(_, _, environment)| done(environment)).count()
}

fn told(outcome: &synod::Result<String>) -> String {
    outcome.as_ref().map_or_else(ToString::to_string, Clone::clone)
}

#[test]
fn results_refusals_bad_arguments_and_unknown_tools_are_told_apart() {
    let program = |agent: Agent, notes: Notes| async move {
        for (tool, arguments) in
            [("till", r#"{"cents":5}"#), ("till", r#"{"cents":13}"#), ("till", "{}"), ("till", "{"), ("tile", "{}")]
        {
            notes.write(told(&agent.call(&call(arguments, tool, arguments)).await));
        }
        // Who refuses has taken nothing.
        notes.write(told(&agent.call(&call("last", "till", r#"{"cents":1}"#)).await));
        Ok(())
    };
    assert_eq!(
        noted_with(1, 1, program, tills),
        [
            "5",
            "the tool gave no result: refused: not on a Friday",
            "the tool gave no result: the arguments are not of the required form: {} is not of the form \
             {\"cents\": number}",
            "the tool gave no result: the arguments are not of the required form: { is not of the form \
             {\"cents\": number}",
            "the tool gave no result: there is no tool 'tile'",
            "6",
        ]
    );
}

/// Pays one cent in, and again if nothing comes of it.
async fn pay(agent: Agent, tool: &'static str, key: Option<&'static str>) -> synod::Result {
    let mut invocation = Invocation::of(&call("call_1", tool, r#"{"cents":1}"#)).within(seconds(3));
    invocation.key = key.map(str::to_owned);
    for _ in 0..5 {
        match agent.call(invocation.clone()).await {
            Err(Error::Call(CallError::Timeout)) => {}
            ended => return agent.decide(ended?).await,
        }
    }
    Ok(())
}

fn lost_answer(sim: &Sim, tool: NodeId) {
    tills(sim);
    sim.schedule(only(Fault::on(Kind::Loss, Site::Link { from: tool, to: A1 }).at_call(0)));
}

#[test]
fn a_retry_without_a_key_pays_twice_and_with_one_once() {
    let bare = run_with(1, 1, |agent| pay(agent, "till", None), |sim| lost_answer(sim, T1));
    assert_eq!(executed(&bare), 2);
    assert!(EffectAtMostOnce.check(&bare.history).witness().is_some());
    let keyed = run_with(1, 1, |agent| pay(agent, "till", Some("one")), |sim| lost_answer(sim, T1));
    assert_eq!(executed(&keyed), 1);
    assert!(EffectAtMostOnce.check(&keyed.history).witness().is_none());
    let ignored = run_with(1, 1, |agent| pay(agent, "box", Some("one")), |sim| lost_answer(sim, T2));
    assert_eq!(executed(&ignored), 2, "a key helps only where it is honoured");
    assert!(EffectAtMostOnce.check(&ignored.history).witness().is_some());
}

#[test]
fn what_a_call_did_survives_a_crash_and_so_does_its_key() {
    let keyed = |agent: Agent, notes: Notes| async move {
        let first = Invocation::of(&call("call_1", "till", r#"{"cents":4}"#)).key("a").within(seconds(2));
        notes.write(told(&agent.call(first.clone()).await));
        agent.sleep(seconds(5)).await;
        notes.write(told(&agent.call(first).await));
        notes.write(told(&agent.call(&call("call_2", "till", r#"{"cents":2}"#)).await));
        Ok(())
    };
    let crash = |sim: &Sim| {
        tills(sim);
        sim.schedule(only(at(Kind::CrashAfterPersist, T1, Duration::ZERO, seconds(1))));
    };
    let nothing = "the tool gave no result: nothing came in time: whether it was carried out is unknown";
    assert_eq!(noted_with(2, 1, keyed, crash), [nothing, "4", "6"]);
}

#[test]
fn a_crash_before_its_work_is_done_loses_a_call_and_nothing_else() {
    let program = |agent: Agent, notes: Notes| async move {
        notes.write(told(&agent.call(&call("call_1", "till", r#"{"cents":4}"#)).await));
        notes.write(told(&agent.call(&call("call_2", "till", r#"{"cents":2}"#)).await));
        Ok(())
    };
    // A tool works 40 ms at least on a call, and a link takes 20 ms at most.
    let crash = |sim: &Sim| {
        tills(sim);
        sim.schedule(only(at(Kind::Crash, T1, millis(25), seconds(1))));
    };
    let notes = noted_with(2, 1, program, crash);
    assert!(notes[0].contains("nothing came in time") && notes[1] == "2", "{notes:?}");
}

/// Turns away from its only call before anything can come of it.
async fn impatient(agent: Agent) -> synod::Result {
    let call = call("call_1", "till", r#"{"cents":4}"#);
    let _ = agent.timeout(millis(30), agent.call(&call)).await;
    agent.sleep(seconds(40)).await;
    Ok(())
}

#[test]
fn the_time_of_work_of_a_call_that_a_crash_took_is_not_another_calls() {
    let program = |agent: Agent| async move {
        let first = call("call_1", "till", r#"{"cents":4}"#);
        let _ = agent.timeout(millis(60), agent.call(&first)).await;
        agent.call(&call("call_2", "till", r#"{"cents":2}"#)).await.map(|_| ())
    };
    let crash = |sim: &Sim| {
        tills(sim);
        sim.schedule(only(at(Kind::Crash, T1, millis(25), millis(10))));
    };
    for seed in 0..150 {
        let run = run_with(seed, 1, program, crash);
        let when = |wanted: Happening| {
            let mut records = run.trace.records().iter().rev();
            records.find(|record| record.node == T1 && record.happening == wanted).expect("the second call").at
        };
        assert_eq!(executed(&run), 1, "seed {seed}: the first call is lost");
        // A tool works 40 ms at least on a call.
        let took = when(Happening::Executed).since(when(Happening::Delivered));
        assert!(took >= millis(40), "seed {seed}: carried out after {took}");
    }
}

#[test]
fn an_answer_to_a_former_life_is_nobodys() {
    let program = |agent: Agent, notes: Notes| async move {
        // Both lives do the same, so that their calls have the same number within each.
        let cents = if agent.recall::<bool>().is_none() { 4 } else { 2 };
        agent.save(&true).await?;
        let made = call("call", "till", &format!(r#"{{"cents":{cents}}}"#));
        notes.write(format!("{cents}: {}", told(&agent.call(&made).await)));
        Ok(())
    };
    for seed in 0..20 {
        let lines = noted_with(seed, 1, program, |sim| {
            tills(sim);
            sim.schedule(only(at(Kind::Crash, A1, millis(40), millis(1))));
        });
        // Both calls are carried out, the first for nobody. Who crashed before it called knows of one.
        assert!(lines == ["2: 6"] || lines == ["2: 2"] || lines == ["4: 4"], "seed {seed}: {lines:?}");
    }
}

#[test]
fn a_crash_after_an_effect_waits_for_an_effect() {
    let program = |agent: Agent, notes: Notes| async move {
        for (id, cents) in [("call_1", 13), ("call_2", 2), ("call_3", 1)] {
            let made = call(id, "till", &format!(r#"{{"cents":{cents}}}"#));
            notes.write(told(&agent.call(Invocation::of(&made).within(seconds(2))).await));
            agent.sleep(seconds(3)).await;
        }
        Ok(())
    };
    let lines = noted_with(2, 1, program, |sim| {
        tills(sim);
        sim.schedule(only(at(Kind::CrashAfterPersist, T1, Duration::ZERO, seconds(1))));
    });
    let nothing = "the tool gave no result: nothing came in time: whether it was carried out is unknown";
    assert_eq!(lines, ["the tool gave no result: refused: not on a Friday", nothing, "3"]);
}

#[test]
fn of_calls_in_a_reply_that_is_cut_off_only_the_last_is_cut() {
    let program = |agent: Agent| async move { agent.reply(agent.task_with_tools()).await.map(|_| ()) };
    let run = run_with(3, 1, program, |sim| {
        tills(sim);
        let deposit = |cents: u64| Action::new("till", &Deposit { cents });
        sim.model(Scripted::acting(move |_: &Request| Act::<u64>::Call(vec![deposit(400), deposit(200)])));
        sim.schedule(only(Fault::at(Kind::TruncatedCall, NodeId::model(0))));
    });
    let extent = |environment: &Environment| match environment {
        Environment::Requested { extent, .. } => Some(*extent),
        _ => None,
    };
    let extents: Vec<Extent> = run.history.environment().filter_map(|(_, _, said)| extent(said)).collect();
    assert_eq!(extents, [Extent::Whole, Extent::Cut]);
}

#[test]
fn who_turns_away_from_a_call_leaves_an_orphan_and_its_result_strays() {
    let run = run_with(3, 1, impatient, tills);
    let strayed = |environment: &Environment| matches!(environment, Environment::Strayed { call } if call == "call_1");
    assert!(run.history.environment().any(|(_, _, environment)| strayed(environment)));
    let verdict = NoOrphanCalls.check(&run.history);
    assert_eq!(verdict.witness().map(|witness| witness.shape.as_str()), Some("a call without an outcome"));
}

#[test]
fn a_body_that_judges_after_all_else_judges_the_end_of_its_run() {
    let judged_before = |more: Duration| {
        let story = Story::new("impatient", move |sim: Sim| async move {
            tills(&sim);
            sim.team(1, impatient).run_for(seconds(60)).await;
            sim.check(NoOrphanCalls);
            if more > Duration::ZERO {
                sim.run_for(more).await;
            }
        });
        performed(&story, 3)
    };
    let last = judged_before(Duration::ZERO);
    let shape = last.violation().and_then(|judged| judged.verdict.witness()).map(|witness| witness.shape.as_str());
    assert_eq!(shape, Some("a call without an outcome"));
    let early = judged_before(seconds(1));
    assert_eq!(early.judged.len(), 1);
    assert_eq!(early.violation(), None, "whoever judges in the middle of a run knows nothing of its end");
}

#[test]
fn an_agent_that_crashes_in_the_middle_of_a_call_leaves_an_orphan() {
    let once = |agent: Agent| async move {
        if agent.recall::<bool>().is_none() {
            agent.save(&true).await?;
            let _ = agent.call(&call("call_1", "till", r#"{"cents":4}"#)).await;
        }
        Ok(())
    };
    let run = run_with(3, 1, once, |sim| {
        tills(sim);
        sim.schedule(only(at(Kind::Crash, A1, millis(40), seconds(1))));
    });
    assert_eq!(executed(&run), 1, "the tool does not know that its caller is gone");
    assert!(NoOrphanCalls.check(&run.history).witness().is_some());
}

#[test]
fn words_in_anothers_name_do_not_make_a_right_call_false() {
    let program = |agent: Agent| async move {
        let reply = agent.reply(agent.task_with_tools()).await?;
        agent.call(&reply.calls[0]).await.map(|_| ())
    };
    let run = run_with(3, 1, program, |sim| {
        tills(sim);
        let deposit = || Act::<u64>::Call(vec![Action::new("till", &Deposit { cents: 400 })]);
        sim.model(Scripted::acting(move |_: &Request| deposit()));
        sim.schedule(only(Fault::at(Kind::RoleConfusion, NodeId::model(0))));
    });
    assert_eq!(executed(&run), 1);
    let [spread] = run.trace.spreads() else { panic!("{:#?}", run.trace.spreads()) };
    assert!(spread.kind == Kind::RoleConfusion && spread.effects.is_empty(), "{spread}");
}
