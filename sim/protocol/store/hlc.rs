//! Hybrid logical clocks: stamps that follow causality like Lamport's and stay near the wall clock.
//!
//! Kulkarni, Demirbas, Madappa, Avva, Leone: *Logical Physical Clocks* (OPODIS 2014), Figure 5. A stamp is the greatest
//! wall clock reading heard of (*l*), and a count (*c*) that orders stamps of one reading. The replica's name breaks
//! what ties are left, so that no two updates have one stamp. Knows no update and trusts no clock: a clock that is
//! wrong makes stamps that run ahead, never stamps that go back. So every stamp's time is one that its maker's clock
//! showed then, or that of a stamp which it made or heard of before.

use crate::fact::Stamp;
use crate::id::NodeId;
use crate::time::Time;

/// A replica's clock.
///
/// ```
/// use synod::id::NodeId;
/// use synod::protocol::store::Clock;
/// use synod::time::Time;
/// let [mut fast, mut slow] = [Clock::default(), Clock::default()];
/// let first = fast.stamp(Time(900), NodeId::agent(0));
/// slow.hear(first);
/// assert!(slow.stamp(Time(11), NodeId::agent(1)) > first, "what was heard comes before, whatever the clocks say");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    wall: Time,
    count: u64,
}

crate::digestible! { struct Clock { wall, count } }

impl Clock {
    /// The stamp of an update made now, later than all that were made or heard of here.
    pub fn stamp(&mut self, now: Time, node: NodeId) -> Stamp {
        let wall = self.wall.max(now);
        self.count = if wall == self.wall { self.count + 1 } else { 0 };
        self.wall = wall;
        Stamp { time: wall, count: self.count, node }
    }

    /// Goes on from a stamp that it heard of, or made before a crash. Hearing is no event of its own and gets no stamp,
    /// so no wall clock is looked at.
    pub fn hear(&mut self, stamp: Stamp) {
        let known = (self.wall, self.count).max((stamp.time, stamp.count));
        (self.wall, self.count) = known;
    }
}
