//! Panics of the tested code, caught quietly and with their place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs something; a panic in it becomes an error that says what and where, and nothing is printed. A printed backtrace
/// would cost .15 s a panic.
pub(super) fn contain<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !CONTAINED.get() {
                return usual(info);
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            PLACE.with(|slot| *slot.borrow_mut() = place);
        }));
    });
    let outer = CONTAINED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    CONTAINED.set(outer);
    outcome.map_err(|panic| describe(&*panic, &PLACE.with(|slot| slot.borrow().clone())))
}

/// What a panic said and where, with the remedy where we know one.
fn describe(panic: &(dyn Any + Send), place: &str) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "a panic without a text".to_owned());
    if text.contains("no reactor running") {
        return format!(
            "{place} calls tokio's reactor, which a simulated run does not have: use agent.sleep, agent.timeout, \
             agent.send and agent.recv instead"
        );
    }
    format!("panicked at {place}: {text}")
}
