//! Faults on calls of tools: what a model makes of a call, and what links and crashes make of it. One agent works on
//! one complaint with two tools.

use crate::told::words;
use synod::agent::Rounds;
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::history::{Decline, Environment, Event, Extent};
use synod::id::NodeId;
use synod::model::{Action, Profile, Task, ToolCall};
use synod::scenario::{Frozen, Job, Run, Runnable, Sim, Story};
use synod::seed::{Draws, Seed};
use synod::time::{Time, millis, seconds};
use synod::tool::{CallError, Service, Toolbox};
use synod::trace::{Detail, Happening, Mark};
use synod::{Agent, Error, Result};
use synod_scenarios::{Escalate, Payment, Refund};

/// The kinds on trial.
pub const KINDS: [Kind; 7] = [
    Kind::FabricatedTool,
    Kind::FabricatedResult,
    Kind::WrongTool,
    Kind::WrongArgument,
    Kind::AmbiguousArgument,
    Kind::TruncatedCall,
    Kind::RepeatedCall,
];

const A1: NodeId = NodeId::agent(0);
const T1: NodeId = NodeId::tool(0);

#[derive(Clone)]
struct Complaint;

fn payment() -> Payment {
    Payment { cents: 4_200, order: "ord-417".to_owned() }
}

impl Task for Complaint {
    type Reply = Payment;

    fn generate(_: &mut Draws) -> (String, Complaint) {
        ("Pay back what arrived broken: ord-417, 4200 cents. ord-433 arrived whole, 900 cents.".to_owned(), Complaint)
    }

    fn right(&self) -> Payment {
        payment()
    }

    fn actions(&self) -> Vec<Action> {
        vec![Action::new(Refund::NAME, &payment())]
    }
}

/// Makes every call that its model asks for, and again if nothing comes of it in time.
async fn clerk(agent: Agent) -> Result<()> {
    let again = |agent: Agent, call: ToolCall| async move {
        match agent.call(&call).await {
            Err(Error::Call(CallError::Timeout)) => agent.call(&call).await,
            ended => ended,
        }
    };
    let settled: Payment = agent.use_tools(agent.task_with_tools(), Rounds(4), again).await?;
    agent.decide(settled).await
}

fn run(faults: Vec<Fault>) -> Run {
    let story = Story::new("clerk", move |sim: Sim| {
        let schedule = Schedule { faults: faults.clone() };
        async move {
            let tools = Toolbox::default().with(Refund).with(Escalate);
            sim.task(Complaint::generate).team(1, clerk).tools(tools).model(Profile::perfect());
            sim.schedule(schedule).run_for(seconds(300)).await;
        }
    });
    let run = story.run(&Job::of(Seed(7)).detailed(Detail::Full), &Frozen);
    assert!(run.crash.is_none(), "{:?}", run.crash);
    run
}

/// What tools did, in words: tool, arguments.
fn done(run: &Run) -> Vec<String> {
    let executed = |environment: &Environment| match environment {
        Environment::Executed { tool, arguments, .. } => Some(format!("{tool} {arguments}")),
        _ => None,
    };
    run.history.environment().filter_map(|(_, _, environment)| executed(environment)).collect()
}

/// Whether the world recorded something of this kind.
fn recorded(run: &Run, wanted: impl Fn(&Environment) -> bool) -> bool {
    run.history.environment().any(|(_, _, environment)| wanted(environment))
}

/// What the agent's model said to it, word for word.
fn heard(run: &Run) -> Vec<&str> {
    let records = run.trace.records().iter().enumerate();
    let replied = records.filter(|(_, record)| record.node == A1 && record.happening == Happening::Replied);
    replied.map(|(place, _)| words(run.trace.text(place))).collect()
}

fn decided(run: &Run) -> bool {
    run.history.facts().any(|(_, _, fact)| matches!(fact, Fact::Decided { .. }))
}

/// Whether an effect carries a false claim.
fn is_tainted(run: &Run) -> bool {
    let mut effects = run.trace.records().iter().filter(|record| record.happening == Happening::Executed);
    effects.any(|record| record.mark.has(Mark::TAINT))
}

const RIGHT: &str = r#"refund {"cents":4200,"order":"ord-417"}"#;

#[test]
fn without_a_fault_the_right_call_is_made_once() {
    let run = run(Vec::new());
    assert_eq!(done(&run), [RIGHT]);
    assert!(decided(&run) && !is_tainted(&run));
}

#[test]
fn faults_on_calls_of_tools_fire_and_are_felt() {
    let quiet = run(Vec::new());
    for kind in KINDS {
        let with = run(vec![Fault::of_caller(kind, A1).once()]);
        let tally = with.ledger.tally(kind);
        assert!(tally.fired == 1 && tally.felt == 1, "{kind}: {tally:?}");
        assert_eq!(quiet.ledger.tally(kind).fired, 0);
        assert_ne!(heard(&with), heard(&quiet), "{kind}: the agent hears the same without it");
        let effects = done(&with);
        match kind {
            Kind::FabricatedTool => {
                let unknown = |environment: &Environment| {
                    matches!(environment, Environment::Declined { why: Decline::NoSuchTool, .. })
                };
                assert!(recorded(&with, unknown));
                assert_eq!(effects, [RIGHT], "told so, it calls the right one");
            }
            Kind::FabricatedResult => assert!(effects.is_empty() && decided(&with), "{effects:?}"),
            Kind::WrongTool => assert_eq!(effects, [r#"escalate {"order":"ord-417"}"#, RIGHT]),
            Kind::WrongArgument | Kind::AmbiguousArgument => {
                assert!(effects.len() == 1 && effects[0] != RIGHT && is_tainted(&with), "{kind}: {effects:?}");
                let ambiguous = effects[0].contains(r#""ord-4""#);
                assert_eq!(ambiguous, kind == Kind::AmbiguousArgument, "{kind}: {effects:?}");
            }
            Kind::TruncatedCall => {
                let cut = |environment: &Environment| {
                    matches!(environment, Environment::Requested { extent: Extent::Cut, .. })
                };
                assert!(recorded(&with, cut));
                assert_eq!(effects, [RIGHT], "half a call is declined, the next one is whole");
            }
            _ => assert_eq!(effects, [RIGHT, RIGHT], "{kind}"),
        }
    }
}

#[test]
fn older_faults_of_content_strike_calls_too() {
    for (kind, tainted) in [
        (Kind::SaidNotDone, true),
        (Kind::WrongAnswer, true),
        (Kind::FabricatedId, true),
        (Kind::OutdatedFact, true),
        (Kind::MalformedJson, false),
        (Kind::Truncated, false),
    ] {
        let with = run(vec![Fault::of_caller(kind, A1).once()]);
        assert!(with.ledger.tally(kind).felt == 1, "{kind}: {:?}", with.ledger);
        assert_eq!(is_tainted(&with), tainted, "{kind}: {:?}", done(&with));
        assert_eq!(done(&with)[0] == RIGHT, !tainted, "{kind}: {:?}", done(&with));
    }
}

/// When the first call reached the tool, without faults.
fn called() -> Time {
    let run = run(Vec::new());
    let records = run.trace.records().iter();
    let mut reached = records.filter(|record| record.node == T1 && record.happening == Happening::Delivered);
    reached.next().expect("a call").at
}

#[test]
fn links_and_crashes_of_a_tool_are_felt_and_double_the_effect_of_a_call_made_again() {
    let reached = called();
    let link = |from, to| Site::Link { from, to };
    let there = |kind| Fault::at(kind, T1).from(reached + millis(1)).lasting(seconds(1));
    for (fault, effects) in [
        (Fault::on(Kind::Loss, link(A1, T1)).at_call(0), 1),
        (Fault::on(Kind::Loss, link(T1, A1)).at_call(0), 2),
        (Fault::on(Kind::Duplicate, link(A1, T1)).at_call(0), 2),
        (Fault::on(Kind::Cut, link(A1, T1)).lasting(seconds(12)), 1),
        (there(Kind::Crash), 1),
        (there(Kind::CrashAfterPersist), 2),
        (there(Kind::Pause), 1),
    ] {
        let what = fault.to_string();
        let kind = fault.kind;
        let with = run(vec![fault]);
        let tally = with.ledger.tally(kind);
        assert!(tally.fired >= 1 && tally.felt >= 1, "{what}: {tally:?}");
        assert_eq!(done(&with).len(), effects, "{what}: {:?}", done(&with));
        assert!(decided(&with), "{what}");
    }
}

#[test]
fn a_nemesis_strikes_tools_where_there_are_any_and_plans_their_kinds_nowhere_else() {
    use synod::fault::{Moment, Nemesis, Team, Tolerance};
    use synod::id::Members;
    let members = Members::of(3);
    let tolerance = |_: Kind| Some(Tolerance::Tolerated);
    let planned = |tools: u16| -> Vec<Fault> {
        let until = Time::ZERO + seconds(30);
        let team = Team {
            members: &members,
            models: 1,
            clients: 0,
            tools,
            moments: &Moment::OF_AGENTS,
            tolerance: &tolerance,
            until,
        };
        let plan =
            |seed: u64| Nemesis::all().plan(&team, &synod::seed::Streams::of(Seed(seed))).expect("a plan").faults;
        (0..400).flat_map(plan).collect()
    };
    let at_tool = |fault: &Fault| match &fault.site {
        Site::Node(node) => *node == T1,
        Site::Link { from, to } => *from == T1 || *to == T1,
        _ => false,
    };
    let (without, with) = (planned(0), planned(1));
    assert!(without.iter().all(|fault| !fault.kind.is_of_tools() && !at_tool(fault)));
    for kind in KINDS.into_iter().chain([Kind::Crash, Kind::CrashAfterPersist, Kind::Pause, Kind::Loss]) {
        let struck = with.iter().filter(|fault| fault.kind == kind);
        let found =
            if kind.is_of_tools() { struck.count() > 0 } else { struck.filter(|fault| at_tool(fault)).count() > 0 };
        assert!(found, "{kind} is never planned");
    }
}

#[test]
fn what_is_requested_called_done_and_answered_is_recorded_in_order() {
    let run = run(Vec::new());
    let told = |event: &Event| match event {
        Event::Environment(Environment::Serves { tool, .. }) => Some(format!("serves {tool}")),
        Event::Environment(Environment::Requested { .. }) => Some("requested".to_owned()),
        Event::Fact(Fact::Called { .. }) => Some("called".to_owned()),
        Event::Environment(Environment::Executed { .. }) => Some("executed".to_owned()),
        Event::Fact(Fact::CallEnded { .. }) => Some("answered".to_owned()),
        Event::Fact(Fact::Decided { .. }) => Some("decided".to_owned()),
        _ => None,
    };
    let told: Vec<String> = run.history.entries().iter().filter_map(|entry| told(&entry.event)).collect();
    assert_eq!(told, ["serves refund", "serves escalate", "requested", "called", "executed", "answered", "decided"]);
}
