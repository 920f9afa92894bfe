//! Claims about teams, reproduced: each as a comparison of whole sweeps in virtual time, with the margin it must keep.

mod leaders;
mod lies;
mod refinement;
mod reviews;
mod standing;

use synod::explore::{BareHost, Seeds, Sweep, SweepReport};
use synod::scenario::Scenario;

/// Sweeps the first so many seeds.
fn sweep<P: synod::protocol::team::TeamProtocol>(scenario: &Scenario<P>, seeds: u64) -> SweepReport {
    Sweep::of(Seeds::new(0..seeds).expect("a range")).run(scenario, &BareHost)
}

/// Milliseconds from an operation's invocation to its slot's decision, on average.
fn mean_latency(report: &SweepReport) -> u64 {
    let figures = &report.harvest.figures;
    assert!(figures.decisions > 0, "nothing was decided");
    figures.decision_time.0 / figures.decisions / 1_000_000
}
