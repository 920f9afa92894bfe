//! The digest and size of any serializable value, without encoding it anywhere.

use crate::digest::{Digest, Digester};
use serde::ser::{self, Serialize};
use std::fmt;

/// What measuring a value gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The digest of its content.
    pub digest: u64,
    /// Its size in words.
    pub words: u64,
}

/// Measures a value. Two values of one type have the same digest if they serialize alike.
pub fn measure<T: Serialize + ?Sized>(value: &T) -> Measured {
    let mut meter = Meter(Digester::default());
    // A value that refuses to serialize still has a digest: that of what it wrote before it refused.
    let _ = value.serialize(&mut meter);
    Measured { digest: meter.0.finish(), words: meter.0.words() }
}

struct Meter(Digester);

/// A value that refuses to serialize.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value refuses to serialize")
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Refused {
        Refused
    }
}

type Done = Result<(), Refused>;

macro_rules! numbers {
    ($($method:ident: $type:ty;)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Done {
            self.0.word(value as u64);
            Ok(())
        }
    )*};
}

impl<'a> ser::Serializer for &'a mut Meter {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = &'a mut Meter;
    type SerializeTuple = &'a mut Meter;
    type SerializeTupleStruct = &'a mut Meter;
    type SerializeTupleVariant = &'a mut Meter;
    type SerializeMap = &'a mut Meter;
    type SerializeStruct = &'a mut Meter;
    type SerializeStructVariant = &'a mut Meter;

    numbers! {
        serialize_bool: bool; serialize_i8: i8; serialize_i16: i16; serialize_i32: i32; serialize_i64: i64;
        serialize_u8: u8; serialize_u16: u16; serialize_u32: u32; serialize_u64: u64; serialize_char: char;
    }

    // A user's type may hold a float: its bits are digested, never computed with.
    fn serialize_f32(self, value: f32) -> Done {
        self.0.word(u64::from(value.to_bits()));
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Done {
        self.0.word(value.to_bits());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Done {
        value.digest(&mut self.0);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Done {
        self.0.bytes(value);
        Ok(())
    }

    fn serialize_none(self) -> Done {
        self.0.word(0);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        self.0.word(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Done {
        self.0.word(u64::from(index));
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Done {
        self.0.word(u64::from(index));
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Refused> {
        self.0.word(length.map_or(u64::MAX, |length| length as u64));
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Refused> {
        self.0.word(u64::from(index));
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Refused> {
        self.serialize_seq(length)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Refused> {
        self.0.word(u64::from(index));
        Ok(self)
    }
}

macro_rules! compound {
    ($($trait:ident :: $method:ident;)*) => {$(
        impl ser::$trait for &mut Meter {
            type Ok = ();
            type Error = Refused;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                value.serialize(&mut **self)
            }

            fn end(self) -> Done {
                Ok(())
            }
        }
    )*};
}

compound! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! fields {
    ($($trait:ident;)*) => {$(
        impl ser::$trait for &mut Meter {
            type Ok = ();
            type Error = Refused;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Done {
                value.serialize(&mut **self)
            }

            fn end(self) -> Done {
                Ok(())
            }
        }
    )*};
}

fields! { SerializeStruct; SerializeStructVariant; }

impl ser::SerializeMap for &mut Meter {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize)]
    enum Note {
        Plan { steps: Vec<u8>, owner: Option<&'static str> },
        Done(u64),
    }

    #[test]
    fn values_that_serialize_otherwise_measure_otherwise() {
        let notes = [
            Note::Plan { steps: vec![1, 2], owner: None },
            Note::Plan { steps: vec![1], owner: Some("a1") },
            Note::Done(0),
            Note::Done(1),
        ];
        for (place, note) in notes.iter().enumerate() {
            for other in &notes[..place] {
                assert_ne!(measure(note), measure(other));
            }
        }
        assert_eq!(measure(&Note::Done(1)), measure(&Note::Done(1)));
    }
}
