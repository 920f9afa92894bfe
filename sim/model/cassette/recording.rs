//! Recording what a model says, call by call. Knows no file.

use super::{Cassette, Recorded};
use crate::model::{Answered, Call, Model, Profile};
use crate::seed::Streams;
use std::sync::{Arc, Mutex, PoisonError};

/// What models said, as it comes. Cheap to clone; every clone means the same tape. One tape is for one run: of two
/// calls with the same caller, turn and content the first stays.
///
/// ```
/// use synod::prelude::*;
/// use synod::explore::{BareHost, perform};
/// use synod::model::{Request, Tape};
/// use synod::scenario::{Job, Story};
/// use synod::seed::Seed;
/// let tape = Tape::default();
/// let recorder = tape.clone();
/// let story = Story::new("recorded", move |sim: Sim| {
///     let recorder = recorder.clone();
///     async move {
///         sim.team(1, |agent: synod::Agent| async move { agent.ask::<u64>(agent.task()).await.map(|_| ()) });
///         sim.model(recorder.record(Scripted::new(|request: &Request| request.messages.len() as u64)));
///         sim.run_for(minutes(2)).await;
///     }
/// });
/// perform(&story, &BareHost, &Job::of(Seed(1))).expect("no panic");
/// assert_eq!(tape.cassette().calls().count(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tape(Arc<Mutex<Cassette>>);

impl Tape {
    /// The model, with everything that it says on this tape.
    #[must_use]
    pub fn record<M: Model>(&self, model: M) -> Recording<M> {
        Recording { model, tape: self.clone() }
    }

    /// What is on it so far.
    #[must_use]
    pub fn cassette(&self) -> Cassette {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a call, unless one with the same caller, turn and content is there already.
    pub fn keep(&self, call: Recorded) {
        let mut cassette = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cassette.find(call.caller, call.turn, &call.request).is_err() {
            cassette.keep(call);
        }
    }
}

/// A model that is recorded. It says what the model says; on the tape is what the model would have said without a
/// fault, so that a replay may suffer others.
pub struct Recording<M> {
    model: M,
    tape: Tape,
}

impl<M: Model> Model for Recording<M> {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn profile(&self) -> &Profile {
        self.model.profile()
    }

    fn answer(&self, streams: &Streams, call: &Call<'_>) -> Answered {
        let answered = self.model.answer(streams, call);
        let unstruck = match call.fault {
            None => answered.clone(),
            Some(_) => self.model.answer(streams, &Call { fault: None, ..*call }),
        };
        self.tape.keep(Recorded {
            caller: call.caller,
            turn: call.turn,
            request: call.request.clone(),
            outcome: unstruck.outcome,
            first_token: Some(unstruck.first_token),
            latency: Some(unstruck.latency),
        });
        answered
    }
}
