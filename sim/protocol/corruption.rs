//! How a corrupted message differs from what was sent: in one bit. Knows no message.

use crate::fact::Value;

/// Which bits a flip may hit: the low ones, so that an altered term or index stays near enough to matter.
const BITS: u64 = 4;

/// Flips one low bit of a word.
pub(crate) fn word(word: &mut u64, draw: u64) {
    *word ^= 1 << (draw % BITS);
}

/// The value with one bit of one byte flipped; of an empty value, one with a byte.
pub(crate) fn value(value: &Value, draw: u64) -> Value {
    let mut bytes = value.bytes().to_vec();
    let size = bytes.len() as u64;
    match size {
        0 => bytes.push(b'?'),
        _ => bytes[usize::try_from(draw % size).expect("an index of a slice")] ^= 1,
    }
    Value::new(&bytes)
}
