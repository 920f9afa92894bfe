//! Whose code runs on this thread, for whatever must not be reached from inside a run. Knows no world and no socket.
//!
//! A run lives on one thread, so a cell of the thread tells whether one is under way. Code that another thread runs is
//! not seen.

use super::recorder::Who;
use crate::id::NodeId;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;

/// Where in a simulated run this thread is.
///
/// ```
/// use synod::world::Inside;
/// assert_eq!(Inside::now(), None, "no run is under way here");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// In the code of this node.
    Node(NodeId),
    /// In the scenario's own.
    Scenario,
}

thread_local! {
    static INSIDE: Cell<Option<Inside>> = const { Cell::new(None) };
    static TRESPASS: RefCell<Option<Trespass>> = const { RefCell::new(None) };
}

impl Inside {
    /// Where this thread is; `None` outside of every run, and where a thread that ends has no cells any more.
    #[must_use]
    pub fn now() -> Option<Inside> {
        INSIDE.try_with(Cell::get).ok().flatten()
    }

    /// Has the run fail for something it must not do. The first one counts.
    pub fn trespasses(self, what: String) {
        let note = |cell: &RefCell<Option<Trespass>>| _ = cell.borrow_mut().get_or_insert(Trespass { by: self, what });
        // A thread without cells has no run either.
        let _ = TRESPASS.try_with(note);
    }
}

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inside::Node(node) => write!(f, "{node}"),
            Inside::Scenario => f.write_str("the scenario"),
        }
    }
}

/// Something a run must not do, and in whose code it was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trespass {
    pub(crate) by: Inside,
    pub(crate) what: String,
}

impl Trespass {
    /// What was tried since this was last asked.
    #[inline]
    pub(crate) fn take() -> Option<Trespass> {
        // Asked after every step of an agent, and there is hardly ever anything to take.
        TRESPASS.with(|cell| if cell.borrow().is_none() { None } else { cell.take() })
    }

    /// The node in whose code it was tried.
    pub(crate) const fn node(&self) -> Option<NodeId> {
        match self.by {
            Inside::Node(node) => Some(node),
            Inside::Scenario => None,
        }
    }
}

/// A run on this thread, until this is dropped.
#[must_use]
pub(crate) struct OnStage {
    outer: Option<Inside>,
    /// Stays on its thread.
    thread: PhantomData<*const ()>,
}

impl OnStage {
    pub(crate) fn enter() -> OnStage {
        OnStage { outer: INSIDE.replace(Some(Inside::Scenario)), thread: PhantomData }
    }
}

impl Drop for OnStage {
    fn drop(&mut self) {
        INSIDE.set(self.outer);
        TRESPASS.take();
    }
}

/// Whose code a world runs, for the report of a panic and for the thread to see.
#[derive(Debug, Default)]
pub(super) struct Running {
    who: Option<Who>,
    outer: Option<Inside>,
}

impl Running {
    #[inline]
    pub(super) fn enter(&mut self, who: Who) {
        self.who = Some(who);
        self.outer = INSIDE.replace(Some(Inside::Node(who.node)));
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        self.who = None;
        INSIDE.set(self.outer);
    }

    pub(super) const fn who(&self) -> Option<Who> {
        self.who
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_inside_for_as_long_as_its_run() {
        let mut running = Running::default();
        {
            let _run = OnStage::enter();
            assert_eq!(Inside::now(), Some(Inside::Scenario));
            running.enter(Who::only(NodeId::agent(2)));
            assert_eq!(Inside::now(), Some(Inside::Node(NodeId::agent(2))));
            assert_eq!(std::thread::scope(|scope| scope.spawn(Inside::now).join().unwrap()), None);
            running.leave();
            assert_eq!(Inside::now(), Some(Inside::Scenario));
        }
        assert_eq!(Inside::now(), None);
    }

    #[test]
    fn the_first_trespass_is_reported_once_and_none_outlives_its_run() {
        let run = OnStage::enter();
        Inside::Node(NodeId::agent(0)).trespasses("first".to_owned());
        Inside::Scenario.trespasses("second".to_owned());
        let first = Trespass::take().expect("one");
        assert_eq!((first.node(), first.what.as_str()), (Some(NodeId::agent(0)), "first"));
        assert_eq!(Trespass::take(), None);
        Inside::Scenario.trespasses("third".to_owned());
        drop(run);
        assert_eq!(Trespass::take(), None);
    }
}
