//! Which fault strikes which call: by its number, its caller, its model, its instant, its rate, and what came before.

use super::{Job, Owed, Providers};
use crate::agent::Ticket;
use crate::fault::{Fault, Kind, Persistence, Schedule, Site, When};
use crate::id::{NodeId, ProcessId};
use crate::model::{Bucket, Meter};
use crate::protocol::team::TeamProtocol;
use crate::time::{Duration, Time};
use crate::world::World;
use crate::world::envelope::Prompt;

/// What a fault of a model counts while it is on.
pub(super) struct Strokes {
    strike: u64,
    fault: u32,
    /// Calls it met.
    met: u32,
    /// Calls it struck.
    struck: u32,
}

impl Strokes {
    /// Meets a call at its site, and says whether the call is struck. Draws at most once.
    fn meets(&mut self, persistence: Persistence, draw: impl FnOnce() -> bool) -> bool {
        let met = self.met;
        self.met += 1;
        let strikes = match persistence {
            Persistence::Persistent => draw(),
            Persistence::Single => self.struck == 0 && draw(),
            Persistence::Burst { calls } => self.struck < calls && (self.struck > 0 || draw()),
            Persistence::Intermittent { struck, spared } => met % (struck + spared).max(1) < struck && draw(),
        };
        self.struck += u32::from(strikes);
        strikes
    }
}

/// Whether a fault is a state of its site. Every other kind strikes single calls.
const fn lasts(kind: Kind) -> bool {
    matches!(kind, Kind::RateLimit | Kind::QuotaExhausted)
}

/// Whether a call of this caller to this model is at a fault's site.
fn covers(site: &Site, model: NodeId, caller: NodeId) -> bool {
    match site {
        Site::Node(node) => *node == model,
        Site::Link { from, to } => (*from, *to) == (caller, model),
        Site::Caller(node) => *node == caller,
        Site::Models(models) => models.contains(&model),
        Site::Side(_) | Site::Whoever => false,
    }
}

impl Providers {
    /// A fault of models begins.
    pub(in crate::world) fn begin(&mut self, strike: u64, number: u32, fault: &Fault) {
        self.on.push(Strokes { strike, fault: number, met: 0, struck: 0 });
        if fault.kind == Kind::QuotaExhausted {
            let rate = u32::try_from(fault.strength.max(1)).unwrap_or(u32::MAX);
            self.exhausted.insert(number, Bucket::full(rate, rate));
        }
    }

    /// It ends.
    pub(in crate::world) fn end(&mut self, strike: u64) {
        self.on.retain(|strokes| strokes.strike != strike);
    }

    /// Whether some fault of this plan may serve a reply again.
    pub(super) fn caches(&self, schedule: &Schedule) -> bool {
        schedule.faults.iter().any(|fault| fault.kind == Kind::StaleReply)
    }

    /// A process is gone, and with it whatever it waited for.
    pub(in crate::world) fn forget(&mut self, process: ProcessId) {
        self.owed.retain(|owed| owed.process != process);
    }

    /// The faults that are on at this call, by their numbers.
    fn at<'a>(&'a self, faults: &'a [Fault], model: NodeId, caller: NodeId) -> impl Iterator<Item = u32> + 'a {
        let numbers = self.on.iter().map(|strokes| strokes.fault);
        numbers.filter(move |number| covers(&faults[*number as usize].site, model, caller))
    }
}

impl<P: TeamProtocol> World<P> {
    /// Counts a call, begins what waited for it, and says which fault strikes it: of several the one that began first.
    /// Each of them counts the call by itself, so that none moves another.
    pub(super) fn strike_call(&mut self, model: u16, caller: NodeId, prompt: &Prompt) -> Option<u32> {
        self.begin_nth_call(model, caller);
        let (node, turn) = (NodeId::model(model), prompt.turn);
        let faults = &self.setup.schedule.faults;
        let mut first = None;
        for strokes in &mut self.providers.on {
            let fault = &faults[strokes.fault as usize];
            // A cache without anything of this caller's cannot be stale.
            let empty = fault.kind == Kind::StaleReply && !self.providers.cached.contains_key(&caller);
            if lasts(fault.kind) || empty || !covers(&fault.site, node, caller) {
                continue;
            }
            let number = fault.number(strokes.fault);
            let draw = || {
                let mut draws = self.streams.stream(format_args!("strike/{number}/{node}/{caller}/{turn}"));
                draws.chance(fault.rate)
            };
            if strokes.meets(fault.persistence, draw) {
                first = first.or(Some(strokes.fault));
            }
        }
        first
    }

    /// Faults that wait for this call begin.
    fn begin_nth_call(&mut self, model: u16, caller: NodeId) {
        let of_model = self.models[usize::from(model)].calls;
        self.models[usize::from(model)].calls += 1;
        let count = self.providers.calls.entry(caller).or_default();
        let of_caller = *count;
        *count += 1;
        let node = NodeId::model(model);
        for number in 0..self.setup.schedule.faults.len() {
            let Fault { kind, site, when, .. } = &self.setup.schedule.faults[number];
            let When::Nth(nth) = *when else { continue };
            let reached = match site {
                Site::Caller(_) | Site::Link { .. } => of_caller,
                // The first of several models that comes so far.
                Site::Node(_) | Site::Models(_) | Site::Side(_) | Site::Whoever => of_model,
            };
            if kind.part().is_model() && reached == nth && covers(site, node, caller) {
                self.begin_fault(u32::try_from(number).expect("fewer than four billion faults"), None);
            }
        }
    }

    /// The kind of the fault that strikes a call.
    pub(super) fn kind_of(&self, job: &Job) -> Option<Kind> {
        job.fault.map(|number| self.setup.schedule.faults[number as usize].kind)
    }

    /// How hard it strikes.
    pub(super) fn strength_of(&self, job: &Job) -> u64 {
        job.fault.map_or(0, |number| self.setup.schedule.faults[number as usize].strength)
    }

    /// The fault of a call acts.
    pub(super) fn act(&mut self, job: &mut Job) {
        let kind = self.kind_of(job);
        if let Some(kind) = kind {
            job.fired = Some(kind);
            self.recorder.ledger.fired(kind);
        }
    }

    /// A rate limit that is on keeps the calls behind this one waiting: those of its model, or those of its caller if
    /// it is the caller that is limited.
    pub(super) fn limit_next(&mut self, model: u16, caller: NodeId) {
        let now = self.recorder.now;
        let faults = self.providers.at(&self.setup.schedule.faults, NodeId::model(model), caller);
        let limits = faults.map(|number| &self.setup.schedule.faults[number as usize]);
        let node = &mut self.models[usize::from(model)];
        for Fault { site, strength, .. } in limits.filter(|fault| fault.kind == Kind::RateLimit) {
            let limited = match site {
                Site::Caller(_) | Site::Link { .. } => node.callers.entry(caller).or_insert(Time::ZERO),
                Site::Node(_) | Site::Models(_) | Site::Side(_) | Site::Whoever => &mut node.limited,
            };
            *limited = (*limited).max(now + Duration(*strength));
            self.recorder.ledger.fired(Kind::RateLimit);
        }
    }

    /// Takes a call from the buckets of quotas that are exhausted.
    ///
    /// # Errors
    /// How long until it could be admitted.
    pub(super) fn exhausted(&mut self, model: u16, caller: NodeId) -> Result<(), Duration> {
        let now = self.recorder.now;
        let faults = &self.setup.schedule.faults;
        let here: Vec<u32> = self.providers.at(faults, NodeId::model(model), caller).collect();
        let buckets = &mut self.providers.exhausted;
        // Whom one of them turns away has taken from none.
        let waits = here.iter().filter_map(|number| buckets.get(number)).map(|bucket| bucket.wait(now, 1));
        match waits.max() {
            Some(longest) if longest > Duration::ZERO => return Err(longest),
            _ => {}
        }
        for number in here {
            buckets.get_mut(&number).into_iter().for_each(|bucket| bucket.spend(now, 1));
        }
        Ok(())
    }

    /// What is left in the buckets of quotas that are exhausted.
    pub(super) fn exhausted_meters(&self, model: u16, caller: NodeId) -> impl Iterator<Item = Meter> {
        let here = self.providers.at(&self.setup.schedule.faults, NodeId::model(model), caller);
        let now = self.recorder.now;
        here.filter_map(|number| self.providers.exhausted.get(&number)).map(move |bucket| bucket.meter(now))
    }

    /// A call will come late or never.
    pub(super) fn owe(&mut self, job: &Job, kind: Kind) {
        let (process, ticket) = (job.prompt.process, job.prompt.ticket);
        self.providers.owed.push(Owed { process, ticket, kind });
    }

    /// A caller waited in vain: if its call was made to hang or to lag, it felt that.
    pub(in crate::world) fn timed_out_call(&mut self, process: u32, ticket: Ticket) {
        let process = self.processes[process as usize].id;
        let ledger = &mut self.recorder.ledger;
        self.providers.owed.retain(|owed| {
            let due = owed.process == process && owed.ticket == ticket;
            if due {
                ledger.felt(owed.kind);
            }
            !due
        });
    }

    /// The reply came after all.
    pub(in crate::world) fn paid(&mut self, process: ProcessId, ticket: Ticket) {
        self.providers.owed.retain(|owed| (owed.process, owed.ticket) != (process, ticket));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of twelve calls are struck, if the draw admits those of these numbers.
    fn struck(persistence: Persistence, admitted: &[u32]) -> Vec<u32> {
        let mut strokes = Strokes { strike: 0, fault: 0, met: 0, struck: 0 };
        (0..12).filter(|call| strokes.meets(persistence, || admitted.contains(call))).collect()
    }

    #[test]
    fn each_persistence_strikes_its_own_calls() {
        let every: Vec<u32> = (0..12).collect();
        assert_eq!(struck(Persistence::Persistent, &every), every);
        assert_eq!(struck(Persistence::Persistent, &[3, 7]), [3, 7]);
        assert_eq!(struck(Persistence::Single, &[3, 7]), [3]);
        assert_eq!(struck(Persistence::Burst { calls: 3 }, &[4, 11]), [4, 5, 6]);
        let intermittent = Persistence::Intermittent { struck: 2, spared: 3 };
        assert_eq!(struck(intermittent, &every), [0, 1, 5, 6, 10, 11]);
        assert_eq!(struck(intermittent, &[1, 2, 5]), [1, 5], "its rate decides only while it is on");
    }

    #[test]
    fn a_site_covers_its_calls_and_no_others() {
        let (caller, model) = (NodeId::agent(1), NodeId::model(0));
        let other = NodeId::model(1);
        for (site, expected) in [
            (Site::Node(model), true),
            (Site::Node(other), false),
            (Site::Caller(caller), true),
            (Site::Caller(NodeId::agent(2)), false),
            (Site::Link { from: caller, to: model }, true),
            (Site::Link { from: caller, to: other }, false),
            (Site::Models(vec![other, model]), true),
            (Site::Models(vec![other]), false),
        ] {
            assert_eq!(covers(&site, model, caller), expected, "{site}");
        }
    }
}
