//! Ids in running text: which are mentioned, which look alike, and one that looks alike but is mentioned nowhere.
//! Knows no JSON and no task.

/// Whether `text` mentions `id` as a whole word: `svc-41` is not mentioned by `svc-417`.
pub(super) fn mentions(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + id.len()..].chars().next();
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

/// Whether a string is an id rather than prose: one word.
pub(super) fn is_id(string: &str) -> bool {
    !string.is_empty() && !string.chars().any(char::is_whitespace)
}

/// Every other id of the text that equals `id` but for its digits, each once, in order of appearance.
pub(super) fn lookalikes<'a>(text: &'a str, id: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    if !id.bytes().any(|byte| byte.is_ascii_digit()) {
        return found;
    }
    for word in text.split(|letter| !joins(letter)) {
        if word != id && outline(word).eq(outline(id)) && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

/// Something that looks like `sample` but is mentioned nowhere in `text`: other digits, a number more, or, for prose, a
/// source.
pub(super) fn fabricated(sample: &str, text: &str, word: u64) -> String {
    // A text may use up all ids of three digits, so some attempts later a number is appended: those never run out.
    let exchanged = (0..100).filter_map(|attempt| exchanged(sample, word.wrapping_add(attempt)));
    let numbered = (0..u64::MAX).map(|attempt| extended(sample, (word % 1_000_000).wrapping_add(attempt)));
    exchanged
        .chain(numbered)
        .find(|id| id != sample && !mentions(text, id))
        .expect("a text of finite length mentions finitely many ids")
}

/// The same id with other digits. Fewer than three of them give too few ids to be believed unused.
fn exchanged(sample: &str, word: u64) -> Option<String> {
    let digits = sample.bytes().filter(u8::is_ascii_digit).count();
    if digits < 3 || !is_id(sample) {
        return None;
    }
    let mut rest = word;
    let exchange = |letter: char| {
        if !letter.is_ascii_digit() {
            return letter;
        }
        let digit = (b'0' + u8::try_from(rest % 10).expect("a digit")) as char;
        rest /= 10;
        digit
    };
    Some(sample.chars().map(exchange).collect())
}

/// An id with a number more, or prose with a source that does not exist.
fn extended(sample: &str, number: u64) -> String {
    match sample {
        "" => format!("REF-{number}"),
        id if is_id(id) => format!("{id}-{number}"),
        prose => format!("{prose}, see REF-{number}"),
    }
}

/// Letters that make one word of what stands on both sides of them.
fn joins(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '-' || letter == '_'
}

/// The word with each run of digits as one mark.
fn outline(word: &str) -> impl Iterator<Item = char> + '_ {
    let mut in_run = false;
    word.chars().filter_map(move |letter| {
        let digit = letter.is_ascii_digit();
        let repeated = digit && in_run;
        in_run = digit;
        if repeated { None } else { Some(if digit { '#' } else { letter }) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOG: &str = "[log-12] 14:29 svc-417 restarts; svc-88 waits for svc-417, svc-902.";

    #[test]
    fn a_part_of_a_word_is_not_a_mention() {
        for id in ["svc-417", "log-12", "svc-902"] {
            assert!(mentions(LOG, id), "{id}");
        }
        for id in ["svc-41", "vc-417", "svc", "og-12", "417"] {
            assert!(!mentions(LOG, id), "{id}");
        }
    }

    #[test]
    fn lookalikes_differ_in_their_digits_only() {
        assert_eq!(lookalikes(LOG, "svc-417"), ["svc-88", "svc-902"]);
        assert!(lookalikes(LOG, "log-12").is_empty());
        assert!(lookalikes(LOG, "restarts").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_fabricated_is_mentioned_nowhere(sample in "[a-z]{0,3}-?[0-9]{0,4}( [a-z]+)?", word: u64) {
            let text = format!("{LOG} {sample}");
            let id = fabricated(&sample, &text, word);
            prop_assert!(!mentions(&text, &id) && id != sample, "{id}");
        }
    }
}
