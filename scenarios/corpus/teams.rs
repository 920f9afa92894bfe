//! Bugs of teams of agents: failure modes of MAST and their like, each a flaw of a panel that reviews a branch.

use super::carrier::Carrier;
use super::panel::{Flaw, panel};
use super::{Bug, Family, Row, listed};

const fn row(bug: Flaw, id: &'static str, property: &'static str, shows: &'static str) -> Row<Flaw, ()> {
    Row { bug, id, property, shows, on: () }
}

const ROWS: &[Row<Flaw, ()>] = &[
    row(Flaw::ClaimsVotes, "A01", "votes_were_cast", "a lead claims votes that it never received"),
    row(Flaw::VotesInOwnWords, "A02", "votes_were_cast", "a vote for a paraphrase is counted for the draft"),
    row(Flaw::CountsMessengers, "A04", "votes_were_cast", "who passes an approval on is counted as one who approves"),
    row(Flaw::OneModelSuffices, "A05", "two_models_approve", "reviewers of one model approve of its own mistake"),
    row(Flaw::AnnouncesUnheard, "A08", "announced_is_executed", "a merge is announced that never happened"),
    row(Flaw::RetriesWithoutKey, "A09", "effect_at_most_once", "a merge that was not heard of happens twice"),
    row(Flaw::UnreadableApproves, "A12", "votes_were_cast", "a ballot that cannot be read counts as approval"),
    row(Flaw::NeverGivesUp, "A07", "comes_to_an_end", "a team that cannot agree goes on for ever"),
    row(Flaw::DecidesAReport, "M1.1", "decides_in_form", "a decision is not of the form that was asked for"),
    row(Flaw::ActsForTheLead, "M1.2", "roles_kept", "a reviewer merges in the lead's place"),
    row(
        Flaw::ForgetsItsBallot,
        "M1.4",
        "one_ballot_a_round",
        "a reviewer that restarts votes otherwise in the same round",
    ),
    row(Flaw::GoesOn, "M1.5", "over_when_decided", "a reviewer votes after the decision"),
    row(Flaw::BeginsAnew, "M2.1", "rounds_go_on", "a lead that restarts begins with the first round again"),
    row(Flaw::GuessesTheCheck, "M2.2", "checked_before_approved", "a check that did not answer is guessed"),
    row(Flaw::MergesItsOwnPick, "M2.6", "merges_were_agreed", "the lead merges another branch than was agreed on"),
    row(Flaw::MergesWhenRoundsRunOut, "M3.1", "merges_were_agreed", "a branch is merged that nobody agreed on"),
    row(Flaw::ApprovesUnchecked, "M3.2", "checked_before_approved", "a branch is approved of without a check"),
    row(Flaw::MisreadsTheCheck, "M3.3", "checked_before_approved", "a check that failed is taken for passed"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Teams, "panel", ROWS, |(), bug| Carrier::of(move |switch| panel(switch.of(bug))))
}
