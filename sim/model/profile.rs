//! Profiles: how good, how fast and how reliable a model is, in integers. Draws nothing itself.

use super::{Pace, Price, Quota};
use crate::seed::Ratio;
use serde::Serialize;

/// A model's qualities. Start from a named level and change what matters.
///
/// ```
/// use synod::{model::Profile, seed::Ratio};
/// let shaky = Profile { wrong: Ratio::percent(20), ..Profile::grounded() };
/// assert!(shaky.wrong > Profile::grounded().wrong);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// Its level's name.
    pub name: &'static str,
    /// How many of all answers are wrong.
    pub wrong: Ratio,
    /// How many wrong answers are the model's common one for that problem rather than one of their own.
    pub common: Ratio,
    /// How many replies are no valid JSON.
    pub malformed: Ratio,
    /// How many replies are refusals.
    pub refusal: Ratio,
    /// How well it judges the proposals of others.
    pub judge: Judge,
    /// How long it takes.
    pub pace: Pace,
    /// How much it admits.
    pub quota: Quota,
    /// What its tokens cost.
    pub price: Price,
    /// Who shares it.
    pub sharing: Sharing,
}

/// How well a model judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judge {
    /// How many right proposals it approves.
    pub true_positive: Ratio,
    /// How many wrong proposals it rejects.
    pub true_negative: Ratio,
}

/// Who shares a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// One model serves the whole team, hence one quota and one set of blind spots.
    Team,
    /// Every agent has a model of its own.
    Agent,
}

/// Of seven calls, this many are decided by the problem's difficulty for the model, whoever asks and however. Two
/// calls on one problem then correlate by (5/7)² = .51, the intra-task correlation of Beta(.58, .38), which fits
/// pass^1 = .604 and pass^4 = .383 of tau-bench retail. So a retry is not an independent try.
pub(super) const BY_PROBLEM: u64 = 5;
/// This many by how the prompt is put: one draw for every request of the same content. A choice of ours within the
/// remaining two sevenths.
pub(super) const BY_PROMPT: u64 = 1;
/// This many by sampling: a draw of the call's own.
pub(super) const BY_SAMPLING: u64 = 1;

impl Profile {
    /// Never wrong, never malformed, never refusing, and a perfect judge; only as slow as the others. For runs in which
    /// nothing but the protocol is on trial.
    #[must_use]
    pub const fn perfect() -> Profile {
        Profile {
            name: "perfect",
            malformed: Ratio::NEVER,
            refusal: Ratio::NEVER,
            judge: Judge { true_positive: Ratio::ALWAYS, true_negative: Ratio::ALWAYS },
            ..Profile::level("perfect", Ratio::NEVER)
        }
    }

    /// Wrong once in a hundred: the best of grounded summarisation measures .7 %.
    #[must_use]
    pub const fn careful() -> Profile {
        Profile::level("careful", Ratio::percent(1))
    }

    /// Wrong 8 in a hundred: the middle of grounded summarisation, .7 to 14.3 % by model. The default.
    #[must_use]
    pub const fn grounded() -> Profile {
        Profile::level("grounded", Ratio::percent(8))
    }

    /// Wrong 35 in a hundred: closed-book questions on persons, 16 to 48 % by model.
    #[must_use]
    pub const fn closed_book() -> Profile {
        Profile::level("closed_book", Ratio::percent(35))
    }

    /// Wrong 80 in a hundred: the worst of closed-book SimpleQA, 44 to 79 %.
    #[must_use]
    pub const fn stress() -> Profile {
        Profile::level("stress", Ratio::percent(80))
    }

    /// Every named level, from the best to the worst.
    #[must_use]
    pub const fn levels() -> [Profile; 5] {
        [Profile::perfect(), Profile::careful(), Profile::grounded(), Profile::closed_book(), Profile::stress()]
    }

    const fn level(name: &'static str, wrong: Ratio) -> Profile {
        Profile {
            name,
            wrong,
            // .775² = .60: two wrong calls are both the common answer as often as two models that are both wrong give
            // the same one (arXiv 2506.07962). One model that serves several agents is at least that correlated.
            common: Ratio::of(31, 40),
            // Strict structured output; unconstrained output would be 2 to 13 %.
            malformed: Ratio::of(1, 1_000),
            // Ordinary work.
            refusal: Ratio::of(2, 1_000),
            // A judge model approves nearly everything (arXiv 2510.11822).
            judge: Judge { true_positive: Ratio::percent(96), true_negative: Ratio::percent(25) },
            pace: Pace::usual(),
            quota: Quota::usual(),
            price: Price::usual(),
            // A team shares one organisation's bucket unless it pays for more.
            sharing: Sharing::Team,
        }
    }
}

impl Default for Profile {
    fn default() -> Profile {
        Profile::grounded()
    }
}
