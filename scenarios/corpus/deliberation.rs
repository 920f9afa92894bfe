//! Bugs of debate and refinement, and those of the vote that ends both, once in each.

use super::carrier::Carrier;
use super::{Bug, Family, Row, listed, plain};
use crate::debate::debate_of;
use crate::refine::refine_of;
use synod::fault::{Kind, Nemesis};
use synod::protocol::consensus::{Debate, Refine, debate, refine, vote};
use synod::scenario::Scenario;

/// Each of these is carried by one scenario.
type Line<B> = Row<B, ()>;

const DEBATE: &[Line<debate::Planted>] = &[
    plain(
        debate::Planted::SpeechNotPersisted,
        "M1.4",
        "stable_agreement",
        "a speech that is not persisted is made twice",
    ),
    plain(
        debate::Planted::CountsStaleRounds,
        "M2.5",
        "stable_agreement",
        "speeches of earlier rounds make an agreement",
    ),
    plain(debate::Planted::KeepsRefused, super::OWN, "termination", "a refused motion is put for ever"),
    plain(debate::Planted::WaitsForEveryone, super::OWN, "termination", "a member that is down holds up every round"),
    plain(debate::Planted::NeverRelieves, super::OWN, "termination", "a chair that is down holds up the vote"),
    plain(debate::Planted::StopsOnVotesCast, "M3.1", "stable_agreement", "a debate stops on the votes cast, too soon"),
];

const REFINE: &[Line<refine::Planted>] = &[
    plain(refine::Planted::KeepsRefused, super::OWN, "termination", "a refused motion is put for ever"),
    plain(refine::Planted::StabilityNotReset, super::OWN, "stable_agreement", "a count outlives its candidate"),
    plain(refine::Planted::CountsAcrossTerms, "M2.1", "stable_agreement", "a count outlives its term"),
    plain(
        refine::Planted::CountsCancelled,
        "R16",
        "stable_agreement",
        "a cancelled agent's answer counts in the next round",
    ),
    plain(
        refine::Planted::CountsItselfTwice,
        "R11",
        "stable_agreement",
        "a leader that counts itself twice agrees with too few",
    ),
    plain(
        refine::Planted::AnswerNotPersisted,
        "M1.4",
        "stable_agreement",
        "an answer that is not persisted is given twice",
    ),
];

const VOTE: &[Line<vote::Planted>] = &[
    plain(vote::Planted::VoteNotPersisted, "P02", "chosen_once", "a vote that is not persisted is overtaken"),
    plain(
        vote::Planted::CountsVoterTwice,
        "R11",
        "chosen_once",
        "a vote that counts twice carries a motion of too few",
    ),
    plain(vote::Planted::QuorumOfPresent, "M3.1", "chosen_once", "a majority of those who came is none of the members"),
    plain(vote::Planted::QuorumTooSmall, "R13", "chosen_once", "half of the members are no majority"),
    plain(
        vote::Planted::IgnoresEarlierVotes,
        "P05",
        "chosen_once",
        "a chair that ignores earlier votes overtakes a decision",
    ),
    plain(vote::Planted::AdoptsParaphrase, "A02", "one_value_per_ballot", "a paraphrase in a vote is another motion"),
];

/// A forgotten promise shows otherwise in a debate, whose vote has one call after the other, than among leaders.
const fn forgotten_promise(property: &'static str, shows: &'static str) -> [Line<vote::Planted>; 1] {
    [plain(vote::Planted::PromiseNotPersisted, "P01", property, shows)]
}

const IN_DEBATE: &[Line<vote::Planted>] =
    &forgotten_promise("one_value_per_ballot", "a chair that forgets its own call puts two motions in one ballot");
const IN_REFINE: &[Line<vote::Planted>] =
    &forgotten_promise("client_termination", "a member that forgets its promise holds up the vote");

pub(super) fn bugs() -> Vec<Bug> {
    let family = Family::Deliberation;
    let debates = listed(family, "debate", DEBATE, |(), bug| in_debate(bug));
    let refinements = listed(family, "refine", REFINE, |(), bug| in_refine(bug));
    let votes = [
        listed(family, "debate/vote", VOTE, |(), bug| in_debate(debate::Planted::Vote(bug))),
        listed(family, "debate/vote", IN_DEBATE, |(), bug| in_slow_debate(debate::Planted::Vote(bug))),
    ];
    let same_votes = [VOTE, IN_REFINE]
        .map(|rows| listed(family, "refine/vote", rows, |(), bug| in_refine(refine::Planted::Vote(bug))));
    [debates, refinements].into_iter().chain(votes).chain(same_votes).flatten().collect()
}

fn in_debate(bug: debate::Planted) -> Carrier {
    Carrier::of(move |switch| debate_with(switch.of(bug)))
}

/// Of three, whose messages wait and who crash, and nothing besides: a chair has to forget its call, not its motion.
/// Two clients ask at once and often, so that chairs put other motions after a crash than before.
fn in_slow_debate(bug: debate::Planted) -> Carrier {
    let slow = || Nemesis::only(Kind::Hold) + Nemesis::only(Kind::DelayConstant) + Nemesis::only(Kind::Crash);
    Carrier::of(move |switch| debate_with(switch.of(bug)).sizes([3]).workload(2, 6).nemesis(slow()))
}

fn debate_with(planted: Option<debate::Planted>) -> Scenario<Debate> {
    let config = move || debate::Config { planted, ..debate::Config::default() };
    debate_of(move |me, members| Debate::new(me, members, config()))
}

fn in_refine(bug: refine::Planted) -> Carrier {
    Carrier::of(move |switch| {
        let config = move || refine::Config { planted: switch.of(bug), ..refine::Config::default() };
        refine_of(move |me, members| Refine::new(me, members, config()))
    })
}
