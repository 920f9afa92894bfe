//! The token ring over `Endpoint`, bare and with the same work.

use super::book::Book;
use super::{Line, Team, Work, calm};
use crate::support::ring::{NODES, Token};
use std::hint::black_box;

/// Circulates one token per member until so many typed messages were sent; returns how many were.
pub fn bare(count: u64, seed: u64) -> u64 {
    circulate(count, seed, Work::Bare)
}

/// The same, digested and recorded.
pub fn values(count: u64, seed: u64) -> u64 {
    let book = Book::new();
    let sent = circulate(count, seed, Work::Values(book));
    black_box(book.conclude(&[]));
    sent
}

/// The same in bytes, digested and recorded.
pub fn bytes(count: u64, seed: u64) -> u64 {
    let book = Book::new();
    let sent = circulate(count, seed, Work::Bytes(book));
    black_box(book.conclude(&[]));
    sent
}

fn circulate(count: u64, seed: u64, work: Work) -> u64 {
    let mut team = Team::new(seed, count, work);
    (0..NODES).for_each(|_| team.add(pass_on));
    team.run(calm)
}

async fn pass_on(line: Line) {
    let next = (line.me + 1) % usize::from(NODES);
    let mut ear = line.listen();
    line.send(next, Token::FIRST).await;
    loop {
        let (_, token) = ear.receive::<Token>().await;
        line.send(next, token.passed_on()).await;
    }
}
