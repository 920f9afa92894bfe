//! Faults of a process, its clock and its disk. All strike `a1`; the others hear it.

use crate::told::{Heard, Told};
use crate::{Story, TRIO, a, at, fault};
use synod::fault::{Fault, Kind, Site, When};
use synod::time::{Duration, Time, millis, seconds};
use synod::trace::Happening;

pub fn stories() -> Vec<Story> {
    let quiet = |kind, plan: fn(&Told) -> Vec<Fault>, proof| Story { kind, cast: TRIO, plan, proof };
    vec![
        quiet(Kind::Crash, |_| vec![here(Kind::Crash)], crash),
        quiet(Kind::CrashAfterPersist, |_| vec![here(Kind::CrashAfterPersist)], crash_after_persist),
        quiet(Kind::CrashLosingDisk, |_| vec![here(Kind::CrashLosingDisk)], crash_losing_disk),
        quiet(Kind::Pause, |_| vec![here(Kind::Pause)], pause),
        quiet(Kind::Slow, |_| vec![sized(Kind::Slow, millis(30))], slow),
        quiet(Kind::ClockSkew, |_| vec![sized(Kind::ClockSkew, millis(700))], skew),
        quiet(Kind::ClockJump, |_| vec![sized(Kind::ClockJump, millis(700))], jump),
        // A tenth: far beyond what clocks do, so that a second shows it.
        quiet(Kind::ClockDrift, |_| vec![sized(Kind::ClockDrift, Duration(100_000))], drift),
        quiet(Kind::LostWrite, |_| vec![here(Kind::LostWrite), crash_at(3_000)], lost_write),
        quiet(Kind::TornWrite, |_| vec![Fault { span: seconds(9), ..here(Kind::TornWrite) }, crash_in_write()], torn),
        quiet(Kind::DiskFull, |_| vec![here(Kind::DiskFull)], disk_full),
        quiet(Kind::ReadError, |_| vec![here(Kind::ReadError), crash_at(1_000)], read_error),
        quiet(Kind::Twin, |_| vec![here(Kind::Twin)], twin),
        quiet(Kind::EquivocatingShell, |_| vec![here(Kind::EquivocatingShell)], equivocating),
        quiet(Kind::SilentShell, |_| vec![here(Kind::SilentShell)], silent),
        quiet(Kind::ForgedVoter, |_| vec![here(Kind::ForgedVoter)], forged),
    ]
}

fn here(kind: Kind) -> Fault {
    sized(kind, Duration::ZERO)
}

fn sized(kind: Kind, strength: Duration) -> Fault {
    fault(kind, Site::Node(a(1)), strength)
}

/// Half a second down from this millisecond on.
fn crash_at(millisecond: u64) -> Fault {
    Fault { when: When::At(at(millisecond)), span: millis(500), ..here(Kind::Crash) }
}

/// A crash while the write of the fifteenth beat is under way.
fn crash_in_write() -> Fault {
    Fault { when: When::Nth(14), span: millis(500), ..here(Kind::Crash) }
}

/// What `a1` sent to `a2` before and after an instant.
fn around(told: &Told, time: Time) -> (Vec<Heard>, Vec<Heard>) {
    told.sent(a(1), a(2)).into_iter().partition(|beat| beat.at < time)
}

fn crash(with: &Told, without: &Told) {
    assert_eq!(with.times(a(1), Happening::Crashed), [at(1_000)]);
    assert_eq!(with.times(a(1), Happening::Started), [Time::ZERO, at(2_000)]);
    let (before, after) = around(with, at(1_500));
    let (last, first) = (before.last().expect("beats before"), after.first().expect("beats after"));
    assert_eq!((first.uptime, first.number), (1, last.number + 1), "memory is lost, the disk is not");
    assert!(first.at > at(2_000) && last.at < at(1_000), "nothing is said in between");
    assert!(without.times(a(1), Happening::Crashed).is_empty() || !without.0.schedule.faults.is_empty());
}

fn crash_after_persist(with: &Told, without: &Told) {
    let crashed = with.times(a(1), Happening::Crashed)[0];
    let written = with.times(a(1), Happening::Persisted);
    assert!(written.contains(&crashed), "it crashes the moment a write is durable");
    let (before, after) = around(with, crashed);
    let (last, first) = (before.last().expect("beats before"), after.first().expect("beats after"));
    assert_eq!(first.number, last.number + 2, "the beat between was written and never said");
    let said = without.sent(a(1), a(2)).into_iter().find(|beat| beat.at == crashed);
    assert_eq!(said.map(|beat| beat.number), Some(last.number + 1), "it would have been said at that very instant");
}

fn crash_losing_disk(with: &Told, _: &Told) {
    let (_, after) = around(with, at(1_500));
    assert_eq!((after[0].number, after[0].writes), (1, 1), "it begins as if it had never been");
}

fn pause(with: &Told, without: &Told) {
    let (paused, resumed) = (with.times(a(1), Happening::Paused), with.times(a(1), Happening::Resumed));
    assert_eq!((paused, resumed), (vec![at(1_000)], vec![at(2_000)]));
    let (before, after) = around(with, at(1_500));
    let (last, first) = (before.last().expect("beats before"), after.first().expect("beats after"));
    assert!(first.at >= at(2_000) && last.at < at(1_000));
    assert_eq!((first.number, first.uptime), (last.number + 1, last.uptime + 1), "it remembers");
    let peers = [a(2), a(3)];
    let beats = peers.iter().flat_map(|peer| with.heard(*peer, a(1)));
    let reached = u64::try_from(beats.filter(|beat| beat.at < at(2_000)).count()).expect("a few beats");
    assert!(reached > first.heard + 15, "{reached} reached it, of which it has read {}", first.heard);
    let at_once = without.sent(a(1), a(2)).iter().find(|beat| beat.number == first.number).map(|beat| beat.heard);
    assert!(at_once.is_some_and(|heard| first.heard.abs_diff(heard) <= 2), "it acts on what it believed");
}

fn slow(with: &Told, without: &Told) {
    let fired = |told: &Told| told.times(a(1), Happening::Fired).into_iter().find(|time| *time >= at(1_000));
    let (late, usual) = (fired(with).expect("a timer"), fired(without).expect("a timer"));
    assert!(late.since(usual) >= millis(30), "an event takes it thirty milliseconds: {late} instead of {usual}");
    let steps = |told: &Told| told.times(a(1), Happening::Fired).iter().filter(|time| crate::within(**time)).count();
    assert!(steps(with) < steps(without), "it falls behind");
    assert!(with.times(a(2), Happening::Fired) == without.times(a(2), Happening::Fired), "the others do not");
}

/// How far ahead the clock was when each beat was begun, with the instant its timer fired.
fn ahead(told: &Told) -> Vec<(Time, Duration)> {
    let fired = told.times(a(1), Happening::Fired);
    let beats = told.sent(a(1), a(2));
    beats.iter().zip(fired).map(|(beat, fired)| (fired, beat.clock.since(fired))).collect()
}

fn skew(with: &Told, without: &Told) {
    for (time, ahead) in ahead(with) {
        let skewed = (at(1_000)..at(2_000)).contains(&time);
        assert_eq!(ahead, if skewed { millis(700) } else { Duration::ZERO }, "at {time}");
    }
    assert!(ahead(without).iter().all(|(_, ahead)| *ahead == Duration::ZERO));
}

fn jump(with: &Told, _: &Told) {
    for (time, ahead) in ahead(with) {
        assert_eq!(ahead, if time < at(1_000) { Duration::ZERO } else { millis(700) }, "at {time}");
    }
}

fn drift(with: &Told, without: &Told) {
    let count = |told: &Told| told.times(a(1), Happening::Fired).iter().filter(|time| crate::within(**time)).count();
    assert!(count(with) > count(without), "its timers fire early");
    let ahead = ahead(with);
    let fast = ahead.iter().filter(|(time, _)| (at(1_050)..at(1_950)).contains(time));
    assert!(fast.clone().is_sorted() && fast.count() > 8, "it gains");
    let last = ahead.last().expect("beats").1;
    assert!((millis(95)..millis(101)).contains(&last), "a tenth of a second is gained and kept, not {last}");
}

fn lost_write(with: &Told, without: &Told) {
    let resumed = |told: &Told| around(told, at(3_200)).1[0];
    let (lied, honest) = (resumed(with), resumed(without));
    assert_eq!(lied.number, honest.number, "later writes are kept");
    assert_eq!(honest.writes - lied.writes, 10, "those of one second are gone");
    let before = |told: &Told| around(told, at(3_000)).0;
    assert_eq!(before(with), before(without), "nobody notices until the crash");
}

fn torn(with: &Told, without: &Told) {
    let crashed = with.times(a(1), Happening::Crashed)[0];
    assert_eq!(without.times(a(1), Happening::Crashed), [crashed]);
    let resumed = |told: &Told| around(told, crashed).1[0].torn;
    assert_eq!((resumed(with), resumed(without)), (1, 0), "part of the write is left");
}

fn disk_full(with: &Told, without: &Told) {
    let failed = with.times(a(1), Happening::DiskFailed);
    assert!(failed.len() >= 9 && failed.iter().all(|time| (at(1_000)..at(2_000)).contains(time)));
    let said = with.sent(a(1), a(2)).iter().filter(|beat| (at(1_000)..at(2_000)).contains(&beat.at)).count();
    assert_eq!(said, 0, "what waited for the write is not said");
    assert_eq!(with.sent(a(1), a(2)).len(), without.sent(a(1), a(2)).len() - failed.len());
}

fn read_error(with: &Told, without: &Told) {
    assert_eq!(without.times(a(1), Happening::Started), [Time::ZERO, at(1_500)]);
    assert_eq!(with.times(a(1), Happening::DiskFailed), [at(1_500)], "the first start cannot read");
    assert_eq!(with.times(a(1), Happening::Started), [Time::ZERO, at(1_500), at(2_000)], "the second can");
    let (before, after) = around(with, at(1_400));
    assert_eq!(after[0].number, before[before.len() - 1].number + 1, "nothing is lost");
}

fn twin(with: &Told, without: &Told) {
    let speakers = |told: &Told, from: u64, to: u64| {
        let span = at(from)..at(to);
        let mut speakers: Vec<u64> =
            told.sent(a(1), a(2)).iter().filter(|beat| span.contains(&beat.at)).map(|b| b.process).collect();
        speakers.sort_unstable();
        speakers.dedup();
        speakers.len()
    };
    assert_eq!((speakers(with, 0, 1_000), speakers(with, 1_150, 2_000), speakers(with, 2_000, 9_000)), (1, 2, 1));
    assert_eq!(speakers(without, 0, 9_000), 1);
    let heard_by_both = with.heard(a(2), a(1)).iter().filter(|beat| crate::within(beat.at)).count();
    let heard_by_one = without.heard(a(2), a(1)).iter().filter(|beat| crate::within(beat.at)).count();
    assert_eq!(heard_by_both, 2 * heard_by_one, "both copies hear what is sent to their name");
}

/// How many beats of a possible and of an impossible number `a1` sent to a member during the fault.
fn true_and_false(told: &Told, to: u16) -> [usize; 2] {
    let beats = told.sent(a(1), a(to));
    let during: Vec<_> = beats.iter().filter(|beat| crate::within(beat.at)).collect();
    let lies = during.iter().filter(|beat| beat.number >= 1 << 32).count();
    [during.len() - lies, lies]
}

fn equivocating(with: &Told, without: &Told) {
    let [beats, none] = true_and_false(without, 2);
    assert_eq!((none, true_and_false(with, 2), true_and_false(with, 3)), (0, [0, beats], [beats, 0]));
}

fn silent(with: &Told, without: &Told) {
    assert_eq!((true_and_false(with, 2), true_and_false(with, 3)), ([0, 0], [0, 0]));
    let fired = |told: &Told| told.times(a(1), Happening::Fired);
    assert_eq!(fired(with), fired(without), "it runs on");
}

fn forged(with: &Told, without: &Told) {
    let [beats, _] = true_and_false(without, 2);
    assert_eq!((true_and_false(with, 2), true_and_false(with, 3)), ([beats, beats], [beats, beats]));
}
