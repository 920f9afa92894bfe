//! What streams are called, and the numbers that ChaCha has for them. Knows no draws.
//!
//! A name is a text, and its number is the hash of the text. A run opens hundreds of streams and mostly nobody reads
//! their names, so a name can be given in pieces that are hashed as they are, without being written out.

use crate::id::NodeId;
use std::fmt::{self, Display, Write};

/// The name of a stream.
///
/// ```
/// use synod::id::NodeId;
/// use synod::seed::{Name, Piece, Seed, Streams};
/// let pieces = [Piece::Text("timer/"), Piece::Node(NodeId::agent(1))];
/// assert_eq!(pieces.text(), "timer/a2");
/// let streams = Streams::of(Seed(7));
/// assert_eq!(streams.stream(pieces).word(), streams.stream(format_args!("timer/a2")).word());
/// ```
pub trait Name {
    /// The name itself.
    fn text(&self) -> String;

    /// The hash of what stands before the name, and of the name.
    fn hashed(&self, before: NameHash) -> NameHash;

    /// ChaCha's number of the stream of this name.
    fn number(&self) -> u64 {
        self.hashed(NameHash::of("")).number()
    }
}

/// A piece of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A text.
    Text(&'a str),
    /// A number, in decimals.
    Number(u64),
    /// A participant, as it is printed.
    Node(NodeId),
}

impl Display for Piece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Text(text) => f.write_str(text),
            Piece::Number(number) => number.fmt(f),
            Piece::Node(node) => node.fmt(f),
        }
    }
}

impl Name for fmt::Arguments<'_> {
    fn text(&self) -> String {
        self.to_string()
    }

    fn hashed(&self, mut before: NameHash) -> NameHash {
        if let Some(text) = self.as_str() {
            return before.text(text);
        }
        before.write_fmt(*self).expect("hashing a name cannot fail");
        before
    }
}

impl<const N: usize> Name for [Piece<'_>; N] {
    fn text(&self) -> String {
        self.iter().map(Piece::to_string).collect()
    }

    fn hashed(&self, before: NameHash) -> NameHash {
        self.iter().fold(before, |hash, piece| match piece {
            Piece::Text(text) => hash.text(text),
            Piece::Number(number) => hash.decimals(*number),
            Piece::Node(node) => hash.byte(node.role().letter() as u8).decimals(node.index() as u64 + 1),
        })
    }
}

/// The hash of a text so far: FNV-1a over its UTF-8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameHash(u64);

impl NameHash {
    /// The hash of this text.
    #[must_use]
    pub const fn of(text: &str) -> NameHash {
        NameHash(0xcbf2_9ce4_8422_2325).text(text)
    }

    /// The hash of what was hashed before and this text behind it.
    #[inline]
    #[must_use]
    pub const fn text(mut self, text: &str) -> NameHash {
        let (bytes, mut place) = (text.as_bytes(), 0);
        while place < bytes.len() {
            self = self.byte(bytes[place]);
            place += 1;
        }
        self
    }

    /// ChaCha's number of the stream that is called so.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    #[inline]
    const fn byte(self, byte: u8) -> NameHash {
        NameHash((self.0 ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
    }

    #[inline]
    const fn decimals(self, number: u64) -> NameHash {
        let rest = if number < 10 { self } else { self.decimals(number / 10) };
        rest.byte(b'0' + (number % 10) as u8)
    }
}

impl Write for NameHash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        *self = self.text(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_the_number_of_the_text_that_they_make() {
        let nodes = [NodeId::agent(0), NodeId::agent(9), NodeId::client(99), NodeId::model(u16::MAX), NodeId::tool(3)];
        for node in nodes {
            for number in [0, 7, 10, 90_210, u64::MAX] {
                let pieces = [Piece::Text("each/"), Piece::Number(number), Piece::Text("/"), Piece::Node(node)];
                let text = format!("each/{number}/{node}");
                assert_eq!(pieces.text(), text);
                assert_eq!(pieces.number(), format_args!("{text}").number(), "{text}");
                assert_eq!(pieces.hashed(NameHash::of("x/")), NameHash::of(&format!("x/{text}")));
            }
        }
    }
}
