//! What becomes of teams as one circumstance grows: the values behind a plot, and behind its JSON.

use super::compare::Comparison;
use serde::Serialize;

/// One circumstance, step by step, and what became of every team at each step.
#[derive(Clone, Debug, Serialize)]
pub struct Curves {
    /// What grows, with its unit.
    pub axis: &'static str,
    /// All else.
    pub setting: String,
    /// One for each team.
    pub curves: Vec<Curve>,
}

/// What became of one team.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    /// The team.
    pub team: String,
    /// Step by step.
    pub points: Vec<Point>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// How far the circumstance has grown, in the unit of the axis.
    pub at: u64,
    /// What the team gave.
    pub comparison: Comparison,
}
