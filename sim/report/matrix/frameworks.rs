//! Where the documented defaults of known frameworks stand in the matrix. Said by their documentation, not measured: in
//! one process and one thread, each of them gives more than it promises.

use serde::Serialize;

/// A framework's default, as its documentation has it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Documented {
    /// The framework.
    pub framework: &'static str,
    /// Which version's documentation.
    pub version: &'static str,
    /// The pattern that its default is.
    pub pattern: &'static str,
    /// The weakest cell that the documentation does not rule out once members are processes of their own.
    pub cell: &'static str,
    /// What it says, in our words.
    pub says: &'static str,
    /// Where.
    pub source: &'static str,
}

/// The frameworks whose documentation was read.
#[must_use]
pub const fn frameworks() -> &'static [Documented] {
    &[
        Documented {
            framework: "LangGraph",
            version: "documentation without a version, read 2026-11",
            pattern: "graph",
            cell: "graph.weak",
            says: "a key of the state is overwritten unless a reducer is given for it; nodes run in supersteps",
            source: "https://docs.langchain.com/oss/python/langgraph/graph-api-state",
        },
        Documented {
            framework: "AutoGen AgentChat",
            version: "0.4.0",
            pattern: "thread",
            cell: "thread.weak.unordered",
            says: "a round-robin group chat: a manager keeps the thread and publishes to a topic who speaks next",
            source: "https://microsoft.github.io/autogen/0.4.0/_modules/autogen_agentchat/teams/_group_chat/\
                     _round_robin_group_chat.html",
        },
        Documented {
            framework: "CrewAI",
            version: "1.15.0",
            pattern: "hand_off",
            cell: "hand_off.weak",
            says: "a sequential process: each task ends before the next begins and its outcome guides that one",
            source: "https://docs.crewai.com/v1.15.0/en/learn/sequential-process",
        },
        Documented {
            framework: "OpenAI Agents SDK (Python)",
            version: "documentation without a version, read 2026-11",
            pattern: "thread",
            cell: "thread.weak",
            says: "a session keeps the conversation's history from one run to the next, in SQLite in its first \
                   example; of two runs at once it says nothing there",
            source: "https://openai.github.io/openai-agents-python/sessions/",
        },
    ]
}
