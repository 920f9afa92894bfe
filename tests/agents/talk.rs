//! Messages, time, draws and decisions.

use super::support::{A1, A2, A3, noted, noted_with, on, only, run};
use serde::Serialize;
use synod::check::Agreement;
use synod::fact::Fact;
use synod::fault::Kind;
use synod::history::Event;
use synod::id::NodeId;
use synod::runtime::default_host;
use synod::scenario::{Job, Story};
use synod::seed::Seed;
use synod::time::{Duration, Time, millis, minutes, seconds};
use synod::trace::Detail;
use synod::{Agent, Error, Sim, agreed, all, majority, quorum};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Ping(u32);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Pong(u32);

#[test]
fn a_message_names_its_sender_and_one_of_another_type_waits_for_whoever_wants_it() {
    let lines = noted(1, 2, |agent: Agent, notes| async move {
        if agent.id() == A1 {
            agent.send(A2, &Pong(1)).await?;
            agent.sleep(seconds(1)).await;
            agent.send(A2, &Ping(2)).await?;
            return Ok(());
        }
        let ping = agent.recv::<Ping>().await;
        let pong = agent.recv::<Pong>().await;
        notes.write(format!("{} {:?}, {} {:?}", ping.from, ping.message, pong.from, pong.message));
        Ok(())
    });
    assert_eq!(lines, ["a1 Ping(2), a1 Pong(1)"]);
}

#[test]
fn a_broadcast_reaches_every_member_and_its_sender() {
    let lines = noted(2, 4, |agent: Agent, notes| async move {
        if agent.id() == A3 {
            agent.broadcast(&Ping(7)).await?;
        }
        let ping = agent.recv::<Ping>().await;
        notes.write(format!("{} {} {}", agent.id(), ping.from, ping.message.0));
        Ok(())
    });
    let mut sorted = lines;
    sorted.sort();
    assert_eq!(sorted, ["a1 a3 7", "a2 a3 7", "a3 a3 7", "a4 a3 7"]);
}

#[test]
fn gathering_takes_one_message_of_each_sender() {
    let lines = noted(3, 3, |agent: Agent, notes| async move {
        if agent.id() == A2 {
            agent.send(A1, &Ping(1)).await?;
            agent.send(A1, &Ping(2)).await?;
        }
        if agent.id() == A3 {
            agent.sleep(seconds(5)).await;
            agent.send(A1, &Ping(3)).await?;
        }
        if agent.id() == A1 {
            let before = agent.now();
            let heard: Vec<Ping> = agent.gather(quorum(3), seconds(30)).await;
            assert!(heard[1] == Ping(3) && heard.len() == 2, "{heard:?}");
            notes.write(agent.now().since(before) >= seconds(5));
        }
        Ok(())
    });
    assert_eq!(lines, ["true"]);
}

#[test]
fn gathering_ends_at_its_deadline_with_what_came_or_as_soon_as_it_is_enough() {
    let lines = noted(4, 3, |agent: Agent, notes| async move {
        if agent.id() != A1 {
            agent.send(A1, &Ping(1)).await?;
            return Ok(());
        }
        let few: Vec<Ping> = agent.gather(all(3), seconds(30)).await;
        notes.write(format!("{} by {}", few.len(), agent.now()));
        agent.send(A1, &Ping(1)).await?;
        let own: Vec<Ping> = agent.gather(all(1), seconds(30)).await;
        let none: Vec<Pong> = agent.gather(quorum(0), Duration::ZERO).await;
        notes.write(format!("{} {} by {}", own.len(), none.len(), agent.now()));
        Ok(())
    });
    assert_eq!(lines, [format!("2 by {}", Time(seconds(30).0)), format!("1 0 by {}", Time(seconds(30).0))]);
}

#[test]
fn sleeping_and_timing_out_take_exactly_their_span() {
    let lines = noted(5, 1, |agent: Agent, notes| async move {
        agent.sleep(millis(1_500)).await;
        notes.write(agent.now());
        let slow = agent.timeout(seconds(2), agent.sleep(seconds(3))).await;
        notes.write(format!("{slow:?} {}", agent.now()));
        let fast = agent.timeout(seconds(3), async { 9 }).await;
        // The deadline was set first, so of two ends at one instant it comes first.
        let even = agent.timeout(seconds(1), agent.sleep(seconds(1))).await;
        notes.write(format!("{fast:?} {even:?} {}", agent.now()));
        Ok(())
    });
    let times = [millis(1_500), millis(3_500), millis(4_500)].map(|span| Time(span.0));
    let [first, second, third] = times.map(|time| time.to_string());
    assert_eq!(lines, [first, format!("None {second}"), format!("Some(9) None {third}")]);
}

#[test]
fn a_sender_learns_that_a_link_is_cut_and_a_broadcast_passes_it_over() {
    let team = |agent: Agent, notes: super::support::Notes| async move {
        if agent.id() == A1 {
            agent.sleep(seconds(1)).await;
            notes.write(format!("{:?}", agent.send(A2, &Ping(1)).await));
            agent.broadcast(&Ping(2)).await?;
            agent.sleep(seconds(10)).await;
            notes.write(format!("{:?}", agent.send(A2, &Ping(3)).await));
        } else {
            let ping = agent.recv::<Ping>().await;
            notes.write(format!("{} {:?}", agent.id(), ping.message));
        }
        Ok(())
    };
    let lines = noted_with(6, 3, team, |sim: &Sim| {
        sim.schedule(only(on(Kind::Cut, A1, A2, seconds(5))));
    });
    let cut = Err::<(), Error>(Error::Unreachable(A2));
    assert_eq!(lines, [format!("{cut:?}"), "a3 Ping(2)".into(), "Ok(())".into(), "a2 Ping(3)".into()]);
}

#[test]
fn draws_are_the_agents_own_and_the_seeds() {
    let drawn = |seed| {
        noted(seed, 2, |agent: Agent, notes| async move {
            let draws: Vec<u64> = (0..8).map(|_| agent.draw(1_000)).collect();
            notes.write(format!("{draws:?}"));
            Ok(())
        })
    };
    let lines = drawn(7);
    assert_eq!(lines, drawn(7));
    assert_ne!(lines[0], lines[1]);
    assert_ne!(lines, drawn(8));
}

fn facts(run: &synod::scenario::Run) -> Vec<String> {
    let facts = run.history.entries().iter().filter_map(|entry| match &entry.event {
        Event::Fact(Fact::Decided { value, .. }) => Some(format!("{} {value}", entry.node)),
        Event::Fact(Fact::Abstained { .. }) => Some(format!("{} abstains", entry.node)),
        _ => None,
    });
    facts.collect()
}

#[test]
fn decisions_and_abstentions_are_in_the_history() {
    let decided = run(9, 3, |agent: Agent| async move {
        match agent.id() {
            A1 => agent.decide("ship").await,
            A2 => agent.abstain().await,
            _ => agent.decide(vec![1, 2]).await,
        }
    });
    assert_eq!(facts(&decided), ["a1 \"ship\"", "a2 abstains", "a3 [1,2]"]);
    assert_eq!(decided.figures.decisions, 1, "both are about the one slot of the task");
}

#[test]
fn checks_judge_what_agents_decide() {
    let verdict = |same: u64| {
        let story = Story::new("agents", move |sim: Sim| async move {
            sim.team(3, move |agent: Agent| async move { agent.decide(agent.id().index() as u64 * same).await });
            sim.run_for(minutes(1)).await;
            sim.check(Agreement);
        });
        let job = Job::of(Seed(1)).detailed(Detail::Full);
        let run = synod::explore::perform(&story, default_host(), &job).expect("contained");
        run.violation().map(|judged| judged.property.name)
    };
    assert_eq!(verdict(0), None);
    assert_eq!(verdict(1), Some("agreement"));
}

#[test]
fn majorities_and_quorums_count() {
    assert_eq!((quorum(4).0, quorum(5).0, all(5).0), (3, 3, 5));
    assert_eq!(majority(&["a", "b", "b", "a"]), "a");
    assert_eq!(agreed(&[NodeId::agent(1), NodeId::agent(1)], quorum(3)), Some(A2));
}
