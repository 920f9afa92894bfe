//! Histories of operations on shared stores: one record of fixed size an operation, texts in tables beside them.
//!
//! A record says who asked what of which key, how it ended, and, where the store tells, which version was written or
//! read. Events have numbers in the order in which they happened; that order, not the clock, is what checkers go by, so
//! that events of one instant are still in order. Knows no property and no store.
//!
//! An operation that nobody answered stays open: it may have taken effect, and no checker may suppose that it did not.

mod calls;
mod error;
#[cfg(feature = "simulator")]
mod format;
#[cfg(feature = "simulator")]
mod jsonl;
mod knossos;
mod porcupine;
mod readwrite;
mod record;
mod tables;
mod versions;

pub use calls::{Invocation, Return};
pub use error::{StoreError, Wrong};
#[cfg(feature = "simulator")]
pub use format::{Format, UnknownFormat};
#[cfg(feature = "simulator")]
pub use jsonl::{read, write};
pub use knossos::read_knossos;
pub use porcupine::read_porcupine;
pub use readwrite::read_read_write;
pub use record::{Answer, Deed, Operation, Replica, ReplicaRecord, StoreHistory, TurnId};
pub use tables::{ListId, Names};
pub(super) use versions::ByVersion;
