//! The search: breadth first, layer by layer, each state once. Knows no protocol.

use super::explored::{Explored, Move, Pruned, Watched};
use super::setting::Setting;
use super::state::{State, Successor};
use super::watch::Watch;
use crate::check::Verdict;
use crate::history::{Entry, Event, History};
use crate::protocol::Protocol;
use crate::time::seconds;
use crate::world::contain;
use std::collections::BTreeSet;

/// How a state was reached first: from which state, by which of its actions.
#[derive(Clone, Copy)]
struct Step {
    before: u32,
    action: u32,
}

/// A search under way.
struct Search<'a, P: Protocol> {
    setting: &'a Setting<P>,
    known: BTreeSet<u128>,
    /// One step for each known state, in the order they became known. The first has none before it.
    steps: Vec<Step>,
    pruned: Pruned,
    transitions: u64,
    /// Transitions that led to less than there was.
    idle: u64,
    /// What each checker remembers before anything happened, and in how many states it remembers something else.
    blank: Vec<u128>,
    watched: Vec<Watched>,
}

/// Why a search ended before it had seen everything.
enum Stop {
    /// This action of this state violates a property, or makes a process panic.
    Found { step: Step, what: Found },
    /// There were more states than may be kept.
    TooMany,
}

enum Found {
    Violation { property: usize },
    Panic { text: String },
}

/// States of one layer with their numbers.
type Layer<P> = Vec<(u32, State<P>)>;

/// Searches all that is within the bounds.
pub(super) fn search<P: Protocol>(setting: &Setting<P>, watches: Vec<Box<dyn Watch>>) -> Explored {
    let blank = watches.iter().map(|watch| watch.memory()).collect();
    let watched = watches.iter().map(|watch| Watched { property: watch.property().name, states: 0 }).collect();
    let search = Search {
        setting,
        known: BTreeSet::new(),
        steps: Vec::new(),
        pruned: Pruned::default(),
        transitions: 0,
        idle: 0,
        blank,
        watched,
    };
    let first = || State::first(setting, watches.iter().map(|watch| watch.copy()).collect(), &mut Pruned::default());
    search.run(&first)
}

impl<P: Protocol> Search<'_, P> {
    fn run(mut self, first: &dyn Fn() -> Successor<P>) -> Explored {
        let Successor { state, entries, violated } = first();
        if let Some(property) = violated {
            let mut history = History::new();
            entries.into_iter().for_each(|entry| history.push(entry));
            let verdict = state.watches()[property].judge(&history);
            return self.explored(0, verdict, Vec::new());
        }
        let mut layer = Vec::from_iter(self.discover(&state, Step { before: 0, action: 0 }).map(|id| (id, state)));
        let mut depth = 0;
        while !layer.is_empty() {
            if depth == self.setting.bounds.depth {
                self.pruned.depth += layer.len() as u64;
                break;
            }
            match self.expand(layer) {
                Ok(next) => layer = next,
                Err(stop) => return self.ended(depth + 1, stop, first),
            }
            depth += u32::from(!layer.is_empty());
        }
        let judged = self.watched.iter().map(|watched| watched.states).min().unwrap_or(0);
        self.explored(depth, Verdict::Holds { judged }, Vec::new())
    }

    /// Every state that is one action further and was not known.
    fn expand(&mut self, layer: Layer<P>) -> Result<Layer<P>, Stop> {
        let mut next = Vec::new();
        for (before, state) in layer {
            for (number, action) in (0..).zip(state.actions(self.setting, &mut self.pruned)) {
                self.transitions += 1;
                let step = Step { before, action: number };
                let successor = contain(|| state.after(&action, self.setting, &mut self.pruned));
                let Successor { state: after, violated, .. } = successor
                    .map_err(|panicked| Stop::Found { step, what: Found::Panic { text: panicked.to_string() } })?;
                if let Some(property) = violated {
                    return Err(Stop::Found { step, what: Found::Violation { property } });
                }
                if after.adds_nothing_to(&state) {
                    self.idle += 1;
                    continue;
                }
                if !after.nodes.iter().all(|node| self.setting.contains(&node.protocol)) {
                    self.pruned.within += 1;
                    continue;
                }
                if let Some(id) = self.discover(&after, step) {
                    if self.steps.len() > self.setting.bounds.states {
                        return Err(Stop::TooMany);
                    }
                    next.push((id, after));
                }
            }
        }
        Ok(next)
    }

    /// The number of a state that was not known.
    fn discover(&mut self, state: &State<P>, step: Step) -> Option<u32> {
        if !self.known.insert(state.key()) {
            return None;
        }
        let blank = self.blank.iter().zip(state.memories());
        for (watched, (blank, memory)) in self.watched.iter_mut().zip(blank) {
            watched.states += u64::from(blank != memory);
        }
        self.steps.push(step);
        Some(u32::try_from(self.steps.len() - 1).expect("fewer than four thousand million states"))
    }

    fn ended(self, depth: u32, stop: Stop, first: &dyn Fn() -> Successor<P>) -> Explored {
        match stop {
            Stop::TooMany => {
                let limit = format!("{} states", self.setting.bounds.states);
                self.explored(depth, Verdict::Unknown { limit }, Vec::new())
            }
            Stop::Found { step, what: Found::Panic { text } } => {
                let (path, _) = self.replay(step, first);
                let limit = format!("the last action of the path: a process {text}");
                self.explored(depth, Verdict::Unknown { limit }, path)
            }
            Stop::Found { step, what: Found::Violation { property } } => {
                let (path, history) = self.replay(step, first);
                let verdict = first().state.watches()[property].judge(&history);
                assert!(verdict.witness().is_some(), "the checker that saw a violation sees it again in the history");
                self.explored(depth, verdict, path)
            }
        }
    }

    /// Goes the way to an action again and tells of it. The n-th action is at n seconds.
    fn replay(&self, last: Step, first: &dyn Fn() -> Successor<P>) -> (Vec<Move>, History) {
        let mut way = vec![last.action];
        let mut at = last.before;
        while at != 0 {
            let Step { before, action } = self.steps[at as usize];
            way.push(action);
            at = before;
        }
        let Successor { mut state, entries, .. } = first();
        let mut history = History::new();
        entries.into_iter().for_each(|entry| history.push(entry));
        let (mut path, mut pruned) = (Vec::new(), Pruned::default());
        for (number, action) in (1..).zip(way.into_iter().rev()) {
            let action = state.actions(self.setting, &mut pruned).swap_remove(action as usize);
            let what = action.told(&state, self.setting);
            let Ok(successor) = contain(|| state.after(&action, self.setting, &mut pruned)) else {
                path.push(Move { number, what, told: Vec::new() });
                break;
            };
            path.push(Move { number, what, told: successor.entries.iter().filter_map(telling).collect() });
            for entry in successor.entries {
                history.push(Entry { at: crate::time::Time::ZERO + seconds(number), ..entry });
            }
            state = successor.state;
        }
        (path, history)
    }

    fn explored(self, depth: u32, verdict: Verdict, path: Vec<Move>) -> Explored {
        Explored {
            states: self.steps.len() as u64,
            transitions: self.transitions,
            idle: self.idle,
            depth,
            pruned: self.pruned,
            bound: self.setting.bound(),
            watched: self.watched,
            verdict,
            path,
        }
    }
}

/// What an entry tells a reader of the path, besides what the action itself says.
fn telling(entry: &Entry) -> Option<String> {
    match &entry.event {
        Event::Fact(fact) => Some(format!("{} {fact}", entry.node)),
        Event::Operation(operation) => Some(format!("{} {operation:?}", entry.node)),
        Event::Environment(_) => None,
    }
}
