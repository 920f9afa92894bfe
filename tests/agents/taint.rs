//! False claims followed through teams: who invents, who repeats, what is reached, and what is not.

use super::support::{A1, A2, A3, M1, only, performed, run_with};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use synod::explore::SweepExt;
use synod::fault::{Fault, Kind, Nemesis, Persistence, Schedule, Site, When};
use synod::id::NodeId;
use synod::model::{Profile, Request, Scripted, Speaker, Task};
use synod::scenario::{Run, Scenario, Story};
use synod::seed::{Draws, Ratio};
use synod::time::{Duration, minutes, seconds};
use synod::trace::{Happening, Mark, Spread};
use synod::{Agent, Sim};

/// What an agent says of a change: a closed answer, an id and a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Finding {
    cause: Cause,
    ticket: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Cause {
    Deploy,
    Disk,
}

fn truth() -> Finding {
    Finding { cause: Cause::Disk, ticket: "INC-4417".to_owned() }
}

/// A model that tells the truth; the n-th calls of it are struck by this kind of lie.
fn lying(sim: &Sim, kind: Kind, calls: &[u64]) {
    let struck = |nth: &u64| Fault {
        kind,
        site: Site::Node(M1),
        when: When::Nth(*nth),
        span: seconds(1),
        rate: Ratio::ALWAYS,
        strength: 0,
        persistence: Persistence::Persistent,
        name: None,
    };
    let mut schedule = only(struck(&calls[0]));
    schedule.faults.extend(calls[1..].iter().map(struck));
    sim.model(Scripted::new(|_: &Request| truth())).schedule(schedule);
}

/// One after the other asks, two minutes apart, so that the k-th call is the k-th agent's.
async fn turn(agent: &Agent) {
    agent.sleep(Duration(minutes(2).0 * agent.id().index() as u64)).await;
}

fn only_spread(run: &Run) -> &Spread {
    assert_eq!(run.crash, None);
    let [spread] = run.trace.spreads() else { panic!("{:#?}", run.trace.spreads()) };
    spread
}

/// What this agent did that carries a false claim.
fn marked(run: &Run, agent: NodeId) -> Vec<Happening> {
    let records = run.trace.records().iter();
    let of_agent = records.filter(|record| record.node == agent && record.mark.has(Mark::TAINT));
    of_agent.map(|record| record.happening).collect()
}

/// a1 asks and tells a2, which saves and passes it to a3, which decides: three hops of one claim.
async fn chain(agent: Agent) -> synod::Result {
    match agent.id() {
        A1 => {
            let found: Finding = agent.ask(agent.task()).await?;
            agent.send(A2, &found).await
        }
        A2 => {
            let heard = agent.recv::<Finding>().await.message;
            agent.save(&heard).await?;
            agent.send(A3, &("a1 says".to_owned(), heard)).await
        }
        _ => {
            let heard = agent.recv::<(String, Finding)>().await.message;
            agent.decide(heard.1).await
        }
    }
}

#[test]
fn a_claim_is_followed_over_every_hop_to_the_decision() {
    let run = run_with(3, 3, chain, |sim| {
        sim.role("reviewer");
        lying(sim, Kind::WrongAnswer, &[0]);
    });
    let spread = only_spread(&run);
    assert_eq!((&spread.invented[..], &spread.repeated[..]), (&[A1][..], &[A1, A2, A3][..]));
    assert_eq!(spread.decided.iter().map(|decided| decided.agent).collect::<Vec<_>>(), [A3]);
    assert_eq!(marked(&run, A1), [Happening::Delivered, Happening::Replied, Happening::Sent]);
    let kept = [Happening::Delivered, Happening::Persisting, Happening::Persisted, Happening::Sent];
    assert_eq!(marked(&run, A2), kept);
    assert_eq!(marked(&run, A3), [Happening::Delivered, Happening::Decided]);
    let line = spread.to_string();
    let decided = spread.decided[0].at;
    let told = format!(": 1 of 3 reviewers invented it, 3 of 3 repeated it, decided at {decided}");
    assert!(line.ends_with(&told), "{line}");
}

#[test]
fn whoever_comes_to_the_truth_alone_is_not_marked() {
    let own = |agent: Agent| async move {
        turn(&agent).await;
        let found: Finding = agent.ask(agent.task()).await?;
        agent.broadcast(&found).await?;
        agent.decide(found).await
    };
    let run = run_with(3, 3, own, |sim| lying(sim, Kind::WrongAnswer, &[1]));
    let spread = only_spread(&run);
    assert_eq!((&spread.invented[..], &spread.repeated[..]), (&[A2][..], &[A2][..]));
    // a3 heard the claim before it decided otherwise: hearing is marked, what it says itself is not.
    assert_eq!(marked(&run, A3), [Happening::Delivered]);
}

#[test]
fn whoever_invents_the_same_falsehood_has_invented_it() {
    let own = |agent: Agent| async move {
        let found: Finding = agent.ask(agent.task()).await?;
        agent.decide(found).await
    };
    // The closed answer is one of two: alike lies are the same falsehood. Seeds on which both lies chose it.
    let same = (0..40).find_map(|seed| {
        let run = run_with(seed, 2, own, |sim| lying(sim, Kind::WrongAnswer, &[0, 1]));
        (run.trace.spreads().len() == 1).then_some(run)
    });
    let run = same.expect("one of forty seeds");
    assert_eq!(only_spread(&run).invented, [A1, A2]);
    assert_eq!(only_spread(&run).births.len(), 2);
}

/// a1 is told a lie and tells it to a2, to whom its own model says the same as the truth; a3 comes to it by itself.
#[test]
fn who_has_a_falsehood_from_elsewhere_does_not_repeat_it() {
    const OTHER: &str = "Think of the deploy.";
    let deploy = || Finding { cause: Cause::Deploy, ..truth() };
    let program = move |agent: Agent| async move {
        match agent.id() {
            A1 => {
                let found: Finding = agent.ask(agent.task()).await?;
                agent.sleep(minutes(4)).await;
                agent.send(A2, &found).await
            }
            A2 => {
                turn(&agent).await;
                let own: Finding = agent.ask(agent.task().say(Speaker::User, OTHER)).await?;
                let heard = agent.recv::<Finding>().await.message;
                agent.decide(if own == heard { own } else { heard }).await
            }
            _ => agent.decide(deploy()).await,
        }
    };
    let script = move |request: &Request| {
        let asked = request.messages.iter().any(|message| message.text == OTHER);
        if asked { deploy() } else { truth() }
    };
    let told = |seed| {
        let run = run_with(seed, 3, program, move |sim| {
            lying(sim, Kind::WrongAnswer, &[0]);
            sim.model(Scripted::new(script));
        });
        // The lie is one of two: another cause, or another ticket.
        only_spread(&run).claim.starts_with("cause").then_some(run)
    };
    let run = (0..40).find_map(told).expect("one of forty seeds");
    let spread = only_spread(&run);
    assert_eq!((&spread.invented[..], &spread.repeated[..]), (&[A1][..], &[A1][..]), "{spread}");
    assert!(spread.decided.is_empty(), "a2 had it innocently as well, and a3 never heard of it: {spread}");
}

#[test]
fn whose_model_repeats_what_it_was_shown_has_invented_nothing() {
    let believer = |agent: Agent| async move {
        if agent.id() == A1 {
            let found: Finding = agent.ask(agent.task()).await?;
            return agent.send(A2, &found).await;
        }
        let heard = serde_json::to_string(&agent.recv::<Finding>().await.message).expect("JSON");
        let found: Finding = agent.ask(agent.task().say(Speaker::Peer(A1), heard)).await?;
        agent.decide(found).await
    };
    let run = run_with(5, 2, believer, |sim| {
        lying(sim, Kind::WrongAnswer, &[0]);
        let obeyed = Fault::at(Kind::Injection, M1).at_call(1);
        let lied = Fault::at(Kind::WrongAnswer, M1).at_call(0).once();
        sim.schedule(Schedule { faults: vec![lied, obeyed] });
    });
    assert_eq!(run.crash, None);
    assert!(!run.trace.spreads().is_empty());
    for spread in run.trace.spreads() {
        assert_eq!(spread.invented, [A1], "{spread}");
        assert!(spread.births.len() == 2 && spread.repeated.contains(&A2), "its model said it after it was shown it");
    }
}

#[test]
fn a_falsehood_in_a_damaged_reply_is_born_all_the_same() {
    let ask = |agent: Agent| async move {
        let _ = agent.ask::<Finding>(agent.task()).await;
        Ok(())
    };
    for kind in [Kind::DuplicateChunk, Kind::LateChunk] {
        let story = Story::new("damaged", move |sim: Sim| async move {
            sim.task(Sound::generate).team(1, ask).model(Profile { wrong: Ratio::ALWAYS, ..Profile::perfect() });
            sim.schedule(only(Fault::at(kind, M1))).run_for(minutes(5)).await;
        });
        let run = performed(&story, 4);
        assert_eq!(run.ledger.tally(kind).felt, 1, "{kind}");
        assert_eq!(only_spread(&run).births.len(), 1, "{kind}");
    }
}

/// The spreads of a claim whose stream breaks off before this chunk.
fn cut_before(chunk: u64) -> Vec<Spread> {
    let read = |agent: Agent| async move {
        let mut stream = agent.stream(agent.task());
        while let Some(Ok(_)) = stream.next().await {}
        Ok(())
    };
    let story = Story::new("cut", move |sim: Sim| async move {
        sim.task(Sound::generate).team(1, read).model(Profile { wrong: Ratio::ALWAYS, ..Profile::perfect() });
        sim.schedule(only(Fault::at(Kind::CutStream, M1).strength(chunk))).run_for(minutes(5)).await;
    });
    let run = performed(&story, 4);
    assert_eq!((run.crash.clone(), run.ledger.tally(Kind::CutStream).felt), (None, 1));
    run.trace.spreads().to_vec()
}

#[test]
fn a_falsehood_in_a_stream_that_breaks_off_is_born_once_it_was_said() {
    // The reply has three chunks: its cause, which is false, is complete with the second.
    assert_eq!([0, 1, 2, 3].map(|chunk| cut_before(chunk).len()), [0, 0, 1, 1]);
    let [spread] = &cut_before(2)[..] else { panic!("one claim") };
    assert_eq!((&spread.invented[..], &spread.repeated[..]), (&[A1][..], &[][..]), "{spread}");
}

#[test]
fn an_invented_id_is_followed_through_prose() {
    let gossip = |agent: Agent| async move {
        if agent.id() == A1 {
            let found: Finding = agent.ask(agent.task()).await?;
            return agent.send(A2, &format!("see {} for details", found.ticket)).await;
        }
        let word = agent.recv::<String>().await.message;
        let request = agent.task().say(Speaker::Peer(A1), word);
        let _: Finding = agent.ask(request).await?;
        agent.send(A1, &"nothing of the kind".to_owned()).await
    };
    let run = run_with(5, 2, gossip, |sim| lying(sim, Kind::FabricatedId, &[0]));
    assert_eq!(only_spread(&run).repeated, [A1], "asking a model is no repeating");
    let called = [Happening::Delivered, Happening::Prompted, Happening::Sent];
    assert_eq!(marked(&run, A2), called, "what a2 says after a true reply is innocent");
}

#[test]
fn a_sub_agent_knows_what_its_parent_heard() {
    let boss = |agent: Agent| async move {
        let found: Finding = agent.ask(agent.task()).await?;
        let helped = agent.delegate("write", minutes(1), move |helper| async move { helper.decide(found).await });
        let _ = helped.await;
        Ok(())
    };
    let run = run_with(2, 1, boss, |sim| lying(sim, Kind::WrongAnswer, &[0]));
    assert_eq!(only_spread(&run).repeated, [A2]);
}

#[test]
fn marks_are_not_part_of_the_digest() {
    use synod::explore::perform;
    use synod::scenario::Job;
    use synod::seed::Seed;
    let story = super::support::story(3, chain, |sim| lying(sim, Kind::WrongAnswer, &[0]));
    let full = performed(&story, 3);
    let brief = perform(&story, synod::runtime::default_host(), &Job::of(Seed(3))).unwrap();
    assert_eq!((full.digest, brief.trace.spreads().len()), (brief.digest, 0));
    assert_eq!(full.trace.spreads().len(), 1);
}

/// A change that is always sound, so that an acceptance is always right.
#[derive(Clone)]
struct Sound;

impl Task for Sound {
    type Reply = Finding;

    fn generate(_: &mut Draws) -> (String, Sound) {
        ("The disk of INC-4417 is full.".to_owned(), Sound)
    }

    fn right(&self) -> Finding {
        truth()
    }
}

#[test]
fn a_failing_sweep_tells_how_far_the_claim_came() {
    let body = |sim: Sim| async move {
        let own = |agent: Agent| async move {
            let found: Finding = agent.ask(agent.task()).await?;
            agent.decide(found).await
        };
        sim.task(Sound::generate).team(2, own).model(Profile::grounded()).nemesis(Nemesis::hallucinations());
        sim.run_for(minutes(5)).await;
        sim.check(synod::check::Agreement);
    };
    let failure = Story::new("liars", body).expect(&synod::check::Agreement).sweep(0..200).expect_err("it disagrees");
    let text = failure.to_string();
    let line = text.lines().find(|line| line.starts_with("false about slot 0: ")).expect(&text);
    assert!(line.contains("of 2 agents invented it, ") && line.contains(", decided at "), "{line}");
}

#[test]
fn every_protocol_passes_values_on_in_sight() {
    use synod::check::Agreement;
    use synod::protocol::baseline::last_speaker::LastSpeaker;
    use synod::protocol::baseline::majority::Majority;
    use synod::protocol::baseline::orchestrator::Orchestrator;
    use synod::protocol::consensus::Raft;
    use synod::scenario::Runnable;
    let lies = || Profile { wrong: Ratio::ALWAYS, ..Profile::perfect() };
    let teams: [Box<dyn Runnable>; 4] = [
        Box::new(Scenario::new("last").team(3, LastSpeaker::factory).profile(lies()).expect(Agreement)),
        Box::new(Scenario::new("orchestrator").team(3, Orchestrator::factory).profile(lies()).expect(Agreement)),
        Box::new(Scenario::new("majority").team(3, Majority::factory).profile(lies()).expect(Agreement)),
        Box::new(Scenario::new("raft").team(3, Raft::factory).profile(lies()).expect(Agreement)),
    ];
    for team in teams {
        let name = team.summary().name;
        let run = synod::explore::perform(
            &*team,
            synod::runtime::default_host(),
            &synod::scenario::Job::of(synod::seed::Seed(1)).detailed(synod::trace::Detail::Full),
        )
        .unwrap();
        let decisions = run.trace.records().iter().filter(|record| record.happening == Happening::Decided);
        let (mut all, mut tainted) = (0, 0);
        for record in decisions {
            all += 1;
            tainted += usize::from(record.mark.has(Mark::TAINT));
        }
        // Whatever was decided was a lie, so it must have been seen on its whole way.
        assert!(all > 0 && tainted == all, "{name}: {tainted} of {all}");
    }
}
