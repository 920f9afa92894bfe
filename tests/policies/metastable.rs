//! What the literature says of metastable failures (Bronson et al. 2021; Huang et al. 2022): when the trigger is over,
//! the team without a budget stays down and the one with a budget is back. Draws it, too.

use synod::explore::{BareHost, perform};
use synod::report::{Goodput, Timeline};
use synod::scenario::{Job, Runnable, Story};
use synod::seed::Seed;
use synod::time::{Duration, minutes, seconds};
use synod::trace::Detail;
use synod_scenarios::policies::{retry_storm, retry_storm_budgeted};

const RUNS: u64 = 20;
/// When the service pauses, and when it goes on.
const TROUBLE: [Duration; 2] = [seconds(60), seconds(100)];

fn goodput(name: &str, story: &Story) -> Goodput {
    let mut goodput = Goodput::of(name, seconds(5), minutes(5));
    for seed in 0..RUNS {
        let job = Job::of(Seed(seed)).detailed(Detail::Full);
        let run = perform(story as &dyn Runnable, &BareHost, &job).expect("the run is contained");
        goodput.add(&run.history);
    }
    goodput
}

#[test]
fn without_a_budget_the_team_stays_down_when_its_trigger_is_over() {
    let unbudgeted = goodput("retries without a budget", &retry_storm());
    let budgeted = goodput("retries from a budget", &retry_storm_budgeted());
    // Half a minute each: in quiet, and from a minute after the trigger on.
    let before = |team: &Goodput| team.answered_between(seconds(25), seconds(55));
    let after = |team: &Goodput| team.answered_between(seconds(200), seconds(230));
    let all = [&unbudgeted, &budgeted].map(|team| [before(team), after(team)]);
    println!("answered in time in half a minute, before and after, of {RUNS} runs: {all:?}");
    assert!(after(&unbudgeted) * 10 < before(&unbudgeted), "a tenth of what it was, at most: {all:?}");
    assert!(after(&budgeted) * 10 > before(&budgeted) * 9, "back where it was: {all:?}");
    let teams = [unbudgeted, budgeted];
    let timeline = Timeline { title: "A pause of 40 s, and what follows", trouble: Some(TROUBLE), teams: &teams };
    let svg = timeline.svg().expect("two teams");
    assert_eq!(timeline.svg().as_ref(), Ok(&svg), "the same counts, the same picture");
    for part in ["without a budget", "from a budget", "Calls answered in time"] {
        assert!(svg.contains(part), "{part} is missing");
    }
    let path = format!("{}/metastable.svg", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, svg).expect("a folder of the build's own");
    println!("{path}");
}
