//! The mock model: answers from the truth, gone wrong as its profile says. Keeps nothing between calls.

use super::profile::Profile;
use super::shape::Shapes;
use super::speech::{Decider, Lapse, Mood, Said};
use super::task::json_of;
use super::{Answered, Call, Form, Model, Opinion, Problem, Taint, TaskSet, canonical};
use crate::digest::digest_of;
use crate::fault::{Kind, Part};
use crate::seed::{Stream, Streams};

/// A language model that knows the truth and tells it as often as its profile says.
///
/// Streams, all named so that no call, agent or fault more can move another reply:
///
/// | stream | decides |
/// |---|---|
/// | `difficulty/<model>/<slot>` | whether the problem is beyond this model |
/// | `prompt/<model>/<slot>/<digest>` | whether this wording leads it astray |
/// | `answer/<model>/<caller>/<turn>/<digest>` | the rest of one call: sampling, form, refusal, latency, its own lie |
/// | `misconception/<model>/<slot>` | the lie that is common to its wrong answers |
///
/// Which of the first three decides is drawn per call, five to one to one; whichever it is, an answer goes wrong with
/// the profile's probability. An agent that asks again asks the same model about the same problem.
pub struct Mock {
    profile: Profile,
    task: TaskSet,
    opinion: Form,
}

impl Mock {
    /// A model of this profile for the team's task.
    ///
    /// # Panics
    /// If the quota admits nothing: such a model could never answer.
    #[must_use]
    pub fn new(profile: Profile, task: TaskSet) -> Mock {
        assert!(profile.quota.concurrent > 0 && profile.quota.per_minute > 0, "a quota must admit at least one call");
        Mock { profile, task, opinion: Opinion::form() }
    }

    /// The form of the opinions it gives.
    #[must_use]
    pub const fn opinion(&self) -> &Form {
        &self.opinion
    }

    fn say(&self, streams: &Streams, call: &Call<'_>, mood: &Mood, fault: Option<Kind>, draws: &mut Stream) -> Said {
        let problem = call.problem.expect("a mock model is asked about a problem of its task");
        assert_eq!(problem.slot(), call.request.slot, "a request and its problem must be about the same slot");
        match &call.request.schema {
            Some(schema) if schema == self.opinion.schema() => self.judge(call, problem, fault, draws),
            Some(schema) if schema != self.task.schema() => {
                // Nobody told the mock a truth for this type: any value of it will do.
                Said::truly(canonical(&Shapes::of(schema.json()).sample(draws)))
            }
            _ => self.solve(streams, call, problem, mood, fault, draws),
        }
    }

    fn solve(
        &self,
        streams: &Streams,
        call: &Call<'_>,
        problem: &Problem,
        mood: &Mood,
        fault: Option<Kind>,
        draws: &mut Stream,
    ) -> Said {
        let lie = match fault {
            Some(Kind::FabricatedId) => problem.fabricated(draws),
            Some(Kind::WrongAnswer) => self.wrong(streams, call, problem, draws),
            _ if self.lapse(streams, call, mood) == Lapse::Wrong => self.wrong(streams, call, problem, draws),
            _ => None,
        };
        lie.map_or_else(|| Said::truly(problem.right_text()), Said::falsely)
    }

    fn lapse(&self, streams: &Streams, call: &Call<'_>, mood: &Mood) -> Lapse {
        let (model, slot) = (call.model, call.request.slot.0);
        let drawn = |mut draws: Stream| Lapse::drawn(&self.profile, &mut draws);
        match mood.decider {
            Decider::Problem => drawn(streams.stream(format_args!("difficulty/{model}/{slot}"))),
            Decider::Prompt => {
                let digest = digest_of(call.request);
                drawn(streams.stream(format_args!("prompt/{model}/{slot}/{digest:016x}")))
            }
            Decider::Sampling(lapse) => lapse,
        }
    }

    /// The model's common misconception of the problem, or an error of this call's own.
    fn wrong(&self, streams: &Streams, call: &Call<'_>, problem: &Problem, draws: &mut Stream) -> Option<super::Lie> {
        if draws.chance(self.profile.common) {
            let (model, slot) = (call.model, problem.slot().0);
            problem.wrong(&mut streams.stream(format_args!("misconception/{model}/{slot}")))
        } else {
            problem.wrong(draws)
        }
    }

    /// An opinion on the proposal that the request shows. An agent that forgets to show it gets a rejection.
    fn judge(&self, call: &Call<'_>, problem: &Problem, fault: Option<Kind>, draws: &mut Stream) -> Said {
        let judge = &self.profile.judge;
        let proposal = Opinion::proposal(call.request);
        let right = proposal.as_ref().is_some_and(|proposal| problem.score(proposal).is_correct());
        // One draw whatever the proposal, so that another proposal does not move the verdict's luck.
        let sound = draws.chance(if right { judge.true_positive } else { judge.true_negative });
        let approve = (sound == right) != (fault == Some(Kind::WrongAnswer));
        let reason = match (&proposal, fault) {
            (_, Some(Kind::FabricatedId)) => format!("report INC-{} settles it", 1_000 + draws.below(9_000)),
            (None, _) => "no proposal was shown".to_owned(),
            (Some(_), _) if approve => "the evidence supports it".to_owned(),
            (Some(_), _) => "the evidence does not support it".to_owned(),
        };
        let said = proposal.map_or_else(|| "nothing".to_owned(), |proposal| proposal.to_string());
        let taint = if approve != right {
            Some(Taint {
                kind: Kind::WrongAnswer,
                claim: format!("{} {said}", if approve { "approves" } else { "rejects" }),
            })
        } else {
            (fault == Some(Kind::FabricatedId)).then(|| Taint { kind: Kind::FabricatedId, claim: reason.clone() })
        };
        Said { text: canonical(&json_of(&Opinion { approve, reason })), taint }
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
        answered(&self.profile, streams, call, |mood, fault, draws| self.say(streams, call, mood, fault, draws))
    }
}

/// What every model does with a call: in its mood, with the fault that strikes it, it says something, or its provider
/// fails.
pub(super) fn answered(
    profile: &Profile,
    streams: &Streams,
    call: &Call<'_>,
    say: impl FnOnce(&Mood, Option<Kind>, &mut Stream) -> Said,
) -> Answered {
    check(call.fault);
    let mut draws = call.draws(streams);
    let mood = Mood::drawn(profile, &mut draws);
    let fault = mood.fault(call.fault);
    // A call that comes twice, once struck and once not, draws what all calls draw from one stream and the rest from
    // two.
    if let Some(kind) = call.fault {
        let Call { model, caller, turn, .. } = call;
        draws = streams.stream(format_args!("struck/{kind}/{model}/{caller}/{turn}/{:016x}", digest_of(call.request)));
    }
    if fault == Some(Kind::ModelOutage) {
        return mood.outage(&mut draws);
    }
    let said = say(&mood, fault, &mut draws);
    mood.deliver(said, fault, call.request, &mut draws)
}

/// Hangs, queues and everything outside the model are the world's.
fn check(fault: Option<Kind>) {
    let ours = |kind: Kind| kind.part() == Part::ModelContent || kind == Kind::ModelOutage;
    assert!(fault.is_none_or(ours), "{fault:?} is no fault of a model's answer: the world applies it");
}
