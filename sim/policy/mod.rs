//! Policies against partial failure: small state machines without a clock, a generator or a runtime.
//!
//! Time comes in as an argument. What is to be random comes out as a range of spans, from which the caller draws (or
//! which a protocol arms as a timer's range), so that nobody has to hand a generator in. They work in a simulation and
//! in production alike; nothing here knows a model, an agent or a world.
//!
//! | policy | what it does | source | file |
//! |---|---|---|---|
//! | [`Classify`] | sorts failures by what a repetition would do | Stoica et al. 2024 (WASABI, SOSP) | `classify.rs` |
//! | [`Backoff`] | waits longer with each failure, with full jitter | Brooker 2015 | `backoff.rs` |
//! | [`Retry`] | decides whether to try again, when, and in which words | the same | `retry.rs` |
//! | [`Budget`] | bounds all retries of a caller together | Google SRE 2016, chapter 21 | `budget.rs` |
//! | [`Deadline`] | travels with the request | gRPC, guide on deadlines | `deadline.rs` |
//! | [`Breaker`] | stops calling what fails, asks again with one probe | Nygard 2007, section 5.2 | `breaker.rs` |
//! | [`Plan`], [`Course`] | try, retry, fall back, give up in time: one request as a whole | | `course.rs` |
//! | [`Hedge`] | sends a second request after the p95 | Dean, Barroso 2013 | `hedge.rs` |
//! | [`Partial`] | a result that says what is missing | | `degrade.rs` |
//! | [`Health`] | says whether somebody may be given work, by four signs | | `health.rs` |
//! | [`CrossCheck`] | believe what other models, or a proof, confirm | arXiv 2510.11822 | `cross_check.rs` |
//! | [`Bulkhead`] | bounds what is under way at once | Nygard 2007, section 5.3 | `bulkhead.rs` |
//! | [`Allowance`] | shares a rate among callers | ITU-T I.371, 1993 | `allowance.rs` |
//! | [`Remembered`] | the last good answer, with its age | | `remembered.rs` |
//! | [`Saga`], [`Journal`] | several steps, done whole or undone whole | Garcia-Molina, Salem 1987 | `saga.rs` |
//! | [`FixedTimeout`], [`PhiAccrual`] | suspect who is not heard of | Hayashibara et al. 2004 | `detector.rs` |
//! | [`Leases`], [`Fence`] | claims with fencing tokens | Burrows 2006 (Chubby); Kleppmann 2016 | `lease.rs` |
//!
//! Crates that compute backoffs do not serve: `backon` 1.6 multiplies spans by an `f32`, `exponential-backoff` 2.1 has
//! its jitter as one, and both draw it by themselves, inside of an iterator that is no state to compare or to digest.
//! The arithmetic is one shift, so it is here.
//!
//! In production, whoever makes the request asks a clock of its own and waits for a span that it draws from the range:
//!
//! ```
//! use synod::policy::{Class, Course, Move, Plan, Retry};
//! use synod::time::{Duration, Time, millis, seconds};
//!
//! let began = std::time::Instant::now();
//! let now = || Time::ZERO + Duration(began.elapsed().as_nanos() as u64);
//! let mut lines = ["busy", "sunny"].into_iter();
//! let mut ask = |_within: Duration| lines.next().filter(|said| *said != "busy");
//!
//! let plan = Plan::new(Retry::times(3)).each(seconds(10)).within(seconds(30));
//! let mut course = Course::new(plan, now());
//! let mut step = course.next(now());
//! let weather = loop {
//!     step = match step {
//!         Move::Try(attempt) => match ask(attempt.within) {
//!             Some(said) => break said,
//!             None => course.failed(now(), Class::Busy { after: None }, None),
//!         },
//!         Move::Wait(range) => {
//!             let span = millis(1).min(*range.end()); // drawn from the range, by a generator of the caller's own
//!             std::thread::sleep(std::time::Duration::from_nanos(span.0));
//!             course.next(now())
//!         }
//!         Move::GiveUp(why) => panic!("no weather today: {why}"),
//!     };
//! };
//! assert_eq!(weather, "sunny");
//! ```

// First, for its macro.
#[macro_use]
mod planted;

mod allowance;
mod backoff;
mod breaker;
mod budget;
mod bulkhead;
mod classify;
mod course;
mod cross_check;
mod deadline;
mod degrade;
mod detector;
mod health;
mod hedge;
mod lease;
mod remembered;
mod retry;
mod saga;

pub use crate::fact::Circuit;
pub use allowance::Allowance;
pub use backoff::{Backoff, Jitter};
pub use breaker::{Admission, Breaker, Ended, Pass};
pub use budget::Budget;
pub use bulkhead::{Bulkhead, Entry, Place};
pub use classify::{Class, Classify};
pub use course::{Course, Move, Plan, Try};
pub use cross_check::{Belief, Checking, CrossCheck, Voice};
pub use deadline::Deadline;
pub use degrade::{Missing, Partial};
pub use detector::{Detector, FixedTimeout, PhiAccrual, Rhythm};
pub use health::{Condition, Health, Sign, Vitals};
pub use hedge::{Hedge, Hedged, Latencies};
pub use lease::{Fence, Held, Leases, Stale, Token};
#[cfg(feature = "planted")]
pub use planted::Planted;
pub use remembered::Remembered;
pub use retry::{Again, Repeatable, Retry, Stop, Wording};
pub use saga::{Act, Ending, Heading, Journal, Saga, Stage, Way};
