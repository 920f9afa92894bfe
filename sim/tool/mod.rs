//! Tools: services with durable state that agents call. Knows what a call does to a service, not how calls travel.
//!
//! A [`Service`] is a plain value with a synchronous function from its state and a call's arguments to a result and
//! the next state. The world makes each one a node (`t1`, `t2` …): calls and results are messages on links, so they may
//! be lost, late or doubled, and a service may crash between two calls or between an effect and its answer. What a
//! call has done is durable; a call under way when the service crashes has done nothing.
//!
//! A call may carry an idempotency key. A service that honours keys remembers, as durably as its effects, what it
//! answered to each, and answers so again without a second effect.

mod invocation;
mod service;
mod toolbox;

pub use invocation::{CallError, Invocation, PATIENCE};
pub use service::{Keys, Scrutiny, Service};
pub use toolbox::{Anew, Carried, Shelf, Toolbox, arguments_of};
