//! Views: what a person or a script reads about sweeps and runs. Pure: reads reports and traces, decides nothing.
//!
//! Floats appear here and nowhere below, each computed from integers at the end.

mod ablation;
mod columns;
mod compare;
mod curves;
mod exercised;
mod failure;
mod goodput;
#[cfg(test)]
mod handmade;
mod interval;
mod json;
mod list;
mod matrix;
mod mermaid;
mod number;
mod page;
#[cfg(feature = "report")]
mod plot;
mod promises;
mod replay;
mod row;
mod story;
mod table;
#[cfg(feature = "report")]
mod timeline;
mod transcript;
mod versions;
mod view;
mod why;
#[cfg(feature = "report")]
mod why_plot;

pub use ablation::{Ablation, Change};
pub use compare::{Comparison, Violation};
pub use curves::{Curve, Curves, Point};
pub use exercised::exercised;
pub use failure::{failure, failure_groups, replay_command, strategy_option};
pub use goodput::Goodput;
pub use interval::{Estimate, Share};
pub use json::{list_json, run_json, sweep_json};
pub use list::list;
#[cfg(feature = "report")]
pub use matrix::Heat;
pub use matrix::{
    ANOMALIES, Anomaly, Cell, Documented, Ending, LetterLevel, Seen, Step, StoreLevel, answer, documented, frameworks,
    matrix,
};
pub use mermaid::mermaid;
pub use page::html;
#[cfg(feature = "report")]
pub use plot::{Plot, PlotError};
pub use promises::{promises, promises_in_short};
pub use replay::{jsonl, text};
pub use row::{PerDecision, Row};
pub use story::{least_json, story};
pub use table::table;
#[cfg(feature = "report")]
pub use timeline::Timeline;
pub use transcript::transcript;
pub use versions::{Broken, Price, Timed, Version, Versions};
pub use view::{UnknownView, View};
pub use why::causality;
#[cfg(feature = "report")]
pub use why_plot::causality_svg;
