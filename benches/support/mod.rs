//! What the benches measure, on Synod and on madsim's own network, and how two rates are compared. Asserts no speed.
#![allow(dead_code, reason = "each bench measures its own part of this")]

pub mod cpu;
#[cfg(madsim)]
pub mod endpoint;
pub mod mocked;
pub mod pair;
pub mod ring;
pub mod round;

use criterion::Criterion;
use std::time::Duration;

/// Few samples: what is compared differs by an order of magnitude, and all benches together should end in two minutes.
pub fn criterion() -> Criterion {
    let brief = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500));
    brief.measurement_time(Duration::from_secs(2)).configure_from_args()
}

/// Says why the baseline is missing.
#[cfg(not(madsim))]
pub fn note_missing_endpoint() {
    println!("this build lacks `--cfg madsim`, and with it madsim's Endpoint: no baseline is measured");
}
