//! The house rules, each a small function from a file to what breaks it. Knows no file system.

use super::functions::functions;
use super::imports;
use super::source::{Source, is_word};

/// What is wrong on one line, and the remedy.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, then what to do.
    pub message: String,
}

/// A rule that every Rust file keeps.
pub struct Rule {
    /// What fixtures and self-tests call it.
    pub name: &'static str,
    /// Finds what breaks it.
    pub find: fn(&Source) -> Vec<Finding>,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule { name: "imports", find: imports::against_the_table },
    Rule { name: "madsim", find: madsim_outside_the_runtime },
    Rule { name: "floats", find: floats_in_a_run },
    Rule { name: "long file", find: long_file },
    Rule { name: "long function", find: long_functions },
    Rule { name: "wide line", find: wide_lines },
    Rule { name: "undocumented", find: undocumented_module },
    Rule { name: "unfinished", find: unfinished },
    Rule { name: "ignored", find: ignored_tests },
];

/// More than fits on a few screens is more than one idea.
const FILE_LINES: usize = 500;
/// A function is read at once, so it fits on one screen.
const FUNCTION_LINES: usize = 70;
/// As in rustfmt.toml, which leaves comments and strings alone.
const LINE_WIDTH: usize = 120;

/// Files that a program wrote: columns of numbers, which a reader never reads and a split would only scatter.
const GENERATED: &[&str] = &["sim/seed/beta.rs", "sim/seed/tables.rs"];

/// Modules that decide what happens in a run. `ln`, `exp` and `powf` differ between machines, so none may compute in
/// floats; reports may, and the shell that times sweeps.
const FLOATLESS: &[&str] = &[
    "id", "time", "seed", "digest", "fact", "fault", "call", "history", "spec", "check", "protocol", "policy", "model",
    "agent", "trace", "world", "scenario",
];

/// Where floats are named and never computed with, each for its reason.
const FLOAT_CARRIERS: &[&str] = &[
    // Serde's traits name both types; a float in a user's own message is digested by its bits.
    "sim/agent/canonical.rs",
    // A user's reply type may hold a float; lies about it must still fit its schema.
    "sim/model/tests/lies.rs",
    // So may a confidence.
    "sim/model/scale.rs",
    // Closed forms that measured shares are held against; nothing of them reaches a run.
    "sim/model/tests/paces.rs",
    "sim/model/tests/teams.rs",
];

fn madsim_outside_the_runtime(source: &Source) -> Vec<Finding> {
    let allowed = source.in_library().is_none_or(|rest| rest.starts_with("runtime/") || rest == "runtime.rs");
    if allowed && !source.path.starts_with("scenarios/") {
        return Vec::new();
    }
    let uses = |line: &str| {
        let line = line.replace("(madsim)", "");
        words(&line).any(|(_, word)| word == "madsim")
    };
    let remedy = "only `runtime` may name madsim: take what you need through a trait it implements";
    each_line(&source.code, |line| uses(line).then(|| remedy.to_owned()))
}

fn floats_in_a_run(source: &Source) -> Vec<Finding> {
    let module = source.in_library().and_then(|rest| rest.split(['/', '.']).next());
    let floatless = module.is_some_and(|module| FLOATLESS.contains(&module));
    if !floatless || FLOAT_CARRIERS.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let remedy = "floats differ in their last bits between machines: use integers, a Ratio or a quantile table";
    each_line(&source.code, |line| has_float(line).then(|| remedy.to_owned()))
}

fn has_float(line: &str) -> bool {
    words(line).any(|(place, word)| {
        let number = word.starts_with(|first: char| first.is_ascii_digit());
        let field = line[..place].ends_with('.') && !line[..place].ends_with("..");
        let after = &line[place + word.len()..];
        let point = after.strip_prefix('.').is_some_and(|rest| !rest.starts_with(is_float_stop));
        let radix = ["0x", "0b", "0o"].iter().any(|prefix| word.starts_with(prefix));
        let suffix = word.ends_with("f32") || word.ends_with("f64");
        match number {
            true => !field && !radix && (point || suffix || word.contains(['e', 'E']) && !word.ends_with("size")),
            false => word == "f32" || word == "f64",
        }
    })
}

/// After the point of a number: a range goes on with another point, a method call with a name.
fn is_float_stop(next: char) -> bool {
    next == '.' || next == '_' || next.is_alphabetic()
}

fn long_file(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    let long = lines > FILE_LINES && !is_generated(source);
    let message = format!("{lines} lines, more than {FILE_LINES}: move one idea to a file of its own");
    if long { vec![Finding { line: FILE_LINES + 1, message }] } else { Vec::new() }
}

fn long_functions(source: &Source) -> Vec<Finding> {
    let long = functions(&source.code).into_iter().filter(|function| function.lines() > FUNCTION_LINES);
    long.map(|function| {
        let lines = function.lines();
        let message = format!("`{}` has {lines} lines, more than {FUNCTION_LINES}: name its parts", function.name);
        Finding { line: function.first_line, message }
    })
    .collect()
}

fn wide_lines(source: &Source) -> Vec<Finding> {
    if is_generated(source) {
        return Vec::new();
    }
    each_line(&source.text, |line| {
        let width = line.chars().count();
        (width > LINE_WIDTH).then(|| format!("{width} columns, more than {LINE_WIDTH}: break the line"))
    })
}

fn undocumented_module(source: &Source) -> Vec<Finding> {
    let message = "begin with `//!`: what this module knows, and what it does not".to_owned();
    if source.text.starts_with("//! ") { Vec::new() } else { vec![Finding { line: 1, message }] }
}

fn unfinished(source: &Source) -> Vec<Finding> {
    let macros = each_line(&source.code, |line| {
        let unfinished = |(place, word): (usize, &str)| {
            matches!(word, "todo" | "unimplemented") && line[place + word.len()..].starts_with('!')
        };
        words(line).any(unfinished).then(|| "unfinished code: finish it or leave it out".to_owned())
    });
    let marks = each_line(&source.text, |line| {
        let marked = words(line).any(|(_, word)| matches!(word, concat!("TO", "DO") | concat!("FIX", "ME")));
        marked.then(|| "a note to do it later: do it, or open an issue".to_owned())
    });
    macros.into_iter().chain(marks).collect()
}

fn ignored_tests(source: &Source) -> Vec<Finding> {
    let remedy = "a test that never runs: assert what happens today and say that it is wrong";
    each_line(&source.code, |line| {
        let line: String = line.split_whitespace().collect();
        (line.contains("#[ignore]") || line.contains("#[ignore=")).then(|| remedy.to_owned())
    })
}

/// Finds paths that exist on one machine only. Unlike the rules, it reads every committed text.
pub fn machine_paths(text: &str) -> Vec<Finding> {
    // Spelled in halves, or this file would find itself.
    let roots = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let goes_on = |before: char| is_word(before) || ".-}".contains(before);
    let starts_path =
        |line: &str, root: &str| line.match_indices(root).any(|(place, _)| !line[..place].ends_with(goes_on));
    each_line(text, |line| {
        let found = roots.iter().find(|root| starts_path(line, root))?;
        Some(format!("`{found}…` exists on one machine only: write a path from the repository's root"))
    })
}

fn is_generated(source: &Source) -> bool {
    GENERATED.contains(&source.path.as_str())
}

fn each_line(text: &str, judge: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines.filter_map(|(place, line)| Some(Finding { line: place + 1, message: judge(line)? })).collect()
}

/// The words of a line, each with the byte at which it starts.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.split(|letter| !is_word(letter))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
}
