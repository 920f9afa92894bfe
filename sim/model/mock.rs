//! The mock model: answers from the truth, gone wrong as its profile says. Keeps nothing between calls.

use super::ballot::Ballot;
use super::deed::Deed;
use super::judging::Judging;
use super::posed::Posed;
use super::profile::Profile;
use super::reading::Reading;
use super::speech::{Mood, Said, overflows};
use super::subject::Subject;
use super::thought::{Thought, tried};
use super::{Answered, Call, Form, Model, Opinion, TaskSet, canonical};
use crate::digest::digest_of;
use crate::fault::{Kind, Part};
use crate::seed::{Stream, Streams};
use std::sync::LazyLock;

/// A language model that knows the truth and tells it as often as its profile says.
///
/// It reads the request it gets: of the evidence it knows only the lines that the request holds, and with a share m of
/// them missing it fails on f + (1 − f)·m of its tries instead of f. It sees its own earlier answers and those of its
/// peers in the transcript, and yields to them as its profile says. It answers in the form that the request asks for:
/// if the right answer is of that form, the task is asked about, whoever wrote the schema. If not, and the request
/// shows a proposal and the form has a place for a verdict, it judges the proposal; else any value of the form will do.
///
/// Streams, all named so that no call, agent or fault more can move another reply:
///
/// | stream | decides |
/// |---|---|
/// | `difficulty/<model>/<slot>` | how often this model fails on the problem; `difficulty/<slot>`: any model |
/// | `prompt/<model>/<slot>/<digest>` | the luck of a wording, for half of all calls |
/// | `sampling/<model>/<slot>/<turn>/<digest>` | the luck of a try for the other half, whoever calls |
/// | `verdict/<model>/<slot>/<proposal's digest>` | what this model makes of a proposal, for five of seven verdicts |
/// | `blind/<model>/<slot>/<turn>/<digest>/<lines>` | whether a judge misses what its request leaves out |
/// | `words/<model>/<slot>/<turn>/<digest>/<fault>` | how a judge gives its reason |
/// | `answer/<model>/<caller>/<turn>/<digest>` | the rest of one call: slips, latency, the place of a lie |
/// | `alternatives/<slot>` | wrong answers at random, to see how often two of them are the same |
/// | `agreement/<slot>` | whether models that are wrong about the problem are wrong alike |
/// | `misconception/<slot>`, `misconception/<model>/<slot>` | the wrong answer that all have in mind, or this one |
/// | `outdated/<model>/<slot>` | how this model thinks things stand |
/// | `choice/<slot>/<schema>` | what models choose alike where any choice would do |
/// | `misreading/<model>/<slot>/<place>` | the wrong argument that this model has in mind for a call of the task |
///
/// So a retry is not an independent try: an identical prompt redraws only the sampling, another wording the prompt's
/// luck too, and neither what the model does not know.
pub struct Mock {
    profile: Profile,
    task: TaskSet,
}

/// Made once: compiling a schema takes as long as some twenty messages of a run, and every run makes a mock.
static OPINION: LazyLock<Form> = LazyLock::new(Opinion::form);
static BALLOT: LazyLock<Ballot<'static>> = LazyLock::new(|| Ballot::of(&OPINION).expect("a form of opinions"));

impl Mock {
    /// A model of this profile for the team's task.
    ///
    /// # Panics
    /// If the quota admits nothing: such a model could never answer.
    #[must_use]
    pub fn new(profile: Profile, task: TaskSet) -> Mock {
        assert!(profile.quota.concurrent > 0 && profile.quota.per_minute > 0, "a quota must admit at least one call");
        Mock { profile, task }
    }

    /// The form of the opinions it gives.
    #[must_use]
    pub fn opinion(&self) -> &Form {
        &OPINION
    }

    fn say(&self, streams: &Streams, call: &Call<'_>, heard: &Heard, draws: &mut Stream) -> Said {
        let problem = call.problem.expect("a mock model is asked about a problem of its task");
        let asked = call.request.task().unwrap_or(call.request.slot);
        assert_eq!(problem.slot(), asked, "a request and its problem must be about the same slot");
        let reading = Reading::of(call.request, self.profile.window, heard.fault);
        let (judge, digest) = (self.profile.judge, heard.digest);
        let judging = |ballot| Judging { streams, digest, judge, ballot, problem, reading: &reading, call };
        let posed = match &call.request.schema {
            Some(schema) if schema == self.opinion().schema() => {
                return judging(&BALLOT).opinion(heard.fault, draws);
            }
            Some(schema) if schema != self.task.schema() => {
                let form = Form::shared(schema);
                let posed = Posed::of(problem, form.clone());
                if posed.is_none() {
                    let shown = Opinion::proposal(call.request).is_some();
                    return match Ballot::of(&form).filter(|_| shown) {
                        Some(ballot) => judging(&ballot).opinion(heard.fault, draws),
                        None => self.choose(streams, call, &form, heard),
                    };
                }
                posed
            }
            _ => None,
        };
        let subject: &dyn Subject = posed.as_ref().map_or(problem as &dyn Subject, |posed| posed);
        let (right, profile, digest) = (problem.right_text(), &self.profile, heard.digest);
        let slot = problem.slot().0;
        let thought = Thought { profile, streams, call, slot, digest, subject, right, reading };
        let failing = thought.failing(problem.evidence());
        if !call.request.tools.is_empty() && !problem.actions().is_empty() {
            let (actions, evidence) = (problem.actions(), problem.evidence());
            let deed = Deed { thought: &thought, actions, evidence, failing };
            return deed.carry_on(heard.fault, draws);
        }
        thought.answer(failing, heard.fault, draws)
    }

    /// Nobody told the mock a truth for this type: any value of it will do, and models choose alike more or less often.
    fn choose(&self, streams: &Streams, call: &Call<'_>, form: &Form, heard: &Heard) -> Said {
        let slot = call.request.slot.0;
        let struck = heard.fault == Some(Kind::CorrelatedChoice);
        let mut luck = tried(streams, call, slot, heard.digest);
        let alike = luck.chance(self.profile.alike) || struck;
        let json = if alike {
            form.sampled(&mut streams.stream(format_args!("choice/{slot}/{:016x}", digest_of(form.schema()))))
        } else {
            form.sampled(&mut luck)
        };
        let said = Said::truly(canonical(&json));
        if struck { said.by(Kind::CorrelatedChoice) } else { said }
    }
}

impl Model for Mock {
    fn name(&self) -> &str {
        self.profile.name
    }

    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn answer(&self, streams: &Streams, call: &Call<'_>) -> Answered {
        answered(&self.profile, streams, call, |heard, draws| self.say(streams, call, heard, draws))
    }
}

/// A call as a model hears it.
pub(super) struct Heard {
    /// The fault that strikes the call: the one that is forced on it, or a slip of the model's own.
    pub(super) fault: Option<Kind>,
    /// The request's digest.
    pub(super) digest: u64,
}

/// What every model does with a call: in its mood, with the fault that strikes it, it says something, or its provider
/// fails. A fault without which it would have said the same has struck nothing, and changes nothing.
pub(super) fn answered(
    profile: &Profile,
    streams: &Streams,
    call: &Call<'_>,
    say: impl Fn(&Heard, &mut Stream) -> Said,
) -> Answered {
    check(call.fault);
    let digest = digest_of(call.request);
    let mut draws = call.draws(streams, digest);
    let mood = Mood::drawn(profile, &mut draws);
    let answer = |fault: Option<Kind>, mut draws: Stream| {
        if fault == Some(Kind::ModelOutage) {
            return mood.outage(&mut draws);
        }
        if fault == Some(Kind::ContextOverflow) || overflows(call.request, profile.window) {
            return mood.overflow(fault);
        }
        let heard = Heard { fault, digest };
        let said = say(&heard, &mut draws);
        mood.deliver(said, fault, profile, call.request, &mut draws)
    };
    // A call that comes twice, once struck and once not, draws what all calls draw from one stream and the rest from
    // two.
    let struck = call.fault.map(|kind| {
        let Call { model, caller, turn, .. } = call;
        answer(Some(kind), streams.stream(format_args!("struck/{kind}/{model}/{caller}/{turn}/{digest:016x}")))
    });
    // What slips of itself is no fault of anybody's plan.
    let plain = || Answered { fault: None, ..answer(mood.slip(), draws) };
    match struck.filter(|struck| struck.fault.is_some()) {
        None => plain(),
        Some(struck) if struck.outcome.is_err() => struck,
        Some(struck) => Some(plain()).filter(|plain| plain.says_what(&struck)).unwrap_or(struck),
    }
}

impl Answered {
    /// Whether a caller reads the same in both.
    fn says_what(&self, other: &Answered) -> bool {
        match (&self.outcome, &other.outcome) {
            (Ok(own), Ok(theirs)) => (&own.text, &own.calls, own.stop) == (&theirs.text, &theirs.calls, theirs.stop),
            (own, theirs) => own == theirs,
        }
    }
}

/// Hangs, queues and everything outside the model are the world's.
fn check(fault: Option<Kind>) {
    let ours = |kind: Kind| kind.part() == Part::ModelContent || kind == Kind::ModelOutage;
    assert!(fault.is_none_or(ours), "{fault:?} is no fault of a model's answer: the world applies it");
}
