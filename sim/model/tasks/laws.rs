//! What every built-in task keeps, over enough seeds to mean it.

use crate::fact::{Score, Slot};
use crate::fault::Kind;
use crate::model::subject::Subject;
use crate::model::task::json_of;
use crate::model::{Form, Task, TaskSet, canonical};
use crate::seed::{Seed, Stream, Streams};
use std::collections::BTreeSet;

const SEEDS: u64 = 2_000;

/// The problem of a seed, as a team with this seed gets it.
pub(super) fn made<T: Task>(seed: u64) -> (String, T) {
    T::generate(&mut stream(seed, "task/0"))
}

fn stream(seed: u64, name: &str) -> Stream {
    Streams::of(Seed(seed)).stream(format_args!("{name}"))
}

/// A problem, its truth and a believable lie, for a person to read.
pub(super) fn shown<T: Task>(seed: u64) -> String {
    let (evidence, truth) = made::<T>(seed);
    let lie = truth.wrong(&mut stream(seed, "lie")).expect("a believable lie");
    format!("{evidence}\n\nright: {}\nwrong: {}", canonical(&json_of(&truth.right())), canonical(&json_of(&lie)))
}

/// A careful reader finds the truth; what is right scores all of it and satisfies the schema; lies are wrong, satisfy
/// the schema, name only what the evidence mentions, and are not always the same.
pub(super) fn hold<T: Task>(read: impl Fn(&str) -> T::Reply) {
    let form = Form::of::<T::Reply>();
    let mut evidences = BTreeSet::new();
    let mut lies = BTreeSet::new();
    for seed in 0..SEEDS {
        let (evidence, truth) = made::<T>(seed);
        let right = truth.right();
        assert_eq!(read(&evidence), right, "seed {seed}:\n{evidence}");
        assert!(truth.score(&right).is_correct(), "seed {seed}: {right:?}");
        assert!(form.admits(&json_of(&right)), "seed {seed}: {right:?}");
        for name in ["lie/a", "lie/b"] {
            let lie = truth.wrong(&mut stream(seed, name)).expect("a believable lie");
            let json = json_of(&lie);
            assert!(lie != right && truth.score(&lie) < Score::CORRECT, "seed {seed}: {lie:?}\n{evidence}");
            assert!(form.admits(&json) && form.facts(&json, &[&evidence]).is_ok(), "seed {seed}: {lie:?}\n{evidence}");
            lies.insert(canonical(&json));
        }
        evidences.insert(evidence);
    }
    assert!(evidences.len() > 1_900 && lies.len() > 1_500, "{} problems, {} lies", evidences.len(), lies.len());
}

/// What the mock makes of a task: lies of its own and ids that exist nowhere, each valid, each wrong.
pub(super) fn lies_hold(task: &TaskSet) {
    for seed in 0..500 {
        let streams = Streams::of(Seed(seed));
        let problem = task.problem(&streams, Slot(seed % 3));
        let lies = [Kind::WrongAnswer, Kind::FabricatedId].map(|kind| problem.lie(kind, &mut stream(seed, "lie")));
        for lie in lies.map(|lie| lie.expect("every built-in task can be lied about")) {
            assert!(task.form().admits(&lie.json), "{task:?}, seed {seed}: {lie:?}");
            let value = canonical(&lie.json).as_str().into();
            assert!(!problem.score(&value).is_correct(), "{task:?}, seed {seed}: {lie:?}");
            let invented = lie.kind == Kind::FabricatedId;
            assert_eq!(problem.facts(&value).is_err(), invented, "{task:?}, seed {seed}: {lie:?}");
        }
    }
}
