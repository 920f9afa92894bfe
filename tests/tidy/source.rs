//! A source file and a copy of it that holds code alone. Knows Rust's comments and literals, and no rule.

/// One Rust file under judgement.
pub struct Source {
    /// Where it is, from the repository's root, with forward slashes.
    pub path: String,
    /// As written.
    pub text: String,
    /// The same lines and columns, but every comment and every literal's inside replaced by spaces.
    pub code: String,
}

impl Source {
    /// A file at this path with this text.
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned(), code: Blanker::new(text).blank() }
    }

    /// The path below `sim/`, if the file belongs to the library proper and not to its macro crate.
    pub fn in_library(&self) -> Option<&str> {
        self.path.strip_prefix("sim/").filter(|rest| !rest.starts_with("macros/"))
    }
}

/// The line, from 1, on which a character of the text stands.
pub fn line_at(text: &[char], place: usize) -> usize {
    1 + text[..place].iter().filter(|letter| **letter == '\n').count()
}

/// Whether a character can be part of an identifier.
pub fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Walks over a text once and copies what is code.
struct Blanker {
    text: Vec<char>,
    place: usize,
    code: String,
}

impl Blanker {
    fn new(text: &str) -> Blanker {
        Blanker { text: text.chars().collect(), place: 0, code: String::with_capacity(text.len()) }
    }

    fn blank(mut self) -> String {
        while let Some(letter) = self.at(0) {
            match (letter, self.at(1)) {
                ('/', Some('/')) => self.drop_until(|rest| rest.at(0) == Some('\n')),
                ('/', Some('*')) => self.drop_block_comment(),
                ('"', _) => self.drop_string(),
                ('r', _) if self.starts_raw_string() => self.drop_raw_string(),
                ('\'', _) => self.drop_character_or_keep_lifetime(),
                _ => self.keep(),
            }
        }
        self.code
    }

    fn at(&self, ahead: usize) -> Option<char> {
        self.text.get(self.place + ahead).copied()
    }

    fn keep(&mut self) {
        self.code.extend(self.at(0));
        self.place += 1;
    }

    fn drop(&mut self) {
        self.code.extend(self.at(0).map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        self.place += 1;
    }

    fn drop_until(&mut self, end: impl Fn(&Blanker) -> bool) {
        while self.at(0).is_some() && !end(self) {
            self.drop();
        }
    }

    fn drop_block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.at(0), self.at(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.drop();
                    continue;
                }
            }
            self.drop();
            self.drop();
            if depth == 0 {
                return;
            }
        }
    }

    fn drop_string(&mut self) {
        self.keep();
        while let Some(letter) = self.at(0).filter(|letter| *letter != '"') {
            if letter == '\\' {
                self.drop();
            }
            self.drop();
        }
        self.keep();
    }

    /// At an `r`: whether hashes and a quote follow, and no identifier ends here (`br` and `cr` are prefixes, too).
    fn starts_raw_string(&self) -> bool {
        let word = self.text[..self.place].iter().rev().take_while(|letter| is_word(**letter)).count();
        let prefixed = word == 0 || (word == 1 && matches!(self.text[self.place - 1], 'b' | 'c'));
        prefixed && self.at(1 + self.hashes()) == Some('"')
    }

    fn hashes(&self) -> usize {
        self.text[self.place + 1..].iter().take_while(|letter| **letter == '#').count()
    }

    fn drop_raw_string(&mut self) {
        let hashes = self.hashes();
        (0..hashes + 2).for_each(|_| self.keep());
        self.drop_until(|rest| rest.at(0) == Some('"') && (1..=hashes).all(|ahead| rest.at(ahead) == Some('#')));
        (0..=hashes).for_each(|_| self.keep());
    }

    fn drop_character_or_keep_lifetime(&mut self) {
        let escaped = self.at(1) == Some('\\');
        self.keep();
        if escaped {
            self.drop();
            self.drop();
            self.drop_until(|rest| rest.at(0) == Some('\''));
            self.keep();
        } else if self.at(1) == Some('\'') {
            self.drop();
            self.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_code_and_drops_comments_and_literals() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("a\"{b") {"#, r#"f("     ") {"#),
            (r##"r#"a"{"# b"##, r##"r#"   "# b"##),
            (r#"br"{" xr"{""#, r#"br" " xr" ""#),
            ("'{' '\\'' '\\u{7b}' &'a str", "' ' '  ' '      ' &'a str"),
            ("'\"' {", "' ' {"),
        ];
        for (text, code) in cases {
            assert_eq!(Source::new("x.rs", text).code, code, "{text}");
        }
    }
}
