//! What the teams with checked answers share: a task whose answers can be proved, a ledger to post them to, and the
//! property that nothing false is posted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;
use synod::check::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use synod::history::{Environment, Event, History};
use synod::model::{Task, ToolCall};
use synod::seed::Draws;
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Result};

/// An invoice of some items.
#[derive(Clone)]
pub(super) struct Invoice {
    right: Sum,
}

/// What a team says of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(super) struct Sum {
    pub(super) invoice: String,
    pub(super) cents: u64,
}

impl Task for Invoice {
    type Reply = Sum;

    fn generate(draws: &mut Draws) -> (String, Invoice) {
        let number = draws.choose(100, 900, 100);
        let invoice = format!("inv-{number}");
        let items: Vec<u64> = (0..4).map(|_| draws.choose(100, 9_000, 100)).collect();
        let mut evidence = format!("What does {invoice} come to? inv-{} is paid.", number + 13);
        for (place, cents) in items.iter().enumerate() {
            evidence.push_str(&format!("\n{invoice}, item {}: {cents} cents", place + 1));
        }
        let right = Sum { invoice, cents: items.iter().sum() };
        (evidence, Invoice { right })
    }

    fn right(&self) -> Sum {
        self.right.clone()
    }
}

/// The sum by rule, from the same lines: what a deterministic validator holds an answer against.
pub(super) fn added_up(evidence: &str) -> Sum {
    let mut lines = evidence.lines();
    let title = lines.next().unwrap_or_default();
    let invoice = title.split([' ', '?']).find(|word| word.starts_with("inv-")).unwrap_or_default().to_owned();
    let cents_of = |line: &str| line.strip_suffix(" cents")?.rsplit(' ').next()?.parse::<u64>().ok();
    let cents = lines.filter(|line| line.starts_with(&invoice)).filter_map(cents_of).sum();
    Sum { invoice, cents }
}

/// Posts to the books, unchecked.
struct Post;

/// What is posted, and what the invoice itself says and comes to: so that an auditor need not trust the poster's model.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Entry {
    invoice: String,
    cents: u64,
    asked_about: String,
    items_add_up_to: u64,
}

impl Service for Post {
    type Arguments = Entry;
    type Output = String;
    type State = Vec<String>;
    const NAME: &'static str = "post";
    const ABOUT: &'static str = "Posts an invoice to the books.";

    fn call(&self, posted: &mut Vec<String>, entry: Entry) -> std::result::Result<String, String> {
        posted.push(entry.invoice);
        Ok(format!("entry {}", posted.len()))
    }
}

/// Compiled once, for all seeds.
pub(super) static BOOKS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Post));

/// Posts an answer, and decides it.
pub(super) async fn post(agent: &Agent, said: &Sum) -> Result<()> {
    let Sum { invoice: asked_about, cents: items_add_up_to } = added_up(&agent.evidence());
    let entry = Entry { invoice: said.invoice.clone(), cents: said.cents, asked_about, items_add_up_to };
    let arguments = serde_json::to_string(&entry).map_err(|error| error.to_string())?;
    let call = ToolCall { id: format!("post {}", said.invoice), name: Post::NAME.to_owned(), arguments };
    agent.call(Invocation::of(&call).key(format!("post of {}", agent.task().slot))).await?;
    agent.decide(said).await
}

/// What was posted.
pub(super) struct Posted(Entry);

impl Posted {
    /// What an event says was posted, if it does.
    pub(super) fn of(event: &Environment) -> Option<Posted> {
        let Environment::Executed { tool, arguments, .. } = event else { return None };
        if tool != Post::NAME {
            return None;
        }
        serde_json::from_slice(arguments.bytes()).ok().map(Posted)
    }

    /// Whether it is the invoice asked about, and its sum.
    pub(super) fn is_true(&self) -> bool {
        self.0.invoice == self.0.asked_about && self.0.cents == self.0.items_add_up_to
    }

    /// The answer that it is.
    pub(super) fn said(&self) -> Sum {
        Sum { invoice: self.0.invoice.clone(), cents: self.0.cents }
    }

    /// What should be in the books.
    pub(super) fn truth(&self) -> String {
        format!("the items of {} add up to {} cents.", self.0.asked_about, self.0.items_add_up_to)
    }
}

impl fmt::Display for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} cents", self.0.invoice, self.0.cents)
    }
}

/// That nothing false is posted.
pub(super) struct NothingFalse;

impl Check for NothingFalse {
    fn property(&self) -> Property {
        Property {
            name: "nothing_false",
            about: "what is posted is the invoice asked about and what its items add up to",
            source: "Cemri et al. 2025 (MAST), modes 3.2 and 3.3: no or incorrect verification",
            kind: PropertyKind::Safety,
        }
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        let mut judged = 0;
        for (place, entry) in history.entries().iter().enumerate() {
            let Event::Environment(environment) = &entry.event else { continue };
            let Some(posted) = Posted::of(environment) else { continue };
            judged += 1;
            if posted.is_true() {
                continue;
            }
            let Posted(Entry { invoice, asked_about, items_add_up_to, .. }) = &posted;
            let shape =
                if invoice == asked_about { "a false sum in the books" } else { "another invoice in the books" };
            return Verdict::Violated(Witness {
                property: self.property().name,
                shape: shape.to_owned(),
                steps: vec![Step {
                    place: Some(place),
                    at: entry.at,
                    node: entry.node,
                    what: format!("posts {posted}"),
                }],
                contradiction: format!("The items of {asked_about} add up to {items_add_up_to} cents."),
            });
        }
        Verdict::Holds { judged }
    }
}
