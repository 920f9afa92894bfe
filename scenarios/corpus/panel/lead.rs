//! The lead of a panel: drafts, counts ballots, merges what was agreed on, says so.

use super::{
    APPROVALS, Ballot, Draft, Flaw, HEIGHT, LEAD, MODELS, Merge, Opinion, Outcome, PATIENCE, Pick, ROUNDS, merge_of,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use synod::fact::{Decision, Fact, Phase, Value};
use synod::id::NodeId;
use synod::model::ToolCall;
use synod::time::{Duration, seconds};
use synod::tool::{CallError, Invocation, Service};
use synod::{Agent, Error, Result};

/// What a lead must not forget.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Minutes {
    /// The round it is in, with its draft; rounds count from 1.
    round: u64,
    /// What was agreed on.
    agreed: Option<String>,
}

/// How often a merge is tried that did not answer.
const TRIES: u32 = 4;
/// How long a lead waits for one more ballot before it shows the draft again: a reply of a model and a check.
const AGAIN: Duration = seconds(15);
/// How long a lead waits after a draft that came to nothing.
const PAUSE: Duration = seconds(5);

pub(super) async fn lead(agent: Agent, flaw: Option<Flaw>) -> Result<()> {
    let forgets = flaw == Some(Flaw::BeginsAnew);
    let mut minutes: Minutes = agent.recover().await.filter(|_| !forgets).unwrap_or_default();
    while minutes.agreed.is_none() {
        if minutes.round >= ROUNDS && flaw != Some(Flaw::NeverGivesUp) {
            return conclude(&agent, None).await;
        }
        minutes.round += 1;
        agent.save(&minutes).await?;
        agent.note(Fact::Entered { height: HEIGHT, round: minutes.round });
        let Ok(Pick { branch }) = agent.ask(agent.task()).await else {
            agent.sleep(PAUSE).await;
            continue;
        };
        let draft = Draft { round: minutes.round, text: branch };
        let voters = voters(&agent, &draft, flaw).await?;
        if carries(&voters, flaw) {
            certify(&agent, &draft, voters);
            minutes.agreed = Some(draft.text);
            agent.save(&minutes).await?;
        } else if flaw == Some(Flaw::MergesWhenRoundsRunOut) && minutes.round == ROUNDS {
            minutes.agreed = Some(draft.text);
        }
    }
    act(&agent, minutes.agreed.unwrap_or_default(), flaw).await
}

/// Who approves of a draft, in time. Drafts and ballots may be lost: while too few approve, the draft is shown again.
async fn voters(agent: &Agent, draft: &Draft, flaw: Option<Flaw>) -> Result<Vec<NodeId>> {
    let mut heard: BTreeMap<NodeId, Opinion> = BTreeMap::new();
    let deadline = agent.now() + PATIENCE;
    agent.broadcast(draft).await?;
    while agent.now() < deadline && !carries(&approving(&heard, flaw), flaw) {
        let Some(received) = agent.timeout(AGAIN, agent.recv::<Ballot>()).await else {
            agent.broadcast(draft).await?;
            continue;
        };
        let Ballot { round, voter, text, opinion } = received.message;
        let same = text == draft.text || flaw == Some(Flaw::VotesInOwnWords);
        if round == draft.round && same {
            let voter = if flaw == Some(Flaw::CountsMessengers) { received.from } else { voter };
            heard.entry(voter).or_insert(opinion);
        }
    }
    let mut voters = approving(&heard, flaw);
    if flaw == Some(Flaw::ClaimsVotes) {
        let members = agent.members();
        voters.extend(members.iter().filter(|member| *member != LEAD && !heard.contains_key(member)));
    }
    Ok(voters)
}

fn approving(heard: &BTreeMap<NodeId, Opinion>, flaw: Option<Flaw>) -> Vec<NodeId> {
    let approves = |opinion: Opinion| match opinion {
        Opinion::Approves => true,
        Opinion::Rejects => false,
        // What cannot be read is no approval.
        Opinion::Unreadable => flaw == Some(Flaw::UnreadableApproves),
    };
    heard.iter().filter(|(_, opinion)| approves(**opinion)).map(|(voter, _)| *voter).collect()
}

/// Whether so many voters on so many models carry a draft.
fn carries(voters: &[NodeId], flaw: Option<Flaw>) -> bool {
    let model = |voter: &NodeId| voter.index() % usize::from(MODELS);
    let several = voters.iter().any(|voter| model(voter) != model(&voters[0]));
    voters.len() >= APPROVALS && (several || flaw == Some(Flaw::OneModelSuffices))
}

fn certify(agent: &Agent, draft: &Draft, voters: Vec<NodeId>) {
    let decision = decision(agent, &draft.text);
    agent.note(Fact::Certified { height: HEIGHT, round: draft.round, phase: Phase::Precommit, decision, voters });
}

/// A draft as votes name it.
pub(super) fn decision(agent: &Agent, text: &str) -> Decision {
    Decision { slot: agent.task().slot, value: Value::from(text) }
}

/// Merges what was agreed on and tells everyone.
async fn act(agent: &Agent, agreed: String, flaw: Option<Flaw>) -> Result<()> {
    let mut branch = agreed;
    if flaw == Some(Flaw::MergesItsOwnPick) {
        let thought: Result<Pick> = agent.ask(agent.task()).await;
        branch = thought.map_or(branch, |pick| pick.branch);
    }
    let merged = merge(agent, &branch, flaw).await;
    let given = match merged {
        Ok(given) => given,
        Err(Error::Call(CallError::Timeout)) if flaw == Some(Flaw::AnnouncesUnheard) => merge_of(&branch),
        // Nobody knows what came of it: that is for a person to look into.
        Err(_) => return conclude(agent, None).await,
    };
    let given: String = serde_json::from_str(&given).unwrap_or(given);
    agent.announce(Merge::NAME, &given).await?;
    conclude(agent, Some(branch)).await
}

/// Merges a branch, and tries again what does not answer: under one key, so that it is one merge.
pub(super) async fn merge(agent: &Agent, branch: &str, flaw: Option<Flaw>) -> Result<String> {
    let arguments = format!(r#"{{"branch":"{branch}"}}"#);
    let tries = if flaw == Some(Flaw::AnnouncesUnheard) { 1 } else { TRIES };
    let mut last = Err(Error::Call(CallError::Timeout));
    for number in 0..tries {
        let id = format!("merge-{branch}-{number}-of-{}", agent.id());
        let call = Invocation::of(&ToolCall { id, name: Merge::NAME.to_owned(), arguments: arguments.clone() });
        let keyless = flaw == Some(Flaw::RetriesWithoutKey);
        let call = if keyless { call } else { call.key(format!("merge of {}", agent.task().slot)) };
        last = agent.call(call).await;
        if !matches!(last, Err(Error::Call(CallError::Timeout))) {
            break;
        }
    }
    last
}

/// Tells everyone what came of it, and comes to an end.
async fn conclude(agent: &Agent, text: Option<String>) -> Result<()> {
    // Links may be cut for a while; who hears nothing of it abstains.
    for _ in 0..3 {
        agent.broadcast(&Outcome { text: text.clone() }).await?;
        agent.sleep(seconds(10)).await;
    }
    match text {
        Some(branch) => agent.decide(Pick { branch }).await,
        None => agent.abstain().await,
    }
}
