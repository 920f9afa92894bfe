//! The least run in sentences: what is left of it, and each fault it needs. Decides nothing.

use super::{Extent, Shrunk, Size};
use crate::digest::digest_of;
use crate::fault::{Fault, Site};
use crate::trace::Happening;

/// Strikes of one habit that are told one by one.
const MOST_STRIKES: usize = 3;

impl Shrunk {
    /// Each fault that the failure needs, in one sentence.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.run.schedule.faults.iter().map(|fault| self.sentence(fault)).collect()
    }

    fn sentence(&self, fault: &Fault) -> String {
        let about = fault.kind.about();
        let (first, rest) = about.split_at(about.chars().next().map_or(0, char::len_utf8));
        format!("{}{rest}: {fault}{}.", first.to_uppercase(), self.strikes(fault))
    }

    /// Whom a habit struck, and when.
    fn strikes(&self, fault: &Fault) -> String {
        if fault.site != Site::Whoever {
            return String::new();
        }
        let about = digest_of(&fault.to_string());
        let began = |happening| happening == Happening::FaultBegan;
        let records = self.run.trace.records().iter();
        let all: Vec<String> = records
            .filter(|record| began(record.happening) && record.about == about)
            .map(|record| format!("{} at {}", record.node, record.at))
            .collect();
        let told = all[..all.len().min(MOST_STRIKES)].join(", ");
        match all.len().saturating_sub(MOST_STRIKES) {
            _ if all.is_empty() => String::new(),
            0 => format!(", which struck {told}"),
            more => format!(", which struck {told} and {more} times more"),
        }
    }

    /// What was taken out, in one sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let Shrunk { before, after, runs, extent, .. } = self;
        let end = match extent {
            Extent::Minimal => "none of it can go alone",
            Extent::Cut => "the budget ended it, `synod shrink` with a larger --budget goes on",
        };
        format!("shrunk in {} from {before} to {after}; {end}", count(*runs, "run"))
    }
}

fn count(many: u64, what: &str) -> String {
    if many == 1 { format!("1 {what}") } else { format!("{many} {what}s") }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Size { faults, strikes, operations, events, .. } = *self;
        write!(f, "{} that struck {}, ", count(faults, "fault"), count(strikes, "time"))?;
        if operations > 0 {
            write!(f, "{}, ", count(operations, "operation"))?;
        }
        write!(f, "{}", count(events, "event"))
    }
}
