//! Taking updates in, making up for what was lost, forgetting what nobody lacks. Knows no client.

use super::{Accepted, Gossip, Message, Stamped, Timer, Write};
use crate::fact::Fact;
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::store::{Dot, Update, Vector};
use crate::time::Time;

impl Gossip {
    /// Other replicas' updates come, in any order and any number of times.
    pub(super) fn hear(&mut self, now: Time, updates: Vec<Update>, effects: &mut Effects<Gossip>) {
        for update in updates {
            if !self.disk.seen.holds(update.dot) {
                if self.config.hears_stamps() {
                    self.clock.hear(update.stamp);
                }
                self.heard = self.heard.max(Some(update.stamp));
                self.early.insert(update.dot, update);
            }
        }
        let mut moved = false;
        while let Some(dot) = self.early.values().find(|update| self.is_due(update)).map(|update| update.dot) {
            let update = self.early.remove(&dot).expect("it was found");
            self.take(update, None, None, effects);
            moved = true;
        }
        self.early.retain(|dot, _| !self.disk.seen.holds(*dot));
        if moved {
            self.look_again(now, effects);
        }
    }

    /// Whether everything that the update follows is here: all earlier ones of its origin, and what it says.
    fn is_due(&self, update: &Update) -> bool {
        let Dot { origin, number } = update.dot;
        let next = self.disk.seen.count(origin) + 1;
        let in_turn = if self.config.takes_without_gaps() { number == next } else { number >= next };
        in_turn && (self.disk.seen.covers(&update.needs) || !self.config.waits_for_needs())
    }

    /// Takes an update in.
    pub(super) fn take(
        &mut self,
        update: Update,
        call: Option<Accepted>,
        stamped: Option<Stamped>,
        effects: &mut Effects<Gossip>,
    ) {
        let (write, winner) = (update.write, self.config.winner());
        self.save(Write::Took { update: Box::new(update), winner, call, stamped }, effects);
        effects.note(Fact::Took { write, state: self.disk.notes.shown() });
        // Durable first: a stamp that nobody keeps is given again.
        if let Some(stamped) = stamped {
            effects.note(stamped.fact());
        }
    }

    /// Tells everyone what was seen, and forgets what nobody lacks.
    pub(super) fn gossip(&mut self, effects: &mut Effects<Gossip>) {
        self.collect(effects);
        let summary = Message::Summary { seen: self.disk.seen.clone() };
        effects.send_all(self.members.others(self.me), &summary);
        effects.arm(Timer::Gossip, self.config.gossip.clone());
    }

    /// Another replica says what it has seen: it hears what it lacks.
    pub(super) fn on_summary(&mut self, from: NodeId, seen: &Vector, effects: &mut Effects<Gossip>) {
        self.known.entry(from).or_default().join(seen);
        let lacking = self.disk.log.values().filter(|update| !seen.holds(update.dot));
        let lacking: Vec<Update> = lacking.take(self.config.batch).cloned().collect();
        if !lacking.is_empty() && self.config.makes_up() {
            effects.send(from, Message::Updates(lacking));
        }
    }

    fn collect(&mut self, effects: &mut Effects<Gossip>) {
        let log = self.seen_by_all();
        let tombstones = self.collectable(&log);
        let drops = self.disk.log.keys().any(|dot| log.holds(*dot));
        let buries = self.disk.notes.tombstones().any(|(_, tombstone)| tombstones.holds(tombstone.dot));
        if drops || buries {
            self.save(Write::Collected { log, tombstones }, effects);
        }
    }

    /// What every replica is known to have seen.
    fn seen_by_all(&self) -> Vector {
        let mut counted: Vec<Vector> =
            self.members.others(self.me).map(|other| self.known.get(&other).cloned().unwrap_or_default()).collect();
        if !self.config.waits_for_all() {
            counted.retain(|known| !known.is_empty());
            counted.sort_by_key(|known| !known.covers(&self.disk.seen));
            counted.truncate(self.members.majority() - 1);
        }
        counted.iter().fold(self.disk.seen.clone(), |all, known| all.meet(known))
    }

    /// Tombstones up to where may be collected: nowhere, unless everything that the others have seen is seen here.
    fn collectable(&self, seen_by_all: &Vector) -> Vector {
        if !self.config.keeps_tombstones() {
            return self.disk.seen.clone();
        }
        let complete = self.known.values().all(|known| self.disk.seen.covers(known));
        if complete { seen_by_all.clone() } else { Vector::default() }
    }
}
