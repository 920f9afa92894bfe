//! A team's letters, on any channel: each has its step, and may carry what its writer had seen and a draft.

use super::draft::Draft;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::future::Future;
use synod::agent::{Mailbox, Notes, Pass, Read};
use synod::fact::Fact;
use synod::protocol::channel::{Audience, Delivery, Kept, Line, Total};
use synod::scenario::{Passes, Sequence};
use synod::time::{Duration, seconds};
use synod::{Agent, Result};

/// The step after which nothing comes.
const OVER: u32 = u32::MAX;
/// How long whoever said so sees to it that others hear it: four repetitions of a letter at their slowest.
const CLOSING: Duration = seconds(20);

/// A letter to everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Word {
    /// What is done, as the pattern counts.
    pub(super) step: u32,
    /// Who did it.
    pub(super) by: String,
    /// What its writer had seen and written.
    pub(super) pass: Pass,
    /// What is shared by letter and not by note.
    pub(super) draft: Option<Draft>,
}

/// An agent's end of the team's channel.
pub(super) struct Mail {
    agent: Agent,
    ends: Ends,
    /// Letters that an earlier life of the agent had got.
    again: VecDeque<Delivery>,
    /// The last of them.
    upto: u64,
}

enum Ends {
    Line(Box<Mailbox<Line>>),
    Total(Box<Mailbox<Total>>),
}

/// The same done with either kind of end.
macro_rules! with {
    ($mail:expr, $end:ident => $what:expr) => {
        match &mut $mail.ends {
            Ends::Line($end) => $what,
            Ends::Total($end) => $what,
        }
    };
}

impl Mail {
    /// Opens the agent's end. Letters that it had got before a crash are read again.
    pub(super) async fn open(agent: &Agent, sequence: Option<Sequence>) -> Result<Mail> {
        let mut ends = match sequence {
            None | Some(Sequence::Unordered) => Ends::Line(Box::new(Mailbox::open(agent, Line::unordered).await?)),
            Some(Sequence::Fifo) => Ends::Line(Box::new(Mailbox::open(agent, Line::fifo).await?)),
            Some(Sequence::Causal) => Ends::Line(Box::new(Mailbox::open(agent, Line::causal).await?)),
            Some(Sequence::Total) => Ends::Total(Box::new(Mailbox::open(agent, Total::factory).await?)),
        };
        let kept = match &mut ends {
            Ends::Line(end) => end.transcript().to_vec(),
            Ends::Total(end) => end.transcript().to_vec(),
        };
        let heard = |kept| if let Kept::Delivered(delivery) = kept { Some(delivery) } else { None };
        let mut again: VecDeque<Delivery> = kept.into_iter().filter_map(heard).collect();
        again.make_contiguous().sort_by_key(|delivery| delivery.position);
        let upto = again.back().map_or(0, |last| last.position);
        Ok(Mail { agent: agent.clone(), ends, again, upto })
    }

    /// Whether the agent, in whatever life, has said that it did this step.
    pub(super) fn said(&mut self, step: u32) -> bool {
        let is_it = |kept: &Kept| match kept {
            Kept::Sent(letter) => {
                serde_json::from_slice::<Word>(letter.body.bytes()).is_ok_and(|word| word.step == step)
            }
            Kept::Delivered(_) => false,
        };
        with!(self, end => end.transcript().iter().any(is_it))
    }

    /// Tells everyone that a step is done, if it has not yet.
    pub(super) async fn tell(&mut self, step: u32, pass: Pass, draft: Option<Draft>) -> Result<()> {
        if self.said(step) {
            return Ok(());
        }
        let word = Word { step, by: self.agent.id().to_string(), pass, draft };
        with!(self, end => end.post(Audience::All, &word).await.map(|_| ()))
    }

    /// The next letter.
    pub(super) async fn next(&mut self) -> Result<Word> {
        if let Some(Delivery { position, letter }) = self.again.pop_front() {
            self.agent.note(Fact::Heeded { from: letter.id.from, number: letter.id.number });
            return Read { position, letter }.read();
        }
        loop {
            let read = with!(self, end => end.next().await?);
            if read.position > self.upto {
                return read.read();
            }
        }
    }

    /// Reads letters until everyone of so many has told that it did this step; what it reads of others' sessions it
    /// follows if it is to.
    pub(super) async fn await_step(&mut self, step: u32, from: usize, notes: &mut Notes, passes: Passes) -> Result<()> {
        let mut done: Vec<String> = Vec::new();
        while done.len() < from {
            let word = self.next().await?;
            if passes == Passes::Followed {
                notes.follow(&word.pass);
            }
            if word.step == step && !done.contains(&word.by) {
                done.push(word.by);
            }
        }
        Ok(())
    }

    /// Takes letters in while something else goes on.
    pub(super) async fn during<F: Future>(&mut self, other: F) -> Result<F::Output> {
        with!(self, end => end.during(other).await)
    }

    /// Goes on serving the channel, which others may still need, until whoever decides says that it is over.
    pub(super) async fn linger(&mut self) -> Result<()> {
        let (agent, over) = (self.agent.clone(), async {
            while self.next().await?.step != OVER {}
            Ok(())
        });
        agent.timeout(super::LINGER, over).await.unwrap_or(Ok(()))
    }

    /// Says that it is over, and sees to it that others hear so.
    pub(super) async fn close(&mut self) -> Result<()> {
        self.tell(OVER, Pass::default(), None).await?;
        let agent = self.agent.clone();
        self.during(agent.sleep(CLOSING)).await
    }
}
