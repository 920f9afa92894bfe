//! A node's disk: the fold of its writes, and what a crash leaves of them.

use crate::fact::Value;
use crate::protocol::Fold;

/// Durable state of one identity, shared by its live copies.
pub(super) struct Disk<D> {
    /// What a reader sees now.
    written: D,
    /// What survives a crash, where it differs: some write was only said to be durable.
    synced: Option<D>,
    /// Whether anything was ever written.
    used: bool,
}

/// Whether a write is as durable as it is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Honesty {
    /// It is.
    Honest,
    /// It is gone after the next crash.
    Lying,
}

/// What an async agent saved last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved(pub(super) Option<Value>);

impl Fold<Value> for Saved {
    fn fold(&mut self, state: &Value) {
        self.0 = Some(state.clone());
    }
}

impl<D: Default + Clone + Eq> Disk<D> {
    pub(super) fn new() -> Disk<D> {
        Disk { written: D::default(), synced: None, used: false }
    }

    /// Makes a write durable, or only says so.
    pub(super) fn write<W>(&mut self, write: &W, honesty: Honesty)
    where
        D: Fold<W>,
    {
        if honesty == Honesty::Lying && self.synced.is_none() {
            self.synced = Some(self.written.clone());
        }
        self.used = true;
        self.written.fold(write);
        if let (Honesty::Honest, Some(synced)) = (honesty, &mut self.synced) {
            synced.fold(write);
        }
    }

    /// Forgets what was only said to be durable; says whether that was anything.
    pub(super) fn crash(&mut self) -> bool {
        let Some(synced) = self.synced.take() else { return false };
        let lost = synced != self.written;
        self.written = synced;
        lost
    }

    /// Forgets everything; says whether there was anything.
    pub(super) fn wipe(&mut self) -> bool {
        std::mem::replace(self, Disk::new()).used
    }

    /// What a starting process finds.
    pub(super) fn read(&self) -> Option<D> {
        self.used.then(|| self.written.clone())
    }
}
