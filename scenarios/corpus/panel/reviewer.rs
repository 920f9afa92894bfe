//! A reviewer of a panel: checks a draft, votes on it once, passes ballots on, waits for the outcome.

use super::lead::{decision, merge};
use super::{APPROVALS, Ballot, Draft, Flaw, HEIGHT, LEAD, Opinion, Outcome, PASS, Pick, Tests, WAIT, passes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use synod::fact::{Fact, Phase};
use synod::id::NodeId;
use synod::model::ToolCall;
use synod::time::{Time, seconds};
use synod::tool::{Invocation, Service};
use synod::{Agent, Result};

/// What a reviewer must not forget: its ballots, one a round, and what was merged in the end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Ballots {
    cast: Vec<Ballot>,
    merged: Option<String>,
}

/// Everything that a reviewer may be told.
enum Told {
    Draft(Draft),
    Ballot(Ballot),
    Outcome(Outcome),
}

async fn told(agent: &Agent) -> Told {
    let (mut outcomes, mut drafts) = (pin!(agent.recv::<Outcome>()), pin!(agent.recv::<Draft>()));
    let mut ballots = pin!(agent.recv::<Ballot>());
    std::future::poll_fn(|context| {
        if let Poll::Ready(outcome) = outcomes.as_mut().poll(context) {
            return Poll::Ready(Told::Outcome(outcome.message));
        }
        if let Poll::Ready(draft) = drafts.as_mut().poll(context) {
            return Poll::Ready(Told::Draft(draft.message));
        }
        ballots.as_mut().poll(context).map(|ballot| Told::Ballot(ballot.message))
    })
    .await
}

pub(super) async fn reviewer(agent: Agent, flaw: Option<Flaw>) -> Result<()> {
    let forgets = flaw == Some(Flaw::ForgetsItsBallot);
    let mut known: Ballots = agent.recover().await.filter(|_| !forgets).unwrap_or_default();
    if let Some(branch) = known.merged {
        return agent.decide(Pick { branch }).await;
    }
    let mut approvals: BTreeSet<NodeId> = BTreeSet::new();
    let end = Time::ZERO + WAIT;
    loop {
        let left = end.since(agent.now());
        let Some(told) = agent.timeout(left, told(&agent)).await else { return agent.abstain().await };
        match told {
            Told::Outcome(outcome) => return conclude(&agent, outcome, known, flaw).await,
            Told::Draft(draft) => vote(&agent, &draft, &mut known, flaw).await?,
            Told::Ballot(ballot) => {
                // The link from its voter to the lead may be cut.
                let _ = agent.send(LEAD, &ballot).await;
                if flaw == Some(Flaw::ActsForTheLead) && ballot.opinion == Opinion::Approves {
                    approvals.insert(ballot.voter);
                    if approvals.len() == APPROVALS {
                        let _ = merge(&agent, &ballot.text, flaw).await;
                    }
                }
            }
        }
    }
}

/// Votes on a draft: once a round, and the same again if asked again.
async fn vote(agent: &Agent, draft: &Draft, known: &mut Ballots, flaw: Option<Flaw>) -> Result<()> {
    let latest = known.cast.last().map_or(0, |ballot| ballot.round);
    if let Some(ballot) = known.cast.iter().find(|ballot| ballot.round == draft.round) {
        return cast(agent, ballot).await;
    }
    if draft.round < latest {
        return Ok(());
    }
    let opinion = opinion(agent, draft, flaw).await;
    let own_words = flaw == Some(Flaw::VotesInOwnWords);
    let worded = if own_words { format!("the branch {}", draft.text) } else { draft.text.clone() };
    let ballot = Ballot { round: draft.round, voter: agent.id(), text: worded, opinion };
    known.cast.push(ballot.clone());
    agent.save(known).await?;
    cast(agent, &ballot).await
}

/// Says what is durable by now, and says it again when asked again: a crash may have come in between.
async fn cast(agent: &Agent, ballot: &Ballot) -> Result<()> {
    let choice = (ballot.opinion == Opinion::Approves).then(|| decision(agent, &ballot.text));
    agent.note(Fact::Cast { height: HEIGHT, round: ballot.round, phase: Phase::Precommit, choice });
    agent.broadcast(ballot).await
}

/// What a reviewer makes of a draft: approval only if its model came to the same and the tests pass.
async fn opinion(agent: &Agent, draft: &Draft, flaw: Option<Flaw>) -> Opinion {
    let thought: Result<Pick> = agent.ask_within(agent.task(), seconds(30)).await;
    let Ok(Pick { branch }) = thought else { return Opinion::Unreadable };
    if branch != draft.text {
        return Opinion::Rejects;
    }
    if flaw == Some(Flaw::ApprovesUnchecked) {
        return Opinion::Approves;
    }
    let (name, arguments) = (Tests::NAME.to_owned(), format!(r#"{{"branch":"{branch}"}}"#));
    let call = ToolCall { id: format!("tests-{}-by-{}", draft.round, agent.id()), name, arguments };
    match agent.call(Invocation::of(&call)).await {
        Ok(said) if said.contains(PASS) || flaw == Some(Flaw::MisreadsTheCheck) => Opinion::Approves,
        Err(_) if flaw == Some(Flaw::GuessesTheCheck) => Opinion::Approves,
        _ => Opinion::Rejects,
    }
}

/// Comes to an end with what the lead says.
async fn conclude(agent: &Agent, outcome: Outcome, mut known: Ballots, flaw: Option<Flaw>) -> Result<()> {
    let Some(branch) = outcome.text else { return agent.abstain().await };
    known.merged = Some(branch.clone());
    agent.save(&known).await?;
    match flaw {
        Some(Flaw::DecidesAReport) => {
            agent.decide(format!("{branch} was merged, and its tests: {}", passes(&branch))).await
        }
        _ => agent.decide(Pick { branch }).await,
    }?;
    while flaw == Some(Flaw::GoesOn) {
        let draft = agent.recv::<Draft>().await.message;
        known.cast.clear();
        vote(agent, &draft, &mut known, None).await?;
    }
    Ok(())
}
