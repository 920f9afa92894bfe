//! What every target needs: small values read off the front of any input.

/// Reads small values off the front of the input; zeros when it is used up.
#[derive(Clone, Copy)]
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// Over this input.
    pub const fn of(input: &'a [u8]) -> Bytes<'a> {
        Bytes(input)
    }

    /// Whether everything is read.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was not read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn below(&mut self, options: u8) -> u8 {
        self.byte() % options
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: u8) -> bool {
        self.below(times) == 0
    }

    /// One of some.
    pub fn pick<'b, T>(&mut self, items: &'b [T]) -> &'b T {
        let place = u16::from_be_bytes([self.byte(), self.byte()]);
        &items[usize::from(place) % items.len()]
    }

    /// Small numbers as often as large ones, so that pins and draws meet.
    pub fn word(&mut self) -> u64 {
        let width = self.below(9);
        (0..width).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }
}
