//! Twins: members that run twice while each round parts all processes anew, and what they find in Byzantine agreement.
//!
//! `cargo test --release --test twins -- --nocapture` prints how many seeds each planted bug takes under random faults
//! and under Twins. `SYNOD_TWINS=25000` sweeps as many seeds instead of the usual few.

mod detection;
mod guilt;
