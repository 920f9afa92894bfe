//! Failures, sorted by what a repetition would do. Knows no provider and no tool.

use crate::time::Duration;

/// What a failure tells about trying again.
///
/// Of 70 retry bugs studied in WASABI (SOSP 2024), a third retried what never succeeds or did not retry what would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It was turned away and nothing was done: later it may be served.
    Busy {
        /// How long the other side asks to wait, if it says.
        after: Option<Duration>,
    },
    /// It failed, certainly without effect.
    Failed,
    /// Nobody knows what came of it: it may have had its effect, or have it yet.
    Unsure,
    /// It was answered, and the answer cannot be used: other words may help.
    Unusable,
    /// The same request fails again.
    Permanent,
}

crate::digestible! { enum Class { 1 = Busy { after }, 2 = Failed, 3 = Unsure, 4 = Unusable, 5 = Permanent } }

impl Class {
    /// Whether it certainly had no effect.
    ///
    /// ```
    /// use synod::policy::Class;
    /// assert!(Class::Busy { after: None }.is_without_effect());
    /// assert!(!Class::Unsure.is_without_effect(), "a timeout tells nothing");
    /// ```
    #[must_use]
    pub const fn is_without_effect(self) -> bool {
        matches!(self, Class::Busy { .. } | Class::Failed | Class::Permanent)
    }
}

/// An error that knows what a repetition would do.
///
/// ```
/// use synod::policy::{Class, Classify};
/// enum Fetch { NotFound, TimedOut }
/// impl Classify for Fetch {
///     fn class(&self) -> Class {
///         match self {
///             Fetch::NotFound => Class::Permanent,
///             Fetch::TimedOut => Class::Unsure,
///         }
///     }
/// }
/// assert_eq!(Fetch::NotFound.class(), Class::Permanent);
/// assert_ne!(Fetch::TimedOut.class(), Class::Permanent);
/// ```
pub trait Classify {
    /// Its class.
    fn class(&self) -> Class;
}
