//! Leader completeness: what is committed stays. Reads logs, commits and elections as members report them.
//!
//! Also judges a commit that becomes known only after the election: a leader of an earlier term may count its last
//! acknowledgement while its successor already leads.

use super::logs::{Change, Held, Logs, Missing, Prefix};
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// An entry committed in a term is in the log of the leader of every greater term. Twin on operations:
/// [`ClientAgreement`](super::ClientAgreement).
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaderCompleteness;

impl LeaderCompleteness {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "leader_completeness",
        about: "what is committed in a term is in the log of every later term's leader",
        source: "Ongaro, Ousterhout: Raft (USENIX ATC 2014), figure 3 and section 5.4",
        kind: PropertyKind::Safety,
    };
}

impl Check for LeaderCompleteness {
    fn property(&self) -> Property {
        LeaderCompleteness::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for LeaderCompleteness {
    type State = Commits;

    fn begin(&self) -> Commits {
        Commits::default()
    }
}

/// Every log, what is committed, and what each leader held when it won.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    logs: Logs,
    /// By ascending term. None is implied by another: part of a prefix that was committed in the same term or before.
    commits: Vec<Commit>,
    /// By ascending term.
    elections: Vec<Election>,
    judged: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Commit {
    prefix: Prefix,
    term: u64,
    by: Seen,
    /// Whether its prefix begins with those of all commits of lesser terms, as it does unless something is wrong.
    /// Whatever holds it then holds them too.
    stands_for: Earlier,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Earlier {
    All,
    Some,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Election {
    term: u64,
    held: Option<Prefix>,
    last: u64,
    by: Seen,
}

impl Observe for Commits {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let change = self.logs.observe(place, entry);
        match (&entry.event, change) {
            (Event::Fact(Fact::Elected { term, last }), _) => {
                let held = match self.logs.held(entry, *last) {
                    Held::Unknown => return None,
                    Held::Nothing => None,
                    Held::Up(prefix) => Some(prefix),
                };
                self.elect(Election { term: *term, held, last: *last, by: Seen::of(place, entry) })
            }
            (Event::Fact(Fact::Committed { term, .. }), Some(Change::Committed(prefix))) => {
                let by = Seen::of(place, entry);
                self.commit(Commit { prefix, term: *term, by, stands_for: Earlier::Some })
            }
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Commits {
    fn elect(&mut self, election: Election) -> Option<Witness> {
        let binding = self.commits_before(election.term);
        let lost = telling(binding).find(|commit| !self.logs.begins_with(election.held, commit.prefix));
        if let Some(commit) = lost {
            return self.refute(*commit, election);
        }
        self.judged += u64::from(!binding.is_empty());
        let place = self.elections.partition_point(|earlier| earlier.term <= election.term);
        self.elections.insert(place, election);
        None
    }

    fn commit(&mut self, commit: Commit) -> Option<Witness> {
        let known = self.commits_before(commit.term.saturating_add(1));
        if telling(known).any(|known| self.logs.begins_with(Some(known.prefix), commit.prefix)) {
            return None;
        }
        for election in self.elections.iter().rev().take_while(|election| election.term > commit.term) {
            if !self.logs.begins_with(election.held, commit.prefix) {
                return self.refute(commit, *election);
            }
            self.judged += 1;
        }
        self.remember(commit);
        None
    }

    /// The commits of lesser terms.
    fn commits_before(&self, term: u64) -> &[Commit] {
        &self.commits[..self.commits.partition_point(|commit| commit.term < term)]
    }

    /// Adds a commit in its place and drops those it implies. Nearly always it is the last, and drops at most one.
    fn remember(&mut self, commit: Commit) {
        let place = self.commits_before(commit.term).len();
        let later = self.commits.split_off(place);
        let implied = |later: &Commit| self.logs.begins_with(Some(commit.prefix), later.prefix);
        let later: Vec<Commit> = later.into_iter().filter(|later| !implied(later)).collect();
        for mut commit in [commit].into_iter().chain(later) {
            let extends = |last: &Commit| {
                last.stands_for == Earlier::All && self.logs.begins_with(Some(commit.prefix), last.prefix)
            };
            commit.stands_for = if self.commits.last().is_none_or(extends) { Earlier::All } else { Earlier::Some };
            self.commits.push(commit);
        }
    }

    #[cold]
    fn refute(&self, commit: Commit, election: Election) -> Option<Witness> {
        let Missing { missing, instead } = self.logs.first_missing(election.held, commit.prefix);
        let (leader, term, owner) = (election.by.node, election.term, commit.by.node);
        let lost = self.logs.link(missing);
        let (shape, had) = match instead {
            Some(_) => ("a leader with another entry in place of a committed one", "another entry"),
            None => ("a leader without a committed entry", "nothing"),
        };
        let contradiction = format!(
            "{leader} won term {term} with {had} at index {}, which {owner} knew committed in term {}.",
            lost.index, commit.term
        );
        let mut steps = vec![self.logs.step(missing)];
        steps.extend(instead.map(|prefix| self.logs.step(prefix)));
        let index = self.logs.link(commit.prefix).index;
        steps.push(commit.by.step(Fact::Committed { index, term: commit.term }));
        steps.push(election.by.step(Fact::Elected { term, last: election.last }));
        Some(LeaderCompleteness::PROPERTY.refuted(shape, steps, contradiction))
    }
}

/// The commits that need a look, the latest first: none before one that stands for them.
fn telling(commits: &[Commit]) -> impl Iterator<Item = &Commit> {
    let first = commits.iter().rposition(|commit| commit.stands_for == Earlier::All).unwrap_or(0);
    commits[first..].iter().rev()
}
