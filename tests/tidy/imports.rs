//! Which module may import which: the table of ARCHITECTURE.md, and the paths of a file resolved against it.

use super::rules::Finding;
use super::source::{Source, is_word};

/// Open to every module, and importing nothing but each other.
const FLOOR: &[&str] = &["id", "time", "seed", "digest", "fact", "fault", "call", "text", "planted"];

/// Every other module with what it may import besides the floor and itself. A row further down never serves one above.
const TABLE: &[(&str, &[&str])] = &[
    ("history", &[]),
    ("spec", &[]),
    ("check", &["history", "spec"]),
    // Strategies for laws, users' and our own: protocols' tests draw from them.
    ("arbitrary", &["history"]),
    ("protocol", &["arbitrary"]),
    ("policy", &[]),
    ("model", &["protocol", "policy"]),
    ("tool", &["history", "policy", "model"]),
    ("agent", &["protocol", "policy", "model", "tool"]),
    ("trace", &["history"]),
    ("world", &["history", "protocol", "policy", "model", "tool", "agent", "trace"]),
    // Refuses to work where a world runs.
    ("live", &["model", "world"]),
    ("scenario", &["history", "spec", "check", "protocol", "policy", "model", "tool", "agent", "trace", "world"]),
    ("explore", &["history", "spec", "check", "protocol", "policy", "model", "agent", "trace", "world", "scenario"]),
    (
        "runtime",
        &["history", "spec", "check", "protocol", "policy", "model", "agent", "trace", "world", "scenario", "explore"],
    ),
    // Views walk the history for what witnesses point at, and take runs and sweeps as they come.
    ("report", &["history", "trace", "check", "scenario", "explore"]),
    ("testing", EVERYTHING),
    ("command", EVERYTHING),
];

/// Every module with a row: the attribute's run time and the command line put all of them together.
const EVERYTHING: &[&str] = &[
    "history", "spec", "check", "protocol", "policy", "model", "tool", "agent", "trace", "world", "scenario",
    "explore", "runtime", "report", "testing", "command",
];

/// Exported macros live at the root whatever module they are written in.
const ROOT_MACROS: &[&str] = &["digestible"];

/// Finds imports that the table does not allow.
pub fn against_the_table(source: &Source) -> Vec<Finding> {
    let Some(module) = module_of(source) else { return Vec::new() };
    let mut findings = Vec::new();
    if !is_known(&module[0]) {
        let remedy = format!("module `{}` has no row in the table of tests/tidy/imports.rs: add one", module[0]);
        findings.push(Finding { line: 1, message: remedy });
        return findings;
    }
    for import in Resolver::new(source, module.clone()).imports() {
        let target = import.path.first().map_or("*", String::as_str);
        if let Some(reason) = refusal(&module[0], target) {
            findings.push(Finding { line: import.line, message: reason });
        }
    }
    findings
}

fn refusal(importer: &str, target: &str) -> Option<String> {
    if target == importer || FLOOR.contains(&target) || ROOT_MACROS.contains(&target) {
        return None;
    }
    if !is_known(target) {
        return Some(format!("`{target}` is not a module of the table: name the module where the item lives"));
    }
    let allowed = TABLE.iter().find(|(name, _)| *name == importer).map_or(&[][..], |(_, allowed)| allowed);
    let remedy = "move the shared part down to a module that both may import";
    (!allowed.contains(&target)).then(|| format!("`{importer}` may not import `{target}`: {remedy}"))
}

fn is_known(module: &str) -> bool {
    FLOOR.contains(&module) || TABLE.iter().any(|(name, _)| *name == module)
}

/// The module a file is, from the crate's root. The root itself only declares and re-exports, so it has none.
fn module_of(source: &Source) -> Option<Vec<String>> {
    let mut names: Vec<String> = source.in_library()?.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| last == "mod" || last == "lib") {
        names.pop();
    }
    (!names.is_empty()).then_some(names)
}

/// One path that a file names, from the crate's root.
struct Import {
    line: usize,
    path: Vec<String>,
}

struct Token {
    line: usize,
    text: String,
}

/// Walks over a file's tokens, keeping track of the module it is in.
struct Resolver {
    tokens: Vec<Token>,
    module: Vec<String>,
    /// For every open brace, whether it opened an inline module.
    braces: Vec<Brace>,
    found: Vec<Import>,
}

#[derive(PartialEq, Eq)]
enum Brace {
    Module,
    Other,
}

impl Resolver {
    fn new(source: &Source, module: Vec<String>) -> Resolver {
        Resolver { tokens: tokens(&source.code), module, braces: Vec::new(), found: Vec::new() }
    }

    fn imports(mut self) -> Vec<Import> {
        let mut place = 0;
        while place < self.tokens.len() {
            place = self.step(place);
        }
        self.found
    }

    fn text(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", |token| &token.text)
    }

    /// Reads what begins at `place` and says where to go on.
    fn step(&mut self, place: usize) -> usize {
        match self.text(place) {
            "mod" if self.text(place + 2) == "{" => {
                self.module.push(self.text(place + 1).to_owned());
                self.braces.push(Brace::Module);
                place + 3
            }
            "{" => {
                self.braces.push(Brace::Other);
                place + 1
            }
            "}" => {
                if self.braces.pop() == Some(Brace::Module) {
                    self.module.pop();
                }
                place + 1
            }
            "crate" | "synod" | "super" | "self" if self.begins_path(place) => self.tree(place, &self.module.clone()),
            _ => place + 1,
        }
    }

    /// Whether a path begins here: `crate::…`, or the whole crate under another name.
    fn begins_path(&self, place: usize) -> bool {
        let renamed = self.text(place) != "self" && self.text(place + 1) == "as";
        self.text(place + 1) == "::" || renamed
    }

    /// Reads one branch of a path that continues `base`, records where each of its leaves leads, and returns its end.
    fn tree(&mut self, mut place: usize, base: &[String]) -> usize {
        let line = self.tokens[place].line;
        let mut path = base.to_vec();
        loop {
            match self.text(place) {
                "{" => return self.group(place + 1, &path),
                "crate" | "synod" => path.clear(),
                "super" => {
                    path.pop();
                }
                "self" => {}
                name => path.push(name.to_owned()),
            }
            place += 1;
            if self.text(place) != "::" || self.text(place + 1) == "<" {
                self.found.push(Import { line, path });
                return place;
            }
            place += 1;
        }
    }

    fn group(&mut self, mut place: usize, base: &[String]) -> usize {
        while !matches!(self.text(place), "}" | "") {
            place = match self.text(place) {
                "," => place + 1,
                "as" => place + 2,
                _ => self.tree(place, base),
            };
        }
        place + 1
    }
}

/// Words, `::` and single characters, each with its line.
fn tokens(code: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                _ if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token { line: number + 1, text: text.to_owned() });
            rest = after.trim_start();
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_no_cycle() {
        for (row, (name, allowed)) in TABLE.iter().enumerate().filter(|(_, (_, allowed))| *allowed != EVERYTHING) {
            for target in *allowed {
                let above = TABLE[..row].iter().any(|(upper, _)| upper == target);
                assert!(above, "`{name}` may import `{target}`, which stands below it");
            }
        }
    }
}
