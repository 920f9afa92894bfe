//! All links of a world, made when first used.

use super::link::{LINK_LANES, Link};
use super::roster::Roster;
use crate::id::NodeId;
use crate::seed::Streams;

/// Directed links by sender, then receiver.
pub(super) struct Links {
    rows: Vec<Vec<Option<Box<Link>>>>,
}

impl Links {
    pub(super) fn new() -> Links {
        Links { rows: Vec::new() }
    }

    /// The link from one participant to another.
    #[inline]
    pub(super) fn get(&mut self, roster: Roster, streams: &Streams, from: NodeId, to: NodeId) -> &mut Link {
        let (row, column) = (roster.place(from), roster.place(to));
        if self.rows.get(row).and_then(|row| row.get(column)).is_none_or(Option::is_none) {
            self.make(row, column, Link::new(streams.braid(&LINK_LANES, format_args!("{from}->{to}"))));
        }
        self.rows[row][column].as_deref_mut().expect("a link that was just found or made")
    }

    #[cold]
    fn make(&mut self, row: usize, column: usize, link: Link) {
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let row = &mut self.rows[row];
        if row.len() <= column {
            row.resize_with(column + 1, || None);
        }
        row[column] = Some(Box::new(link));
    }

    /// The link, if it was ever used.
    #[inline]
    pub(super) fn find(&self, roster: Roster, from: NodeId, to: NodeId) -> Option<&Link> {
        let link = self.rows.get(roster.place(from)).and_then(|row| row.get(roster.place(to)));
        link.and_then(Option::as_deref)
    }

    /// Whether the link is cut now.
    #[inline]
    pub(super) fn is_cut(&self, roster: Roster, from: NodeId, to: NodeId) -> bool {
        self.find(roster, from, to).is_some_and(|link| link.cuts > 0)
    }
}
