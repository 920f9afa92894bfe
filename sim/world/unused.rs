//! The protocol of a world that runs none: its agents are async functions.

use crate::fault::{Kind, Tolerance};
use crate::protocol::team::{Answer, Ask, Outcome, Request};
use crate::protocol::{Effects, Event, Protocol};
use crate::time::Time;
use std::convert::Infallible;

/// A protocol without a value: no process can run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unused {}

impl crate::digest::Digest for Unused {
    fn digest(&self, _: &mut crate::digest::Digester) {
        match *self {}
    }
}

impl Protocol for Unused {
    type Message = Infallible;
    type Timer = Infallible;
    type Durable = ();
    type Write = ();
    type Request = Request;
    type Response = Outcome;
    type Ask = Ask;
    type Answer = Answer;

    fn step(&mut self, _: Time, _: Event<Unused>, _: &mut Effects<Unused>) {
        match *self {}
    }

    fn tolerance(_: Kind) -> Option<Tolerance> {
        // Nobody can know what a user's agents promise: the user says so by choosing the nemesis.
        Some(Tolerance::Tolerated)
    }
}
