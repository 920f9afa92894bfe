//! What several tasks lay out a problem with: a shuffle, numbers without a repetition, an order under needs. Knows no
//! task.

use crate::fact::Score;
use crate::seed::{Draws, Ratio};

/// Exchanges items at drawn places (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm P): one draw for each
/// item but one, whatever comes of it.
pub(super) fn shuffle<T>(items: &mut [T], draws: &mut Draws) {
    for last in (1..items.len()).rev() {
        items.swap(last, place(last + 1, draws));
    }
}

/// A drawn place of a list of this length.
pub(super) fn place(length: usize, draws: &mut Draws) -> usize {
    usize::try_from(draws.below(length as u64)).expect("a place of a list")
}

/// Two different places of a list of this length, with two draws.
pub(super) fn two_places(length: usize, draws: &mut Draws) -> [usize; 2] {
    let first = place(length, draws);
    [first, (first + 1 + place(length - 1, draws)) % length]
}

/// So many different numbers in a drawn order: equal steps from a drawn start.
pub(super) fn numbers(count: usize, draws: &mut Draws) -> Vec<u64> {
    let (lowest, step) = (draws.choose(100, 399, 100), draws.choose(3, 19, 3));
    let mut numbers: Vec<u64> = (0..count as u64).map(|place| lowest + step * place).collect();
    shuffle(&mut numbers, draws);
    numbers
}

/// The places of items in an order in which each comes after those it needs: of the ones that could be next, the one
/// with the lowest number.
///
/// # Panics
/// If the needs go round in a circle.
pub(super) fn lowest_first(numbers: &[u64], needs: &[Vec<usize>]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(numbers.len());
    while order.len() < numbers.len() {
        let is_ready = |item: &usize| !order.contains(item) && needs[*item].iter().all(|need| order.contains(need));
        let next = (0..numbers.len()).filter(is_ready).min_by_key(|item| numbers[*item]);
        order.push(next.expect("needs must not go round in a circle"));
    }
    order
}

/// So many points of so many, in lowest terms: equal shares are equal scores.
pub(super) fn share(points: usize, of: usize) -> Score {
    let (mut divisor, mut rest) = (of, points);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let part = |count: usize| u32::try_from(count / divisor).expect("as many points as a reply has parts");
    Score(Ratio::of(part(points), part(of)))
}

/// Names as a sentence lists them: `a`, `a and b`, `a, b and c`.
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Seed, Streams};

    #[test]
    fn a_shuffle_keeps_every_item_and_puts_each_everywhere() {
        let mut seen = [[0_u32; 4]; 4];
        for seed in 0..800 {
            let mut items = [0, 1, 2, 3];
            shuffle(&mut items, &mut Streams::of(Seed(seed)).stream(format_args!("shuffle")));
            (0..4).for_each(|place| seen[items[place]][place] += 1);
        }
        // 200 expected; six standard deviations of 12 either way.
        assert!(seen.iter().flatten().all(|count| (128..273).contains(count)), "{seen:?}");
        assert!(seen.iter().all(|row| row.iter().sum::<u32>() == 800));
    }

    #[test]
    fn of_those_that_are_ready_the_lowest_number_comes_first() {
        assert_eq!(lowest_first(&[30, 10, 20], &[vec![], vec![], vec![]]), [1, 2, 0]);
        assert_eq!(lowest_first(&[30, 10, 20], &[vec![], vec![0], vec![]]), [2, 0, 1]);
    }

    #[test]
    #[should_panic(expected = "circle")]
    fn needs_that_go_round_in_a_circle_are_a_mistake() {
        let _ = lowest_first(&[1, 2], &[vec![1], vec![0]]);
    }

    #[test]
    fn equal_shares_are_equal_scores() {
        assert_eq!([share(0, 7), share(7, 7)], [Score::WRONG, Score::CORRECT]);
        assert_eq!(share(6, 10), share(3, 5));
        assert!(share(2, 5) < share(3, 5));
    }

    #[test]
    fn names_are_listed_as_a_sentence_lists_them() {
        assert_eq!([listed(&["a"]), listed(&["a", "b"]), listed(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
    }
}
