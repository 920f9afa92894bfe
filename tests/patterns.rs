//! Patterns of working together on stores and channels: what harms a decision, what keeps it, and what the source says.

use synod::explore::{BareHost, Seeds, Sweep};
use synod::protocol::store::Level;
use synod::report::{Cell, Ending, Seen, StoreLevel};
use synod::runtime::default_host;
use synod::scenario::{Catalogue, Pattern, Rung, Sequence};

const SEEDS: u64 = 60;

fn catalogue() -> Catalogue {
    synod_scenarios::catalogue()
}

fn pattern<'a>(catalogue: &'a Catalogue, name: &str) -> &'a Pattern {
    catalogue.patterns().iter().find(|pattern| pattern.name() == name).expect("a pattern of the catalogue")
}

fn runs(pattern: &Pattern, rung: Rung, seeds: u64) -> Vec<Seen> {
    let sweep = Sweep::of(Seeds::new(0..seeds).expect("some seeds"));
    sweep.survey(&*pattern.on(rung), default_host(), Seen::of)
}

fn cell(name: &str, store: Option<Level>, channel: Option<Sequence>) -> Cell {
    let catalogue = catalogue();
    let (pattern, rung) = (pattern(&catalogue, name), Rung { store, channel });
    Cell::of(pattern, rung, &runs(pattern, rung, SEEDS))
}

#[test]
fn every_cell_runs_and_no_decision_is_wrong_without_an_anomaly() {
    for pattern in catalogue().patterns() {
        for rung in pattern.rungs() {
            let scenario = pattern.on(rung);
            scenario.validate().expect("it can run");
            let runs = runs(pattern, rung, 4);
            let name = scenario.summary().name;
            assert!(runs.iter().all(|run| run.ending != Ending::Crashed), "{name} crashed");
            let unexplained = runs.iter().filter(|run| run.ending == Ending::Wrong && !run.shows_any());
            assert_eq!(unexplained.count(), 0, "{name} was wrong, and nothing was amiss");
        }
    }
}

#[test]
fn a_scratchpad_loses_updates_on_a_causal_store_and_none_by_compare_and_set_on_a_strong_one() {
    let causal = cell("scratchpad", Some(Level::Causal), None);
    assert!(causal.share_of("lost update").is_some_and(|share| share.count > 0), "{causal:?}");
    assert!(causal.harmful.is_some_and(|share| share.count > 0), "{causal:?}");
    let strong = cell("scratchpad", Some(Level::Strong), None);
    assert!(strong.share_of("lost update").is_none(), "{strong:?}");
    assert_eq!(strong.store_held, Some(StoreLevel::Linearizable));
}

#[test]
fn a_letter_overtakes_its_note_unless_the_store_is_causal_and_letters_carry_what_was_seen() {
    let weak = cell("hand_off", Some(Level::Weak), Some(Sequence::Causal));
    assert!(weak.share_of("stale hand-off").is_some_and(|share| share.count > 0), "{weak:?}");
    let causal = cell("hand_off", Some(Level::Causal), Some(Sequence::Fifo));
    assert!(causal.share_of("stale hand-off").is_none(), "{causal:?}");
}

#[test]
fn lines_to_the_next_level_are_those_that_differ_when_the_source_is_written_out() {
    for pattern in catalogue().patterns() {
        let rungs = pattern.rungs();
        for pair in rungs.windows(2) {
            let [one, other] = [written(pattern.source(), pair[0]), written(pattern.source(), pair[1])];
            let differing = one.lines().zip(other.lines()).filter(|(one, other)| one != other).count();
            assert_eq!(pattern.lines_changed(pair[0], pair[1]), differing, "{} {:?}", pattern.name(), pair);
        }
        let (first, last) = (rungs[0], rungs[rungs.len() - 1]);
        assert!(pattern.lines_changed(first, last) > 0, "{} does not depend on its rung", pattern.name());
    }
}

/// An agent's source with what stands on a rung in place of what depends on it.
fn written(source: &str, rung: Rung) -> String {
    let code = source.lines().filter(|line| !line.trim().starts_with("//")).collect::<Vec<_>>().join("\n");
    code.replace("rung.revision()", &format!("{:?}", rung.revision()))
        .replace("rung.passes()", &format!("{:?}", rung.passes()))
        .replace("rung.store", &format!("{:?}", rung.store))
        .replace("rung.channel", &format!("{:?}", rung.channel))
}

#[test]
fn a_cell_is_the_same_on_every_host() {
    let catalogue = catalogue();
    let (pattern, rung) =
        (pattern(&catalogue, "graph"), Rung { store: Some(Level::Strong), channel: Some(Sequence::Total) });
    let sweep = Sweep::of(Seeds::new(0..3).expect("some seeds"));
    let scenario = pattern.on(rung);
    let look = |host: &dyn synod::explore::Host| {
        sweep.survey(&*scenario, host, |outcome| outcome.as_ref().map(|run| run.digest).ok())
    };
    assert_eq!(look(default_host()), look(&BareHost));
}
