//! Bugs that take more seeds than a table can spend on each: what each of them waits for.

/// A bug that is not found within 25,000 seeds.
#[derive(Clone, Copy, Debug)]
pub struct Hard {
    /// Its name.
    pub name: &'static str,
    /// What has to come together.
    pub why: &'static str,
}

/// Bugs that the strategies do not find within 25,000 seeds today. They count as alive in every figure.
pub const HARD: &[Hard] = &[
    Hard {
        name: "debate/vote/PromiseNotPersisted",
        why: "a motion that was under way for longer than the next chair took to be chosen must come to a member that \
              promised that chair, crashed and came back in between",
    },
    Hard {
        name: "bft/UnlocksOnAnyRound",
        why: "two locks of different rounds and a proof from before both must meet, each behind its own partition",
    },
    Hard {
        name: "bft/KeepsFirstValid",
        why: "a value must become valid, be overtaken by another one that is locked, and come back, in three rounds \
              under three partitions",
    },
];
