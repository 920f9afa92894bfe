//! What a provider admits, in integers. Counts nothing itself.

use serde::Serialize;

/// What a provider admits. The world queues what exceeds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// Calls served at the same time.
    pub concurrent: u16,
    /// Calls admitted in a minute.
    pub per_minute: u32,
}

impl Quota {
    /// A choice of ours: a team of seven that asks once a second each stays below both.
    #[must_use]
    pub const fn usual() -> Quota {
        Quota { concurrent: 16, per_minute: 600 }
    }
}
