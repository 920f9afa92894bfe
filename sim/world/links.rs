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
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let row = &mut self.rows[row];
        if row.len() <= column {
            row.resize_with(column + 1, || None);
        }
        row[column]
            .get_or_insert_with(|| Box::new(Link::new(streams.braid(&LINK_LANES, format_args!("{from}->{to}")))))
    }

    /// Every fault of every link ends.
    pub(super) fn heal(&mut self) {
        self.rows.iter_mut().flatten().flatten().for_each(|link| link.heal());
    }

    /// Whether the link is cut now.
    #[inline]
    pub(super) fn is_cut(&self, roster: Roster, from: NodeId, to: NodeId) -> bool {
        let link = self.rows.get(roster.place(from)).and_then(|row| row.get(roster.place(to)));
        link.and_then(Option::as_ref).is_some_and(|link| link.cuts > 0)
    }
}
