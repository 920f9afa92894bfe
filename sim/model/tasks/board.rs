//! `board`: share out twenty files among a team of agents, as the coding tasks of the study behind Synod do (arXiv
//! 2603.12229): one file a task, one chain of files of which each needs the one before it, the rest free.
//!
//! The study's pre-assigned mode is the right answer: free files go round robin, and a file goes to the owner of the
//! one it needs, so the chain stays with one agent. A need that no longer stands and a file of another board mislead.

use super::arrange::{listed, lowest_first, numbers, place, share, shuffle, two_places};
use crate::fact::Score;
use crate::model::Task;
use crate::seed::Draws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one agent works through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Queue {
    /// The agent, such as `a2`.
    pub agent: String,
    /// Its files in order, such as `file-118`.
    pub files: Vec<String>,
}

/// The reply: who does what, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// One queue an agent.
    pub queues: Vec<Queue>,
}

impl Assignment {
    /// The files of an agent in order; none if it has no queue.
    #[must_use]
    pub fn files_of(&self, agent: &str) -> &[String] {
        self.queues.iter().find(|queue| queue.agent == agent).map_or(&[], |queue| &queue.files)
    }
}

/// One board for so many agents: its right assignment, what needs what, and the assignments its distractors suggest.
///
/// ```
/// use synod::{model::{Board, Task}, seed::{Seed, Streams}};
/// let (_, truth) = Board::<4>::generate(&mut Streams::of(Seed(1)).stream(format_args!("task/0")));
/// let files: usize = truth.right().queues.iter().map(|queue| queue.files.len()).sum();
/// assert_eq!((truth.right().queues.len(), files), (4, 20));
/// ```
#[derive(Clone, Debug)]
pub struct Board<const AGENTS: usize = 3> {
    right: Assignment,
    needs: Vec<Need>,
    decoys: Vec<Assignment>,
}

/// A file and the one it needs, if any.
#[derive(Clone, Debug)]
struct Need {
    file: String,
    needs: Option<String>,
}

/// As many as in the study.
const FILES: usize = 20;
/// The study's three chains: 90 %, 50 % and 20 % of the files are free.
const CHAINS: [usize; 3] = [2, 10, 16];

impl<const AGENTS: usize> Task for Board<AGENTS> {
    type Reply = Assignment;

    fn generate(draws: &mut Draws) -> (String, Board<AGENTS>) {
        const { assert!(0 < AGENTS && AGENTS <= 5, "the longest chain leaves five files to begin with") };
        let numbers = numbers(FILES + 1, draws);
        let chain = *draws.pick(&CHAINS);
        // The first files are the chain; numbers are shuffled, so nobody can tell by them.
        let need = |file: usize| (1..chain).contains(&file).then(|| file - 1);
        let needs: Vec<Option<usize>> = (0..FILES).map(need).collect();
        let [stale, onto] = two_places(FILES - chain, draws).map(|place| chain + place);
        let evidence = written::<AGENTS>(&numbers, &needs, stale, onto, draws);
        let shared = |needs: &[Option<usize>]| shared_out::<AGENTS>(&numbers, needs);
        let right = shared(&needs);
        let mut obeyed = needs.clone();
        obeyed[stale] = Some(onto);
        let name = |file: usize| format!("file-{}", numbers[file]);
        let decoys = vec![
            shared(&obeyed),
            right.with(&name(FILES), place(AGENTS, draws)),
            right.with(&name(place(FILES, draws)), place(AGENTS, draws)),
            right.without(&name(place(FILES, draws))),
        ];
        let needs = (0..FILES).map(|file| Need { file: name(file), needs: needs[file].map(name) }).collect();
        let mut board = Board { right, needs, decoys };
        // Who obeys the settled need may still share out fairly.
        let decoys = std::mem::take(&mut board.decoys);
        board.decoys = decoys.into_iter().filter(|decoy| !Task::score(&board, decoy).is_correct()).collect();
        (evidence, board)
    }

    fn right(&self) -> Assignment {
        self.right.clone()
    }

    /// The share of files that are in exactly one queue, behind the one they need. At most all but one if a queue is
    /// not an agent's, holds a file that is not on the board, or begins two chains or free files more than another.
    fn score(&self, reply: &Assignment) -> Score {
        let placed = self.needs.iter().filter(|need| need.is_kept(reply)).count();
        let spoilt = usize::from(placed == FILES && !(self.is_even(reply) && self.is_ours(reply)));
        share(placed - spoilt, FILES)
    }

    /// Obeys the need that no longer stands, takes the other board's file, lists a file twice, or leaves one out.
    fn wrong(&self, draws: &mut Draws) -> Option<Assignment> {
        Some(draws.pick(&self.decoys).clone())
    }
}

impl<const AGENTS: usize> Board<AGENTS> {
    fn is_even(&self, reply: &Assignment) -> bool {
        let roots = |queue: &Queue| {
            self.needs.iter().filter(|need| need.needs.is_none() && queue.files.contains(&need.file)).count()
        };
        let counts: Vec<usize> = reply.queues.iter().map(roots).collect();
        counts.iter().max().zip(counts.iter().min()).is_some_and(|(most, least)| most - least <= 1)
    }

    fn is_ours(&self, reply: &Assignment) -> bool {
        let agents: Vec<&str> = reply.queues.iter().map(|queue| queue.agent.as_str()).collect();
        let known = |file: &String| self.needs.iter().any(|need| need.file == *file);
        let each_once =
            self.right.queues.iter().all(|ours| agents.iter().filter(|one| **one == ours.agent).count() == 1);
        agents.len() == AGENTS && each_once && reply.queues.iter().flat_map(|queue| &queue.files).all(known)
    }
}

impl Need {
    fn is_kept(&self, reply: &Assignment) -> bool {
        let mut found = reply.queues.iter().flat_map(|queue| {
            let places = (0..queue.files.len()).filter(|place| queue.files[*place] == self.file);
            places.map(|place| &queue.files[..place])
        });
        match (found.next(), found.next()) {
            (Some(before), None) => self.needs.as_ref().is_none_or(|needed| before.contains(needed)),
            _ => false,
        }
    }
}

impl Assignment {
    /// With one file more at the end of a queue, or moved to be there twice.
    fn with(&self, file: &str, queue: usize) -> Assignment {
        let mut other = self.clone();
        other.queues[queue].files.push(file.to_owned());
        other
    }

    fn without(&self, file: &str) -> Assignment {
        let mut other = self.clone();
        other.queues.iter_mut().for_each(|queue| queue.files.retain(|known| known != file));
        other
    }
}

/// The study's own rule: round robin, and a file goes to the owner of the one it needs.
fn shared_out<const AGENTS: usize>(numbers: &[u64], needs: &[Option<usize>]) -> Assignment {
    let lists: Vec<Vec<usize>> = needs.iter().map(|need| need.iter().copied().collect()).collect();
    let mut owners = [0; FILES];
    let mut queues: Vec<Queue> =
        (1..=AGENTS).map(|agent| Queue { agent: format!("a{agent}"), files: Vec::new() }).collect();
    let mut next = 0;
    for file in lowest_first(&numbers[..FILES], &lists) {
        owners[file] = needs[file].map_or(next % AGENTS, |needed| owners[needed]);
        next += usize::from(needs[file].is_none());
        queues[owners[file]].files.push(format!("file-{}", numbers[file]));
    }
    Assignment { queues }
}

const PARTS: [&str; FILES + 1] = [
    "lexer",
    "parser",
    "tree",
    "names",
    "types",
    "checks",
    "lowering",
    "blocks",
    "registers",
    "emitter",
    "linker",
    "strings",
    "paths",
    "colours",
    "options",
    "logging",
    "errors",
    "clock",
    "cache",
    "config",
    "billing",
];

fn written<const AGENTS: usize>(
    numbers: &[u64],
    needs: &[Option<usize>],
    stale: usize,
    onto: usize,
    draws: &mut Draws,
) -> String {
    let name = |file: usize| format!("file-{}", numbers[file]);
    let agents: Vec<String> = (1..=AGENTS).map(|agent| format!("a{agent}")).collect();
    let agents = listed(&agents);
    let mut files: Vec<String> = (0..FILES)
        .map(|file| {
            let needed = needs[file].map_or_else(|| "nothing".to_owned(), name);
            format!("[{}] {}.rs; needs {needed}", name(file), PARTS[file])
        })
        .collect();
    files.push(format!("[{}] {}.rs, on another team's board; needs nothing", name(FILES), PARTS[FILES]));
    shuffle(&mut files, draws);
    let note = draws.choose(100, 900, 100);
    files.push(format!("[note-{note}] {} needed {} until yesterday; that is settled", name(stale), name(onto)));
    let opening = format!(
        "Share out the {FILES} files of this board among {agents}: each file to exactly one agent.\nTake files in an \
         order in which each comes after the one it needs and, of those that could be next, the lowest number is \
         first. A file that needs nothing goes to the next agent in turn, beginning with a1; any other goes to the \
         owner of the one it needs.\nGive each agent's files in that order. Leave out what is on another board; what \
         is settled binds nobody."
    );
    format!("{opening}\n{}", files.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tasks::laws;

    /// Shares out the files as the first paragraph says, knowing nothing of the truth.
    fn dealt(evidence: &str) -> Assignment {
        let agents = evidence.split_once("among ").and_then(|(_, rest)| rest.split_once(':')).expect("agents").0;
        let mut queues: Vec<Queue> = agents
            .split([' ', ','])
            .filter(|word| word.starts_with('a') && *word != "and")
            .map(|agent| Queue { agent: agent.to_owned(), files: Vec::new() })
            .collect();
        let lines = evidence.lines().filter_map(|line| line.strip_prefix("[file-"));
        let mut open: Vec<(u64, Option<String>)> = lines
            .filter(|line| !line.contains("another team"))
            .map(|line| {
                let (number, text) = line.split_once("] ").expect("a number");
                let needed = text.split_once("; needs ").expect("what it needs").1;
                (number.parse().expect("a number"), (needed != "nothing").then(|| needed.to_owned()))
            })
            .collect();
        open.sort();
        let mut turn = 0;
        while !open.is_empty() {
            let has = |needed: &String| queues.iter().position(|queue| queue.files.contains(needed));
            let ready = open.iter().position(|(_, need)| need.as_ref().is_none_or(|needed| has(needed).is_some()));
            let (number, need) = &open[ready.expect("a file that can be next")];
            let owner = need.as_ref().map_or(turn, |needed| has(needed).expect("its owner"));
            if need.is_none() {
                turn = (turn + 1) % queues.len();
            }
            queues[owner].files.push(format!("file-{number}"));
            open.remove(ready.expect("found"));
        }
        Assignment { queues }
    }

    #[test]
    fn the_truth_can_be_read_from_the_evidence_and_lies_are_wrong() {
        laws::hold::<Board>(dealt);
        laws::hold::<Board<5>>(dealt);
    }

    #[test]
    fn any_fair_assignment_that_keeps_the_chain_is_right() {
        let (_, truth) = laws::made::<Board>(1);
        let mut turned = truth.right();
        turned.queues.reverse();
        assert!(truth.score(&turned).is_correct());
        let mut uneven = truth.right();
        let all: Vec<String> = uneven.queues.iter_mut().flat_map(|queue| std::mem::take(&mut queue.files)).collect();
        uneven.queues[0].files = all;
        assert_eq!(truth.score(&uneven), share(19, 20));
    }

    #[test]
    fn every_file_that_is_lost_doubled_or_out_of_order_costs() {
        for seed in 0..500 {
            let (_, truth) = laws::made::<Board>(seed);
            let mut reply = truth.right();
            let mut before = truth.score(&reply);
            for need in truth.needs.iter().rev() {
                reply = reply.without(&need.file);
                let after = truth.score(&reply);
                assert!(after < before, "seed {seed}");
                before = after;
            }
            assert_eq!(before, Score::WRONG);
            let doubled = truth.right().with(&truth.needs[19].file, 0);
            assert!(truth.score(&doubled) < Score::CORRECT, "seed {seed}");
            let mut backwards = truth.right();
            backwards.queues.iter_mut().for_each(|queue| queue.files.reverse());
            let chain = truth.needs.iter().filter(|need| need.needs.is_some()).count();
            assert_eq!(truth.score(&backwards), share(20 - chain, 20), "seed {seed}");
        }
    }

    #[test]
    fn a_board_reads_like_one() {
        insta::assert_snapshot!(laws::shown::<Board>(2));
    }
}
