//! Profiles: how good, how fast and how reliable a model is, in integers. Draws nothing itself.

use super::{Company, Confidence, Judge, Pace, Price, Quota, Slip, Window};
use crate::fault::Kind;
use crate::seed::Ratio;
use serde::Serialize;
use std::borrow::Cow;

/// A model's qualities. Start from a named level and change what matters.
///
/// | quality | named levels, the default of all profiles but the perfect one in bold |
/// |---|---|
/// | wrong answers | `perfect`, `careful`, **`grounded`**, `closed_book`, `stress`; `tool_user` |
/// | what else slips | **rarely**, [`Profile::unconstrained`], [`Profile::reluctant`], [`Profile::mast`] |
/// | judging | [`Judge::perfect`], **[`Judge::measured`]**, [`Judge::rubber_stamp`], [`Judge::over_rejector`] |
/// | company | [`Company::Ignored`], [`Company::Weighed`], [`Company::Persuaded`], **[`Company::sycophantic`]** |
/// | pace | [`Pace::quick`], **[`Pace::usual`]**, [`Pace::slow`] |
/// | confidence | **[`Confidence::Uninformative`]**, [`Confidence::Informative`] |
/// | likeness | [`Difficulty`] **of the model** or of the task; `agreement` and `alike`, **60 %** |
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
    /// How many of all answers are wrong. How often it fails on one task is Beta-distributed around this, with an
    /// intra-task correlation of .51.
    pub wrong: Ratio,
    /// Whose the difficulty of a task is.
    pub difficulty: Difficulty,
    /// How many pairs of different models that are both wrong give the same wrong answer, however many there are: what
    /// chance makes alike is a part of it. Callers of one model that are wrong always give the same one.
    pub agreement: Ratio,
    /// How many choices among equals (questions without a right answer) fall as they do for every other model.
    pub alike: Ratio,
    /// What goes wrong of itself besides wrong answers, and how often.
    pub slips: Cow<'static, [Slip]>,
    /// How well it judges the proposals of others.
    pub judge: Judge,
    /// What it makes of its peers' answers.
    pub company: Company,
    /// What a field called `confidence` says.
    pub confidence: Confidence,
    /// How much it can read.
    pub window: Window,
    /// How long it takes.
    pub pace: Pace,
    /// How much it admits.
    pub quota: Quota,
    /// What its tokens cost.
    pub price: Price,
    /// Who shares it.
    pub sharing: Sharing,
}

/// Whose the difficulty of a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// Each model finds other tasks hard: models fail independently of each other.
    OfModel,
    /// What is hard for one model is hard for all: the failures of n models are beta-binomial.
    OfTask,
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

/// Strict structured output is invalid once in a thousand; unconstrained output would be 2 to 13 %. Ordinary work is
/// refused twice in a thousand.
const USUAL: &[Slip] =
    &[Slip::new(Kind::Refusal, Ratio::of(2, 1_000)), Slip::new(Kind::MalformedJson, Ratio::of(1, 1_000))];

impl Profile {
    /// Never wrong, never malformed, never refusing, deaf to its peers and a perfect judge; only as slow as the others.
    /// For runs in which nothing but the protocol is on trial.
    #[must_use]
    pub fn perfect() -> Profile {
        Profile {
            slips: Cow::Borrowed(&[]),
            alike: Ratio::NEVER,
            judge: Judge::perfect(),
            company: Company::Ignored,
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

    /// An agent that uses tools as those of tau-bench retail did: pass^1 .604, pass^4 .383 over tries in other words
    /// each, as its simulated users put them. Succeeds on a task as often as Beta(.58, .38) says. The very same words
    /// redraw sampling only, so tries in those agree more often: pass^4 is .44.
    #[must_use]
    pub const fn tool_user() -> Profile {
        Profile::level("tool_user", Ratio::of(396, 1_000))
    }

    /// A member of today's multi-agent frameworks: what goes wrong of itself is the mixture that MAST found in 1,642
    /// traces (see [`Slip::mast`]), four replies in ten. That rate is a choice of ours: the least share of failed
    /// traces that the study reports for a framework is 41 %.
    #[must_use]
    pub fn mast() -> Profile {
        Profile { slips: Cow::Owned(Slip::mast(Ratio::percent(40))), ..Profile::level("mast", Ratio::percent(8)) }
    }

    /// Every named profile.
    #[must_use]
    pub fn all() -> [Profile; 7] {
        let [perfect, careful, grounded, closed_book, stress] = Profile::levels();
        [perfect, careful, grounded, closed_book, stress, Profile::tool_user(), Profile::mast()]
    }

    /// Every named level, from the best to the worst.
    #[must_use]
    pub fn levels() -> [Profile; 5] {
        [Profile::perfect(), Profile::careful(), Profile::grounded(), Profile::closed_book(), Profile::stress()]
    }

    /// The profile in which this kind of thing goes wrong of itself so often, and all else as before.
    ///
    /// ```
    /// use synod::{fault::Kind, model::Profile, seed::Ratio};
    /// let terse = Profile::grounded().slipping(Kind::Truncated, Ratio::percent(5));
    /// assert_eq!(terse.slips.len(), Profile::grounded().slips.len() + 1);
    /// ```
    #[must_use]
    pub fn slipping(mut self, kind: Kind, rate: Ratio) -> Profile {
        let slips = self.slips.to_mut();
        slips.retain(|slip| slip.kind != kind);
        slips.push(Slip::new(kind, rate));
        self
    }

    /// The profile asked for JSON in words alone, which nothing enforces: 7.5 % of its replies are broken, the middle
    /// of the measured 2 to 13 %.
    ///
    /// ```
    /// use synod::{fault::Kind, model::Profile, seed::Ratio};
    /// let loose = Profile::grounded().unconstrained();
    /// assert!(loose.slips.iter().any(|slip| slip.kind == Kind::MalformedJson && slip.rate == Ratio::of(75, 1_000)));
    /// ```
    #[must_use]
    pub fn unconstrained(self) -> Profile {
        self.slipping(Kind::MalformedJson, Ratio::of(75, 1_000))
    }

    /// The profile asked what models like to refuse: it refuses 35 %, the middle of 18 to 52 % by model on the set that
    /// is refused most.
    ///
    /// ```
    /// use synod::{fault::Kind, model::Profile, seed::Ratio};
    /// let wary = Profile::grounded().reluctant();
    /// assert!(wary.slips.iter().any(|slip| slip.kind == Kind::Refusal && slip.rate == Ratio::percent(35)));
    /// ```
    #[must_use]
    pub fn reluctant(self) -> Profile {
        self.slipping(Kind::Refusal, Ratio::percent(35))
    }

    /// The profile in which nothing but wrong answers goes wrong of itself.
    #[must_use]
    pub fn without_slips(mut self) -> Profile {
        self.slips = Cow::Borrowed(&[]);
        self
    }

    const fn level(name: &'static str, wrong: Ratio) -> Profile {
        Profile {
            name,
            wrong,
            difficulty: Difficulty::OfModel,
            // Of two models that are both wrong (arXiv 2506.07962).
            agreement: Ratio::percent(60),
            // As often as wrong answers agree: models trained alike choose alike. Five agents that pick their forks at
            // once deadlock in 25 to 90 % of runs (arXiv 2602.13255).
            alike: Ratio::percent(60),
            slips: Cow::Borrowed(USUAL),
            judge: Judge::measured(),
            company: Company::sycophantic(),
            confidence: Confidence::Uninformative,
            window: Window::usual(),
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
