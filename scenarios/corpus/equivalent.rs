//! Planted mistakes that break nothing, each with the argument or the directed schedule that shows it.

/// A mistake that no run of ours goes wrong by.
#[derive(Clone, Copy, Debug)]
pub struct Equivalent {
    /// Where it is planted and what it is called there.
    pub name: &'static str,
    /// Which known bug it restates.
    pub id: &'static str,
    /// Why nothing comes of it.
    pub why: &'static str,
    /// The test that shows the mistake itself on a schedule of its own.
    pub test: &'static str,
}

/// Every such mistake. They are no part of any figure.
pub const EQUIVALENT: &[Equivalent] = &[
    Equivalent {
        name: "raft/AcksLogEnd",
        id: "R09",
        why: "a message of these leaders ends with an entry of their own term, behind which whoever held it holds \
              nothing of others, or, after a refusal, with the first entry that differs, behind which nothing stays: \
              the end of the log is what was shown",
        test: "an_acknowledged_log_end_vouches_for_what_no_leader_showed",
    },
    Equivalent {
        name: "raft/StandsUnasked",
        id: super::OWN,
        why: STANDS_UNASKED,
        test: "a_member_that_asks_nobody_deposes_a_leader_that_is_heard",
    },
    Equivalent {
        name: "paxos/StandsUnasked",
        id: super::OWN,
        why: STANDS_UNASKED,
        test: "a_member_that_asks_nobody_deposes_a_leader_that_is_heard",
    },
    Equivalent {
        name: "paxos/StandsAgainAtOnce",
        id: "P13",
        why: "whoever preempts it leads by then, or is about to, and the others say so: asking at once is asked in vain, \
              and the member waits as if it had not",
        test: "whoever_is_preempted_waits_before_it_asks_again",
    },
];

const STANDS_UNASKED: &str = "a leader that others hear is deposed by a member that heard nobody, and another one leads \
    on: it costs elections and time while links are bad, and nothing once they are healed";
