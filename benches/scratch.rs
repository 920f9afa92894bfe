//! Scratch.
mod support;
use support::{endpoint, ring, round};
fn main() {
    let mut a = std::env::args().skip(1);
    let what = a.next().unwrap();
    let n: u64 = a.next().unwrap().parse().unwrap();
    let r = match what.as_str() {
        "pure" => ring::pure_messages(n, 1),
        "async" => ring::async_messages(n, 1),
        "bare" => endpoint::ring::bare(n, 1),
        "round" => { let s = round::scenario(); (0..n).map(|seed| round::run(&s, seed, synod::trace::Detail::Digest).figures.messages).sum() }
        "bareround" => (0..n).map(|seed| endpoint::raft::bare(500, seed)).sum(),
        "same" => endpoint::ring::same_work(n, 1),
        "sameround" => { let p = round::properties(); (0..n).map(|seed| endpoint::raft::same_work(500, seed, &p)).sum() }
        _ => panic!(),
    };
    println!("{what} {n} {r}");
}
