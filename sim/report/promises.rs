//! What a team promises under each kind of fault: a pass means no more than its promises. Judges nothing.

use super::columns::wrap;
use crate::fault::{Kind, Part, Tolerance};
use crate::scenario::{Promise, Summary};
use std::fmt::Write;

/// No line is longer, its indent aside.
const WIDTH: usize = 110;

/// The whole table of a team, one group of kinds for each promise. Empty for a team that declares none.
#[must_use]
pub fn promises(summary: &Summary) -> String {
    let mut text = String::new();
    if summary.promises.is_empty() {
        return text;
    }
    let infallible = "writing to a string cannot fail";
    writeln!(text, "what {} promises under each kind of fault", summary.team).expect(infallible);
    for (promise, kinds) in groups(&summary.promises) {
        let names: Vec<&str> = kinds.into_iter().map(Kind::name).collect();
        writeln!(text, "  {}:", words(promise)).expect(infallible);
        writeln!(text, "      {}", wrap(&names.join(", "), WIDTH).join("\n      ")).expect(infallible);
    }
    text
}

/// The same in one line beside a pass: how many kinds it survives, and what it says nothing about.
#[must_use]
pub fn promises_in_short(summary: &Summary) -> String {
    if summary.promises.is_empty() {
        return format!("{}: declares no promises; every kind that its nemesis allows may be planned\n", summary.name);
    }
    let parts: Vec<String> = groups(&summary.promises)
        .into_iter()
        .map(|(promise, kinds)| match promise {
            Tolerance::Tolerated => format!("survives {} kinds of fault", kinds.len()),
            _ => {
                format!("{}: {}", words(promise), in_short(&kinds).join(", "))
            }
        })
        .collect();
    let whole = format!("{}: {}", summary.name, parts.join("; "));
    let mut text = wrap(&whole, WIDTH).join("\n    ");
    text.push('\n');
    text
}

/// The kinds by name; where they are all that there are of a part, that is said instead.
fn in_short(kinds: &[Kind]) -> Vec<String> {
    let whole = |part: Part| Kind::ALL.iter().filter(|kind| kind.part() == part).all(|kind| kinds.contains(kind));
    let mut named: Vec<String> = Vec::new();
    for kind in kinds {
        let part = kind.part();
        let name = if whole(part) { format!("all on {}", part.strikes()) } else { kind.name().to_owned() };
        if named.last() != Some(&name) {
            named.push(name);
        }
    }
    named
}

/// Kinds by promise, in the order in which the promises are first made.
fn groups(promises: &[Promise]) -> Vec<(Tolerance, Vec<Kind>)> {
    let mut groups: Vec<(Tolerance, Vec<Kind>)> = Vec::new();
    for Promise { kind, tolerance } in promises {
        match groups.iter_mut().find(|(known, _)| known == tolerance) {
            Some((_, kinds)) => kinds.push(*kind),
            None => groups.push((*tolerance, vec![*kind])),
        }
    }
    groups
}

fn words(promise: Tolerance) -> String {
    match promise {
        Tolerance::Tolerated => "safe, and live once a quorum is healed".to_owned(),
        Tolerance::UpTo(1) => "safe while it strikes one member at most".to_owned(),
        Tolerance::UpTo(members) => format!("safe while it strikes {members} members at most"),
        Tolerance::UpToThird => "safe while it strikes fewer than a third of the members".to_owned(),
        Tolerance::LivenessOnly => "safe, but may never decide again".to_owned(),
        Tolerance::OutOfScope => "no promise, planned only by name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::scenario::Runnable;

    fn summary(promises: &[(Kind, Tolerance)]) -> Summary {
        let promises = promises.iter().map(|(kind, tolerance)| Promise { kind: *kind, tolerance: *tolerance });
        Summary { promises: promises.collect(), ..Fake::new("raft", Sin::None).summary() }
    }

    #[test]
    fn all_kinds_of_a_part_are_said_in_one_word() {
        let strikes_model = |kind: &&Kind| matches!(kind.part(), Part::ModelTransport | Part::ModelContent);
        let kinds: Vec<Kind> = Kind::ALL.iter().filter(strikes_model).copied().collect();
        let twin = [Kind::Twin].into_iter().chain(kinds.clone());
        let names = in_short(&twin.collect::<Vec<_>>());
        assert_eq!(names, ["twin", "all on a model's calls", "all on a model's words"]);
        assert_eq!(in_short(&kinds[1..2]), [kinds[1].name()]);
    }

    #[test]
    fn kinds_stand_under_what_is_promised_for_them() {
        let summary = summary(&[
            (Kind::Loss, Tolerance::Tolerated),
            (Kind::Crash, Tolerance::UpTo(2)),
            (Kind::Pause, Tolerance::LivenessOnly),
            (Kind::Twin, Tolerance::OutOfScope),
            (Kind::Hold, Tolerance::Tolerated),
        ]);
        insta::assert_snapshot!(promises(&summary), @r"
        what fake promises under each kind of fault
          safe, and live once a quorum is healed:
              loss, hold
          safe while it strikes 2 members at most:
              crash
          safe, but may never decide again:
              pause
          no promise, planned only by name:
              twin
        ");
        insta::assert_snapshot!(promises_in_short(&summary), @r"
        raft: survives 2 kinds of fault; safe while it strikes 2 members at most: crash; safe, but may never decide
            again: pause; no promise, planned only by name: twin
        ");
    }

    #[test]
    fn a_team_without_promises_says_so() {
        assert_eq!(promises(&summary(&[])), "");
        assert!(promises_in_short(&summary(&[])).starts_with("raft: declares no promises"));
    }
}
