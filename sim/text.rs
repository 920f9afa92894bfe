//! One line of text out of any. Knows no format.

use std::fmt::Display;

/// The text with its line breaks and other control characters spelt out: a refusal that repeats what stands in a file
/// stays in its line.
pub(crate) fn one_line(text: impl Display) -> String {
    let spell = |letter: char| match letter.is_control() {
        true => letter.escape_debug().to_string(),
        false => letter.to_string(),
    };
    text.to_string().chars().map(spell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_is_spelt_out() {
        assert_eq!(one_line("unknown field `i\nvoke`, \"x\""), "unknown field `i\\nvoke`, \"x\"");
    }
}
