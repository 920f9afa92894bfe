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

/// The frameworks whose documentation was read, each at one commit or version.
#[must_use]
pub const fn frameworks() -> &'static [Documented] {
    &[
        Documented {
            framework: "LangGraph",
            version: "commit 01b9f44",
            pattern: "graph",
            cell: "graph.weak.unordered",
            says: "a key of the state that has no reducer keeps the last value; a second one in the same superstep is \
                   an error; nothing is said of graphs in two processes on one state",
            source: "https://github.com/langchain-ai/langgraph/blob/01b9f44dd2fc316279163c4356db7731f73a5d51/\
                     libs/langgraph/langgraph/channels/last_value.py",
        },
        Documented {
            framework: "AutoGen AgentChat",
            version: "0.4.0",
            pattern: "thread",
            cell: "thread.weak.unordered",
            says: "a round-robin group chat: its manager keeps the thread of messages, picks the next speaker in turn \
                   and publishes to topics; nothing is said of their order",
            source: "https://microsoft.github.io/autogen/0.4.0/_modules/autogen_agentchat/teams/_group_chat/\
                     _round_robin_group_chat.html",
        },
        Documented {
            framework: "CrewAI",
            version: "1.15.0",
            pattern: "hand_off",
            cell: "hand_off.weak.unordered",
            says: "a sequential process: one task after the other, each guided by the outcome of those before it; \
                   nothing is said of where outcomes are kept",
            source: "https://docs.crewai.com/v1.15.0/en/learn/sequential-process",
        },
        Documented {
            framework: "OpenAI Agents SDK (Python)",
            version: "commit 034abae",
            pattern: "thread",
            cell: "thread.weak.unordered",
            says: "a session, by default in SQLite, is read before a run and gets its new items after it; agents may \
                   share one; nothing is said of two runs at once",
            source: "https://github.com/openai/openai-agents-python/blob/034abae1aa2b748d1b6d7fb193197bba0b2a01e9/\
                     docs/sessions/index.md",
        },
    ]
}
