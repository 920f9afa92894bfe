//! The `#[synod::test]` attribute: an ordinary test around an async body that takes a simulation.
//!
//! Knows tokens and the shape of one function. What a test does with its seeds, `synod::testing` knows.

mod parse;

use parse::{Arguments, Function, Token};
use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Runs an async test body over many seeds.
///
/// The body takes the simulation and returns nothing or a `Result`. It runs over seeds 0 to `seeds`, 1,000 unless said
/// otherwise; the environment variables that override this are documented at `synod::testing`. Other attributes, such
/// as `#[should_panic]`, apply to the whole test.
///
/// ```text
/// #[synod::test(seeds = 200)]
/// async fn reviewers_agree(sim: Sim) {
///     sim.team(3, reviewer);
///     sim.run_for(minutes(10)).await;
///     sim.check(Agreement);
/// }
/// ```
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, function: TokenStream) -> TokenStream {
    let parsed = Arguments::of(&tokens(arguments)).and_then(|arguments| {
        let function = Function::of(&tokens(function.clone()))?;
        Ok((arguments, function))
    });
    match parsed {
        Ok((arguments, parsed)) => expand(&arguments, &parsed, function),
        Err(remedy) => code(&format!("::core::compile_error! {{ {remedy:?} }}")),
    }
}

/// The test function: the user's function nested in it as it was written, less its attributes, and one call.
fn expand(arguments: &Arguments, function: &Function, written: TokenStream) -> TokenStream {
    let mut attributes: Vec<TokenTree> = written.into_iter().collect();
    let nested = attributes.split_off(function.attributes);
    let name = nested[function.name - function.attributes].clone();
    let call = code(&format!(
        "::synod::testing::run(
            ::synod::testing::Case {{
                name: ::core::concat!(::core::module_path!(), \"::\", {text:?}),
                package: ::core::env!(\"CARGO_PKG_NAME\"),
                target: ::core::env!(\"CARGO_CRATE_NAME\"),
                manifest: ::core::env!(\"CARGO_MANIFEST_DIR\"),
                file: ::core::file!(),
                seeds: {seeds},
            }},
            {name},
        );",
        text = name.to_string(),
        seeds = arguments.seeds,
    ));
    let body: TokenStream = nested.into_iter().chain(call).collect();

    let mut test = TokenStream::from_iter(attributes);
    test.extend(code("#[::core::prelude::v1::test] fn"));
    test.extend([name, code("()").into_iter().next().expect("a pair of parentheses")]);
    test.extend([TokenTree::from(Group::new(Delimiter::Brace, body))]);
    test
}

fn code(text: &str) -> TokenStream {
    text.parse().expect("the attribute writes valid tokens")
}

/// The compiler's tokens as the parser's own, which also exist outside the compiler and so can be tested.
fn tokens(stream: TokenStream) -> Vec<Token> {
    stream
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(word) => Token::Word(word.to_string()),
            TokenTree::Punct(mark) => Token::Mark(mark.as_char()),
            TokenTree::Literal(literal) => Token::Literal(literal.to_string()),
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Parenthesis => Token::Round(tokens(group.stream())),
                Delimiter::Bracket => Token::Square,
                Delimiter::Brace | Delimiter::None => Token::Other,
            },
        })
        .collect()
}
