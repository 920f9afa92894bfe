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
            version: "commit 01b848c",
            pattern: "thread",
            cell: "thread.weak.unordered",
            says: "a group chat: one manager keeps the thread in its memory, takes what participants say one after \
                   the other, as it arrives, and publishes to topics; nothing is said of the order of arrival",
            source: "https://github.com/microsoft/autogen/blob/01b848ccab239c9e79afed21c7f777c74d09e987/python/\
                     packages/autogen-agentchat/src/autogen_agentchat/teams/_group_chat/_base_group_chat_manager.py",
        },
        Documented {
            framework: "CrewAI",
            version: "commit a3dbc29",
            pattern: "hand_off",
            cell: "hand_off.weak.unordered",
            says: "a sequential process: one task after the other, each guided by the outcomes of those before it; \
                   memory is kept across tasks if it is asked for; nothing is said of where outcomes are kept",
            source: "https://github.com/crewAIInc/crewAI/blob/a3dbc29ec927abd8662b8d02b37dda00617596a3/docs/edge/en/\
                     learn/sequential-process.mdx",
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
