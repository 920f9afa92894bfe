//! `review`: accept a change or reject it, naming each defect and its line.
//!
//! Six places of one function are right or have their own defect; none to two of them have. A line that the change
//! removes and a line that it leaves alone are defective too: neither is the change's fault, and a careless reviewer
//! blames it for them, or waves everything through.

use super::arrange::{place, share, shuffle};
use crate::fact::Score;
use crate::model::Task;
use crate::seed::Draws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Flaw {
    /// It touches shared state without its lock.
    MissingLock,
    /// It reads one item past the end.
    OffByOne,
    /// It does the opposite of what the change says.
    InvertedCondition,
    /// It drops an error.
    IgnoredError,
    /// It writes a secret into the log.
    LoggedSecret,
    /// It never gives a connection back.
    LeakedConnection,
}

/// A defect and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Defect {
    /// The line, such as `line-112`.
    pub line: String,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// Whether a change may be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Ruling {
    /// It may.
    Accept,
    /// It may not.
    Reject,
}

/// The reply: accept or reject, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// Whether it may be merged.
    pub ruling: Ruling,
    /// The defects of the change, in the order of their lines; empty if it is accepted.
    pub defects: Vec<Defect>,
}

/// One change: what is wrong with it, and what only seems so.
///
/// ```
/// use synod::{model::{Review, Ruling, Task}, seed::{Seed, Streams}};
/// let (_, truth) = Review::generate(&mut Streams::of(Seed(1)).stream(format_args!("task/0")));
/// let right = truth.right();
/// assert_eq!(right.ruling == Ruling::Accept, right.defects.is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Review {
    right: Assessment,
    careless: Vec<Assessment>,
}

/// A line of the function, right and with its defect.
struct Spot {
    flaw: Flaw,
    rule: &'static str,
    sound: &'static str,
    flawed: &'static str,
}

/// In the order in which they stand in the function.
const SPOTS: [Spot; 6] = [
    Spot {
        flaw: Flaw::MissingLock,
        rule: "missing_lock (shared state is touched without its lock)",
        sound: "    let mut $store = self.$store.lock()?;",
        flawed: "    let $store = unsafe { &mut *self.$store.get() };",
    },
    Spot {
        flaw: Flaw::OffByOne,
        rule: "off_by_one (one item past the end is read)",
        sound: "    for place in 0..$items.len() {",
        flawed: "    for place in 0..=$items.len() {",
    },
    Spot {
        flaw: Flaw::InvertedCondition,
        rule: "inverted_condition (the opposite of what the change says is done)",
        sound: "        if $items[place].age < limit { continue; }",
        flawed: "        if $items[place].age >= limit { continue; }",
    },
    Spot {
        flaw: Flaw::IgnoredError,
        rule: "ignored_error (an error is dropped)",
        sound: "        $store.remove($items[place].id)?;",
        flawed: "        let _ = $store.remove($items[place].id);",
    },
    Spot {
        flaw: Flaw::LoggedSecret,
        rule: "logged_secret (a secret is written into the log)",
        sound: "        log!(\"removed {}\", $items[place].id);",
        flawed: "        log!(\"removed {} of {}\", $items[place].id, $items[place].token);",
    },
    Spot {
        flaw: Flaw::LeakedConnection,
        rule: "leaked_connection (a connection is never given back)",
        sound: "    self.pool.give_back($store.connection());",
        flawed: "    std::mem::forget($store.connection());",
    },
];

/// What a line of a diff does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
    Kept,
}

struct Line {
    change: Change,
    text: String,
    flaw: Option<Flaw>,
}

/// What the function is about.
struct Subject {
    items: &'static str,
    store: &'static str,
}

const SUBJECTS: [Subject; 4] = [
    Subject { items: "sessions", store: "cache" },
    Subject { items: "invoices", store: "ledger" },
    Subject { items: "parcels", store: "depot" },
    Subject { items: "invitations", store: "inbox" },
];

impl Subject {
    fn fill(&self, text: &str) -> String {
        text.replace("$items", self.items).replace("$store", self.store)
    }
}

impl Task for Review {
    type Reply = Assessment;

    fn generate(draws: &mut Draws) -> (String, Review) {
        let subject = &SUBJECTS[place(SUBJECTS.len(), draws)];
        // One change in four is sound: reviewers that see only bad ones need not look.
        let planted = *draws.pick(&[0, 1, 1, 2]);
        let mut places: [usize; SPOTS.len()] = std::array::from_fn(|place| place);
        shuffle(&mut places, draws);
        let [removed, kept, others @ ..] = places;
        let lines = diff(subject, &others[..planted], removed, kept);
        let (change, first) = (draws.choose(1_000, 9_999, 1_000), draws.choose(100, 800, 100));
        let defects = |wanted: fn(Change) -> bool| -> Vec<Defect> {
            let numbered = lines.iter().zip(first..).filter(|(line, _)| wanted(line.change));
            let defect = |flaw: Flaw, number: u64| Defect { line: format!("line-{number}"), flaw };
            numbered.filter_map(|(line, number)| Some(defect(line.flaw?, number))).collect()
        };
        let right = Assessment::of(defects(|change| change == Change::Added));
        let mut careless: Vec<Assessment> = defects(|change| change != Change::Added)
            .into_iter()
            .map(|decoy| Assessment { ruling: Ruling::Reject, defects: vec![decoy] })
            .collect();
        if right.ruling == Ruling::Reject {
            careless.push(Assessment::of(Vec::new()));
        }
        (written(subject, change, &lines, first), Review { right, careless })
    }

    fn right(&self) -> Assessment {
        self.right.clone()
    }

    /// Nothing for the wrong ruling. For the right one a point, and a point for each defect found, out of one and of
    /// all defects that are there or were named.
    fn score(&self, reply: &Assessment) -> Score {
        if reply.ruling != self.right.ruling {
            return Score::WRONG;
        }
        let found = self.right.defects.iter().filter(|defect| reply.defects.contains(defect)).count();
        let of = self.right.defects.len() + reply.defects.len() - found;
        share(1 + found, 1 + of)
    }

    /// Blames the change for a line it removes or leaves alone, or waves it through.
    fn wrong(&self, draws: &mut Draws) -> Option<Assessment> {
        Some(draws.pick(&self.careless).clone())
    }
}

impl Assessment {
    /// What these defects call for.
    fn of(defects: Vec<Defect>) -> Assessment {
        Assessment { ruling: if defects.is_empty() { Ruling::Accept } else { Ruling::Reject }, defects }
    }
}

/// The new function, with one removed line before its successor, and below it an older one that stays.
fn diff(subject: &Subject, planted: &[usize], removed: usize, kept: usize) -> Vec<Line> {
    let line = |change: Change, text: &str| Line { change, text: subject.fill(text), flaw: None };
    let flawed = |change: Change, place: usize| {
        let spot = &SPOTS[place];
        Line { flaw: Some(spot.flaw), ..line(change, spot.flawed) }
    };
    let mut lines = vec![line(Change::Kept, "fn drop_old_$items(&self, $items: &[Entry], limit: Age) -> Result<()> {")];
    for (place, spot) in SPOTS.iter().enumerate() {
        if place == removed {
            lines.push(flawed(Change::Removed, place));
        }
        let is_planted = planted.contains(&place);
        lines.push(if is_planted { flawed(Change::Added, place) } else { line(Change::Added, spot.sound) });
    }
    // The loop ends before the connection goes back.
    lines.insert(lines.len() - 1 - usize::from(removed == SPOTS.len() - 1), line(Change::Added, "    }"));
    lines.extend([line(Change::Added, "    Ok(())"), line(Change::Kept, "}")]);
    lines.extend([
        line(Change::Kept, "fn legacy_$items(&self) {"),
        flawed(Change::Kept, kept),
        line(Change::Kept, "}"),
    ]);
    lines
}

fn written(subject: &Subject, change: u64, lines: &[Line], first: u64) -> String {
    let rules: Vec<&str> = SPOTS.iter().map(|spot| spot.rule).collect();
    let mut text = vec![
        subject
            .fill(&format!("Review change {change}: remove $items from the $store once their age reaches the limit.")),
        format!("Reject it if a line it adds has one of these defects, else accept it: {}.", rules.join(", ")),
        "Lines with + are added, lines with - removed, all others stay as they are: only added ones count. Name every \
         defect, in the order of lines."
            .to_owned(),
    ];
    text.extend(lines.iter().zip(first..).map(|(line, number)| {
        let sign = match line.change {
            Change::Added => '+',
            Change::Removed => '-',
            Change::Kept => ' ',
        };
        format!("[line-{number}] {sign}{}", line.text)
    }));
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tasks::laws;

    /// Reads the added lines as a reviewer does, knowing nothing of the truth.
    fn reviewed(evidence: &str) -> Assessment {
        let flaw = |code: &str| -> Option<Flaw> {
            if code.contains("unsafe") {
                Some(Flaw::MissingLock)
            } else if code.contains("0..=") {
                Some(Flaw::OffByOne)
            } else if code.contains(">= limit { continue") {
                Some(Flaw::InvertedCondition)
            } else if code.contains("let _ =") {
                Some(Flaw::IgnoredError)
            } else if code.contains(".token") {
                Some(Flaw::LoggedSecret)
            } else {
                code.contains("forget").then_some(Flaw::LeakedConnection)
            }
        };
        let added = evidence.lines().filter_map(|line| line.strip_prefix('[')?.split_once("] +"));
        let defects = added.filter_map(|(line, code)| Some(Defect { line: line.to_owned(), flaw: flaw(code)? }));
        let defects: Vec<Defect> = defects.collect();
        Assessment { ruling: if defects.is_empty() { Ruling::Accept } else { Ruling::Reject }, defects }
    }

    #[test]
    fn the_truth_can_be_read_from_the_evidence_and_lies_are_wrong() {
        laws::hold::<Review>(reviewed);
    }

    #[test]
    fn every_defect_that_is_missed_or_invented_costs() {
        let mut of_two = 0;
        for seed in 0..500 {
            let (_, truth) = laws::made::<Review>(seed);
            let right = truth.right();
            let mut reply = right.clone();
            reply.defects.push(Defect { line: "line-1".into(), flaw: Flaw::OffByOne });
            assert!(truth.score(&reply) < Score::CORRECT, "seed {seed}");
            if let [first, _] = right.defects.as_slice() {
                let half = Assessment { ruling: Ruling::Reject, defects: vec![first.clone()] };
                let none = Assessment { ruling: Ruling::Reject, defects: Vec::new() };
                let scores = [half, none].map(|reply| truth.score(&reply));
                assert_eq!(scores, [share(2, 3), share(1, 3)], "seed {seed}");
                of_two += 1;
            }
        }
        assert!(of_two > 60, "one change in four has two defects: {of_two}");
    }

    #[test]
    fn the_wrong_ruling_is_worth_nothing_whatever_it_names() {
        for seed in 0..500 {
            let (_, truth) = laws::made::<Review>(seed);
            let mut reply = truth.right();
            reply.ruling = if reply.ruling == Ruling::Accept { Ruling::Reject } else { Ruling::Accept };
            assert_eq!(truth.score(&reply), Score::WRONG);
        }
    }

    #[test]
    fn a_change_reads_like_one() {
        insta::assert_snapshot!(laws::shown::<Review>(2));
    }
}
