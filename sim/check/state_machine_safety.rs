//! State-machine safety: every state machine takes the same command at the same index. Reads what members apply.
//!
//! Also that a process applies in log order without gaps, without which equal entries make unequal states. The first
//! entry a process applies may have any index, and so may the first after it took a snapshot.

use super::dense::Dense;
use super::lives::{Lives, forgets};
use super::online::{Observe, Online, Seen, both, judge};
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// No two members apply different commands at one index. Twin on operations:
/// [`ClientAgreement`](super::ClientAgreement).
#[derive(Clone, Copy, Debug, Default)]
pub struct StateMachineSafety;

impl StateMachineSafety {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "state_machine_safety",
        about: "members apply the same command at each index, in log order",
        source: "Ongaro, Ousterhout: Raft (USENIX ATC 2014), figure 3 and sections 5.3, 5.4.3",
        kind: PropertyKind::Safety,
    };
}

impl Check for StateMachineSafety {
    fn property(&self) -> Property {
        StateMachineSafety::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for StateMachineSafety {
    type State = StateMachines;

    fn begin(&self) -> StateMachines {
        StateMachines::default()
    }
}

/// The command at each index, and how far each process is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateMachines {
    at_index: Dense<Application>,
    last: Lives<Option<Application>>,
    judged: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Application {
    index: u64,
    command: u64,
    by: Seen,
}

impl Observe for StateMachines {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(fact) = &entry.event else {
            if forgets(entry) {
                *self.last.slot(entry) = None;
            }
            return None;
        };
        match fact {
            Fact::Recovered { .. } | Fact::Installed { .. } | Fact::Restored { .. } => *self.last.slot(entry) = None,
            Fact::Applied { index, command } => {
                let by = Seen::of(place, entry);
                return self.apply(Application { index: *index, command: *command, by }, entry);
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl StateMachines {
    fn apply(&mut self, now: Application, entry: &Entry) -> Option<Witness> {
        self.judged += 1;
        let first = *self.at_index.get_or(now.index, || now);
        if first.command != now.command {
            let who = both(first.by.node, now.by.node);
            let said = format!("{who} applied different commands at entry {}.", now.index);
            return refute("two commands at one index", [first, now], said);
        }
        let last = self.last.slot(entry).replace(now)?;
        if last.index.checked_add(1) == Some(now.index) {
            return None;
        }
        let said = format!("{} applied entry {} right after entry {}.", entry.node, now.index, last.index);
        refute("entries applied out of order", [last, now], said)
    }
}

#[cold]
fn refute(shape: &str, applications: [Application; 2], contradiction: String) -> Option<Witness> {
    Some(StateMachineSafety::PROPERTY.refuted(shape, applications.map(Application::step).into(), contradiction))
}

impl Application {
    fn step(self) -> Step {
        // Six digits tell the two commands of a witness apart.
        self.by.step(format_args!("applies entry {} (command {:06x})", self.index, self.command & 0xff_ffff))
    }
}
