//! Texts as small numbers. Knows nothing of what the texts are for.

use crate::call::ValueId;
use std::collections::BTreeMap;

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
    texts: Vec<Box<str>>,
    numbers: BTreeMap<Box<str>, u32>,
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
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
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

/// The texts of values. Number 0 is no text; a value that nobody needs to read has a number without a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    names: Names,
    /// Values beyond the table, made by number.
    numbered: u32,
    lists: Vec<Box<[ValueId]>>,
}

impl Values {
    pub(super) fn of_text(&mut self, text: &str) -> ValueId {
        ValueId(self.names.number(text) + 1)
    }

    pub(super) fn find(&self, text: &str) -> Option<ValueId> {
        self.names.find(text).map(|number| ValueId(number + 1))
    }

    /// A value of its own without a text, for histories that are made by the million.
    pub(super) fn fresh(&mut self) -> ValueId {
        self.numbered += 1;
        ValueId(u32::MAX - self.numbered)
    }

    pub(super) fn show(&self, value: ValueId) -> String {
        match value {
            ValueId::NOTHING => "nothing".to_owned(),
            ValueId(number) if (number as usize) <= self.names.len() => format!("{:?}", self.names.text(number - 1)),
            ValueId(number) => format!("#{}", u32::MAX - number),
        }
    }

    pub(super) fn text(&self, value: ValueId) -> Option<&str> {
        let number = value.0.checked_sub(1)?;
        ((number as usize) < self.names.len()).then(|| self.names.text(number))
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
        self.names.len() + 1
    }
}
