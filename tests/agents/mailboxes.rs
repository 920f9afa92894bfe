//! Channels held by async agents: letters arrive once, in order, over links that fail and crashes that forget.

use super::support::{A1, A2, A3, Notes, at, noted_with, on, performed, story};
use std::collections::{BTreeMap, BTreeSet};
use synod::agent::Mailbox;
use synod::fact::Fact;
use synod::fault::{Kind, Nemesis, Schedule};
use synod::history::History;
use synod::id::NodeId;
use synod::protocol::Protocol;
use synod::protocol::channel::{Audience, Bounds, Kept, Line, Order, Posted};
use synod::time::{millis, minutes, seconds};
use synod::{Agent, Result};

/// How many letters each of three agents writes.
const LETTERS: usize = 3;

/// Writes letters, reads everybody's, and answers the mail of those who are behind for a while.
async fn correspondent(agent: Agent) -> Result {
    let mut mailbox = Mailbox::open(&agent, Line::causal).await?;
    let sent =
        |mailbox: &Mailbox<Line>| mailbox.transcript().iter().filter(|kept| matches!(kept, Kept::Sent(_))).count();
    while sent(&mailbox) < LETTERS {
        let number = sent(&mailbox);
        mailbox.post(Audience::All, &format!("{} says {number}", agent.id())).await?;
        // Work that takes a while, such as a call of a model.
        mailbox.during(agent.sleep(millis(300))).await?;
    }
    let heard = |mailbox: &Mailbox<Line>| mailbox.transcript().len() - sent(mailbox);
    while heard(&mailbox) < 3 * LETTERS {
        mailbox.next().await?;
    }
    // The channel works while its holder waits for it.
    while mailbox.during(agent.timeout(minutes(4), std::future::pending::<()>())).await?.is_some() {}
    Ok(())
}

/// What each agent was delivered, by position.
fn deliveries(history: &History) -> BTreeMap<NodeId, BTreeMap<u64, (NodeId, u64)>> {
    let mut deliveries: BTreeMap<NodeId, BTreeMap<u64, (NodeId, u64)>> = BTreeMap::new();
    for (_, entry, fact) in history.facts() {
        if let Fact::Delivered { from, number, position } = fact {
            let before = deliveries.entry(entry.node).or_default().insert(*position, (*from, *number));
            assert!(before.is_none_or(|before| before == (*from, *number)), "position {position} of {}", entry.node);
        }
    }
    deliveries
}

#[test]
fn letters_arrive_once_in_order_over_loss_reordering_and_crashes() {
    // Disks that are full, torn or cannot be read at first among them: an end that took such a disk for an empty one
    // would write its letters' numbers anew.
    let nemesis = || (Nemesis::network() + Nemesis::processes()).borne(Line::tolerance);
    let story = story(3, correspondent, move |sim| _ = sim.nemesis(nemesis()));
    for seed in 0..60 {
        let run = performed(&story, seed);
        assert_eq!(run.crash, None, "seed {seed}");
        let deliveries = deliveries(&run.history);
        for node in [A1, A2, A3] {
            let heard: Vec<(NodeId, u64)> = deliveries[&node].values().copied().collect();
            assert_eq!(heard.iter().collect::<BTreeSet<_>>().len(), 3 * LETTERS, "seed {seed}, {node}: {heard:?}");
            for writer in [A1, A2, A3] {
                let numbers = heard.iter().filter(|(from, _)| *from == writer).map(|(_, number)| *number);
                assert!(numbers.is_sorted(), "seed {seed}, {node}: {heard:?}");
            }
        }
    }
}

#[test]
fn an_end_that_cannot_read_its_disk_at_first_loses_no_letter() {
    let story = story(3, correspondent, |sim| {
        let unreadable = at(Kind::ReadError, A2, seconds(1), seconds(9));
        _ = sim.schedule(Schedule { faults: vec![unreadable, at(Kind::Crash, A2, seconds(2), millis(20))] });
    });
    let deliveries = deliveries(&performed(&story, 9).history);
    for node in [A1, A2, A3] {
        assert_eq!(deliveries[&node].len(), 3 * LETTERS, "{node}");
    }
}

#[test]
fn an_agent_hears_the_bug_before_the_fix_although_the_report_is_slow() {
    let team = |agent: Agent, notes: Notes| async move {
        let mut mailbox = Mailbox::open(&agent, Line::causal).await?;
        if agent.id() == A1 {
            mailbox.post(Audience::All, &"found").await?;
        }
        loop {
            let letter = mailbox.next().await?;
            let said: String = letter.read()?;
            if agent.id() == A2 && said == "found" {
                mailbox.post(Audience::All, &"fixed").await?;
            }
            if agent.id() == A3 {
                notes.write(said);
            }
        }
    };
    let heard =
        noted_with(7, 3, team, |sim| _ = sim.schedule(Schedule { faults: vec![on(Kind::Cut, A1, A3, seconds(9))] }));
    assert_eq!(heard, ["found", "fixed"]);
}

#[test]
fn a_writer_waits_while_the_channel_is_full_and_can_ask_instead() {
    let bounds = Bounds { outbox: 2, ..Bounds::default() };
    let team = move |agent: Agent, notes: Notes| async move {
        let make = |me, members: &_| Line::new(me, members, Order::Fifo, bounds);
        let mut mailbox = Mailbox::open(&agent, make).await?;
        if agent.id() == A1 {
            for number in 0..3 {
                if let Posted::Refused(refusal) = mailbox.try_post(Audience::One(A2), &number).await? {
                    notes.write(refusal);
                }
            }
            mailbox.post(Audience::One(A2), &7).await?;
            notes.write(if agent.now().0 > seconds(5).0 { "taken once a2 was back" } else { "taken at once" });
        }
        loop {
            mailbox.next().await?;
        }
    };
    let lines = noted_with(8, 2, team, |sim| {
        _ = sim.schedule(Schedule { faults: vec![at(Kind::Crash, A2, millis(1), seconds(6))] })
    });
    let full = "2 letters for a2 are under way and none of them has arrived: post again later";
    assert_eq!(lines, [full, "taken once a2 was back"]);
}
