//! Linearizability: every operation seems to happen at one instant between its beginning and its end.
//!
//! Herlihy and Wing, *Linearizability*, TOPLAS 12(3), 1990. A history is linearizable if and only if each of its
//! objects
//! is (their theorem 1), so each key is judged alone, by the cheapest method that decides it: zones for registers whose
//! reads have one possible source, lengths for logs that are only appended to, a budgeted search for everything else.
//! Knows which method decides what, and none of them.

use super::chain::{self, Chain, Telling, noun};
use super::objects::{Object, show};
use super::prefix::{self, Prefixes};
use super::reads_from::{ReadsFrom, Sight, Source, replaces};
use super::wgl::{self, Found, Stuck};
use super::zones::Zones;
use super::{CheckStore, no_time};
use crate::call::Call;
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::{Operation, StoreHistory};

pub(super) const NAME: &str = "linearizable";

/// Every operation seems to happen at one instant between its beginning and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linearizable {
    /// How many configurations the search may look at where it is needed.
    pub budget: u64,
    /// What of the history it looks at.
    pub sight: Sight,
}

impl Linearizable {
    /// With a budget that lasts for seconds.
    pub const DEFAULT: Linearizable = Linearizable { budget: 2_000_000, sight: Sight::Recorded };
}

/// How a key's operations are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Zones,
    Lengths,
    Search(Object),
    NoObject,
}

impl CheckStore for Linearizable {
    fn property(&self) -> Property {
        Property {
            name: NAME,
            about: "every operation seems to happen at one instant between its beginning and its end",
            source: "Herlihy, Wing 1990",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        if !history.has_time() {
            return no_time(NAME);
        }
        let sources = ReadsFrom::of(history, self.sight);
        let keys = Keys::of(history);
        let methods: Vec<Method> = (0..keys.count()).map(|key| method(history, &sources, keys.places(key))).collect();
        let zones = match Zones::of(history, &sources, |key| methods[key as usize] == Method::Zones) {
            Ok(zones) => zones,
            Err(chain) => return Verdict::Violated(chain),
        };
        let mut budget = self.budget;
        let mut unknown = None;
        for (key, method) in (0..).zip(&methods) {
            let places = keys.places(key);
            let violation = match method {
                Method::Zones => zones.judge(key, places),
                Method::Lengths => match prefix::judge(history, places) {
                    Prefixes::Order => None,
                    Prefixes::None(chain) => Some(*chain),
                    Prefixes::NotALog => self.look(history, Object::Log, key, places, &mut budget, &mut unknown),
                },
                Method::Search(object) => self.look(history, *object, key, places, &mut budget, &mut unknown),
                Method::NoObject => {
                    let name = history.keys().text(key);
                    unknown.get_or_insert_with(|| format!("no object understands all calls of key {name}: see spec"));
                    None
                }
            };
            if let Some(chain) = violation {
                return Verdict::Violated(chain);
            }
        }
        if let Some(chain) = by_version(history, &sources, &keys, &methods) {
            return Verdict::Violated(chain);
        }
        let judged = history.operations().iter().filter(|operation| operation.is_answered()).count() as u64;
        unknown.map_or(Verdict::Holds { judged }, |limit| Verdict::Unknown { limit })
    }
}

impl Linearizable {
    fn look(
        &self,
        history: &StoreHistory,
        object: Object,
        key: u32,
        places: &[u32],
        budget: &mut u64,
        unknown: &mut Option<String>,
    ) -> Option<Chain> {
        match wgl::search(history, object, places, budget) {
            Found::Order => None,
            Found::Stuck(stuck) => Some(stuck_at(history, places, &stuck)),
            Found::Exhausted => {
                let name = history.keys().text(key);
                let limit = format!("the search looked at {} configurations, at last of key {name}", self.budget);
                unknown.get_or_insert(limit);
                None
            }
        }
    }
}

/// What versions show of registers that a search has judged: it goes by values, and equal texts may be two writes.
/// Where the version that was read is recorded, what zones forbid is forbidden beside any compare-and-set.
fn by_version(history: &StoreHistory, sources: &ReadsFrom, keys: &Keys, methods: &[Method]) -> Option<Chain> {
    let operations = history.operations();
    let tells = |place: &u32| {
        let operation = &operations[*place as usize];
        operation.call == Call::Read && operation.version.is_some()
    };
    let searched = |key: u32| methods[key as usize] == Method::Search(Object::Register);
    let judged: Vec<u32> =
        (0..keys.count()).filter(|key| searched(*key) && keys.places(*key).iter().any(tells)).collect();
    if judged.is_empty() {
        return None;
    }
    match Zones::of(history, sources, |key| judged.binary_search(&key).is_ok()) {
        Ok(zones) => judged.iter().find_map(|key| zones.judge(*key, keys.places(*key))),
        Err(chain) => Some(chain),
    }
}

fn method(history: &StoreHistory, sources: &ReadsFrom, places: &[u32]) -> Method {
    let operations = history.operations();
    let calls = || places.iter().map(|place| operations[*place as usize].call);
    let plain = calls().all(|call| matches!(call, Call::Read | Call::Write | Call::Remove));
    let known = || places.iter().all(|place| sources.get(*place as usize) != Source::Ambiguous);
    match Object::of(operations, places) {
        Some(Object::Register) if plain && known() => Method::Zones,
        Some(Object::Log) => Method::Lengths,
        Some(object) => Method::Search(object),
        None => Method::NoObject,
    }
}

/// How many of the longest order's last operations a witness shows.
const SHOWN: usize = 6;

/// What the search can say: how far an order goes, and which operation it leaves unexplained.
fn stuck_at(history: &StoreHistory, places: &[u32], stuck: &Stuck) -> Chain {
    let mut telling = Telling::of(history, NAME, "no order explains it");
    let from = stuck.longest.len().saturating_sub(SHOWN);
    for pair in stuck.longest[from..].windows(2) {
        telling.edge(pair[0] as usize, pair[1] as usize, "so it stands in the longest order that explains its answers");
    }
    for place in &stuck.longest[from..] {
        telling.event(*place as usize);
    }
    let blocked = stuck.blocked as usize;
    telling.event(blocked);
    let key = chain::key(history, history.operations()[blocked].key);
    let (judged, length) = (places.len(), stuck.longest.len());
    let (state, blocked) = (show(history, &stuck.state), noun(history, blocked));
    telling.end(format!(
        "No order of the {judged} operations on {key} explains every answer: the longest explains {length} of them, \
         and after it, when {state}, {blocked} must have happened but cannot."
    ))
}

/// Operations by key, each key's in the order of their invocations.
pub(super) struct Keys {
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Keys {
    pub(super) fn of(history: &StoreHistory) -> Keys {
        Keys::only(history, |_| true)
    }

    /// Those operations that replace a value.
    pub(super) fn writes(history: &StoreHistory) -> Keys {
        Keys::only(history, replaces)
    }

    fn only(history: &StoreHistory, wanted: impl Fn(&Operation) -> bool) -> Keys {
        let operations = history.operations();
        let mut starts = vec![0u32; history.keys().len() + 1];
        for operation in operations.iter().filter(|operation| wanted(operation)) {
            starts[operation.key.0 as usize + 1] += 1;
        }
        for key in 1..starts.len() {
            starts[key] += starts[key - 1];
        }
        let mut places = vec![0; starts.last().map_or(0, |count| *count as usize)];
        let mut next = starts.clone();
        for (place, operation) in (0..).zip(operations).filter(|(_, operation)| wanted(operation)) {
            let slot = &mut next[operation.key.0 as usize];
            places[*slot as usize] = place;
            *slot += 1;
        }
        Keys { starts, places }
    }

    pub(super) fn count(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    pub(super) fn places(&self, key: u32) -> &[u32] {
        &self.places[self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize]
    }
}
