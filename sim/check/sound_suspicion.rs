//! Sound suspicion: whoever is there is seldom suspected, and whoever is gone is suspected soon. Looks at what watchers
//! say and at when the world saw processes stop.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::id::NodeId;
use crate::time::{Duration, Time, seconds};
use std::collections::BTreeMap;

/// No more than so many suspicions of somebody who runs, and nobody who is watched is down or paused for so long
/// without a suspicion. No detector can promise that in a system without bounds on delays; a good one keeps it on the
/// links it is made for.
#[derive(Clone, Copy, Debug)]
pub struct SoundSuspicion {
    /// How many suspicions may be false, of all watchers together, in one run.
    pub most: u64,
    /// How long somebody may be gone unnoticed.
    pub within: Duration,
}

impl SoundSuspicion {
    /// Eight in a run of minutes, and ten heartbeats of a second each. Choices of ours.
    pub const DEFAULT: SoundSuspicion = SoundSuspicion { most: 8, within: seconds(10) };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "sound_suspicion",
        about: "whoever is there is seldom suspected, whoever is gone is suspected soon",
        source: "Chandra, Toueg 1996 (Unreliable Failure Detectors), section 2; Chen, Toueg, Aguilera 2002 (QoS)",
        kind: PropertyKind::Safety,
    };
}

impl Check for SoundSuspicion {
    fn property(&self) -> Property {
        SoundSuspicion::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for SoundSuspicion {
    type State = Watches;

    fn begin(&self) -> Watches {
        let SoundSuspicion { most, within } = *self;
        Watches { most, within, watchers: BTreeMap::new(), down: BTreeMap::new(), wrong: Vec::new(), judged: 0 }
    }
}

/// Who watches whom, and who is down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watches {
    most: u64,
    within: Duration,
    /// For everyone watched, who watches and what that one thinks.
    watchers: BTreeMap<NodeId, BTreeMap<NodeId, Opinion>>,
    down: BTreeMap<NodeId, Down>,
    /// The false suspicions.
    wrong: Vec<Seen>,
    judged: u64,
}

/// Somebody is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Down {
    by: Seen,
    /// Since when those who watch, and suspect nothing, could have noticed.
    since: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opinion {
    There,
    Gone,
}

impl Observe for Watches {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            Event::Fact(Fact::Trusts { node }) => {
                let before = self.watchers.entry(*node).or_default().insert(by.node, Opinion::There);
                self.judged += 1;
                // Who was noticed to be gone, and is trusted again by a message that was long under way, is gone anew.
                if let Some(down) = self.down.get_mut(node).filter(|_| before == Some(Opinion::Gone)) {
                    down.since = by.at;
                }
            }
            Event::Fact(Fact::Suspects { node }) => {
                self.watchers.entry(*node).or_default().insert(by.node, Opinion::Gone);
                self.judged += 1;
                if !self.down.contains_key(node) {
                    return self.count(*node, by);
                }
            }
            Event::Environment(Environment::Crashed | Environment::Paused) => {
                self.down.entry(by.node).or_insert(Down { by, since: by.at });
            }
            Event::Environment(Environment::Started { .. } | Environment::Resumed) => {
                let down = self.down.remove(&by.node)?;
                // Who did not watch for a while has the whole time again.
                let watches = |node| self.watchers.get(node).is_some_and(|watchers| watchers.contains_key(&by.node));
                self.down.iter_mut().filter(|(node, _)| watches(node)).for_each(|(_, down)| down.since = by.at);
                return self.unnoticed(down, by);
            }
            Event::Environment(Environment::Ended) => {
                return self.down.values().find_map(|down| self.unnoticed(*down, by));
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Watches {
    /// One more false suspicion.
    fn count(&mut self, node: NodeId, by: Seen) -> Option<Witness> {
        self.wrong.push(by);
        let count = self.wrong.len() as u64;
        (count > self.most).then(|| {
            let ends = [self.wrong[0].step("suspects somebody who runs"), by.step(format_args!("suspects {node}"))];
            let contradiction = format!("{count} suspicions were of somebody who ran; {} are borne.", self.most);
            SoundSuspicion::PROPERTY.refuted("false alarms", ends.into(), contradiction)
        })
    }

    /// Whether somebody was gone for long and those who watched, and ran, did not notice.
    fn unnoticed(&self, down: Down, by: Seen) -> Option<Witness> {
        let watchers = self.watchers.get(&down.by.node)?;
        let awake = |(watcher, _): &(&NodeId, &Opinion)| !self.down.contains_key(watcher);
        let mut opinions = watchers.iter().filter(awake).peekable();
        opinions.peek()?;
        let noticed = opinions.any(|(_, opinion)| *opinion == Opinion::Gone);
        let span = by.at.since(down.since);
        if noticed || span <= self.within {
            return None;
        }
        let node = down.by.node;
        let steps = vec![down.by.step("stops"), by.step("is still gone, or back only now")];
        let contradiction = format!("{node} was gone for {span}, and nobody suspected it.");
        Some(SoundSuspicion::PROPERTY.refuted("an absence that nobody notices", steps, contradiction))
    }
}
