//! The token ring over `Endpoint`.

use super::{Line, Team};
use crate::support::ring::{NODES, Token};

/// Circulates one token per member until so many messages were sent; returns how many were.
pub fn messages(count: u64, seed: u64) -> u64 {
    let members = usize::from(NODES);
    let team = Team::new(members, seed, count);
    for member in 0..members {
        team.start(member, move |line| pass_on(line, (member + 1) % members));
    }
    team.run()
}

async fn pass_on(line: Line, next: usize) {
    line.send(next, Token::FIRST).await;
    loop {
        let (_, token) = line.receive::<Token>().await;
        line.send(next, token.passed_on()).await;
    }
}
