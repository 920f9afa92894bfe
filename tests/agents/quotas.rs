//! Quotas, weather and outages as a whole team feels them.

use super::support::{A1, A2, A3, M1, Notes, noted_with, only, performed, run_with, story};
use std::collections::BTreeMap;
use synod::fault::{Fault, Kind};
use synod::id::NodeId;
use synod::model::{
    ErrorKind, Excess, MicroDollars, Pace, Profile, Quota, Request, Scripted, Sharing, Speaker, Weather,
};
use synod::scenario::Run;
use synod::seed::{Ratio, Seed};
use synod::time::{Duration, Time, micros, millis, minutes, seconds};
use synod::trace::{Detail, Happening};
use synod::{Agent, Error, Sim};

/// A model that always answers, under this profile.
fn answering(profile: Profile) -> Scripted {
    Scripted::new(|_: &Request| true).with(profile)
}

/// A model so fast that no call is given up on: only its quota makes anybody wait.
fn brisk(quota: Quota) -> Profile {
    let pace = Pace { per_token: micros(16), ..Profile::perfect().pace };
    Profile { quota, pace, ..Profile::perfect() }
}

/// Three calls at once, then one every two seconds.
const STRICT: Quota = Quota { per_minute: 30, burst: 3, excess: Excess::Rejected, ..Quota::usual() };

/// Asks until it has three answers, waiting after each 429 as long as it is told, and notes what came of each call.
async fn patient(agent: Agent, notes: Notes) -> synod::Result {
    let me = agent.id();
    let mut answers = 0;
    while answers < 3 {
        match agent.ask::<bool>(agent.task()).await {
            Ok(_) => {
                answers += 1;
                notes.write(format!("{me} ok"));
            }
            Err(Error::Provider(error)) => {
                assert_eq!((error.status, error.kind), (Some(429), ErrorKind::RateLimited));
                let wait = error.retry_after.expect("a quota says when");
                notes.write(format!("{me} {}", wait.0));
                agent.sleep(wait).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What each caller's calls should have come to: a bucket that remembers all it admitted and looks ahead by no formula.
fn expected(run: &Run) -> BTreeMap<NodeId, Vec<String>> {
    let (capacity, per_minute, minute) = (u128::from(STRICT.burst), u128::from(STRICT.per_minute), 60_000_000_000u128);
    let mut admitted: Vec<u128> = Vec::new();
    // Whether one more at this instant keeps every span since an admission, and since the start, within the bucket.
    let fits = |admitted: &[u128], at: u128| {
        let within =
            |since: u128, count: usize| count as u128 * minute <= capacity * minute + per_minute * (at - since);
        within(0, admitted.len() + 1)
            && (0..admitted.len()).all(|first| within(admitted[first], admitted.len() - first + 1))
    };
    let mut told: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
    for record in
        run.trace.records().iter().filter(|record| record.node == M1 && record.happening == Happening::Delivered)
    {
        let (caller, at) = (record.peer.expect("a caller"), u128::from(record.at.0));
        let line = if fits(&admitted, at) {
            admitted.push(at);
            format!("{caller} ok")
        } else {
            // The bucket fills steadily, so the first instant that fits is found by halving.
            let (mut no, mut yes) = (0, minute);
            while yes - no > 1 {
                let middle = (no + yes) / 2;
                if fits(&admitted, at + middle) { yes = middle } else { no = middle }
            }
            format!("{caller} {yes}")
        };
        told.entry(caller).or_default().push(line);
    }
    told
}

#[test]
fn a_team_that_exhausts_its_own_quota_is_told_exactly_how_long_to_wait() {
    let mut waits = 0;
    for seed in 0..20 {
        let notes = Notes::default();
        let told = notes.clone();
        let program = move |agent: Agent| patient(agent, told.clone());
        let set = |sim: &Sim| _ = sim.model(answering(brisk(STRICT)));
        let run = performed(&story(5, program, set), seed);
        assert_eq!(run.crash, None);
        let mut heard: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
        for line in notes.lines() {
            let caller = line.split(' ').next().expect("a name").parse().expect("a node");
            heard.entry(caller).or_default().push(line);
        }
        assert_eq!(heard, expected(&run), "seed {seed}");
        waits += heard.values().flatten().filter(|line| !line.ends_with(" ok")).count();
    }
    assert!(waits > 100, "five agents share what is enough for one: {waits} waits");
}

#[test]
fn a_team_whose_calls_wait_hears_no_error_and_takes_as_long() {
    let quota = Quota { excess: Excess::Waits, ..STRICT };
    let notes = Notes::default();
    let told = notes.clone();
    let program = move |agent: Agent| patient(agent, told.clone());
    let set = move |sim: &Sim| _ = sim.model(answering(brisk(quota)));
    let run = performed(&story(5, program, set), 7);
    assert!(notes.lines().iter().all(|line| line.ends_with(" ok")), "{:?}", notes.lines());
    let served = run.trace.records().iter().filter(|record| record.node == M1 && record.happening == Happening::Served);
    let last = served.map(|record| record.at).max().expect("replies");
    // Three of fifteen calls at once, the others two seconds apart.
    assert!(last >= Time::ZERO + seconds(24), "{last}");
}

#[test]
fn calls_that_wait_wait_for_tokens_too() {
    // Twenty tokens a second, a minute's worth at once; the agents' prompts come to about twice that.
    let rate = 1_200;
    let quota = Quota { per_minute: 60_000, burst: 100, input_per_minute: Some(rate), ..Quota::usual() };
    let ask = |agent: Agent| async move {
        for _ in 0..3 {
            agent.ask::<bool>(agent.task().say(Speaker::User, "Look at it. ".repeat(50))).await?;
        }
        Ok(())
    };
    let run = run_with(7, 5, ask, move |sim| _ = sim.model(answering(brisk(quota))));
    let read: u64 = run.spending.values().map(|spending| spending.input_tokens).sum();
    let calls: u64 = run.spending.values().map(|spending| spending.calls).sum();
    let served = run.trace.records().iter().filter(|record| record.node == M1 && record.happening == Happening::Served);
    let last = served.map(|record| record.at).max().expect("replies");
    let least = (read - u64::from(rate)) * 60_000 / u64::from(rate);
    assert!(calls == 15 && least > 10_000, "{calls} calls, {read} tokens");
    assert!(last >= Time::ZERO + millis(least), "{last} for {read} tokens");
}

#[test]
fn money_that_is_used_up_never_says_when() {
    let cap = MicroDollars(30_000);
    let quota = Quota { spend_cap: Some(cap), ..Quota::usual() };
    let ask = |agent: Agent, notes: Notes| async move {
        for _ in 0..20 {
            match agent.ask::<bool>(agent.task()).await {
                Ok(_) => notes.write("ok"),
                Err(Error::Provider(error)) => notes.write(format!("{:?} {:?}", error.kind, error.retry_after)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    };
    let lines = noted_with(3, 2, ask, move |sim| _ = sim.model(answering(brisk(quota))));
    let first = lines.iter().position(|line| line != "ok").expect("the cap is reached");
    assert!(first > 2, "{lines:?}");
    // One call may be under way when another reaches the cap.
    let after = lines[first..].iter().filter(|line| *line == "ok").count();
    assert!(after <= 1, "{lines:?}");
    assert!(lines.iter().all(|line| line == "ok" || line == "SpendCap None"), "{lines:?}");
}

/// How long each model took for the first call it got, without queue and links, in a run of this weather.
fn latencies(seed: u64, weather: Weather, sharing: Sharing) -> BTreeMap<NodeId, Duration> {
    let set = move |sim: &Sim| {
        let profile = Profile::perfect();
        let pace = Pace { weather, ..profile.pace };
        // No call waits for the other's, or the wait would count as latency.
        let quota = Quota { burst: 2, ..profile.quota };
        sim.models(2).model(answering(Profile { pace, quota, sharing, ..profile }));
    };
    let run = run_with(seed, 2, |agent: Agent| async move { agent.ask::<bool>(agent.task()).await.map(|_| ()) }, set);
    let at = |model: NodeId, happening: Happening| {
        let records = run.trace.records().iter();
        let first = records.filter(|record| record.node == model && record.happening == happening);
        first.map(|record| record.at).next().expect("one call")
    };
    let took = |model| (model, at(model, Happening::Served).since(at(model, Happening::Delivered)));
    [NodeId::model(0), NodeId::model(1)].into_iter().map(took).collect()
}

/// In percent of a fair day's, for each of two models.
fn stretched(seed: u64, sharing: Sharing) -> Vec<u64> {
    let usual = Weather { slow: Ratio::NEVER, ..Weather::usual() };
    let rough = Weather { slow: Ratio::percent(50), ..Weather::usual() };
    let (fair, foul) = (latencies(seed, usual, sharing), latencies(seed, rough, sharing));
    // To the nearest: latencies are whole nanoseconds.
    fair.iter().map(|(model, span)| (foul[model].0 * 100 + span.0 / 2) / span.0).collect()
}

#[test]
fn a_slow_period_of_a_provider_slows_all_its_models_alike() {
    let (mut fair, mut slow, mut apart) = (0, 0, 0);
    for seed in 0..40 {
        let shared = stretched(seed, Sharing::Team);
        assert_eq!(shared[0], shared[1], "seed {seed}: one provider, one weather");
        assert!(shared[0] == 100 || (150..=300).contains(&shared[0]), "seed {seed}: {shared:?}");
        fair += u32::from(shared[0] == 100);
        slow += u32::from(shared[0] > 100);
        let own = stretched(seed, Sharing::Agent);
        apart += u32::from(own[0] != own[1]);
    }
    // Three standard deviations of forty tosses of a coin are 9.5.
    assert!((11..=29).contains(&slow) && fair + slow == 40, "{slow} of 40 are slow");
    assert!(apart > 10, "two providers have weathers of their own: {apart} of 40 differ");
}

#[test]
fn an_outage_strikes_several_models_at_once_and_spares_the_others() {
    let ask = |agent: Agent, notes: Notes| async move {
        let me = agent.id();
        for _ in 0..2 {
            match agent.ask::<bool>(agent.task()).await {
                Ok(_) => notes.write(format!("{me} ok")),
                Err(Error::Provider(error)) => notes.write(format!("{me} {}", error.status.expect("a status"))),
                Err(error) => return Err(error),
            }
            agent.sleep(minutes(2)).await;
        }
        Ok(())
    };
    for seed in 0..20 {
        let set = |sim: &Sim| {
            let struck = vec![NodeId::model(0), NodeId::model(1)];
            let outage = Fault::at_models(Kind::ProviderOutage, struck).lasting(minutes(1));
            sim.models(3).model(answering(Profile::perfect())).schedule(only(outage));
        };
        let mut lines = noted_with(seed, 3, ask, set);
        lines.sort();
        let told =
            |agent: NodeId| lines.iter().filter(|line| line.starts_with(&format!("{agent} "))).collect::<Vec<_>>();
        for agent in [A1, A2] {
            let told = told(agent);
            let failed =
                [500, 503, 529].iter().any(|status| told.iter().any(|line| line.ends_with(&format!(" {status}"))));
            assert!(failed && told.iter().any(|line| line.ends_with(" ok")), "down, then up again: {told:?}");
        }
        assert_eq!(told(A3).iter().filter(|line| line.ends_with(" ok")).count(), 2, "the third was never down");
    }
}

/// The seed decides the rest; a run of a strict quota can be told apart from another seed's.
#[test]
fn runs_of_strict_quotas_repeat_themselves() {
    let digest = |seed: u64| {
        let set = |sim: &Sim| _ = sim.model(answering(brisk(STRICT)));
        let program = |agent: Agent| async move {
            while agent.ask::<bool>(agent.task()).await.is_err() {
                agent.sleep(millis(700)).await;
            }
            Ok(())
        };
        let job = synod::scenario::Job::of(Seed(seed)).detailed(Detail::Full);
        let run = synod::explore::perform(&story(5, program, set), synod::runtime::default_host(), &job);
        run.expect("contained").digest
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}
