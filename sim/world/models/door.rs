//! What a call meets before any model sees it: networks, proxies, caches and quotas.

use super::Job;
use crate::fault::Kind;
use crate::model::{ErrorKind, Excess, ProviderError, Reply};
use crate::protocol::team::TeamProtocol;
use crate::time::Duration;
use crate::world::World;

impl<P: TeamProtocol> World<P> {
    /// What a call gets instead of a model, if it does not get through.
    pub(super) fn at_the_door(&mut self, model: u16, job: &mut Job) -> Option<Result<Reply, ProviderError>> {
        if let Some(outcome) = self.stopped(job) {
            self.act(job);
            return Some(outcome);
        }
        if let Err(wait) = self.exhausted(model, job.caller) {
            self.recorder.ledger.fired(Kind::QuotaExhausted);
            job.fired = Some(Kind::QuotaExhausted);
            return Some(Err(ProviderError::of(ErrorKind::RateLimited).after(wait)));
        }
        self.turned_away(model, job).err().map(Err)
    }

    /// What a fault of the way to a model answers in its place.
    fn stopped(&self, job: &Job) -> Option<Result<Reply, ProviderError>> {
        let wait = Duration(self.strength_of(job));
        Some(Err(match self.kind_of(job)? {
            Kind::ConnectionRefused => ProviderError::of(ErrorKind::Refused),
            Kind::TooManyRequests => ProviderError::of(ErrorKind::RateLimited).after(wait),
            Kind::SlowDown => ProviderError::of(ErrorKind::SlowDown).after(wait),
            Kind::SpendCap => ProviderError::of(ErrorKind::SpendCap),
            Kind::ProxyPage => ProviderError::of(ErrorKind::NotTheProvider),
            Kind::StaleReply => return self.providers.cached.get(&job.caller).cloned().map(Ok),
            _ => return None,
        }))
    }

    /// What the organisation's quota says to a call.
    fn turned_away(&mut self, model: u16, job: &Job) -> Result<(), ProviderError> {
        let now = self.recorder.now;
        let place = self.providers.place(model);
        let organisation = &mut self.providers.organisations[place];
        organisation.knock(now)?;
        match self.setup.model.profile().quota.excess {
            Excess::Waits => Ok(()),
            Excess::Rejected => organisation
                .admit(now, job.prompt.request.input_tokens())
                .map_err(|wait| ProviderError::of(ErrorKind::RateLimited).after(wait)),
        }
    }
}
