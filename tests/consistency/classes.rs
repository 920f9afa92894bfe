//! Each property of stores with its classes of mutants: a few operations within a busy register's, which fit, and then
//! one answer of theirs that does not.

use crate::draws::Draws;
use crate::mutants::{Made, held, record};
use std::collections::BTreeSet;
use synod::check::Verdict;
use synod::check::consistency::{CheckStore, Look, all, by_name};
use synod::history::store::StoreHistory;

/// How much is going on besides: enough to bury a script of eight operations in.
const BUSY: usize = 90;
/// The same for searches through all orders there are, which are for small histories.
const QUIET: usize = 10;
/// Sessions and keys of what goes on; those of a script follow.
const SESSIONS: usize = 5;
const KEYS: usize = 3;

/// An operation of a script, told by names: writes have numbers, in any order.
#[derive(Clone, Copy)]
enum Act {
    Write(usize),
    Read(Option<usize>),
}

use Act::{Read, Write};

#[derive(Clone, Copy)]
struct Step {
    session: usize,
    key: usize,
    act: Act,
}

const fn step(session: usize, key: usize, act: Act) -> Step {
    Step { session, key, act }
}

/// One way of breaking a property.
struct Class {
    property: &'static str,
    name: &'static str,
    /// As a register would have it.
    valid: &'static [Step],
    /// Answers that are changed: a place of the script and what is read there instead.
    wrong: &'static [(usize, Option<usize>)],
}

/// Sessions of scripts are 0 to 3, keys 0 and 1, and no write is read before it is made.
const CLASSES: &[Class] = &[
    Class {
        property: "read_your_writes",
        name: "an own write is not there",
        valid: &[step(0, 0, Write(1)), step(0, 0, Read(Some(1)))],
        wrong: &[(1, None)],
    },
    Class {
        property: "read_your_writes",
        name: "an own write is overwritten by an older one",
        valid: &[step(0, 0, Write(1)), step(0, 0, Write(2)), step(0, 0, Read(Some(2)))],
        wrong: &[(2, Some(1))],
    },
    Class {
        property: "monotonic_reads",
        name: "what was seen is gone",
        valid: &[step(0, 0, Write(1)), step(1, 0, Read(Some(1))), step(1, 0, Read(Some(1)))],
        wrong: &[(2, None)],
    },
    Class {
        property: "monotonic_reads",
        name: "what was seen is an older one again",
        valid: &[step(0, 0, Write(1)), step(0, 0, Write(2)), step(1, 0, Read(Some(2))), step(1, 0, Read(Some(2)))],
        wrong: &[(3, Some(1))],
    },
    Class {
        property: "monotonic_writes",
        name: "a later write is there without an earlier one",
        valid: &[step(0, 0, Write(1)), step(0, 1, Write(2)), step(1, 1, Read(Some(2))), step(1, 0, Read(Some(1)))],
        wrong: &[(3, None)],
    },
    Class {
        property: "writes_follow_reads",
        name: "an answer is there without what it answers",
        valid: &[
            step(0, 0, Write(1)),
            step(1, 0, Read(Some(1))),
            step(1, 1, Write(2)),
            step(2, 1, Read(Some(2))),
            step(2, 0, Read(Some(1))),
        ],
        wrong: &[(4, None)],
    },
    Class {
        property: "causal_consistency",
        name: "the initial value over two hands",
        valid: &[
            step(0, 0, Write(1)),
            step(1, 0, Read(Some(1))),
            step(1, 1, Write(2)),
            step(2, 1, Read(Some(2))),
            step(2, 1, Write(3)),
            step(3, 1, Read(Some(3))),
            step(3, 0, Read(Some(1))),
        ],
        wrong: &[(6, None)],
    },
    Class {
        property: "causal_consistency",
        name: "a value that was replaced over two hands",
        valid: &[
            step(0, 0, Write(1)),
            step(1, 0, Read(Some(1))),
            step(1, 0, Write(2)),
            step(1, 1, Write(3)),
            step(2, 1, Read(Some(3))),
            step(2, 0, Read(Some(2))),
        ],
        wrong: &[(5, Some(1))],
    },
    Class {
        property: "causal_consistency",
        name: "the future of two sessions",
        valid: &[step(0, 0, Read(None)), step(0, 1, Write(1)), step(1, 1, Read(Some(1))), step(1, 0, Write(2))],
        wrong: &[(0, Some(2))],
    },
    Class {
        property: "causal_convergence",
        name: "each of two writers sees the other's write as the later one",
        valid: &[step(0, 0, Write(1)), step(1, 0, Write(2)), step(0, 0, Read(Some(2))), step(1, 0, Read(Some(2)))],
        wrong: &[(3, Some(1))],
    },
    Class {
        property: "causal_memory",
        name: "a session sees another's write and then its own earlier one",
        valid: &[step(1, 0, Write(2)), step(0, 0, Write(1)), step(1, 0, Read(Some(1))), step(1, 0, Read(Some(1)))],
        wrong: &[(3, Some(2))],
    },
    Class {
        property: "pram",
        name: "a session sees another's writes the other way round",
        valid: &[step(0, 0, Write(1)), step(0, 0, Write(2)), step(1, 0, Read(Some(2))), step(1, 0, Read(Some(2)))],
        wrong: &[(3, Some(1))],
    },
    Class {
        property: "pram",
        name: "a session has not seen an earlier write of another's",
        valid: &[step(0, 0, Write(1)), step(0, 1, Write(2)), step(1, 1, Read(Some(2))), step(1, 0, Read(Some(1)))],
        wrong: &[(3, None)],
    },
    Class {
        property: "sequential_consistency",
        name: "two readers see two writes in opposite orders",
        valid: &[
            step(0, 0, Write(1)),
            step(1, 1, Write(2)),
            step(2, 0, Read(Some(1))),
            step(2, 1, Read(Some(2))),
            step(3, 1, Read(Some(2))),
            step(3, 0, Read(Some(1))),
        ],
        wrong: &[(3, None), (5, None)],
    },
    Class {
        property: "sequential_consistency",
        name: "neither of two writers sees the other's write",
        valid: &[step(0, 0, Write(1)), step(1, 1, Write(2)), step(0, 1, Read(Some(2))), step(1, 0, Read(Some(1)))],
        wrong: &[(2, None), (3, None)],
    },
    Class {
        property: "linearizable",
        name: "a read of another session is stale",
        valid: &[step(0, 0, Write(1)), step(0, 0, Write(2)), step(1, 0, Read(Some(2)))],
        wrong: &[(2, Some(1))],
    },
    Class {
        property: "linearizable",
        name: "a read is early",
        valid: &[step(0, 0, Write(1)), step(1, 0, Read(Some(1))), step(0, 0, Write(2))],
        wrong: &[(1, Some(2))],
    },
];

/// Properties whose classes of mutants stand elsewhere: of turns and replicas in `anomalies`.
const ELSEWHERE: &[&str] = &[
    "eventual_convergence",
    "strong_convergence",
    "bounded_staleness",
    "no_lost_update",
    "no_write_skew",
    "no_long_fork",
    "no_stale_generation",
    "no_phantom_tool",
    "no_causal_cascade",
];

/// A register's operations, so many, one after the other, with a script among them.
fn among(count: usize, draws: &mut Draws, script: &[Step]) -> StoreHistory {
    let mut made: Vec<Made> = Vec::new();
    let mut last = [None; KEYS];
    let mut left = script.iter().enumerate().peekable();
    let mut places: Vec<usize> = (0..script.len()).map(|_| draws.below(count as u64) as usize).collect();
    places.sort_unstable();
    // Where each write of the script will stand: the mutant may read one that is yet to come.
    let stands = |number: usize| {
        let at = script.iter().position(|step| matches!(step.act, Write(other) if other == number));
        at.map(|at| places[at] + at)
    };
    for place in 0..=count {
        while let Some((_, step)) = left.next_if(|(at, _)| places[*at] == place) {
            let reads = match step.act {
                Write(_) => None,
                Read(source) => Some(source.map(|number| stands(number).expect("the script writes it"))),
            };
            made.push(Made { session: SESSIONS + step.session, key: KEYS + step.key, reads });
        }
        let (session, key) = (draws.below(SESSIONS as u64) as usize, draws.below(KEYS as u64) as usize);
        let reads = draws.once_in(2);
        if !reads {
            last[key] = Some(made.len());
        }
        made.push(Made { session, key, reads: reads.then_some(last[key]) });
    }
    record(&made)
}

/// The script with the wrong answers in place of the right ones.
fn broken(class: &Class) -> Vec<Step> {
    let mut script = class.valid.to_vec();
    for (place, source) in class.wrong {
        script[*place].act = Read(*source);
    }
    script
}

#[test]
fn every_checker_accepts_the_valid_history_and_refutes_each_mutant_of_its_own() {
    for class in CLASSES {
        let check = by_name(class.property, Look::DEFAULT).expect("a property of stores");
        let count = if class.property == "sequential_consistency" { QUIET } else { BUSY };
        for seed in 0..60 {
            let valid = among(count, &mut Draws::of(seed), class.valid);
            assert!(held(check.as_ref(), &valid), "{}, seed {seed}: accused though not {}", class.property, class.name);
            let mutant = among(count, &mut Draws::of(seed), &broken(class));
            assert!(!held(check.as_ref(), &mutant), "{}, seed {seed}: blind when {}", class.property, class.name);
        }
    }
}

/// A checker that refutes everything is found out.
#[test]
fn what_only_a_stronger_level_forbids_is_held_by_the_weaker_ones() {
    let weaker = [
        ("sequential_consistency", "causal_convergence"),
        ("sequential_consistency", "causal_memory"),
        ("linearizable", "sequential_consistency"),
        ("causal_convergence", "causal_consistency"),
        ("causal_memory", "causal_consistency"),
        ("causal_consistency", "read_your_writes"),
    ];
    for (stronger, name) in weaker {
        let check = by_name(name, Look::DEFAULT).expect("a property of stores");
        let mut told_apart = 0;
        for class in CLASSES.iter().filter(|class| class.property == stronger) {
            // Where causal order goes in circles, a weaker level has nothing to go by, and says so.
            let verdict = check.check(&among(QUIET, &mut Draws::of(1), &broken(class)));
            told_apart += usize::from(matches!(verdict, Verdict::Holds { .. }));
        }
        assert!(told_apart > 0, "{name} refutes whatever {stronger} does");
    }
}

#[test]
fn every_property_of_stores_has_a_mutant() {
    let mutated: BTreeSet<&str> = CLASSES.iter().map(|class| class.property).chain(ELSEWHERE.iter().copied()).collect();
    let known: BTreeSet<&str> = all(Look::DEFAULT).iter().map(|check| check.property().name).collect();
    assert_eq!(mutated, known);
}

#[test]
fn every_search_that_runs_out_of_its_budget_says_so() {
    let script = CLASSES.iter().find(|class| class.property == "sequential_consistency").expect("a class");
    let history = among(BUSY, &mut Draws::of(3), &broken(script));
    for name in ["sequential_consistency", "causal_memory", "pram"] {
        let look = Look { budget: Some(5), ..Look::DEFAULT };
        let check: Box<dyn CheckStore> = by_name(name, look).expect("a property of stores");
        let verdict = check.check(&history);
        assert!(matches!(&verdict, Verdict::Unknown { limit } if limit.contains('5')), "{name}: {verdict:?}");
    }
}
