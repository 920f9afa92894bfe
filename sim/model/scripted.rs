//! A model that answers by a closure. Knows no task and no truth but the closure's word.

use super::mock::{Heard, answered};
use super::reading::Reading;
use super::speech::Said;
use super::subject::Subject;
use super::task::json_of;
use super::thought::Thought;
use super::{Answered, Call, Form, Model, Profile, Request, canonical};
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
    script: Box<dyn Fn(&Request) -> Json + Send + Sync>,
}

impl Scripted {
    /// A model that answers so, as fast as any and never wrong of itself.
    #[must_use]
    pub fn new<R: Serialize + JsonSchema>(script: impl Fn(&Request) -> R + Send + Sync + 'static) -> Scripted {
        let script = Box::new(move |request: &Request| json_of(&script(request)));
        Scripted { profile: Profile { name: "scripted", ..Profile::perfect() }, form: Form::of::<R>(), script }
    }

    /// The same with another profile. Its wrong answers are as hard-wired as a mock's: what is difficult is the slot.
    #[must_use]
    pub fn with(mut self, profile: Profile) -> Scripted {
        self.profile = profile;
        self
    }

    fn say(&self, streams: &Streams, call: &Call<'_>, heard: &Heard, draws: &mut Stream) -> Said {
        let reading = Reading::of(call.request, self.profile.window, heard.fault);
        let json = match reading.of_less(call.request) {
            None => (self.script)(call.request),
            Some(less) => (self.script)(&less),
        };
        let script = Script { form: &self.form, right: &json, request: call.request };
        let right = canonical(&json);
        let (profile, digest) = (&self.profile, heard.digest);
        let thought = Thought { profile, streams, call, digest, subject: &script, right: &right, reading };
        // What a script makes of missing evidence is the script's own affair.
        let failing = thought.failing("");
        thought.answer(failing, &heard.mood, heard.fault, draws)
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
