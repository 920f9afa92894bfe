//! The house rules as a test: layering, sizes, and words that do not belong. `CONTRIBUTING.md` says what they ask for.

mod functions;
mod imports;
mod rules;
mod source;

use rules::{Finding, RULES, machine_paths};
use source::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of Rust files under the rules.
const SOURCES: &[&str] = &["sim", "scenarios", "tests", "benches", "fuzz"];
/// Hidden folders that are committed; all others belong to tools.
const HIDDEN: &[&str] = &[".cargo", ".ci", ".github"];

#[test]
fn every_source_file_keeps_every_rule() {
    let mut broken = Vec::new();
    for path in files().iter().filter(|path| is_source(path)) {
        let source = Source::new(path, &read(path));
        for rule in RULES {
            broken.extend((rule.find)(&source).iter().map(|finding| report(path, finding)));
        }
    }
    assert!(broken.is_empty(), "house rules broken:\n{}", broken.join("\n"));
}

#[test]
fn no_file_names_a_machine() {
    let mut broken = Vec::new();
    for path in files() {
        // What is not UTF-8 is no text.
        let text = fs::read_to_string(root().join(&path)).unwrap_or_default();
        broken.extend(machine_paths(&text).iter().map(|finding| report(&path, finding)));
    }
    assert!(broken.is_empty(), "paths of one machine:\n{}", broken.join("\n"));
}

/// A fixture opens with `//! As PATH: …` and marks what it expects with `//~ RULE` at the end of the line.
#[test]
fn fixtures_break_what_they_say_and_nothing_else() {
    let fixtures: Vec<String> = files().into_iter().filter(|path| path.ends_with(".rs.txt")).collect();
    assert!(fixtures.len() >= 5, "the fixtures are gone: only {fixtures:?}");
    for fixture in fixtures {
        let text = read(&fixture);
        let opening = text.strip_prefix("//! As ").and_then(|rest| rest.split_once(':'));
        let path = opening.expect("a fixture names its path").0;
        let marks = text.lines().enumerate().filter_map(|(place, line)| Some((place + 1, line.split_once("//~ ")?.1)));
        assert_eq!(broken_rules(path, &text), marks.collect::<Vec<_>>(), "{fixture}");
    }
}

#[test]
fn every_rule_can_fail() {
    let long_function = format!("//! x\nfn long() {{\n{}}}\n", "    step();\n".repeat(69));
    let fits = format!("//! x\nfn fits() {{\n{}}}\n", "    step();\n".repeat(68));
    let wide = format!("//! {}\n", "ä".repeat(117));
    let cases: &[(&str, &str, &str, &[usize])] = &[
        ("imports", "sim/check/late.rs", "//! x\nuse crate::world::World;\n", &[2]),
        ("imports", "sim/fresh/mod.rs", "//! x\n", &[1]),
        ("madsim", "sim/world/clock.rs", "//! x\n#[cfg(madsim)]\nuse madsim::time;\n", &[3]),
        ("madsim", "sim/runtime/host.rs", "//! madsim\nuse madsim::time;\n", &[]),
        ("floats", "sim/model/late.rs", "//! 1.5\nlet x: f64 = y;\nlet z = 1e9;\nlet w = 0.5 ;\n", &[2, 3, 4]),
        ("floats", "sim/model/late.rs", "//! x\nlet x = 0x1e9 + t.0.1 + 1..2 + 7.max(2) + 3usize;\n", &[]),
        ("floats", "sim/report/late.rs", "//! x\nlet x: f64 = 1.5;\n", &[]),
        ("long file", "tests/long.rs", &"//! x\n".repeat(501), &[501]),
        ("long file", "tests/long.rs", &"//! x\n".repeat(500), &[]),
        ("long function", "tests/long.rs", &long_function, &[2]),
        ("long function", "tests/long.rs", &fits, &[]),
        ("wide line", "tests/wide.rs", &wide, &[1]),
        ("undocumented", "tests/bare.rs", "use std::fs;\n", &[1]),
        ("unfinished", "tests/later.rs", "//! x\nfn f() { todo!() }\nunimplemented!();\n// todo!()\n", &[2, 3]),
        ("unfinished", "tests/later.rs", concat!("//! x\n// TO", "DO: y\n// FIX", "ME\n"), &[2, 3]),
        ("ignored", "tests/later.rs", "//! #[ignore]\n#[ignore]\n#[ignore = \"slow\"]\nfn f() {}\n", &[2, 3]),
    ];
    for (name, path, text, lines) in cases {
        let expected: Vec<(usize, &str)> = lines.iter().map(|line| (*line, *name)).collect();
        assert_eq!(broken_rules(path, text), expected, "{text}");
    }
    for rule in RULES {
        assert!(cases.iter().any(|case| case.0 == rule.name && !case.3.is_empty()), "no case breaks {}", rule.name);
    }
}

#[test]
fn machine_paths_are_found() {
    let found = concat!("fine: a/wo", "rk/b\n\"/wo", "rk/main\"\nsee /ho", "me/me\n");
    assert_eq!(machine_paths(found).iter().map(|finding| finding.line).collect::<Vec<_>>(), [2, 3]);
}

/// The rules that a text breaks, with their lines, in the order of the lines.
fn broken_rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
    let source = Source::new(path, text);
    let mut broken = Vec::new();
    for rule in RULES {
        broken.extend((rule.find)(&source).iter().map(|finding| (finding.line, rule.name)));
    }
    broken.sort_unstable();
    broken.dedup();
    broken
}

fn report(path: &str, finding: &Finding) -> String {
    format!("{path}:{}: {}", finding.line, finding.message)
}

fn is_source(path: &str) -> bool {
    path.ends_with(".rs") && SOURCES.iter().any(|folder| path.split('/').next() == Some(folder))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every committed file, from the root, sorted. Build output is known by its folder's name.
fn files() -> Vec<String> {
    let mut found = Vec::new();
    collect(root(), &mut found);
    let from_root = |path: &PathBuf| {
        let path = path.strip_prefix(root()).expect("a file below the root");
        path.to_string_lossy().replace('\\', "/")
    };
    let mut found: Vec<String> = found.iter().map(from_root).collect();
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry of a readable folder").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let hidden = name.starts_with('.') && !HIDDEN.contains(&name);
        if path.is_dir() && !hidden && name != "target" && name != "out" && name != "synod-regressions" {
            collect(&path, found);
        } else if path.is_file() && !hidden {
            found.push(path);
        }
    }
}
