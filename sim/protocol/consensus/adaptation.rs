//! What language models add to any consensus protocol, as switches: turned off one at a time, each shows what it is
//! for.
//!
//! Knows no protocol. Who turns one off keeps the protocol's own rules and loses what the rule beside it says.

/// Adaptation 2, validated acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// A proposal enters the log once a majority of the members approved it.
    Validated,
    /// Whatever the leader's model proposes enters the log.
    Unchecked,
}

/// Adaptation 3, verbatim adoption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Values are carried as bytes.
    Verbatim,
    /// Each follower writes down what it understood, in its own words.
    Reworded,
}

/// Adaptation 4, first half: the shell lives although its model is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeats {
    /// The shell sends them, whatever its model does.
    FromShell,
    /// None is sent while the leader waits for its model, as in a loop that blocks on generation.
    BetweenAnswers,
}

/// Adaptation 4, second half: a live shell with a dead model must not stay leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// It yields when its lease runs out or its proposals are used up.
    Yields,
    /// It keeps leading and keeps asking.
    Stays,
}

/// Adaptation 5, durable before visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// What a message depends on is durable before the message leaves.
    DurableFirst,
    /// Messages leave first.
    SentFirst,
}

crate::digestible! { enum Acceptance { 1 = Validated, 2 = Unchecked } }
crate::digestible! { enum Adoption { 1 = Verbatim, 2 = Reworded } }
crate::digestible! { enum Heartbeats { 1 = FromShell, 2 = BetweenAnswers } }
crate::digestible! { enum Handover { 1 = Yields, 2 = Stays } }
crate::digestible! { enum Visibility { 1 = DurableFirst, 2 = SentFirst } }
