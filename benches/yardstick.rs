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

    /// Each side works for about a tenth of a second.
    const OURS: u64 = 1_000_000;
    const THEIRS: u64 = 100_000;

    pub fn pure_nodes(rounds: usize) {
        let ours = || ring::pure_messages(OURS, 1);
        let same = Ratios::measure(rounds, ours, || endpoint::ring::same_work(THEIRS, 1));
        let bare = Ratios::measure(rounds, ours, || endpoint::ring::bare(THEIRS, 1));
        report("pure nodes, messages/s", 15, &same, &bare);
    }

    pub fn async_agents(rounds: usize) {
        let ours = || ring::async_messages(OURS, 1);
        let same = Ratios::measure(rounds, ours, || endpoint::ring::same_work(THEIRS, 1));
        let bare = Ratios::measure(rounds, ours, || endpoint::ring::bare(THEIRS, 1));
        report("async agents, messages/s", 10, &same, &bare);
    }

    /// All sides send the same number of messages for a seed, so seeds compare as messages do.
    pub fn raft_round(rounds: usize) {
        let (scenario, properties) = (round::scenario(), round::properties());
        let messages = round::messages(&scenario);
        let ours = || round::messages(&scenario).iter().sum();
        let seeds = || SEEDS.zip(&messages);
        let same_work = || seeds().map(|(seed, count)| endpoint::raft::same_work(*count, seed, &properties)).sum();
        let bare = || seeds().map(|(seed, count)| endpoint::raft::bare(*count, seed)).sum();
        report(
            "Raft round, seeds/s at equal messages",
            10,
            &Ratios::measure(rounds, ours, same_work),
            &Ratios::measure(rounds, ours, bare),
        );
        let all: u64 = messages.iter().sum();
        println!("    messages a seed: {} on Synod", all / (SEEDS.end - SEEDS.start));
    }

    /// The target is about the same work; what is bare stands beside it, so that nobody has to guess how much of the
    /// ratio the work is.
    fn report(what: &str, target: u32, same: &Ratios, bare: &Ratios) {
        let verdict = if same.median() < f64::from(target) { "missed" } else { "met" };
        println!("  {what}: {same} the same work over Endpoint, target {target}x: {verdict}");
        println!("    {bare} bare Endpoint: typed values, no faults, no digest, no history, no checks");
    }
}
