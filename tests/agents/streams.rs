//! Replies that are read while they are written, and every way in which they break.

use super::support::{A1, M1, Notes, noted_with, only, run_with};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::check::{Check, CompleteCalls, NoOrphanCalls};
use synod::fault::{Fault, Kind};
use synod::history::{Environment, Extent};
use synod::model::{Act, Action, Assembly, Chunk, Pace, Profile, Quota, Request, Scripted, Speaker, Stop};
use synod::scenario::Run;
use synod::seed::Ratio;
use synod::time::{Time, millis, minutes, seconds};
use synod::tool::{Service, Toolbox};
use synod::{Agent, Sim};

/// What the model says: six chunks of at most sixteen bytes, then the last event.
const SPEECH: &str = "The deploy of svc-7 broke the index; roll it back before the queue overflows, please.";

async fn reader(agent: Agent, notes: Notes) -> synod::Result {
    let mut stream = agent.stream(agent.task());
    let mut last = Time::ZERO;
    while let Some(arrival) = stream.next().await {
        match arrival {
            Err(error) => notes.write(format!("error: {error}")),
            Ok(arrival) => {
                assert!(arrival.at >= last && arrival.at > Time::ZERO, "{arrival:?} after {last}");
                last = arrival.at;
                match arrival.chunk {
                    Chunk::Text(text) => notes.write(text),
                    Chunk::End { stop, .. } => notes.write(format!("end: {stop:?}")),
                    other => panic!("nobody offered a tool: {other:?}"),
                }
            }
        }
    }
    Ok(())
}

/// What a reader of the stream notes under this fault, if any.
fn read(fault: Option<Fault>) -> Vec<String> {
    let planned: Option<&'static Fault> = fault.map(|fault| &*Box::leak(Box::new(fault)));
    noted_with(32, 1, reader, move |sim: &Sim| {
        sim.model(Scripted::new(|_: &Request| SPEECH.to_owned()));
        if let Some(fault) = planned {
            sim.schedule(only(fault.clone()));
        }
    })
}

fn broken(kind: Kind, place: usize) -> Vec<String> {
    read(Some(Fault::at(kind, M1).strength(place as u64)))
}

#[test]
fn a_stream_tells_the_whole_reply_in_order() {
    let whole = read(None);
    assert_eq!(whole.last().map(String::as_str), Some(format!("end: {:?}", Stop::EndTurn).as_str()));
    assert_eq!(whole[..whole.len() - 1].concat(), format!("\"{SPEECH}\""));
    assert_eq!(whole.len(), 7);
}

#[test]
fn a_stream_can_break_at_every_boundary() {
    let whole = read(None);
    let errors = [
        (Kind::CutStream, "error: the provider failed: 200 the stream ended without its last event"),
        (Kind::StreamError, "error: the provider failed: 200 overloaded"),
        (Kind::HungStream, "error: the model did not answer in time"),
    ];
    for (kind, error) in errors {
        for boundary in 0..whole.len() {
            let told = broken(kind, boundary);
            assert_eq!(told[..boundary], whole[..boundary], "{kind} at {boundary}");
            assert_eq!(told[boundary..], [error], "{kind} at {boundary}");
        }
    }
}

#[test]
fn each_chunk_can_come_twice_or_too_late() {
    let whole = read(None);
    for place in 0..whole.len() - 1 {
        let mut twice = whole.clone();
        twice.insert(place, whole[place].clone());
        assert_eq!(broken(Kind::DuplicateChunk, place), twice);
        let mut late = whole.clone();
        late.remove(place);
        assert_eq!(broken(Kind::LateChunk, place), late);
    }
}

#[test]
fn a_network_that_reorders_and_doubles_does_not_garble_a_stream() {
    let whole = read(None);
    let link = synod::fault::Site::Link { from: M1, to: A1 };
    for kind in [Kind::Duplicate, Kind::Reorder, Kind::DelayUniform] {
        assert_eq!(read(Some(Fault::on(kind, link.clone()).strength(3))), whole, "{kind}");
    }
}

#[test]
fn a_typed_stream_is_an_ask() {
    let set = |sim: &Sim| _ = sim.model(Scripted::new(|request: &Request| request.messages.len() as u64));
    let both = |agent: Agent, notes: Notes| async move {
        let (streamed, asked) =
            (agent.stream(agent.task()).typed::<u64>().await?, agent.ask::<u64>(agent.task()).await?);
        notes.write(streamed == asked);
        Ok(())
    };
    assert_eq!(noted_with(33, 1, both, set), ["true"]);
}

#[test]
fn an_agent_pays_for_what_its_model_wrote() {
    let set = |sim: &Sim| _ = sim.model(Scripted::new(|_: &Request| SPEECH.to_owned()));
    let ask = |agent: Agent| async move {
        agent.ask_within::<String>(agent.task(), minutes(2)).await?;
        Ok(())
    };
    let run = run_with(34, 2, ask, set);
    let spent: Vec<_> = run.spending.iter().collect();
    assert_eq!(spent.len(), 2);
    for (agent, spending) in spent {
        assert_eq!(spending.calls, 1, "{agent}");
        let cost = spending.input_tokens * 3 + spending.output_tokens * 15;
        assert_eq!(spending.cost.0, cost, "three and fifteen dollars a million");
    }
    assert_eq!(run.figures.spending.cost.0, run.spending.values().map(|spending| spending.cost.0).sum::<u64>());
}

/// What two agents pay that share one model's only place, and how many chunks the second reads, if the first one reads
/// so many and then drops its stream.
fn dropped_after(chunks: usize) -> (Vec<u64>, usize) {
    let read = Notes::default();
    let told = read.clone();
    let program = move |agent: Agent| {
        let notes = told.clone();
        async move {
            let first = agent.id() == A1;
            if !first {
                agent.sleep(millis(100)).await;
            }
            let mut stream = agent.stream(agent.task());
            for _ in 0..if first { chunks } else { usize::MAX } {
                match stream.next().await {
                    Some(chunk) => _ = chunk?,
                    None => break,
                }
                if !first {
                    notes.write("chunk");
                }
            }
            Ok(())
        }
    };
    let set = |sim: &Sim| {
        // Two seconds a token and no reasoning: about as long as anybody waits.
        let pace = Pace { per_token: seconds(2), reasoning: 0, long: Ratio::NEVER, ..Profile::perfect().pace };
        let quota = Quota { concurrent: 1, ..Quota::usual() };
        sim.model(Scripted::new(|_: &Request| SPEECH.to_owned()).with(Profile { pace, quota, ..Profile::perfect() }));
    };
    let run = run_with(35, 2, program, set);
    let spent: Vec<u64> = run.spending.values().map(|spending| spending.output_tokens).collect();
    let cost = run.spending.values().map(|spending| spending.cost.0).sum::<u64>();
    assert_eq!(run.figures.spending.cost.0, cost);
    (spent, read.lines().len())
}

#[test]
fn who_drops_a_stream_pays_for_what_was_written_and_frees_its_models_place() {
    let [early, late] = [1, 5].map(dropped_after);
    assert!(early.0[0] < late.0[0] && late.0[0] < early.0[1], "{early:?}, {late:?}");
    // Both wait for a minute at most: the second reads the more the sooner the first has turned away.
    assert!(early.1 > late.1, "{early:?}, {late:?}");
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Branch {
    branch: String,
    /// What is merged into unless told otherwise: a call without its end may look whole.
    #[serde(default)]
    into: String,
}

struct Merge;

impl Service for Merge {
    type Arguments = Branch;
    type Output = String;
    type State = u32;
    const NAME: &'static str = "merge";
    const ABOUT: &'static str = "Merges a branch.";

    fn call(&self, merges: &mut u32, branch: Branch) -> std::result::Result<String, String> {
        *merges += 1;
        Ok(format!("merged {} into {}", branch.branch, branch.into))
    }
}

/// Merges two branches at once, and says so when it sees that it is done.
fn merger(request: &Request) -> Act<u32> {
    let done = request.messages.iter().filter(|message| message.role == Speaker::Tool).count();
    let merge = |branch: &str| Action::new("merge", &Branch { branch: branch.to_owned(), into: "main".to_owned() });
    if done > 0 { Act::Answer(done as u32) } else { Act::Call(vec![merge("fix-7"), merge("fix-8")]) }
}

/// Reads a stream to its end, or to where it breaks, and makes all calls that are in it, mended.
async fn hasty(agent: Agent) -> synod::Result {
    let mut stream = agent.stream(agent.task_with_tools());
    let mut assembly = Assembly::default();
    while let Some(Ok(arrival)) = stream.next().await {
        assembly.take(arrival.chunk);
    }
    // What has no end gets one: that is the mistake.
    let stop = Stop::ToolUse;
    assembly.take(Chunk::End { stop, usage: synod::model::Usage::default(), stopped_at: None });
    for call in assembly.finish().expect("an end").calls {
        let _ = agent.call(&call.repaired()).await;
    }
    Ok(())
}

fn merged(fault: Option<Fault>) -> Run {
    let planned: Option<&'static Fault> = fault.map(|fault| &*Box::leak(Box::new(fault)));
    run_with(35, 1, hasty, move |sim: &Sim| {
        sim.model(Scripted::acting(merger)).tools(Toolbox::default().with(Merge));
        if let Some(fault) = planned {
            sim.schedule(only(fault.clone()));
        }
    })
}

/// How much of each call reached the agent, in order.
fn requested(run: &Run) -> Vec<Extent> {
    let extent = |environment: &Environment| match environment {
        Environment::Requested { extent, .. } => Some(*extent),
        _ => None,
    };
    run.history.environment().filter_map(|(_, _, environment)| extent(environment)).collect()
}

#[test]
fn calls_in_a_stream_are_requested_as_they_come() {
    let run = merged(None);
    assert_eq!(requested(&run), [Extent::Cut, Extent::Whole, Extent::Cut, Extent::Whole]);
    assert!(
        CompleteCalls.check(&run.history).witness().is_none() && NoOrphanCalls.check(&run.history).witness().is_none()
    );
    assert_eq!(
        run.history.environment().filter(|(_, _, done)| matches!(done, Environment::Executed { .. })).count(),
        2
    );
}

#[test]
fn a_call_that_a_broken_stream_cut_off_must_not_be_carried_out() {
    // Two calls of four chunks each: the stream breaks in the second one.
    for kind in [Kind::CutStream, Kind::StreamError, Kind::HungStream] {
        let run = merged(Some(Fault::at(kind, M1).strength(6)));
        assert_eq!(requested(&run), [Extent::Cut, Extent::Whole, Extent::Cut], "{kind}");
        let witness = CompleteCalls.check(&run.history);
        assert_eq!(witness.witness().map(|witness| witness.shape.as_str()), Some("an effect of half a call"), "{kind}");
    }
}
