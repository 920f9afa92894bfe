//! Quotas, weather and outages as a whole team feels them.

use super::support::{A1, A2, A3, M1, Notes, noted_with, only, performed, run_with, story};
use std::collections::BTreeMap;
use synod::fault::{Fault, Kind, Schedule, Site};
use synod::id::NodeId;
use synod::model::{
    Acceleration, ErrorKind, Excess, MicroDollars, Pace, Profile, Quota, Request, Scripted, Sharing, Speaker, Weather,
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

/// A bucket that remembers all it admitted and looks ahead by no formula.
struct Remembering {
    capacity: u128,
    per_minute: u128,
    taken: Vec<Taken>,
}

/// What was taken, and at which nanosecond.
struct Taken {
    at: u128,
    tokens: u128,
}

const MINUTE: u128 = 60_000_000_000;

impl Remembering {
    fn of(capacity: u32, per_minute: u32) -> Remembering {
        Remembering { capacity: capacity.into(), per_minute: per_minute.into(), taken: Vec::new() }
    }

    /// Whether so many more at this instant keep every span since a taking, and since the start, within the bucket.
    fn fits(&self, at: u128, tokens: u128) -> bool {
        let within = |since: u128, sum: u128| sum * MINUTE <= self.capacity * MINUTE + self.per_minute * (at - since);
        let since = |first: usize| self.taken[first..].iter().map(|taken| taken.tokens).sum::<u128>() + tokens;
        within(0, since(0)) && (0..self.taken.len()).all(|first| within(self.taken[first].at, since(first)))
    }

    /// The first instant that fits: the bucket fills steadily, so it is found by halving.
    fn first(&self, from: u128, tokens: u128) -> u128 {
        if self.fits(from, tokens) {
            return from;
        }
        let (mut no, mut yes) = (from, from + 60 * MINUTE);
        while yes - no > 1 {
            let middle = (no + yes) / 2;
            if self.fits(middle, tokens) { yes = middle } else { no = middle }
        }
        yes
    }

    fn take(&mut self, at: u128, tokens: u128) {
        self.taken.push(Taken { at, tokens });
    }
}

/// What each caller's calls should have come to.
fn expected(run: &Run) -> BTreeMap<NodeId, Vec<String>> {
    let mut bucket = Remembering::of(STRICT.burst, STRICT.per_minute);
    let mut told: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
    for record in
        run.trace.records().iter().filter(|record| record.node == M1 && record.happening == Happening::Delivered)
    {
        let (caller, at) = (record.peer.expect("a caller"), u128::from(record.at.0));
        let first = bucket.first(at, 1);
        if first == at {
            bucket.take(at, 1);
        }
        let line = if first == at { format!("{caller} ok") } else { format!("{caller} {}", first - at) };
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

/// A call as it came to the model, and when its answer was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Asked {
    caller: NodeId,
    came: u128,
    served: u128,
    tokens: u128,
}

/// All calls of a run in which five agents ask three times each, the later the longer, in the order in which they came.
/// Who is turned away waits as long as it is told before it goes on.
fn asked(quota: Quota) -> Vec<Asked> {
    let notes = Notes::default();
    let told = notes.clone();
    let ask = move |agent: Agent| {
        let told = told.clone();
        async move {
            for call in 0..3 {
                let request = agent.task().say(Speaker::User, "Look at it. ".repeat(40 + 20 * call));
                told.write(format!("{} {}", agent.id(), request.input_tokens()));
                if let Err(Error::Provider(error)) = agent.ask_within::<bool>(request, minutes(5)).await {
                    agent.sleep(error.retry_after.expect("a quota says when")).await;
                }
            }
            Ok(())
        }
    };
    let run = performed(&story(5, ask, move |sim: &Sim| _ = sim.model(answering(brisk(quota)))), 7);
    let of = |happening: Happening, caller: Option<NodeId>| {
        let records = run.trace.records().iter();
        records.filter(move |record| record.node == M1 && record.happening == happening && record.peer == caller)
    };
    let lines = notes.lines();
    let mut calls: Vec<Asked> = Vec::new();
    for caller in (0..5).map(NodeId::agent) {
        let name = format!("{caller} ");
        let tokens = lines.iter().filter_map(|line| line.strip_prefix(&name)?.parse::<u128>().ok());
        let came = of(Happening::Delivered, Some(caller)).map(|record| record.at.0.into());
        let served = of(Happening::Served, Some(caller)).map(|record| record.at.0.into());
        let told = came.zip(served).zip(tokens);
        calls.extend(told.map(|((came, served), tokens)| Asked { caller, came, served, tokens }));
    }
    assert_eq!(calls.len(), 15);
    calls.sort_by_key(|call| call.came);
    calls
}

/// Twenty tokens a second, a minute's worth at once; the agents' prompts come to about twice that.
const READ: Quota = Quota { per_minute: 120, burst: 4, input_per_minute: Some(1_200), ..Quota::usual() };

#[test]
fn calls_that_wait_are_admitted_at_the_very_instant_at_which_both_buckets_have_enough() {
    let plenty = Quota { per_minute: 60_000, burst: 100, concurrent: 100, ..Quota::usual() };
    // How long a reply takes is its own affair: the same whatever the quota.
    let took: BTreeMap<(NodeId, u128), u128> =
        asked(plenty).into_iter().map(|call| ((call.caller, call.tokens), call.served - call.came)).collect();
    let (mut requests, mut read) = (Remembering::of(READ.burst, READ.per_minute), Remembering::of(1_200, 1_200));
    let (mut last, mut waited) = (0, 0);
    for Asked { caller, came, served, tokens } in asked(Quota { concurrent: 100, ..READ }) {
        // First come, first served; what is missing in either bucket is waited for.
        let from = came.max(last);
        let mut at = requests.first(from, 1).max(read.first(from, tokens));
        at = at.max(requests.first(at, 1)).max(read.first(at, tokens));
        requests.take(at, 1);
        read.take(at, tokens);
        assert_eq!(served - took[&(caller, tokens)], at, "{caller}'s call of {tokens} tokens, which came at {came}");
        waited += u32::from(at > came);
        last = at;
    }
    assert!((5..15).contains(&waited), "{waited} of 15 wait");
}

#[test]
fn tokens_count_at_a_strict_quota_as_calls_do() {
    let strict = Quota { excess: Excess::Rejected, concurrent: 100, ..READ };
    let turned_away = |quota: Quota| {
        let (mut requests, mut read) = (Remembering::of(READ.burst, READ.per_minute), Remembering::of(1_200, 1_200));
        let mut count = 0;
        for Asked { came, served, tokens, .. } in asked(quota) {
            let fits = requests.fits(came, 1) && (quota.input_per_minute.is_none() || read.fits(came, tokens));
            if fits {
                requests.take(came, 1);
                read.take(came, tokens);
            }
            // Who is turned away is so at once.
            assert_eq!(served > came, fits, "a call of {tokens} tokens at {came}");
            count += u32::from(!fits);
        }
        count
    };
    let (by_both, by_calls) = (turned_away(strict), turned_away(Quota { input_per_minute: None, ..strict }));
    assert!(by_both > by_calls, "{by_both} by calls and tokens, {by_calls} by calls alone");
}

#[test]
fn money_that_is_used_up_is_so_for_those_who_wait_in_line_too() {
    // All ask at once, and but for the first they wait, having come while there was money.
    let cap = MicroDollars(5_000);
    let quota = Quota { spend_cap: Some(cap), concurrent: 100, ..Quota::usual() };
    let ask = |agent: Agent, notes: Notes| async move {
        match agent.ask_within::<bool>(agent.task(), minutes(5)).await {
            Ok(_) => notes.write("ok"),
            Err(Error::Provider(error)) => notes.write(format!("{:?} {:?}", error.kind, error.retry_after)),
            Err(error) => return Err(error),
        }
        Ok(())
    };
    let notes = Notes::default();
    let told = notes.clone();
    let program = move |agent: Agent| ask(agent, told.clone());
    let run = performed(&story(10, program, move |sim: &Sim| _ = sim.model(answering(brisk(quota)))), 3);
    let (served, refused): (Vec<String>, Vec<String>) = notes.lines().into_iter().partition(|line| line == "ok");
    assert!(refused.iter().all(|line| line == "SpendCap None"), "{refused:?}");
    let costs: Vec<u64> = run.spending.values().map(|spending| spending.cost.0).collect();
    let (all, dearest) = (costs.iter().sum::<u64>(), costs.iter().copied().max().expect("calls"));
    assert!(served.len() > 1 && served.len() + refused.len() == 10 && refused.len() > 2, "{} served", served.len());
    // The call that reaches the cap is the last that is generated.
    assert!(all >= cap.0 && all - dearest < cap.0, "{costs:?} for {cap:?}");
}

#[test]
fn a_team_whose_calls_grow_too_fast_is_sent_to_the_next_minute() {
    let acceleration = Some(Acceleration { floor: 2, growth_percent: 200 });
    let quota = Quota { acceleration, ..Quota::strict(600) };
    // Eight at once, in each of three minutes.
    let ask = |agent: Agent, notes: Notes| async move {
        for minute in 1..=3 {
            agent.sleep(minutes(1)).await;
            match agent.ask::<bool>(agent.task()).await {
                Ok(_) => notes.write(format!("{minute} ok")),
                Err(Error::Provider(error)) => {
                    assert!(error.retry_after.is_some_and(|wait| wait <= minutes(1)), "{error:?}");
                    notes.write(format!("{minute} {:?}", error.kind));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    };
    let lines = noted_with(3, 8, ask, move |sim| _ = sim.model(answering(brisk(quota))));
    let admitted = |minute: u64| lines.iter().filter(|line| **line == format!("{minute} ok")).count();
    assert_eq!([1, 2, 3].map(admitted), [2, 4, 8]);
    assert_eq!(lines.iter().filter(|line| line.ends_with("SlowDown")).count(), 6 + 4);
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

/// When each agent's three calls were served, if this is on; each asks the next when it has the last.
fn served(faults: Vec<Fault>) -> BTreeMap<NodeId, Vec<Time>> {
    let faults: &'static Vec<Fault> = Box::leak(Box::new(faults));
    let ask = |agent: Agent| async move {
        for _ in 0..3 {
            let _ = agent.ask_within::<bool>(agent.task(), minutes(5)).await;
        }
        Ok(())
    };
    let quota = Quota { burst: 99, ..Quota::usual() };
    let set = move |sim: &Sim| {
        _ = sim.models(2).model(answering(brisk(quota))).schedule(Schedule { faults: faults.clone() });
    };
    let run = run_with(5, 4, ask, set);
    let mut served: BTreeMap<NodeId, Vec<Time>> = BTreeMap::new();
    for record in run.trace.records().iter().filter(|record| record.happening == Happening::Served) {
        served.entry(record.peer.expect("a caller")).or_default().push(record.at);
    }
    served
}

#[test]
fn a_rate_limit_of_one_caller_keeps_that_caller_waiting_and_nobody_else() {
    let plain = served(vec![]);
    let limit = |site: Site| Fault { site, ..Fault::at(Kind::RateLimit, M1).strength(seconds(20).0) };
    let to = |to: NodeId| Site::Link { from: A1, to };
    // The first and the third agent ask the first model, the others the second.
    for (site, limited) in [
        (Site::Caller(A1), vec![A1]),
        (to(M1), vec![A1]),
        (to(NodeId::model(1)), vec![]),
        (Site::Node(M1), vec![A1, A3]),
        (Site::Models(vec![M1, NodeId::model(1)]), vec![A1, A2, A3, NodeId::agent(3)]),
    ] {
        let slow = served(vec![limit(site.clone())]);
        for (caller, times) in &plain {
            let gaps = |times: &[Time]| times.windows(2).map(|pair| pair[1].since(pair[0])).max().expect("three calls");
            let waits = gaps(&slow[caller]) > seconds(19);
            assert_eq!(waits, limited.contains(caller), "{caller} under a limit {site}");
            assert!(waits || slow[caller] == *times, "{caller} is not touched by a limit {site}");
        }
    }
}

#[test]
fn whom_one_exhausted_quota_turns_away_has_taken_from_no_other() {
    // The first admits six a minute and the second one: what the second refuses costs the first nothing.
    let exhausted = |strength: u64| Fault::at(Kind::QuotaExhausted, M1).strength(strength);
    let ask = |agent: Agent, notes: Notes| async move {
        for _ in 0..9 {
            match agent.ask::<bool>(agent.task()).await {
                Ok(_) => notes.write("ok"),
                Err(Error::Provider(error)) => {
                    notes.write(error.retry_after.expect("a quota says when").0 / 1_000_000_000)
                }
                Err(error) => return Err(error),
            }
        }
        agent.sleep(seconds(61)).await;
        notes.write(if agent.ask::<bool>(agent.task()).await.is_ok() { "ok" } else { "refused" });
        Ok(())
    };
    let lines = noted_with(5, 1, ask, move |sim| {
        let faults = vec![exhausted(6), exhausted(1)];
        sim.model(answering(brisk(Quota { burst: 99, ..Quota::usual() }))).schedule(Schedule { faults });
    });
    assert_eq!((lines[0].as_str(), lines[9].as_str()), ("ok", "ok"), "{lines:?}");
    let waits: Vec<u64> = lines[1..9].iter().map(|line| line.parse().expect("a wait in seconds")).collect();
    assert!(waits.iter().all(|wait| *wait > 50), "the longest wait is told: {waits:?}");
}
