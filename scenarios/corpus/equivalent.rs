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
pub const EQUIVALENT: &[Equivalent] = &[Equivalent {
    name: "raft/AcksLogEnd",
    id: "R09",
    why: "a message of these leaders ends with an entry of their own term, behind which whoever held it holds nothing \
          of others, or, after a refusal, with the first entry that differs, behind which nothing stays: the end of \
          the log is what was shown",
    test: "an_acknowledged_log_end_vouches_for_what_no_leader_showed",
}];
