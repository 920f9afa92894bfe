//! The mock reads the request it gets: evidence, windows, wordings.

use super::*;
use crate::fault::Kind;
use crate::model::{Diagnose, ErrorKind, Overflow, Speaker, Stop, Window};

const SEEDS: u64 = 4_000;

fn setting(profile: Profile) -> (Mock, TaskSet) {
    let task = TaskSet::of(Diagnose::generate);
    (Mock::new(profile, task.clone()), task)
}

/// How many in a thousand answers to such requests are wrong.
fn wrong(profile: Profile, fault: Option<Kind>, request: impl Fn(&Problem) -> Request) -> u64 {
    let (mock, task) = setting(profile.without_slips());
    let is_wrong = |seed: &u64| {
        let streams = Streams::of(Seed(*seed));
        let problem = task.problem(&streams, Slot(0));
        let request = request(&problem);
        let answered = mock.answer(&streams, &Call { fault, ..call(&request, &problem) });
        let reply = answered.outcome.expect("a reply");
        assert_eq!(reply.taint.is_some(), reply.text != problem.right_text(), "{reply}");
        reply.taint.is_some()
    };
    (0..SEEDS).filter(is_wrong).count() as u64 * 1_000 / SEEDS
}

fn assert_near(measured: u64, expected: u64, what: &str) {
    // Three standard deviations of 4,000 tries at a half are 24 in a thousand.
    assert!(measured.abs_diff(expected) <= 25, "{what}: {measured} in a thousand, expected {expected}");
}

fn with_lines(problem: &Problem, kept: usize) -> Request {
    let lines: Vec<&str> = problem.evidence().lines().take(kept).collect();
    Request::about(problem.slot()).say(Speaker::User, lines.join("\n")).expecting(problem.task().schema())
}

#[test]
fn answers_get_worse_with_each_line_of_evidence_that_is_missing() {
    // Ten lines: w + (1 - w) · missing / 10.
    for (kept, expected) in [(10, 80), (8, 264), (5, 540), (0, 1_000)] {
        let measured = wrong(Profile::grounded(), None, |problem| with_lines(problem, kept));
        assert_near(measured, expected, &format!("{kept} of ten lines"));
    }
    assert_near(
        wrong(Profile::perfect(), None, |problem| with_lines(problem, 5)),
        500,
        "a perfect model, half the lines",
    );
}

#[test]
fn another_number_over_the_same_evidence_is_another_task_of_which_little_is_known() {
    let (mock, task) = setting(Profile::perfect());
    let (mut rightly, mut of_the_other) = (0, 0);
    for seed in 0..SEEDS {
        let streams = Streams::of(Seed(seed));
        let [zero, one] = [0, 1].map(|slot| task.problem(&streams, Slot(slot)));
        let text = zero.prompt().replace("Task #0", "Task #1");
        let request = Request::about(Slot(0)).say(Speaker::User, text).expecting(task.schema());
        let said = mock.answer(&streams, &call(&request, &one)).outcome.expect("a reply").text;
        rightly += u64::from(said == one.right_text());
        of_the_other += u64::from(said == zero.right_text());
    }
    // Two of the ten lines are the same for nearly all problems.
    assert_near(rightly * 1_000 / SEEDS, 200, "right about the task that was named");
    assert_eq!(of_the_other, 0, "it answers about the task that was named");
}

/// What a world does with a request: the problem is the one that the text is about.
#[test]
fn a_request_is_about_the_task_that_its_text_names_and_not_about_its_slot() {
    let (mock, task) = setting(Profile::perfect());
    let streams = Streams::of(Seed(3));
    let problems = [0, 1, 2].map(|slot| task.problem(&streams, Slot(slot)));
    let said = |request: &Request| {
        let problem = &problems[usize::try_from(request.task().unwrap_or(request.slot).0).expect("one of three")];
        mock.answer(&streams, &call(request, problem)).outcome.expect("a reply").text
    };
    let of_another = Request { slot: Slot(0), ..problems[1].request() };
    assert_eq!(said(&of_another), problems[1].right_text(), "asked in another slot's name");
    let first = problems[0].request();
    let then = first.clone().say(Speaker::Assistant, problems[0].right_text()).say(Speaker::User, problems[2].prompt());
    assert_eq!(said(&then), problems[2].right_text(), "what is asked last counts");
    let peers = first.clone().say(Speaker::Peer(NodeId::agent(1)), problems[2].prompt());
    assert_eq!(said(&peers), problems[0].right_text(), "a peer's words ask for nothing");
    let unnamed = Request::about(Slot(2)).say(Speaker::User, problems[2].evidence()).expecting(task.schema());
    assert_eq!(said(&unnamed), problems[2].right_text(), "who names no task is asked about the slot");
}

#[test]
fn evidence_in_a_part_that_is_not_read_is_missing() {
    let padded = |problem: &Problem| {
        let filler = "Nothing of note happened on this day.\n".repeat(60);
        let request = Request::about(problem.slot()).say(Speaker::User, filler.clone());
        let request = request.say(Speaker::User, problem.prompt()).say(Speaker::User, filler);
        request.expecting(problem.task().schema())
    };
    assert_eq!(wrong(Profile::perfect(), None, padded), 0);
    assert_eq!(wrong(Profile::perfect(), Some(Kind::LostInTheMiddle), padded), 1_000);
    let old = |problem: &Problem| problem.request().say(Speaker::User, "Take your time. ".repeat(200));
    assert_eq!(wrong(Profile::perfect(), Some(Kind::HistoryTruncated), old), 1_000);
    let window = Window { tokens: 500, overflow: Overflow::OldestDropped };
    assert_eq!(wrong(Profile { window, ..Profile::perfect() }, None, old), 1_000);
}

#[test]
fn a_request_beyond_the_window_is_an_error_and_a_reply_ends_where_it_is_full() {
    let streams = Streams::of(Seed(1));
    let with = |tokens, max_tokens| {
        let window = Window { tokens, overflow: Overflow::Refused };
        let (mock, task) = setting(Profile { window, ..Profile::perfect() });
        let problem = task.problem(&streams, Slot(0));
        let request = Request { max_tokens, ..problem.request() };
        (request.input_tokens(), mock.answer(&streams, &call(&request, &problem)).outcome)
    };
    let tokens = with(100_000, None).0;
    assert_eq!(with(tokens - 1, None).1.expect_err("too long").kind, ErrorKind::ContextLength);
    for (most, stop, written) in
        [(None, Stop::ContextWindow, 5), (Some(50), Stop::ContextWindow, 5), (Some(3), Stop::MaxTokens, 3)]
    {
        let reply = with(tokens + 5, most).1.expect("a reply");
        assert_eq!((reply.stop, reply.usage.output_tokens), (stop, written), "limit {most:?}");
    }
}

#[test]
fn another_wording_redraws_more_than_another_try_and_less_than_another_task() {
    let (mock, task) =
        setting(Profile { wrong: crate::seed::Ratio::percent(50), ..Profile::grounded() }.without_slips());
    let (mut tries, mut wordings, mut tasks) = (0, 0, 0);
    for seed in 0..SEEDS {
        let streams = Streams::of(Seed(seed));
        let wrong = |slot, turn, wording: &str| {
            let problem = task.problem(&streams, Slot(slot));
            let request = problem.request().say(Speaker::User, wording);
            let call = Call { turn: Turn(turn), ..call(&request, &problem) };
            mock.answer(&streams, &call).outcome.expect("a reply").taint.is_some()
        };
        let first = wrong(0, 0, "Think.");
        tries += u64::from(first != wrong(0, 1, "Think."));
        wordings += u64::from(first != wrong(0, 2, "Think again."));
        tasks += u64::from(first != wrong(1, 3, "Think."));
    }
    let share = |count: u64| count * 1_000 / SEEDS;
    // Two tries differ in 2·p·(1 − p)·(1 − ρ): ρ = .51 for another wording, 0 for another task. With the same wording
    // a quarter of the pairs share their luck as well, and do not differ.
    assert_near(share(tries), 184, "tries");
    assert_near(share(wordings), 245, "wordings");
    assert_near(share(tasks), 500, "tasks");
}

#[test]
fn a_line_of_evidence_is_read_only_where_it_stands_by_itself() {
    #[derive(Clone)]
    struct Load;
    impl Task for Load {
        type Reply = String;
        fn generate(_: &mut Draws) -> (String, Load) {
            ("Which is slow?\nsvc-1: load 3\nsvc-2: load 9".to_owned(), Load)
        }
        fn right(&self) -> String {
            "svc-2".to_owned()
        }
    }
    let task = TaskSet::of(Load::generate);
    let mock = Mock::new(Profile::perfect(), task.clone());
    let wrong = |shown: &str| {
        let wrong = |seed: &u64| {
            let streams = Streams::of(Seed(*seed));
            let problem = task.problem(&streams, Slot(0));
            let request = Request::about(Slot(0)).say(Speaker::User, shown).expecting(task.schema());
            mock.answer(&streams, &call(&request, &problem)).outcome.expect("a reply").text != problem.right_text()
        };
        (0..300).filter(wrong).count()
    };
    assert_eq!(wrong("Which is slow?\n- svc-1: load 3, I think\n> svc-2: load 9"), 0, "quoted in other words");
    // Of three lines one is missing, and two.
    assert!((70..130).contains(&wrong("Which is slow?\nsvc-1: load 31\nsvc-2: load 9")));
    assert!((165..235).contains(&wrong("Which is slow?\nsvc-1: load 31\nxsvc-2: load 9")));
}
