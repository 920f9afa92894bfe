//! A model that answers by a closure. Knows no task and no truth but the closure's word.

use super::mock::answered;
use super::speech::Said;
use super::task::json_of;
use super::{Answered, Call, Form, Model, Profile, Request, canonical};
use crate::fault::Kind;
use crate::seed::{Stream, Streams};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

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

    /// The same with another profile; its ratio of wrong answers applies to each call by itself.
    #[must_use]
    pub fn with(mut self, profile: Profile) -> Scripted {
        self.profile = profile;
        self
    }

    fn say(&self, request: &Request, fault: Option<Kind>, draws: &mut Stream) -> Said {
        let right = (self.script)(request);
        let lapse = draws.chance(self.profile.wrong).then_some(Kind::WrongAnswer);
        let differs = |json: &Json| *json != right;
        let evidence = || request.messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n");
        let lie = match fault.or(lapse) {
            Some(Kind::FabricatedId) => self.form.fabricated(&right, &evidence(), draws, differs),
            Some(Kind::WrongAnswer) => self.form.wrong(&right, &evidence(), draws, differs),
            _ => None,
        };
        lie.map_or_else(|| Said::truly(canonical(&right)), Said::falsely)
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
        answered(&self.profile, streams, call, |_, fault, draws| self.say(call.request, fault, draws))
    }
}
