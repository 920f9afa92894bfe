//! The least failing run as a story that fits on ten lines, and as JSON. Reads what a shrinker left, decides nothing.

use crate::explore::{Evidence, Shrunk};
use crate::scenario::Runnable;
use serde_json::{Value, json};

/// Faults told one by one: with the headline, the proof and the command they make ten lines.
const MOST_FAULTS: usize = 3;
/// Events of the proof told one by one.
const MOST_STEPS: usize = 3;
/// Letters of a line: what is longer is cut in its middle, where values repeat themselves.
const WIDEST: usize = 180;

/// How a failing run of a sweep is told, in at most ten lines: what failed, what it takes, the proof, and the command
/// that shows it again.
#[must_use]
pub fn story(shrunk: &Shrunk, again: &str) -> String {
    let mut lines = vec![headline(shrunk), format!("  {}", shrunk.summary())];
    let faults = shrunk.faults();
    if faults.is_empty() {
        lines.push("  No fault is needed for it.".to_owned());
    }
    lines.extend(first_few(&faults, MOST_FAULTS, "faults").iter().map(|line| format!("  {line}")));
    match &shrunk.group.example.evidence {
        Evidence::Witness(witness) => {
            let steps: Vec<String> =
                witness.steps.iter().map(|step| format!("{} {} {}", step.at, step.node, step.what)).collect();
            lines.extend(first_few(&steps, MOST_STEPS, "events").iter().map(|line| format!("  - {line}")));
            lines.push(format!("  => {}", witness.contradiction));
        }
        Evidence::Crash(crash) => lines.push(format!("  => {} {crash}", crash.at)),
        Evidence::Panic(what) => lines.push(format!("  => {what}")),
    }
    lines.push(format!("  See it again: {again}"));
    lines.iter().map(|line| narrow(line) + "\n").collect()
}

fn headline(shrunk: &Shrunk) -> String {
    let seed = shrunk.group.example.seed;
    format!("{} {} with seed {seed}:", shrunk.scenario, verb(shrunk))
}

fn verb(shrunk: &Shrunk) -> String {
    match &shrunk.group.example.evidence {
        Evidence::Witness(_) => format!("violates {}", shrunk.group.property),
        Evidence::Crash(_) | Evidence::Panic(_) => "crashes".to_owned(),
    }
}

/// The first of these, and how many more there are.
fn first_few(all: &[String], most: usize, what: &str) -> Vec<String> {
    if all.len() <= most {
        return all.to_vec();
    }
    let mut few = all[..most - 1].to_vec();
    few.push(format!("and {} more {what}", all.len() - (most - 1)));
    few
}

/// One line of the text, no wider than a terminal shows well. The last line is a command and stays whole.
fn narrow(line: &str) -> String {
    let flat = line.replace('\n', " ");
    let letters: Vec<char> = flat.chars().collect();
    if letters.len() <= WIDEST || flat.starts_with("  See it again") {
        return flat;
    }
    let half = (WIDEST - 1) / 2;
    let (begin, end) = (&letters[..half], &letters[letters.len() - half..]);
    begin.iter().chain(&['…']).chain(end).collect()
}

/// What `shrink --json` prints.
#[must_use]
pub fn least_json(scenario: &dyn Runnable, shrunk: &Shrunk) -> Value {
    json!({
        "scenario": scenario.summary().name,
        "seed": shrunk.group.example.seed,
        "fails": shrunk.fingerprint,
        "before": shrunk.before,
        "after": shrunk.after,
        "runs": shrunk.runs,
        "extent": shrunk.extent,
        "sentences": shrunk.faults(),
        "faults": shrunk.run.schedule.faults,
        "evidence": shrunk.group.example.evidence,
        "pins": shrunk.pins,
        "digest": format!("{:016x}", shrunk.run.digest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::explore::{BareHost, Shrink};
    use crate::seed::Seed;

    #[test]
    fn a_story_has_ten_lines_at_most_and_ends_in_the_command() {
        let fake = Fake::new("last_speaker", Sin::ViolatesEvery(17));
        let shrink = Shrink { scenario: &fake, host: &BareHost, budget: 50 };
        let shrunk = shrink.seed(Seed(17)).expect("seed 17 fails");
        let text = story(&shrunk, "synod shrink last_speaker --seed 17");
        assert!(text.lines().count() <= 10 && text.ends_with("--seed 17\n"), "{text}");
        insta::assert_snapshot!(text);
        assert_eq!(least_json(&fake, &shrunk)["fails"]["property"], "agreement");
    }

    #[test]
    fn what_is_too_much_for_a_story_is_counted() {
        let all: Vec<String> = (0..5).map(|number| number.to_string()).collect();
        assert_eq!(first_few(&all, 3, "faults"), ["0", "1", "and 3 more faults"]);
        assert_eq!(first_few(&all[..3], 3, "faults"), ["0", "1", "2"]);
        assert_eq!(narrow(&"a".repeat(500)).chars().count(), WIDEST - 1);
    }
}
