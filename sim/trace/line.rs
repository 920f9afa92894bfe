//! One record as one line of text. Knows records, not what protocols mean by them.

use super::{Happening, Mark, Trace};
use std::fmt::Write;

impl Trace {
    /// The kept record at this place as a line: number, time, who, what happened, with whom, the text if it was kept,
    /// what caused it, and its marks. `None` beyond the end.
    #[must_use]
    pub fn line(&self, place: usize) -> Option<String> {
        let record = self.records().get(place)?;
        let mut line = format!("{place:>5}  {:>14}  {:<3} {}", record.at.to_string(), record.node, record.happening.verb());
        let mut put = |part: std::fmt::Arguments<'_>| line.write_fmt(part).expect("writing to a string cannot fail");
        if let Some(peer) = record.peer {
            put(format_args!(" {}{peer}", preposition(record.happening)));
        }
        match self.text(place) {
            "" => {}
            text => put(format_args!(": {}", text.replace('\n', "⏎ "))),
        }
        if let Some(cause) = record.cause.place() {
            put(format_args!("  <- #{cause}"));
        }
        for (mark, name) in [(Mark::FAULT, "fault"), (Mark::TAINT, "tainted"), (Mark::LATE, "late")] {
            if record.mark.has(mark) {
                put(format_args!("  [{name}]"));
            }
        }
        Some(line)
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
