//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

bugs! {
    1 = RetriesPermanent, "A retry does not look at what kind of failure it was: what fails again is tried again.";
    2 = RepeatsOnceOnly, "A retry repeats what may have happened already.";
    3 = IgnoresBudget, "A retry does not ask its budget.";
    4 = NoJitter, "All callers wait for the same span.";
    5 = WaitsPastDeadline, "A retry waits past the deadline.";
    6 = DeadlineStartsAfresh, "Each try has the whole time again.";
    7 = EveryoneProbes, "A half-open breaker lets everyone through.";
    8 = OpenLeaks, "An open breaker lets calls through.";
    9 = HedgesOnceOnly, "A hedge sends what must not be sent twice.";
    10 = SilentlyPartial, "A partial result does not say that it is one.";
    11 = StopsAtFirstRung, "A fallback ends at its first rung.";
    12 = SameToken, "Every claim has the same number.";
    13 = TakesAnyToken, "Whoever comes with a number may act, however old it is.";
    14 = NoWait, "A retry does not wait.";
    15 = PaysWhole, "Each first try pays for a whole retry.";
    16 = NeverEmpty, "A budget that is used up still pays.";
    17 = HedgesAtOnce, "The second request is sent with the first.";
    18 = ForgetsOpen, "A partial result leaves out the parts of which nothing was heard.";
    19 = SkipsRung, "A fallback skips a rung.";
    20 = ClaimsTwice, "A claim is given while another lasts.";
    21 = ForgetsSeen, "A fence does not remember the numbers that it has seen.";
    22 = HearsNothing, "A detector does not hear heartbeats.";
    23 = NeverSuspects, "A detector suspects nobody.";
    24 = ShellVouches, "A heartbeat of the shell counts as progress of the model.";
    25 = ForgivesGarbage, "Replies that cannot be used are not counted.";
    26 = CountsAuthorsModel, "The author's own model may approve its answer.";
    27 = DoubtIsConsent, "An opinion that cannot be read counts as approval.";
    28 = NoSeats, "A bulkhead does not count who is in.";
    29 = SeatNeverFreed, "A seat is never given back.";
    30 = SharesWhole, "Each share of a rate is the whole rate.";
    31 = ForgetsTaken, "What is taken from a rate is not written down.";
    32 = UndoesInOrder, "A saga undoes its first step first.";
    33 = SkipsUnsure, "A saga does not undo a step of which nobody knows what came.";
    34 = FreshKeys, "A saga repeats a step under another key.";
    35 = GivesUpUndoing, "A saga takes a step that could not be undone for undone.";
    36 = ActsFirst, "A saga acts before it has written down that it does.";
    37 = RecallsTooOld, "A remembered answer is given however old it is.";
    38 = KeepsFirst, "The first answer is remembered, as if each later one were the same.";
    39 = NoCeiling, "A detector gets used to absences: silence of any length may be usual.";
    40 = HedgesUnpaid, "A hedge does not ask its budget.";
    41 = SaysItAgain, "A question that was not answered is put in the same words again.";
    42 = NeverHedges, "A second request is never sent, however late the first is.";
    43 = ForgivesRefuted, "Answers that others refute are not counted.";
}

/// The bug that a policy has in it, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bug {
    #[cfg(feature = "planted")]
    pub(super) planted: Option<Planted>,
}

impl Bug {
    /// None.
    pub(super) const NONE: Bug = Bug {
        #[cfg(feature = "planted")]
        planted: None,
    };

    /// This one.
    #[cfg(feature = "planted")]
    pub(super) const fn of(bug: Planted) -> Bug {
        Bug { planted: Some(bug) }
    }
}

impl crate::digest::Digest for Bug {
    fn digest(&self, digester: &mut crate::digest::Digester) {
        #[cfg(feature = "planted")]
        self.planted.digest(digester);
        let _ = digester;
    }
}

/// Whether a bug of this name is planted.
macro_rules! has {
    ($bug:expr, $name:ident) => {{
        #[cfg(feature = "planted")]
        {
            $bug.planted == Some(crate::policy::Planted::$name)
        }
        #[cfg(not(feature = "planted"))]
        {
            let _ = $bug;
            false
        }
    }};
}
