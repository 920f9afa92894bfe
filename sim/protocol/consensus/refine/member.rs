//! The member's half: it keeps sets, asks its model, answers, is cancelled, and notices when nobody leads. Knows
//! nothing of how answers are counted.

use super::{Answered, Asked, Message, Place, Refine, RefinementSet, Timer, Write};
use crate::fact::{Fact, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::consensus::vote::{Ballot, Content, Letter};
use crate::protocol::team::{Ask, Reason, Stance};
use std::collections::BTreeMap;

impl Refine {
    /// Stands for the next term: nobody leads, or a motion was refused.
    pub(super) fn stand(&mut self, slot: Slot, effects: &mut Effects<Refine>) {
        self.step_down(slot, effects);
        let Some(session) = self.sessions.get(&slot) else { return };
        let set = session.kept.set.clone();
        self.await_leader(slot, effects);
        let progress = self.votes.stand(slot, set, effects);
        self.follow_up(slot, progress, effects);
    }

    pub(super) fn await_leader(&self, slot: Slot, effects: &mut Effects<Refine>) {
        effects.arm(Timer::Election(slot), self.config.election.clone());
    }

    /// A letter about an election or a vote. Whoever is called knows of the slot from then on, and waits for its
    /// outcome. A motion ends the round it came from.
    pub(super) fn on_letter(
        &mut self,
        from: NodeId,
        letter: Letter<Option<RefinementSet>>,
        effects: &mut Effects<Refine>,
    ) {
        let slot = letter.slot;
        let ballot = match letter.content {
            Content::Call { ballot } | Content::Put { ballot, .. } => Some(ballot),
            _ => None,
        };
        let stands = ballot.is_some_and(|ballot| ballot >= self.votes.promised(slot));
        if stands && self.votes.outcome(slot).is_none() {
            self.sessions.entry(slot).or_default();
            self.await_leader(slot, effects);
            if matches!(letter.content, Content::Put { .. }) {
                self.cancel(slot, effects);
            }
        }
        let set = self.sessions.get(&slot).and_then(|session| session.kept.set.clone());
        let progress = self.votes.receive(from, letter, || set, effects);
        self.follow_up(slot, progress, effects);
    }

    /// A leader's set: the latest is kept, durably, and the own model is asked about it, and about nothing older.
    pub(super) fn on_refine(
        &mut self,
        from: NodeId,
        slot: Slot,
        set: RefinementSet,
        refused: BTreeMap<Value, Reason>,
        effects: &mut Effects<Refine>,
    ) {
        if self.tell(from, slot, effects) || self.overtakes(from, slot, set.place.term, effects) {
            return;
        }
        let leads_below = |lead: &super::Lead| lead.term < set.place.term;
        if self.sessions.entry(slot).or_default().lead.as_ref().is_some_and(leads_below) {
            self.votes.adjourn(slot);
            self.step_down(slot, effects);
        }
        self.await_leader(slot, effects);
        self.take_set(slot, set, refused, effects);
    }

    /// Keeps a set that is new here and asks about it; says the answer again if the set is not new.
    pub(super) fn take_set(
        &mut self,
        slot: Slot,
        set: RefinementSet,
        refused: BTreeMap<Value, Reason>,
        effects: &mut Effects<Refine>,
    ) {
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        let (place, known) = (set.place, session.kept.set.as_ref().map(|kept| kept.place));
        if known.is_some_and(|known| place < known) {
            return;
        }
        if known != Some(place) {
            let news = refused.into_iter().filter(|(value, _)| !session.refused.contains_key(value));
            news.collect::<Vec<_>>().into_iter().for_each(|(value, reason)| session.refuse(value, reason));
            session.kept.set = Some(set.clone());
            effects.persist(Write::Set { slot, set });
        }
        let session = &self.sessions[&slot];
        match &session.kept.answered {
            Some(answered) if answered.place == place => {
                let (leader, answered) = (place.term.leader(&self.members), answered.clone());
                if let Some(leader) = leader.filter(|leader| *leader != self.me) {
                    effects.send(leader, Message::Answer { slot, answered });
                }
            }
            _ if session.asked.is_some_and(|asked| asked.place == place) => {}
            _ => self.ask(slot, place, effects),
        }
    }

    /// Asks the own model, and no longer about an earlier round.
    fn ask(&mut self, slot: Slot, place: Place, effects: &mut Effects<Refine>) {
        self.cancel(slot, effects);
        let ticket = self.votes.next_ticket();
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        let may_be_shown = |value: &Value| !session.refused.contains_key(value);
        let own = session.kept.answered.as_ref().and_then(|answered| answered.answer.clone());
        let own = own.filter(|value| may_be_shown(value));
        let set = session.kept.set.iter().flat_map(|set| &set.answers);
        let others = set.filter(|(by, value)| **by != self.me && may_be_shown(value));
        let peers: Vec<Stance> = others.map(|(by, value)| Stance { by: *by, value: value.clone() }).collect();
        let refusals = session.refused.values().copied().collect();
        let ask = if peers.is_empty() && own.is_none() {
            Ask::Propose { slot, refusals }
        } else {
            Ask::Revise { slot, own, peers, refusals }
        };
        session.asked = Some(Asked { ticket, place });
        effects.ask(ticket, ask);
    }

    /// Wants no answer of the own model any more.
    pub(super) fn cancel(&mut self, slot: Slot, effects: &mut Effects<Refine>) {
        if let Some(asked) = self.sessions.get_mut(&slot).and_then(|session| session.asked.take()) {
            effects.cancel(asked.ticket);
        }
    }

    /// Answers the round that the model was asked about: durable before the leader hears of it.
    pub(super) fn say(&mut self, slot: Slot, answer: Option<Value>, effects: &mut Effects<Refine>) {
        let me = self.me;
        let Some(session) = self.sessions.get_mut(&slot) else { return };
        let Some(Asked { place, .. }) = session.asked.take() else { return };
        let answered = Answered { place, answer };
        session.kept.answered = Some(answered.clone());
        if self.config.keeps_answers() {
            effects.persist(Write::Answered { slot, answered: answered.clone() });
        }
        report(slot, &answered, effects);
        match place.term.leader(&self.members) {
            Some(leader) if leader == me => self.on_reply(me, slot, answered, effects),
            Some(leader) => effects.send(leader, Message::Answer { slot, answered }),
            None => {}
        }
    }

    /// Tells a member what was voted; says whether there was anything to tell.
    pub(super) fn tell(&self, member: NodeId, slot: Slot, effects: &mut Effects<Refine>) -> bool {
        let Some(motion) = self.votes.outcome(slot) else { return false };
        let content = Content::Outcome { motion: motion.clone() };
        effects.send(member, Message::Vote(Letter { slot, content }));
        true
    }

    /// Whether a later term than this was promised; its leader is told so.
    fn overtakes(&self, from: NodeId, slot: Slot, term: Ballot, effects: &mut Effects<Refine>) -> bool {
        let promised = self.votes.promised(slot);
        if term < promised {
            effects.send(from, Message::Vote(Letter { slot, content: Content::Preempted { promised } }));
        }
        term < promised
    }
}

/// Reports an answer that is durable.
pub(super) fn report(slot: Slot, answered: &Answered, effects: &mut Effects<Refine>) {
    let Answered { place, answer } = answered;
    if let Some(value) = answer {
        effects.note(Fact::Proposed { slot, value: value.clone() });
        effects.note(Fact::Answered { slot, term: place.term.0, round: u64::from(place.round), value: value.clone() });
    }
}
