//! Numbers for people.

/// With a comma between every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// At most four characters: `940`, `5.2k`, `12k`, `3.4M`.
pub(super) fn brief(number: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    match UNITS.into_iter().find(|(unit, _)| number >= *unit) {
        None => number.to_string(),
        Some((unit, name)) if number < 10 * unit => format!("{}.{}{name}", number / unit, number % unit * 10 / unit),
        Some((unit, name)) => format!("{}{name}", number / unit),
    }
}

/// One number in terms of another; `None` if there is nothing to divide by.
#[allow(clippy::cast_precision_loss, reason = "for people; no decision depends on it")]
pub(super) fn quotient(number: u64, by: u64) -> Option<f64> {
    (by > 0).then(|| number as f64 / by as f64)
}

/// With one decimal, or a dash.
pub(super) fn decimal(number: Option<f64>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| format!("{number:.1}"))
}

/// A share in percent with one decimal, or a dash.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_000_000, "1,000,000")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn brief_numbers_fit_in_four_characters() {
        let cases = [(0, "0"), (940, "940"), (5_260, "5.2k"), (12_999, "12k"), (999_999, "999k"), (3_400_000, "3.4M")];
        for (number, text) in cases {
            assert_eq!(brief(number), text);
        }
    }

    #[test]
    fn nothing_to_divide_by_prints_a_dash() {
        assert_eq!((decimal(quotient(1, 0)), percent(quotient(1, 3))), ("–".to_owned(), "33.3%".to_owned()));
    }
}
