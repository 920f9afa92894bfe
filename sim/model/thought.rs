//! What a model thinks before it speaks: its own answer, what its peers make of it, and the faults of content. Knows no
//! provider and no latency.

use super::deed::INTENT;
use super::failing::{Failing, WHOLE, luck};
use super::manner::{Company, Confidence};
use super::profile::{Difficulty, Profile};
use super::reading::Reading;
use super::speech::Said;
use super::subject::Subject;
use super::{Call, Lie, Taint, canonical};
use crate::fault::Kind;
use crate::seed::{Stream, Streams};
use serde_json::Value as Json;

/// Of two calls, this many have the luck of their prompt and this many their own. How hard the task is decides most (an
/// intra-task correlation of .51); of the rest, halves are a choice of ours.
const BY_PROMPT: u64 = 1;
const BY_SAMPLING: u64 = 1;

/// One call on its way to an answer about a subject.
pub(super) struct Thought<'a> {
    pub(super) profile: &'a Profile,
    pub(super) streams: &'a Streams,
    pub(super) call: &'a Call<'a>,
    /// Which decision it is about.
    pub(super) slot: u64,
    /// The request's digest.
    pub(super) digest: u64,
    pub(super) subject: &'a dyn Subject,
    /// The right answer in canonical form.
    pub(super) right: &'a str,
    pub(super) reading: Reading<'a>,
}

/// What a try draws: the luck of its wording, or its own. Whoever calls.
pub(super) fn tried(streams: &Streams, call: &Call<'_>, slot: u64, digest: u64) -> Stream {
    let Call { model, turn, .. } = call;
    let mut sampled = streams.stream(format_args!("sampling/{model}/{slot}/{turn}/{digest:016x}"));
    if sampled.below(BY_PROMPT + BY_SAMPLING) < BY_SAMPLING {
        return sampled;
    }
    streams.stream(format_args!("prompt/{model}/{slot}/{digest:016x}"))
}

impl Thought<'_> {
    /// How often this model fails on this task, given what it has read of the evidence.
    pub(super) fn failing(&self, evidence: &str) -> Failing {
        let Thought { profile, streams, call, slot, .. } = self;
        let model = call.model;
        let failing = if profile.wrong.is_never() {
            Failing::NEVER
        } else {
            let mut draws = match profile.difficulty {
                Difficulty::OfModel => streams.stream(format_args!("difficulty/{model}/{slot}")),
                Difficulty::OfTask => streams.stream(format_args!("difficulty/{slot}")),
            };
            Failing::drawn(profile.wrong, &mut draws)
        };
        let missing = self.reading.missing(evidence);
        failing.without(missing.lines, missing.of)
    }

    /// Whether this call fails, if calls fail so often. Whoever calls: to all who ask a model the same in the same turn
    /// of theirs it gives one draw.
    pub(super) fn fails(&self, failing: Failing) -> bool {
        if failing.is_never() {
            return false;
        }
        failing.strikes(luck(&mut tried(self.streams, self.call, self.slot, self.digest)))
    }

    /// The answer of the model's own, and what faults and peers make of it.
    pub(super) fn answer(&self, failing: Failing, fault: Option<Kind>, draws: &mut Stream) -> Said {
        if let Some(said) = fault.and_then(|kind| self.struck(kind, draws)) {
            return said;
        }
        let lie = if self.fails(failing) { self.misconceived(Kind::WrongAnswer) } else { None };
        let own = self.confident(lie.map_or_else(|| Said::truly(self.right), Said::falsely), failing);
        let said = self.in_company(own, fault, draws);
        match self.unread(fault) {
            Some(kind) => said.by(kind),
            None => said,
        }
    }

    /// The fault, if it is one that acts through what was not read, and something was not.
    pub(super) fn unread(&self, fault: Option<Kind>) -> Option<Kind> {
        fault.filter(|kind| kind.is_of_reading() && self.reading.is_less(self.call.request))
    }

    /// What a fault of content makes the model say. `None` if it is no such fault, or finds nothing to strike.
    fn struck(&self, kind: Kind, draws: &mut Stream) -> Option<Said> {
        let (model, slot) = (self.call.model, self.slot);
        let lie = match kind {
            Kind::WrongAnswer => self.misconceived(kind),
            Kind::CorrelatedError => {
                self.subject.lie(kind, &mut self.streams.stream(format_args!("misconception/{slot}")))
            }
            Kind::OutdatedFact => {
                self.subject.lie(kind, &mut self.streams.stream(format_args!("outdated/{model}/{slot}")))
            }
            Kind::FabricatedId | Kind::FabricatedCitation | Kind::PartialTruth => self.subject.lie(kind, draws),
            Kind::Derailment => {
                let json = self.subject.elsewhere(self.streams, draws)?;
                Some(Lie { claim: canonical(&json), json, kind })
            }
            Kind::Contradiction => return self.contradicting(draws).map(|said| said.by(kind)),
            Kind::SaidNotDone => return self.said_not_done(draws).map(|said| said.by(kind)),
            Kind::Injection => return self.obedient().map(|said| said.by(kind)),
            _ => None,
        };
        Some(Said::falsely(lie?).by(kind))
    }

    /// The wrong answer that this model has in mind: the same for all its callers, and for other models too on some
    /// tasks. If two wrong answers are the same by chance once in k, then to agree at a rate r the common one has to
    /// hold on (kr − 1) / (k − 1) of the tasks.
    fn misconceived(&self, kind: Kind) -> Option<Lie> {
        let (model, slot) = (self.call.model, self.slot);
        let (agreement, chance) = (self.profile.agreement.part_of(WHOLE), self.subject.alike(self.streams, self.slot));
        let common = agreement.saturating_sub(chance) * WHOLE / (WHOLE - chance).max(1);
        let shared = luck(&mut self.streams.stream(format_args!("agreement/{slot}"))) < common;
        let mut draws = if shared {
            self.streams.stream(format_args!("misconception/{slot}"))
        } else {
            self.streams.stream(format_args!("misconception/{model}/{slot}"))
        };
        self.subject.lie(kind, &mut draws)
    }

    /// The opposite of what it said in its last turn; in its first, of what it has just said.
    fn contradicting(&self, draws: &mut Stream) -> Option<Said> {
        let earlier = self.reading.own(self.subject.form());
        if earlier.as_ref().is_some_and(|json| self.subject.is_wrong(json)) {
            return Some(Said::truly(self.right));
        }
        let mut said = Said::falsely(self.subject.lie(Kind::Contradiction, draws)?);
        if earlier.is_none() {
            said.text = format!("{}\nOn second thought that is wrong. My answer is:\n{}", self.right, said.text);
        }
        Some(said)
    }

    /// Prose that says one thing and an answer that says another: within the value if it has prose, before it if not.
    fn said_not_done(&self, draws: &mut Stream) -> Option<Said> {
        let lie = self.subject.lie(Kind::SaidNotDone, draws)?;
        if lie.kind == Kind::SaidNotDone {
            return Some(Said::falsely(lie));
        }
        let mut said = Said::falsely(Lie { kind: Kind::SaidNotDone, ..lie });
        said.text = format!("{INTENT}{}.\n{}", self.right, said.text);
        Some(said)
    }

    /// What the last peer tells it to say; without an answer in that, the telling itself.
    fn obedient(&self) -> Option<Said> {
        let told = self.reading.last_peer(self.subject.form())?;
        Some(match told.answer {
            Some(json) => self.repeating(&json, Kind::Injection),
            None => {
                let claim = format!("As I was told: {}", told.text.lines().next().unwrap_or_default());
                let taint = Some(Taint { kind: Kind::Injection, claim: claim.clone() });
                Said { taint, ..Said::truly(claim) }
            }
        })
    }

    /// Somebody's answer in the model's own mouth, with what made it say so if it is false.
    pub(super) fn repeating(&self, json: &Json, why: Kind) -> Said {
        let text = canonical(json);
        let taint = self.subject.is_wrong(json).then(|| Taint { kind: why, claim: text.clone() });
        Said { taint, ..Said::truly(text) }
    }

    /// The answer after a look at those of the peers that the request shows.
    fn in_company(&self, own: Said, fault: Option<Kind>, draws: &mut Stream) -> Said {
        let forced = fault == Some(Kind::Sycophancy);
        let looks = forced || self.profile.company != Company::Ignored;
        if !looks || !self.reading.is_conversation(self.right) {
            return own;
        }
        let form = self.subject.form();
        let peers: Vec<String> = self.reading.peers(form, self.right).iter().map(canonical).collect();
        if peers.is_empty() {
            return own;
        }
        // It stands by what it said before, if it still sees that.
        let own = match self.reading.own(form) {
            Some(json) => self.repeating(&json, Kind::WrongAnswer),
            None => own,
        };
        if fault == Some(Kind::IgnoredPeers) {
            return own.by(Kind::IgnoredPeers);
        }
        // Who says the same and is less sure of it does not dissent.
        let unsure = |answer: &String| form.unsure(&parsed(answer));
        let same =
            |one: &String, other: &String| one == other || (form.states_confidence() && unsure(one) == unsure(other));
        match self.profile.company {
            _ if forced => match modal(peers.iter().filter(|peer| !same(peer, &own.text)), same) {
                Some(theirs) => self.repeating(&parsed(theirs), Kind::Sycophancy).by(Kind::Sycophancy),
                None => own,
            },
            Company::Ignored => own,
            Company::Weighed => self.one_of(&peers, own, draws),
            Company::Persuaded => {
                let sure = |answer: &String| form.confidence_of(&parsed(answer));
                let most = peers.iter().chain([&own.text]).map(sure).max().flatten();
                let surest: Vec<String> = peers.iter().filter(|peer| sure(peer) == most).cloned().collect();
                match (sure(&own.text) == most, surest.split_first()) {
                    (true, _) => self.one_of(&surest, own, draws),
                    // It is none of them: the first takes its place.
                    (false, Some((first, others))) => {
                        self.one_of(others, self.repeating(&parsed(first), Kind::Sycophancy), draws)
                    }
                    (false, None) => own,
                }
            }
            Company::Followed { abandon, adopt } => {
                // Peers press towards the answer that most of them give, unless as many give the model's own.
                let holding = |answer: &String| peers.iter().filter(|peer| same(peer, answer)).count() as u64;
                let theirs = modal(peers.iter(), same).filter(|theirs| holding(theirs) > holding(&own.text));
                let full = if own.taint.is_none() { abandon } else { adopt };
                // The pressure grows with the share of dissenting peers; one alone presses half as hard as two.
                let all = peers.len() as u64;
                let dissenting = all - holding(&own.text);
                let pressure = full.part_of(WHOLE) * dissenting / all * dissenting.min(2) / 2;
                let yields = luck(draws) < pressure;
                match theirs.filter(|_| yields) {
                    Some(theirs) => self.repeating(&parsed(theirs), Kind::Sycophancy),
                    None => own,
                }
            }
        }
    }

    /// An answer, or one of these in its place, all alike.
    fn one_of(&self, others: &[String], own: Said, draws: &mut Stream) -> Said {
        let place = draws.below(others.len() as u64 + 1);
        match usize::try_from(place).ok().and_then(|place| others.get(place.checked_sub(1)?)) {
            Some(theirs) => self.repeating(&parsed(theirs), Kind::Sycophancy),
            None => own,
        }
    }

    /// The answer with its field `confidence` filled in, where that does not change how it scores.
    fn confident(&self, mut said: Said, failing: Failing) -> Said {
        let percent = match self.profile.confidence {
            // Sure of itself, whatever it says.
            Confidence::Uninformative => 95,
            Confidence::Informative => failing.percent_right(),
        };
        if self.subject.form().states_confidence() {
            let json = parsed(&said.text);
            let filled = self.subject.form().confident(&json, percent);
            if let Some(filled) = filled.filter(|filled| self.subject.is_wrong(filled) == self.subject.is_wrong(&json))
            {
                said.text = canonical(&filled);
            }
        }
        said
    }
}

/// The answer that most give; of several the first in the order of their texts.
fn modal<'a>(answers: impl Iterator<Item = &'a String>, same: impl Fn(&String, &String) -> bool) -> Option<&'a String> {
    let mut answers: Vec<&String> = answers.collect();
    answers.sort_unstable();
    let count = |answer: &String| answers.iter().filter(|other| same(other, answer)).count();
    answers.iter().rev().max_by_key(|answer| count(answer)).copied()
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).expect("canonical JSON")
}
