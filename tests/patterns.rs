//! Patterns of working together on stores and channels: what harms a decision, what keeps it, and what the source says.

use synod::explore::{BareHost, Seeds, Sweep};
use synod::protocol::store::Level;
use synod::report::{Cell, Ending, Seen, StoreLevel, answer};
use synod::runtime::default_host;
use synod::scenario::{Catalogue, Parts, Pattern, Run, Rung, Sequence};

const SEEDS: u64 = 60;

fn catalogue() -> Catalogue {
    synod_scenarios::catalogue()
}

fn pattern<'a>(catalogue: &'a Catalogue, name: &str) -> &'a Pattern {
    catalogue.patterns().iter().find(|pattern| pattern.name() == name).expect("a pattern of the catalogue")
}

/// What a store promises at least. That all replicas end alike, a strong one never tells.
fn promised(rung: Rung) -> StoreLevel {
    match rung.store {
        None | Some(Level::Weak) => StoreLevel::Nothing,
        Some(Level::Eventual) => StoreLevel::Eventual,
        Some(Level::Causal) => StoreLevel::CausalConvergent,
        Some(Level::Strong) => StoreLevel::Linearizable,
    }
}

/// The names of a pattern's cells.
fn named(pattern: &Pattern) -> Vec<String> {
    pattern.rungs().into_iter().map(|rung| format!("{}.{rung}", pattern.name())).collect()
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

/// Why a run crashed.
fn told(run: &Run) -> Option<String> {
    run.crash.as_ref().map(|crash| format!("{crash:?}"))
}

#[test]
fn every_cell_runs_and_no_decision_is_wrong_without_an_anomaly() {
    for pattern in catalogue().patterns() {
        for rung in pattern.rungs() {
            let scenario = pattern.on(rung);
            scenario.validate().expect("it can run");
            let name = scenario.summary().name;
            let sweep = Sweep::of(Seeds::new(0..4).expect("some seeds"));
            let runs = sweep.survey(&*scenario, default_host(), |outcome| {
                let crash = outcome.as_ref().map_or_else(|escape| Some(format!("{escape:?}")), told);
                assert_eq!(crash, None, "{name}");
                Seen::of(outcome)
            });
            let held = (StoreLevel::of(&runs), promised(rung));
            assert!(rung.store.is_none() || held.0 >= held.1, "{name} held {:?} and promises {:?}", held.0, held.1);
            let unexplained = runs.iter().filter(|run| run.ending == Ending::Wrong && !run.shows_any());
            assert_eq!(unexplained.count(), 0, "{name} was wrong, and nothing was amiss");
        }
    }
}

#[test]
fn a_scratchpad_loses_updates_on_a_causal_store_and_none_by_compare_and_set_on_a_strong_one() {
    let causal = cell("scratchpad", Some(Level::Causal), None);
    assert!(causal.share_of("lost update").is_some_and(|share| share.count > 0), "{causal:?}");
    assert!(causal.wrong_among_anomalous.is_some_and(|share| share.count > 0), "{causal:?}");
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

/// One level more of the store or of the channel.
fn steps(pattern: &Pattern) -> Vec<[Rung; 2]> {
    let rungs = pattern.rungs();
    let pairs = rungs.iter().flat_map(|one| rungs.iter().map(move |other| [*one, *other]));
    let place = |rung: &Rung| {
        let store = Level::ALL.iter().position(|level| Some(*level) == rung.store).unwrap_or(0);
        let channel = Sequence::ALL.iter().position(|sequence| Some(*sequence) == rung.channel).unwrap_or(0);
        [store, channel]
    };
    let is_step = |pair: &[Rung; 2]| {
        let [[store, channel], [next_store, next_channel]] = [place(&pair[0]), place(&pair[1])];
        [store + 1, channel] == [next_store, next_channel] || [store, channel + 1] == [next_store, next_channel]
    };
    pairs.filter(is_step).collect()
}

/// A step whose lines are not those that differ, or to which no line leads: then it is taken elsewhere, uncounted.
fn miscounted(pattern: &Pattern) -> Option<[Rung; 2]> {
    let is_wrong = |[from, to]: &[Rung; 2]| {
        let [one, other] = [written(pattern.source(), *from), written(pattern.source(), *to)];
        let differing = one.lines().zip(other.lines()).filter(|(one, other)| one != other).count();
        differing == 0 || differing != pattern.lines_changed(*from, *to)
    };
    steps(pattern).into_iter().find(is_wrong)
}

#[test]
fn every_step_of_store_or_channel_is_taken_by_the_lines_that_differ_when_the_source_is_written_out() {
    for pattern in catalogue().patterns() {
        assert_eq!(miscounted(pattern), None, "{}", pattern.name());
    }
}

#[test]
fn a_pattern_that_names_its_store_in_another_file_is_found_out() {
    let hidden = "fn on(name: &str, rung: Rung) -> Story {\n    super::cell(name, rung, member)\n}";
    let named = "fn on(name: &str, rung: Rung) -> Story {\n    sim.store(rung.store)\n}";
    let pattern =
        |source| Pattern::new("mute", "says nothing", Parts::Store, source, |_, _| unreachable!("it is read"));
    assert!(miscounted(&pattern(hidden)).is_some());
    assert_eq!(miscounted(&pattern(named)), None);
}

#[test]
fn nothing_depends_on_the_rung_but_what_is_counted() {
    for pattern in catalogue().patterns() {
        for line in written(pattern.source(), pattern.rungs()[0]).lines() {
            let rest = line.replace("rung: Rung", "").replace(", rung)", "");
            assert!(!rest.contains("rung"), "{}: uncounted: {line}", pattern.name());
        }
    }
}

#[test]
fn a_hand_off_moves_by_these_lines() {
    let catalogue = catalogue();
    let hand_off = pattern(&catalogue, "hand_off");
    let lines = |from: Level, to: Level| {
        let [from, to] = [from, to].map(|level| Rung { store: Some(level), channel: Some(Sequence::Fifo) });
        hand_off.lines_changed(from, to)
    };
    // The store.
    assert_eq!(lines(Level::Weak, Level::Eventual), 1);
    // The store, what a letter carries, and that its reader follows it.
    assert_eq!(lines(Level::Eventual, Level::Causal), 3);
    // The store, and compare-and-set in place of overwriting.
    assert_eq!(lines(Level::Causal, Level::Strong), 2);
}

#[test]
fn the_step_to_causal_counts_every_line_that_is_another_one_there() {
    let catalogue = catalogue();
    let told = |name: &str| {
        let pattern = pattern(&catalogue, name);
        let is_one = |store, channel| {
            move |rung: &Rung| {
                rung.store.is_none_or(|other| other == store) && rung.channel.is_none_or(|other| other == channel)
            }
        };
        let ends = [is_one(Level::Weak, Sequence::Unordered), is_one(Level::Causal, Sequence::Causal)];
        let ends = ends.map(|is_it| pattern.rungs().into_iter().find(|rung| is_it(rung)).expect("a rung"));
        let [one, other] = ends.map(|rung| written(pattern.source(), rung));
        let differing = one.lines().zip(other.lines()).filter(|(one, other)| one != other).count();
        let cells = ends.map(|rung| Cell::of(pattern, rung, &[]));
        assert_eq!(cells[0].causal.map(|step| step.lines), Some(differing), "{name}");
        assert!(cells[1].causal.is_none(), "{name} is there");
        (differing, answer(&cells))
    };
    for pattern in catalogue.patterns() {
        let (lines, text) = told(pattern.name());
        let changed = if lines == 1 { "1 line changed".to_owned() } else { format!("{lines} lines changed") };
        assert!(text.contains(&changed), "{text}");
    }
    // The store, the channel, what a letter carries, and that its reader follows it.
    assert_eq!(told("hand_off").0, 4);
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
fn every_framework_stands_in_a_cell_that_there_is_with_its_version_and_source() {
    let catalogue = catalogue();
    let cells: Vec<String> = catalogue.patterns().iter().flat_map(named).collect();
    for known in synod::report::frameworks() {
        assert!(cells.iter().any(|cell| cell == known.cell), "{}: there is no {}", known.framework, known.cell);
        assert!(known.cell.starts_with(known.pattern), "{}", known.framework);
        assert!(known.source.starts_with("https://") && known.version.contains(|c: char| c.is_ascii_digit()));
    }
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
