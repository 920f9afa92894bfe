//! What a guided search knows: the abstract states that were reached, and the runs that reached one first. Runs
//! nothing.
//!
//! Coverage-guided mutation (Zalewski's AFL, 2013) over draws instead of bytes: a run is its seed and a few pins, a
//! mutant is one more pin or a few. So a mutant is its parent up to the first draw that it decides otherwise.
//!
//! A sweep works in generations of [`GENERATION`] seeds. A generation looks at what earlier ones kept and at nothing
//! else; what it found is merged in the order of its seeds. So a corpus depends on scenario, strategy and the first
//! seed of the sweep, never on threads.

use super::Attempt;
use crate::fault::Tactic;
use crate::scenario::Run;
use crate::seed::{Pin, Ratio, Seed, Stream, Streams};
use crate::time::Time;
use std::collections::BTreeSet;

/// Seeds of a generation.
pub const GENERATION: u64 = 256;

/// Runs kept of one generation: those with the lowest seeds. More would be too much alike.
pub(super) const MOST_KEPT: usize = 16;
/// Runs kept in all: the latest, which came furthest. Bounds memory.
const MOST_PARENTS: usize = 128;
/// Draws of one parent that are candidates for mutation after its plan: evenly spread over the run.
const MOST_LATER: usize = 256;
/// States known at most, so that memory stays flat whatever a protocol calls a state; nothing is new beyond.
const MOST_STATES: usize = 1 << 18;

/// What earlier generations kept.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    states: BTreeSet<u64>,
    parents: Vec<Kept>,
}

/// A run that reached a state first.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    attempt: Attempt,
    /// Draws made before anything happened: team, links, plan of faults.
    plan: Vec<Pin>,
    /// Whether a habit strikes, each time.
    strikes: Vec<Pin>,
    /// Some of all other draws.
    later: Vec<Pin>,
}

/// A run that reached states that were new to its generation.
#[derive(Clone, Debug)]
pub(super) struct Find {
    pub(super) seed: Seed,
    pub(super) attempt: Attempt,
    states: Vec<u64>,
}

impl Corpus {
    /// Whether nothing was kept yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }

    /// How many abstract states were reached.
    #[must_use]
    pub fn states(&self) -> u64 {
        self.states.len() as u64
    }

    /// What of a run is new.
    pub(super) fn find(&self, seed: Seed, attempt: &Attempt, run: &Run) -> Option<Find> {
        if self.states.len() >= MOST_STATES {
            return None;
        }
        let states: Vec<u64> = run.states.difference(&self.states).copied().collect();
        (!states.is_empty()).then(|| Find { seed, attempt: attempt.clone(), states })
    }

    /// Takes in the states of a generation's finds, in the order of their seeds, and says which runs are worth keeping.
    pub(super) fn learn(&mut self, finds: Vec<Find>) -> Vec<Find> {
        let mut worth = Vec::new();
        for find in finds {
            let before = self.states.len();
            self.states.extend(&find.states);
            if self.states.len() > before && worth.len() < MOST_KEPT {
                worth.push(find);
            }
        }
        worth
    }

    /// Keeps a run.
    pub(super) fn keep(&mut self, kept: Kept) {
        if self.parents.len() == MOST_PARENTS {
            self.parents.remove(0);
        }
        self.parents.push(kept);
    }

    /// The mutant that a seed makes of one of the kept runs: its seed, and pins. `None` if the seed is to try something
    /// fresh, or there is nothing to mutate.
    pub(super) fn mutant(&self, seed: Seed) -> Option<Mutant> {
        let streams = Streams::of(seed);
        let mut draws = streams.stream(format_args!("guided/parent"));
        // Without fresh runs a search stays where it began.
        if draws.chance(FRESH) || self.parents.is_empty() {
            return None;
        }
        // The latest came furthest; the others are not forgotten.
        let recent = self.parents.len().min(MOST_KEPT) as u64;
        let (place, back) = (draws.below(self.parents.len() as u64), draws.below(recent));
        let newest = self.parents.len() as u64 - 1;
        let place = if draws.chance(Ratio::of(1, 2)) { newest - back } else { place };
        let parent = &self.parents[usize::try_from(place).expect("a place of the corpus")];
        let mut mutations = streams.stream(format_args!("guided/mutations"));
        let count = *mutations.pick(&[1, 1, 2, 4]);
        let more: Vec<Pin> = (0..count).filter_map(|_| parent.mutation(&mut mutations)).collect();
        if more.is_empty() {
            return None;
        }
        Some(Mutant { from: parent.attempt.from, pins: over(&parent.attempt.pins, more) })
    }
}

/// How often a seed of a guided search tries something fresh.
const FRESH: Ratio = Ratio::of(1, 4);

/// A run that is another one up to some draw.
pub(super) struct Mutant {
    pub(super) from: Seed,
    pub(super) pins: Vec<Pin>,
}

impl Kept {
    /// What of a run can be mutated; its draws were recorded.
    pub(super) fn of(attempt: Attempt, run: &Run) -> Kept {
        let mut kept = Kept { attempt, plan: Vec::new(), strikes: Vec::new(), later: Vec::new() };
        for (draw, at) in run.draws.iter().zip(&run.draw_times) {
            // A draw of one option has nothing to mutate, and what a run is to be stays as it is.
            if draw.domain.least == draw.domain.most || draw.stream == Tactic::STREAM {
                continue;
            }
            let class = match *at == Time::ZERO {
                _ if draw.stream.starts_with("each/") => &mut kept.strikes,
                true => &mut kept.plan,
                false => &mut kept.later,
            };
            class.push(draw.clone());
        }
        thin_out(&mut kept.later);
        thin_out(&mut kept.strikes);
        kept
    }

    /// One draw decided otherwise.
    fn mutation(&self, draws: &mut Stream) -> Option<Pin> {
        // The plan shapes a run most; which strikes hit is what deep bugs hang on.
        let class = [&self.plan, &self.plan, &self.strikes, &self.later][index(draws, 4)];
        let (place, share) = (draws.word(), draws.word());
        let calm = draws.chance(Ratio::of(1, 4));
        if class.is_empty() {
            return None;
        }
        let draw = &class[usize::try_from(place % class.len() as u64).expect("a place")];
        let crate::seed::Domain { least, most, harmless } = draw.domain;
        let span = u128::from(most - least) + 1;
        let drawn = least + u64::try_from((u128::from(share) * span) >> 64).expect("less than the span");
        // A coin is turned: drawn anew, it would fall as it lies half of the time.
        let choice = match (calm, most - least) {
            (_, 1) => least + most - draw.choice,
            (true, _) => harmless,
            (false, _) => drawn,
        };
        (choice != draw.choice).then(|| Pin { choice, ..draw.clone() })
    }
}

fn index(draws: &mut Stream, options: u64) -> usize {
    usize::try_from(draws.below(options)).expect("an option")
}

/// Pins with more pins over them; of several for one draw the last counts.
fn over(pins: &[Pin], more: Vec<Pin>) -> Vec<Pin> {
    let mut all = pins.to_vec();
    for new in more {
        all.retain(|pin| (&pin.stream, pin.index) != (&new.stream, new.index));
        all.push(new);
    }
    all.sort_by(|one, other| (&one.stream, one.index).cmp(&(&other.stream, other.index)));
    all
}

/// Keeps at most [`MOST_LATER`], evenly spread.
fn thin_out(draws: &mut Vec<Pin>) {
    let step = draws.len().div_ceil(MOST_LATER).max(1);
    let mut place = 0;
    draws.retain(|_| {
        place += 1;
        (place - 1) % step == 0
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::scenario::{Frozen, Job, Runnable, States};

    fn made(seed: u64) -> Run {
        let job = Job { record_draws: true, states: States::Kept, ..Job::of(Seed(seed)) };
        Fake::new("fake", Sin::None).run(&job, &Frozen)
    }

    fn corpus(seeds: std::ops::Range<u64>) -> Corpus {
        let mut corpus = Corpus::default();
        for seed in seeds {
            let (attempt, run) = (Attempt::from(Seed(seed)), made(seed));
            let finds = corpus.find(Seed(seed), &attempt, &run).into_iter().collect();
            for find in corpus.learn(finds) {
                corpus.keep(Kept::of(find.attempt, &made(find.seed.0)));
            }
        }
        corpus
    }

    #[test]
    fn a_run_is_kept_only_if_it_reached_something_new() {
        let mut corpus = corpus(0..1);
        assert_eq!(corpus.parents.len(), 1);
        assert!(corpus.find(Seed(0), &Attempt::from(Seed(0)), &made(0)).is_none(), "the same run again");
        let find = corpus.find(Seed(1), &Attempt::from(Seed(1)), &made(1)).expect("another state");
        // Of two runs that reached the same, the one with the lower seed is kept.
        let later = Find { seed: Seed(2), ..find.clone() };
        let kept: Vec<Seed> = corpus.learn(vec![find, later]).iter().map(|find| find.seed).collect();
        assert_eq!(kept, [Seed(1)]);
    }

    #[test]
    fn memory_stays_flat() {
        let corpus = corpus(0..2_000);
        assert!(corpus.parents.len() <= MOST_PARENTS && corpus.states() <= 97 + 31);
        let mut draws = vec![Tactic::Quiet.pin(); 5_000];
        thin_out(&mut draws);
        assert!((MOST_LATER / 2..=MOST_LATER).contains(&draws.len()));
    }

    #[test]
    fn a_mutant_is_a_kept_run_with_a_few_draws_decided_otherwise_within_their_domains() {
        let corpus = corpus(0..100);
        let mutants: Vec<Mutant> = (0..200).filter_map(|seed| corpus.mutant(Seed(seed))).collect();
        assert!((100..=160).contains(&mutants.len()), "{} of 200: a quarter is fresh", mutants.len());
        for mutant in mutants {
            assert!((1..=4).contains(&mutant.pins.len()));
            assert!(corpus.parents.iter().any(|parent| parent.attempt.from == mutant.from));
            assert!(mutant.pins.iter().all(|pin| (pin.domain.least..=pin.domain.most).contains(&pin.choice)));
        }
        assert!(Corpus::default().mutant(Seed(1)).is_none());
    }
}
