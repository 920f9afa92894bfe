//! One planned fault: what, where, when, how often and how hard. Acts on nothing.

use super::{Kind, Name, Persistence, Position, Site, When};
use crate::digest::{Digest, Digester};
use crate::id::NodeId;
use crate::seed::Ratio;
use crate::time::{Duration, Time, minutes};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One planned fault.
///
/// ```
/// use synod::fault::{Fault, Kind};
/// use synod::{id::NodeId, time::{seconds, Time}};
/// let caller = NodeId::agent(0);
/// let fault = Fault::of_caller(Kind::Overloaded, caller).at_call(2).burst(3);
/// assert_eq!(fault.to_string(), "overloaded on the calls of a1 at its number 2, 3 calls in a row, for 86400 s");
/// let fault = Fault::at(Kind::SlowDown, NodeId::model(0)).from(Time::ZERO).lasting(seconds(9)).once();
/// assert_eq!(fault.to_string(), "slow_down at m1 from 0.000000 s for 9 s, once");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// Where.
    pub site: Site,
    /// When it begins.
    pub when: When,
    /// How long it lasts. For a crash or a pause: how long the process is down.
    pub span: Duration,
    /// How likely each message or call within the span is struck, for kinds that strike single ones.
    pub rate: Ratio,
    /// How hard, in the kind's own unit: nanoseconds of delay, skew, slowness or `retry-after`, places of displacement
    /// or in a stream, nanoseconds a word or a token, requests a minute, parts per million of drift. Kinds without a
    /// size ignore it.
    pub strength: u64,
    /// How many of the calls at its site it strikes, for faults of models.
    pub persistence: Persistence,
    /// What it goes by in a run; `None` until a plan holds it.
    #[serde(skip_deserializing)]
    pub name: Option<Name>,
}

/// Without its name, which says where it comes from and not what it does.
impl Digest for Fault {
    fn digest(&self, digester: &mut Digester) {
        let Fault { kind, site, when, span, rate, strength, persistence, name: _ } = self;
        let parts: [&dyn Digest; 7] = [kind, site, when, span, rate, strength, persistence];
        parts.into_iter().for_each(|part| part.digest(digester));
    }
}

/// Longer than any run.
const WHOLE_RUN: Duration = minutes(24 * 60);

impl Fault {
    /// A fault at this site over the whole run, on every message or call, as hard as is usual for its kind.
    #[must_use]
    pub const fn on(kind: Kind, site: Site) -> Fault {
        Fault {
            kind,
            site,
            when: When::At(Time::ZERO),
            span: WHOLE_RUN,
            rate: Ratio::ALWAYS,
            strength: kind.usual_strength(),
            persistence: Persistence::Persistent,
            name: None,
        }
    }

    /// The same at one node: a process and its disk, or a model and its answers to everyone.
    #[must_use]
    pub const fn at(kind: Kind, node: NodeId) -> Fault {
        Fault::on(kind, Site::Node(node))
    }

    /// The same on the calls of one agent.
    #[must_use]
    pub const fn of_caller(kind: Kind, caller: NodeId) -> Fault {
        Fault::on(kind, Site::Caller(caller))
    }

    /// The same at several models at once.
    #[must_use]
    pub const fn at_models(kind: Kind, models: Vec<NodeId>) -> Fault {
        Fault::on(kind, Site::Models(models))
    }

    /// From this instant on.
    #[must_use]
    pub const fn from(mut self, at: Time) -> Fault {
        self.when = When::At(at);
        self
    }

    /// From the n-th call at its site on, from 0.
    #[must_use]
    pub const fn at_call(mut self, nth: u64) -> Fault {
        self.when = When::Nth(nth);
        self
    }

    /// From where this third of a run of that length begins, and through that third.
    #[must_use]
    pub fn placed(mut self, position: Position, run: Duration) -> Fault {
        self.span = Duration(run.0 / 3);
        self.from(position.begin(run))
    }

    /// For so long.
    #[must_use]
    pub const fn lasting(mut self, span: Duration) -> Fault {
        self.span = span;
        self
    }

    /// Each message or call only this likely.
    #[must_use]
    pub const fn rate(mut self, rate: Ratio) -> Fault {
        self.rate = rate;
        self
    }

    /// This hard, in the kind's own unit.
    #[must_use]
    pub const fn strength(mut self, strength: u64) -> Fault {
        self.strength = strength;
        self
    }

    /// One call alone.
    #[must_use]
    pub const fn once(mut self) -> Fault {
        self.persistence = Persistence::Single;
        self
    }

    /// So many calls in a row.
    #[must_use]
    pub const fn burst(mut self, calls: u32) -> Fault {
        self.persistence = Persistence::Burst { calls };
        self
    }

    /// So many calls struck, so many spared, in turn.
    #[must_use]
    pub const fn intermittent(mut self, struck: u32, spared: u32) -> Fault {
        self.persistence = Persistence::Intermittent { struck, spared };
        self
    }

    /// Every call, as long as it lasts.
    #[must_use]
    pub const fn persistent(mut self) -> Fault {
        self.persistence = Persistence::Persistent;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { kind, site, span, persistence, .. } = self;
        write!(f, "{kind} {site}")?;
        match self.when {
            When::At(at) => write!(f, " from {at} for {span}{persistence}"),
            When::Nth(n) => write!(f, " at its number {n}{persistence}, for {span}"),
            When::On(moment, n) => write!(f, " at moment {n} of kind {moment}, for {span}"),
            When::Each(moment) => write!(f, " whenever {moment}, {}, for {span}", self.rate),
        }
    }
}
