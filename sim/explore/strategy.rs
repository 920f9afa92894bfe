//! Strategies: what each seed of a sweep is used for. A strategy is a pure function from a seed, and what earlier
//! ones reached, to pins; it knows what a scenario's team promises, and nothing of runs.

use super::corpus::Mutant;
use super::{Attempt, Corpus, GENERATION};
use crate::fault::{Kind, Tactic, Tolerance};
use crate::scenario::{Summary, nearest};
use crate::seed::Seed;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// How a sweep searches.
///
/// ```
/// use synod::explore::Strategy;
/// assert_eq!("trigger".parse(), Ok(Strategy::Trigger));
/// let unknown = "triger".parse::<Strategy>().unwrap_err();
/// assert!(unknown.to_string().contains("did you mean 'trigger'?"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Every kind of fault as likely as any other, at any instant.
    Random,
    /// A random subset of the kinds in each run, and habits: faults that strike at every moment of a kind. Pins
    /// nothing: it is what a seed is by itself.
    Swarm,
    /// Few faults that strike at telling moments, and little besides.
    Trigger,
    /// Deliveries by priority: a few slow links, and links that fall behind at single messages.
    Pct,
    /// Runs that reached a new abstract state, mutated: one draw or a few decided otherwise.
    Guided,
    /// Members that run twice while rounds part their processes. For teams that bear it only.
    Twins,
    /// Many clients and no fault.
    Quiet,
    /// Each seed by one of the others, always the same one.
    #[default]
    Portfolio,
}

/// A name that no strategy has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no strategy '{}'{}: the strategies are {}", name.escape_debug(), question(*nearest), names())]
pub struct UnknownStrategy {
    /// The name asked for.
    pub name: String,
    /// The strategy whose name is most like it, if one is alike at all.
    pub nearest: Option<Strategy>,
}

fn question(nearest: Option<Strategy>) -> String {
    nearest.map_or_else(String::new, |near| format!(", did you mean '{near}'?"))
}

fn names() -> String {
    Strategy::ALL.map(Strategy::name).join(", ")
}

/// A strategy that a scenario's team gives no room for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the strategy twins is for teams that bear members who run twice, and that of {scenario} promises nothing then: \
     choose another strategy"
)]
pub struct Unfit {
    /// The scenario.
    pub scenario: String,
}

/// Why a seed alone does not say what a strategy makes of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAlone {
    /// The team gives the strategy no room.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It is a mutant of what earlier seeds of its sweep reached.
    #[error(
        "what {strategy} makes of seed {seed} depends on the seeds before it: give its capsule, which `run --out DIR` \
         writes, or another --strategy for the seed alone"
    )]
    Guided {
        /// The seed.
        seed: Seed,
        /// The strategy.
        strategy: Strategy,
    },
}

/// A corpus in which there is nothing.
static NOTHING: LazyLock<Corpus> = LazyLock::new(Corpus::default);

/// What a portfolio gives each of 25 seeds in a row to. 25 has no factor in common with the sizes of chunks and
/// samples, which are powers of two, so that each of them sees every strategy.
type Shares = [Strategy; 25];

use Strategy::{Guided as G, Pct as P, Quiet as Q, Random as R, Swarm as S, Trigger as T, Twins as W};

/// For most teams: what strikes at telling moments needs fewer seeds for most bugs, and stale reads want a quiet
/// network and many clients.
const SHARES: Shares = [S, T, P, S, T, Q, G, T, S, T, R, S, T, P, G, T, T, S, Q, T, S, G, P, S, T];

/// For async agents, who come to few moments that anybody else knows: what breaks them breaks by swarms.
const SHARES_OF_AGENTS: Shares = [T, S, S, G, S, T, S, R, S, T, S, S, P, S, T, S, G, S, Q, S, T, S, S, S, R];

/// For teams that bear members who run twice: what breaks them breaks soonest by those.
const SHARES_WITH_TWINS: Shares = [W, T, S, W, P, W, G, T, W, Q, W, T, W, S, R, W, T, W, G, W, P, T, W, S, T];

impl Strategy {
    /// Every strategy, in the order in which they are shown.
    pub const ALL: [Strategy; 8] = [
        Strategy::Random,
        Strategy::Swarm,
        Strategy::Trigger,
        Strategy::Pct,
        Strategy::Guided,
        Strategy::Twins,
        Strategy::Quiet,
        Strategy::Portfolio,
    ];

    /// Its snake-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Strategy::Random => "random",
            Strategy::Swarm => "swarm",
            Strategy::Trigger => "trigger",
            Strategy::Pct => "pct",
            Strategy::Guided => "guided",
            Strategy::Twins => "twins",
            Strategy::Quiet => "quiet",
            Strategy::Portfolio => "portfolio",
        }
    }

    /// One line about it.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Strategy::Random => "every kind of fault as likely as any other, at any instant",
            Strategy::Swarm => "a random subset of the kinds in each run, and faults that strike again and again",
            Strategy::Trigger => "a few faults that strike when a member just voted, won, appended, committed, …",
            Strategy::Pct => "deliveries by priority: few slow links, and links that fall behind",
            Strategy::Guided => "runs that reached a new abstract state, with a draw or a few decided otherwise",
            Strategy::Twins => "members that run twice, parted anew in each round, for teams that bear it",
            Strategy::Quiet => "many clients and no fault",
            Strategy::Portfolio => "each seed by one of the others",
        }
    }

    /// Whether a scenario's team gives it room. Where it does not, a sweep goes by [`Strategy::Swarm`] instead.
    ///
    /// # Errors
    /// If it does not.
    pub fn fits(self, summary: &Summary) -> Result<(), Unfit> {
        let fits = self != Strategy::Twins || bears_twins(summary);
        if fits { Ok(()) } else { Err(Unfit { scenario: summary.name.clone() }) }
    }

    /// Whether it looks at what earlier seeds reached.
    #[must_use]
    pub const fn learns(self) -> bool {
        matches!(self, Strategy::Guided | Strategy::Portfolio)
    }

    /// What becomes of a seed, whatever a sweep before it reached: which strategy it is used for, and the pins that
    /// make it so.
    ///
    /// # Errors
    /// If the team gives the strategy no room, or what becomes of the seed depends on earlier ones.
    pub fn alone(self, seed: Seed, summary: &Summary) -> Result<Attempt, NotAlone> {
        self.fits(summary)?;
        // Whatever sweep a seed this low is of, its generation is the first one, which has nothing to mutate.
        let learnt = self.of(seed, summary) == Strategy::Guided && seed.0 >= GENERATION;
        if learnt { Err(NotAlone::Guided { seed, strategy: self }) } else { Ok(self.first(seed, summary)) }
    }

    /// The strategy to ask for, so that [`Strategy::alone`] makes of a seed what this one made of it in a sweep; `None`
    /// if asking for none does.
    #[must_use]
    pub fn to_ask_for(self, seed: Seed, summary: &Summary) -> Option<Strategy> {
        let unasked = Strategy::default().alone(seed, summary);
        if unasked.is_ok_and(|attempt| attempt.by == self) { None } else { Some(self) }
    }

    /// What becomes of a seed that is the first of its sweep: nothing was reached before it.
    #[must_use]
    pub fn first(self, seed: Seed, summary: &Summary) -> Attempt {
        self.attempt(seed, summary, &NOTHING)
    }

    /// What becomes of a seed, given what earlier generations kept: which strategy it is used for, and the pins that
    /// make it so.
    #[must_use]
    pub fn attempt(self, seed: Seed, summary: &Summary, corpus: &Corpus) -> Attempt {
        let mut by = self.of(seed, summary);
        if by == Strategy::Guided {
            match corpus.mutant(seed) {
                Some(Mutant { from, pins }) => return Attempt { by, from, pins },
                // Something fresh, which is nothing but a swarm.
                None => by = Strategy::Swarm,
            }
        }
        let tactic = by.tactic();
        let pins = if tactic == Tactic::default() { Vec::new() } else { vec![tactic.pin()] };
        Attempt { by, from: seed, pins }
    }

    /// The strategy that a seed is given to, which is no portfolio.
    fn of(self, seed: Seed, summary: &Summary) -> Strategy {
        match self {
            Strategy::Portfolio => {
                let shares = shares(summary);
                shares[usize::try_from(seed.0 % shares.len() as u64).expect("a place of the table")]
            }
            strategy if strategy.fits(summary).is_err() => Strategy::Swarm,
            strategy => strategy,
        }
    }

    /// How the nemesis plans by it.
    const fn tactic(self) -> Tactic {
        match self {
            Strategy::Random => Tactic::Random,
            Strategy::Trigger => Tactic::Trigger,
            Strategy::Pct => Tactic::Pct,
            Strategy::Twins => Tactic::Twins,
            Strategy::Quiet => Tactic::Quiet,
            Strategy::Swarm | Strategy::Guided | Strategy::Portfolio => Tactic::Swarm,
        }
    }
}

/// What a portfolio gives the seeds of a scenario to. Async agents are those that promise nothing of any fault.
fn shares(summary: &Summary) -> &'static Shares {
    match summary.promises.is_empty() {
        true => &SHARES_OF_AGENTS,
        false if bears_twins(summary) => &SHARES_WITH_TWINS,
        false => &SHARES,
    }
}

/// Whether a team promises anything while members run twice.
fn bears_twins(summary: &Summary) -> bool {
    let bears = |tolerance| tolerance != Tolerance::OutOfScope && tolerance != Tolerance::UpTo(0);
    summary.promises.iter().any(|promise| promise.kind == Kind::Twin && bears(promise.tolerance))
}

impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(text: &str) -> Result<Strategy, UnknownStrategy> {
        let named = |name: &str| Strategy::ALL.into_iter().find(|strategy| strategy.name() == name);
        named(text).ok_or_else(|| {
            let names = Strategy::ALL.iter().map(|strategy| strategy.name().to_owned());
            UnknownStrategy { name: text.to_owned(), nearest: nearest(text, names).and_then(|near| named(&near)) }
        })
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::scenario::{Promise, Runnable};

    fn summary(twins: Tolerance) -> Summary {
        let promises = vec![Promise { kind: Kind::Twin, tolerance: twins }];
        Summary { promises, ..Fake::new("fake", Sin::None).summary() }
    }

    #[test]
    fn every_strategy_answers_to_its_name_and_a_misspelt_one_is_answered_with_the_nearest() {
        for strategy in Strategy::ALL {
            assert_eq!(strategy.name().parse(), Ok(strategy));
            assert_eq!(serde_json::to_value(strategy).expect("a name"), strategy.name());
        }
        let unknown = "portfollio".parse::<Strategy>().expect_err("a misspelling");
        assert_eq!(unknown.nearest, Some(Strategy::Portfolio));
        assert_eq!("chaos".parse::<Strategy>().expect_err("another name").nearest, None);
    }

    fn tried(strategy: Strategy, seed: u64, twins: Tolerance) -> Attempt {
        strategy.attempt(Seed(seed), &summary(twins), &Corpus::default())
    }

    #[test]
    fn a_portfolio_gives_every_seed_to_one_strategy_that_fits_and_leaves_none_out() {
        let agents = Summary { promises: Vec::new(), ..summary(Tolerance::OutOfScope) };
        let teams = [
            (summary(Tolerance::UpToThird), None),
            (summary(Tolerance::OutOfScope), Some(Strategy::Twins)),
            (agents, Some(Strategy::Twins)),
        ];
        for (summary, without) in teams {
            let mut seen: Vec<Strategy> =
                (0..25).map(|seed| Strategy::Portfolio.of(Seed(seed * GENERATION), &summary)).collect();
            seen.sort_unstable();
            seen.dedup();
            let elementary = Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Portfolio);
            let expected: Vec<Strategy> = elementary.filter(|strategy| Some(*strategy) != without).collect();
            assert_eq!(seen, expected, "{:?}", summary.promises);
        }
    }

    #[test]
    fn twins_fit_only_teams_that_bear_them_and_others_swarm_instead() {
        assert_eq!(tried(Strategy::Twins, 1, Tolerance::UpTo(1)).by, Strategy::Twins);
        for twins in [Tolerance::OutOfScope, Tolerance::UpTo(0)] {
            assert!(Strategy::Twins.alone(Seed(1), &summary(twins)).is_err());
            assert_eq!(tried(Strategy::Twins, 1, twins), Attempt::from(Seed(1)));
        }
    }

    #[test]
    fn swarm_pins_nothing_and_every_other_strategy_its_tactic() {
        for strategy in Strategy::ALL {
            let attempt = tried(strategy, 1, Tolerance::UpToThird);
            assert_eq!(attempt.pins.is_empty(), attempt.by == Strategy::Swarm, "{strategy}");
        }
    }

    #[test]
    fn a_guided_seed_is_nothing_without_the_seeds_before_it_unless_it_is_of_the_first_generation() {
        let summary = summary(Tolerance::UpToThird);
        let refused = Strategy::Guided.alone(Seed(GENERATION), &summary).expect_err("it is no seed alone");
        assert!(refused.to_string().contains("give its capsule"), "{refused}");
        for seed in [9, GENERATION - 1].map(Seed) {
            assert_eq!(Strategy::Guided.alone(seed, &summary), Ok(Attempt::from(seed)));
        }
        assert_eq!(tried(Strategy::Guided, GENERATION, Tolerance::UpToThird), Attempt::from(Seed(GENERATION)));
    }

    #[test]
    fn a_strategy_is_asked_for_where_asking_for_none_would_make_another_run() {
        let summary = summary(Tolerance::OutOfScope);
        let mut unasked = 0;
        for seed in (0..2 * GENERATION).map(Seed) {
            let by = Strategy::Portfolio.first(seed, &summary).by;
            for strategy in [Strategy::Random, Strategy::Swarm, Strategy::Trigger, Strategy::Quiet] {
                let asked = strategy.to_ask_for(seed, &summary);
                let again = asked.unwrap_or_default().alone(seed, &summary).expect("a seed alone");
                assert_eq!(again, strategy.first(seed, &summary), "{strategy} {seed}");
                assert!(asked.is_some() || by == strategy, "{strategy} {seed}");
                unasked += u64::from(asked.is_none());
            }
        }
        assert!(unasked > GENERATION, "most seeds are given to one of those: {unasked}");
    }
}
