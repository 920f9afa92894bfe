//! The service that these teams depend on: it serves one call after the other, two a second, and finishes what it has
//! begun whether anyone waits for it or not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use synod::Agent;
use synod::history::Nature;
use synod::model::ToolCall;
use synod::tool::{Service, Toolbox};

/// Finds documents.
pub(super) struct Search;

/// What is looked for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Query {
    words: u64,
}

impl Service for Search {
    type Arguments = Query;
    type Output = String;
    type State = ();
    const NAME: &'static str = SEARCH;
    const ABOUT: &'static str = "Finds documents that hold these words.";

    fn call(&self, (): &mut (), Query { words }: Query) -> Result<String, String> {
        // Every eighth query is malformed, and will be whenever it is sent.
        if words % 8 == 7 { Err("no such words".to_owned()) } else { Ok(format!("documents about {words}")) }
    }

    fn nature(&self) -> Nature {
        Nature::Query
    }
}

/// Its name.
pub(super) const SEARCH: &str = "search";

/// Compiled once, for all seeds.
pub(super) static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Search));

/// An agent's query of this number, for words of its choice.
pub(super) fn query(agent: &Agent, number: u64) -> ToolCall {
    let id = format!("{}-{number}", agent.id());
    ToolCall { id, name: SEARCH.to_owned(), arguments: format!(r#"{{"words":{}}}"#, agent.draw(1_000)) }
}
