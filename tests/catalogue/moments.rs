//! When faults begin: at the n-th message, write or call, and at telling moments, wherever these happen.

use crate::told::{Cast, Told};
use crate::{LINK, SEED, TRIO, a, at, fault};
use synod::fact::Fact;
use synod::fault::{Fault, Kind, Moment, Schedule, Site, When};
use synod::id::NodeId;
use synod::protocol::consensus::Raft;
use synod::scenario::{Frozen, Job, Run, Runnable, Scenario};
use synod::seed::Seed;
use synod::time::{Duration, millis, seconds};
use synod::trace::{Detail, Happening, Record};

fn told(fault: Fault) -> Told {
    Told::of(TRIO, &[fault], SEED)
}

#[test]
fn the_nth_message_of_a_link_is_struck_and_no_other() {
    let lost = told(Fault { when: When::Nth(4), ..fault(Kind::Loss, LINK, Duration::ZERO) });
    let numbers: Vec<u64> = lost.heard(a(1), a(2)).iter().map(|beat| beat.number).take(9).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 6, 7, 8, 9, 10]);
    assert_eq!(lost.0.ledger.tally(Kind::Loss).fired, 1);
}

#[test]
fn a_fault_that_lasts_begins_with_the_nth_message() {
    let cut = told(Fault { when: When::Nth(4), ..fault(Kind::Cut, LINK, Duration::ZERO) });
    let numbers: Vec<u64> = cut.heard(a(1), a(2)).iter().map(|beat| beat.number).take(6).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 15, 16], "a second of beats is lost");
}

#[test]
fn a_held_nth_message_is_let_go_when_the_fault_ends() {
    let held = told(Fault { when: When::Nth(4), ..fault(Kind::LateDelivery, LINK, Duration::ZERO) });
    assert_eq!(held.heard(a(1), a(2)).len(), Told::of(TRIO, &[], SEED).heard(a(1), a(2)).len());
}

#[test]
fn two_faults_may_wait_for_the_same_message() {
    let nth = |kind| Fault { when: When::Nth(4), ..fault(kind, LINK, millis(30)) };
    let both = Told::of(TRIO, &[nth(Kind::DelayConstant), nth(Kind::Duplicate)], SEED);
    for kind in [Kind::DelayConstant, Kind::Duplicate] {
        assert_eq!((both.0.ledger.tally(kind).fired, both.0.ledger.tally(kind).felt), (1, 1), "{kind}");
    }
}

#[test]
fn a_process_is_struck_in_the_middle_of_its_nth_write() {
    let crashed = told(Fault { when: When::Nth(4), ..fault(Kind::Crash, Site::Node(a(1)), Duration::ZERO) });
    let (begun, crash) = (crashed.times(a(1), Happening::Persisting), crashed.times(a(1), Happening::Crashed));
    assert_eq!(crash, [begun[4]]);
    assert_eq!(crashed.sent(a(1), a(2)).iter().filter(|beat| beat.at <= crash[0]).count(), 4);
}

#[test]
fn the_nth_call_of_a_model_is_struck_and_no_other() {
    let cast = Cast { agents: 3, clients: 4 };
    let site = Site::Node(NodeId::model(0));
    let fault = Fault { when: When::Nth(1), span: Duration::ZERO, ..fault(Kind::Refusal, site, Duration::ZERO) };
    let refused = Told::of(cast, &[fault], SEED);
    let tally = refused.0.ledger.tally(Kind::Refusal);
    assert_eq!((tally.fired, tally.felt), (1, 1));
}

#[test]
fn nothing_strikes_after_the_nemesis_has_stopped() {
    let members = synod::id::Members::of(3);
    let mut faults = vec![Fault { when: When::At(at(70_500)), ..fault(Kind::Loss, LINK, Duration::ZERO) }];
    for from in members.iter() {
        let sites = members.others(from).map(|to| Site::Link { from, to });
        // Seven hundred beats are sent before that.
        let duplicates =
            sites.map(|site| Fault { when: When::Nth(704), ..fault(Kind::Duplicate, site, Duration::ZERO) });
        faults.extend(duplicates);
    }
    let told = Told::of(TRIO, &faults, SEED);
    let sent = |from: NodeId| {
        told.0
            .trace
            .records()
            .iter()
            .filter(|record| record.happening == Happening::Sent && record.node == from)
            .count()
    };
    assert!(members.iter().any(|from| sent(from) > 2 * 705), "the run goes on after the nemesis has stopped");
    assert_eq!(told.0.ledger.total().fired, 0);
}

/// Raft with one crash at the n-th moment of this kind.
fn raft(when: When) -> Run {
    let crash = Fault { when, span: seconds(2), ..fault(Kind::Crash, Site::Whoever, Duration::ZERO) };
    let scenario = Scenario::new("moments").team(3, Raft::factory).schedule(Schedule { faults: vec![crash] });
    scenario.run(&Job::of(Seed(SEED)).detailed(Detail::Full), &Frozen)
}

#[test]
fn whoever_a_telling_moment_is_about_is_struck_at_that_moment() {
    let healed = at(40_000);
    for moment in Moment::ALL {
        // One question is answered once; everything else is to be told from its first time.
        let which = if moment == Moment::ModelReplied { 0 } else { 1 };
        let run = raft(When::On(moment, which));
        let seen = |fact: &Fact| match moment {
            Moment::Voted => matches!(fact, Fact::Voted { .. }),
            Moment::Won => matches!(fact, Fact::Elected { .. }),
            Moment::Appended => matches!(fact, Fact::Appended { .. }),
            Moment::Committed => matches!(fact, Fact::Committed { .. } | Fact::Decided { .. }),
            Moment::Reconfigured => matches!(fact, Fact::Reconfigured { .. }),
            Moment::Restored => matches!(fact, Fact::Restored { .. }),
            Moment::PersistPending | Moment::ModelReplied => false,
        };
        let facts = run.history.facts().filter(|(_, _, fact)| seen(fact)).map(|(_, entry, _)| (entry.at, entry.node));
        let recorded = |happening: Happening| {
            let records = run.trace.records().iter().filter(move |record| record.happening == happening);
            records.map(|record| (record.at, record.node)).nth(which as usize)
        };
        let second = match moment {
            Moment::PersistPending => recorded(Happening::Persisting),
            Moment::ModelReplied => recorded(Happening::Replied),
            _ => facts.take(2).nth(1),
        };
        let second = second.filter(|(time, _)| *time < healed);
        let crashed = |record: &&Record| record.happening == Happening::Crashed && record.at < healed;
        let crashed = run.trace.records().iter().find(crashed);
        // A second election need not come about in this run, and nobody asks for changes or outgrows its log; then
        // nobody crashes for it before the nemesis stops.
        match (second, crashed) {
            (Some(second), Some(crashed)) => assert_eq!((crashed.at, crashed.node), second, "{moment:?}"),
            (None, None) => assert!(matches!(moment, Moment::Won | Moment::Reconfigured | Moment::Restored)),
            (second, crashed) => panic!("{moment:?}: {second:?} and {crashed:?}"),
        }
    }
}
