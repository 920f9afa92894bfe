//! What a user writes to define a tool. Knows no world and no model.

use crate::history::Nature;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A tool of the user's own: a service with state.
///
/// ```
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
/// use synod::tool::{Service, Toolbox};
///
/// /// Pays money back.
/// struct Refund;
///
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// struct Payment { order: String, cents: u64 }
///
/// impl Service for Refund {
///     type Arguments = Payment;
///     type Output = String;
///     type State = Vec<String>;
///     const NAME: &'static str = "refund";
///     const ABOUT: &'static str = "Pays an order back.";
///
///     fn call(&self, paid: &mut Vec<String>, Payment { order, .. }: Payment) -> Result<String, String> {
///         paid.push(order.clone());
///         Ok(format!("refunded {order}"))
///     }
/// }
///
/// let tools = Toolbox::default().with(Refund);
/// assert_eq!(tools.offers()[0].name, "refund");
/// ```
pub trait Service: Send + Sync + 'static {
    /// What a call says. Its JSON Schema is what models are shown and arguments are checked against.
    type Arguments: DeserializeOwned + JsonSchema + 'static;
    /// What a call returns.
    type Output: Serialize;
    /// What the service keeps, durably.
    type State: Clone + Default + Send + Sync + 'static;

    /// The name that models and agents call it by.
    const NAME: &'static str;
    /// What it does, in words that models are shown.
    const ABOUT: &'static str;

    /// Carries a call out: alters the state and returns a result, or refuses and alters nothing.
    ///
    /// # Errors
    /// Why it refuses, in words for the caller.
    fn call(&self, state: &mut Self::State, arguments: Self::Arguments) -> Result<Self::Output, String>;

    /// What its calls do, unless told otherwise: they change something.
    fn nature(&self) -> Nature {
        Nature::Effect
    }

    /// What it makes of idempotency keys, unless told otherwise: it honours them.
    fn keys(&self) -> Keys {
        Keys::Honoured
    }

    /// How closely it looks at arguments, unless told otherwise: they must satisfy their schema.
    fn scrutiny(&self) -> Scrutiny {
        Scrutiny::Schema
    }
}

/// What a service makes of idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// It answers a key that it has seen as it did before, without a second effect.
    Honoured,
    /// It does not look at them.
    Ignored,
}

/// How closely a service looks at the arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrutiny {
    /// They must satisfy the schema.
    Schema,
    /// Whatever can be read as its type will do: what a schema forbids besides passes.
    Type,
}
