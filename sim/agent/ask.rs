//! A question to the model with its policies, awaited as it is. Knows its agent only.

use super::port::{Command, Completion};
use super::shared::Shared;
use super::{Agent, Compartment, Error, PATIENCE, Result, canonical};
use crate::digest::digest_of;
use crate::fact::{Circuit, Fact};
use crate::id::NodeId;
use crate::model::{Manner, Request, Speaker, TypedReply};
use crate::policy::{Allowance, Breaker, Budget, Hedge, Latencies, Plan, Remembered, Repeatable, Retry, Try, Wording};
use crate::time::Duration;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

/// A question on its way: awaited as it is, it is asked once, for a minute. Policies are added before.
///
/// ```
/// use synod::policy::Retry;
/// use synod::time::seconds;
/// use synod::{Agent, Result};
/// async fn forecaster(agent: Agent) -> Result {
///     let rule = |_| async { Ok("as yesterday".to_owned()) };
///     let weather: String =
///         agent.ask(agent.task()).retry(Retry::times(3)).fallback(rule).deadline(seconds(40)).await?;
///     agent.decide(weather).await
/// }
/// ```
#[must_use = "nothing is asked until it is awaited"]
pub struct Ask<R> {
    state: State<R>,
}

enum State<R> {
    /// Not awaited yet.
    Asking(Box<Asking<R>>),
    Running(Running<R>),
    /// Being begun.
    Over,
}

type Running<R> = Pin<Box<dyn Future<Output = Result<R>> + Send>>;
/// What is done instead, and how long it may take.
type Other<R> = Box<dyn FnOnce(Agent, Duration) -> Running<R> + Send>;
type Keep<R> = Box<dyn Fn(&Agent, &R) + Send + Sync>;

/// Everything that is to be asked, and how.
struct Asking<R> {
    request: Request,
    plan: Plan,
    others: Vec<Option<Other<R>>>,
    guards: Guards<R>,
    bare: Bare,
}

/// What stands between an agent and its model.
struct Guards<R> {
    agent: Agent,
    /// What pays for retries and hedges.
    budget: Option<Shared<Budget>>,
    breaker: Option<Shared<Breaker>>,
    hedge: Option<Late>,
    allowance: Option<Shared<Allowance>>,
    compartment: Option<Compartment>,
    /// What is to be done with a good answer.
    keep: Option<Keep<R>>,
    /// What the question goes by in reports: who puts it first, when, and with which ticket.
    name: OnceLock<String>,
}

/// When an answer is late.
enum Late {
    After(Duration),
    /// Later than nineteen in twenty of these, or than that as long as too few are known.
    Unusually(Shared<Latencies>, Duration),
}

/// Whether it has no policies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bare {
    Yes,
    No,
}

impl<R: TypedReply> Ask<R> {
    pub(super) fn new(agent: Agent, request: Request) -> Ask<R> {
        let plan = Plan::new(Retry::never()).each(PATIENCE);
        let (budget, breaker, hedge, allowance, compartment, keep) = (None, None, None, None, None, None);
        let name = OnceLock::new();
        let guards = Guards { agent, budget, breaker, hedge, allowance, compartment, keep, name };
        let asking = Asking { request, plan, others: Vec::new(), guards, bare: Bare::Yes };
        Ask { state: State::Asking(Box::new(asking)) }
    }

    fn with(mut self, change: impl FnOnce(&mut Asking<R>)) -> Ask<R> {
        match &mut self.state {
            State::Asking(asking) => {
                asking.bare = Bare::No;
                change(asking);
            }
            State::Running(_) | State::Over => panic!("policies are added before a question is awaited"),
        }
        self
    }

    fn planned(self, change: impl FnOnce(Plan) -> Plan) -> Ask<R> {
        self.with(|asking| asking.plan = change(asking.plan.clone()))
    }

    /// Asked again if it may succeed. An answer that cannot be used is asked for in other words.
    ///
    /// # Panics
    /// If it was awaited already, as do all that add policies.
    pub fn retry(self, retry: Retry) -> Ask<R> {
        self.planned(|plan| plan.retry(retry))
    }

    /// If all tries failed, this instead: a simpler model's answer, a cached one, a rule, a peer. Each further one is
    /// taken if those before it failed.
    pub fn fallback<F, W>(self, other: F) -> Ask<R>
    where
        F: FnOnce(Agent) -> W + Send + 'static,
        W: Future<Output = Result<R>> + Send + 'static,
    {
        self.instead(Box::new(move |agent, _| Box::pin(other(agent))))
    }

    fn instead(self, other: Other<R>) -> Ask<R> {
        self.planned(|plan| plan.fallback(Retry::never())).with(|asking| asking.others.push(Some(other)))
    }

    /// If all tries failed, the last good answer, if it is not too old. Every good answer of the model is remembered
    /// there.
    pub fn remembered(self, memory: &Shared<Remembered<R>>) -> Ask<R>
    where
        R: Clone + Send,
    {
        let (old, new) = (memory.clone(), memory.clone());
        let recall = |agent: Agent| async move {
            let kept = old.with(|memory| memory.recall(agent.now()).cloned());
            kept.ok_or_else(|| Error::Other("no answer is remembered".to_owned()))
        };
        let keep: Keep<R> = Box::new(move |agent, reply| new.with(|memory| memory.keep(agent.now(), reply.clone())));
        self.fallback(recall).with(|asking| asking.guards.keep = Some(keep))
    }

    /// If all tries failed, what this peer's model says, waiting no longer than this, and no longer than what is left
    /// of the deadline, which the peer is told. The peer has to [help](Agent::help_peers).
    pub fn peer(self, peer: NodeId, within: Duration) -> Ask<R>
    where
        R: Send,
    {
        let request = match &self.state {
            State::Asking(asking) => asking.request.clone(),
            State::Running(_) | State::Over => panic!("policies are added before a question is awaited"),
        };
        self.instead(Box::new(move |agent, left| {
            Box::pin(async move { agent.ask_peer(peer, request, within.min(left)).await })
        }))
    }

    /// Each question to the model waits until this allowance, shared with others who ask, lets it through. The wait is
    /// part of the try: where an allowance may keep a question back for long, give [`each`](Ask::each) the time.
    pub fn paced(self, allowance: &Shared<Allowance>) -> Ask<R> {
        self.with(|asking| asking.guards.allowance = Some(allowance.clone()))
    }

    /// The model is asked from within this compartment.
    pub fn seated(self, compartment: &Compartment) -> Ask<R> {
        self.with(|asking| asking.guards.compartment = Some(compartment.clone()))
    }

    /// Pursued under this plan, in place of all that was said before. A rung of it for which no fallback is added asks
    /// the model again.
    pub fn plan(self, plan: Plan) -> Ask<R> {
        self.planned(|_| plan)
    }

    /// All of it, waits and fallbacks included, takes no longer than this.
    pub fn deadline(self, span: Duration) -> Ask<R> {
        self.planned(|plan| plan.within(span))
    }

    /// No try takes longer than this.
    pub fn each(self, span: Duration) -> Ask<R> {
        self.planned(|plan| plan.each(span))
    }

    /// Asked only if this breaker, shared with others who ask the same model, lets it through.
    pub fn breaker(self, breaker: &Shared<Breaker>) -> Ask<R> {
        self.with(|asking| asking.guards.breaker = Some(breaker.clone()))
    }

    /// Retries and hedges are paid from this budget.
    pub fn budget(self, budget: &Shared<Budget>) -> Ask<R> {
        self.with(|asking| asking.guards.budget = Some(budget.clone()))
    }

    /// Asked a second time if there is no answer after so long; the first answer wins, the other question is cancelled.
    pub fn hedge(self, after: Duration) -> Ask<R> {
        self.with(|asking| asking.guards.hedge = Some(Late::After(after)))
    }

    /// The same, if it is later than nineteen in twenty of the answers remembered there were, or than `otherwise` as
    /// long as fewer than twenty are. How long each answer takes is remembered there.
    ///
    /// ```
    /// use synod::agent::Shared;
    /// use synod::policy::Latencies;
    /// use synod::time::seconds;
    /// use synod::{Agent, Result};
    /// async fn forecaster(agent: Agent, latencies: Shared<Latencies>) -> Result {
    ///     let weather: String = agent.ask(agent.task()).hedge_late(&latencies, seconds(24)).await?;
    ///     agent.decide(weather).await
    /// }
    /// ```
    pub fn hedge_late(self, latencies: &Shared<Latencies>, otherwise: Duration) -> Ask<R> {
        self.with(|asking| asking.guards.hedge = Some(Late::Unusually(latencies.clone(), otherwise)))
    }
}

impl<R: TypedReply> Future for Ask<R> {
    type Output = Result<R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        let ask = self.get_mut();
        ask.state = match std::mem::replace(&mut ask.state, State::Over) {
            State::Asking(asking) => State::Running(Box::pin(asking.run())),
            state => state,
        };
        match &mut ask.state {
            State::Running(running) => running.as_mut().poll(context),
            State::Asking(_) | State::Over => unreachable!("a question that is polled runs"),
        }
    }
}

impl<R: TypedReply> Asking<R> {
    async fn run(self) -> Result<R> {
        let Asking { request, plan, mut others, guards, bare } = self;
        let agent = &guards.agent;
        if bare == Bare::Yes {
            return agent.ask_once(request, PATIENCE, None).await;
        }
        let tried = |attempt: Try| {
            let other = attempt.rung.checked_sub(1).and_then(|rung| others.get_mut(rung)?.take());
            let (agent, guards, request) = (agent.clone(), &guards, worded(&request, attempt.wording));
            async move {
                match other {
                    Some(other) => other(agent, attempt.within).await,
                    None => guards.ask(request, attempt.within).await,
                }
            }
        };
        agent.pursue(plan, guards.budget.as_ref(), tried).await
    }
}

impl<R: TypedReply> Guards<R> {
    /// One question to the model, with all that guards it.
    async fn ask(&self, request: Request, within: Duration) -> Result<R> {
        let (agent, budget) = (&self.agent, self.budget.as_ref());
        let ask = |_| {
            let request = request.clone();
            async move {
                if let Some(allowance) = &self.allowance {
                    agent.pace(allowance).await;
                }
                agent.ask_once::<R>(request, within, Some(&self.name)).await
            }
        };
        let asked = async {
            match &self.hedge {
                None => ask(0).await,
                Some(Late::After(span)) => agent.raced(Hedge::after(*span, Repeatable::Idempotent), budget, ask).await,
                Some(Late::Unusually(latencies, otherwise)) => {
                    let late = |known: &mut Latencies| Hedge::after_p95(known, *otherwise, Repeatable::Idempotent);
                    let (hedge, began) = (latencies.with(late), agent.now());
                    let answer = agent.raced(hedge, budget, ask).await;
                    if answer.is_ok() {
                        // From the first question on: what was hedged counts as late, however quick the second was.
                        latencies.with(|known| known.took(agent.now().since(began)));
                    }
                    answer
                }
            }
        };
        let guarded = async {
            match &self.breaker {
                None => asked.await,
                Some(breaker) => agent.guarded(Circuit::OF_MODEL, breaker, asked).await,
            }
        };
        let reply = match &self.compartment {
            None => guarded.await,
            Some(compartment) => agent.seated(compartment, guarded).await,
        }?;
        if let Some(keep) = &self.keep {
            keep(agent, &reply);
        }
        Ok(reply)
    }
}

/// The request in these words.
fn worded(request: &Request, wording: Wording) -> Request {
    let words = match wording {
        Wording::Same => return request.clone(),
        Wording::Other => "The last answer could not be used. Read the question again and answer in the required form.",
        Wording::Plainer => "No answer came. Answer in short, in the required form, and say nothing else.",
    };
    request.clone().say(Speaker::User, words)
}

impl Agent {
    /// One question, one answer. With a place for its name, it is put under policies, and said to be: what checkers see
    /// of calls of models.
    pub(super) async fn ask_once<R: TypedReply>(
        &self,
        request: Request,
        within: Duration,
        name: Option<&OnceLock<String>>,
    ) -> Result<R> {
        let request = Box::new(request);
        let (slot, words) = (request.slot, name.map_or(0, |_| digest_of(&*request)));
        let mut put = None;
        let completion = self.want(|ticket| {
            if let Some(name) = name {
                let question = name.get_or_init(|| format!("{}/{}/{}", self.id(), self.now().0, ticket.0)).clone();
                self.note(Fact::Questioned { question: question.clone(), words });
                put = Some(Put { agent: self, question });
            }
            Command::Ask { ticket, request, within, manner: Manner::Whole }
        });
        let completion = completion.await;
        drop(put);
        let Completion::Replied(outcome) = completion else { unreachable!("an ask completes with a reply") };
        let reply = crate::model::parse_reply::<R>(&outcome?)?;
        self.port.submit(Command::Offer { slot, value: canonical(&reply)? });
        Ok(reply)
    }
}

/// A question that is put. However its wait ends, dropped waits too, it is said to be over.
struct Put<'a> {
    agent: &'a Agent,
    question: String,
}

impl Drop for Put<'_> {
    fn drop(&mut self) {
        self.agent.note(Fact::Settled { question: std::mem::take(&mut self.question) });
    }
}
