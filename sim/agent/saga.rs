//! The driver of a saga: makes its journal durable, carries its acts out, and goes on where a crash left it. Knows its
//! port only.

use super::{Agent, Error, Result, Shared};
use crate::fact::Fact;
use crate::policy::{Act, Class, Classify, Ending, Journal, Plan, Saga, Stage, Way};
use crate::time::{Duration, seconds};
use serde::{Deserialize, Serialize};
use std::future::Future;

/// Before a compensation that failed is tried again, and before a write that found the disk full is.
const PAUSE: Duration = seconds(2);

/// What an agent keeps on its disk of the saga it is at, or was at last.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    saga: String,
    journal: Journal,
}

/// How the tries of one act ended so far.
#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    begun: u32,
    /// Of those, how many certainly had no effect.
    certain: u32,
}

impl Agent {
    /// Carries a saga out to its end: done wholly, or undone wholly. After a crash the same call goes on where the last
    /// one was. Each act is tried as the plan says, under its own key; a step that fails for good turns the saga back,
    /// and a compensation is tried for as long as it takes.
    ///
    /// It keeps its journal with [`Agent::save`], so the agent keeps nothing else there. Services must honour keys,
    /// bear that there is nothing to undo, and refuse a step that was undone before it came.
    ///
    /// ```
    /// use synod::model::ToolCall;
    /// use synod::policy::{Ending, Plan, Retry, Saga};
    /// use synod::tool::Invocation;
    /// use synod::{Agent, Result};
    /// async fn traveller(agent: Agent) -> Result {
    ///     let saga = Saga::new("trip-7", ["flight", "hotel"]);
    ///     let ending = agent.saga(saga, Plan::new(Retry::times(3)), |act| {
    ///         let (agent, arguments) = (agent.clone(), format!(r#"{{"what":"{}"}}"#, act.step));
    ///         async move {
    ///             let call = ToolCall { id: act.key.clone(), name: "book".into(), arguments };
    ///             agent.call(Invocation::of(&call).key(act.key)).await.map(drop)
    ///         }
    ///     });
    ///     agent.decide(ending.await? == Ending::Done).await
    /// }
    /// ```
    ///
    /// # Errors
    /// If its journal cannot be written for another reason than a full disk.
    pub async fn saga<F, W>(&self, saga: Saga, plan: Plan, mut carry_out: F) -> Result<Ending>
    where
        F: FnMut(Act) -> W,
        W: Future<Output = Result<()>>,
    {
        let name = saga.name().to_owned();
        let kept: Option<Kept> = self.recover().await;
        let mut saga = saga.resumed(kept.filter(|kept| kept.saga == name).map(|kept| kept.journal));
        self.note(Fact::Planned { work: saga.name().to_owned(), steps: saga.steps().to_vec() });
        loop {
            match saga.stage() {
                Stage::Over(ending) => return Ok(ending),
                Stage::Write(journal) => {
                    self.save_in_the_end(&Kept { saga: name.clone(), journal }).await?;
                    saga.written();
                }
                Stage::Act(act) => match self.try_act(&act, &plan, &mut carry_out).await {
                    None => saga.acted(),
                    Some(class) => {
                        if act.way == Way::Back {
                            self.sleep(PAUSE).await;
                        }
                        saga.failed(class);
                    }
                },
            }
        }
    }

    /// The name of the saga that this agent was at when it crashed, or that it ended last.
    #[must_use]
    pub async fn last_saga(&self) -> Option<String> {
        self.recover::<Kept>().await.map(|kept| kept.saga)
    }

    /// Tries an act as the plan says. `Some`: it failed so, all tries taken together.
    async fn try_act<F, W>(&self, act: &Act, plan: &Plan, carry_out: &mut F) -> Option<Class>
    where
        F: FnMut(Act) -> W,
        W: Future<Output = Result<()>>,
    {
        let tries = Shared::new(Tries::default());
        let ended = self.pursue(plan.clone(), None, |_| {
            tries.with(|tries| tries.begun += 1);
            let (work, tries) = (carry_out(act.clone()), tries.clone());
            async move {
                let outcome = work.await;
                let certain = outcome.as_ref().is_err_and(|error| error.class().is_without_effect());
                tries.with(|tries| tries.certain += u32::from(certain));
                outcome
            }
        });
        let failed = ended.await.err()?.class();
        let Tries { begun, certain } = tries.with(|tries| *tries);
        Some(if certain < begun { Class::Unsure } else { failed })
    }

    async fn save_in_the_end<T: Serialize>(&self, state: &T) -> Result<()> {
        loop {
            match self.save(state).await {
                Err(Error::DiskFull) => self.sleep(PAUSE).await,
                ended => return ended,
            }
        }
    }
}
