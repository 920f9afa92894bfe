//! Bugs of teams of agents: failure modes of MAST and their like, each a flaw of a panel that reviews a branch.

use super::carrier::Carrier;
use super::panel::{Flaw, panel};
use super::{Bug, Family, Row, listed, plain};

const ROWS: &[Row<Flaw, ()>] = &[
    plain(Flaw::ClaimsVotes, "A01", "votes_were_cast", "a lead claims votes that it never received"),
    plain(Flaw::VotesInOwnWords, "A02", "votes_were_cast", "a vote for a paraphrase is counted for the draft"),
    plain(Flaw::CountsMessengers, "A04", "votes_were_cast", "who passes an approval on is counted as one who approves"),
    plain(Flaw::OneModelSuffices, "A05", "two_models_approve", "reviewers of one model approve of its own mistake"),
    plain(Flaw::AnnouncesUnheard, "A08", "announced_is_executed", "a merge is announced that never happened"),
    plain(Flaw::RetriesWithoutKey, "A09", "effect_at_most_once", "a merge that was not heard of happens twice"),
    plain(Flaw::UnreadableApproves, "A12", "votes_were_cast", "a ballot that cannot be read counts as approval"),
    plain(Flaw::NeverGivesUp, "A07", "comes_to_an_end", "a team that cannot agree goes on for ever"),
    plain(Flaw::DecidesAReport, "M1.1", "decides_in_form", "a decision is not of the form that was asked for"),
    plain(Flaw::ActsForTheLead, "M1.2", "roles_kept", "a reviewer merges in the lead's place"),
    plain(
        Flaw::ForgetsItsBallot,
        "M1.4",
        "one_ballot_a_round",
        "a reviewer that restarts votes otherwise in the same round",
    ),
    plain(Flaw::GoesOn, "M1.5", "over_when_decided", "a reviewer votes after the decision"),
    plain(Flaw::BeginsAnew, "M2.1", "rounds_go_on", "a lead that restarts begins with the first round again"),
    plain(Flaw::GuessesTheCheck, "M2.2", "checked_before_approved", "a check that did not answer is guessed"),
    plain(Flaw::MergesItsOwnPick, "M2.6", "merges_were_agreed", "the lead merges another branch than was agreed on"),
    plain(Flaw::MergesWhenRoundsRunOut, "M3.1", "merges_were_agreed", "a branch is merged that nobody agreed on"),
    plain(Flaw::ApprovesUnchecked, "M3.2", "checked_before_approved", "a branch is approved of without a check"),
    plain(Flaw::MisreadsTheCheck, "M3.3", "checked_before_approved", "a check that failed is taken for passed"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Teams, "panel", ROWS, |(), bug| Carrier::of(move |switch| panel(switch.of(bug))))
}
