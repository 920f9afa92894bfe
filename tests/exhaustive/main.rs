//! Exhaustive search: that it counts right, what it refuses, and what it says of each log protocol.
//!
//! `cargo test --release --test exhaustive -- --nocapture` prints states, depths and bounds. Each search of a correct
//! protocol is sized to seconds; `SYNOD_BOUND=5000000` lets each keep so many states instead, and print what it came to.

mod counting;
mod planted;
mod protocols;
