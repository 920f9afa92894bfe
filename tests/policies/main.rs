//! Policies against partial failure, on trial: each scenario's usual version is caught and its better version holds,
//! and the two ways to drive a request decide alike.

mod driving;
mod metastable;
mod scenarios;
