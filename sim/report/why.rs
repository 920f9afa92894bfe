//! How a failure came about, as text: how likely it was after each instant, and what happened where that jumps. Reads
//! counts, decides nothing.

use super::interval::Share;
use crate::explore::{Causality, Instant};

/// Characters of a bar that stands for certainty.
const BAR: usize = 30;

/// A rise by this much, in percent of all runs, has its events told.
const JUMP: f64 = 0.15;

/// One line an instant, and below each jump what happened in it.
#[must_use]
pub fn causality(why: &Causality) -> String {
    let Causality { scenario, seed, fails, instants, strayed } = why;
    let tries = instants.first().map_or(0, |instant| instant.tries);
    let mut text = format!(
        "{scenario}, seed {seed}: how likely it ends {} if all is as in this run up to an instant and drawn anew after \
         it\n({tries} runs an instant, with 95 % intervals after Wilson; the plan of faults is as in this run)\n\n",
        if fails.property == crate::explore::CRASH {
            "in a crash".to_owned()
        } else {
            format!("with {} violated", fails.property)
        }
    );
    for (place, instant) in instants.iter().enumerate() {
        text.push_str(&line(instant));
        let next = instants.get(place + 1);
        if next.is_some_and(|next| rise(instant, next) >= JUMP) {
            instant.events.iter().for_each(|event| text.push_str(&format!("      {event}\n")));
        }
    }
    if *strayed > 0 {
        text.push_str(&format!("{strayed} runs did not keep to the prefix and are not counted\n"));
    }
    text
}

fn line(instant: &Instant) -> String {
    let at = instant.at.to_string();
    let Some(share) = Share::of(instant.failed, instant.tries) else { return format!("{at:>14}  no run\n") };
    let filled = (0..BAR).filter(|step| *step < scaled(share.share)).count();
    let bar = "#".repeat(filled) + &".".repeat(BAR - filled);
    let [share, least, most] = [share.share, share.least, share.most].map(|share| share * 100.0);
    format!("{at:>14}  {bar}  {share:>3.0} %  ({least:.0} to {most:.0})\n")
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a bar's length"
)]
fn scaled(share: f64) -> usize {
    (share * BAR as f64).round() as usize
}

/// By how much the share grows from one instant to the next.
pub(super) fn rise(one: &Instant, next: &Instant) -> f64 {
    let share = |instant: &Instant| Share::of(instant.failed, instant.tries).map_or(0.0, |share| share.share);
    share(next) - share(one)
}

/// Whether the events between two instants are worth telling.
#[cfg(feature = "report")]
pub(super) fn jumps(one: &Instant, next: &Instant) -> bool {
    rise(one, next) >= JUMP
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::explore::{Fingerprint, Gravity};
    use crate::seed::Seed;
    use crate::time::{Time, millis};

    pub fn example() -> Causality {
        let instant = |at, failed, events: &[&str]| Instant {
            at: Time::ZERO + millis(at),
            failed,
            tries: 20,
            events: events.iter().map(|event| (*event).to_owned()).collect(),
        };
        let shape = "two values by two members".to_owned();
        Causality {
            scenario: "talkers".to_owned(),
            seed: Seed(7),
            fails: Fingerprint { gravity: Gravity::Safety, property: "agreement".to_owned(), shape },
            instants: vec![
                instant(0, 2, &["0.000000 s a1 starts"]),
                instant(900, 3, &["1.000000 s a3 fault begins partition_isolate", "1.500000 s a2 decides rollback"]),
                instant(2_000, 16, &[]),
                instant(2_500, 20, &[]),
            ],
            strayed: 0,
        }
    }

    #[test]
    fn the_events_of_a_jump_stand_below_it_and_no_others() {
        let text = causality(&example());
        assert!(!text.contains("a1 starts") && text.contains("a3 fault begins"), "{text}");
        insta::assert_snapshot!(text);
    }
}
