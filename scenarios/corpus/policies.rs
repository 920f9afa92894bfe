//! Bugs of policies, each in the story that the policy holds. What goes wrong in these stories is always the same; when
//! agents act is drawn.

use super::carrier::Carrier;
use super::{Bug, Family, OWN, Row, Switch, listed, plain};
use crate::policies::{
    RATE_IS_GOOD_FOR, barrier_hedged_of, barrier_quorum_of, claims_fenced_of, cross_check_independent_of,
    half_open_probed_of, hedged_search_of, helpers_watched_of, herd_jittered_of, payments_once_of, pools_parted_of,
    quota_shared_of, rates_fresh_of, retry_storm_budgeted_of, retry_storm_budgeted_with, sub_agents_degrading_of,
    sub_agents_degrading_with, trips_saga_of, watch_phi_of,
};
use synod::policy::{Allowance, Breaker, Fence, Hedge, Leases, Partial, Plan, Planted, Remembered, Repeatable, Retry};
use synod::scenario::Story;
use synod::time::seconds;

const ROWS: &[Row<Planted, ()>] = &[
    plain(Planted::RepeatsOnceOnly, "A09", "no_repeated_step", "a retry of what may have happened pays twice"),
    plain(Planted::HedgesOnceOnly, "T01", "no_repeated_step", "a hedge of what must not be done twice pays twice"),
    plain(Planted::IgnoresBudget, "T02", "retry_load", "a retry that nobody pays for is one of a storm"),
    plain(Planted::RetriesPermanent, "T03", "no_vain_retry", "a retry of what fails again is made in vain"),
    plain(Planted::NoJitter, "T08", "herd", "a retry without jitter runs with the herd"),
    plain(Planted::WaitsPastDeadline, OWN, "deadlines_kept", "a wait past the deadline concludes too late"),
    plain(Planted::DeadlineStartsAfresh, OWN, "deadlines_kept", "a try with the whole time again is too late"),
    plain(Planted::EveryoneProbes, OWN, "breaker_legality", "a half-open breaker lets a stampede through"),
    plain(Planted::OpenLeaks, OWN, "breaker_legality", "an open breaker that leaks is none"),
    plain(Planted::SilentlyPartial, "M2.4", "no_silent_loss", "a partial result does not say so"),
    plain(Planted::StopsAtFirstRung, OWN, "rule_applied", "a fallback not taken leaves out what could be had"),
    plain(Planted::SameToken, "A11", "one_live_claim", "claims of one number fence nobody off"),
    plain(Planted::NoWait, "T02", "retry_gaps", "retries follow each other at once"),
    plain(Planted::PaysWhole, "T02", "retry_load", "a budget that every call fills pays for a storm"),
    plain(Planted::NeverEmpty, "T02", "retry_load", "a budget that is used up pays for a storm"),
    plain(Planted::NeverHedges, OWN, "whole_step", "a hedge that never comes leaves the straggler out"),
    plain(Planted::SaysItAgain, OWN, "other_words", "what was not answered is asked for in the same words"),
    plain(Planted::HedgesAtOnce, OWN, "retry_gaps", "a hedge that does not wait is no hedge of what is late"),
    plain(Planted::HedgesUnpaid, OWN, "retry_load", "hedges without a budget add to the load when all is late"),
    plain(Planted::ForgetsOpen, "M3.2", "no_silent_loss", "a part of which nothing was heard is not missed"),
    plain(Planted::SkipsRung, OWN, "rule_applied", "a rung that is skipped leaves out what could be had"),
    plain(Planted::ClaimsTwice, "A11", "one_live_claim", "two hold a claim at once"),
    plain(Planted::ForgetsSeen, "A11", "fenced_effects", "a fence that remembers nothing lets a zombie act"),
    plain(Planted::HearsNothing, OWN, "deadlines_kept", "a detector that hears nothing leaves nobody to work"),
    plain(Planted::NeverSuspects, OWN, "sound_suspicion", "a detector that suspects nobody misses who is gone"),
    plain(Planted::NoCeiling, OWN, "sound_suspicion", "after one long delay nobody notices who is gone"),
    plain(Planted::ShellVouches, OWN, "deadlines_kept", "a model that hangs is well as long as its shell beats"),
    plain(Planted::ForgivesGarbage, OWN, "deadlines_kept", "a model that garbles is asked for ever"),
    plain(Planted::ForgivesRefuted, OWN, "deadlines_kept", "a model that errs alike each time is asked for ever"),
    plain(Planted::CountsAuthorsModel, "A05", "no_lone_error", "a model confirms its own answer"),
    plain(Planted::DoubtIsConsent, "A12", "no_lone_error", "an answer that nobody could read is confirmed"),
    plain(Planted::NoSeats, OWN, "seats", "more calls are under way than there are seats"),
    plain(Planted::SeatNeverFreed, OWN, "deadlines_kept", "all wait for a seat that nobody has"),
    plain(Planted::SharesWhole, OWN, "within_quota", "each share of a quota is all of it"),
    plain(Planted::ForgetsTaken, OWN, "within_quota", "a quota that is not counted is exceeded"),
    plain(Planted::UndoesInOrder, OWN, "all_or_nothing", "the first step is undone first"),
    plain(Planted::SkipsUnsure, OWN, "all_or_nothing", "a step that may have happened is not undone"),
    plain(Planted::FreshKeys, "A09", "all_or_nothing", "a step is repeated under another key"),
    plain(Planted::GivesUpUndoing, OWN, "all_or_nothing", "a step that could not be undone at once stands"),
    plain(Planted::ActsFirst, "M1.4", "all_or_nothing", "a crash finds nothing written of what was done"),
    plain(Planted::RecallsTooOld, OWN, "fresh_rates", "an answer is remembered for longer than it is good"),
    plain(Planted::KeepsFirst, OWN, "fresh_rates", "the first answer is given in place of the last"),
    plain(Planted::TakesAnyToken, "A11", "fenced_effects", "a fence that takes any number lets a zombie act"),
];

pub(super) fn bugs() -> Vec<Bug> {
    listed(Family::Policies, "policy", ROWS, |(), bug| Carrier::of(move |switch| story(bug, switch)))
}

/// The value with the bug in it, if it is to be planted.
macro_rules! sown {
    ($value:expr, $bug:expr, $switch:expr) => {{
        let value = $value;
        if $switch == Switch::Planted { value.planted($bug) } else { value }
    }};
}

fn story(bug: Planted, switch: Switch) -> Story {
    use Planted as P;
    match bug {
        P::RepeatsOnceOnly | P::HedgesOnceOnly => payments(bug, switch),
        P::IgnoresBudget | P::RetriesPermanent | P::NoWait => storm(bug, switch),
        P::WaitsPastDeadline | P::DeadlineStartsAfresh => storm(bug, switch),
        P::PaysWhole | P::NeverEmpty => retry_storm_budgeted_with(|budget| sown!(budget, bug, switch)),
        P::NoJitter => herd_jittered_of(sown!(Retry::times(6), bug, switch)),
        P::HedgesAtOnce | P::HedgesUnpaid => {
            hedged_search_of(sown!(Hedge::after(seconds(2), Repeatable::Idempotent), bug, switch))
        }
        P::NeverHedges => barrier_hedged_of(sown!(Hedge::after(seconds(10), Repeatable::Idempotent), bug, switch)),
        P::SaysItAgain => sub_agents_degrading_with(sown!(Retry::times(2), bug, switch)),
        P::EveryoneProbes | P::OpenLeaks => half_open_probed_of(sown!(Breaker::new(3, seconds(5)), bug, switch)),
        P::SilentlyPartial | P::StopsAtFirstRung | P::SkipsRung => report(bug, switch),
        P::ForgetsOpen => barrier_quorum_of(move |step| sown!(step, bug, switch)),
        P::SameToken | P::ClaimsTwice => claims_fenced_of(sown!(Leases::new(), bug, switch), Fence::default()),
        P::TakesAnyToken | P::ForgetsSeen => claims_fenced_of(Leases::new(), sown!(Fence::default(), bug, switch)),
        P::HearsNothing | P::NeverSuspects | P::NoCeiling => watch_phi_of(move |detector| sown!(detector, bug, switch)),
        P::ShellVouches | P::ForgivesGarbage | P::ForgivesRefuted => {
            helpers_watched_of(move |health| sown!(health, bug, switch))
        }
        P::CountsAuthorsModel | P::DoubtIsConsent => {
            cross_check_independent_of(move |checking| sown!(checking, bug, switch))
        }
        P::NoSeats | P::SeatNeverFreed => pools_parted_of(move |bulkhead| sown!(bulkhead, bug, switch)),
        P::SharesWhole | P::ForgetsTaken => quota_shared_of(sown!(Allowance::per_minute(30, 6), bug, switch)),
        P::RecallsTooOld | P::KeepsFirst => {
            rates_fresh_of(sown!(Remembered::for_at_most(RATE_IS_GOOD_FOR), bug, switch))
        }
        P::UndoesInOrder | P::SkipsUnsure | P::FreshKeys | P::GivesUpUndoing | P::ActsFirst => {
            trips_saga_of(move |saga| sown!(saga, bug, switch))
        }
    }
}

/// Deadlines are put to the test when two tries of two seconds do not fit into them; for all else there is time.
fn storm(bug: Planted, switch: Switch) -> Story {
    let usual = |retry| Plan::new(retry).each(seconds(2)).within(seconds(8));
    match bug {
        Planted::WaitsPastDeadline | Planted::DeadlineStartsAfresh => hurried_storm(bug, switch),
        _ => retry_storm_budgeted_of(sown!(Retry::times(9), bug, switch), usual, seconds(8)),
    }
}

fn hurried_storm(bug: Planted, switch: Switch) -> Story {
    let plan = |retry| Plan::new(retry).each(seconds(2)).within(seconds(4));
    let afresh = |retry| Plan::new(retry).each(seconds(2)).within(seconds(4)).planted(Planted::DeadlineStartsAfresh);
    let retry = Retry::times(9);
    match (bug, switch) {
        (Planted::DeadlineStartsAfresh, Switch::Planted) => retry_storm_budgeted_of(retry, afresh, seconds(4)),
        (Planted::DeadlineStartsAfresh, Switch::Correct) => retry_storm_budgeted_of(retry, plan, seconds(4)),
        _ => retry_storm_budgeted_of(sown!(retry, bug, switch), plan, seconds(4)),
    }
}

fn payments(bug: Planted, switch: Switch) -> Story {
    let (retry, hedge) = (Retry::times(4).once_only(), Hedge::after(seconds(1), Repeatable::OnceOnly));
    match bug {
        Planted::HedgesOnceOnly => payments_once_of(retry, sown!(hedge, bug, switch)),
        _ => payments_once_of(sown!(retry, bug, switch), hedge),
    }
}

fn report(bug: Planted, switch: Switch) -> Story {
    let parts = Partial::of(["report/facts", "report/risks", "report/costs"]);
    let plan = Plan::new(Retry::times(2)).each(seconds(15)).within(seconds(55));
    match bug {
        Planted::SilentlyPartial => sub_agents_degrading_of(sown!(parts, bug, switch), plan),
        _ => sub_agents_degrading_of(parts, sown!(plan, bug, switch)),
    }
}
