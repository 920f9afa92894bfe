//! Policies against partial failure, on trial: each scenario's usual version is caught and its better version holds,
//! each has planted bugs, and the two ways to drive a request decide alike.

mod checks;
mod detection;
mod driving;
mod metastable;
mod planted;
mod scenarios;
mod wrapper;
