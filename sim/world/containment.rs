//! Panics of the tested code turned into values, quietly and with their place. Knows nothing of what panicked.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panicked {
    /// What it said.
    pub(crate) text: String,
    /// File and line; empty for a panic that was thrown past the hook.
    pub(crate) place: String,
}

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

/// Runs something; a panic in it becomes an error, and nothing is printed. A printed backtrace would cost .15 s a panic.
pub(crate) fn contain<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    hush();
    let outer = CONTAINED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    CONTAINED.set(outer);
    outcome.map_err(|payload| {
        let text = text_of(&*payload);
        // The tested code may have caught an earlier panic by itself: its place is not this one's.
        let last = LAST.take().filter(|last| last.text == text);
        last.unwrap_or(Panicked { text, place: String::new() })
    })
}

/// Installs, once, a hook that remembers contained panics and passes on all others.
fn hush() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !CONTAINED.get() {
                return loud(info);
            }
            let place = info.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
            LAST.replace(Some(Panicked { text: text_of(info.payload()), place }));
        }));
    });
}

fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a value without a text".to_owned())
}

impl Panicked {
    /// What to write instead, if the code tried what a simulated run does not have.
    fn remedy(&self) -> Option<&'static str> {
        if self.text.contains("no reactor running") {
            return Some(
                "calls tokio's reactor, which a simulated run does not have: use agent.sleep, agent.timeout, agent.send \
                 and agent.recv instead",
            );
        }
        // madsim lets the preparation of a thread fail, and the standard library asserts that it does not.
        let spawning = self.place.contains("/std/src/sys/") && self.place.contains("thread");
        spawning.then_some(
            "starts a thread, which no seed can reproduce: join futures within the agent, or use agent.delegate, instead",
        )
    }
}

/// One line: what was said and where, or the remedy where we know one.
impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Panicked { text, place } = self;
        match self.remedy() {
            // A place within the standard library tells nobody anything.
            Some(remedy) if place.contains("/std/src/") => f.write_str(remedy),
            Some(remedy) => write!(f, "at {place} {remedy}"),
            None if place.is_empty() => write!(f, "panicked: {text}"),
            None => write!(f, "panicked at {place}: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{catch_unwind, resume_unwind};

    #[test]
    fn a_contained_panic_says_what_and_where() {
        let panicked = contain(|| panic!("no slot {}", 7)).map(|(): ()| ()).unwrap_err();
        assert_eq!(panicked.text, "no slot 7");
        assert!(panicked.place.contains("containment.rs:"), "{panicked}");
        assert_eq!(panicked.to_string(), format!("panicked at {}: no slot 7", panicked.place));
    }

    #[test]
    fn the_place_survives_a_panic_that_was_caught_and_resumed_inside() {
        let again = || match catch_unwind(|| panic!("first")) {
            Ok(()) => (),
            Err(payload) => resume_unwind(payload),
        };
        assert!(contain(again).unwrap_err().place.contains("containment.rs:"));
    }

    #[test]
    fn a_panic_that_the_tested_code_caught_lends_no_place_to_a_later_one() {
        let later = || {
            let _ = catch_unwind(|| panic!("caught"));
            resume_unwind(Box::new("thrown"));
        };
        let panicked = contain(later).map(|(): ()| ()).unwrap_err();
        assert_eq!(panicked, Panicked { text: "thrown".to_owned(), place: String::new() });
    }

    #[test]
    fn what_a_simulated_run_lacks_is_named_with_its_replacement() {
        let said = |text: &str, place: &str| Panicked { text: text.into(), place: place.into() }.to_string();
        let reactor = said("there is no reactor running, must be called from the context of a Tokio 1.x", "team.rs:9");
        assert!(reactor.starts_with("at team.rs:9 calls tokio's reactor"), "{reactor}");
        assert!(reactor.contains("agent.sleep"), "{reactor}");
        let thread = said("assertion failed", "/rustc/1/library/std/src/sys/thread/unix.rs:38");
        assert!(thread.starts_with("starts a thread") && thread.contains("agent.delegate"), "{thread}");
    }
}
