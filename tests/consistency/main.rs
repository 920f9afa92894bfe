//! Checkers of stores and channels against litmus tests, public histories, brute force, Porcupine and mutants.
//!
//! `SYNOD_CASES=100000 cargo test --release --test consistency` runs the full number of random histories a model;
//! without it a share that takes seconds.

mod agreement;
mod anomalies;
mod brute;
mod causal;
mod classes;
mod convergence;
mod draws;
mod formats;
mod litmus;
mod models;
mod mutants;
mod porcupine;
mod public;
mod record;
