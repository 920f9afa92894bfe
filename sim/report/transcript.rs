//! What one agent's model was asked and answered, with faults, missing and late messages marked inline.

use crate::id::NodeId;
use crate::scenario::{Run, Summary};
use crate::time::Time;
use crate::trace::{Happening, Mark, Record};
use std::collections::BTreeSet;

/// The transcript of an agent.
#[must_use]
pub fn transcript(summary: &Summary, run: &Run, agent: NodeId) -> String {
    let mut text = format!("{}, seed {}: transcript of {agent}\n", summary.name, run.seed);
    let heard = heard(run);
    let mut said = false;
    for (place, record) in run.trace.records().iter().enumerate() {
        let missing = !heard.contains(&place);
        if let Some(turn) = turn(record, agent, missing) {
            text.push_str(&format!("\n{:>14}  {turn}{}\n", record.at.to_string(), marks(record)));
            run.trace.text(place).lines().for_each(|line| text.push_str(&format!("                | {line}\n")));
            said = true;
        }
    }
    for spread in run.trace.spreads().iter().filter(|spread| spread.concerns(agent)) {
        text.push_str(&format!("\n{spread}\n"));
    }
    if !said {
        text.push_str(&format!("\n{agent} asked nothing and heard nothing in this run.\n"));
    }
    text
}

/// Questions and answers that a reply to their asker goes back to.
fn heard(run: &Run) -> BTreeSet<usize> {
    let records = run.trace.records();
    let mut heard = BTreeSet::new();
    for record in records.iter().filter(|record| record.happening == Happening::Replied) {
        let mut cause = record.cause.place();
        while let Some(place) = cause.filter(|place| *place < records.len()) {
            heard.insert(place);
            let asked = records[place].happening == Happening::Prompted;
            cause = if asked { None } else { records[place].cause.place() };
        }
    }
    heard
}

/// How a record appears in an agent's transcript, if it does. `missing`: no reply ever came of it.
fn turn(record: &Record, agent: NodeId, missing: bool) -> Option<String> {
    let peer = record.peer.map_or_else(|| "someone".to_owned(), |peer| peer.to_string());
    if record.node != agent {
        let lost = record.happening == Happening::Served && record.peer == Some(agent) && missing;
        return lost.then(|| format!("!! {} answered, and {agent} never heard it", record.node));
    }
    Some(match record.happening {
        Happening::Prompted if missing => format!("asks {peer}   !! no reply ever came"),
        Happening::Prompted => format!("asks {peer}"),
        Happening::Replied => format!("hears from {peer}"),
        Happening::Delivered => format!("receives from {peer}"),
        Happening::Dropped => format!("!! never receives, from {peer}"),
        Happening::Held => format!("!! is kept waiting for a message from {peer}"),
        Happening::Decided => "decides".to_owned(),
        Happening::Crashed | Happening::Paused | Happening::Resumed | Happening::Panicked => {
            format!("!! {}", record.happening.verb())
        }
        // Everyone starts at time zero; whoever starts later was down.
        Happening::Started if record.at > Time::ZERO => "!! starts again".to_owned(),
        Happening::FaultBegan | Happening::FaultEnded => format!("!! {}", record.happening.verb()),
        _ => return None,
    })
}

fn marks(record: &Record) -> String {
    let named = [(Mark::FAULT, "FAULT"), (Mark::TAINT, "FALSE CLAIM"), (Mark::LATE, "LATE")];
    let set = named.into_iter().filter(|(mark, _)| record.mark.has(*mark));
    set.map(|(_, name)| format!("   [{name}]")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::report::handmade;
    use crate::scenario::Runnable;

    fn told(agent: u16) -> String {
        transcript(&Fake::new("last_speaker", Sin::None).summary(), &handmade::run(), NodeId::agent(agent))
    }

    #[test]
    fn a_transcript_marks_faults_missing_and_late_messages_inline() {
        insta::assert_snapshot!(told(1));
    }

    #[test]
    fn an_agent_that_said_nothing_is_said_to_have_said_nothing() {
        assert!(told(2).contains("a3 asked nothing and heard nothing"));
    }
}
