//! One record as one line of text. Knows records, not what protocols mean by them.

use super::{Happening, Mark, Trace};
use std::fmt::Write;

impl Trace {
    /// The kept record at this place as a line: number, time, who, what happened, what caused it, and its marks. `None`
    /// beyond the end.
    #[must_use]
    pub fn line(&self, place: usize) -> Option<String> {
        let record = self.records().get(place)?;
        let mut line = format!(
            "{place:>5}  {:>14}  {:<3} {}",
            record.at.to_string(),
            record.node.to_string(),
            self.sentence(place)
        );
        if let Some(cause) = record.cause.place() {
            write!(line, "  <- #{cause}").expect("writing to a string cannot fail");
        }
        for (mark, name) in [(Mark::FAULT, "fault"), (Mark::TAINT, "tainted"), (Mark::LATE, "late")] {
            if record.mark.has(mark) {
                write!(line, "  [{name}]").expect("writing to a string cannot fail");
            }
        }
        Some(line)
    }

    /// The rest of a sentence that begins with the record's node: verb, other participant, and the text if it was kept.
    /// A text that begins with the verb stands for the whole.
    fn sentence(&self, place: usize) -> String {
        let record = &self.records()[place];
        let verb = record.happening.verb();
        let text = self.text(place).replace('\n', "⏎ ");
        if text.starts_with(verb) {
            return text;
        }
        let peer = record.peer.map(|peer| format!(" {}{peer}", preposition(record.happening))).unwrap_or_default();
        let colon = if text.is_empty() { "" } else { ": " };
        format!("{verb}{peer}{colon}{text}")
    }
}

/// How the other participant is joined to the verb.
const fn preposition(happening: Happening) -> &'static str {
    match happening {
        Happening::Sent | Happening::Returned | Happening::Delegated | Happening::Invoked => "to ",
        Happening::Delivered | Happening::Dropped | Happening::Held => "from ",
        Happening::Prompted | Happening::Served | Happening::Replied => "",
        _ => "with ",
    }
}
