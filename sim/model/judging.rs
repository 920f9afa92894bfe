//! A model as a judge: what it says of a proposal that its request shows. Knows no protocol, and of the truth only
//! whether the proposal is right.

use super::ballot::Ballot;
use super::manner::Judge;
use super::reading::Reading;
use super::speech::Said;
use super::{Call, Opinion, Problem, Taint, slur, words};
use crate::digest::digest_of;
use crate::fact::Value;
use crate::fault::Kind;
use crate::seed::{Stream, Streams};

/// Of seven verdicts, this many have the luck of what is judged and this many their own. So two on one proposal are one
/// draw in (5/7)² = .51 of all cases, which is the intra-task correlation of answers; of verdicts nobody published one.
const BY_PROPOSAL: u64 = 5;
const BY_SAMPLING: u64 = 2;

/// One call for an opinion.
pub(super) struct Judging<'a> {
    pub(super) streams: &'a Streams,
    /// The request's digest.
    pub(super) digest: u64,
    pub(super) judge: Judge,
    /// The form of its opinion.
    pub(super) ballot: &'a Ballot<'a>,
    pub(super) problem: &'a Problem,
    pub(super) reading: &'a Reading<'a>,
    pub(super) call: &'a Call<'a>,
}

/// A verdict on its way to words.
struct Verdict {
    approve: bool,
    /// The fault that made it so.
    by: Option<Kind>,
}

/// Faults that turn a verdict round.
const fn flips(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::WrongAnswer | Kind::CorrelatedError | Kind::OutdatedFact | Kind::Contradiction | Kind::SaidNotDone
    )
}

/// Faults that put a source into its reason that does not exist.
const fn invents(kind: Kind) -> bool {
    matches!(kind, Kind::FabricatedId | Kind::FabricatedCitation)
}

impl Judging<'_> {
    /// An opinion on the proposal that it reads. An agent that forgets to show it gets a rejection; of one that does
    /// not show the evidence, the model approves what it cannot check.
    pub(super) fn opinion(&self, fault: Option<Kind>, draws: &mut Stream) -> Said {
        let Judge { true_positive, true_negative, unusable } = self.judge;
        let proposal = match self.reading.of_less(self.call.request) {
            None => Opinion::proposal(self.call.request),
            Some(less) => Opinion::proposal(&less),
        };
        let right = proposal.as_ref().is_some_and(|proposal| self.problem.score(proposal).is_correct());
        let mut luck = self.luck(proposal.as_ref());
        let sound = luck.chance(if right { true_positive } else { true_negative });
        let undecided = luck.chance(unusable);
        let blind = self.blind();
        if undecided && fault.is_none() {
            return Said::truly(slur::undecided(&mut self.words(fault)));
        }
        let mut words = self.words(fault);
        let unbiased = (sound == right) || (blind && proposal.is_some());
        let Verdict { approve, by } = match fault {
            Some(kind @ Kind::WrongVerdict) => Verdict { approve: !right, by: Some(kind) },
            _ => self.verdict(unbiased, proposal.as_ref(), fault),
        };
        // Its prose is the verdict's own, but for a model that says one thing and does another.
        let meant = if fault == Some(Kind::SaidNotDone) { unbiased } else { approve };
        let reason = match fault {
            Some(kind) if invents(kind) => self.invented(draws),
            _ => self.reason(meant, proposal.as_ref(), fault, &mut words),
        };
        let said = proposal.map_or_else(|| "nothing".to_owned(), |proposal| proposal.to_string());
        let taint = if approve != right {
            let kind = by.unwrap_or(Kind::WrongAnswer);
            Some(Taint { kind, claim: format!("{} {said}", if approve { "approves" } else { "rejects" }) })
        } else {
            fault.filter(|kind| invents(*kind)).map(|kind| Taint { kind, claim: reason.clone() })
        };
        Said { taint, fault: by, ..Said::truly(self.ballot.written(approve, &reason, &mut words)) }
    }

    /// Whether what would tell is not shown. Of one request always the same, as long as as much of it is read: a fault
    /// may make it less.
    fn blind(&self) -> bool {
        let Judging { streams, digest, call: Call { model, turn, .. }, .. } = self;
        let (slot, missing) = (self.problem.slot().0, self.reading.missing(self.problem.evidence()));
        let of = missing.of;
        let mut draws = streams.stream(format_args!("blind/{model}/{slot}/{turn}/{digest:016x}/{of}"));
        draws.below(of) < missing.lines
    }

    /// What the words of an opinion draw: of one request, struck alike, always the same.
    fn words(&self, fault: Option<Kind>) -> Stream {
        let Judging { streams, digest, call: Call { model, turn, .. }, .. } = self;
        let (slot, struck) = (self.problem.slot().0, fault.map_or("nothing", Kind::name));
        streams.stream(format_args!("words/{model}/{slot}/{turn}/{digest:016x}/{struck}"))
    }

    /// What a verdict draws, and nothing else, for a stream of one name is one sequence: what this model makes of this
    /// proposal whenever it is asked, or now and then the luck of a try. Whoever calls: to all who ask a model the same
    /// in the same turn of theirs it gives one draw.
    fn luck(&self, proposal: Option<&Value>) -> Stream {
        let Judging { streams, digest, call: Call { model, turn, .. }, .. } = self;
        let slot = self.problem.slot().0;
        let mut sampled = streams.stream(format_args!("sampling/{model}/{slot}/{turn}/{digest:016x}"));
        if sampled.below(BY_PROPOSAL + BY_SAMPLING) < BY_SAMPLING {
            return sampled;
        }
        streams.stream(format_args!("verdict/{model}/{slot}/{:016x}", proposal.map_or(0, digest_of)))
    }

    /// What a fault makes of the verdict.
    fn verdict(&self, unbiased: bool, proposal: Option<&Value>, fault: Option<Kind>) -> Verdict {
        let left = Verdict { approve: unbiased, by: None };
        let Some(kind) = fault else { return left };
        let struck = |approve: bool| Verdict { approve, by: Some(kind) };
        match kind {
            Kind::RubberStamp => struck(true),
            kind if flips(kind) => struck(!unbiased),
            // They act through what was not read, or through the reason.
            kind if kind.is_of_reading() && self.reading.is_less(self.call.request) => struck(unbiased),
            Kind::PartialTruth => struck(unbiased),
            kind if invents(kind) => struck(unbiased),
            // It does what it is told last: by a peer's verdict, or else by the proposal, which asks to be decided.
            Kind::Injection => {
                let told = self.reading.last_peer(self.ballot.form()).and_then(|told| told.answer);
                let told = told.and_then(|opinion| self.ballot.approves(&opinion)).or(proposal.map(|_| true));
                told.map_or(left, struck)
            }
            // It says what most of its peers say, if they do not say what it thinks.
            Kind::Sycophancy => {
                let peers = self.reading.peers(self.ballot.form(), self.ballot.opening());
                let said = peers.iter().filter_map(|opinion| self.ballot.approves(opinion));
                let dissenting = said.filter(|approve| *approve != unbiased).count();
                if dissenting * 2 > peers.len() { struck(!unbiased) } else { left }
            }
            _ => left,
        }
    }

    /// A reason with a source in it that does not exist.
    fn invented(&self, draws: &mut Stream) -> String {
        format!("report {} settles it", words::fabricated("INC-1000", self.problem.evidence(), draws.word()))
    }

    /// A line of the evidence that it has read, and what that is to it.
    fn reason(&self, meant: bool, proposal: Option<&Value>, fault: Option<Kind>, draws: &mut Stream) -> String {
        let evidence = self.problem.evidence();
        if proposal.is_none() {
            return "no proposal was shown".to_owned();
        }
        match fault {
            Some(Kind::PartialTruth) => return String::new(),
            // It has not looked.
            Some(Kind::RubberStamp) => return "looks good to me".to_owned(),
            _ => {}
        }
        // The first line says what is asked, if there are others.
        let first = usize::from(evidence.trim_end().contains('\n'));
        let lines: Vec<&str> = evidence.lines().skip(first).filter(|line| !line.trim().is_empty()).collect();
        let place = usize::try_from(draws.below(lines.len().max(1) as u64)).expect("a line's place");
        let shown = lines.get(place).filter(|line| self.reading.holds(line));
        match (shown, meant) {
            (Some(line), true) => format!("it fits what stands there: {line}"),
            (Some(line), false) => format!("it does not fit what stands there: {line}"),
            (None, true) => "nothing that was shown speaks against it".to_owned(),
            (None, false) => "nothing that was shown speaks for it".to_owned(),
        }
    }
}
