//! Where functions begin and end. Knows braces and brackets in code whose literals are blank.

use super::source::{is_word, line_at};

/// One function with a body.
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub first_line: usize,
    /// The line of its closing brace.
    pub last_line: usize,
}

impl Function {
    /// How many lines it takes, signature and closing brace included.
    pub fn lines(&self) -> usize {
        self.last_line - self.first_line + 1
    }
}

/// Every function with a body, nested ones too.
pub fn functions(code: &str) -> Vec<Function> {
    let code: Vec<char> = code.chars().collect();
    (0..code.len()).filter(|place| begins_function(&code, *place)).filter_map(|place| read(&code, place)).collect()
}

fn begins_function(code: &[char], place: usize) -> bool {
    let apart = place == 0 || !is_word(code[place - 1]);
    apart && code[place..].starts_with(&['f', 'n', ' '])
}

/// Reads the function whose `fn` is at `place`; `None` if it has no name (a pointer type) or no body.
fn read(code: &[char], place: usize) -> Option<Function> {
    let name: String = code[place + 3..].iter().take_while(|letter| is_word(**letter)).collect();
    let body = body(code, place)?;
    let end = closing(code, body)?;
    let [first_line, last_line] = [place, end].map(|place| line_at(code, place));
    (!name.is_empty()).then_some(Function { name, first_line, last_line })
}

/// The opening brace, unless a semicolon outside all brackets ends the signature first.
fn body(code: &[char], place: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (place, letter) in code.iter().enumerate().skip(place) {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(place),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn closing(code: &[char], open: usize) -> Option<usize> {
    let mut depth = 0i32;
    code.iter().enumerate().skip(open).find_map(|(place, letter)| {
        depth += match letter {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        (depth == 0).then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_functions_with_their_lines() {
        let bodiless = "trait T {\n fn none(x: [u8; 2]);\n}\n";
        let nested = "fn some<F: Fn(fn (u8) -> u8)>(x: [u8; 2])\n{\n if x { }\n fn inner() { }\n}\n";
        let code = &format!("{bodiless}{nested}");
        let found: Vec<(String, usize)> = functions(code).into_iter().map(|f| (f.name.clone(), f.lines())).collect();
        assert_eq!(found, [("some".to_owned(), 5), ("inner".to_owned(), 1)]);
    }
}
