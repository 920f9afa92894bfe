//! A talk: remarks, answers, answers to answers. Knows no bug.

use super::{Audience, Channel, Correspondent, Letter, Letters, Posting, Remark, Subject};
use crate::fact::Slot;
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::channel::Post;
use crate::time::Time;

/// How many answers follow on each other: enough for a chain to cross a team of four, few enough to come to an end.
const HOPS: u64 = 3;

impl<C: Channel> Correspondent<C> {
    /// A client wants something talked about.
    pub(super) fn on_request(&mut self, now: Time, op: OpId, slot: Slot, effects: &mut Effects<Self>) {
        match self.subject {
            Subject::Bug => self.on_report_wanted(op, slot, effects),
            Subject::Talk { letters } => {
                let remark = Remark::Said { slot, hops: HOPS, answers: None };
                let to = self.audience(slot.0, letters);
                self.post(now, Post { to, body: remark.value() }, Posting::For(op), effects);
            }
        }
    }

    /// Every second letter of a talk with letters to one is for one, each time another.
    fn audience(&self, count: u64, letters: Letters) -> Audience {
        let size = self.members.len() as u64;
        let nth = |count: u64| self.members.iter().nth(usize::try_from(count % size).expect("a member"));
        match letters {
            Letters::ToAllAndToOne if count % 2 == 1 => Audience::One(nth(count / 2).expect("a member")),
            Letters::ToAll | Letters::ToAllAndToOne => Audience::All,
        }
    }

    /// A remark is answered by one of those who hear it, each time another, until enough was said.
    pub(super) fn answer_remark(&mut self, letter: &Letter, remark: &Remark, letters: Letters) {
        let &Remark::Said { slot, hops, .. } = remark else { return };
        let id = letter.id;
        let turn = slot.0 + hops + id.number + id.from.index() as u64;
        let answered = |said: &Remark| matches!(said, Remark::Said { answers, .. } if *answers == Some(id));
        if hops == 0 || self.speaker(letter, turn) != Some(self.me) || self.has_said(answered) {
            return;
        }
        let remark = Remark::Said { slot, hops: hops - 1, answers: Some(id) };
        let to = self.audience(turn + id.number, letters);
        self.drafts.push_back(Post { to, body: remark.value() });
    }

    /// Whose turn it is to answer.
    fn speaker(&self, letter: &Letter, turn: u64) -> Option<NodeId> {
        let mut readers = letter.to.among(&self.members);
        readers.retain(|reader| *reader != letter.id.from);
        let size = readers.len() as u64;
        if size == 0 { None } else { readers.get(usize::try_from(turn % size).expect("a member")).copied() }
    }
}
