//! The replicated logs as their owners report them, entry by entry. Judges nothing: the Raft checkers do.
//!
//! Every log prefix ever reported is kept once, as a link to the prefix before it. Two logs are the same up to an
//! index if and only if they hold the same [`Prefix`] there: the comparison that a chain of hashes
//! `h[i] = H(h[i-1], term, command)` would give, but exact, and with the first report of each entry at hand for the
//! witness. Appending, cutting and looking up take constant time, comparing two prefixes a logarithmic one.

use super::lives::{Lives, forgets};
use super::online::Seen;
use super::verdict::Step;
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event};
use std::iter::successors;

/// A log's beginning up to some entry. Equal if and only if all entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix(u32);

/// The last entry of a prefix, with the prefix before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) index: u64,
    pub(super) term: u64,
    pub(super) command: u64,
    /// Where it was first reported.
    pub(super) first: Seen,
    before: Option<Prefix>,
    /// A prefix further back, such that any is reached in a logarithmic number of steps.
    jump: Option<Prefix>,
    /// The first reported prefix that goes on from here, and the next that goes on from the same place as this one.
    longer: Option<Prefix>,
    beside: Option<Prefix>,
}

/// Every reported log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Logs {
    links: Vec<Link>,
    first: Option<Prefix>,
    logs: Lives<Log>,
}

/// What a process's log holds.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Log {
    entries: Vec<Prefix>,
    knowledge: Knowledge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Knowledge {
    /// Everything was reported.
    #[default]
    Complete,
    /// The process crashed or reported what cannot be; what its log holds is open until it recovers.
    None,
}

/// What an entry of the history means for the log of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The log grew to this prefix, which no log had before.
    Novel(Prefix),
    /// The log grew to a prefix that some log had before.
    Known(Prefix),
    /// The log lost this entry and all after it.
    Cut(Prefix),
    /// The log is committed up to this prefix.
    Committed(Prefix),
    /// The report does not fit a log of this length.
    Misfit {
        /// How long the log is.
        length: u64,
    },
}

impl Logs {
    /// Takes an entry in and says what it means.
    #[inline]
    pub(super) fn observe(&mut self, place: usize, entry: &Entry) -> Option<Change> {
        match &entry.event {
            Event::Fact(Fact::Appended { index, term, command }) => self.append(
                entry,
                *index,
                |before, first| Link {
                    index: *index,
                    term: *term,
                    command: *command,
                    first,
                    before,
                    jump: None,
                    longer: None,
                    beside: None,
                },
                Seen::of(place, entry),
            ),
            Event::Fact(Fact::Truncated { from }) => self.cut(entry, *from),
            Event::Fact(Fact::Committed { index, .. }) => self.commit(entry, *index),
            Event::Fact(Fact::Restored { index, term }) => self.restore(entry, *index, *term),
            Event::Fact(Fact::Recovered { .. }) => self.forget(entry, Knowledge::Complete),
            Event::Environment(Environment::Crashed) => self.forget(entry, Knowledge::None),
            _ if forgets(entry) => self.forget(entry, Knowledge::Complete),
            _ => None,
        }
    }

    /// The prefix that the log of this entry's process ends in, cut at `length`; `None` if it is empty or unknown.
    pub(super) fn held(&self, entry: &Entry, length: u64) -> Held {
        match self.logs.get(entry) {
            Some(Log { knowledge: Knowledge::None, .. }) => Held::Unknown,
            None => Held::Nothing,
            Some(log) => {
                let length = length.min(log.entries.len() as u64);
                length.checked_sub(1).map_or(Held::Nothing, |last| Held::Up(log.entries[last as usize]))
            }
        }
    }

    /// The last entry of a prefix.
    #[inline]
    pub(super) fn link(&self, prefix: Prefix) -> &Link {
        &self.links[prefix.0 as usize]
    }

    /// Whether a log that ends in `whole` (nothing, if `None`) begins with `part`.
    pub(super) fn begins_with(&self, whole: Option<Prefix>, part: Prefix) -> bool {
        whole.is_some_and(|whole| self.cut_at(whole, self.link(part).index) == Some(part))
    }

    /// The first entry at which a log that ends in `whole` misses `part`, as `part` has it, and what is there instead.
    pub(super) fn first_missing(&self, whole: Option<Prefix>, part: Prefix) -> Missing {
        let at = |index| whole.and_then(|whole| self.cut_at(whole, index));
        let own = |prefix: &Prefix| at(self.link(*prefix).index);
        let missing = self.back_from(part).take_while(|prefix| own(prefix) != Some(*prefix)).last().unwrap_or(part);
        Missing { missing, instead: own(&missing) }
    }

    /// The step in which the last entry of a prefix was first reported.
    pub(super) fn step(&self, prefix: Prefix) -> Step {
        let Link { index, term, command, first, .. } = self.link(prefix);
        // Six digits tell the few commands of a witness apart.
        let short = command & 0xff_ffff;
        first.step(format_args!("appends entry {index} of term {term} (command {short:06x})"))
    }

    fn append(
        &mut self,
        entry: &Entry,
        index: u64,
        link: impl FnOnce(Option<Prefix>, Seen) -> Link,
        seen: Seen,
    ) -> Option<Change> {
        let log = self.logs.slot(entry);
        let length = log.entries.len() as u64;
        if log.knowledge == Knowledge::None {
            return None;
        }
        if index != length + 1 {
            *log = Log { entries: Vec::new(), knowledge: Knowledge::None };
            return Some(Change::Misfit { length });
        }
        let before = log.entries.last().copied();
        let change = grow(&mut self.links, &mut self.first, link(before, seen));
        if let Change::Novel(prefix) | Change::Known(prefix) = change {
            log.entries.push(prefix);
        }
        Some(change)
    }

    fn cut(&mut self, entry: &Entry, from: u64) -> Option<Change> {
        let log = self.logs.slot(entry);
        let kept = from.saturating_sub(1) as usize;
        // Cutting where nothing is changes nothing.
        let lost = *log.entries.get(kept)?;
        log.entries.truncate(kept);
        Some(Change::Cut(lost))
    }

    fn commit(&mut self, entry: &Entry, index: u64) -> Option<Change> {
        let log = self.logs.slot(entry);
        let last = index.checked_sub(1)?;
        match log.entries.get(last as usize) {
            Some(prefix) => Some(Change::Committed(*prefix)),
            None if log.knowledge == Knowledge::None => None,
            None => {
                let length = log.entries.len() as u64;
                *log = Log { entries: Vec::new(), knowledge: Knowledge::None };
                Some(Change::Misfit { length })
            }
        }
    }

    /// The log goes on from a snapshot. By log matching one entry names all before it, and if several logs broke that
    /// rule, the report of each is judged already.
    fn restore(&mut self, entry: &Entry, index: u64, term: u64) -> Option<Change> {
        let ends_it = |link: &Link| link.index == index && link.term == term;
        let last = self.links.iter().rposition(ends_it).and_then(|place| u32::try_from(place).ok()).map(Prefix);
        let mut entries: Vec<Prefix> = last.into_iter().flat_map(|last| self.back_from(last)).collect();
        entries.reverse();
        let knowledge = if last.is_some() { Knowledge::Complete } else { Knowledge::None };
        let log = self.logs.slot(entry);
        let kept = index.checked_sub(1).and_then(|place| log.entries.get(usize::try_from(place).ok()?));
        if kept.is_none_or(|kept| !ends_it(&self.links[kept.0 as usize])) {
            *log = Log { entries, knowledge };
        }
        None
    }

    fn forget(&mut self, entry: &Entry, knowledge: Knowledge) -> Option<Change> {
        *self.logs.slot(entry) = Log { entries: Vec::new(), knowledge };
        None
    }

    fn back_from(&self, prefix: Prefix) -> impl Iterator<Item = Prefix> + '_ {
        successors(Some(prefix), |prefix| self.link(*prefix).before)
    }

    /// The beginning of `whole` that is `index` entries long.
    #[inline]
    fn cut_at(&self, whole: Prefix, index: u64) -> Option<Prefix> {
        let mut at = whole;
        loop {
            let link = self.link(at);
            if link.index <= index {
                return Some(at).filter(|_| link.index == index);
            }
            let far = link.jump.filter(|jump| self.link(*jump).index >= index);
            at = far.or(link.before)?;
        }
    }
}

/// What a process's log ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Its reports do not say.
    Unknown,
    /// The log is empty.
    Nothing,
    /// This.
    Up(Prefix),
}

/// Where a log first lacks what it should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) missing: Prefix,
    pub(super) instead: Option<Prefix>,
}

/// Finds the link among those that go on from the same prefix, or adds it.
fn grow(links: &mut Vec<Link>, first: &mut Option<Prefix>, mut link: Link) -> Change {
    let mut candidate = link.before.map_or(*first, |before| links[before.0 as usize].longer);
    let head = candidate;
    while let Some(prefix) = candidate {
        let known = &links[prefix.0 as usize];
        if known.term == link.term && known.command == link.command {
            return Change::Known(prefix);
        }
        candidate = known.beside;
    }
    let prefix = Prefix(u32::try_from(links.len()).expect("fewer than four thousand million log entries in one run"));
    link.beside = head;
    link.jump = jump_from(links, link.before);
    match link.before {
        Some(before) => links[before.0 as usize].longer = Some(prefix),
        None => *first = Some(prefix),
    }
    links.push(link);
    Change::Novel(prefix)
}

/// Where the link after `before` jumps to: the pattern of carries in a skew binary number keeps all paths short
/// (Myers: An applicative random-access stack, 1983).
fn jump_from(links: &[Link], before: Option<Prefix>) -> Option<Prefix> {
    let jump_of = |prefix: Option<Prefix>| prefix.and_then(|prefix| links[prefix.0 as usize].jump);
    let length = |prefix: Option<Prefix>| prefix.map_or(0, |prefix| links[prefix.0 as usize].index);
    let (near, far) = (jump_of(before), jump_of(jump_of(before)));
    if length(before) - length(near) == length(near) - length(far) { far } else { before }
}
