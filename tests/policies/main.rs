//! Policies against partial failure, on trial: each scenario's usual version is caught and its better version holds,
//! each has planted bugs, the two ways to drive a request decide alike, and a real clock and socket drive it as well.

mod alike;
mod checks;
mod detection;
mod driving;
mod mended;
mod metastable;
mod planted;
mod production;
mod scenarios;
mod wrapper;
