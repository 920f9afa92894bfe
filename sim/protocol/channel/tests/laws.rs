//! Laws of delivery as properties: whatever the schedule, each channel keeps its promise, and everything arrives once
//! faults have ended. The order is judged by an oracle of its own, from what was sent after what.

use super::net::{Net, Sent};
use crate::arbitrary::{Step, courses};
use crate::id::{Members, NodeId};
use crate::protocol::Event;
use crate::protocol::channel::{Audience, Bounds, Channel, LetterId, Line, Order, Total};
use proptest::prelude::{ProptestConfig, Strategy, prop_assert_eq, proptest};
use std::collections::{BTreeMap, BTreeSet};

fn acts() -> impl Strategy<Value = Vec<Step>> {
    courses(40, 250)
}

/// Small, so that every bound is met.
const NARROW: Bounds = Bounds { outbox: 5, window: 3, held: 2, inbox: 3, ..USUAL };
const USUAL: Bounds = Bounds {
    outbox: 64,
    window: 16,
    held: 16,
    inbox: 32,
    body: 100,
    resend: crate::time::millis(700),
    resend_most: crate::time::seconds(5),
};

const SIZE: u16 = 4;

fn play<C: Channel>(net: &mut Net<C>, acts: &[Step], audience: impl Fn(usize) -> Audience) {
    net.eager = false;
    for Step { kind, one, other } in acts.iter().copied() {
        let node = NodeId::agent(u16::try_from(one % usize::from(SIZE)).expect("a member"));
        // Now and then a process crashes between two effects of a step.
        let effects = if other % 16 == 0 { other / 16 % 4 } else { usize::MAX };
        match kind {
            0 => net.crash(node),
            1 | 2 => net.restart(node),
            3..=8 => net.post(node, audience(other), effects),
            9..=14 => net.take_in(node),
            15..=19 => {
                let armed = net.armed();
                if !armed.is_empty() {
                    let (node, timer) = armed[other % armed.len()].clone();
                    net.fire(node, timer);
                }
            }
            _ if net.mail.is_empty() => {}
            20 => _ = net.mail.remove(other % net.mail.len()),
            21 => {
                let mail = &net.mail[other % net.mail.len()];
                let (from, to, message) = (mail.from, mail.to, mail.message.clone());
                net.step(to, Event::Deliver { from, message }, effects);
            }
            // Mostly the older ones, or nothing would ever come to an end.
            _ => net.pass_on(one % net.mail.len().min(6), effects),
        }
    }
}

fn to_any(number: usize) -> Audience {
    match number % 6 {
        place @ 0..=3 => Audience::One(NodeId::agent(u16::try_from(place).expect("a member"))),
        _ => Audience::All,
    }
}

/// Everything that each letter depends on.
fn pasts<C: Channel>(net: &Net<C>) -> BTreeMap<LetterId, BTreeSet<LetterId>> {
    let mut pasts: BTreeMap<LetterId, BTreeSet<LetterId>> = BTreeMap::new();
    // A letter is sent after all that it depends on, so whole rounds of this reach everything.
    loop {
        let before: usize = pasts.values().map(BTreeSet::len).sum();
        for (id, Sent { after, .. }) in &net.sent {
            let delivered = net.transcript(id.from);
            let own = net.sent.keys().filter(|other| other.from == id.from && other.number < id.number).copied();
            let direct: Vec<LetterId> =
                delivered.into_iter().take(usize::try_from(*after).expect("a place")).chain(own).collect();
            let further: Vec<LetterId> =
                direct.iter().filter_map(|direct| pasts.get(direct)).flatten().copied().collect();
            pasts.entry(*id).or_default().extend(direct.into_iter().chain(further));
        }
        if pasts.values().map(BTreeSet::len).sum::<usize>() == before {
            return pasts;
        }
    }
}

/// A letter that a node gets before one that it should have got first.
fn overtaken<C: Channel>(net: &Net<C>, first: impl Fn(LetterId, LetterId) -> bool) -> Option<String> {
    Members::of(SIZE).iter().find_map(|node| {
        let transcript = net.transcript(node);
        let pairs = (0..transcript.len()).flat_map(|late| (0..late).map(move |early| (early, late)));
        let wrong = pairs.map(|(early, late)| (transcript[early], transcript[late])).find(|(a, b)| first(*b, *a))?;
        Some(format!("{node} gets {} before {}", wrong.0, wrong.1))
    })
}

fn fifo_violation<C: Channel>(net: &Net<C>) -> Option<String> {
    overtaken(net, |one, other| one.from == other.from && one.number < other.number)
}

fn causal_violation<C: Channel>(net: &Net<C>) -> Option<String> {
    let pasts = pasts(net);
    overtaken(net, |one, other| pasts[&other].contains(&one))
}

fn doubled<C: Channel>(net: &Net<C>) -> Option<LetterId> {
    Members::of(SIZE).iter().find_map(|node| {
        let mut seen = BTreeSet::new();
        net.transcript(node).into_iter().find(|id| !seen.insert(*id))
    })
}

fn line(order: Order, bounds: Bounds) -> impl Fn(NodeId, &Members) -> Line {
    move |me, members| Line::new(me, members, order, bounds)
}

fn after<C: Channel>(
    acts: &[Step],
    make: impl Fn(NodeId, &Members) -> C + 'static,
    audience: impl Fn(usize) -> Audience,
) -> Net<C> {
    let mut net = Net::of(SIZE, make);
    play(&mut net, acts, audience);
    net.calm_down(200);
    net
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn unordered_letters_arrive_once(acts in acts()) {
        let net = after(&acts, line(Order::Unordered, NARROW), to_any);
        prop_assert_eq!((net.missing(), doubled(&net)), (None, None));
    }

    #[test]
    fn fifo_letters_arrive_once_in_each_senders_order(acts in acts()) {
        let net = after(&acts, line(Order::Fifo, NARROW), to_any);
        prop_assert_eq!((net.missing(), doubled(&net), fifo_violation(&net)), (None, None, None));
    }

    #[test]
    fn causal_letters_arrive_once_after_all_that_they_depend_on(acts in acts()) {
        let net = after(&acts, line(Order::Causal, NARROW), to_any);
        prop_assert_eq!((net.missing(), doubled(&net), fifo_violation(&net)), (None, None, None));
        prop_assert_eq!(causal_violation(&net), None);
    }

    #[test]
    fn letters_in_total_order_arrive_once_in_one_causal_order(acts in acts()) {
        let net = after(&acts, |me, members: &Members| Total::new(me, members, NARROW), |_| Audience::All);
        prop_assert_eq!((net.missing(), doubled(&net), fifo_violation(&net)), (None, None, None));
        prop_assert_eq!(causal_violation(&net), None);
        for node in Members::of(SIZE).iter() {
            prop_assert_eq!(net.transcript(node), net.transcript(NodeId::agent(0)), "{}", node);
        }
    }

    #[test]
    fn usual_bounds_lose_nothing_either(acts in acts()) {
        let net = after(&acts, line(Order::Causal, USUAL), to_any);
        prop_assert_eq!((net.missing(), causal_violation(&net)), (None, None));
    }
}

/// The oracle can fail: an unordered channel breaks both orders on some schedule.
#[test]
fn the_oracle_sees_reordering_where_it_is_allowed() {
    let [a1, a2, a3] = [0, 1, 2].map(NodeId::agent);
    let mut net = Net::of(SIZE, line(Order::Unordered, USUAL));
    for (from, to) in [(a1, a2), (a1, a3), (a2, a3)] {
        // Letters to make the ends known to each other.
        net.post(from, Audience::One(to), usize::MAX);
        net.settle();
    }
    net.post(a1, Audience::All, usize::MAX);
    let slow = net.mail.iter().position(|mail| mail.to == a3).expect("a letter to a3");
    let slow = net.mail.remove(slow);
    net.settle();
    net.post(a2, Audience::One(a3), usize::MAX);
    net.settle();
    net.mail.push(slow);
    net.calm_down(50);
    assert!(causal_violation(&net).is_some(), "the answer came first");
    assert!(fifo_violation(&net).is_none(), "they come from two senders");
}
