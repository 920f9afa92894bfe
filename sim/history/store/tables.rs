//! Texts as small numbers. Knows nothing of what the texts are for.

use crate::call::{ValueId, Version};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A list of values that a read returned, as a number of its history's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListId(pub u32);

/// A table that gives each text a number, from 0 in the order of their first use, and finds either by the other.
///
/// ```
/// use synod::history::store::Names;
/// let mut names = Names::default();
/// assert_eq!((names.number("plan"), names.number("note"), names.number("plan")), (0, 1, 0));
/// assert_eq!(names.text(1), "note");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    texts: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, u32>,
}

impl Names {
    /// The text's number, a fresh one if it is new.
    ///
    /// # Panics
    /// After four billion texts.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 2^32 texts in one history");
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    /// A number for a text that is known to be new: it is not found by its text.
    pub(super) fn append(&mut self, text: &str) -> u32 {
        let number = u32::try_from(self.texts.len()).expect("fewer than 2^32 texts in one history");
        self.texts.push(text.into());
        number
    }

    /// The text's number, if it has one.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text of a number; `?` if no text has it.
    #[must_use]
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("?", |text| text)
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// The texts of values. Number 0 is no text; a value that nobody needs to read has a number without a text. Two writes
/// of one text are two values where the store tells versions apart, and one where it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    names: Names,
    /// By value, from 1: its text, and its version if it is known by that.
    known: Vec<Named>,
    /// By text: the value that is known by nothing else. No value is numbered 0.
    plain: Vec<u32>,
    by_version: BTreeMap<Named, u32>,
    /// Values beyond the table, made by number.
    numbered: u32,
    lists: Vec<Box<[ValueId]>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    text: u32,
    version: Option<Version>,
}

/// Letters of a text that people are shown: a line's worth. Notes may be pages.
const SHOWN: usize = 60;

impl Values {
    pub(super) fn of_text(&mut self, text: &str) -> ValueId {
        let text = self.text_number(text);
        if self.plain[text as usize] == 0 {
            self.plain[text as usize] = self.add(Named { text, version: None });
        }
        ValueId(self.plain[text as usize])
    }

    /// The value of this text that this write made.
    pub(super) fn of_write(&mut self, text: &str, version: Version) -> ValueId {
        let named = Named { text: self.text_number(text), version: Some(version) };
        if let Some(number) = self.by_version.get(&named) {
            return ValueId(*number);
        }
        let number = self.add(named);
        self.by_version.insert(named, number);
        ValueId(number)
    }

    /// The same of a write that is known to have made no value before, and whose value nobody looks for by its text.
    pub(super) fn anew(&mut self, text: &str, version: Version) -> ValueId {
        let text = self.names.append(text);
        ValueId(self.add(Named { text, version: Some(version) }))
    }

    fn text_number(&mut self, text: &str) -> u32 {
        let number = self.names.number(text);
        self.plain.resize(self.names.len(), 0);
        number
    }

    fn add(&mut self, named: Named) -> u32 {
        self.known.push(named);
        u32::try_from(self.known.len()).expect("fewer than 2^32 values in one history")
    }

    pub(super) fn find(&self, text: &str) -> Option<ValueId> {
        let plain = *self.plain.get(self.names.find(text)? as usize)?;
        (plain > 0).then_some(ValueId(plain))
    }

    /// A value of its own without a text, for histories that are made by the million.
    pub(super) fn fresh(&mut self) -> ValueId {
        self.numbered += 1;
        ValueId(u32::MAX - self.numbered)
    }

    /// A value as people read it: its text, cut short if it is long, with its version if the text alone is not enough.
    pub(super) fn show(&self, value: ValueId, version: impl FnOnce(Version) -> String) -> String {
        if value == ValueId::NOTHING {
            return "nothing".to_owned();
        }
        let Some(named) = self.named(value) else { return format!("#{}", u32::MAX - value.0) };
        let text = self.names.text(named.text);
        let cut = text.char_indices().nth(SHOWN).map(|(at, _)| &text[..at]);
        let shown = cut.map_or_else(|| format!("{text:?}"), |cut| format!("{cut:?}…"));
        let others = || self.known.iter().filter(|other| self.names.text(other.text) == text).nth(1).is_some();
        match named.version.filter(|_| cut.is_some() || others()) {
            Some(named) => format!("{shown} ({})", version(named)),
            None => shown,
        }
    }

    pub(super) fn text(&self, value: ValueId) -> Option<&str> {
        self.named(value).map(|named| self.names.text(named.text))
    }

    fn named(&self, value: ValueId) -> Option<Named> {
        self.known.get((value.0 as usize).checked_sub(1)?).copied()
    }

    pub(super) fn keep(&mut self, list: Vec<ValueId>) -> ListId {
        self.lists.push(list.into());
        ListId(u32::try_from(self.lists.len() - 1).expect("fewer than 2^32 lists in one history"))
    }

    pub(super) fn list(&self, list: ListId) -> &[ValueId] {
        &self.lists[list.0 as usize]
    }

    /// The greatest number of a value, for tables by value, and whether values go beyond the table of texts.
    pub(super) fn known(&self) -> usize {
        self.known.len() + 1
    }
}
