//! Standard wakers and `Send` futures: what the ecosystem's combinators and channels need.

use super::support::noted;
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, future, pin_mut, select_biased};
use serde::Serialize;
use std::sync::Arc;
use synod::Agent;
use synod::time::{Time, seconds};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};

#[derive(Clone, Debug, Serialize)]
struct Word(u64);

fn is_send<T: Send>(value: T) -> T {
    value
}

/// Compiles only if handles and all their futures may move between threads.
#[test]
fn agents_and_their_futures_are_send() {
    async fn everything(agent: Agent) {
        let agent = is_send(agent);
        let _: synod::Result<u64> = is_send(agent.ask(agent.task())).await;
        let _ = is_send(agent.send(agent.id(), &Word(1))).await;
        let _ = is_send(agent.broadcast(&Word(1))).await;
        let _ = is_send(agent.recv::<Word>()).await;
        let _ = is_send(agent.gather::<Word>(synod::quorum(3), seconds(1))).await;
        let _ = is_send(agent.timeout(seconds(1), agent.sleep(seconds(1)))).await;
        let _ = is_send(agent.save(&1)).await;
        let _ = is_send(agent.delegate("help", seconds(1), |helper| async move { helper.abstain().await })).await;
        let _ = is_send(agent.decide(1)).await;
    }
    is_send(None::<Agent>.map(everything));
}

/// What one agent writes when it is alone.
fn alone<F, W>(program: F) -> Vec<String>
where
    F: Fn(Agent, super::support::Notes) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = synod::Result> + Send + 'static,
{
    noted(11, 1, program)
}

#[test]
fn join_all_waits_for_the_slowest() {
    let lines = alone(|agent, notes| async move {
        let naps = (1..=3).map(|nap| {
            let agent = agent.clone();
            async move {
                agent.sleep(seconds(4 - nap)).await;
                nap
            }
        });
        let all = future::join_all(naps).await;
        notes.write(format!("{all:?} {}", agent.now()));
        Ok(())
    });
    assert_eq!(lines, [format!("[1, 2, 3] {}", Time(seconds(3).0))]);
}

#[test]
fn futures_unordered_yields_what_is_done_first() {
    let lines = alone(|agent, notes| async move {
        let mut naps: FuturesUnordered<_> =
            [3, 1, 2].into_iter().map(|nap| agent.sleep(seconds(nap)).map(move |()| nap)).collect();
        while let Some(nap) = naps.next().await {
            notes.write(format!("{nap} {}", agent.now()));
        }
        Ok(())
    });
    assert_eq!(lines, [1, 2, 3].map(|nap| format!("{nap} {}", Time(seconds(nap).0))));
}

#[test]
fn messages_reach_readers_within_futures_unordered() {
    let lines = alone(|agent, notes| async move {
        let mut readers: FuturesUnordered<_> =
            (0..2).map(|_| agent.recv::<Word>().map(|word| word.message.0)).collect();
        assert_eq!(future::poll_immediate(readers.next()).await, None);
        agent.send(agent.id(), &Word(5)).await?;
        agent.send(agent.id(), &Word(6)).await?;
        let both = [readers.next().await, readers.next().await];
        notes.write(format!("{both:?}"));
        Ok(())
    });
    assert_eq!(lines, ["[Some(5), Some(6)]"]);
}

#[test]
fn select_takes_what_comes_first_and_drops_the_rest() {
    let lines = alone(|agent, notes| async move {
        let (nap, word) = (agent.sleep(seconds(1)).fuse(), agent.recv::<Word>().fuse());
        pin_mut!(nap, word);
        let first = select_biased! { _ = word => "word", () = nap => "nap" };
        agent.send(agent.id(), &Word(5)).await?;
        let second = select_biased! { word = word => word.message.0, () = agent.sleep(seconds(1)).fuse() => 0 };
        let third = future::select(Box::pin(agent.sleep(seconds(9))), Box::pin(agent.sleep(seconds(2)))).await;
        let third = matches!(third, future::Either::Right(_));
        notes.write(format!("{first} {second} {third} {}", agent.now()));
        Ok(())
    });
    assert_eq!(lines, [format!("nap 5 true {}", Time(seconds(3).0))]);
}

#[test]
fn tokio_channels_carry_values_between_parts_of_an_agent() {
    let lines = alone(|agent, notes| async move {
        let (sender, mut receiver) = mpsc::channel(1);
        let (done, is_done) = oneshot::channel();
        let produce = async {
            for word in 0..3 {
                agent.sleep(seconds(1)).await;
                sender.send(word).await.expect("the receiver lives");
            }
            drop(sender);
            is_done.await.expect("the consumer says so")
        };
        let consume = async {
            let mut words = Vec::new();
            while let Some(word) = receiver.recv().await {
                agent.sleep(seconds(2)).await;
                words.push(word);
            }
            done.send(words.len()).expect("the producer waits");
            words
        };
        let (count, words) = future::join(produce, consume).await;
        notes.write(format!("{count} {words:?} {}", agent.now()));
        Ok(())
    });
    assert_eq!(lines, [format!("3 [0, 1, 2] {}", Time(seconds(7).0))]);
}

#[test]
fn a_tokio_semaphore_and_a_notify_order_parts_of_an_agent() {
    let lines = alone(|agent, notes| async move {
        let (permits, bell) = (Arc::new(Semaphore::new(1)), Notify::new());
        let work = |name: u64| {
            let (agent, notes, permits) = (agent.clone(), notes.clone(), permits.clone());
            async move {
                let _permit = permits.acquire().await.expect("the semaphore stays open");
                agent.sleep(seconds(name)).await;
                notes.write(format!("{name} {}", agent.now()));
            }
        };
        let ring = async {
            agent.sleep(seconds(1)).await;
            bell.notify_one();
        };
        let heard = bell.notified().map(|()| notes.write(format!("rung {}", agent.now())));
        future::join4(work(2), work(3), heard, ring).await;
        Ok(())
    });
    let at = |span| Time(seconds(span).0);
    assert_eq!(lines, [format!("rung {}", at(1)), format!("2 {}", at(2)), format!("3 {}", at(5))]);
}
