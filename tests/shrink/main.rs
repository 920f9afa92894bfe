//! Shrinking over planted bugs and baselines: what is left fails alike, needs each of its faults, and is the same run
//! from its capsule, here and in another process.

mod bugs;
mod capsules;
mod least;
