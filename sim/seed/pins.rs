//! Pins: one draw overridden by name, and the book that proves each was used.

use super::name::Name;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What one draw may decide, both ends included, and the choice that does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The least choice: an option number or nanoseconds.
    pub least: u64,
    /// The greatest choice.
    pub most: u64,
    /// The choice that a shrinker tries: no fault, least delay, first option.
    pub harmless: u64,
}

/// One draw of a run, decided in advance: the `index`-th draw of `stream` yields `choice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The stream's name, such as `loss/a1->a2`.
    pub stream: String,
    /// Which draw of that stream, from 0.
    pub index: u64,
    /// The decoded choice.
    pub choice: u64,
    /// The domain the choice was made from.
    pub domain: Domain,
}

/// A pin that does not fit the run it was given to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// The choice, or the domain it came from, is not the draw's.
    #[error(
        "pin {stream}#{index} chooses {choice}, but that draw decides {least}..={most}: \
         re-record the capsule with this version"
    )]
    OutOfDomain {
        /// The stream's name.
        stream: String,
        /// Which draw.
        index: u64,
        /// What the pin chose.
        choice: u64,
        /// The draw's least choice.
        least: u64,
        /// The draw's greatest choice.
        most: u64,
    },
    /// The run never made the draw.
    #[error(
        "pin {stream}#{index} was never consumed: the run makes no such draw; remove the pin or re-record the capsule"
    )]
    NeverConsumed {
        /// The stream's name.
        stream: String,
        /// Which draw.
        index: u64,
    },
    /// The same draw is pinned twice.
    #[error("pin {stream}#{index} is given twice: keep one")]
    Twice {
        /// The stream's name.
        stream: String,
        /// Which draw.
        index: u64,
    },
}

/// The pins of a run and, if asked for, a record of every draw it made.
#[derive(Clone, Default)]
pub struct Pins {
    book: Option<Arc<Mutex<Book>>>,
    watch: Watch,
}

/// Which streams have to ask. Most runs have a few pins, and then the others are as fast as in a run without any.
#[derive(Clone, Default)]
enum Watch {
    /// Those that have pins.
    #[default]
    Pinned,
    /// Every one: draws are recorded.
    All,
}

/// Pins by stream and index.
type Shelf<T> = BTreeMap<String, BTreeMap<u64, T>>;

#[derive(Default)]
struct Book {
    pinned: Shelf<Pinned>,
    misfits: Misfits,
    fault: Option<PinError>,
    record: Option<Record>,
    /// The instant that the run has reached.
    now: Time,
}

struct Pinned {
    pin: Pin,
    use_made: UseMade,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum UseMade {
    NotYet,
    Consumed,
    /// The draw was another one, and the pin was left aside.
    Misfit,
}

/// What becomes of a pin whose draw has another domain, or never comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Misfits {
    /// It is an error: whoever pins that draw is mistaken about the run.
    #[default]
    Wrong,
    /// The run is as if there were no such pin, which is idle: a search that mutates runs cannot know what becomes of
    /// the draws after a mutated one.
    Idle,
}

/// Every draw in the order in which it was first made.
#[derive(Default)]
struct Record {
    draws: Vec<Pin>,
    /// When each was first made.
    times: Vec<Time>,
    places: Shelf<usize>,
}

impl Record {
    /// One name is one sequence of draws: a stream that is opened again makes the same draws, which are recorded once.
    /// If it decides something else this time, two streams share a name; the record keeps both, so that pinning it
    /// fails instead of repeating another run.
    fn note(&mut self, pin: Pin, now: Time) {
        let of_stream = self.places.entry(pin.stream.clone()).or_default();
        let known = of_stream.get(&pin.index).is_some_and(|place| self.draws[*place] == pin);
        if !known {
            of_stream.insert(pin.index, self.draws.len());
            self.draws.push(pin);
            self.times.push(now);
        }
    }
}

impl Pins {
    /// No pins and no record: the run is its seed alone.
    #[must_use]
    pub fn none() -> Pins {
        Pins::default()
    }

    /// These pins.
    ///
    /// # Errors
    /// If one draw is pinned twice, or a choice lies outside its own domain.
    pub fn new(pins: &[Pin]) -> Result<Pins, PinError> {
        let mut book = Book::default();
        for pin in pins {
            let Domain { least, most, .. } = pin.domain;
            if !(least..=most).contains(&pin.choice) {
                return Err(out_of_domain(pin, least, most));
            }
            let pinned = Pinned { pin: pin.clone(), use_made: UseMade::NotYet };
            if book.pinned.entry(pin.stream.clone()).or_default().insert(pin.index, pinned).is_some() {
                return Err(PinError::Twice { stream: pin.stream.clone(), index: pin.index });
            }
        }
        let book = (!pins.is_empty()).then(|| Arc::new(Mutex::new(book)));
        Ok(Pins { book, watch: Watch::Pinned })
    }

    /// The same, with other rules for pins that do not fit.
    #[must_use]
    pub fn with(self, misfits: Misfits) -> Pins {
        self.book.iter().for_each(|book| lock(book).misfits = misfits);
        self
    }

    /// Records every draw from now on, as pins that would repeat it.
    #[must_use]
    pub fn recording(self) -> Pins {
        let book = self.book.unwrap_or_default();
        lock(&book).record = Some(Record::default());
        Pins { book: Some(book), watch: Watch::All }
    }

    /// What was recorded, in the order in which each draw was first made.
    #[must_use]
    pub fn recorded(&self) -> Vec<Pin> {
        let recorded = |book: &Arc<Mutex<Book>>| lock(book).record.as_ref().map(|record| record.draws.clone());
        self.book.as_ref().and_then(recorded).unwrap_or_default()
    }

    /// When each of the recorded draws was first made.
    #[must_use]
    pub fn recorded_at(&self) -> Vec<Time> {
        let times = |book: &Arc<Mutex<Book>>| lock(book).record.as_ref().map(|record| record.times.clone());
        self.book.as_ref().and_then(times).unwrap_or_default()
    }

    /// The run has reached this instant; draws are recorded as made at it.
    #[inline]
    pub fn reach(&self, now: Time) {
        if let (Watch::All, Some(book)) = (&self.watch, &self.book) {
            lock(book).now = now;
        }
    }

    /// Whether every pin was consumed within its domain.
    ///
    /// # Errors
    /// Names the first pin that was not.
    pub fn settle(&self) -> Result<(), PinError> {
        let Some(book) = &self.book else { return Ok(()) };
        let book = lock(book);
        if let Some(fault) = &book.fault {
            return Err(fault.clone());
        }
        if book.misfits == Misfits::Idle {
            return Ok(());
        }
        let mut pinned = book.pinned.values().flat_map(BTreeMap::values);
        match pinned.find(|pinned| pinned.use_made == UseMade::NotYet) {
            None => Ok(()),
            Some(Pinned { pin, .. }) => Err(PinError::NeverConsumed { stream: pin.stream.clone(), index: pin.index }),
        }
    }

    /// The pins that no draw came to so far.
    #[must_use]
    pub fn idle(&self) -> Vec<Pin> {
        let idle = |book: &Arc<Mutex<Book>>| {
            let book = lock(book);
            let pinned = book.pinned.values().flat_map(BTreeMap::values);
            pinned.filter(|pinned| pinned.use_made != UseMade::Consumed).map(|pinned| pinned.pin.clone()).collect()
        };
        self.book.as_ref().map(idle).unwrap_or_default()
    }

    /// Whether the stream of this name has to ask at all.
    #[inline]
    pub(super) fn watches(&self, stream: &impl Name) -> Option<String> {
        let book = self.book.as_ref()?;
        let name = stream.text();
        let watched = matches!(self.watch, Watch::All) || lock(book).pinned.contains_key(&name);
        watched.then_some(name)
    }

    /// The names of an entity's lanes, if one of them has to ask.
    #[inline]
    pub(super) fn watches_any(&self, lanes: &[&str], entity: &impl Name) -> Option<Vec<String>> {
        let book = self.book.as_ref()?;
        let entity = entity.text();
        let names: Vec<String> = lanes.iter().map(|lane| format!("{lane}/{entity}")).collect();
        let pinned = |name: &String| lock(book).pinned.contains_key(name);
        let watched = matches!(self.watch, Watch::All) || names.iter().any(pinned);
        watched.then_some(names)
    }

    /// The choice of one draw: `drawn`, unless it is pinned.
    #[cold]
    pub(super) fn decide(&self, stream: &str, index: u64, drawn: u64, domain: Domain) -> u64 {
        let Some(book) = &self.book else { return drawn };
        let mut book = lock(book);
        let Book { pinned, misfits, fault, record, now } = &mut *book;
        let choice = match pinned.get_mut(stream).and_then(|pins| pins.get_mut(&index)) {
            None => drawn,
            Some(Pinned { pin, use_made }) => {
                if pin.domain == domain && *use_made != UseMade::Misfit {
                    *use_made = UseMade::Consumed;
                    pin.choice
                } else if *misfits == Misfits::Idle {
                    *use_made = UseMade::Misfit;
                    drawn
                } else {
                    *use_made = UseMade::Consumed;
                    fault.get_or_insert_with(|| out_of_domain(pin, domain.least, domain.most));
                    domain.harmless
                }
            }
        };
        if let Some(record) = record {
            record.note(Pin { stream: stream.to_owned(), index, choice, domain }, *now);
        }
        choice
    }
}

fn out_of_domain(pin: &Pin, least: u64, most: u64) -> PinError {
    PinError::OutOfDomain { stream: pin.stream.clone(), index: pin.index, choice: pin.choice, least, most }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}
