//! A cassette as a model: what was recorded, and what faults make of it. Knows no file.

use super::{Cassette, Recorded};
use crate::fault::Kind;
use crate::model::deed::Deed;
use crate::model::mock::{Heard, answered};
use crate::model::reading::Reading;
use crate::model::scripted::Script;
use crate::model::speech::Said;
use crate::model::subject::Subject;
use crate::model::thought::Thought;
use crate::model::{Action, Answered, Call, Form, Model, Profile, Reply, Schema, ToolCall, canonical};
use crate::seed::{Stream, Streams};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

impl Model for Cassette {
    fn name(&self) -> &str {
        self.profile.name
    }

    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// # Panics
    /// If nothing was recorded for this call: a run that goes another way than the recorded one has no replies.
    fn answer(&self, streams: &Streams, call: &Call<'_>) -> Answered {
        let recorded = match self.find(call.caller, call.turn, call.request) {
            Ok(recorded) => recorded,
            Err(unmatched) => match self.said_before(call.caller, call.turn, call.request) {
                Some(recorded) => recorded,
                None => panic!("{unmatched}"),
            },
        };
        // A reply that was recorded was read already: what its model did not see cannot be taken away any more.
        let struck = Call { fault: call.fault.filter(|kind| !kind.is_of_reading()), ..*call };
        let said = recorded.outcome.as_ref().ok();
        let answered = answered(&self.profile, streams, &struck, |heard, draws| {
            said.map_or_else(|| Said::truly(""), |reply| self.say(streams, &struck, reply, heard, draws))
        });
        match (answered.fault, said) {
            (None, _) => recorded.unstruck(answered),
            // The provider fails before it comes to its own failure; of that, nothing is left to strike.
            (Some(Kind::ModelOutage | Kind::ContextOverflow), _) => answered,
            (Some(_), None) => recorded.unstruck(answered),
            (Some(_), Some(_)) => answered,
        }
    }
}

impl Recorded {
    /// What was recorded; latencies that were not are those of the pace.
    fn unstruck(&self, drawn: Answered) -> Answered {
        let latency = self.latency.unwrap_or(drawn.latency);
        let first_token = self.first_token.unwrap_or(drawn.first_token).min(latency);
        Answered { outcome: self.outcome.clone(), first_token, latency, fault: None }
    }
}

impl Cassette {
    /// What was recorded, with the faults of content that its form or its calls allow.
    fn say(&self, streams: &Streams, call: &Call<'_>, reply: &Reply, heard: &Heard, draws: &mut Stream) -> Said {
        let Reply { text, calls, taint, .. } = reply;
        let own = || Said { taint: taint.clone(), calls: calls.clone(), ..Said::truly(text.as_str()) };
        let schema = call.request.schema.as_ref();
        let shaped = schema.and_then(|schema| shaped(schema, text));
        if shaped.is_none() && calls.is_empty() {
            return own();
        }
        let actions: Vec<Action> = calls.iter().filter_map(action).collect();
        // Whoever calls tools does not answer yet, so there is no answer to lie about.
        let (form, right) = shaped.unwrap_or_else(|| (form_of(&Schema::of::<Json>()), Json::Null));
        let script = Script { form: &form, right: &right, request: call.request };
        let reading = Reading::of(call.request, self.profile.window, heard.fault);
        let text = if calls.is_empty() { canonical(&right) } else { String::new() };
        let (profile, digest) = (&self.profile, heard.digest);
        let slot = call.request.slot.0;
        let thought = Thought { profile, streams, call, slot, digest, subject: &script, right: &text, reading };
        let failing = thought.failing("");
        let evidence = script.mentions();
        let deed = Deed { thought: &thought, actions: &actions, evidence: &evidence, failing };
        let said = if calls.is_empty() {
            let instead = deed.instead(heard.fault, draws);
            instead.unwrap_or_else(|| thought.answer(failing, heard.fault, draws))
        } else if calls.len() == actions.len() {
            deed.make(heard.fault, draws)
        } else {
            // A call that was recorded broken has no arguments to get wrong.
            return own();
        };
        match said.fault {
            // Only what is said because of a fault is another text; the rest is struck as it was recorded.
            None => own(),
            Some(_) if said.text.is_empty() => Said { text: reply.text.clone(), ..said },
            Some(_) => said,
        }
    }
}

/// A recorded call as it was meant.
fn action(call: &ToolCall) -> Option<Action> {
    let arguments = serde_json::from_str(&call.arguments).ok()?;
    Some(Action { tool: call.name.clone(), arguments })
}

/// A text as a value of a schema, and the schema's form.
fn shaped(schema: &Schema, text: &str) -> Option<(Arc<Form>, Json)> {
    let form = form_of(schema);
    let json = form.parse(text).ok()?;
    Some((form, json))
}

/// The compiled form of a schema. Compiling one costs more than a run; each is made once a process. The map is looked
/// up and never walked, so its order cannot reach a run.
fn form_of(schema: &Schema) -> Arc<Form> {
    static FORMS: Mutex<BTreeMap<String, Arc<Form>>> = Mutex::new(BTreeMap::new());
    let mut forms = FORMS.lock().unwrap_or_else(PoisonError::into_inner);
    forms.entry(schema.to_string()).or_insert_with(|| Arc::new(Form::new(schema.clone()))).clone()
}
