//! The chair's half: who came, what the motion is, who voted how. Knows nothing of how a motion is chosen among fresh
//! ones.

use super::{Ballot, Cast, Composes, Content, Finding, Letter, Motion, Origin, Progress, Timer, Votes, Write};
use crate::digest::{Digest, Digester};
use crate::fact::{Fact, Slot};
use crate::id::NodeId;
use crate::protocol::team::Reason;
use crate::protocol::{Data, Effects};
use std::collections::{BTreeMap, BTreeSet};

/// A vote that this member chairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chair<B> {
    pub(super) ballot: Ballot,
    present: BTreeMap<NodeId, Presence<B>>,
    put: Option<Put>,
    votes: BTreeSet<NodeId>,
    /// How many votes came, for a chair that counts voters twice.
    counted: usize,
    against: BTreeMap<NodeId, Reason>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Presence<B> {
    cast: Option<Cast>,
    brings: B,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Put {
    motion: Motion,
    origin: Origin,
}

crate::digestible! { struct Put { motion, origin } }

impl<B: Digest> Digest for Chair<B> {
    fn digest(&self, digester: &mut Digester) {
        let Chair { ballot, present, put, votes, counted, against } = self;
        ballot.digest(digester);
        present.digest(digester);
        put.digest(digester);
        votes.digest(digester);
        (*counted as u64).digest(digester);
        against.digest(digester);
    }
}

impl<B: Digest> Digest for Presence<B> {
    fn digest(&self, digester: &mut Digester) {
        self.cast.digest(digester);
        self.brings.digest(digester);
    }
}

impl<B: Data> Votes<B> {
    /// Takes the chair under a ballot above all that this member promised or met, and calls everyone.
    pub fn stand<P: Composes<B>>(&mut self, slot: Slot, brings: B, effects: &mut Effects<P>) -> Progress {
        if self.outcome(slot).is_some() {
            return Progress::Open;
        }
        let (me, promised) = (self.me, self.promised(slot));
        let members = self.members.clone();
        let cast = self.registers.get(&slot).and_then(|register| register.cast.clone());
        let poll = self.poll(slot);
        let ballot = poll.met.max(promised).above(me, &members);
        let present = BTreeMap::from([(me, Presence { cast, brings })]);
        let (votes, against) = (BTreeSet::new(), BTreeMap::new());
        poll.met = ballot;
        poll.chair = Some(Chair { ballot, present, put: None, votes, counted: 0, against });
        self.save(Write::Promise { slot, ballot }, effects);
        self.resend(slot, effects);
        self.seated(slot)
    }

    /// The ballot that this member chairs, if it does.
    #[must_use]
    pub fn chairs(&self, slot: Slot) -> Option<Ballot> {
        self.polls.get(&slot)?.chair.as_ref().map(|chair| chair.ballot)
    }

    /// Whether this member chairs and has put its motion.
    #[must_use]
    pub fn has_put(&self, slot: Slot) -> bool {
        self.chair(slot).is_some_and(|chair| chair.put.is_some())
    }

    /// What the members brought that came to this member's call, its own among it.
    pub fn brought(&self, slot: Slot) -> impl Iterator<Item = (NodeId, &B)> {
        let present = self.chair(slot).into_iter().flat_map(|chair| &chair.present);
        present.map(|(member, presence)| (*member, &presence.brings))
    }

    /// The motion that the chair has to put, because a quorum may have carried it (rule 2).
    #[must_use]
    pub fn obliged(&self, slot: Slot) -> Option<&Motion> {
        let present = self.chair(slot)?.present.values();
        let cast = present.filter_map(|presence| presence.cast.as_ref()).max_by_key(|cast| cast.ballot);
        cast.filter(|_| self.rules.adopts_what_may_be_decided()).map(|cast| &cast.motion)
    }

    /// Puts a motion to the vote; what rule 2 obliges the chair to put comes before what it would like to.
    ///
    /// # Panics
    /// If this member does not chair the slot, or has put another motion in this ballot.
    pub fn put<P: Composes<B>>(&mut self, slot: Slot, wanted: Motion, effects: &mut Effects<P>) -> Progress {
        let obliged = self.obliged(slot).cloned();
        let origin = if obliged.is_some() { Origin::Adopted } else { Origin::Fresh };
        let motion = obliged.unwrap_or(wanted);
        let chair = self.polls.get_mut(&slot).and_then(|poll| poll.chair.as_mut()).expect("only a chair puts motions");
        assert!(chair.put.is_none(), "a ballot has one motion");
        let ballot = chair.ballot;
        chair.put = Some(Put { motion: motion.clone(), origin });
        self.resend(slot, effects);
        match self.examine(self.me, slot, ballot, &motion, origin, effects) {
            Some(finding) => self.count_own(slot, ballot, finding, effects),
            None => Progress::Open,
        }
    }

    /// Ends a chair without a motion: the protocol has more to talk about.
    pub fn adjourn(&mut self, slot: Slot) {
        self.poll(slot).chair = None;
    }

    /// A member came. It stays when it is heard again.
    pub(super) fn on_here(
        &mut self,
        from: NodeId,
        slot: Slot,
        ballot: Ballot,
        cast: Option<Cast>,
        brings: B,
    ) -> Progress {
        let Some(chair) = self.polls.get_mut(&slot).and_then(|poll| poll.chair.as_mut()) else { return Progress::Open };
        if chair.ballot != ballot || chair.put.is_some() {
            return Progress::Open;
        }
        chair.present.entry(from).or_insert(Presence { cast, brings });
        self.seated(slot)
    }

    fn seated(&self, slot: Slot) -> Progress {
        let present = self.chair(slot).map_or(0, |chair| chair.present.len());
        if present >= self.members.majority() { Progress::Seated } else { Progress::Open }
    }

    /// The chair's own vote, once its agent has found what it thinks of the motion.
    pub(super) fn count_own<P: Composes<B>>(
        &mut self,
        slot: Slot,
        ballot: Ballot,
        finding: Finding,
        effects: &mut Effects<P>,
    ) -> Progress {
        let put = self.chair(slot).filter(|chair| chair.ballot == ballot).and_then(|chair| chair.put.clone());
        let Some(Put { motion, .. }) = put else { return Progress::Open };
        match finding {
            Finding::Approved => {
                self.cast(slot, Cast { ballot, motion }, effects);
                self.on_yes(self.me, slot, ballot, effects)
            }
            Finding::Refused(reason) => self.on_against(self.me, slot, ballot, reason),
        }
    }

    /// A vote for the motion: a majority of the members carries it.
    pub(super) fn on_yes<P: Composes<B>>(
        &mut self,
        from: NodeId,
        slot: Slot,
        ballot: Ballot,
        effects: &mut Effects<P>,
    ) -> Progress {
        let (rules, members) = (self.rules, self.members.len());
        let Some(chair) = self.polls.get_mut(&slot).and_then(|poll| poll.chair.as_mut()) else { return Progress::Open };
        let Some(Put { motion, .. }) = chair.put.clone().filter(|_| chair.ballot == ballot) else {
            return Progress::Open;
        };
        chair.votes.insert(from);
        chair.counted += 1;
        let votes = if rules.counts_voters_once() { chair.votes.len() } else { chair.counted };
        if votes < rules.quorum(members, chair.present.len()) {
            return Progress::Open;
        }
        effects.note(Fact::Chosen { index: slot.0, ballot: ballot.0, command: motion.name() });
        self.learn(slot, motion.clone(), effects);
        self.resend(slot, effects);
        Progress::Settled(motion)
    }

    /// A refusal: when too few are left to carry the motion, it is dropped.
    pub(super) fn on_against(&mut self, from: NodeId, slot: Slot, ballot: Ballot, reason: Reason) -> Progress {
        let (members, majority) = (self.members.len(), self.members.majority());
        let poll = self.poll(slot);
        let Some(chair) = poll.chair.as_mut().filter(|chair| chair.ballot == ballot) else { return Progress::Open };
        let Some(Put { motion: Motion::Adopt(value), .. }) = chair.put.clone() else { return Progress::Open };
        if !chair.votes.contains(&from) {
            chair.against.insert(from, reason);
        }
        if members - chair.against.len() >= majority {
            return Progress::Open;
        }
        let reasons = chair.against.values().copied().collect();
        poll.chair = None;
        Progress::Refused { value, reasons }
    }

    /// Somebody promised a higher ballot.
    pub(super) fn on_preempted(&mut self, slot: Slot, promised: Ballot) -> Progress {
        self.give_way(slot, promised)
    }

    /// The resend timer fired.
    pub fn fire<P: Composes<B>>(&mut self, timer: Timer, effects: &mut Effects<P>) {
        let Timer::Resend(slot) = timer;
        self.resend(slot, effects);
    }

    /// Says again what was not answered: the outcome, the motion, or the call. And again after a while.
    pub(super) fn resend<P: Composes<B>>(&mut self, slot: Slot, effects: &mut Effects<P>) {
        let Some(poll) = self.polls.get(&slot) else { return };
        let mut silent: Vec<NodeId> = self.members.others(self.me).collect();
        let content = match (self.outcome(slot), &poll.chair) {
            (Some(motion), _) => {
                silent.retain(|member| !poll.told.contains(member));
                Content::Outcome { motion: motion.clone() }
            }
            // To those who voted, too: it shows them that the chair lives.
            (None, Some(Chair { ballot, put: Some(put), .. })) => {
                Content::Put { ballot: *ballot, motion: put.motion.clone(), origin: put.origin }
            }
            (None, Some(Chair { ballot, put: None, present, .. })) => {
                silent.retain(|member| !present.contains_key(member));
                Content::Call { ballot: *ballot }
            }
            (None, None) => return,
        };
        if silent.is_empty() && self.outcome(slot).is_some() {
            return;
        }
        effects.send_all(silent.into_iter(), &Letter { slot, content }.into());
        effects.arm(Timer::Resend(slot).into(), self.rules.resend..=self.rules.resend);
    }

    fn chair(&self, slot: Slot) -> Option<&Chair<B>> {
        self.polls.get(&slot)?.chair.as_ref()
    }
}
