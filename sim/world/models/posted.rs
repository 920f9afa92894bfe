//! Responses in a provider's own shape: rendered where they are sent, broken where a fault says. Knows no shape.

use super::Job;
use crate::digest::digest_of;
use crate::fault::Kind;
use crate::id::NodeId;
use crate::model::{Delivery, ErrorKind, Manner, Provider, ProviderError, Reply, Response, WaitForm, Wire};
use crate::protocol::team::TeamProtocol;
use crate::time::Duration;
use crate::world::World;
use crate::world::envelope::Prompt;

/// A reply on its way in a provider's shape.
pub(super) struct Posting {
    pub(super) provider: Provider,
    pub(super) delivery: Delivery,
    pub(super) reply: Reply,
    pub(super) first_token: Duration,
    pub(super) latency: Duration,
}

impl<P: TeamProtocol> World<P> {
    /// A posted reply that a fault of streams strikes: it hangs, breaks, or is none the worse for it.
    pub(super) fn carry_posted(&mut self, model: u16, mut job: Job, kind: Kind, posting: Posting) {
        let Posting { provider, delivery, reply, first_token, latency } = posting;
        let place = self.strength_of(&job);
        if kind == Kind::HungStream {
            self.act(&mut job);
            return self.hang(model, &job, kind);
        }
        let Some(response) = provider.broken(&reply, delivery, kind, place) else {
            job.outcome = Some(Ok(reply));
            return self.serve_after(model, job, first_token, latency);
        };
        self.act(&mut job);
        // What came of it is what a reader of these very bytes makes of them.
        let taint = reply.taint.clone();
        job.outcome = Some(provider.read(&response).map(|told| Reply { taint, ..told }));
        job.broken = Some(response);
        // It breaks when any stream would.
        let wire = Wire::of(&reply, first_token, latency).struck(kind, place);
        let closed = wire.as_ref().and_then(|wire| wire.0.last()).map_or(latency, |last| last.after);
        self.serve_after(model, job, first_token, closed);
    }

    /// The response that goes to a caller who reads one, with what is left of the quota in its headers.
    pub(super) fn posted(
        &self,
        model: u16,
        caller: NodeId,
        prompt: &Prompt,
        outcome: &Result<Reply, ProviderError>,
        broken: Option<Response>,
    ) -> Option<Result<Response, ProviderError>> {
        let Manner::Posted { provider, delivery } = prompt.manner else { return None };
        let stamp = self.stamp(model, caller);
        let response = match (broken.or_else(|| provider.respond(outcome, delivery)), outcome) {
            (Some(response), _) => response,
            (None, Err(error)) => return Some(Err(*error)),
            (None, Ok(_)) => unreachable!("a reply has a status"),
        };
        let response = match outcome {
            Err(error) if error.kind == ErrorKind::ContextLength => {
                let most = self.setup.model.profile().window.tokens;
                // Of a request that a fault makes too long, nobody knows how long it would have been.
                provider.measured(response, prompt.request.input_tokens().max(most.saturating_add(1)), most)
            }
            _ => response,
        };
        // A proxy's page comes from somebody who knows nothing of the provider's quotas.
        if matches!(outcome, Err(error) if error.kind == ErrorKind::NotTheProvider) {
            return Some(Ok(response));
        }
        let number = digest_of(&format!("{}/{caller}/{}", NodeId::model(model), prompt.turn));
        let response = response.metered(provider, &stamp.meters, stamp.at).named(provider, number);
        let Some(wait) = outcome.as_ref().err().and_then(|error| error.retry_after) else { return Some(Ok(response)) };
        let node = NodeId::model(model);
        let mut draws = self.streams.stream(format_args!("wait_form/{node}/{caller}/{}", prompt.turn));
        let forms = WaitForm::sent_by(provider);
        let form = forms[usize::try_from(draws.below(forms.len() as u64)).expect("one of a few")];
        Some(Ok(response.waiting(form, wait, stamp.at)))
    }
}
