//! How the quantile tables of `sim/seed` are made: recomputes each and compares; rewrites the files if asked to, with
//! `SYNOD_BLESS=1 cargo test --test tables`.
//!
//! Floats are fine here: nothing but this test computes them, and what is checked in are integers.

mod beta;
mod knots;
mod lognormal;
