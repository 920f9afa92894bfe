//! The mock model: answers from the truth, gone wrong as its profile says. Keeps nothing between calls.

use super::deed::Deed;
use super::judging::Judging;
use super::posed::Posed;
use super::profile::Profile;
use super::reading::Reading;
use super::shape::Shapes;
use super::speech::{Mood, Said, overflows};
use super::subject::Subject;
use super::thought::Thought;
use super::{Answered, Call, Form, Model, Opinion, Schema, TaskSet, canonical};
use crate::digest::digest_of;
use crate::fault::{Kind, Part};
use crate::seed::{Stream, Streams};
use std::sync::LazyLock;

/// A language model that knows the truth and tells it as often as its profile says.
///
/// It reads the request it gets: of the evidence it knows only the lines that the request holds, and with a share m of
/// them missing it fails on f + (1 − f)·m of its tries instead of f. It sees its own earlier answers and those of its
/// peers in the transcript, and yields to them as its profile says. It answers in the form that the request asks for:
/// if the right answer is of that form, the task is asked about, whoever wrote the schema; if not, any value of it will
/// do.
///
/// Streams, all named so that no call, agent or fault more can move another reply:
///
/// | stream | decides |
/// |---|---|
/// | `difficulty/<model>/<slot>` | how often this model fails on the problem; `difficulty/<slot>`: any model |
/// | `prompt/<model>/<slot>/<digest>` | the luck of a wording, for half of all calls |
/// | `sampling/<model>/<slot>/<turn>/<digest>` | the luck of a try for the other half, whoever calls |
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
        let posed = match &call.request.schema {
            Some(schema) if schema == self.opinion().schema() => {
                return Judging { judge: self.profile.judge, form: &OPINION, problem, reading: &reading, call }
                    .opinion(heard.fault, draws);
            }
            Some(schema) if schema != self.task.schema() => match Posed::of(problem, Form::shared(schema)) {
                None => return self.choose(streams, call, schema, heard.fault, draws),
                posed => posed,
            },
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
    fn choose(
        &self,
        streams: &Streams,
        call: &Call<'_>,
        schema: &Schema,
        fault: Option<Kind>,
        draws: &mut Stream,
    ) -> Said {
        let struck = fault == Some(Kind::CorrelatedChoice);
        let alike = draws.chance(self.profile.alike) || struck;
        let slot = call.request.slot.0;
        let shapes = Shapes::of(schema.json());
        let json = if alike {
            shapes.sample(&mut streams.stream(format_args!("choice/{slot}/{:016x}", digest_of(schema))))
        } else {
            shapes.sample(draws)
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
    pub(super) mood: Mood,
    /// The fault that strikes the call: the one that is forced on it, or a slip of the model's own.
    pub(super) fault: Option<Kind>,
    /// The request's digest.
    pub(super) digest: u64,
}

/// What every model does with a call: in its mood, with the fault that strikes it, it says something, or its provider
/// fails.
pub(super) fn answered(
    profile: &Profile,
    streams: &Streams,
    call: &Call<'_>,
    say: impl FnOnce(&Heard, &mut Stream) -> Said,
) -> Answered {
    check(call.fault);
    let digest = digest_of(call.request);
    let mut draws = call.draws(streams, digest);
    let mood = Mood::drawn(profile, &mut draws);
    let fault = mood.fault(call.fault);
    // A call that comes twice, once struck and once not, draws what all calls draw from one stream and the rest from
    // two.
    if let Some(kind) = call.fault {
        let Call { model, caller, turn, .. } = call;
        draws = streams.stream(format_args!("struck/{kind}/{model}/{caller}/{turn}/{digest:016x}"));
    }
    if fault == Some(Kind::ModelOutage) {
        return mood.outage(&mut draws);
    }
    if fault == Some(Kind::ContextOverflow) || overflows(call.request, profile.window) {
        return mood.overflow(call.fault);
    }
    let heard = Heard { mood, fault, digest };
    let said = say(&heard, &mut draws);
    let mut answered = heard.mood.deliver(said, fault, profile, call.request, &mut draws);
    // What slips of itself is no fault of anybody's plan.
    answered.fault = answered.fault.filter(|_| call.fault.is_some());
    answered
}

/// Hangs, queues and everything outside the model are the world's.
fn check(fault: Option<Kind>) {
    let ours = |kind: Kind| kind.part() == Part::ModelContent || kind == Kind::ModelOutage;
    assert!(fault.is_none_or(ours), "{fault:?} is no fault of a model's answer: the world applies it");
}
