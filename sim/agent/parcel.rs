//! A message of the user's own type on its way.

use super::canonical::{Measured, measure};
use crate::fact::Value;
use serde::Serialize;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A user's value, shared by all its receivers. Its type is found again by the receiver; nothing is encoded on the way.
#[derive(Clone)]
pub struct Parcel(Arc<dyn Payload>);

/// A value with what the world needs to know of it.
trait Payload: Send + Sync {
    fn value(&self) -> &dyn Any;
    fn measured(&self) -> Measured;
    fn text(&self) -> String;
    fn canonical(&self) -> Option<Value>;
}

struct Packed<T> {
    measured: Measured,
    value: T,
}

impl<T: Serialize + Send + Sync + 'static> Payload for Packed<T> {
    fn value(&self) -> &dyn Any {
        &self.value
    }

    fn measured(&self) -> Measured {
        self.measured
    }

    fn text(&self) -> String {
        let name = std::any::type_name::<T>();
        let name = name.rsplit("::").next().unwrap_or(name);
        match serde_json::to_string(&self.value) {
            Ok(json) => format!("{name} {json}"),
            Err(error) => format!("{name}, which has no JSON form: {error}"),
        }
    }

    fn canonical(&self) -> Option<Value> {
        super::canonical(&self.value).ok()
    }
}

impl Parcel {
    /// Wraps a value.
    pub fn new<T: Serialize + Clone + Send + Sync + 'static>(value: &T) -> Parcel {
        Parcel(Arc::new(Packed { measured: measure(value), value: value.clone() }))
    }

    /// The value, if it is of this type.
    #[must_use]
    pub fn open<T: Clone + 'static>(&self) -> Option<T> {
        self.0.value().downcast_ref::<T>().cloned()
    }

    /// Whether the value is of this type.
    #[must_use]
    pub fn holds<T: 'static>(&self) -> bool {
        self.0.value().is::<T>()
    }

    /// The value in canonical form, if it has one.
    #[must_use]
    pub fn canonical(&self) -> Option<Value> {
        self.0.canonical()
    }

    /// The digest of its content and its size.
    #[must_use]
    pub fn measured(&self) -> Measured {
        self.0.measured()
    }
}

impl fmt::Display for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text())
    }
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
