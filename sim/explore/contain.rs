//! Panics turned into values. Knows nothing of what panicked.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// A panic that escaped a whole run: the scenario's own code failed, not an agent in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("panicked: {what}")]
pub struct Escape {
    /// What the panic said, and where.
    pub what: String,
}

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic in it is returned instead of printed.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Escape> {
    hush();
    SAID.take();
    let before = CONTAINED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(before);
    result.map_err(|payload| {
        let said = SAID.take();
        let text = || payload.downcast_ref::<&str>().map_or("a value without a text", |text| text).to_owned();
        Escape { what: said.unwrap_or_else(|| payload.downcast_ref::<String>().cloned().unwrap_or_else(text)) }
    })
}

/// Installs, once, a hook that keeps contained panics quiet (printing a backtrace costs .15 s) and passes on all others.
fn hush() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| if CONTAINED.get() { remember(info) } else { loud(info) }));
    });
}

fn remember(info: &PanicHookInfo<'_>) {
    let said = info.payload_as_str().unwrap_or("a value without a text");
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    SAID.replace(Some(format!("{said}{place}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contained_panic_says_what_and_where() {
        let escape = contained(|| panic!("no such slot")).map(|(): ()| ()).unwrap_err();
        assert!(escape.what.starts_with("no such slot (") && escape.what.contains("contain.rs:"), "{escape}");
    }

    #[test]
    fn the_text_survives_a_panic_that_was_caught_and_resumed_inside() {
        let again = || match panic::catch_unwind(|| panic!("first")) {
            Ok(()) => (),
            Err(payload) => panic::resume_unwind(payload),
        };
        assert!(contained(again).unwrap_err().what.starts_with("first"));
    }
}
