//! Better versions under what their stories do not plan by themselves: one kind of failure alone, restarts of who keeps
//! claims, a full disk, doubled messages.

use synod::explore::{BareHost, Seeds, Sweep, SweepReport};
use synod::fault::{Fault, Kind, Nemesis, Schedule, Site};
use synod::id::NodeId;
use synod::policy::{Hedge, Repeatable, Retry};
use synod::scenario::Story;
use synod::time::seconds;
use synod_scenarios::policies::{
    claims_fenced_over_restarts, inbox_durable_on_a_full_disk, payments_once_of, sub_agents_degrading_under,
};

const SEEDS: u64 = 300;

/// A sweep in which nothing fails, every property is judged, and the faults are felt.
fn holds(story: &Story, felt: Kind) -> SweepReport {
    let report = Sweep::of(Seeds::new(0..SEEDS).expect("a range")).run(story, &BareHost);
    let failure = report.first_failure().map(|failure| (failure.property.clone(), failure.example.seed));
    assert_eq!(failure, None, "under {felt}");
    for tally in &report.harvest.properties {
        assert!(tally.is_exercised(), "under {felt} there is nothing for {} to judge", tally.property.name);
    }
    let count = report.harvest.ledger.tally(felt).felt;
    assert!(count > SEEDS / 10, "{felt} is felt {count} times");
    report
}

#[test]
fn a_part_is_asked_for_in_other_words_then_made_by_rule_then_missing_whatever_fails() {
    for kind in [Kind::ModelTimeout, Kind::MalformedJson, Kind::ModelOutage] {
        // `other_words` judges questions that were put again, `rule_applied` the part that there is a rule for.
        let report = holds(&sub_agents_degrading_under(Nemesis::only(kind)), kind);
        let again = report.harvest.property("other_words").expect("it is judged").judged;
        let labour = &report.harvest.labour;
        println!("{kind}: {again} questions put again, {} pieces of work in part", labour.partial);
        assert!(again > SEEDS / 10 && labour.partial > SEEDS / 20 && labour.unfinished == 0, "{kind}");
    }
}

#[test]
fn claims_survive_restarts_of_who_keeps_them() {
    holds(&claims_fenced_over_restarts(), Kind::Crash);
}

#[test]
fn a_full_disk_delays_what_is_acknowledged_and_loses_nothing() {
    holds(&inbox_durable_on_a_full_disk(), Kind::DiskFull);
}

#[test]
fn a_doubled_message_pays_once() {
    let doubled = |clerk| Fault::on(Kind::Duplicate, Site::Link { from: NodeId::agent(clerk), to: NodeId::tool(0) });
    let hedge = Hedge::after(seconds(1), Repeatable::OnceOnly);
    let story = payments_once_of(Retry::times(4).once_only(), hedge);
    holds(&story.schedule(Schedule { faults: (0..3).map(doubled).collect() }), Kind::Duplicate);
}
