//! What the mock costs in time, as ratios of work done in turns: no clock is compared with a number.

use super::mocked::{Asker, Sweeps, open_streams};
use super::pair::Ratios;
use super::turn;
use synod::model::Profile;

/// A reply may cost 5 µs, and where that bar was set a new stream cost 85 ns, so a reply costs fewer streams than this.
/// In a profile without optimisation both are Synod's own code, and slower alike.
const MOST_STREAMS: f64 = 5_000.0 / 85.0;

#[test]
fn a_reply_of_the_default_profile_costs_less_than_five_microseconds_worth_of_streams() {
    let _turn = turn();
    let mut ask = Asker::ask_about(&Profile::default(), 200);
    let ratios = Ratios::measure(15, &mut ask, || open_streams(2_000));
    let streams = 1.0 / ratios.median();
    assert!(streams < MOST_STREAMS, "a reply costs as much as {streams:.1} new streams, at most {MOST_STREAMS:.1}");
}

#[test]
fn a_sweep_with_the_default_mock_makes_half_of_the_seeds_that_it_makes_without() {
    let _turn = turn();
    let sweeps = Sweeps::new();
    let ratios = Ratios::measure(7, || sweeps.mocked(40), || sweeps.oracle(40));
    assert!(ratios.median() >= 0.5, "{ratios} of the seeds/s under a model that costs nothing");
}
