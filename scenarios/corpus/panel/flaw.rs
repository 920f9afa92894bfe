//! What a panel may do wrong: one small mistake each, all made by real teams.

/// A mistake of the lead or of the reviewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Whoever did not answer in time is counted as having approved.
    ClaimsVotes,
    /// Reviewers approve of a draft in words of their own, and the lead takes that for the draft.
    VotesInOwnWords,
    /// Who passes on another's ballot counts as another voter.
    CountsMessengers,
    /// Reviewers that run on one model approve among themselves.
    OneModelSuffices,
    /// A ballot that cannot be read counts as approval.
    UnreadableApproves,
    /// What the merge is expected to give is announced though it was not heard of.
    AnnouncesUnheard,
    /// A merge that was not heard of is made again as another one.
    RetriesWithoutKey,
    /// The lead merges what it thinks by now, not what was agreed on.
    MergesItsOwnPick,
    /// When rounds run out, the last draft is merged.
    MergesWhenRoundsRunOut,
    /// A reviewer approves without the check.
    ApprovesUnchecked,
    /// A reviewer takes any answer of the check for a good one.
    MisreadsTheCheck,
    /// A reviewer takes a check that did not answer for passed.
    GuessesTheCheck,
    /// A reviewer's ballot is in memory only: restarted, it votes anew.
    ForgetsItsBallot,
    /// The lead's round is in memory only: restarted, it begins with the first.
    BeginsAnew,
    /// A reviewer that sees enough approvals merges itself.
    ActsForTheLead,
    /// A reviewer goes on reviewing after the decision.
    GoesOn,
    /// What is decided is a report about it, not the thing that was asked for.
    DecidesAReport,
    /// The lead calls round after round and never gives up.
    NeverGivesUp,
}
