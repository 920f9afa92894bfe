//! Bugs put in on purpose. Without the feature `planted` every question here is answered by a constant.

/// One small mistake each.
#[cfg(feature = "planted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A retry does not look at what kind of failure it was: what fails again is tried again.
    RetriesPermanent,
    /// A retry repeats what may have happened already.
    RepeatsOnceOnly,
    /// A retry does not ask its budget.
    IgnoresBudget,
    /// All callers wait for the same span.
    NoJitter,
    /// A retry waits past the deadline.
    WaitsPastDeadline,
    /// Each try has the whole time again.
    DeadlineStartsAfresh,
    /// A half-open breaker lets everyone through.
    EveryoneProbes,
    /// An open breaker lets calls through.
    OpenLeaks,
    /// A hedge sends what must not be sent twice.
    HedgesOnceOnly,
    /// A partial result does not say that it is one.
    SilentlyPartial,
    /// A fallback ends at its first rung.
    StopsAtFirstRung,
    /// Every claim has the same number.
    SameToken,
    /// Whoever comes with a number may act, however old it is.
    TakesAnyToken,
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
        digester.word(self.planted.map_or(0, |bug| bug as u64 + 1));
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
