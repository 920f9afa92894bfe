//! What the attribute must know of its arguments and of the function below it. Knows no compiler type.

/// A token tree, as far as the attribute cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// An identifier or keyword.
    Word(String),
    /// A punctuation character.
    Mark(char),
    /// A literal, as written.
    Literal(String),
    /// What stands in parentheses.
    Round(Vec<Token>),
    /// Something in brackets.
    Square,
    /// Braces and invisible groups.
    Other,
}

impl Token {
    fn is_word(&self, text: &str) -> bool {
        matches!(self, Token::Word(word) if word == text)
    }
}

/// Seeds of a test that does not say how many: enough for rare interleavings, few enough for a second or two.
const SEEDS: u64 = 1_000;

/// What stands in `#[synod::test(…)]`.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// How many seeds to run.
    pub seeds: u64,
}

impl Arguments {
    /// Reads the arguments, or says in one line what to write instead.
    pub fn of(tokens: &[Token]) -> Result<Arguments, String> {
        let mut seeds = None;
        for argument in tokens.split(|token| *token == Token::Mark(',')) {
            let [name, rest @ ..] = argument else { continue };
            if !name.is_word("seeds") {
                return Err("the only argument of #[synod::test] is the number of seeds: write `seeds = 1_000`".into());
            }
            let [Token::Mark('='), Token::Literal(text)] = rest else { return Err(bad_seeds()) };
            if seeds.replace(count(text)?).is_some() {
                return Err("`seeds` is given twice: keep one".into());
            }
        }
        Ok(Arguments { seeds: seeds.unwrap_or(SEEDS) })
    }
}

/// A positive decimal integer; underscores and a `u64` suffix are welcome.
fn count(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches("u64").replace('_', "");
    match digits.parse() {
        Ok(0) => Err("a test over 0 seeds tests nothing: write at least `seeds = 1`".into()),
        Ok(count) => Ok(count),
        Err(_) => Err(bad_seeds()),
    }
}

fn bad_seeds() -> String {
    "`seeds` takes a whole decimal number: write `seeds = 1_000`".into()
}

/// Where the parts of the function are among its tokens.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// How many tokens its attributes take.
    pub attributes: usize,
    /// The place of its name.
    pub name: usize,
}

impl Function {
    /// Finds the parts, or says in one line what to write instead.
    pub fn of(tokens: &[Token]) -> Result<Function, String> {
        let attributes = 2 * tokens.chunks(2).take_while(|pair| is_attribute(pair)).count();
        let visibility = match &tokens[attributes..] {
            [vis, Token::Round(_), ..] if vis.is_word("pub") => 2,
            [vis, ..] if vis.is_word("pub") => 1,
            _ => 0,
        };
        match &tokens[attributes + visibility..] {
            [asynchronous, function, Token::Word(_), after, ..]
                if asynchronous.is_word("async") && function.is_word("fn") =>
            {
                takes_one_parameter(after)?;
                Ok(Function { attributes, name: attributes + visibility + 2 })
            }
            [function, Token::Word(name), ..] if function.is_word("fn") => {
                Err(format!("#[synod::test] needs an async function: write `async fn {name}(sim: Sim)`"))
            }
            _ => Err("#[synod::test] goes on a function: write `async fn name(sim: Sim) { … }` below it".into()),
        }
    }
}

fn is_attribute(pair: &[Token]) -> bool {
    matches!(pair, [Token::Mark('#'), Token::Square])
}

fn takes_one_parameter(after_name: &Token) -> Result<(), String> {
    match after_name {
        Token::Round(parameters) => match parameter_count(parameters) {
            1 => Ok(()),
            0 => Err("a #[synod::test] function takes the simulation: write `(sim: Sim)`".into()),
            more => Err(format!(
                "a #[synod::test] function takes the simulation only, not {more} parameters: write `(sim: Sim)`"
            )),
        },
        _ => Err("a #[synod::test] function cannot be generic: remove its type parameters".into()),
    }
}

/// Counts by the commas that stand outside angle brackets.
fn parameter_count(parameters: &[Token]) -> usize {
    let mut angles = 0usize;
    let mut count = 0;
    let mut empty = true;
    for (place, token) in parameters.iter().enumerate() {
        match token {
            Token::Mark('<') => angles += 1,
            Token::Mark('>') if place == 0 || parameters[place - 1] != Token::Mark('-') => {
                angles = angles.saturating_sub(1);
            }
            Token::Mark(',') if angles == 0 => {
                empty = true;
                continue;
            }
            _ => {}
        }
        count += usize::from(empty);
        empty = false;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens of a text in which everything is set apart by spaces.
    fn tokens(text: &str) -> Vec<Token> {
        let mut open = vec![Vec::new()];
        for word in text.split_whitespace() {
            let token = match word {
                "(" => {
                    open.push(Vec::new());
                    continue;
                }
                ")" => Token::Round(open.pop().expect("balanced parentheses")),
                "[]" => Token::Square,
                "{}" => Token::Other,
                _ if word.starts_with(|first: char| first.is_ascii_digit() || first == '"') => {
                    Token::Literal(word.into())
                }
                _ if word.starts_with(|first: char| first.is_alphabetic() || first == '_') => Token::Word(word.into()),
                _ => Token::Mark(word.chars().next().expect("a word is not empty")),
            };
            open.last_mut().expect("balanced parentheses").push(token);
        }
        open.pop().expect("balanced parentheses")
    }

    #[test]
    fn reads_the_number_of_seeds() {
        for (text, seeds) in [("", 1_000), ("seeds = 25", 25), ("seeds = 10_000 ,", 10_000), ("seeds = 7u64", 7)] {
            assert_eq!(Arguments::of(&tokens(text)), Ok(Arguments { seeds }), "{text}");
        }
    }

    #[test]
    fn refuses_arguments_with_their_remedy() {
        let cases = [
            ("fresh = 1", "only argument"),
            ("25", "only argument"),
            ("seeds", "whole decimal number"),
            ("seeds = many", "whole decimal number"),
            ("seeds = \"9\"", "whole decimal number"),
            ("seeds = 1.5", "whole decimal number"),
            ("seeds = 0", "tests nothing"),
            ("seeds = 1 , seeds = 2", "twice"),
        ];
        for (text, part) in cases {
            let remedy = Arguments::of(&tokens(text)).expect_err(text);
            assert!(remedy.contains(part), "{text}: {remedy}");
        }
    }

    #[test]
    fn finds_the_parts_of_a_function() {
        let cases = [
            ("async fn agree ( sim : Sim ) {}", 0, 2),
            ("async fn agree ( mut sim : Sim , ) - > Result < ( ) , Error > {}", 0, 2),
            ("async fn agree ( sim : Sim < A , B > ) {}", 0, 2),
            ("# [] # [] pub ( crate ) async fn agree ( sim : Sim ) {}", 4, 8),
            ("# [] pub async fn agree ( sim : Sim ) {}", 2, 5),
        ];
        for (text, attributes, name) in cases {
            assert_eq!(Function::of(&tokens(text)), Ok(Function { attributes, name }), "{text}");
        }
    }

    #[test]
    fn refuses_a_function_with_its_remedy() {
        let cases = [
            ("fn agree ( sim : Sim ) {}", "write `async fn agree(sim: Sim)`"),
            ("struct Agree ;", "goes on a function"),
            ("", "goes on a function"),
            ("async fn agree ( ) {}", "takes the simulation: write"),
            ("async fn agree ( sim : Sim , seed : u64 ) {}", "not 2 parameters"),
            ("async fn agree < T > ( sim : Sim ) {}", "cannot be generic"),
        ];
        for (text, part) in cases {
            let remedy = Function::of(&tokens(text)).expect_err(text);
            assert!(remedy.contains(part), "{text}: {remedy}");
        }
    }
}
