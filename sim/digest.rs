//! Digests that are the same on every machine, in every build. Knows words only.
//!
//! The standard `Hash` is not used: it hashes native widths and compiler-chosen discriminants. Here
//! everything becomes fixed-width little-endian words, and enum variants carry explicit numbers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Odd multipliers with well-mixed bits: the first words of the fractional parts of √2 and √3, made odd.
const FIRST: u64 = 0x6a09_e667_f3bc_c909;
const SECOND: u64 = 0xbb67_ae85_84ca_a73b;

/// A running digest. Not cryptographic: it finds accidents, not adversaries.
///
/// ```
/// use synod::digest::{digest_of, Digester};
/// assert_eq!(digest_of(&"plan"), digest_of(&String::from("plan")));
/// assert_ne!(digest_of(&(1u64, 2u64)), digest_of(&(2u64, 1u64)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digester {
    first: u64,
    second: u64,
    words: u64,
}

impl Default for Digester {
    fn default() -> Digester {
        Digester { first: FIRST, second: SECOND, words: 0 }
    }
}

impl Digester {
    /// Takes one word in.
    #[inline]
    pub fn word(&mut self, word: u64) {
        self.first = (self.first ^ word).wrapping_mul(FIRST).rotate_left(29);
        self.second = (self.second.rotate_left(23) ^ word).wrapping_mul(SECOND);
        self.words += 1;
    }

    /// Takes a byte string in, its length first, so that neighbours cannot run together.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.word(u64::from_le_bytes(chunk.try_into().expect("a chunk of eight bytes")));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(last));
        }
    }

    /// How many words came in so far: a size that does not depend on the machine.
    #[must_use]
    pub const fn words(&self) -> u64 {
        self.words
    }

    /// The digest of everything so far.
    #[must_use]
    pub const fn finish(&self) -> u64 {
        mix(self.first ^ self.second.rotate_left(32) ^ self.words)
    }

    /// Both halves of the digest, each mixed by itself. Among a thousand million values two of 128 bits meet by
    /// accident once in 10²⁰ times: a search may take equal digests for equal values.
    #[must_use]
    pub const fn finish_wide(&self) -> u128 {
        let (high, low) = (mix(self.first ^ self.words), mix(self.second ^ self.words.rotate_left(32)));
        ((high as u128) << 64) | low as u128
    }
}

/// Spreads each bit over all others.
const fn mix(word: u64) -> u64 {
    let mixed = word.wrapping_mul(FIRST);
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(SECOND);
    mixed ^ (mixed >> 29)
}

/// What can be digested portably. Derive it with [`digestible!`](crate::digestible).
pub trait Digest {
    /// Feeds this value's words to the digester.
    fn digest(&self, digester: &mut Digester);
}

/// The digest of one value.
pub fn digest_of<T: Digest + ?Sized>(value: &T) -> u64 {
    let mut digester = Digester::default();
    value.digest(&mut digester);
    digester.finish()
}

/// The wide digest of one value.
pub fn wide_digest_of<T: Digest + ?Sized>(value: &T) -> u128 {
    let mut digester = Digester::default();
    value.digest(&mut digester);
    digester.finish_wide()
}

macro_rules! words {
    ($($type:ty),*) => {$(
        impl Digest for $type {
            #[inline]
            fn digest(&self, digester: &mut Digester) {
                digester.word(*self as u64);
            }
        }
    )*};
}
words!(bool, u8, u16, u32, u64, usize, i64);

impl Digest for () {
    fn digest(&self, _: &mut Digester) {}
}

impl Digest for std::convert::Infallible {
    fn digest(&self, _: &mut Digester) {
        match *self {}
    }
}

impl Digest for str {
    fn digest(&self, digester: &mut Digester) {
        digester.bytes(self.as_bytes());
    }
}

impl Digest for String {
    fn digest(&self, digester: &mut Digester) {
        self.as_str().digest(digester);
    }
}

impl<T: Digest + ?Sized> Digest for &T {
    fn digest(&self, digester: &mut Digester) {
        (**self).digest(digester);
    }
}

impl<T: Digest + ?Sized> Digest for Arc<T> {
    fn digest(&self, digester: &mut Digester) {
        (**self).digest(digester);
    }
}

impl<T: Digest + ?Sized> Digest for Box<T> {
    fn digest(&self, digester: &mut Digester) {
        (**self).digest(digester);
    }
}

impl<T: Digest> Digest for Option<T> {
    fn digest(&self, digester: &mut Digester) {
        match self {
            None => digester.word(0),
            Some(value) => {
                digester.word(1);
                value.digest(digester);
            }
        }
    }
}

impl<T: Digest> Digest for [T] {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.len() as u64);
        self.iter().for_each(|item| item.digest(digester));
    }
}

impl<T: Digest> Digest for Vec<T> {
    fn digest(&self, digester: &mut Digester) {
        self.as_slice().digest(digester);
    }
}

impl<T: Digest> Digest for VecDeque<T> {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.len() as u64);
        self.iter().for_each(|item| item.digest(digester));
    }
}

impl<T: Digest> Digest for BTreeSet<T> {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.len() as u64);
        self.iter().for_each(|item| item.digest(digester));
    }
}

impl<K: Digest, V: Digest> Digest for BTreeMap<K, V> {
    fn digest(&self, digester: &mut Digester) {
        digester.word(self.len() as u64);
        for (key, value) in self {
            key.digest(digester);
            value.digest(digester);
        }
    }
}

impl<A: Digest, B: Digest> Digest for (A, B) {
    fn digest(&self, digester: &mut Digester) {
        self.0.digest(digester);
        self.1.digest(digester);
    }
}

/// Implements [`Digest`](crate::digest::Digest) for a struct or an enum with explicit variant numbers.
///
/// ```
/// use synod::{digest::digest_of, digestible};
/// struct Entry { term: u64, text: String }
/// digestible! { struct Entry { term, text } }
/// enum Message { Ping, Append { entry: Entry }, Ack(u64) }
/// digestible! { enum Message { 1 = Ping, 2 = Append { entry }, 3 = Ack(index) } }
/// assert_ne!(digest_of(&Message::Ping), digest_of(&Message::Ack(1)));
/// ```
#[macro_export]
macro_rules! digestible {
    (struct $name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::digest::Digest for $name {
            fn digest(&self, digester: &mut $crate::digest::Digester) {
                let $name { $($field),* } = self;
                $($crate::digest::Digest::digest($field, digester);)*
                let _ = digester;
            }
        }
    };
    (enum $name:ident { $($number:literal = $variant:ident
        $( { $($field:ident),* $(,)? } )? $( ( $($item:ident),* ) )? ),* $(,)? }) => {
        impl $crate::digest::Digest for $name {
            fn digest(&self, digester: &mut $crate::digest::Digester) {
                match self {
                    $($name::$variant $( { $($field),* } )? $( ( $($item),* ) )? => {
                        digester.word($number);
                        $( $($crate::digest::Digest::digest($field, digester);)* )?
                        $( $($crate::digest::Digest::digest($item, digester);)* )?
                    })*
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archived_digests_keep_their_values() {
        assert_eq!(digest_of(&()), Digester::default().finish());
        let golden = [(digest_of(&1u64), 0), (digest_of(&"a1 decides rollback"), 1), (digest_of(&vec![1u64, 2, 3]), 2)];
        let expected = include_str!("../tests/golden/digests.txt");
        let lines: Vec<&str> = expected.lines().filter(|line| !line.starts_with('#')).collect();
        for (digest, row) in golden {
            assert_eq!(format!("{digest:016x}"), lines[row], "row {row}");
        }
    }

    #[test]
    fn the_halves_of_a_wide_digest_do_not_follow_from_each_other() {
        let of = |words: std::ops::Range<u64>| words.map(|word| wide_digest_of(&(word, word % 7)));
        let high: BTreeSet<u64> = of(0..100_000).map(|wide| (wide >> 64) as u64).collect();
        let low: BTreeSet<u64> = of(0..100_000).map(|wide| wide as u64).collect();
        assert_eq!((high.len(), low.len()), (100_000, 100_000));
        assert_eq!(high.intersection(&low).count(), 0);
    }

    #[test]
    fn neighbours_do_not_run_together() {
        assert_ne!(digest_of(&("ab", "c")), digest_of(&("a", "bc")));
        assert_ne!(digest_of(&(vec![1u64], vec![2u64, 3])), digest_of(&(vec![1u64, 2], vec![3u64])));
        assert_ne!(digest_of(&"a\0"), digest_of(&"a"));
    }
}
