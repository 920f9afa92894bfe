//! A hybrid logical clock's stamp. Knows how stamps are ordered and nothing of how they are made.

use crate::id::NodeId;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A stamp of a hybrid logical clock (Kulkarni et al., OPODIS 2014, section 3): the greatest physical clock that its
/// event knew of, a count of events under that same time, and whose stamp it is, so that no two are equal.
///
/// Ordered by time, then count, then node.
///
/// ```
/// use synod::{fact::Stamp, id::NodeId, time::Time};
/// let stamp = |time, count, node| Stamp { time: Time(time), count, node: NodeId::agent(node) };
/// assert!(stamp(5, 0, 1) < stamp(5, 1, 0) && stamp(5, 9, 0) < stamp(6, 0, 0));
/// assert_eq!(stamp(5, 1, 0).to_string(), "5ns+1@a1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// The greatest physical clock known (`l` in the paper), in nanoseconds.
    pub time: Time,
    /// How many events were stamped with this time before on the way here (`c` in the paper).
    pub count: u64,
    /// Whose stamp it is.
    pub node: NodeId,
}

crate::digestible! { struct Stamp { time, count, node } }

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ns+{}@{}", self.time.0, self.count, self.node)
    }
}
