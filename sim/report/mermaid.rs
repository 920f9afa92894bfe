//! A run as a sequence diagram in the language of Mermaid, which code forges and editors draw. Reads the trace, decides
//! nothing.

use super::replay::marks;
use crate::id::NodeId;
use crate::scenario::{Run, Summary};
use crate::time::Time;
use crate::trace::{Happening, Mark, Record};
use std::collections::BTreeSet;

/// Letters of what an arrow or a note says: longer ones push lifelines apart.
const WIDEST: usize = 60;

/// The diagram: an arrow for everything that came or should have come, a note for what else a reader looks for.
#[must_use]
pub fn mermaid(summary: &Summary, run: &Run) -> String {
    let records = run.trace.records();
    let mut text = format!("sequenceDiagram\n    title {}, seed {}\n", said(&summary.name), run.seed);
    let nodes: BTreeSet<NodeId> = records.iter().map(|record| record.node).collect();
    nodes.iter().for_each(|node| text.push_str(&format!("    participant {node}\n")));
    let marks = marks(run);
    for (place, record) in records.iter().enumerate() {
        // A model serves what it was asked: the question is what went there.
        let told = if record.happening == Happening::Served { record.cause.place().unwrap_or(place) } else { place };
        let what = format!("{}{}", said(run.trace.text(told)), signs(&records[told]));
        if let Some(line) = arrow(records, record, &what).or_else(|| note(record, &what)) {
            text.push_str(&format!("    {line}\n"));
        }
        if let Some(mark) = marks.get(&place) {
            text.push_str(&format!("    Note over {}: {} !! {}\n", record.node, record.at, said(mark)));
        }
    }
    text
}

/// Something that came from another node, or never did.
fn arrow(records: &[Record], record: &Record, what: &str) -> Option<String> {
    let from = records.get(record.cause.place()?)?.node;
    let shaft = match record.happening {
        Happening::Delivered | Happening::Served | Happening::Executed => "-)",
        Happening::Replied => "--)",
        Happening::Dropped => "-x",
        _ => return None,
    };
    (from != record.node).then(|| format!("{from}{shaft}{}: {} {what}", record.node, record.at))
}

fn note(record: &Record, what: &str) -> Option<String> {
    let is_told = match record.happening {
        Happening::Crashed | Happening::Paused | Happening::Resumed | Happening::Panicked | Happening::DiskFailed => {
            true
        }
        Happening::Decided | Happening::FaultBegan | Happening::FaultEnded | Happening::Healed => true,
        Happening::Invoked | Happening::Returned | Happening::Waits | Happening::Declined => true,
        // Everyone starts at time zero; whoever starts later was down.
        Happening::Started => record.at > Time::ZERO,
        _ => false,
    };
    // Some texts open with the verb.
    let verb = Some(record.happening.verb()).filter(|verb| !what.starts_with(verb));
    let told: Vec<&str> = verb.into_iter().chain([what]).collect();
    is_told.then(|| format!("Note over {}: {} {}", record.node, record.at, told.join(" ")))
}

fn signs(record: &Record) -> String {
    let named = [(Mark::FAULT, "fault"), (Mark::TAINT, "false claim"), (Mark::LATE, "late")];
    named.iter().filter(|(mark, _)| record.mark.has(*mark)).map(|(_, name)| format!(" [{name}]")).collect()
}

/// One line that means nothing to Mermaid, no longer than looks well.
fn said(text: &str) -> String {
    let mut letters: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    if letters.len() > WIDEST {
        letters.truncate(WIDEST - 1);
        letters.push('…');
    }
    let spelt = |letter| match letter {
        '#' => "#35;".to_owned(),
        ';' => "#59;".to_owned(),
        '<' => "#lt;".to_owned(),
        '>' => "#gt;".to_owned(),
        other => other.to_string(),
    };
    letters.into_iter().map(spelt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::report::handmade;
    use crate::scenario::Runnable;

    #[test]
    fn a_diagram_shows_what_came_what_was_lost_and_the_violation() {
        let summary = Fake::new("last_speaker", Sin::None).summary();
        insta::assert_snapshot!(mermaid(&summary, &handmade::run()));
    }

    #[test]
    fn what_mermaid_would_read_as_its_own_is_spelt_out() {
        assert_eq!(said("a;b #1\n<c>"), "a#59;b #35;1 #lt;c#gt;");
        assert_eq!(said(&"x".repeat(99)).chars().count(), WIDEST);
    }
}
