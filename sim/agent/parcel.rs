//! A message of the user's own type on its way.

use super::canonical::{Measured, measure};
use serde::Serialize;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A user's value, shared by all its receivers. Its type is found again by the receiver; nothing is encoded on the way.
#[derive(Clone)]
pub struct Parcel {
    body: Arc<dyn Any + Send + Sync>,
    text: fn(&dyn Any) -> String,
    type_name: &'static str,
    measured: Measured,
}

impl Parcel {
    /// Wraps a value.
    pub fn new<T: Serialize + Clone + Send + Sync + 'static>(value: &T) -> Parcel {
        let text = |body: &dyn Any| match body.downcast_ref::<T>().map(serde_json::to_string) {
            Some(Ok(json)) => json,
            _ => "a value that has no JSON form".to_owned(),
        };
        Parcel { body: Arc::new(value.clone()), text, type_name: std::any::type_name::<T>(), measured: measure(value) }
    }

    /// The value, if it is of this type.
    #[must_use]
    pub fn open<T: Clone + 'static>(&self) -> Option<T> {
        self.body.downcast_ref::<T>().cloned()
    }

    /// Whether the value is of this type.
    #[must_use]
    pub fn holds<T: 'static>(&self) -> bool {
        self.body.is::<T>()
    }

    /// The digest of its content.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.measured.digest
    }

    /// Its size in words.
    #[must_use]
    pub const fn words(&self) -> u64 {
        self.measured.words
    }
}

impl fmt::Display for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.type_name.rsplit("::").next().unwrap_or(self.type_name);
        write!(f, "{name} {}", (self.text)(&*self.body))
    }
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
