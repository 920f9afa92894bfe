//! The end of faults: each by itself when its span is over, all at once when the nemesis stops and a core is healed.

use crate::told::{Cast, SAFETY, Told};
use crate::{LINK, SEED, TRIO, a, at, fault};
use std::collections::BTreeSet;
use synod::fault::{Fault, Kind, Site, When};
use synod::history::Environment;
use synod::id::{Members, NodeId};
use synod::time::{Duration, Time, millis, seconds};
use synod::trace::{Happening, Record};

const FIVE: Cast = Cast { agents: 5, clients: 0 };

fn core(told: &Told) -> Vec<NodeId> {
    let healed = told.0.history.environment().find_map(|(_, _, environment)| match environment {
        Environment::Healed { core } => Some(core.clone()),
        _ => None,
    });
    healed.expect("the nemesis stops")
}

/// Who was heard of by whom after the nemesis had stopped.
fn links_after(told: &Told) -> BTreeSet<(NodeId, NodeId)> {
    let healed = Time::ZERO + SAFETY + millis(300);
    let heard = |record: &&Record| record.happening == Happening::Delivered && record.at > healed;
    told.0.trace.records().iter().filter(heard).filter_map(|record| Some((record.peer?, record.node))).collect()
}

#[test]
fn a_random_core_of_at_least_a_majority_is_healed_and_the_rest_stays_down() {
    let forever = |kind, site| Fault { span: seconds(500), ..fault(kind, site, seconds(1)) };
    let faults = [
        forever(Kind::PartitionRing, Site::Side(Members::of(5).iter().collect())),
        forever(Kind::Loss, LINK),
        forever(Kind::Hold, Site::Link { from: a(2), to: a(1) }),
        forever(Kind::Crash, Site::Node(a(3))),
        forever(Kind::Pause, Site::Node(a(4))),
        forever(Kind::Slow, Site::Node(a(5))),
        forever(Kind::Twin, Site::Node(a(2))),
    ];
    let mut cores = BTreeSet::new();
    for seed in 0..12 {
        let told = Told::of(FIVE, &faults, seed);
        let core = core(&told);
        assert!(core.len() >= 3, "seed {seed}: {core:?} is no majority");
        let expected = core.iter().flat_map(|from| core.iter().map(|to| (*from, *to)));
        let expected: BTreeSet<_> = expected.filter(|(from, to)| from != to).collect();
        assert_eq!(links_after(&told), expected, "seed {seed}: the core {core:?} hears itself and nobody else");
        cores.insert(core);
    }
    assert!(cores.len() > 5, "only {} different cores", cores.len());
    assert!(cores.iter().any(|core| core.len() == 5), "sometimes all are healed");
}

#[test]
fn overlapping_faults_of_a_kind_end_one_by_one() {
    let from = |start, span| Fault {
        when: When::At(at(start)),
        span: seconds(span),
        ..fault(Kind::Pause, Site::Node(a(1)), Duration::ZERO)
    };
    let told = Told::of(TRIO, &[from(1_000, 2), from(2_000, 4)], SEED);
    let said = told.sent(a(1), a(2)).iter().filter(|beat| (at(1_000)..at(6_000)).contains(&beat.at)).count();
    assert_eq!(said, 0, "it is paused until the second one ends too");
    assert!(told.sent(a(1), a(2)).iter().any(|beat| (at(6_000)..at(6_100)).contains(&beat.at)));
}

#[test]
fn a_fault_that_never_began_ends_nothing() {
    let slow = |strength, when| Fault { when, span: seconds(60), ..fault(Kind::Slow, Site::Node(a(1)), strength) };
    let never = slow(millis(20), When::Nth(1_000_000));
    let (alone, beside) = (slow(millis(30), When::At(at(0))), slow(millis(30), When::At(at(0))));
    let (alone, beside) = (Told::of(TRIO, &[alone], SEED), Told::of(TRIO, &[never, beside], SEED));
    assert_eq!(alone.0.trace.digest(), beside.0.trace.digest());
}

#[test]
fn a_held_link_lets_go_only_what_it_holds_itself() {
    let other = Site::Link { from: a(1), to: a(3) };
    let long = Fault { span: seconds(3), ..fault(Kind::Hold, other, Duration::ZERO) };
    let told = Told::of(TRIO, &[fault(Kind::Hold, LINK, Duration::ZERO), long], SEED);
    let heard = |to: NodeId| told.heard(a(1), to).iter().any(|beat| (at(1_100)..at(3_900)).contains(&beat.at));
    assert!(heard(a(2)) && !heard(a(3)));
}

#[test]
fn a_slow_machine_stays_slow_for_a_process_that_starts_on_it() {
    let slow = Fault { span: seconds(9), ..fault(Kind::Slow, Site::Node(a(1)), millis(30)) };
    let crash = Fault { when: When::At(at(3_000)), ..fault(Kind::Crash, Site::Node(a(1)), Duration::ZERO) };
    let told = Told::of(TRIO, &[slow, crash], SEED);
    let started = told.times(a(1), Happening::Started)[1];
    let fired = told.times(a(1), Happening::Fired).into_iter().find(|time| *time > started).expect("a timer");
    assert!(fired.since(started) >= crate::probe::PERIOD + millis(60), "it starts slowly and its timer is late");
}
