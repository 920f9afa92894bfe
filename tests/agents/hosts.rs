//! One run on both hosts, and what the standard library shows to agents within madsim.

use super::support::{A1, story};
use serde::Serialize;
use synod::explore::{BareHost, Host, perform};
use synod::fault::Nemesis;
use synod::runtime::default_host;
use synod::scenario::{Job, Story};
use synod::seed::Seed;
use synod::time::{millis, seconds};
use synod::{Agent, Sim, all};

#[derive(Clone, Debug, Serialize)]
struct Bid(u64);

/// Uses everything that Synod offers and nothing else.
async fn bidder(agent: Agent) -> synod::Result {
    let round: u64 = agent.recall().unwrap_or_default();
    agent.sleep(millis(agent.draw(2_000))).await;
    agent.save(&(round + 1)).await?;
    let _: synod::Result<bool> = agent.ask(agent.task()).await;
    agent.broadcast(&Bid(agent.draw(1_000))).await?;
    let bids: Vec<Bid> = agent.gather(all(3), seconds(40)).await;
    if agent.id() == A1 {
        agent.delegate("notary", seconds(9), |notary| async move { notary.abstain().await }).await;
    }
    agent.decide(bids.iter().map(|bid| bid.0).max()).await
}

fn digest(host: &dyn Host, team: &Story, seed: u64) -> u64 {
    let run = perform(team, host, &Job::of(Seed(seed))).expect("contained");
    assert_eq!(run.crash, None);
    run.digest
}

#[test]
fn agents_that_use_only_synod_run_alike_on_every_host() {
    let team = story(3, bidder, |sim: &Sim| _ = sim.nemesis(Nemesis::all()));
    let digests: Vec<u64> = (0..60).map(|seed| digest(default_host(), &team, seed)).collect();
    let bare: Vec<u64> = (0..60).map(|seed| digest(&BareHost, &team, seed)).collect();
    assert_eq!(digests, bare);
    let mut different = digests.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), 60, "seeds differ");
    assert_eq!(digest(default_host(), &team, 17), digests[17], "alone as among others");
}

#[cfg(madsim)]
#[allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "these tests are about the standard library")]
mod inside {
    use super::super::support::{Notes, at, noted, noted_with, only};
    use super::*;
    use std::collections::HashMap;
    use std::hash::{BuildHasher, RandomState};
    use std::time::{Instant, SystemTime};
    use synod::fault::Kind;

    #[test]
    fn standard_clocks_follow_virtual_time() {
        let lines = noted(61, 2, |agent: Agent, notes: Notes| async move {
            let (instant, system) = (Instant::now(), SystemTime::now());
            agent.sleep(seconds(90) + millis(agent.id().index() as u64)).await;
            notes.write(format!("{:?} {:?}", instant.elapsed(), system.elapsed().unwrap()));
            Ok(())
        });
        assert_eq!(lines, ["90s 90s", "90.001s 90.001s"]);
    }

    #[test]
    fn a_restarted_agent_is_made_at_the_instant_of_its_restart() {
        let epoch = std::sync::Arc::new(std::sync::OnceLock::new());
        let lines = noted_with(
            62,
            1,
            move |agent: Agent, notes: Notes| {
                // This part runs when the process starts, before its future is polled.
                let (epoch, born) = (epoch.clone(), Instant::now());
                async move {
                    notes.write(format!("{:?} {}", born.duration_since(*epoch.get_or_init(|| born)), agent.now()));
                    agent.sleep(seconds(30)).await;
                    Ok(())
                }
            },
            |sim| _ = sim.schedule(only(at(Kind::Crash, A1, seconds(2), seconds(5)))),
        );
        assert_eq!(
            lines,
            [format!("0ns {}", synod::time::Time::ZERO), format!("7s {}", synod::time::Time(seconds(7).0))]
        );
    }

    #[test]
    fn hash_maps_have_one_order_for_each_seed() {
        let order = |seed| {
            noted(seed, 1, |_: Agent, notes: Notes| async move {
                let map: HashMap<u64, ()> = (0..64).map(|key| (key, ())).collect();
                notes.write(format!("{:?} {:x}", map.keys().collect::<Vec<_>>(), RandomState::new().hash_one("plan")));
                Ok(())
            })
        };
        assert_eq!(order(63), order(63));
        assert_ne!(order(63), order(64));
    }
}
