//! The laws of delivery, on random schedules; and what happens at each bound.

mod bounds;
mod laws;
mod net;
