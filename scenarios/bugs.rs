//! The blog's own example, on each channel: the tester finds a bug, the fixer fixes it, the manager hears of both.

use crate::channels::nemesis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::check::{
    Agreement, CausalDelivery, ClientAgreement, ClientTermination, Correctness, DeliveredOnce, NoInventedLetter,
    Termination,
};
use synod::id::{Members, NodeId};
use synod::model::{Request, Scripted, Speaker, Task};
use synod::protocol::channel::{Channel, Correspondent, Line, Subject, Total};
use synod::scenario::Scenario;
use synod::seed::Draws;
use synod::time::{Duration, seconds};

/// How a bug stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    Fixed,
}

/// What the manager is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Standing {
    status: Status,
}

/// A bug that was found and fixed.
#[derive(Clone)]
struct Bug;

impl Task for Bug {
    type Reply = Standing;

    fn generate(draws: &mut Draws) -> (String, Bug) {
        let number = draws.choose(100, 900, 100);
        (format!("How does bug {number} stand, as far as the team has said: open or fixed?"), Bug)
    }

    fn right(&self) -> Standing {
        Standing { status: Status::Fixed }
    }
}

/// A model that reads what the team says as people do: what was said last is how things stand. Who says after a fix
/// that there is this bug has found it again.
fn manager() -> Scripted {
    Scripted::new(|request: &Request| {
        let said = request.messages.iter().rev().find(|message| matches!(message.role, Speaker::Peer(_)));
        let fixed = said.is_some_and(|message| message.text.contains("is fixed"));
        Standing { status: if fixed { Status::Fixed } else { Status::Open } }
    })
}

/// How long a healed team may take to say how a bug stands: a manager waits 45 s for a reply that was lost before the
/// heal, and as long for each that is slow after it. What is slow once is slow again if it is asked in the same words:
/// three in a row come twice in 100,000 seeds. Letters take little beside that.
const WITHIN: Duration = seconds(200);
/// Long enough for the last of them.
const LIVENESS: Duration = seconds(360);

fn bug_on<C: Channel>(
    name: &str,
    about: &str,
    channel: impl Fn(NodeId, &Members) -> C + Send + Sync + 'static,
) -> Scenario<Correspondent<C>> {
    let member = move |me, members: &Members| Correspondent::new(me, members, Subject::Bug, channel(me, members));
    let scenario = Scenario::new(name).about(about).task(Bug::generate).model(manager()).team(3, member);
    let scenario = scenario.workload(1, 3).thinking(seconds(6)).phases(seconds(40), LIVENESS);
    let scenario = scenario.nemesis(nemesis()).expect(NoInventedLetter).expect(DeliveredOnce);
    scenario.expect(Agreement).expect(ClientAgreement).expect(Correctness)
}

/// Each of the three has a part to play, so all three must come back: a channel that heals whole promises that they do.
fn to_the_end<C: Channel>(scenario: Scenario<Correspondent<C>>) -> Scenario<Correspondent<C>> {
    scenario.expect(Termination { within: WITHIN }).expect(ClientTermination { within: WITHIN })
}

/// Whatever comes first is heard first.
pub(crate) fn bug_unordered() -> Scenario<Correspondent<Line>> {
    let about = "tester finds a bug, fixer fixes it, manager judges; each letter arrives once, in any order";
    to_the_end(bug_on("bug_unordered", about, Line::unordered)).violating(CausalDelivery)
}

/// Each sender's letters in order, which is of no help: "found" and "fixed" come from two.
pub(crate) fn bug_fifo() -> Scenario<Correspondent<Line>> {
    let about = "the same with each sender's letters in order: found and fixed come from two senders";
    to_the_end(bug_on("bug_fifo", about, Line::fifo)).violating(CausalDelivery)
}

/// What was known when it was fixed comes before the fix.
pub(crate) fn bug_causal() -> Scenario<Correspondent<Line>> {
    let about = "the same in causal order: nobody hears of the fix before the bug";
    to_the_end(bug_on("bug_causal", about, Line::causal)).expect(CausalDelivery)
}

/// One order for all, which is causal too. Raft's log promises delivery to a majority that is up, and this team needs
/// all three of its members, so nothing is said of how soon it ends.
pub(crate) fn bug_total() -> Scenario<Correspondent<Total>> {
    let about = "the same in one order for all, through Raft's log";
    bug_on("bug_total", about, Total::factory).expect(CausalDelivery)
}
