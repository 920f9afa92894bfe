//! Bugs of policies, each in the story that the policy holds. What goes wrong in these stories is always the same; when
//! agents act is drawn.

use super::carrier::Carrier;
use super::{Bug, Family, Row, Switch, listed};
use crate::policies::{
    claims_fenced_of, half_open_probed_of, herd_jittered_of, payments_once_of, retry_storm_budgeted_of,
    sub_agents_degrading_of,
};
use synod::policy::{Breaker, Fence, Hedge, Leases, Partial, Plan, Planted, Repeatable, Retry};
use synod::scenario::Story;
use synod::time::seconds;

const fn row(bug: Planted, id: &'static str, property: &'static str, shows: &'static str) -> Row<Planted, ()> {
    Row { bug, id, property, shows, on: () }
}

const ROWS: &[Row<Planted, ()>] = &[
    row(Planted::RepeatsOnceOnly, "A09", "no_repeated_step", "a retry of what may have happened pays twice"),
    row(Planted::HedgesOnceOnly, "T01", "no_repeated_step", "a hedge of what must not be done twice pays twice"),
    row(Planted::IgnoresBudget, "T02", "retry_load", "a retry that nobody pays for is one of a storm"),
    row(Planted::RetriesPermanent, "T03", "no_vain_retry", "a retry of what fails again is made in vain"),
    row(Planted::NoJitter, "T08", "herd", "a retry without jitter runs with the herd"),
    row(Planted::WaitsPastDeadline, super::OWN, "deadlines_kept", "a wait past the deadline concludes too late"),
    row(Planted::DeadlineStartsAfresh, super::OWN, "deadlines_kept", "a try with the whole time again is too late"),
    row(Planted::EveryoneProbes, super::OWN, "breaker_legality", "a half-open breaker lets a stampede through"),
    row(Planted::OpenLeaks, super::OWN, "breaker_legality", "an open breaker that leaks is none"),
    row(Planted::SilentlyPartial, "M2.4", "no_silent_loss", "a partial result does not say so"),
    row(Planted::StopsAtFirstRung, super::OWN, "rule_applied", "a fallback not taken leaves out what could be had"),
    row(Planted::SameToken, "A11", "one_live_claim", "claims of one number fence nobody off"),
    row(Planted::TakesAnyToken, "A11", "fenced_effects", "a fence that takes any number lets a zombie act"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Policies, "policy", ROWS, |(), bug| Carrier::of(move |switch| story(bug, switch)))
}

fn story(bug: Planted, switch: Switch) -> Story {
    match bug {
        Planted::RepeatsOnceOnly | Planted::HedgesOnceOnly => payments(bug, switch),
        Planted::IgnoresBudget | Planted::RetriesPermanent | Planted::WaitsPastDeadline => storm(bug, switch),
        Planted::DeadlineStartsAfresh => late_storm(switch),
        Planted::NoJitter => herd_jittered_of(retried(Retry::times(6), bug, switch)),
        Planted::EveryoneProbes | Planted::OpenLeaks => {
            let breaker = Breaker::new(3, seconds(5));
            half_open_probed_of(if switch == Switch::Planted { breaker.planted(bug) } else { breaker })
        }
        Planted::SilentlyPartial | Planted::StopsAtFirstRung => report(bug, switch),
        Planted::SameToken | Planted::TakesAnyToken => claims(bug, switch),
    }
}

fn retried(retry: Retry, bug: Planted, switch: Switch) -> Retry {
    if switch == Switch::Planted { retry.planted(bug) } else { retry }
}

fn storm(bug: Planted, switch: Switch) -> Story {
    let plan = |retry| Plan::new(retry).each(seconds(3)).within(seconds(10));
    retry_storm_budgeted_of(retried(Retry::times(4), bug, switch), plan)
}

fn late_storm(switch: Switch) -> Story {
    if switch == Switch::Correct {
        return storm(Planted::DeadlineStartsAfresh, switch);
    }
    let plan = |retry| Plan::new(retry).each(seconds(3)).within(seconds(10)).planted(Planted::DeadlineStartsAfresh);
    retry_storm_budgeted_of(Retry::times(4), plan)
}

fn payments(bug: Planted, switch: Switch) -> Story {
    let (retry, hedge) = (Retry::times(4).once_only(), Hedge::after(seconds(1), Repeatable::OnceOnly));
    match (bug, switch) {
        (Planted::HedgesOnceOnly, Switch::Planted) => payments_once_of(retry, hedge.planted(bug)),
        _ => payments_once_of(retried(retry, bug, switch), hedge),
    }
}

fn report(bug: Planted, switch: Switch) -> Story {
    let parts = Partial::of(["report/facts", "report/risks", "report/costs"]);
    let plan = Plan::new(Retry::times(2)).each(seconds(15)).within(seconds(55));
    match (bug, switch) {
        (_, Switch::Correct) => sub_agents_degrading_of(parts, plan),
        (Planted::SilentlyPartial, Switch::Planted) => sub_agents_degrading_of(parts.planted(bug), plan),
        (_, Switch::Planted) => sub_agents_degrading_of(parts, plan.planted(bug)),
    }
}

fn claims(bug: Planted, switch: Switch) -> Story {
    match (bug, switch) {
        (_, Switch::Correct) => claims_fenced_of(Leases::new(), Fence::default()),
        (Planted::SameToken, Switch::Planted) => claims_fenced_of(Leases::new().planted(bug), Fence::default()),
        (_, Switch::Planted) => claims_fenced_of(Leases::new(), Fence::default().planted(bug)),
    }
}
