//! The matrix: what each pattern gets of each store and channel, and what one level more costs. Reads runs; decides
//! nothing that a checker has not decided.

mod cell;
mod frameworks;
#[cfg(feature = "report")]
mod heat;
mod levels;
mod seen;
mod table;

pub use cell::{Anomaly, Cell, Step};
pub use frameworks::{Documented, frameworks};
#[cfg(feature = "report")]
pub use heat::Heat;
pub use levels::{LetterLevel, StoreLevel};
pub use seen::{ANOMALIES, Ending, Seen};
pub use table::{answer, documented, matrix};
