//! Turns of agents on a shared store, one after the other, and what each anomaly by name makes of them; replicas that
//! converge, and ones that do not.

use crate::draws::Draws;
use synod::call::{Call, Version};
use synod::check::Verdict;
use synod::check::consistency::{
    BoundedStaleness, CheckStore, EventualConvergence, Look, Sight, StrongConvergence, by_name, lags,
};
use synod::history::store::{Deed, Invocation, Return, StoreHistory};
use synod::time::{Time, seconds};

/// One operation of a turn. Each turn is a session of its own.
#[derive(Clone, Copy)]
struct Step {
    /// Its name, whatever its place.
    id: usize,
    turn: usize,
    key: usize,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// The write that is returned, by its name.
    Read(Option<usize>),
    Write,
    Remove,
    /// Whether a tool is found in the registry.
    Find(bool),
}

/// A history under construction.
struct Steps {
    steps: Vec<Step>,
    holds: [Option<usize>; 3],
    names: usize,
    turns: usize,
}

impl Steps {
    /// Turns one after the other: each looks for a tool, reads two of three keys, writes one or both, and looks again.
    fn serial(draws: &mut Draws, turns: usize) -> Steps {
        let mut made = Steps { steps: Vec::new(), holds: [None; 3], names: 0, turns: 0 };
        for _ in 0..turns {
            let turn = made.turn();
            let left_out = draws.below(3) as usize;
            let keys: Vec<usize> = (0..3).filter(|key| *key != left_out).collect();
            made.push(turn, 0, What::Find(true));
            for key in &keys {
                made.push(turn, *key, What::Read(made.holds[*key]));
            }
            let both = draws.once_in(2);
            for key in keys.iter().skip(usize::from(!both)) {
                made.push(turn, *key, What::Write);
            }
            made.push(turn, 0, What::Find(true));
        }
        made
    }

    fn turn(&mut self) -> usize {
        self.turns += 1;
        self.turns - 1
    }

    fn step(&mut self, turn: usize, key: usize, what: What) -> Step {
        self.names += 1;
        Step { id: self.names - 1, turn, key, what }
    }

    fn push(&mut self, turn: usize, key: usize, what: What) {
        let step = self.step(turn, key, what);
        if what == What::Write {
            self.holds[key] = Some(step.id);
        }
        self.steps.push(step);
    }

    /// The place of the step that fits, from the middle on.
    fn find(&self, fits: impl Fn(&Step) -> bool) -> usize {
        let middle = self.steps.len() / 2;
        let place = self.steps[middle..].iter().position(fits);
        middle + place.expect("a busy history has every kind of step")
    }

    /// A turn's read of the key that a write replaces.
    fn basis(&self, write: usize) -> usize {
        let Step { turn, key, .. } = self.steps[write];
        let reads = |step: &Step| step.turn == turn && step.key == key && matches!(step.what, What::Read(_));
        self.steps.iter().position(reads).expect("turns read what they write")
    }

    fn history(&self) -> StoreHistory {
        let mut history = StoreHistory::default();
        let tool = history.value("search");
        let writer = |id: usize| self.steps.iter().find(|step| step.id == id).expect("a step").turn;
        let number = |id: usize| {
            let of_turn = self.steps.iter().filter(|step| step.turn == writer(id) && changes(step));
            1 + of_turn.take_while(|step| step.id != id).count() as u32
        };
        for (place, step) in self.steps.iter().enumerate() {
            let at = Time::ZERO + seconds(place as u64);
            let session = history.session(&format!("a{}", step.turn));
            let turn = Some(history.turn(&format!("t{}", step.turn)));
            let registry = matches!(step.what, What::Find(_));
            let key = if registry { history.key("tools") } else { history.key(&format!("k{}", step.key)) };
            let asked = |call| Invocation { turn, ..Invocation::of(session, key, call) };
            let (call, end) = match step.what {
                What::Read(None) => (asked(Call::Read), Return::OK.at(Version::INITIAL)),
                What::Read(Some(id)) => {
                    let (value, session) =
                        (history.value(&format!("v{id}")), history.session(&format!("a{}", writer(id))));
                    (asked(Call::Read), Return::value(value).at(Version::of(session, number(id))))
                }
                What::Write => {
                    let value = history.value(&format!("v{}", step.id));
                    (asked(Call::Write).with(value), Return::OK.at(Version::of(session, number(step.id))))
                }
                What::Remove => (asked(Call::Remove), Return::OK.at(Version::of(session, number(step.id)))),
                What::Find(found) => {
                    (asked(Call::Contains).with(tool), if found { Return::OK } else { Return::REFUSED })
                }
            };
            // The registry is a set, which causal order does not know: it is judged by itself.
            let op = history.invoke(at, call).expect("a history that can be");
            history.complete(at, op, end).expect("an end that can be");
        }
        history
    }
}

const fn changes(step: &Step) -> bool {
    matches!(step.what, What::Write | What::Remove)
}

/// The steps without looks at the registry, or those alone.
fn only(steps: Steps, registry: bool) -> Steps {
    let kept = steps.steps.into_iter().filter(|step| matches!(step.what, What::Find(_)) == registry).collect();
    Steps { steps: kept, ..steps }
}

/// The one place where a checker meets a history of turns.
fn check(name: &str, history: &StoreHistory) -> Verdict<synod::check::consistency::Chain> {
    by_name(name, Look::DEFAULT).expect("it is in the catalogue").check(history)
}

/// Each seed's serial history holds, and is refuted, with a witness of the pattern's name, after the change.
fn mutate(name: &str, change: impl Fn(&mut Steps)) {
    for seed in 0..200 {
        let registry = name == "no_phantom_tool";
        let mut steps = only(Steps::serial(&mut Draws::of(seed), 40), registry);
        let verdict = check(name, &steps.history());
        assert!(matches!(verdict, Verdict::Holds { judged } if judged >= 40), "{name}, seed {seed}: {verdict:?}");
        change(&mut steps);
        let verdict = check(name, &steps.history());
        let chain = verdict.witness().unwrap_or_else(|| panic!("{name}, seed {seed}: {verdict:?}"));
        assert_eq!(chain.pattern, name.trim_start_matches("no_").replace('_', " "), "seed {seed}");
        assert!((2..=8).contains(&chain.events.len()), "{name}, seed {seed}:\n{chain}");
        assert!(!chain.edges.is_empty() && chain.contradiction.ends_with('.'), "{name}, seed {seed}:\n{chain}");
    }
}

#[test]
fn two_updates_of_one_version_are_a_lost_update() {
    mutate("no_lost_update", |steps| {
        // The turn reads what the one whose write it should have read had read.
        let write = steps.find(|step| step.what == What::Write);
        let read = steps.basis(write);
        let What::Read(Some(source)) = steps.steps[read].what else { panic!("a busy history") };
        let source = steps.steps.iter().position(|step| step.id == source).expect("it is there");
        steps.steps[read].what = steps.steps[steps.basis(source)].what;
    });
}

#[test]
fn a_write_between_look_and_write_is_a_stale_generation() {
    mutate("no_stale_generation", |steps| {
        let write = steps.find(|step| step.what == What::Write);
        let turn = steps.turn();
        let between = steps.step(turn, steps.steps[write].key, What::Write);
        steps.steps.insert(write, between);
    });
}

#[test]
fn a_tool_that_vanishes_within_a_turn_is_a_phantom() {
    mutate("no_phantom_tool", |steps| {
        let place = (steps.steps.len() / 2) | 1;
        steps.steps[place].what = What::Find(false);
    });
}

#[test]
fn what_rests_on_a_note_taken_back_is_a_cascade() {
    mutate("no_causal_cascade", |steps| {
        let write = steps.find(|step| step.what == What::Write);
        let read = steps.basis(write);
        let turn = steps.turn();
        let retraction = steps.step(turn, steps.steps[write].key, What::Remove);
        steps.steps.insert(read + 1, retraction);
    });
}

#[test]
fn turns_that_write_what_the_other_read_are_skewed() {
    mutate("no_write_skew", |steps| {
        let [one, other] = [steps.turn(), steps.turn()];
        let [x, y] = [steps.holds[0], steps.holds[1]];
        steps.push(one, 0, What::Read(x));
        steps.push(other, 1, What::Read(y));
        steps.push(one, 1, What::Write);
        steps.push(other, 0, What::Write);
    });
}

#[test]
fn turns_that_see_two_writes_in_opposite_orders_are_forked() {
    mutate("no_long_fork", |steps| {
        let [one, other, reader, rival] = [steps.turn(), steps.turn(), steps.turn(), steps.turn()];
        let [x, y] = [steps.holds[0], steps.holds[1]];
        steps.push(one, 0, What::Write);
        steps.push(other, 1, What::Write);
        let [new_x, new_y] = [steps.holds[0], steps.holds[1]];
        steps.push(reader, 0, What::Read(new_x));
        steps.push(reader, 1, What::Read(y));
        steps.push(rival, 0, What::Read(x));
        steps.push(rival, 1, What::Read(new_y));
    });
}

#[test]
fn a_read_of_what_was_replaced_long_ago_is_too_stale_and_one_of_what_was_replaced_just_now_is_not() {
    for seed in 0..200 {
        let mut steps = only(Steps::serial(&mut Draws::of(seed), 40), false);
        assert!(matches!(check("bounded_staleness", &steps.history()), Verdict::Holds { judged: 80 }), "seed {seed}");
        let turn = steps.turn();
        let key = 2;
        let read = steps.steps.iter().rposition(|step| step.key == key && step.what == What::Write).expect("busy");
        let old = steps.steps[steps.basis(read)].what;
        let waited = (steps.steps.len() - read) as u64;
        steps.push(turn, key, old);
        let history = steps.history();
        let stalest = lags(&history, Sight::Recorded).into_iter().max_by_key(|lag| lag.span).expect("reads");
        assert_eq!((stalest.versions, stalest.span), (1, seconds(waited)), "seed {seed}");
        for (within, holds) in [(waited, true), (waited - 1, false)] {
            let check = BoundedStaleness { within: seconds(within), ..BoundedStaleness::DEFAULT };
            let verdict = check.check(&history);
            assert_eq!(matches!(verdict, Verdict::Holds { .. }), holds, "seed {seed}: {verdict:?}");
        }
    }
}

/// Replicas that take in the same versions, each in an order of its own, and then show the same state.
fn replicas(draws: &mut Draws, lacking: Option<usize>, state: impl Fn(usize) -> u64, settled: bool) -> StoreHistory {
    let mut history = StoreHistory::default();
    let (session, key) = (history.session("a1"), history.key("plan"));
    for place in 0..20u64 {
        let value = history.value(&format!("v{place}"));
        let op =
            history.invoke(Time(place), Invocation::of(session, key, Call::Write).with(value)).expect("one by one");
        let end = Return::OK.at(Version::of(session, place as u32 + 1));
        history.complete(Time(place), op, end).expect("it was invoked");
    }
    for name in 0..3 {
        let replica = history.replica(&format!("r{name}"));
        let mut versions: Vec<u32> = (1..=20).collect();
        while !versions.is_empty() {
            let version = versions.remove(draws.below(versions.len() as u64) as usize);
            if lacking != Some(name) || version != 7 {
                let deed = Deed::Applied(Version::of(session, version));
                history.replicate(Time(20), replica, deed).expect("time stands");
            }
        }
        history.replicate(Time(20), replica, Deed::State(state(name))).expect("time stands");
    }
    if settled {
        history.settle();
    }
    history
}

#[test]
fn replicas_converge_until_one_differs_or_lacks_a_version() {
    let violated = |check: &dyn CheckStore, history: &StoreHistory| check.check(history).witness().is_some();
    for seed in 0..200 {
        let make = |lacking, state: fn(usize) -> u64, settled| replicas(&mut Draws::of(seed), lacking, state, settled);
        let whole = make(None, |_| 9, true);
        assert_eq!(StrongConvergence.check(&whole), Verdict::Holds { judged: 3 });
        assert_eq!(EventualConvergence.check(&whole), Verdict::Holds { judged: 3 });
        let differs = make(None, |name| 9 + name as u64 / 2, true);
        assert!(violated(&StrongConvergence, &differs) && violated(&EventualConvergence, &differs), "seed {seed}");
        // What lacks a version may be in another state, until all is settled.
        let lacks = make(Some(2), |name| 9 + name as u64 / 2, true);
        assert!(!violated(&StrongConvergence, &lacks) && violated(&EventualConvergence, &lacks), "seed {seed}");
        let unsettled = make(Some(2), |name| 9 + name as u64 / 2, false);
        assert_eq!(EventualConvergence.check(&unsettled), Verdict::Holds { judged: 0 });
    }
}
