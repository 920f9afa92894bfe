//! Work under policies: the driver of a [`Course`], and what an agent says of its work. Knows its port only.

use super::port::Command;
use super::shared::Shared;
use super::{Agent, Error, Result};
use crate::fact::Fact;
use crate::policy::{
    Admission, Allowance, Breaker, Budget, Class, Classify, Course, Ended, Hedge, Move, Pass, Plan, Try,
};
use crate::time::{Duration, Time};
use std::future::{Future, poll_fn};
use std::ops::RangeInclusive;
use std::pin::{Pin, pin};
use std::task::Poll;

impl Agent {
    /// Pursues a piece of work under a plan: makes its tries, waits between them, falls back, and gives up in time. A
    /// try is told which rung it is, how long it may take and in which words; it is dropped when its time is over.
    ///
    /// ```
    /// use synod::agent::Shared;
    /// use synod::policy::{Budget, Plan, Retry};
    /// use synod::time::seconds;
    /// use synod::{Agent, Result, model::ToolCall};
    /// async fn searcher(agent: Agent) -> Result {
    ///     let call = ToolCall { id: "q1".into(), name: "search".into(), arguments: "{}".into() };
    ///     let budget = Shared::new(Budget::new(10, 3));
    ///     let plan = Plan::new(Retry::times(4)).each(seconds(3)).within(seconds(20));
    ///     let found = agent.pursue(plan, Some(&budget), |_| agent.call(&call)).await?;
    ///     agent.decide(found).await
    /// }
    /// ```
    ///
    /// # Errors
    /// What the last try failed with.
    pub async fn pursue<T, F, W>(&self, plan: Plan, budget: Option<&Shared<Budget>>, mut perform: F) -> Result<T>
    where
        F: FnMut(Try) -> W,
        W: Future<Output = Result<T>>,
    {
        if let Some(budget) = budget {
            budget.with(Budget::tried);
        }
        let mut course = Course::new(plan, self.now());
        let mut step = course.next(self.now());
        let mut failed = Error::ModelTimeout;
        loop {
            match step {
                Move::GiveUp(_) => return Err(failed),
                Move::Wait(range) => {
                    self.sleep(self.span_of(&range)).await;
                    step = course.next(self.now());
                }
                Move::Try(attempt) => {
                    let outcome = self.bounded(attempt.within, perform(attempt)).await;
                    match outcome.unwrap_or(Err(Error::ModelTimeout)) {
                        Ok(done) => return Ok(done),
                        Err(error) => failed = error,
                    }
                    let (now, class) = (self.now(), failed.class());
                    step = paying(budget, |budget| course.failed(now, class, budget));
                }
            }
        }
    }

    /// Makes a call of `what` (a tool's name, say) only if a breaker lets it through, and tells the breaker how it
    /// ended: badly, too, if it is dropped before its end. Reports each switch of the breaker as a fact.
    ///
    /// # Errors
    /// [`Error::Guarded`] if the breaker refuses, or the work's own error.
    pub async fn guarded<T, W>(&self, what: &str, breaker: &Shared<Breaker>, work: W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        let pass = match self.turn(what, breaker, |breaker, now| breaker.admit(now)) {
            Admission::Passes(pass) => pass,
            Admission::Refused { wait } => return Err(Error::Guarded(wait)),
        };
        let mut passage = Passage { agent: self, what, breaker, pass, ended: Ended::Badly };
        let outcome = work.await;
        // Whoever says that a request is at fault, or answers what cannot be used, works.
        if outcome.as_ref().err().is_none_or(|error| matches!(error.class(), Class::Permanent | Class::Unusable)) {
            passage.ended = Ended::Well;
        }
        outcome
    }

    /// Performs something, and a second time if the first is late, it may be done twice, and the budget pays for it.
    /// The first success wins; whatever is still under way then is dropped, which cancels calls of the model. It is
    /// told its number, from 0.
    ///
    /// ```
    /// use synod::agent::Shared;
    /// use synod::policy::{Budget, Hedge, Repeatable};
    /// use synod::time::seconds;
    /// use synod::{Agent, Result, model::ToolCall};
    /// async fn quick(agent: Agent, query: ToolCall, budget: Shared<Budget>) -> Result<String> {
    ///     let late = Hedge::after(seconds(2), Repeatable::Idempotent);
    ///     agent.hedged(late, Some(&budget), |_| agent.call(&query)).await
    /// }
    /// ```
    ///
    /// # Errors
    /// That of the one that failed last, if both fail.
    pub async fn hedged<T, F, W>(&self, hedge: Hedge, budget: Option<&Shared<Budget>>, perform: F) -> Result<T>
    where
        F: FnMut(usize) -> W,
        W: Future<Output = Result<T>>,
    {
        if let Some(budget) = budget {
            budget.with(Budget::tried);
        }
        self.raced(hedge, budget, perform).await
    }

    /// The same of a try that the budget knows of.
    pub(super) async fn raced<T, F, W>(
        &self,
        hedge: Hedge,
        budget: Option<&Shared<Budget>>,
        mut perform: F,
    ) -> Result<T>
    where
        F: FnMut(usize) -> W,
        W: Future<Output = Result<T>>,
    {
        let mut race = hedge.begin(self.now());
        let mut first = pin!(perform(0));
        let Some(due) = race.due() else { return first.await };
        if let Some(outcome) = self.bounded(due.since(self.now()), first.as_mut()).await {
            return outcome;
        }
        if !paying(budget, |budget| race.late(due, budget)) {
            return first.await;
        }
        let mut second = pin!(perform(1));
        let mut over = [false; 2];
        poll_fn(|context| {
            for (number, over) in over.iter_mut().enumerate().filter(|(_, over)| !**over) {
                let racer = if number == 0 { first.as_mut() } else { second.as_mut() };
                match racer.poll(context) {
                    Poll::Pending => {}
                    Poll::Ready(Err(_)) if !race.failed(number) => *over = true,
                    Poll::Ready(outcome) => return Poll::Ready(outcome),
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Waits until this allowance lets one more call through, and takes it.
    ///
    /// ```
    /// use synod::agent::Shared;
    /// use synod::policy::Allowance;
    /// use synod::{Agent, Result, model::ToolCall};
    /// async fn searcher(agent: Agent, query: ToolCall) -> Result<String> {
    ///     // The provider admits 60 a minute to the whole team.
    ///     let members = agent.members().iter().count() as u32;
    ///     let allowance = Shared::new(Allowance::per_minute(60, 6).share(members));
    ///     agent.pace(&allowance).await;
    ///     agent.call(&query).await
    /// }
    /// ```
    pub async fn pace(&self, allowance: &Shared<Allowance>) {
        while let Err(wait) = allowance.with(|allowance| allowance.take(self.now())) {
            self.sleep(wait).await;
        }
    }

    /// Asks or tells a breaker something, and reports the switch that comes of it.
    fn turn<T>(&self, what: &str, breaker: &Shared<Breaker>, turn: impl FnOnce(&mut Breaker, Time) -> T) -> T {
        breaker.with(|breaker| {
            let before = breaker.circuit();
            let outcome = turn(breaker, self.now());
            if breaker.circuit() != before {
                self.note(Fact::Switched { tool: what.to_owned(), circuit: breaker.circuit() });
            }
            outcome
        })
    }

    /// As [`timeout`](Agent::timeout), but what the future wants is wanted before the time begins to run: of two that
    /// end at the same instant it ends first.
    async fn bounded<F: Future>(&self, span: Duration, future: F) -> Option<F::Output> {
        let (mut future, mut deadline) = (pin!(future), None);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            let deadline = deadline.get_or_insert_with(|| self.timer(span));
            Pin::new(deadline).poll(context).map(|_| None)
        })
        .await
    }

    /// Reports a fact about this agent, for checkers.
    pub fn note(&self, fact: Fact) {
        self.port.submit(Command::Note(fact));
    }

    /// Says that it takes a piece of work on, due within so long. Returns by when, by its own clock.
    pub fn undertake(&self, work: &str, within: Duration) -> Time {
        let due = self.now() + within;
        self.note(Fact::Undertaken { work: work.to_owned(), due });
        due
    }

    /// Says that a piece of work is concluded, and which parts of it are missing.
    pub fn conclude(&self, work: &str, missing: Vec<String>) {
        self.note(Fact::Concluded { work: work.to_owned(), missing });
    }

    /// A span of this range, from the agent's own draws; none is drawn if there is no choice.
    fn span_of(&self, range: &RangeInclusive<Duration>) -> Duration {
        let choices = range.end().0 - range.start().0;
        if choices == 0 { *range.start() } else { *range.start() + Duration(self.draw(choices.saturating_add(1))) }
    }
}

/// What is paid from a budget, if there is one.
fn paying<T>(budget: Option<&Shared<Budget>>, pay: impl FnOnce(Option<&mut Budget>) -> T) -> T {
    match budget {
        None => pay(None),
        Some(budget) => budget.with(|budget| pay(Some(budget))),
    }
}

/// A call that a breaker let through. However it ends, dropped work too, the breaker hears of it.
struct Passage<'a> {
    agent: &'a Agent,
    what: &'a str,
    breaker: &'a Shared<Breaker>,
    pass: Pass,
    ended: Ended,
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        let Passage { agent, what, breaker, pass, ended } = self;
        agent.turn(what, breaker, |breaker, now| breaker.ended(now, *pass, *ended));
    }
}

impl Classify for Error {
    fn class(&self) -> Class {
        match self {
            Error::ModelTimeout | Error::Unanswered => Class::Unsure,
            Error::Provider(error) => error.class(),
            Error::Reply(_) | Error::Rounds(_) => Class::Unusable,
            Error::Call(error) => error.class(),
            Error::Guarded(wait) => Class::Busy { after: Some(*wait) },
            Error::Full => Class::Busy { after: None },
            Error::Unreachable(_) | Error::DiskFull => Class::Failed,
            Error::NoJson(_) | Error::Other(_) => Class::Permanent,
        }
    }
}
