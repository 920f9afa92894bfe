//! Canonical bytes with their digest, and how they are found in whatever holds them. Knows no protocol and no task.

use super::Slot;
use crate::digest::{Digest, Digester, digest_of};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A proposal's canonical bytes and their digest. The same answer in other words is another value.
///
/// ```
/// use synod::fact::Value;
/// assert_eq!(Value::from("rollback"), Value::new(b"rollback"));
/// assert_ne!(Value::from("rollback"), Value::from("Rollback"));
/// ```
#[derive(Clone)]
pub struct Value {
    bytes: Arc<[u8]>,
    digest: u64,
}

impl Value {
    /// The value of these canonical bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Value {
        Value { digest: digest_of(&bytes), bytes: bytes.into() }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The digest of the bytes.
    #[must_use]
    pub const fn digest_word(&self) -> u64 {
        self.digest
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.digest == other.digest && self.bytes == other.bytes
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Value) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Value) -> std::cmp::Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::new(text.as_bytes())
    }
}

/// The bytes as text, so that a trace can quote the claim itself.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.bytes))
    }
}

/// As [`Display`](fmt::Display). With the `+` flag, between marks by which [`mentions`] finds it in whatever holds it.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.sign_plus() { write!(f, "{BEGIN}{self}{END}") } else { fmt::Display::fmt(self, f) }
    }
}

/// Control characters, which JSON escapes, so they cannot stand in a canonical value.
const BEGIN: char = '\u{2}';
const END: char = '\u{3}';

/// A value found in something that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The slot named last before it.
    pub slot: Option<Slot>,
    /// The value.
    pub value: Value,
}

/// Every value in a message, a write or a fact, found through its `Debug` form: no type has to list its values, and
/// nothing is paid where nobody asks. Derived `Debug` passes the flag on; one written by hand has to.
///
/// ```
/// use synod::fact::{Fact, Slot, Value, mentions};
/// let fact = Fact::Proposed { slot: Slot(3), value: Value::from("7") };
/// let found = mentions(&fact);
/// assert_eq!((found[0].slot, &found[0].value), (Some(Slot(3)), &Value::from("7")));
/// ```
#[must_use]
pub fn mentions(holder: &impl fmt::Debug) -> Vec<Mention> {
    let text = format!("{holder:+?}");
    let mut slot = None;
    let mut found = Vec::new();
    for (place, piece) in text.split([BEGIN, END]).enumerate() {
        // Pieces alternate: what is outside of values, and values.
        if place % 2 == 1 {
            found.push(Mention { slot, value: Value::from(piece) });
        } else {
            slot = last_slot(piece).or(slot);
        }
    }
    found
}

/// The slot named last in a `Debug` form.
fn last_slot(text: &str) -> Option<Slot> {
    let (_, number) = text.rsplit_once("Slot(")?;
    number.split(')').next()?.trim_start_matches('+').parse().ok().map(Slot)
}

impl Digest for Value {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.digest);
    }
}

/// Text as text; bytes that are no text as `{"hex": "…"}`, so that reading back gives the same value.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a value must be a text, or {\"hex\": …} with two digits for each byte")]
enum Written {
    Text(String),
    Bytes { hex: String },
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let hex = self.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Written::Bytes { hex }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        let hex = match Written::deserialize(deserializer)? {
            Written::Text(text) => return Ok(Value::from(text.as_str())),
            Written::Bytes { hex } => hex,
        };
        let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len() % 2 == 0);
        let digits = digits.ok_or_else(|| serde::de::Error::custom("a hex value has two hex digits for each byte"))?;
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
        Ok(Value::new(&bytes))
    }
}
