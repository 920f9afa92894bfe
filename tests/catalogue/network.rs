//! Faults of one directed link. Latencies are drawn per message, so that two runs compare beat by beat.

use crate::told::{Cast, Told};
use crate::{LINK, Story, TRIO, a, at, fault, within};
use std::collections::BTreeMap;
use synod::fault::{Fault, Kind, Site, When};
use synod::id::NodeId;
use synod::seed::Ratio;
use synod::time::{Duration, Time, millis, seconds};
use synod::trace::Happening;

pub fn stories() -> Vec<Story> {
    let quiet = |kind, plan: fn(&Told) -> Vec<Fault>, proof| Story { kind, cast: TRIO, plan, proof };
    vec![
        quiet(Kind::DelayConstant, |_| vec![fault(Kind::DelayConstant, LINK, millis(30))], constant_delay),
        quiet(Kind::DelayUniform, |_| vec![long(Kind::DelayUniform, millis(60))], uniform_delay),
        quiet(Kind::DelayLognormal, |_| vec![long(Kind::DelayLognormal, millis(8))], lognormal_delay),
        quiet(Kind::DelayBimodal, |_| vec![long(Kind::DelayBimodal, millis(30))], bimodal_delay),
        quiet(Kind::DelaySpike, |_| vec![long(Kind::DelaySpike, millis(5))], spike_delay),
        quiet(Kind::Loss, |_| vec![sometimes(fault(Kind::Loss, LINK, Duration::ZERO))], loss),
        quiet(Kind::Duplicate, |_| vec![fault(Kind::Duplicate, LINK, Duration::ZERO)], duplicate),
        quiet(Kind::Reorder, |_| vec![sometimes(long(Kind::Reorder, Duration(2)))], reorder),
        quiet(Kind::Hold, |_| vec![fault(Kind::Hold, LINK, Duration::ZERO)], hold),
        quiet(Kind::Bandwidth, |_| vec![fault(Kind::Bandwidth, LINK, millis(1))], bandwidth),
        quiet(Kind::CorruptNoticed, |_| vec![fault(Kind::CorruptNoticed, LINK, Duration::ZERO)], noticed),
        quiet(Kind::CorruptUnnoticed, |_| vec![fault(Kind::CorruptUnnoticed, LINK, Duration::ZERO)], unnoticed),
        quiet(Kind::LateDelivery, |_| vec![fault(Kind::LateDelivery, LINK, Duration::ZERO)], late),
        quiet(Kind::Crossing, |_| vec![fault(Kind::Crossing, LINK, Duration::ZERO)], crossing),
        quiet(Kind::ForgedSender, |_| vec![fault(Kind::ForgedSender, LINK, Duration::ZERO)], forged),
        Story { kind: Kind::TurnEnd, cast: Cast { agents: 3, clients: 1 }, plan: to_an_asker, proof: turn_end },
    ]
}

/// The same fault on every second message or so.
fn sometimes(fault: Fault) -> Fault {
    Fault { rate: Ratio::of(1, 2), ..fault }
}

/// A fault of six hundred beats.
fn long(kind: Kind, strength: Duration) -> Fault {
    Fault { span: seconds(60), ..fault(kind, LINK, strength) }
}

/// How much later each beat of the span came, which must be no earlier; beats outside must come as ever.
fn delays(with: &Told, without: &Told, span: Duration) -> Vec<Duration> {
    let (with, usual) = (with.arrivals(a(1), a(2)), without.arrivals(a(1), a(2)));
    let struck = at(1_050)..at(950) + span;
    let mut delays = Vec::new();
    for (number, at_last) in &with {
        let expected = usual[number];
        if struck.contains(&expected) {
            assert!(*at_last >= expected, "beat {number} came early");
            delays.push(at_last.since(expected));
        } else if expected < at(1_000) || expected > at(1_300) + span {
            assert_eq!(*at_last, expected, "beat {number} was not to be struck");
        }
    }
    assert_eq!(with.len(), usual.len(), "a delay loses nothing");
    delays
}

fn constant_delay(with: &Told, without: &Told) {
    let delays = delays(with, without, seconds(1));
    assert!(delays.len() >= 8 && delays.iter().all(|delay| *delay == millis(30)), "{delays:?}");
}

fn uniform_delay(with: &Told, without: &Told) {
    let delays = delays(with, without, seconds(60));
    assert!(delays.iter().all(|delay| *delay <= millis(60)), "beyond its strength");
    for quarter in 0..4 {
        let range = millis(15 * quarter)..millis(15 * (quarter + 1));
        let share = delays.iter().filter(|delay| range.contains(delay)).count();
        assert!(share > delays.len() / 8, "only {share} of {} within {range:?}", delays.len());
    }
}

fn lognormal_delay(with: &Told, without: &Told) {
    let delays = delays(with, without, seconds(60));
    let above = |least| delays.iter().filter(|delay| **delay > least).count();
    let half = delays.len() / 2;
    assert!((half * 3 / 4..half * 5 / 4).contains(&above(millis(8))), "its strength is the median");
    assert!(above(millis(32)) > delays.len() / 30, "it has a long tail");
}

fn bimodal_delay(with: &Told, without: &Told) {
    let delays = delays(with, without, seconds(60));
    let slow = delays.iter().filter(|delay| **delay == millis(30)).count();
    let usual = delays.iter().filter(|delay| **delay == Duration::ZERO).count();
    assert_eq!(slow + usual, delays.len(), "there are two modes");
    assert!((delays.len() / 16..delays.len() / 4).contains(&slow), "one in eight, not {slow} of {}", delays.len());
}

fn spike_delay(with: &Told, without: &Told) {
    let delays = delays(with, without, seconds(60));
    let spikes = delays.iter().filter(|delay| **delay == millis(5) * 8).count();
    assert!((1..delays.len() / 30).contains(&spikes), "one in a hundred, not {spikes} of {}", delays.len());
    assert!(delays.iter().all(|delay| *delay == Duration::ZERO || *delay == millis(5) * 8));
}

fn loss(with: &Told, without: &Told) {
    let (arrived, usual) = (with.arrivals(a(1), a(2)), without.arrivals(a(1), a(2)));
    let lost: Vec<Time> =
        usual.iter().filter(|(number, _)| !arrived.contains_key(number)).map(|lost| *lost.1).collect();
    assert!((2..9).contains(&lost.len()), "half of ten, not {}", lost.len());
    assert_eq!(with.times(a(2), Happening::Dropped).len(), lost.len());
    assert!(arrived.iter().all(|(number, time)| usual[number] == *time), "what is not lost comes as ever");
    assert!(lost.iter().all(|time| (at(1_000)..at(2_025)).contains(time)), "{lost:?}");
}

fn duplicate(with: &Told, without: &Told) {
    let count = |told: &Told| {
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        told.heard(a(1), a(2)).iter().for_each(|beat| *counts.entry(beat.about).or_default() += 1);
        counts
    };
    assert!(count(without).values().all(|count| *count == 1));
    assert_eq!(count(with).values().filter(|count| **count == 2).count(), 10, "each beat of the span comes twice");
    assert!(count(with).values().all(|count| *count <= 2));
    assert_eq!(with.arrivals(a(1), a(2)), without.arrivals(a(1), a(2)), "the first copy comes as ever");
}

/// How many later beats came before each beat.
fn overtakers(told: &Told) -> Vec<usize> {
    let order: Vec<u64> = told.heard(a(1), a(2)).iter().map(|beat| beat.number).collect();
    let before = |place: usize| order[..place].iter().filter(|earlier| **earlier > order[place]).count();
    (0..order.len()).map(before).collect()
}

fn reorder(with: &Told, without: &Told) {
    assert!(overtakers(without).iter().all(|count| *count == 0), "links keep order of themselves");
    let overtakers = overtakers(with);
    assert_eq!(overtakers.iter().max(), Some(&2), "its strength is how many may pass");
    assert_eq!(with.arrivals(a(1), a(2)).len(), without.arrivals(a(1), a(2)).len(), "nothing is lost");
}

fn hold(with: &Told, without: &Told) {
    let held: Vec<_> = with.heard(a(1), a(2)).into_iter().filter(|beat| beat.at == at(2_000)).collect();
    let sent = without.sent(a(1), a(2)).into_iter().filter(|beat| (at(1_000)..at(2_000)).contains(&beat.at));
    assert_eq!(
        held.iter().map(|beat| beat.number).collect::<Vec<_>>(),
        sent.map(|beat| beat.number).collect::<Vec<_>>()
    );
    assert!(held.len() >= 9, "a second of beats is released together");
    assert!(!with.heard(a(1), a(2)).iter().any(|beat| within(beat.at)), "and none before");
}

fn bandwidth(with: &Told, without: &Told) {
    let delays = delays(with, without, seconds(1));
    let (least, most) = (*delays.iter().min().expect("beats"), *delays.iter().max().expect("beats"));
    let load = u64::try_from(crate::probe::LOAD).expect("a few words");
    assert_eq!(most - least, millis(1) * load, "each word takes a millisecond");
    assert!(least >= millis(1), "even a light one takes its time");
}

fn noticed(with: &Told, without: &Told) {
    let dropped: Vec<u64> = with.places(a(2), Happening::Dropped).map(|place| with.record(place).about).collect();
    let sent = without.sent(a(1), a(2)).into_iter().filter(|beat| (at(1_000)..at(2_000)).contains(&beat.at));
    assert_eq!(dropped, sent.map(|beat| beat.about).collect::<Vec<_>>(), "what was altered is dropped");
}

fn unnoticed(with: &Told, without: &Told) {
    let (altered, usual) = (with.heard(a(1), a(2)), without.heard(a(1), a(2)));
    assert_eq!(altered.len(), usual.len(), "nothing is dropped");
    for (altered, usual) in altered.iter().zip(&usual) {
        assert_eq!(altered.at, usual.at);
        let struck = altered.number == usual.number ^ 1 << 32;
        assert!(struck || altered.about == usual.about);
        assert!(struck != (altered.about == usual.about), "another content has another digest");
    }
    assert_eq!(altered.iter().filter(|beat| beat.number >= 1 << 32).count(), 10);
}

/// The beats of the first link that were held back.
fn held_back(with: &Told, without: &Told) -> Vec<Time> {
    let usual = without.arrivals(a(1), a(2));
    let late = with.arrivals(a(1), a(2)).into_iter().filter(|(number, at)| *at > usual[number]);
    late.map(|(_, at)| at).collect()
}

fn late(with: &Told, without: &Told) {
    let (late, fired) = (held_back(with, without), with.times(a(2), Happening::Fired));
    assert!(late.len() >= 9, "{late:?}");
    assert!(
        late.iter().all(|at| fired.contains(at) || *at == crate::at(2_000)),
        "with the timer, or when the fault ends"
    );
    let first = with.arrivals(a(1), a(2)).into_iter().find(|(_, at)| late.contains(at)).expect("a late beat");
    let order: Vec<Happening> = observed_at(with, a(2), first.1);
    assert_eq!(order.first(), Some(&Happening::Fired), "the timer comes first: {order:?}");
}

fn observed_at(told: &Told, node: NodeId, at: Time) -> Vec<Happening> {
    let records = told.0.trace.records().iter().filter(|record| record.node == node && record.at == at);
    let seen = [Happening::Fired, Happening::Delivered, Happening::Replied];
    records.map(|record| record.happening).filter(|happening| seen.contains(happening)).collect()
}

fn crossing(with: &Told, without: &Told) {
    let (late, back) = (held_back(with, without), with.sent(a(2), a(1)));
    assert!(late.len() >= 3, "{late:?}");
    for arrival in late {
        let crosses = back.iter().any(|beat| beat.at == arrival);
        assert!(crosses || arrival == at(2_000), "{arrival} is when a2 sends, or when the fault ends");
    }
    let arrivals = with.arrivals(a(1), a(2));
    // The fault's end lets the last one go.
    for sent in with.sent(a(1), a(2)).iter().filter(|beat| within(beat.at) && beat.at < at(1_900)) {
        let under_way = sent.at..=arrivals[&sent.number];
        assert!(back.iter().any(|beat| under_way.contains(&beat.at)), "beat {} crosses none", sent.number);
    }
}

fn forged(with: &Told, without: &Told) {
    let forged = |told: &Told| {
        let delivered = told.places(a(2), Happening::Delivered).map(|place| told.record(place));
        let sender = |place: Option<usize>| place.map(|place| told.record(place).node);
        delivered.filter(|record| record.peer == Some(a(3)) && sender(record.cause.place()) == Some(a(1))).count()
    };
    assert_eq!((forged(with), forged(without)), (10, 0));
    assert!(!with.heard(a(1), a(2)).iter().any(|beat| within(beat.at)), "a1 is not heard under its own name");
}

/// Beats to the member that waits for its model, from one that does not.
fn to_an_asker(quiet: &Told) -> Vec<Fault> {
    let to = quiet.askers()[0];
    let from = if to == a(1) { a(2) } else { a(1) };
    let when = When::At(Time::ZERO);
    vec![Fault { span: seconds(60), when, ..fault(Kind::TurnEnd, Site::Link { from, to }, Duration::ZERO) }]
}

fn turn_end(with: &Told, _: &Told) {
    let to = with.askers()[0];
    let from = if to == a(1) { a(2) } else { a(1) };
    let (asked, replied) = (with.times(to, Happening::Prompted)[0], with.times(to, Happening::Replied)[0]);
    let heard = with.heard(from, to);
    let released: Vec<_> = heard.iter().filter(|beat| beat.at == replied).collect();
    assert!(released.len() >= 3, "what came in the turn comes right after it");
    assert!(released.is_sorted_by_key(|beat| beat.number), "in order");
    let in_turn = heard.iter().filter(|beat| asked + millis(21) < beat.at && beat.at < replied).count();
    assert_eq!(in_turn, 0, "nothing comes in the middle of the turn");
    let place = with.places(to, Happening::Replied).next().expect("a reply");
    let mut beats = with.places(to, Happening::Delivered).filter(|beat| with.record(*beat).peer == Some(from));
    let first = beats.find(|beat| with.record(*beat).at == replied);
    assert!(first.is_some_and(|beat| beat > place), "the reply comes first");
}
