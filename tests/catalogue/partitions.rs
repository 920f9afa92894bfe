//! Faults that cut links. Each story says who still hears whom.

use crate::told::{Cast, Told};
use crate::{LINK, Story, TRIO, a, at, fault, within};
use synod::fault::{Fault, Kind, Site};
use synod::id::{Members, NodeId};
use synod::time::{Duration, millis, seconds};

/// Enough for a ring that parts somebody and a bridge with two on each shore.
const FIVE: Cast = Cast { agents: 5, clients: 0 };

pub fn stories() -> Vec<Story> {
    let of_five = |kind, plan: fn(&Told) -> Vec<Fault>, proof| Story { kind, cast: FIVE, plan, proof };
    vec![
        Story { kind: Kind::Cut, cast: TRIO, plan: |_| vec![fault(Kind::Cut, LINK, Duration::ZERO)], proof: cut },
        of_five(Kind::PartitionSplit, |_| around(Kind::PartitionSplit, &[1, 2]), split),
        of_five(Kind::PartitionIsolate, |_| around(Kind::PartitionIsolate, &[3]), isolate),
        of_five(Kind::PartitionRing, |_| around(Kind::PartitionRing, &[1, 2, 3, 4, 5]), ring),
        of_five(Kind::PartitionBridge, |_| around(Kind::PartitionBridge, &[5]), bridge),
        of_five(Kind::PartitionOneWay, |_| around(Kind::PartitionOneWay, &[1, 2]), one_way),
        of_five(Kind::RoundPartitions, |_| parted_by_rounds(), rounds),
        Story { kind: Kind::Flap, cast: TRIO, plan: |_| vec![flapping()], proof: flap },
    ]
}

fn around(kind: Kind, members: &[u16]) -> Vec<Fault> {
    let side = members.iter().map(|number| a(*number)).collect();
    vec![fault(kind, Site::Side(side), Duration::ZERO)]
}

/// Whether one member hears another while the fault is on; before and after it must.
fn hears(told: &Told, from: NodeId, to: NodeId) -> bool {
    let times: Vec<_> = told.heard(from, to).iter().map(|beat| beat.at).collect();
    assert!(times.iter().any(|time| *time < at(1_000)), "{to} hears {from} before");
    assert!(times.iter().any(|time| (at(2_000)..at(2_200)).contains(time)), "{to} hears {from} soon after");
    times.into_iter().any(within)
}

/// Each member must hear exactly those that this says it hears.
fn links(told: &Told, stands: impl Fn(u16, u16) -> bool) {
    let number = |node: NodeId| u16::try_from(node.index() + 1).expect("a member");
    let members = Members::of(5);
    for from in members.iter() {
        for to in members.others(from) {
            assert_eq!(hears(told, from, to), stands(number(from), number(to)), "whether {to} hears {from}");
        }
    }
}

fn cut(with: &Told, without: &Told) {
    assert!(!hears(with, a(1), a(2)));
    assert!(hears(with, a(2), a(1)), "the other direction stands");
    assert_eq!(with.heard(a(2), a(1)).len(), without.heard(a(2), a(1)).len());
}

fn split(with: &Told, without: &Told) {
    links(with, |from, to| (from <= 2) == (to <= 2));
    links(without, |_, _| true);
}

fn isolate(with: &Told, _: &Told) {
    links(with, |from, to| from != 3 && to != 3);
}

fn ring(with: &Told, _: &Told) {
    links(with, |from, to| matches!(from.abs_diff(to), 1 | 4));
}

fn bridge(with: &Told, _: &Told) {
    links(with, |from, to| from == 5 || to == 5 || (from <= 2) == (to <= 2));
}

fn one_way(with: &Told, _: &Told) {
    links(with, |from, to| from > 2 || to <= 2);
}

/// Cut and healed every four tenths of a second, for four seconds.
fn flapping() -> Fault {
    Fault { span: seconds(4), ..fault(Kind::Flap, LINK, millis(400)) }
}

fn flap(with: &Told, without: &Told) {
    let arrived = with.arrivals(a(1), a(2));
    let usual = without.arrivals(a(1), a(2));
    let heard: Vec<bool> = usual.keys().map(|number| arrived.contains_key(number)).collect();
    let changes = heard.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(changes, 10, "cut five times and healed five times");
    assert!(hears(with, a(2), a(1)), "the other direction stands");
}

/// Each beat is a round, and no run has so many.
fn parted_by_rounds() -> Vec<Fault> {
    let side = Members::of(5).iter().collect();
    vec![fault(Kind::RoundPartitions, Site::Side(side), seconds(1))]
}

/// What a round parts the next may join: over ten rounds most pairs hear each other now and then, hardly one always,
/// and some are heard by those whom they do not hear.
fn rounds(with: &Told, without: &Told) {
    let members = Members::of(5);
    let pairs = members.iter().flat_map(|from| members.others(from).map(move |to| (from, to)));
    let heard = |told: &Told, (from, to)| told.heard(from, to).iter().filter(|beat| within(beat.at)).count();
    let mut changing = 0;
    for (from, to) in pairs {
        let (some, all) = (heard(with, (from, to)), heard(without, (from, to)));
        assert!(some <= all, "{to} hears {from} no more often");
        assert!(hears(without, from, to));
        changing += usize::from(0 < some && some < all);
    }
    assert!(changing > 10, "{changing} of 20 directed pairs are parted for some rounds and not for others");
    let directions = members.iter().flat_map(|one| members.others(one).map(move |other| (one, other)));
    let alike = directions.filter(|(one, other)| heard(with, (*one, *other)) == heard(with, (*other, *one))).count();
    assert!(alike < 20, "in some rounds not everyone hears whom it is heard by");
}
