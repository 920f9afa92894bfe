//! Agents' turns on a shared store: what each way of writing loses, and what it keeps.

use std::future::Future;
use synod::agent::{Notes, Page, Revision, Swapped};
use synod::check::consistency::{
    CausalConsistency, CheckStore, Linearizable, NoCausalCascade, NoLostUpdate, NoPhantomTool, NoStaleGeneration, Sight,
};
use synod::check::{Check, OfStore, Verdict};
use synod::explore::perform;
use synod::fault::{Fault, Kind, Nemesis, Schedule, Site};
use synod::history::History;
use synod::id::NodeId;
use synod::protocol::store::Level;
use synod::runtime::default_host;
use synod::scenario::{Job, Story};
use synod::seed::Seed;
use synod::time::{minutes, seconds};
use synod::trace::Detail;
use synod::{Agent, Error, Result, Sim};

const SEEDS: u64 = 12;

type Texts = Vec<String>;

/// Adds its name to the plan in a turn of its own: the model takes seconds, and the others do not wait.
async fn adds_its_name(agent: Agent, revision: Revision) -> Result {
    let mut notes = Notes::open(&agent)?;
    let add = |page: Page<Texts>| {
        let agent = agent.clone();
        async move {
            let _: serde_json::Value = agent.ask(page.request).await?;
            let mut names = page.note.unwrap_or_default();
            names.push(agent.id().to_string());
            Ok(names)
        }
    };
    notes.revise("plan", revision, add).await.map(|_| ())
}

/// The histories of some seeds of a team on a store, under what a nemesis draws.
pub fn histories<F, W>(level: Level, nemesis: Nemesis, program: F) -> Vec<History>
where
    F: Fn(Agent) -> W + Copy + Send + Sync + 'static,
    W: Future<Output = Result> + Send + 'static,
{
    histories_under(level, move |sim| _ = sim.nemesis(nemesis.clone()), program)
}

/// The same under these faults.
pub fn histories_under<F, W>(level: Level, faults: impl Fn(&Sim) + Send + Sync + 'static, program: F) -> Vec<History>
where
    F: Fn(Agent) -> W + Copy + Send + Sync + 'static,
    W: Future<Output = Result> + Send + 'static,
{
    let story = Story::new("notes", move |sim: Sim| {
        sim.team(3, program).store(level).heal_after(seconds(30));
        faults(&sim);
        async move { sim.run_for(minutes(8)).await }
    });
    let run = |seed| perform(&story, default_host(), &Job::of(Seed(seed)).detailed(Detail::Full)).expect("contained");
    let runs = (0..SEEDS).map(run);
    runs.map(|run| {
        assert_eq!(run.crash, None);
        run.history
    })
    .collect()
}

/// On how many of these histories the property is violated. There is something to judge on three of four: not on each,
/// for where every compare-and-set came too late, nobody wrote anything.
pub fn violations(check: impl CheckStore + Copy, histories: &[History]) -> usize {
    let (mut violated, mut idle) = (0, 0);
    for history in histories {
        match OfStore::whole(check).check(history) {
            Verdict::Violated(_) => violated += 1,
            Verdict::Holds { judged } => idle += usize::from(judged == 0),
            Verdict::Unknown { limit } => panic!("{limit}"),
        }
    }
    let (name, all) = (check.property().name, histories.len());
    assert!(4 * idle <= all, "{name} found nothing to judge in {idle} of {all} histories");
    violated
}

const LOST: NoLostUpdate = NoLostUpdate { sight: Sight::Recorded };
const STALE: NoStaleGeneration = NoStaleGeneration { sight: Sight::Recorded };

#[test]
fn a_turn_that_overwrites_loses_updates_on_every_store() {
    for level in Level::ALL {
        let histories = histories(level, Nemesis::none(), |agent| adds_its_name(agent, Revision::Overwrite));
        assert!(violations(LOST, &histories) > 0, "{level}: no update was lost");
        assert!(violations(STALE, &histories) > 0, "{level}: no generation was stale");
    }
}

#[test]
fn a_turn_that_compares_or_repairs_loses_none_on_a_strong_store_under_faults() {
    for revision in [Revision::Swap, Revision::Repair] {
        let histories = histories(Level::Strong, Nemesis::network(), move |agent| adds_its_name(agent, revision));
        assert_eq!(violations(LOST, &histories), 0, "{revision:?}");
        assert_eq!(violations(STALE, &histories), 0, "{revision:?}");
    }
}

/// The first agent and the replica that it goes to are on one side, all others on the other, while turns go on.
pub fn part(sim: &Sim) {
    let side = Site::Side(vec![NodeId::agent(0), NodeId::agent(3)]);
    let parted = Fault::on(Kind::PartitionSplit, side).lasting(seconds(25));
    sim.schedule(Schedule { faults: vec![parted] });
}

// While links are sound, a copy is behind for some milliseconds, and turns of seconds hardly ever end within them: in
// twelve runs none does, so that nothing is lost is no promise of the store. Parted, two replicas accept two turns on
// one version.
#[test]
fn compare_and_set_without_consensus_loses_updates_once_replicas_are_parted() {
    let swap = |agent| adds_its_name(agent, Revision::Swap);
    let causal = histories_under(Level::Causal, part, swap);
    assert!(violations(LOST, &causal) > 0, "each replica compares with its own copy only");
    let strong = histories_under(Level::Strong, part, swap);
    assert_eq!(violations(LOST, &strong), 0, "a majority compares, or nobody");
}

/// The first offers a tool and takes it back; the others look, think, and look again before they use it.
async fn looks_twice(agent: Agent) -> Result {
    let mut notes = Notes::open(&agent)?;
    if agent.id().index() == 0 {
        notes.write("tool/merge", &"merges a branch").await?;
        agent.sleep(seconds(8)).await;
        return notes.remove("tool/merge").await;
    }
    agent.sleep(seconds(3)).await;
    notes.begin_turn();
    let offered: Option<String> = notes.read("tool/merge").await?;
    if offered.is_some() {
        agent.sleep(seconds(1 + agent.draw(12))).await;
        let _: Option<String> = notes.read("tool/merge").await?;
    }
    Ok(())
}

/// The same, but it looks once and uses the tool by compare-and-set on what it saw.
async fn looks_once(agent: Agent) -> Result {
    let mut notes = Notes::open(&agent)?;
    if agent.id().index() == 0 {
        return looks_twice(agent).await;
    }
    agent.sleep(seconds(3)).await;
    notes.begin_turn();
    let offered: Option<String> = notes.read("tool/merge").await?;
    if offered.is_some() {
        agent.sleep(seconds(1 + agent.draw(12))).await;
        let _: Swapped = notes.swap("tool/merge", &"in use").await?;
    }
    Ok(())
}

#[test]
fn a_tool_that_goes_away_in_a_turn_is_a_phantom_unless_it_is_looked_at_once() {
    let twice = histories(Level::Strong, Nemesis::none(), looks_twice);
    assert!(violations(NoPhantomTool, &twice) > 0, "no tool went away between two looks");
    let once = histories(Level::Strong, Nemesis::none(), looks_once);
    assert_eq!(violations(NoPhantomTool, &once), 0);
}

/// The first writes a finding and takes it back; the others write a plan on the ground of it.
async fn builds_on(agent: Agent, apart: Apart) -> Result {
    let mut notes = Notes::open(&agent)?;
    if agent.id().index() == 0 {
        notes.write("finding", &"the cache is stale").await?;
        agent.sleep(seconds(8)).await;
        return notes.remove("finding").await;
    }
    notes.begin_turn();
    // A store that has to elect its leader first shows nothing for some seconds.
    let finding: Option<String> = notes.changed("finding").await?;
    let Some(finding) = finding else { return Ok(()) };
    // The second is done before it is taken back, the third perhaps after that.
    let most = if agent.id().index() == 1 { 6 } else { 12 };
    agent.sleep(seconds(1 + agent.draw(most))).await;
    let plan = format!("{} flushes it, for {finding}", agent.id());
    match apart {
        Apart::InTwoNotes => notes.write("plan", &plan).await,
        // The plan takes the place of what it rests on, or nothing happens.
        Apart::InOneNote => notes.swap("finding", &plan).await.map(|_| ()),
    }
}

#[derive(Clone, Copy)]
enum Apart {
    InTwoNotes,
    InOneNote,
}

#[test]
fn a_plan_on_a_finding_that_was_taken_back_is_a_cascade_unless_both_are_one_note() {
    let check = NoCausalCascade { sight: Sight::Recorded };
    let two = histories(Level::Strong, Nemesis::none(), |agent| builds_on(agent, Apart::InTwoNotes));
    assert!(violations(check, &two) > 0, "nothing was taken back in time");
    let one = histories(Level::Strong, Nemesis::none(), |agent| builds_on(agent, Apart::InOneNote));
    assert_eq!(violations(check, &one), 0);
}

/// The first puts back what was there; the others compare with what they had read before.
async fn puts_back(agent: Agent) -> Result {
    let mut notes = Notes::open(&agent)?;
    if agent.id().index() > 0 {
        let seen: Option<String> = notes.changed("plan").await?;
        assert_eq!(seen.as_deref(), Some("roll back"));
        agent.sleep(seconds(20)).await;
        let swapped = notes.swap("plan", &"mine").await?;
        assert_eq!(swapped, Swapped::Differs, "it is another version");
        return Ok(());
    }
    notes.write("plan", &"roll back").await?;
    agent.sleep(seconds(10)).await;
    notes.write("plan", &"restart").await?;
    notes.write("plan", &"roll back").await
}

#[test]
fn a_note_that_is_put_back_is_another_version_and_no_violation_of_a_strong_store() {
    let histories = histories(Level::Strong, Nemesis::none(), puts_back);
    assert_eq!(violations(Linearizable::DEFAULT, &histories), 0, "a refusal of what looks the same is right");
    assert_eq!(violations(CausalConsistency::default(), &histories), 0);
}

/// Looks for what it has taken away.
async fn misses(agent: Agent) -> Result {
    let mut notes = Notes::open(&agent)?;
    let own = agent.id().to_string();
    notes.begin_turn();
    notes.write(&own, &"here").await?;
    notes.remove(&own).await?;
    let gone: Option<String> = notes.read(&own).await?;
    assert_eq!(gone, None);
    Ok(())
}

#[test]
fn a_read_of_what_was_taken_away_says_by_which_write_on_every_store() {
    for level in Level::ALL {
        let histories = histories(level, Nemesis::none(), misses);
        assert_eq!(violations(CausalConsistency::default(), &histories), 0, "{level}");
        assert_eq!(violations(LOST, &histories), 0, "{level}");
    }
}

#[test]
fn a_team_without_a_store_is_told_so() {
    let lines = crate::support::noted(1, 1, |agent: Agent, lines| async move {
        let refused = Notes::open(&agent).map(|_| ()).unwrap_err();
        lines.write(matches!(refused, Error::Other(text) if text.contains("sim.store")));
        Ok(())
    });
    assert_eq!(lines, ["true"]);
}

#[test]
fn a_note_that_was_read_is_in_the_prompt_and_turns_are_in_the_history() {
    let lines = crate::support::noted_with(
        2,
        1,
        |agent: Agent, lines| async move {
            let mut notes = Notes::open(&agent)?;
            notes.write("plan", &"roll back first").await?;
            notes.begin_turn();
            let _: Option<String> = notes.read("plan").await?;
            lines.write(notes.prompt(agent.task()).to_string().contains("The shared note plan:\nroll back first"));
            notes.begin_turn();
            lines.write(notes.prompt(agent.task()).to_string().contains("roll back first"));
            Ok(())
        },
        |sim| _ = sim.store(Level::Causal),
    );
    assert_eq!(lines, ["true", "false"]);
}
