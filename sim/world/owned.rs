//! A value that only the thread that made it may touch. Knows nothing of the value.
//!
//! Handles and futures of agents are `Send`, so what they share with the world must be `Sync`; yet a whole run lives
//! on one thread, and a lock would cost more than all else that is done with a message. So the lock is a look at the
//! thread: another thread is turned away, which is what determinism wants of it anyway.
#![allow(unsafe_code, reason = "a cell shared under a check of the thread cannot be written without")]

use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// A value of the thread that made it.
pub(super) struct Owned<T> {
    owner: u64,
    borrowed: Cell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: `borrowed` and `value` are touched through a shared reference only by `borrow_here`, and there only after
// `owner` was found to be this thread's number, which no other thread ever has. Dropping or moving the whole needs
// exclusive access, and then any thread may do it, because `T` is `Send`.
unsafe impl<T: Send> Sync for Owned<T> {}

impl<T> Owned<T> {
    /// A value of this thread.
    pub(super) fn new(value: T) -> Owned<T> {
        Owned { owner: this_thread(), borrowed: Cell::new(false), value: UnsafeCell::new(value) }
    }

    /// The value, for a moment.
    ///
    /// # Panics
    /// On another thread, or if it is borrowed already.
    #[inline]
    pub(super) fn borrow(&self) -> Borrowed<'_, T> {
        match self.borrow_here() {
            Some(borrowed) => borrowed,
            None => elsewhere(),
        }
    }

    /// The value, unless this is another thread.
    ///
    /// # Panics
    /// If it is borrowed already.
    #[inline]
    pub(super) fn borrow_here(&self) -> Option<Borrowed<'_, T>> {
        if self.owner != this_thread() {
            return None;
        }
        assert!(!self.borrowed.replace(true), "an agent's handle was used while it was being used");
        Some(Borrowed { of: self, thread: PhantomData })
    }
}

#[cold]
fn elsewhere() -> ! {
    panic!(
        "an agent's handle was used on another thread: a simulated agent lives on one thread, for threads run in no \
         order that a seed can repeat; start sub-agents with `delegate`, or join futures within the agent"
    );
}

/// The value while nobody else has it.
pub(super) struct Borrowed<'a, T> {
    of: &'a Owned<T>,
    /// Stays on the thread whose number was checked.
    thread: PhantomData<*const ()>,
}

impl<T> Deref for Borrowed<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `borrowed` was false and is true for as long as this exists, so there is no other reference; this
        // type is not `Send`, so the thread is the owner's.
        unsafe { &*self.of.value.get() }
    }
}

impl<T> DerefMut for Borrowed<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { &mut *self.of.value.get() }
    }
}

impl<T> Drop for Borrowed<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.of.borrowed.set(false);
    }
}

/// Numbers threads from 1, each its own: unlike an address, a number is never used again.
#[inline]
fn this_thread() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static NUMBER: Cell<u64> = const { Cell::new(0) };
    }
    NUMBER.with(|number| {
        if number.get() == 0 {
            number.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        number.get()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn its_own_thread_borrows_it_again_and_again() {
        let owned = Owned::new(1);
        *owned.borrow() += 1;
        assert_eq!(*owned.borrow(), 2);
    }

    #[test]
    fn it_cannot_be_borrowed_twice_at_once() {
        let owned = Owned::new(1);
        let first = owned.borrow();
        assert!(catch_unwind(AssertUnwindSafe(|| drop(owned.borrow()))).is_err());
        drop(first);
        assert_eq!(*owned.borrow(), 1);
    }

    #[test]
    fn another_thread_is_turned_away_and_may_drop_it() {
        let owned = Owned::new(vec![1]);
        std::thread::scope(|scope| {
            let refused = scope.spawn(|| owned.borrow_here().is_none());
            assert!(refused.join().expect("no panic"));
        });
        std::thread::scope(|scope| drop(scope.spawn(move || drop(owned))));
    }
}
