//! Seeds, streams, draws and pins: where every choice of a run comes from and what it is called.
//!
//! A seed fills all streams; each stream has a name and is independent of every other, so a draw more on
//! one never moves another. A [`Pin`] overrides one draw by name. Knows nothing of what is chosen.

mod beta;
mod braid;
mod name;
mod pins;
mod ratio;
mod stream;
mod table;
mod tables;

pub use beta::{BETA_010, BETA_080, BETA_200, BETA_350, BETA_396, BETA_500};
pub use braid::{Braid, LANES};
pub use name::{Name, NameHash, Piece};
pub use pins::{Domain, Misfits, Pin, PinError, Pins};
pub use ratio::Ratio;
pub use stream::{Draws, Seed, Stream, Streams};
pub use table::{Knots, Table};
pub use tables::{LOGNORMAL_40, LOGNORMAL_70, LOGNORMAL_100};
