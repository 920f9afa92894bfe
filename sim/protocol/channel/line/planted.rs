//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.
//!
//! The rest of the channel asks what it does, never which bug is planted, so that the correct reading stays the plain
//! one.

use super::{Cursor, Durable, Line, Past};

bugs! {
    1 = OmitsADependency, "The past of a letter leaves one sender out (C01).";
    2 = ForgetsWhatOthersKnew, "A delivered letter's own past is not taken over: dependencies do not chain (C01).";
    3 = DeliversWithoutWaiting, "A letter is delivered as it comes, whatever its past (C02).";
    4 = TakesAnyLaterNumber, "A letter is delivered if its number is greater than the last, not one greater (C04).";
    5 = TakesRepetitions, "A letter that comes again is delivered again, as after a lost acknowledgement (C11).";
    6 = PipelinesPastGaps,
        "What follows a lost letter is delivered at once, and the lost one when it comes again (F02; KAFKA-5494).";
    7 = NumbersAnewAfterRestart,
        "A restarted writer numbers what it sends from 1 again, within its old incarnation (F01).";
    8 = AcksBeforeDisk, "A letter is acknowledged before it is durable (R17, for letters).";
    9 = SendsOnce, "A letter that is not acknowledged is not sent again.";
}

impl Line {
    /// What a letter to be sent is to wait for.
    pub(super) fn past_to_send(&self) -> Past {
        let past = self.disk.past.clone();
        #[cfg(feature = "planted")]
        if !unless_planted!(self, OmitsADependency)
            && let Some(other) = self.members.others(self.me).next()
        {
            let mut short = past;
            short.forget(other);
            return short;
        }
        past
    }

    /// What is known sent by whoever got a letter.
    pub(super) fn past_to_learn(&self, past: Past) -> Past {
        if unless_planted!(self, ForgetsWhatOthersKnew) { past } else { Past::default() }
    }

    /// Whether what is not acknowledged is sent again.
    pub(super) fn sends_again(&self) -> bool {
        unless_planted!(self, SendsOnce)
    }

    /// Whether a letter waits for its past.
    pub(super) fn waits_for_the_past(&self) -> bool {
        unless_planted!(self, DeliversWithoutWaiting)
    }

    /// Whether the letter of this number is to be delivered next of its stream.
    pub(super) fn is_next(&self, cursor: &Cursor, number: u64) -> bool {
        let kept = [unless_planted!(self, TakesAnyLaterNumber), unless_planted!(self, PipelinesPastGaps)];
        if kept.contains(&false) { number > cursor.upto } else { number == cursor.upto + 1 }
    }

    /// Whether a letter has come before.
    pub(super) fn is_repetition(&self, cursor: &Cursor, number: u64) -> bool {
        cursor.has(number) && unless_planted!(self, TakesRepetitions)
    }

    /// What the member takes to have come, of what has.
    pub(super) fn believed(&self, cursor: Cursor) -> Cursor {
        #[cfg(feature = "planted")]
        if !unless_planted!(self, TakesAnyLaterNumber) {
            return cursor.without_gaps();
        }
        cursor
    }

    /// What a restarted member takes for its disk.
    pub(super) fn remembered(&self, disk: Durable) -> Durable {
        #[cfg(feature = "planted")]
        if !unless_planted!(self, NumbersAnewAfterRestart) {
            return disk.numbered_anew();
        }
        disk
    }

    /// Whether acknowledgements wait for the disk.
    pub(super) fn acks_what_is_durable(&self) -> bool {
        unless_planted!(self, AcksBeforeDisk)
    }

    /// The same with a bug.
    #[cfg(feature = "planted")]
    #[must_use]
    pub fn with(mut self, bug: Planted) -> Line {
        self.planted = Some(bug);
        self
    }
}
