//! A run as one HTML page that needs nothing else: lifelines with every arrow on the left, the lines of the replay
//! beside them, the violation on top. Reads the trace and the verdicts, decides nothing.

use super::replay::{marks, verdicts};
use crate::id::NodeId;
use crate::scenario::{Run, Summary};
use crate::trace::{Happening, Mark, Record};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Pixels from one lifeline to the next, and from one record to the next.
const LANE: usize = 44;
const ROW: usize = 18;

const STYLE: &str = "body{font:13px/18px ui-monospace,monospace;margin:16px;color:#222;background:#fff}
h1{font-size:17px}pre{white-space:pre-wrap}.violated{background:#fde8e4}
#run{position:relative}svg{position:absolute;left:0;top:0}
#rows{list-style:none;margin:0;padding:0}#rows li{height:18px;white-space:pre;overflow:hidden;text-overflow:ellipsis}
#rows li:hover{overflow:visible;background:#eef4fb}#rows li:target{background:#fff3bf}a{color:inherit}
.heads{height:36px}line{stroke:#9aa5b1}line.life{stroke:#e1e6eb}line.fault{stroke:#d55e00}
line.taint{stroke:#a0327d;stroke-width:2}line.late{stroke-dasharray:4 3}line.lost{stroke:#d55e00;stroke-dasharray:2 3}
circle{fill:#5a6b7b}circle.fault{fill:#d55e00}circle.taint{fill:#a0327d}circle.decided{fill:#0072b2}
circle.violated{stroke:#c00;stroke-width:3}text{font-size:12px;text-anchor:middle}";

/// The page.
#[must_use]
pub fn html(summary: &Summary, run: &Run) -> String {
    let Summary { name, team, agents, task, .. } = summary;
    let title = format!("{name}, seed {}: {agents} agents of {team}, task {task}", run.seed);
    let faults: String = run.schedule.faults.iter().map(|fault| format!("planned fault: {fault}\n")).collect();
    let mut page = String::new();
    let title = escaped(&title);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n<pre>{}</pre>\n<pre>{}</pre>\n\
         <p>Orange: a fault acted. Purple: a false claim. Blue: a decision. Ringed: the violation. A number leads to \
         what caused a line.</p>\n",
        escaped(&verdicts(run)),
        escaped(&faults),
    );
    let marks = marks(run);
    page.push_str(&picture(run, &marks));
    page.push_str("</body></html>\n");
    page
}

fn picture(run: &Run, marks: &BTreeMap<usize, String>) -> String {
    let records = run.trace.records();
    let mut lanes: BTreeMap<NodeId, usize> = records.iter().map(|record| (record.node, 0)).collect();
    lanes.values_mut().enumerate().for_each(|(place, lane)| *lane = place * LANE + LANE / 2);
    let (width, height) = (lanes.len() * LANE, records.len() * ROW);
    let mut svg = format!("<svg width=\"{width}\" height=\"{}\">\n", height + 36);
    for (node, x) in &lanes {
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"20\">{node}</text>");
        let _ = writeln!(svg, "<line class=\"life\" x1=\"{x}\" y1=\"36\" x2=\"{x}\" y2=\"{}\"/>", height + 36);
    }
    for (place, record) in records.iter().enumerate() {
        svg.push_str(&arrow(records, record, place, &lanes));
        let (x, y) = (lanes[&record.node], y_of(place));
        let _ =
            writeln!(svg, "<circle class=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>", classes(record, marks.get(&place)));
    }
    let rows: String = (0..records.len()).map(|place| row(run, place, marks.get(&place))).collect();
    format!(
        "<div id=\"run\">\n{svg}</svg>\n<div class=\"heads\"></div>\
         <ol id=\"rows\" style=\"margin-left:{}px\">\n{rows}</ol></div>\n",
        width + 12
    )
}

fn y_of(place: usize) -> usize {
    36 + place * ROW + ROW / 2
}

/// The line from what another node did to what came of it.
fn arrow(records: &[Record], record: &Record, place: usize, lanes: &BTreeMap<NodeId, usize>) -> String {
    let cause = record.cause.place().and_then(|from| Some((from, records.get(from)?.node)));
    let Some((from, sender)) = cause.filter(|(_, sender)| *sender != record.node) else { return String::new() };
    let (x1, x2) = (lanes[&sender], lanes[&record.node]);
    let (y1, y2) = (y_of(from), y_of(place));
    format!("<line class=\"{}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>\n", classes(record, None))
}

fn classes(record: &Record, mark: Option<&String>) -> String {
    let flags = [
        (record.mark.has(Mark::FAULT), "fault"),
        (record.mark.has(Mark::TAINT), "taint"),
        (record.mark.has(Mark::LATE), "late"),
        (record.happening == Happening::Dropped, "lost"),
        (record.happening == Happening::Decided, "decided"),
        (mark.is_some(), "violated"),
    ];
    flags.iter().filter(|(is_so, _)| *is_so).map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
}

/// A line of the replay; the number of its cause is a link.
fn row(run: &Run, place: usize, mark: Option<&String>) -> String {
    let line = escaped(&run.trace.line(place).expect("a place within the trace"));
    let cause = run.trace.records()[place].cause.place();
    let line = match cause {
        Some(cause) => {
            line.replacen(&format!("&lt;- #{cause}"), &format!("<a href=\"#r{cause}\">&lt;- #{cause}</a>"), 1)
        }
        None => line,
    };
    let (class, mark) = match mark {
        Some(mark) => (" class=\"violated\"", format!("  &lt;== {}", escaped(mark))),
        None => ("", String::new()),
    };
    format!("<li id=\"r{place}\"{class}>{line}{mark}</li>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::report::handmade;
    use crate::scenario::Runnable;

    fn page() -> String {
        html(&Fake::new("last_speaker", Sin::None).summary(), &handmade::run())
    }

    #[test]
    fn a_page_draws_every_record_and_marks_the_violation() {
        insta::assert_snapshot!(page());
    }

    #[test]
    fn a_page_asks_for_nothing_from_elsewhere_and_takes_no_text_for_markup() {
        let page = page();
        assert!(!page.contains("http") && !page.contains("<script"), "{page}");
        assert_eq!(escaped("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }
}
