//! Today's usual ways to decide, built as honestly as the real ones.
//!
//! | name | who decides | agrees |
//! |---|---|---|
//! | [`last_speaker`] | each member, on the last answer it saw | by luck |
//! | [`orchestrator`] | one member, alone; or, mended, with a majority's promise | only when mended |
//! | [`majority`] | each member, on votes of a majority of members; or, naively, of the votes cast | only by members |

pub mod last_speaker;
pub mod majority;
pub mod orchestrator;
mod plurality;
