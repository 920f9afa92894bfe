//! `estimate`: how many minutes a migration takes, from trial runs and the work around it.
//!
//! The pace is that of the trial runs taken together. Another table and a trial from before the index was dropped are
//! there to be overlooked or, by a careless reader, used. Whole minutes throughout; a tenth either way is right.

use super::arrange::shuffle;
use crate::fact::Score;
use crate::model::Task;
use crate::seed::{Draws, Ratio};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The reply: a number and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estimation {
    /// How long it takes, in minutes.
    pub minutes: u64,
    /// The notes it rests on, in ascending order, such as `note-104`.
    pub notes: Vec<String>,
}

/// One migration: the exact answer, and those of careless readers.
///
/// ```
/// use synod::{fact::Score, model::{Estimate, Estimation, Task}, seed::{Seed, Streams}};
/// let (_, truth) = Estimate::generate(&mut Streams::of(Seed(1)).stream(format_args!("task/0")));
/// let exact = truth.right();
/// let near = Estimation { minutes: exact.minutes + exact.minutes / 10, ..exact.clone() };
/// let far = Estimation { minutes: exact.minutes * 2, ..exact };
/// assert!(truth.score(&near).is_correct());
/// assert_eq!(truth.score(&far), Score::WRONG);
/// ```
#[derive(Clone, Debug)]
pub struct Estimate {
    right: Estimation,
    careless: Vec<Estimation>,
}

/// A statement of the notes before it has its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Note {
    /// How many million rows a table holds.
    Size { table: u64, rows: u64 },
    /// A run that copied so many million rows.
    Trial { table: u64, rows: u64, minutes: u64 },
    /// A run from before something changed.
    Outdated { table: u64, rows: u64, minutes: u64 },
    /// Work before the copy.
    Lock { table: u64, minutes: u64 },
    /// Work after the copy.
    Verify { table: u64, minutes: u64 },
}

const TRIALS: usize = 3;
/// A tenth off is right, a fifth off is worth half, two fifths a quarter: the usual marks for a rough estimate.
const MARKS: [Mark; 3] = [
    Mark { off: 10, worth: Ratio::ALWAYS },
    Mark { off: 20, worth: Ratio::of(1, 2) },
    Mark { off: 40, worth: Ratio::of(1, 4) },
];
/// What an estimate is worth at most that rests on the wrong notes.
const UNFOUNDED: Ratio = Ratio::of(1, 2);

/// What an estimate is worth that is no more than so many percent off.
struct Mark {
    off: u64,
    worth: Ratio,
}

impl Task for Estimate {
    type Reply = Estimation;

    fn generate(draws: &mut Draws) -> (String, Estimate) {
        let table = draws.choose(100, 499, 100);
        let other = table + draws.choose(1, 400, 1);
        let rows = draws.choose(30, 90, 30);
        let pace = draws.choose(3, 7, 3);
        let mut trial = |table: u64, pace: u64| {
            let rows = draws.choose(2, 6, 2);
            Note::Trial { table, rows, minutes: rows * pace + draws.choose(0, rows, 0) }
        };
        let trials: [Note; TRIALS] = std::array::from_fn(|_| trial(table, pace));
        let elsewhere = trial(other, 2 * pace);
        let lock = Note::Lock { table, minutes: draws.choose(4, 15, 4) };
        let verify = Note::Verify { table, minutes: draws.choose(10, 40, 10) };
        // Three times as many rows and a third of the pace: who takes these is far off.
        let foreign = Note::Size { table: other, rows: 3 * rows + draws.choose(1, 20, 1) };
        let outdated = Note::Outdated { table, rows: 4, minutes: 12 * pace };
        let size = Note::Size { table, rows };
        let used: Vec<Note> = [&[size, lock, verify][..], &trials].concat();
        let mut notes = [used.as_slice(), &[foreign, outdated, elsewhere]].concat();
        shuffle(&mut notes, draws);
        let first = draws.choose(100, 900, 100);
        let estimated = |used: &[Note]| estimated(used, &notes, first);
        let without =
            |left_out: &[Note]| used.iter().copied().filter(|note| !left_out.contains(note)).collect::<Vec<_>>();
        let right = estimated(&used);
        let careless = [
            [without(&[size]), vec![foreign]].concat(),
            [used.clone(), vec![outdated]].concat(),
            [without(&trials), vec![elsewhere]].concat(),
            without(&[lock, verify]),
        ];
        let careless = careless.iter().map(|used| estimated(used)).collect();
        (written(table, &notes, first), Estimate { right, careless })
    }

    fn right(&self) -> Estimation {
        self.right.clone()
    }

    /// By how far it is off; at most half if it does not rest on exactly the notes that bear on the question.
    fn score(&self, reply: &Estimation) -> Score {
        let exact = self.right.minutes;
        let off = u128::from(reply.minutes.abs_diff(exact)) * 100;
        let mark = MARKS.iter().find(|mark| off <= u128::from(exact) * u128::from(mark.off));
        let worth = mark.map_or(Ratio::NEVER, |mark| mark.worth);
        let mut notes = reply.notes.clone();
        notes.sort_unstable();
        Score(if notes == self.right.notes { worth } else { worth.min(UNFOUNDED) })
    }

    /// What comes of the other table's size or pace, of an outdated trial, or of forgetting the work around the copy.
    fn wrong(&self, draws: &mut Draws) -> Option<Estimation> {
        Some(draws.pick(&self.careless).clone())
    }
}

/// What follows from these notes: the copy at the pace of all trials together, rounded up, and the work around it.
fn estimated(used: &[Note], notes: &[Note], first: u64) -> Estimation {
    let (mut rows, mut around, mut tried, mut took) = (0, 0, 0, 0);
    for note in used {
        match note {
            Note::Size { rows: held, .. } => rows += held,
            Note::Trial { rows, minutes, .. } | Note::Outdated { rows, minutes, .. } => {
                tried += rows;
                took += minutes;
            }
            Note::Lock { minutes, .. } | Note::Verify { minutes, .. } => around += minutes,
        }
    }
    let numbered = notes.iter().zip(first..).filter(|(note, _)| used.contains(note));
    Estimation {
        minutes: (rows * took).div_ceil(tried) + around,
        notes: numbered.map(|(_, number)| format!("note-{number}")).collect(),
    }
}

fn written(table: u64, notes: &[Note], first: u64) -> String {
    let mut lines = vec![
        format!("How many minutes will the migration of table-{table} take?"),
        "It is locked, copied and verified, one after the other. The copy's pace is that of its valid trial runs taken \
         together: all their minutes for all their rows."
            .to_owned(),
        "A tenth more or less is right. Round up, and name every note the number rests on, in ascending order."
            .to_owned(),
    ];
    lines.extend(notes.iter().zip(first..).map(|(note, number)| {
        let text = match note {
            Note::Size { table, rows } => format!("table-{table} holds {rows} million rows"),
            Note::Trial { table, rows, minutes } => {
                format!("trial run of table-{table}: {rows} million rows copied in {minutes} minutes")
            }
            Note::Outdated { table, rows, minutes } => format!(
                "before its index was dropped, so no longer valid: trial run of table-{table}: {rows} million rows \
                 copied in {minutes} minutes"
            ),
            Note::Lock { table, minutes } => format!("table-{table} takes {minutes} minutes to lock"),
            Note::Verify { table, minutes } => format!("table-{table} takes {minutes} minutes to verify"),
        };
        format!("[note-{number}] {text}")
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tasks::laws;

    fn counts(text: &str) -> Vec<u64> {
        text.split(' ').filter_map(|word| word.parse().ok()).collect()
    }

    /// Reads the notes as the first paragraph says, knowing nothing of the truth.
    fn reckoned(evidence: &str) -> Estimation {
        let question = evidence.lines().next().expect("a question");
        let table = question.split(' ').find(|word| word.starts_with("table-")).expect("a table");
        let (mut rows, mut around, mut tried, mut took, mut notes) = (0, 0, 0, 0, Vec::new());
        for line in evidence.lines().filter_map(|line| line.strip_prefix('[')) {
            let (note, text) = line.split_once("] ").expect("a number");
            let about = text.split([' ', ':']).find(|word| word.starts_with("table-"));
            if about != Some(table) || text.contains("no longer valid") {
                continue;
            }
            notes.push(note.to_owned());
            match (counts(text).as_slice(), text) {
                ([held], text) if text.contains("holds") => rows = *held,
                ([copied, minutes], _) => (tried, took) = (tried + copied, took + minutes),
                ([minutes], _) => around += minutes,
                _ => panic!("what is {text}?"),
            }
        }
        Estimation { minutes: (rows * took).div_ceil(tried) + around, notes }
    }

    #[test]
    fn the_truth_can_be_read_from_the_evidence_and_lies_are_wrong() {
        laws::hold::<Estimate>(reckoned);
    }

    #[test]
    fn the_further_off_the_lower_the_score() {
        for seed in 0..500 {
            let (_, truth) = laws::made::<Estimate>(seed);
            let exact = truth.right();
            let at = |minutes| truth.score(&Estimation { minutes, ..exact.clone() });
            for step in 0..exact.minutes {
                assert!(at(exact.minutes + step) >= at(exact.minutes + step + 1));
                assert!(at(exact.minutes - step) >= at(exact.minutes - step - 1));
            }
            let off = |percent: u64| at(exact.minutes - exact.minutes * percent / 100);
            assert_eq!([off(10), off(19), off(39)].map(|score| score.0), MARKS.map(|mark| mark.worth));
            assert_eq!(off(60), Score::WRONG);
        }
    }

    #[test]
    fn a_number_that_rests_on_the_wrong_notes_is_worth_half() {
        let (_, truth) = laws::made::<Estimate>(1);
        let mut turned = truth.right();
        turned.notes.reverse();
        assert!(truth.score(&turned).is_correct());
        turned.notes.pop();
        assert_eq!(truth.score(&turned), Score(UNFOUNDED));
    }

    #[test]
    fn a_migration_reads_like_one() {
        insta::assert_snapshot!(laws::shown::<Estimate>(1));
    }
}
