//! What happens at each bound: never a loss; and what becomes of letters when a member loses its disk.

use super::net::Net;
use crate::fact::Value;
use crate::id::{Members, NodeId, OpId};
use crate::protocol::Event;
use crate::protocol::channel::{Audience, Bounds, Channel, LetterId, Line, Order, Post, Posted, Refusal, Total};

const SMALL: fn() -> Bounds = || Bounds { outbox: 3, window: 2, held: 1, inbox: 2, body: 8, ..Bounds::default() };

fn pair(order: Order) -> Net<Line> {
    Net::of(2, move |me, members| Line::new(me, members, order, SMALL()))
}

fn a(number: u16) -> NodeId {
    NodeId::agent(number - 1)
}

fn id(from: u16, number: u64) -> LetterId {
    LetterId { from: a(from), number }
}

fn posts<C: Channel>(net: &mut Net<C>, from: u16, to: Audience, body: &str) -> Posted {
    let request = Post { to, body: Value::from(body) };
    net.step(a(from), Event::Invoke { op: OpId(1), request }, usize::MAX);
    *net.answers.last().expect("an answer")
}

#[test]
fn a_full_outbox_refuses_and_takes_letters_again_once_some_have_arrived() {
    for order in [Order::Unordered, Order::Fifo, Order::Causal] {
        let mut net = pair(order);
        let to = Audience::One(a(2));
        let answers: Vec<Posted> = (0..4).map(|_| posts(&mut net, 1, to, "x")).collect();
        let full = Posted::Refused(Refusal::Full { behind: a(2), bound: 3 });
        assert_eq!(answers, [Posted::Accepted(id(1, 1)), Posted::Accepted(id(1, 2)), Posted::Accepted(id(1, 3)), full]);
        net.settle();
        assert_eq!(posts(&mut net, 1, to, "x"), Posted::Accepted(id(1, 4)), "a refusal uses no number up");
        net.calm_down(20);
        assert_eq!(net.transcript(a(2)), [1, 2, 3, 4].map(|number| id(1, number)));
    }
}

#[test]
fn one_member_that_is_behind_makes_letters_to_all_refused_and_others_not() {
    let mut net = Net::of(3, |me, members: &Members| Line::new(me, members, Order::Fifo, SMALL()));
    net.crash(a(3));
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(posts(&mut net, 1, Audience::All, "x"));
        net.settle();
    }
    assert_eq!(answers[3], Posted::Refused(Refusal::Full { behind: a(3), bound: 3 }));
    net.settle();
    assert!(matches!(posts(&mut net, 1, Audience::One(a(2)), "x"), Posted::Accepted(_)));
}

#[test]
fn a_holder_that_takes_nothing_in_stops_its_writers_and_loses_nothing() {
    let mut net = pair(Order::Fifo);
    net.eager = false;
    let to = Audience::One(a(2));
    for _ in 0..3 {
        posts(&mut net, 1, to, "x");
    }
    net.settle();
    for _ in 0..3 {
        for (node, timer) in net.armed() {
            net.fire(node, timer);
            net.settle();
        }
    }
    assert_eq!(net.transcript(a(2)), [id(1, 1), id(1, 2)], "two fit into the inbox");
    assert_eq!(net.process(a(1)).waiting_for(a(2)), 1, "the third waits at its writer");
    net.take_in(a(2));
    net.calm_down(20);
    assert_eq!(net.transcript(a(2)), [1, 2, 3].map(|number| id(1, number)));
}

#[test]
fn whoever_does_not_read_its_own_letters_is_not_taken_more() {
    let mut net = pair(Order::Causal);
    net.eager = false;
    let answers: Vec<Posted> = (0..3).map(|_| posts(&mut net, 1, Audience::All, "x")).collect();
    assert_eq!(answers[2], Posted::Refused(Refusal::Full { behind: a(1), bound: 2 }));
    net.take_in(a(1));
    assert!(matches!(posts(&mut net, 1, Audience::All, "x"), Posted::Accepted(_)));
}

#[test]
fn what_could_never_pass_is_refused_by_name() {
    let mut net = pair(Order::Fifo);
    let long = Refusal::TooLong { bytes: 9, bound: 8 };
    assert_eq!(posts(&mut net, 1, Audience::All, "123456789"), Posted::Refused(long));
    let stranger = Refusal::Stranger(a(7));
    assert_eq!(posts(&mut net, 1, Audience::One(a(7)), "x"), Posted::Refused(stranger));
    let mut net = Net::of(3, |me, members: &Members| Total::new(me, members, SMALL()));
    assert_eq!(posts(&mut net, 1, Audience::One(a(2)), "x"), Posted::Refused(Refusal::NotForAll(a(2))));
    assert_eq!(
        long.to_string(),
        "a letter of 9 bytes is longer than the 8 that a channel carries: post a reference to it"
    );
}

#[test]
fn a_letter_beyond_what_may_be_held_comes_again() {
    let mut net = pair(Order::Fifo);
    let to = Audience::One(a(2));
    posts(&mut net, 1, to, "x");
    net.settle();
    // Two more, of which the first is lost; the window lets no third one out, and one may be held.
    posts(&mut net, 1, to, "y");
    posts(&mut net, 1, to, "z");
    net.mail.remove(0);
    net.settle();
    assert_eq!(net.transcript(a(2)), [id(1, 1)]);
    net.calm_down(20);
    assert_eq!(net.transcript(a(2)), [1, 2, 3].map(|number| id(1, number)));
}

#[test]
fn letters_of_a_former_life_change_nothing_after_a_disk_was_lost() {
    for order in [Order::Unordered, Order::Fifo] {
        let mut net = pair(order);
        let to = Audience::One(a(2));
        posts(&mut net, 1, to, "old");
        net.settle();
        // A doubled letter is late, and meanwhile its reader loses its disk.
        posts(&mut net, 1, to, "late");
        let mail = net.mail.iter().find(|mail| mail.to == a(2)).expect("a letter");
        let (from, late) = (mail.from, mail.message.clone());
        net.settle();
        net.lose_disk(a(2));
        net.step(a(2), Event::Deliver { from, message: late }, usize::MAX);
        assert_eq!(net.transcript(a(2)), [], "{order:?}");
        net.settle();
        posts(&mut net, 1, to, "new");
        net.calm_down(20);
        assert!(net.transcript(a(2)).ends_with(&[id(1, 3)]), "{order:?}: {:?}", net.transcript(a(2)));
    }
}

#[test]
fn what_was_not_acknowledged_reaches_the_new_disk() {
    let mut net = pair(Order::Fifo);
    posts(&mut net, 1, Audience::One(a(2)), "x");
    net.settle();
    net.crash(a(2));
    for body in ["y", "z"] {
        posts(&mut net, 1, Audience::One(a(2)), body);
    }
    net.settle();
    net.lose_disk(a(2));
    net.settle();
    for (node, timer) in net.armed() {
        net.fire(node, timer);
        net.settle();
    }
    assert_eq!(net.transcript(a(2)), [id(1, 2), id(1, 3)], "the first was acknowledged and went with the disk");
}

#[test]
fn a_causal_order_does_not_hear_a_member_without_its_disk() {
    let mut net = pair(Order::Causal);
    posts(&mut net, 1, Audience::One(a(2)), "x");
    net.settle();
    net.lose_disk(a(2));
    posts(&mut net, 2, Audience::One(a(1)), "y");
    for _ in 0..3 {
        net.settle();
        for (node, timer) in net.armed() {
            net.fire(node, timer);
        }
    }
    net.mail.clear();
    assert_eq!(net.transcript(a(1)), []);
}
