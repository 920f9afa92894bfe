//! Bugs of agents at work: the usual way of doing one thing, planted into a team that does all else as it should.

use super::carrier::Carrier;
use super::{Bug, Family, OWN, Row, Switch, listed, plain};
use crate::merges::merges_checked_of;
use crate::policies::{Memory, forks_ordered_of, inbox_durable_of, poison_set_aside_of};
use synod::scenario::Story;

/// What an agent does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    /// It locks its own file first, not the one with the smaller number.
    OwnFileFirst,
    /// It hands a task that ends whoever takes it to the next one, for ever.
    HandsOnForEver,
    /// It acknowledges work that it has in memory only.
    AcknowledgesFromMemory,
    /// It makes a whole call of what is left of one.
    MendsHalfACall,
}

const ROWS: &[Row<Habit, ()>] = &[
    plain(Habit::OwnFileFirst, OWN, "no_wait_cycle", "agents that lock in their own order wait for each other"),
    plain(Habit::HandsOnForEver, "T02", "no_livelock", "a task that ends whoever takes it is handed on for ever"),
    plain(Habit::AcknowledgesFromMemory, "M1.4", "no_lost_work", "work that is acknowledged from memory is lost"),
    plain(Habit::MendsHalfACall, OWN, "complete_calls", "a call that was cut off is mended and carried out"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Teams, "worker", ROWS, |(), habit| Carrier::of(move |switch| story(habit, switch)))
}

fn story(habit: Habit, switch: Switch) -> Story {
    let planted = switch == Switch::Planted;
    match habit {
        Habit::OwnFileFirst => {
            forks_ordered_of(if planted { |files| files } else { |[one, other]| [one.min(other), one.max(other)] })
        }
        Habit::HandsOnForEver => poison_set_aside_of(if planted { |_| None } else { |most| most }),
        Habit::AcknowledgesFromMemory => inbox_durable_of(if planted { Memory::Volatile } else { Memory::Durable }),
        Habit::MendsHalfACall => merges_checked_of(if planted { |call| call.repaired() } else { |call| call }),
    }
}
