//! How many times faster Synod is than madsim's own network, measured in turns within one run. Asserts nothing.
//!
//! Cargo runs benches in the order of their names, so these lines end the output of `cargo bench`.

mod support;

#[cfg(not(madsim))]
fn main() {
    support::note_missing_endpoint();
}

#[cfg(madsim)]
fn main() {
    // Without `--bench`, which `cargo bench` passes, somebody only wants to know whether this runs.
    let rounds = if std::env::args().any(|argument| argument == "--bench") { 9 } else { 1 };
    println!("\nSynod against madsim's Endpoint, median of {rounds}:");
    yardstick::pure_nodes(rounds);
    yardstick::async_agents(rounds);
    yardstick::raft_round(rounds);
}

#[cfg(madsim)]
mod yardstick {
    use super::support::pair::Ratios;
    use super::support::round::SEEDS;
    use super::support::{endpoint, ring, round};

    /// Each side works for about a fifth of a second.
    const OURS: u64 = 1_000_000;
    const THEIRS: u64 = 100_000;

    pub fn pure_nodes(rounds: usize) {
        let ratios = Ratios::measure(rounds, || ring::pure_messages(OURS, 1), || endpoint::ring::messages(THEIRS, 1));
        report("pure nodes, messages/s", &ratios, 15);
    }

    pub fn async_agents(rounds: usize) {
        let ratios = Ratios::measure(rounds, || ring::async_messages(OURS, 1), || endpoint::ring::messages(THEIRS, 1));
        report("async agents, messages/s", &ratios, 10);
    }

    /// Both sides send the same number of messages for a seed, so seeds compare as messages do.
    pub fn raft_round(rounds: usize) {
        let scenario = round::scenario();
        let messages = round::messages(&scenario);
        let theirs = || SEEDS.zip(&messages).map(|(seed, count)| endpoint::raft::messages(*count, seed)).sum();
        let ratios = Ratios::measure(rounds, || round::messages(&scenario).iter().sum(), theirs);
        report("Raft round, seeds/s at equal messages", &ratios, 10);
        let seeds = SEEDS.end - SEEDS.start;
        let ours: u64 = messages.iter().sum();
        println!("  messages a seed: {} on Synod, {} over Endpoint", ours / seeds, theirs() / seeds);
    }

    fn report(what: &str, ratios: &Ratios, target: u32) {
        let verdict = if ratios.median() < f64::from(target) { "missed" } else { "met" };
        println!("  {what}: {ratios}, target {target}x: {verdict}");
    }
}
