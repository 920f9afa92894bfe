//! The README shows what CI compiles: its marked examples are sections of the newcomer's crate, word for word.
//!
//! `<!-- newcomer:NAME -->` above a Rust block of README.md names what stands between `// begin NAME` and `// end NAME`
//! in a file of `tests/fixtures/newcomer`, which `.ci/run` builds and tests outside the workspace.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A newcomer reads an example whole before trying it, so it fits on one screen.
const EXAMPLE_LINES: usize = 40;

/// The example that a newcomer reads first: a team with its task, and its test.
const WHOLE: [&str; 2] = ["team", "test"];

/// Code by its name.
type Examples = BTreeMap<String, String>;

#[test]
fn readme_examples_are_the_newcomers_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = blocks(&read(&root.join("README.md")));
    assert!(!shown.is_empty(), "README.md marks no example: write <!-- newcomer:NAME --> above a ```rust block");
    let mut compiled = Examples::new();
    collect(&root.join("tests/fixtures/newcomer"), &mut compiled);
    let wrong = differences(&shown, &compiled);
    assert!(wrong.is_empty(), "README.md:\n{}", wrong.join("\n"));
    let whole: usize = WHOLE.iter().map(|name| shown[*name].lines().count()).sum();
    assert!(whole <= EXAMPLE_LINES, "the whole example, task included, has {whole} lines: {EXAMPLE_LINES} at most");
}

#[test]
fn differences_are_found() {
    let readme = "text\n<!-- newcomer:a -->\n```rust\nfn a() {}\n\nfn b() {}\n```\n```rust\nunmarked\n```\n";
    let same = "use x;\n// begin a\nfn a() {}\n\nfn b() {}\n// end a\n";
    let long = "// begin a\nfn a() {}\n\nfn b() {}\n".to_owned() + &"step();\n".repeat(EXAMPLE_LINES) + "// end a\n";
    let cases = [
        (same, None),
        ("// begin a\nfn a() {}\n// end a\n", Some("differs at its line 2")),
        ("// begin a\nfn a() {}\n\nfn c() {}\n// end a\n", Some("differs at its line 3: `fn b() {}`, but `fn c() {}`")),
        ("// begin b\nfn a() {}\n// end b\n", Some("no section")),
        (&long, Some("differs at its line 4")),
    ];
    for (file, expected) in cases {
        let mut compiled = Examples::new();
        sections(file, &mut compiled);
        let wrong = differences(&blocks(readme), &compiled);
        let found = expected.is_none_or(|part| wrong.iter().any(|line| line.contains(part)));
        assert!(found && wrong.is_empty() == expected.is_none(), "{file}: {wrong:?}");
    }
}

#[test]
fn a_long_example_is_refused() {
    let lines = |count| Examples::from([("a".to_owned(), "step();\n".repeat(count))]);
    assert_eq!(differences(&lines(EXAMPLE_LINES), &lines(EXAMPLE_LINES)), Vec::<String>::new());
    let wrong = differences(&lines(EXAMPLE_LINES + 1), &lines(EXAMPLE_LINES + 1));
    assert!(wrong.len() == 1 && wrong[0].contains("41 lines"), "{wrong:?}");
}

/// What is wrong with the examples shown, one line each.
fn differences(shown: &Examples, compiled: &Examples) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, code) in shown {
        let lines = code.lines().count();
        if lines > EXAMPLE_LINES {
            wrong.push(format!("`{name}` has {lines} lines, more than {EXAMPLE_LINES}: show less"));
        }
        match compiled.get(name) {
            None => wrong.push(format!("`{name}` has no section in tests/fixtures/newcomer: write `// begin {name}`")),
            Some(section) => wrong.extend(first_difference(name, code, section)),
        }
    }
    wrong
}

fn first_difference(name: &str, shown: &str, compiled: &str) -> Option<String> {
    let longest = shown.lines().count().max(compiled.lines().count());
    let [shown, compiled] = [shown, compiled].map(|text| text.lines().collect::<Vec<_>>());
    let place = (0..longest).find(|place| shown.get(*place) != compiled.get(*place))?;
    let [ours, theirs] = [shown, compiled].map(|lines| lines.get(place).copied().unwrap_or("nothing"));
    Some(format!("`{name}` differs at its line {}: `{ours}`, but `{theirs}` in the newcomer's crate", place + 1))
}

/// The marked Rust blocks of a Markdown text.
fn blocks(markdown: &str) -> Examples {
    let mut found = Examples::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let mark = line.trim().strip_prefix("<!-- newcomer:").and_then(|rest| rest.strip_suffix("-->"));
        let Some(name) = mark.map(str::trim) else { continue };
        let opening = lines.next().unwrap_or_default();
        assert!(opening.starts_with("```rust"), "a ```rust block follows the mark of `{name}`, not `{opening}`");
        let code = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        assert!(found.insert(name.to_owned(), code).is_none(), "`{name}` is shown twice");
    }
    found
}

/// The named sections of a Rust text.
fn sections(text: &str, found: &mut Examples) {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("// begin ") else { continue };
        let end = format!("// end {name}");
        let code = lines.by_ref().take_while(|line| *line != end).map(|line| format!("{line}\n")).collect();
        assert!(found.insert(name.to_owned(), code).is_none(), "`{name}` has two sections");
    }
}

fn collect(folder: &Path, found: &mut Examples) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of a readable folder").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sections(&read(&path), found);
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
