//! Services with their types erased: what the world keeps of each and asks of it. Knows no time and no links.

use super::{CallError, Keys, Scrutiny, Service};
use crate::fact::Value;
use crate::history::{Fit, Nature};
use crate::model::{Form, Schema, Tool, canonical};
use serde_json::Value as Json;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The tools of a team, each one a service. Made once per scenario, cheap to clone, shared by all seeds.
#[derive(Clone, Default)]
pub struct Toolbox(Arc<Vec<Box<dyn Erased>>>);

/// The durable state of one service: its own, and what it answered to which key.
pub struct Shelf {
    state: Box<dyn Any + Send>,
    answered: BTreeMap<String, Value>,
}

/// What a call did to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What it answers.
    pub outcome: Result<Value, CallError>,
    /// Whether it carried anything out, or only remembered what it answered before.
    pub anew: Anew,
    /// Whether the arguments satisfy the schema.
    pub fit: Fit,
}

/// Whether a call is carried out or answered from memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anew {
    /// It is carried out.
    Yes,
    /// Its key was seen before.
    Remembered,
}

impl Toolbox {
    /// The same with one more tool.
    ///
    /// # Panics
    /// If there is one of this name already.
    #[must_use]
    pub fn with<S: Service>(self, service: S) -> Toolbox {
        let Toolbox(tools) = self;
        assert!(tools.iter().all(|tool| tool.offer().name != S::NAME), "two tools are called '{}'", S::NAME);
        let mut tools =
            Arc::try_unwrap(tools).unwrap_or_else(|shared| shared.iter().map(|tool| tool.again()).collect());
        let form = Form::shared(&Schema::of::<S::Arguments>());
        let offer = Tool::new(S::NAME, S::ABOUT, form.schema().clone());
        tools.push(Box::new(Typed { service: Arc::new(service), form, offer }));
        Toolbox(Arc::new(tools))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u16 {
        u16::try_from(self.0.len()).expect("fewer than 65,536 tools")
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What models are shown of them.
    #[must_use]
    pub fn offers(&self) -> Vec<Tool> {
        self.0.iter().map(|tool| tool.offer().clone()).collect()
    }

    /// Which tool has this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u16> {
        let place = self.0.iter().position(|tool| tool.offer().name == name)?;
        u16::try_from(place).ok()
    }

    /// A tool's name and what its calls do.
    #[must_use]
    pub fn about(&self, tool: u16) -> (&str, Nature) {
        let tool = &self.0[usize::from(tool)];
        (&tool.offer().name, tool.nature())
    }

    /// The state of a tool that was never called.
    #[must_use]
    pub fn shelf(&self, tool: u16) -> Shelf {
        Shelf { state: self.0[usize::from(tool)].fresh(), answered: BTreeMap::new() }
    }

    /// Carries a call out.
    pub fn carry_out(&self, tool: u16, shelf: &mut Shelf, arguments: &str, key: Option<&str>) -> Carried {
        self.0[usize::from(tool)].carry_out(shelf, arguments, key)
    }
}

impl fmt::Debug for Toolbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|tool| &tool.offer().name)).finish()
    }
}

/// A service without its types.
trait Erased: Send + Sync {
    fn offer(&self) -> &Tool;
    fn nature(&self) -> Nature;
    fn fresh(&self) -> Box<dyn Any + Send>;
    fn again(&self) -> Box<dyn Erased>;
    fn carry_out(&self, shelf: &mut Shelf, arguments: &str, key: Option<&str>) -> Carried;
}

struct Typed<S> {
    service: Arc<S>,
    form: Arc<Form>,
    offer: Tool,
}

impl<S: Service> Typed<S> {
    /// The arguments as the service's type, if its scrutiny lets them pass.
    fn read(&self, arguments: &str, fit: Fit) -> Result<S::Arguments, CallError> {
        let unfit = || CallError::Arguments(format!("{arguments} is not of the form {}", self.form.gist()));
        if fit == Fit::Misfits && self.service.scrutiny() == Scrutiny::Schema {
            return Err(unfit());
        }
        serde_json::from_str(arguments).map_err(|_| unfit())
    }
}

impl<S: Service> Erased for Typed<S> {
    fn offer(&self) -> &Tool {
        &self.offer
    }

    fn nature(&self) -> Nature {
        self.service.nature()
    }

    fn fresh(&self) -> Box<dyn Any + Send> {
        Box::new(S::State::default())
    }

    fn again(&self) -> Box<dyn Erased> {
        Box::new(Typed { service: self.service.clone(), form: self.form.clone(), offer: self.offer.clone() })
    }

    fn carry_out(&self, shelf: &mut Shelf, arguments: &str, key: Option<&str>) -> Carried {
        let key = key.filter(|_| self.service.keys() == Keys::Honoured);
        let fit = if self.form.parse(arguments).is_ok() { Fit::Fits } else { Fit::Misfits };
        if let Some(known) = key.and_then(|key| shelf.answered.get(key)) {
            return Carried { outcome: Ok(known.clone()), anew: Anew::Remembered, fit };
        }
        let state = shelf.state.downcast_mut::<S::State>().expect("a shelf belongs to one service");
        let outcome = self.read(arguments, fit).and_then(|arguments| {
            // A service that refuses has altered nothing, whatever it did before it refused.
            let mut next = state.clone();
            let output = self.service.call(&mut next, arguments).map_err(CallError::Refused)?;
            *state = next;
            Ok(value_of(&serde_json::to_value(&output).expect("a tool's output must serialize to JSON")))
        });
        if let (Some(key), Ok(value)) = (key, &outcome) {
            shelf.answered.insert(key.to_owned(), value.clone());
        }
        Carried { outcome, anew: Anew::Yes, fit }
    }
}

fn value_of(json: &Json) -> Value {
    Value::from(canonical(json).as_str())
}

/// The arguments of a call in canonical form, or as they are if they are no JSON.
#[must_use]
pub fn arguments_of(text: &str) -> Value {
    serde_json::from_str(text).map_or_else(|_| Value::from(text), |json| value_of(&json))
}
