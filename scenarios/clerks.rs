//! What teams share that carry a task out through tools: who works, which call is made, under which key, and what such
//! a team keeps. Knows no task and no service.

use serde::Serialize;
use synod::check::{AnnouncedIsExecuted, CompleteCalls, NoOrphanCalls, ValidCalls};
use synod::model::ToolCall;
use synod::scenario::Story;
use synod::seed::Draws;
use synod::time::{Duration, minutes};
use synod::{Agent, Result, Sim};

/// The numbers of three things that look alike, in their order. The task is about the one in the middle.
pub(crate) fn lookalikes(draws: &mut Draws) -> [u64; 3] {
    let (first, step) = (draws.choose(100, 800, 100), draws.choose(7, 60, 7));
    [first, first + step, first + 2 * step]
}

/// Whether an agent is the one that works: the first of its team.
pub(crate) fn works(agent: &Agent) -> bool {
    agent.members().iter().next() == Some(agent.id())
}

/// What a team is there for, and by when: as long as it runs.
const WORK: &str = "the matter";
const DUE: Duration = minutes(10);

/// Whoever works takes the matter on.
pub(crate) fn take_on(agent: &Agent) {
    if works(agent) {
        agent.undertake(WORK, DUE);
    }
}

/// Decides, if there is anything to decide, and says that the matter is concluded, or that it came to nothing.
///
/// # Errors
/// If the decision has no JSON form.
pub(crate) async fn settle<T: Serialize>(agent: &Agent, decision: Option<T>) -> Result<()> {
    let missing = if decision.is_some() { Vec::new() } else { vec![WORK.to_owned()] };
    match decision {
        Some(decision) => agent.decide(decision).await?,
        None => agent.abstain().await?,
    }
    agent.conclude(WORK, missing);
    Ok(())
}

/// The key under which a call is made: the same for every repetition, whoever makes it.
///
/// # Errors
/// If the call is not whole, or not as its tool's schema has it: half a call is none.
pub(crate) fn key_of(agent: &Agent, call: &ToolCall) -> Result<String> {
    let offered = agent.tools().into_iter().find(|tool| tool.name == call.name);
    if !offered.is_some_and(|tool| tool.admits(&call.arguments)) {
        return Err("this is no whole and valid call of a tool on offer: call again".into());
    }
    Ok(format!("{} of {}", call.name, agent.task().slot))
}

/// Judges what a careful team keeps besides doing nothing twice.
pub(crate) fn judge(sim: &Sim) {
    sim.check(CompleteCalls);
    sim.check(ValidCalls);
    sim.check(NoOrphanCalls);
    sim.check(AnnouncedIsExecuted);
}

/// The expectation that belongs to [`judge`].
pub(crate) fn expecting(story: Story) -> Story {
    story.expect(&CompleteCalls).expect(&ValidCalls).expect(&NoOrphanCalls).expect(&AnnouncedIsExecuted)
}
