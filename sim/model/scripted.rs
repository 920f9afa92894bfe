//! A model that answers, or calls tools, by a closure. Knows no task and no truth but the closure's word.

use super::deed::Deed;
use super::mock::{Heard, answered};
use super::reading::Reading;
use super::shape::Shapes;
use super::speech::Said;
use super::subject::{Subject, alike};
use super::task::json_of;
use super::thought::Thought;
use super::{Action, Answered, Call, Form, Model, Profile, Request, canonical};
use crate::fault::Kind;
use crate::seed::{Stream, Streams};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use std::borrow::Cow;

/// A model whose right answers come from a typed closure; every fault strikes it as it would strike a mock.
///
/// ```
/// use synod::id::NodeId;
/// use synod::{fact::Slot, seed::{Seed, Streams}};
/// use synod::model::{Call, Model, Request, Scripted, Speaker, Turn};
/// let model = Scripted::new(|request: &Request| request.messages.len() as u64);
/// let request = Request::about(Slot(0)).say(Speaker::User, "How many messages?");
/// let (model_node, caller) = (NodeId::model(0), NodeId::agent(0));
/// let call = Call { model: model_node, caller, turn: Turn(0), request: &request, problem: None, fault: None };
/// assert_eq!(model.answer(&Streams::of(Seed(1)), &call).outcome.unwrap().text, "1");
/// ```
pub struct Scripted {
    profile: Profile,
    form: Form,
    script: Acting,
}

/// What a request is answered with.
type Acting = Box<dyn Fn(&Request) -> Act<Json> + Send + Sync>;

/// What a script does in one turn.
///
/// ```
/// use synod::model::{Act, Action, Request, Scripted, Speaker};
/// // Pays once, and says so when the transcript shows what came of it.
/// let model = Scripted::acting(|request: &Request| {
///     let paid = request.messages.iter().find(|message| message.role == Speaker::Tool);
///     paid.map_or_else(
///         || Act::Call(vec![Action::new("refund", &serde_json::json!({ "order": "ord-7" }))]),
///         |paid| Act::Answer(paid.text.clone()),
///     )
/// });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Act<R> {
    /// Calls these tools, all in one reply: one at least. Every fault that strikes calls strikes the last of them.
    Call(Vec<Action>),
    /// Answers.
    Answer(R),
    /// Says this text as it stands, for agents that read prose. Faults of form strike it; of content it has nothing
    /// that could be told to be false.
    Say(String),
}

impl Scripted {
    /// A model that answers so, as fast as any and never wrong of itself.
    #[must_use]
    pub fn new<R: Serialize + JsonSchema>(script: impl Fn(&Request) -> R + Send + Sync + 'static) -> Scripted {
        Scripted::acting(move |request| Act::Answer(script(request)))
    }

    /// A model that calls tools so before it answers.
    ///
    /// # Panics
    /// In a run, if the script calls an empty list of tools.
    #[must_use]
    pub fn acting<R: Serialize + JsonSchema>(script: impl Fn(&Request) -> Act<R> + Send + Sync + 'static) -> Scripted {
        let script = Box::new(move |request: &Request| match script(request) {
            Act::Call(actions) => {
                assert!(!actions.is_empty(), "a script that calls no tool answers: give it an Act::Answer");
                Act::Call(actions)
            }
            Act::Answer(answer) => Act::Answer(json_of(&answer)),
            Act::Say(text) => Act::Say(text),
        });
        Scripted { profile: Profile { name: "scripted", ..Profile::perfect() }, form: Form::of::<R>(), script }
    }

    /// A model that says such a text as it stands.
    ///
    /// ```
    /// use synod::fact::Slot;
    /// use synod::id::NodeId;
    /// use synod::model::{Call, Model, Request, Scripted, Speaker, Stop, Turn};
    /// use synod::seed::{Seed, Streams};
    /// let model = Scripted::saying(|_| "Action: look\nObservation: all is well".to_owned());
    /// let request = Request::about(Slot(0)).say(Speaker::User, "Is all well?").stopping_at("\nObservation:");
    /// let (model_node, caller) = (NodeId::model(0), NodeId::agent(0));
    /// let call = Call { model: model_node, caller, turn: Turn(0), request: &request, problem: None, fault: None };
    /// let reply = model.answer(&Streams::of(Seed(1)), &call).outcome.unwrap();
    /// assert_eq!((reply.text.as_str(), reply.stop), ("Action: look", Stop::StopSequence));
    /// ```
    #[must_use]
    pub fn saying(script: impl Fn(&Request) -> String + Send + Sync + 'static) -> Scripted {
        Scripted::acting::<String>(move |request| Act::Say(script(request)))
    }

    /// The same with another profile. Its wrong answers are as hard-wired as a mock's: what is difficult is the slot.
    #[must_use]
    pub fn with(mut self, profile: Profile) -> Scripted {
        self.profile = profile;
        self
    }

    fn say(&self, streams: &Streams, call: &Call<'_>, heard: &Heard, draws: &mut Stream) -> Said {
        let reading = Reading::of(call.request, self.profile.window, heard.fault);
        let act = match reading.of_less(call.request) {
            None => (self.script)(call.request),
            Some(less) => (self.script)(&less),
        };
        let (json, actions) = match act {
            Act::Say(text) => {
                let unread = heard.fault.filter(|kind| kind.is_of_reading() && reading.is_less(call.request));
                return Said { fault: unread, ..Said::truly(text) };
            }
            Act::Answer(json) => (json, Vec::new()),
            // While it works it has no answer yet, so a fabricated one is any that its form allows.
            Act::Call(actions) if heard.fault == Some(Kind::FabricatedResult) => {
                (Shapes::of(self.form.schema().json()).sample(draws), actions)
            }
            Act::Call(actions) => (Json::Null, actions),
        };
        let script = Script { form: &self.form, right: &json, request: call.request };
        let right = canonical(&json);
        let (profile, digest) = (&self.profile, heard.digest);
        let slot = call.request.slot.0;
        let thought = Thought { profile, streams, call, slot, digest, subject: &script, right: &right, reading };
        // What a script makes of missing evidence is the script's own affair.
        let failing = thought.failing("");
        let mentions = if actions.is_empty() { Cow::default() } else { script.mentions() };
        let deed = Deed { thought: &thought, actions: &actions, evidence: &mentions, failing };
        if !actions.is_empty() {
            return deed.make(heard.fault, draws);
        }
        let instead = deed.instead(heard.fault, draws);
        instead.unwrap_or_else(|| thought.answer(failing, heard.fault, draws))
    }
}

/// What a script said, as the truth about a request.
pub(super) struct Script<'a> {
    pub(super) form: &'a Form,
    pub(super) right: &'a Json,
    pub(super) request: &'a Request,
}

impl Subject for Script<'_> {
    fn form(&self) -> &Form {
        self.form
    }

    fn truth(&self) -> &Json {
        self.right
    }

    fn mentions(&self) -> Cow<'_, str> {
        self.request.messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n").into()
    }

    fn is_wrong(&self, json: &Json) -> bool {
        json != self.right
    }

    fn believable(&self, _: &mut Stream) -> Option<Json> {
        None
    }

    fn elsewhere(&self, _: &Streams, draws: &mut Stream) -> Option<Json> {
        Some(Shapes::of(self.form.schema().json()).sample(draws)).filter(|json| self.is_wrong(json))
    }

    fn alike(&self, streams: &Streams, slot: u64) -> u64 {
        alike(self, streams, slot)
    }
}

impl Model for Scripted {
    fn name(&self) -> &str {
        self.profile.name
    }

    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn answer(&self, streams: &Streams, call: &Call<'_>) -> Answered {
        answered(&self.profile, streams, call, |heard, draws| self.say(streams, call, heard, draws))
    }
}
