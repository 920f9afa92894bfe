//! What can be taken out of a run: draws to pin to their harmless choice, one unit for each thing that a person would
//! leave out as one. Knows the names of streams; runs nothing.

use crate::fault::Origin;
use crate::scenario::Run;
use crate::seed::Pin;

/// Something of a run that can go: these pins take it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) pins: Vec<Pin>,
}

/// Kinds of things to take out, in the order in which it pays to try them: what is taken out first takes most of the
/// others along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Whole faults, and members that stay down when the others are healed.
    Faults,
    /// Operations of clients.
    Operations,
    /// Single strikes: a habit's moment, a struck message, a struck call, a parted round.
    Strikes,
    /// Replies of models: a right one in no time takes the place of a wrong or slow one.
    Replies,
}

impl Class {
    pub(super) const ALL: [Class; 4] = [Class::Faults, Class::Operations, Class::Strikes, Class::Replies];

    /// Everything of this class in a run whose draws were recorded.
    pub(super) fn units(self, run: &Run) -> Vec<Unit> {
        match self {
            Class::Faults => faults(run),
            Class::Operations => each(run, |draw| draw.stream.starts_with("operation/")),
            Class::Strikes => each(run, is_strike),
            Class::Replies => replies(run),
        }
    }
}

/// The same draw with its harmless choice; `None` if it has that already.
fn calmed(draw: &Pin) -> Option<Pin> {
    let harmless = draw.domain.harmless;
    (draw.choice != harmless).then(|| Pin { choice: harmless, ..draw.clone() })
}

/// A unit for each draw that some harm comes of.
fn each(run: &Run, wanted: impl Fn(&Pin) -> bool) -> Vec<Unit> {
    let harmful = run.draws.iter().filter(|draw| wanted(draw)).filter_map(calmed);
    harmful.map(|pin| Unit { pins: vec![pin] }).collect()
}

fn faults(run: &Run) -> Vec<Unit> {
    let kept: Vec<String> =
        run.schedule.faults.iter().filter_map(|fault| Some(fault.name?.origin.to_string())).collect();
    each(run, |draw| {
        let keeps = draw.index == Origin::KEPT && kept.contains(&draw.stream);
        keeps || (draw.stream == "heal/core" && draw.index == 0)
    })
}

/// Lanes of links whose draws say whether, or how hard, a fault strikes a message.
const STRUCK_LANES: [&str; 6] = ["delay/", "loss/", "duplicate/", "reorder/", "corrupt/", "strike/"];

fn is_strike(draw: &Pin) -> bool {
    let is = |prefix: &str| draw.stream.starts_with(prefix);
    is("each/") || (is("rounds/") && draw.index == 0) || STRUCK_LANES.into_iter().any(is)
}

/// Streams from which models draw, the most telling first: how hard a task is for a model decides many replies at once.
const SPOKEN: [&str; 7] = ["difficulty/", "slow/", "agreement/", "prompt/", "answer/", "struck/", "choice/"];

/// A unit for each stream of a model: all of one reply is drawn from one.
fn replies(run: &Run) -> Vec<Unit> {
    let mut units = Vec::new();
    for prefix in SPOKEN {
        let mut streams: Vec<(&str, Unit)> = Vec::new();
        for draw in run.draws.iter().filter(|draw| draw.stream.starts_with(prefix)) {
            let Some(pin) = calmed(draw) else { continue };
            match streams.iter_mut().find(|(stream, _)| *stream == draw.stream) {
                Some((_, unit)) => unit.pins.push(pin),
                None => streams.push((&draw.stream, Unit { pins: vec![pin] })),
            }
        }
        units.extend(streams.into_iter().map(|(_, unit)| unit));
    }
    units
}

/// Draws that may be lowered instead of calmed: each with the lower choices to try, the lowest first.
pub(super) fn lowerings(run: &Run) -> Vec<Vec<Unit>> {
    let origins = run.schedule.faults.iter().filter_map(|fault| fault.name).map(|name| name.origin);
    let spans: Vec<(String, u64)> =
        origins.filter_map(|origin| Some((origin.to_string(), origin.span_draw()?))).collect();
    let lowerable = |draw: &&Pin| match draw.stream.as_str() {
        "team/size" | "link/latency" => true,
        "twins/plan" => draw.index == 1,
        stream => spans.iter().any(|(span, index)| span == stream && draw.index == *index),
    };
    run.draws.iter().filter(lowerable).map(lower_choices).filter(|choices| !choices.is_empty()).collect()
}

/// More choices than this are not tried one by one: domains of options are smaller.
const MOST_CHOICES: u64 = 12;

fn lower_choices(draw: &Pin) -> Vec<Unit> {
    let least = draw.domain.least;
    let end = draw.choice.min(least + MOST_CHOICES);
    (least..end).map(|choice| Unit { pins: vec![Pin { choice, ..draw.clone() }] }).collect()
}

/// For each fault that a weaker kind could stand in for, the pin that puts it there.
pub(super) fn weakenings(run: &Run) -> Vec<Unit> {
    let names = run.schedule.faults.iter().filter(|fault| fault.kind.weaker().is_some()).filter_map(|fault| fault.name);
    let weakened = |stream: String| {
        let whole = run.draws.iter().find(|draw| draw.stream == stream && draw.choice == 1)?;
        Some(Unit { pins: vec![calmed(whole)?] })
    };
    names.filter_map(|name| weakened(name.origin.weakening())).collect()
}
