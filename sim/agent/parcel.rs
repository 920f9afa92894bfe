//! A message of the user's own type on its way.

use super::canonical::{Measured, measure};
use crate::fact::Value;
use serde::Serialize;
use std::any::Any;
use std::fmt;

/// A user's value on its way to one receiver, who finds its type again; nothing is encoded on the way. Each receiver
/// gets a copy of its own, so nobody has to count who shares it.
pub struct Parcel(Box<dyn Payload>);

/// A value with what the world needs to know of it.
trait Payload: Any + Send + Sync {
    fn copied(&self) -> Parcel;
    fn measured(&self) -> Measured;
    fn text(&self) -> String;
    fn canonical(&self) -> Option<Value>;
}

#[derive(Clone)]
struct Packed<T> {
    measured: Measured,
    value: T,
}

impl<T: Serialize + Clone + Send + Sync + 'static> Payload for Packed<T> {
    fn copied(&self) -> Parcel {
        Parcel(Box::new(self.clone()))
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
        Parcel(Box::new(Packed { measured: measure(value), value: value.clone() }))
    }

    /// The value, if it is of this type.
    #[must_use]
    pub fn open<T: 'static>(self) -> Option<T> {
        let packed: Box<dyn Any> = self.0;
        packed.downcast::<Packed<T>>().ok().map(|packed| packed.value)
    }

    /// Whether the value is of this type.
    #[must_use]
    pub fn holds<T: 'static>(&self) -> bool {
        let packed: &dyn Any = &*self.0;
        packed.is::<Packed<T>>()
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

impl Clone for Parcel {
    fn clone(&self) -> Parcel {
        self.0.copied()
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
