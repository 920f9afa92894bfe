//! Tests of `compare` through its arguments and its output, with teams of the library itself.

use super::obey;
use crate::agent::Agent;
use crate::check::OfStore;
use crate::check::consistency::EventualConvergence;
use crate::explore::Exit;
use crate::model::{Task, ToolCall};
use crate::protocol::baseline::last_speaker::LastSpeaker;
use crate::protocol::consensus::Raft;
use crate::protocol::consensus::raft::{Adoption, Config};
use crate::scenario::{Catalogue, Contestant, Pairing, Parts, Pattern, Runnable, Setting, Sim, Story, Trouble};
use crate::time::{minutes, seconds};
use crate::tool::{Service, Toolbox};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

fn catalogue() -> Catalogue {
    let reworded = || Config { adoption: Adoption::Reworded, ..Config::default() };
    let calm = Setting { trouble: Trouble::None, ..Setting::default() };
    let raft = Contestant::new("raft", |scenario, agents| scenario.team(agents, Raft::factory));
    let raft = raft.without("verbatim adoption", "in its own words", calm, move |scenario, agents| {
        scenario.team(agents, move |me, members| Raft::new(me, members, reworded()))
    });
    let last = Contestant::new("last_speaker", |scenario, agents| scenario.team(agents, LastSpeaker::factory));
    Catalogue::of(Vec::new()).comparing(vec![last, raft]).patterned(vec![pair()])
}

/// Two agents that decide at once, whatever they share.
fn pair() -> Pattern {
    let source = "sim.store(rung.store);\nMail::open(&agent, rung.channel)\n";
    Pattern::new("pair", "two agents", Parts::Both, source, |name, rung| {
        Story::new(name, move |sim: Sim| async move {
            sim.team(2, |agent: Agent| async move { agent.decide("at once").await });
            rung.store.into_iter().for_each(|level| _ = sim.store(level));
            sim.heal_after(seconds(1)).run_for(minutes(1)).await;
            sim.check(OfStore::whole(EventualConvergence));
        })
    })
}

fn said(line: &str) -> (String, Result<Exit, String>) {
    let mut out = Vec::new();
    let words = std::iter::once("synod").chain(line.split_whitespace()).map(OsString::from);
    let ended = obey(words, &catalogue(), &mut out);
    (String::from_utf8(out).expect("text"), ended)
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("synod-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn teams_stand_side_by_side_with_their_setting_and_intervals() {
    let (text, ended) = said("compare --seeds 0..60");
    assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
    for part in ["5 agents, 5 models (grounded", "task diagnose", "last_speaker", "raft", "0.0%", "[0.0,\u{a0}6.0]"] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(text.contains("kinds beyond its promises: "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 170 || line.contains("beyond its promises")), "{text}");
    let (only, _) = said("compare --seeds 0..20 --teams raft --task plan --profile stress");
    assert!(!only.contains("last_speaker") && only.contains("task plan") && only.contains("(stress"), "{only}");
}

#[test]
fn the_same_seeds_give_the_same_bytes_on_any_number_of_threads() {
    let folder = folder("compare");
    let written = |jobs: u32| {
        let (plot, out) = (folder.join(format!("{jobs}.svg")), folder.join(jobs.to_string()));
        let line =
            format!("compare --seeds 0..12 --jobs {jobs} --json --plot {} --out {}", plot.display(), out.display());
        let (text, ended) = said(&line);
        assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
        let [json, table] =
            ["comparison.json", "comparison.txt"].map(|file| fs::read(out.join(file)).expect("written"));
        assert_eq!(String::from_utf8(json).expect("text"), text);
        (text, table, fs::read(plot).expect("drawn"))
    };
    let once = written(1);
    assert!(once == written(3));
    let json: Value = serde_json::from_str(&once.0).expect("JSON");
    assert_eq!(json["curves"][0]["curves"][1]["points"].as_array().expect("points").len(), 7);
    let raft = &json["comparisons"][1];
    for figure in ["latency_p50", "latency_p99", "messages", "model_calls", "tokens", "dollars"] {
        assert!(raft[figure]["least"].is_number() || figure == "latency_p99", "{figure} of {raft}");
        assert!(raft[figure]["value"].is_number(), "{figure} of {raft}");
    }
    assert_eq!(raft["violated"]["of"], 12);
    fs::remove_dir_all(&folder).expect("a folder of our own");
}

#[test]
fn an_ablation_says_what_changes_and_which_property_breaks_with_which_seed() {
    let (text, ended) = said("compare --ablate raft --seeds 0..30");
    assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
    for part in ["verbatim adoption", "unsafe runs, %", "violates agreement in 30 runs, first with seed 0", "no faults"]
    {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
}

#[test]
fn versions_of_a_scenario_stand_side_by_side_with_what_the_better_one_costs() {
    let story = |name: &str, tries: u64| {
        let body = move |sim: Sim| async move {
            sim.task(crate::model::Diagnose::generate).team(1, move |agent: Agent| async move {
                let mut last = None;
                for _ in 0..tries {
                    last = agent.ask::<<crate::model::Diagnose as Task>::Reply>(agent.task()).await.ok().or(last);
                }
                agent.decide(last).await
            });
            sim.run_for(crate::time::minutes(5)).await;
        };
        Box::new(Story::new(name, body)) as Box<dyn Runnable>
    };
    let catalogue =
        Catalogue::of(vec![story("once", 1), story("thrice", 3)]).pairing(vec![Pairing::of("once", ["thrice"])]);
    let said = |line: &str| {
        let mut out = Vec::new();
        let ended =
            obey(std::iter::once("synod").chain(line.split_whitespace()).map(OsString::from), &catalogue, &mut out);
        (String::from_utf8(out).expect("text"), ended)
    };
    let (text, ended) = said("compare --policies --seeds 0..40");
    assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
    for part in ["once", "thrice", "↳ more than usual", "failed runs", "decision"] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    let (json, _) = said("compare --policies thrice --seeds 0..40 --json");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let versions = &json["policies"][0]["versions"];
    assert_eq!(versions[0]["model_calls"]["value"].as_f64(), Some(1.0), "{versions:#}");
    let price = &versions[1]["price"];
    assert_eq!(price["model_calls"]["value"].as_f64(), Some(2.0), "{price:#}");
    assert!(price["tokens"]["least"].as_f64().is_some_and(|least| least > 0.0), "{price:#}");
    let (_, refused) = said("compare --policies storm");
    assert_eq!(refused, Err("there are no versions of 'storm' to compare, only of once".to_owned()));
}

/// Tells the time, if anyone asks.
struct Ask;

impl Service for Ask {
    type Arguments = BTreeMap<String, u64>;
    type Output = u64;
    type State = u64;
    const NAME: &'static str = "ask";
    const ABOUT: &'static str = "Says how often it was asked.";

    fn call(&self, asked: &mut u64, _: BTreeMap<String, u64>) -> Result<u64, String> {
        *asked += 1;
        Ok(*asked)
    }
}

#[test]
fn calls_of_the_versions_of_one_matter_are_drawn_over_time() {
    let story = |name: &str, calls: u64| {
        let body = move |sim: Sim| async move {
            sim.team(1, move |agent: Agent| async move {
                for number in 0..calls {
                    let id = number.to_string();
                    let call = ToolCall { id, name: Ask::NAME.to_owned(), arguments: "{}".to_owned() };
                    agent.call(&call).await?;
                    agent.sleep(seconds(10)).await;
                }
                agent.decide("asked").await
            });
            sim.tools(Toolbox::default().with(Ask)).run_for(minutes(2)).await;
        };
        Box::new(Story::new(name, body)) as Box<dyn Runnable>
    };
    let stories = vec![story("often", 8), story("seldom", 2), story("never", 0), story("not_once", 0)];
    let pairings = vec![Pairing::of("often", ["seldom"]), Pairing::of("never", ["not_once"])];
    let catalogue = Catalogue::of(stories).pairing(pairings);
    let folder = folder("over-time");
    let plot = folder.join("calls.svg");
    let said = |names: &str| {
        let line = format!("synod compare --policies {names} --seeds 0..3 --plot {}", plot.display());
        let mut out = Vec::new();
        let ended = obey(line.split_whitespace().map(OsString::from), &catalogue, &mut out);
        (String::from_utf8(out).expect("text"), ended)
    };
    let (text, ended) = said("often");
    assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
    assert!(text.contains(&format!("written: {}", plot.display())), "{text}");
    let drawn = fs::read_to_string(&plot).expect("drawn");
    for part in ["often and its better versions, seeds 0..3", "seldom", "Calls answered in time"] {
        assert!(drawn.contains(part), "{part:?} is missing in the picture");
    }
    fs::remove_dir_all(&folder).expect("a folder of our own");
    assert_eq!(said("never").1, Err("no version of never calls a tool: there is nothing to draw".to_owned()));
    let refused = said("all").1.expect_err("two matters");
    assert!(refused.contains("one matter") && !plot.exists(), "{refused}");
}

#[test]
fn patterns_stand_on_every_store_and_channel_or_on_those_that_are_named() {
    let (text, ended) = said("compare --seeds 0..2 --json --patterns pair");
    assert_eq!(ended, Ok(Exit::AsSaid), "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["cells"].as_array().map(Vec::len), Some(16));
    let first = &json["cells"][0];
    assert!(first["store"] == "weak" && first["channel"] == "unordered", "{first}");
    assert!(first["stronger_store"]["lines"] == 1 && first["stronger_channel"]["lines"] == 1, "{first}");
    assert!(json["by_documentation"][0]["source"].as_str().is_some_and(|source| source.starts_with("https://")));
    for (name, cells) in [("pair.causal.causal", 1), ("pair.weak", 4), ("pair.causal", 7), ("pair.fifo,pair.fifo", 4)] {
        let (text, _) = said(&format!("compare --seeds 0..1 --json --patterns {name}"));
        let json: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["cells"].as_array().map(Vec::len), Some(cells), "{name}");
    }
    let folder = folder("patterns");
    let plot = folder.join("heat.svg");
    let (text, _) = said(&format!("compare --seeds 0..2 --patterns pair --plot {}", plot.display()));
    assert!(text.contains("pair") && text.contains("by documentation"), "{text}");
    assert!(fs::read_to_string(&plot).expect("drawn").contains("unordered"));
    fs::remove_dir_all(&folder).expect("a folder of our own");
}

#[test]
fn what_cannot_be_compared_is_refused_with_what_can() {
    for (line, part) in [
        ("compare --teams raft,rraft", "there is no team 'rraft' to compare, only last_speaker, raft"),
        ("compare --task tea", "there is no task 'tea': the built-in tasks are diagnose, plan"),
        ("compare --profile saint", "there is no profile 'saint': this version has perfect, careful"),
        ("compare --ablate last_speaker", "'last_speaker' has no rule that can be switched off"),
        ("compare --teams raft --scenarios all", "cannot be used with"),
        ("compare --patterns pear", "there is no pattern 'pear', only pair"),
        ("compare --patterns pair.weka", "'weka' is neither a store (weak, eventual, causal, strong) nor a channel"),
        ("compare --patterns pair.fifo.weak", "there is no cell 'pair.fifo.weak': pair goes on cells like pair.weak"),
        ("compare --seeds 0..2 --plot /dev/null/x.svg", "cannot write /dev/null/x.svg"),
    ] {
        let (text, ended) = said(line);
        let refusal = ended.expect_err(line);
        assert!(refusal.contains(part) && !refusal.contains('\n') && text.is_empty(), "{line}: {refusal}");
    }
}
