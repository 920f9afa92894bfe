//! `plan`: put the steps of a release in an order that can be followed.
//!
//! A step needs what its own line says and what the rules in force add. Two withdrawn rules turn a need round, and one
//! step belongs to another release. Any order that keeps the needs is right; the canonical one takes the lowest number
//! of those that could come next, so that careful members agree word for word.

use super::arrange::{listed, lowest_first, numbers, place, share, shuffle};
use crate::fact::Score;
use crate::model::Task;
use crate::seed::Draws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The reply: the steps in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// The steps, first to last, such as `step-112`.
    pub steps: Vec<String>,
}

/// One release to plan: its canonical order, what comes after what, and the orders its distractors suggest.
///
/// ```
/// use synod::{fact::Slot, model::{Order, Plan, Task, TaskSet}, seed::{Seed, Streams}};
/// let (_, truth) = Plan::generate(&mut Streams::of(Seed(1)).stream(format_args!("task/0")));
/// let Order { mut steps } = truth.right();
/// steps.reverse();
/// assert!(!truth.score(&Order { steps }).is_correct());
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    order: Vec<String>,
    needs: Vec<Need>,
    decoys: Vec<Order>,
}

/// That a step comes after another.
#[derive(Clone, Debug)]
struct Need {
    step: String,
    after: String,
}

/// More than a reader keeps in mind at once, few enough for a prompt of a kilobyte.
const STEPS: usize = 8;

const TITLES: [&str; STEPS + 1] = [
    "announce the maintenance window",
    "drain the queue of old jobs",
    "add the new column",
    "copy the old values into the new column",
    "release the build that writes both columns",
    "switch readers to the new column",
    "remove the old column",
    "verify the totals of both columns",
    "rotate the signing keys",
];

impl Task for Plan {
    type Reply = Order;

    fn generate(draws: &mut Draws) -> (String, Plan) {
        let numbers = numbers(STEPS + 1, draws);
        let name = |place: usize| format!("step-{}", numbers[place]);
        // What a step needs was made before it, so that no needs go round in a circle.
        let needs: Vec<Vec<usize>> = (0..STEPS)
            .map(|step| {
                let mut drawn = [place(step.max(1), draws), place(step.max(1), draws)].to_vec();
                drawn.truncate(2 * usize::from(step > 0));
                drawn.dedup();
                drawn
            })
            .collect();
        let order = lowest_first(&numbers[..STEPS], &needs);
        let turned =
            [place(STEPS - 1, draws) + 1, place(STEPS - 1, draws) + 1].map(|step| turned(step, &order, &needs));
        let evidence = written(&numbers, &needs, &turned, draws);
        let named = |order: &[usize]| Order { steps: order.iter().map(|step| name(*step)).collect() };
        let mut decoys: Vec<Order> = turned.iter().map(|turned| named(&turned.order(&order))).collect();
        decoys.push(named(&[order.as_slice(), &[STEPS]].concat()));
        let needs = (0..STEPS)
            .flat_map(|step| needs[step].iter().map(move |after| Need { step: name(step), after: name(*after) }))
            .collect();
        (evidence, Plan { order: named(&order).steps, needs, decoys })
    }

    fn right(&self) -> Order {
        Order { steps: self.order.clone() }
    }

    /// The share of needs that the order keeps. A step of another release, or one that comes twice, spoils it all.
    fn score(&self, reply: &Order) -> Score {
        let Order { steps } = reply;
        let spoils = |place: usize| !self.order.contains(&steps[place]) || steps[..place].contains(&steps[place]);
        if (0..steps.len()).any(spoils) {
            return Score::WRONG;
        }
        let at = |name: &String| steps.iter().position(|step| step == name);
        let is_kept =
            |need: &&Need| matches!((at(&need.after), at(&need.step)), (Some(first), Some(then)) if first < then);
        let kept = self.needs.iter().filter(is_kept).count();
        // A step that nothing needs and that needs nothing may still not be left out.
        let left_out = self.order.len() - steps.len();
        share(kept, self.needs.len() + left_out)
    }

    /// The order that a withdrawn rule or another release's step suggests.
    fn wrong(&self, draws: &mut Draws) -> Option<Order> {
        Some(draws.pick(&self.decoys).clone())
    }
}

/// A need that a withdrawn rule turns round.
struct Turned {
    step: usize,
    before: usize,
}

impl Turned {
    /// The canonical order, but with the step right before what it needs last: only this need is broken.
    fn order(&self, order: &[usize]) -> Vec<usize> {
        let others = order.iter().copied().filter(|other| *other != self.step);
        others.flat_map(|other| [Some(self.step).filter(|_| other == self.before), Some(other)]).flatten().collect()
    }
}

fn turned(step: usize, order: &[usize], needs: &[Vec<usize>]) -> Turned {
    let last = order.iter().rev().find(|other| needs[step].contains(other));
    Turned { step, before: *last.expect("every step but the first needs another") }
}

/// The first need of a step stands in its own line, the second in a rule.
fn written(numbers: &[u64], needs: &[Vec<usize>], turned: &[Turned], draws: &mut Draws) -> String {
    let name = |place: usize| format!("step-{}", numbers[place]);
    let mut steps: Vec<String> = (0..STEPS)
        .map(|step| {
            let first: Vec<String> = needs[step].iter().take(1).map(|need| name(*need)).collect();
            let needs = if first.is_empty() { "nothing".to_owned() } else { listed(&first) };
            format!("[{}] {}; needs {needs}", name(step), TITLES[step])
        })
        .collect();
    let other = place(STEPS, draws);
    steps.push(format!("[{}] of another release: {}; needs {}", name(STEPS), TITLES[STEPS], name(other)));
    let mut rules: Vec<String> = (0..STEPS)
        .flat_map(|step| {
            needs[step].iter().skip(1).map(move |need| format!("{} comes after {}", name(step), name(*need)))
        })
        .collect();
    rules.extend(
        turned.iter().map(|turned| format!("withdrawn: {} comes after {}", name(turned.before), name(turned.step))),
    );
    shuffle(&mut steps, draws);
    shuffle(&mut rules, draws);
    let first = draws.choose(500, 900, 500);
    let rules = rules.iter().zip(first..).map(|(rule, number)| format!("[rule-{number}] {rule}"));
    let mut lines = vec![
        "Put the steps of this release in an order that can be followed.".to_owned(),
        "A step comes after the one its line needs and after those that the rules name. Withdrawn rules and steps of \
         another release do not count."
            .to_owned(),
        "Every order that keeps this is right. Where several steps could be next, take the lowest number.".to_owned(),
    ];
    lines.extend(steps);
    lines.extend(rules);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tasks::laws;

    /// Reads the lines as the first paragraph says, knowing nothing of the truth.
    fn planned(evidence: &str) -> Order {
        let lines: Vec<(&str, &str)> =
            evidence.lines().filter_map(|line| line.strip_prefix('[')?.split_once("] ")).collect();
        let own = |(name, text): &&(&str, &str)| name.starts_with("step-") && !text.starts_with("of another release");
        let mut steps: Vec<&str> = lines.iter().filter(own).map(|line| line.0).collect();
        steps.sort_unstable();
        let mut needs: Vec<(&str, &str)> = Vec::new();
        for (name, text) in lines.iter().filter(own) {
            let need = text.split_once("; needs ").expect("what it needs").1;
            needs.extend((need != "nothing").then_some((*name, need)));
        }
        let rules = lines.iter().filter(|(name, text)| name.starts_with("rule-") && !text.starts_with("withdrawn"));
        needs.extend(rules.map(|(_, text)| text.split_once(" comes after ").expect("a rule")));
        let mut order: Vec<&str> = Vec::new();
        while order.len() < steps.len() {
            let is_free = |step: &&&str| {
                !order.contains(*step) && needs.iter().all(|(then, first)| then != *step || order.contains(first))
            };
            order.push(steps.iter().find(is_free).expect("a step that can be next"));
        }
        Order { steps: order.into_iter().map(str::to_owned).collect() }
    }

    #[test]
    fn the_truth_can_be_read_from_the_evidence_and_lies_are_wrong() {
        laws::hold::<Plan>(planned);
    }

    #[test]
    fn every_order_that_keeps_the_needs_is_right() {
        let mut others = 0;
        for seed in 0..500 {
            let (_, truth) = laws::made::<Plan>(seed);
            let order = &truth.order;
            for place in 1..order.len() {
                let mut swapped = Order { steps: order.clone() };
                swapped.steps.swap(place - 1, place);
                let broken = truth.needs.iter().any(|need| need.step == order[place] && need.after == order[place - 1]);
                assert_eq!(truth.score(&swapped).is_correct(), !broken, "seed {seed}");
                others += u32::from(!broken);
            }
        }
        assert!(others > 500, "few problems have several right orders: {others}");
    }

    #[test]
    fn the_more_needs_are_broken_the_lower_the_score() {
        for seed in 0..500 {
            let (_, truth) = laws::made::<Plan>(seed);
            let one = truth.decoys[0].clone();
            let reversed = Order { steps: truth.order.iter().rev().cloned().collect() };
            let cut = Order { steps: truth.order[..truth.order.len() - 1].to_vec() };
            assert!(truth.score(&reversed) < truth.score(&one), "seed {seed}");
            assert_eq!(truth.score(&reversed), Score::WRONG);
            assert!(Score::WRONG < truth.score(&cut) && !truth.score(&cut).is_correct());
            let twice = Order { steps: [truth.order.as_slice(), &truth.order[..1]].concat() };
            assert_eq!(truth.score(&twice), Score::WRONG);
        }
    }

    #[test]
    fn a_release_reads_like_one() {
        insta::assert_snapshot!(laws::shown::<Plan>(1));
    }
}
