//! Random schedules: what must never happen, and what must happen once the storm is over.

use crate::protocol::consensus::bft::Bft;
use crate::protocol::storm::Storm;

#[test]
fn nothing_contradicts_itself_and_everything_is_decided_after_the_storm() {
    for seed in 0..200 {
        let mut storm = Storm::new(seed, 4, Bft::factory);
        storm.rage(1_500);
        storm.calm_down(80);
        assert_eq!(storm.disagreement(), None, "seed {seed}");
        assert_eq!(storm.undecided(), [], "seed {seed}");
    }
}
