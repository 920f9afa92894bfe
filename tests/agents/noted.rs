//! False claims followed through what agents share: notes of a store, on every level, and stores of their own.

use super::support::{A1, A2, A3, M1, Notes as Lines, only, performed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::{Arc, Mutex};
use synod::agent::{Act, Called, Notes};
use synod::fault::{Fault, Kind};
use synod::id::NodeId;
use synod::model::{Request, Scripted};
use synod::protocol::store::Level;
use synod::scenario::{Run, Story};
use synod::time::{minutes, seconds};
use synod::trace::{Happening, Mark, Spread};
use synod::{Agent, Result, Sim};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Finding {
    cause: Cause,
    ticket: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Cause {
    Deploy,
    Disk,
    Network,
}

const KEY: &str = "finding";

fn truth() -> Finding {
    Finding { cause: Cause::Disk, ticket: "INC-4417".to_owned() }
}

/// A run of three agents on a store; the first call of their model is struck by a lie.
fn run<F, W>(level: Option<Level>, program: F) -> Run
where
    F: Fn(Agent) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = Result> + Send + 'static,
{
    let story = Story::new("noted", move |sim: Sim| {
        sim.team(3, program.clone()).model(Scripted::new(|_: &Request| truth()));
        level.into_iter().for_each(|level| _ = sim.store(level));
        sim.schedule(only(Fault::at(Kind::WrongAnswer, M1).at_call(0).once())).heal_after(seconds(60));
        async move { sim.run_for(minutes(10)).await }
    });
    let run = performed(&story, 5);
    assert_eq!(run.crash, None);
    run
}

fn only_spread(run: &Run) -> &Spread {
    let [spread] = run.trace.spreads() else { panic!("{:#?}", run.trace.spreads()) };
    spread
}

/// What of this kind a node did that carries the claim, out of all that it did of the kind.
fn marked(run: &Run, node: NodeId, happening: Happening) -> usize {
    let records = run.trace.records().iter();
    records.filter(|one| one.node == node && one.happening == happening && one.mark.has(Mark::TAINT)).count()
}

/// a1 writes what its model told it, a2 reads that, shows it to its own model and decides it all the same; a3 reads it
/// and keeps to what its model says.
async fn share(agent: Agent) -> Result {
    let mut notes = Notes::open(&agent)?;
    if agent.id() == A1 {
        let found: Finding = agent.ask(agent.task()).await?;
        return notes.write(KEY, &found).await;
    }
    notes.begin_turn();
    let read = loop {
        agent.sleep(minutes(1)).await;
        if let Some(found) = notes.read::<Finding>(KEY).await? {
            break found;
        }
    };
    let own: Finding = agent.ask(notes.prompt(agent.task())).await?;
    agent.decide(if agent.id() == A2 { read } else { own }).await
}

#[test]
fn a_claim_is_followed_through_a_note_on_every_level_of_store() {
    for level in Level::ALL {
        let run = run(Some(level), share);
        let spread = only_spread(&run);
        assert_eq!(spread.agents, 3, "{level}: replicas are no agents");
        assert_eq!((&spread.invented[..], &spread.repeated[..]), (&[A1][..], &[A1, A2][..]), "{level}: {spread}");
        let [note] = &spread.notes[..] else { panic!("{level}: {:?}", spread.notes) };
        assert_eq!((&*note.key.0, note.agent), (KEY, A1), "{level}");
        let [decided] = &spread.decided[..] else { panic!("{level}: {:?}", spread.decided) };
        assert_eq!(decided.agent, A2, "{level}");
        let line = format!(
            ": 1 of 3 agents invented it, 2 of 3 repeated it, noted under {KEY} at {}, decided at {}",
            note.at, decided.at
        );
        assert!(spread.to_string().ends_with(&line), "{level}: {spread}");
        // The reader's marks: the answer, what it found, and its prompt with the note in it.
        for reader in [A2, A3] {
            for hop in [Happening::Delivered, Happening::Returned, Happening::Prompted] {
                assert!(marked(&run, reader, hop) > 0, "{level}: {reader} {hop:?}");
            }
        }
        assert_eq!(marked(&run, A3, Happening::Decided), 0, "{level}: a3 decides what is true");
        // On its way it is seen wherever it is: at one replica at least in each form.
        let replicas = || (3..6).map(NodeId::agent);
        for hop in [Happening::Delivered, Happening::Sent] {
            assert!(replicas().any(|replica| marked(&run, replica, hop) > 0), "{level}: {hop:?}");
        }
    }
}

#[test]
fn a_claim_is_followed_between_replicas_and_to_their_disks() {
    for level in [Level::Eventual, Level::Causal, Level::Strong] {
        let run = run(Some(level), share);
        let everywhere = (3..6).map(NodeId::agent).filter(|replica| marked(&run, *replica, Happening::Persisting) > 0);
        assert_eq!(everywhere.count(), 3, "{level}: every replica writes the note");
    }
}

#[test]
fn what_somebody_else_wrote_innocently_as_well_is_not_marked() {
    for level in Level::ALL {
        let lines = Lines::default();
        let told = lines.clone();
        let program = move |agent: Agent| {
            let lines = told.clone();
            async move {
                let mut notes = Notes::open(&agent)?;
                if agent.id() == A1 {
                    let found: Finding = agent.ask(agent.task()).await?;
                    lines.write(serde_json::to_string(&found).expect("JSON"));
                    return notes.write(KEY, &found).await;
                }
                agent.sleep(minutes(agent.id().index() as u64 * 2)).await;
                if agent.id() == A2 {
                    // It comes to the same by itself, having read nothing.
                    let same: Finding = serde_json::from_str(&lines.lines()[0]).expect("a finding");
                    return notes.write(KEY, &same).await;
                }
                let read: Option<Finding> = notes.read(KEY).await?;
                agent.decide(read.expect("two have written it")).await
            }
        };
        let run = run(Some(level), program);
        let spread = only_spread(&run);
        assert_eq!((&spread.repeated[..], spread.decided.len()), (&[A1][..], 0), "{level}: nobody can say whose it is");
    }
}

#[test]
fn a_claim_is_followed_through_a_store_of_the_teams_own() {
    let shelf: Arc<Mutex<Option<String>>> = Arc::default();
    let program = move |agent: Agent| {
        let shelf = shelf.clone();
        async move {
            if agent.id() == A1 {
                let found: Finding = agent.ask(agent.task()).await?;
                let text = serde_json::to_string(&found).expect("JSON");
                let act = Act::write(KEY, &text);
                let write = async {
                    *shelf.lock().unwrap() = Some(text);
                    Called::Done
                };
                agent.record(act, write).await;
                return Ok(());
            }
            agent.sleep(minutes(2)).await;
            let key = if agent.id() == A2 { KEY } else { "another" };
            let found = agent
                .record(Act::read(key), async {
                    let text = shelf.lock().unwrap().clone();
                    Called::Found(text.filter(|_| key == KEY))
                })
                .await;
            let Called::Found(Some(text)) = found else { return Ok(()) };
            agent.decide(serde_json::from_str::<Finding>(&text).expect("a finding")).await
        }
    };
    let run = run(None, program);
    let spread = only_spread(&run);
    assert_eq!((&spread.invented[..], &spread.repeated[..]), (&[A1][..], &[A1, A2][..]), "{spread}");
    assert_eq!((spread.notes.len(), spread.decided.len()), (1, 1), "{spread}");
    assert_eq!((marked(&run, A2, Happening::Returned), marked(&run, A3, Happening::Returned)), (1, 0));
}
