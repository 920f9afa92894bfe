//! How a model behaves besides being right or wrong: as a judge, among peers, about its own confidence, and at the end
//! of its context window. Draws nothing itself.

use crate::seed::Ratio;
use serde::Serialize;

/// How well a model judges. A mock is asked for a judgement where a request shows a proposal on a line that begins with
/// `PROPOSAL: `, as [`Opinion::request`](super::Opinion::request) writes it, and the form of the reply admits an
/// opinion.
///
/// ```
/// use synod::{model::Judge, seed::Ratio};
/// let judge = Judge::rubber_stamp().undecided(Ratio::of(97, 1_000));
/// assert_eq!(judge, Judge::measured());
/// assert!(judge.true_positive > judge.true_negative);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judge {
    /// How many right proposals it approves.
    pub true_positive: Ratio,
    /// How many wrong proposals it rejects.
    pub true_negative: Ratio,
    /// How many of its verdicts are none that can be used.
    pub unusable: Ratio,
}

impl Judge {
    /// Tells right from wrong each time.
    #[must_use]
    pub const fn perfect() -> Judge {
        Judge { true_positive: Ratio::ALWAYS, true_negative: Ratio::ALWAYS, unusable: Ratio::NEVER }
    }

    /// Approves nearly everything, as measured of LLM judges (arXiv 2510.11822): true-positive rate above .96,
    /// true-negative rate below .25. Every verdict can be used; of those measured 9.7 % could not: [`Judge::measured`].
    #[must_use]
    pub const fn rubber_stamp() -> Judge {
        Judge { true_positive: Ratio::percent(96), true_negative: Ratio::percent(25), unusable: Ratio::NEVER }
    }

    /// A rubber stamp with the unusable verdicts of those measured, 9.7 % of all (arXiv 2510.11822).
    #[must_use]
    pub const fn measured() -> Judge {
        Judge::rubber_stamp().undecided(Ratio::of(97, 1_000))
    }

    /// Finds fault with what is right: the other bias, seen in code reviewers (arXiv 2603.00539). The two rates are a
    /// choice of ours.
    #[must_use]
    pub const fn over_rejector() -> Judge {
        Judge { true_positive: Ratio::percent(60), true_negative: Ratio::percent(95), unusable: Ratio::NEVER }
    }

    /// The judge with so many unusable verdicts.
    #[must_use]
    pub const fn undecided(mut self, unusable: Ratio) -> Judge {
        self.unusable = unusable;
        self
    }
}

/// What a model makes of its peers' answers, if its request shows any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Company {
    /// Nothing: it answers as if it were alone.
    Ignored,
    /// It takes one of the answers on the table, its own among them, all alike. Debate is then a martingale (arXiv
    /// 2508.17536): agreement rises and mean accuracy stays.
    Weighed,
    /// It takes the answer on the table that says it is surest, its own among them; of several as sure one of them, all
    /// alike. Where answers state no confidence that is as in [`Company::Weighed`].
    Persuaded,
    /// It gives in to peers that dissent, the more of them the likelier, and takes what most of them say.
    Followed {
        /// How many right answers it abandons if all peers dissent.
        abandon: Ratio,
        /// How many wrong ones it gives up for theirs then.
        adopt: Ratio,
    },
}

impl Company {
    /// As measured in debates of small models (arXiv 2605.00914): a right answer is abandoned up to 70 % of the time,
    /// the modal answer adopted up to 85.5 %, already with two peers.
    #[must_use]
    pub const fn sycophantic() -> Company {
        Company::Followed { abandon: Ratio::percent(70), adopt: Ratio::of(855, 1_000) }
    }
}

/// What a reply's field called `confidence` says. Only numbers and enums are filled in, and only where that does not
/// change how the reply scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Nothing: it is sure of itself whatever it says.
    Uninformative,
    /// How likely the answer is right, given how hard the task is for the model and how much of the evidence it saw.
    Informative,
}

/// How much a model can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Tokens of request and reply together.
    pub tokens: u32,
    /// What becomes of a request that is longer.
    pub overflow: Overflow,
}

/// What becomes of a request that is longer than the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// The provider answers with an error.
    Refused,
    /// The oldest part is dropped without a word, and the model answers from the rest.
    OldestDropped,
}

impl Window {
    /// 200,000 tokens, as several providers' usual models have, and an error beyond.
    #[must_use]
    pub const fn usual() -> Window {
        Window { tokens: 200_000, overflow: Overflow::Refused }
    }
}
