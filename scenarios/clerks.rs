//! What teams share that carry a task out through tools: who works, which call is made, under which key, and what such
//! a team keeps. Knows no task and no service.

use synod::check::{AnnouncedIsExecuted, CompleteCalls, NoOrphanCalls, ValidCalls};
use synod::model::ToolCall;
use synod::scenario::Story;
use synod::seed::Draws;
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
