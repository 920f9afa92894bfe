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
    use super::support::round::{Load, Round, SEEDS};
    use super::support::{endpoint, ring};

    /// Each side works for about a tenth of a second.
    const OURS: u64 = 1_000_000;
    const THEIRS: u64 = 100_000;

    pub fn pure_nodes(rounds: usize) {
        ring_of("pure nodes, messages/s", 15, rounds, || ring::pure_messages(OURS, 1));
    }

    pub fn async_agents(rounds: usize) {
        ring_of("async agents, messages/s", 10, rounds, || ring::async_messages(OURS, 1));
    }

    fn ring_of(what: &str, target: u32, rounds: usize, ours: fn() -> u64) {
        let against = |theirs: fn(u64, u64) -> u64| Ratios::measure(rounds, ours, || theirs(THEIRS, 1));
        let (bytes, values) = (against(endpoint::ring::bytes), against(endpoint::ring::values));
        report(what, target, &bytes, &values, &against(endpoint::ring::bare));
    }

    /// All sides send the same number of messages for a seed, so seeds compare as messages do.
    pub fn raft_round(rounds: usize) {
        round("Raft round, seeds/s at equal messages and faults", rounds, &Round::same());
        // What more faults cost, which the baseline cannot do: said beside the target, and no part of it.
        round("Raft round with every fault, of which the baseline does a few", rounds, &Round::whole());
    }

    fn round(what: &str, rounds: usize, round: &Round) {
        let (loads, properties) = (round.loads(), round.properties());
        let against = |theirs: &dyn Fn(&Load) -> u64| {
            Ratios::measure(rounds, || round.messages().iter().sum(), || loads.iter().map(theirs).sum())
        };
        let bytes = against(&|load| endpoint::raft::bytes(round, load, &properties));
        let values = against(&|load| endpoint::raft::values(round, load, &properties));
        report(what, 10, &bytes, &values, &against(&endpoint::raft::bare));
        let all: u64 = loads.iter().map(|load| load.messages).sum();
        println!("    messages a seed: {} on all sides", all / (SEEDS.end - SEEDS.start));
    }

    /// The target is about the same work, however messages travel; what is bare stands beside it, so that nobody has to
    /// guess how much of the ratio the work is.
    fn report(what: &str, target: u32, bytes: &Ratios, values: &Ratios, bare: &Ratios) {
        let verdict = |ratios: &Ratios| if ratios.median() < f64::from(target) { "missed" } else { "met" };
        println!("  {what}, target {target}x:");
        println!("    {bytes} the same work over Endpoint, in bytes (send_to): {}", verdict(bytes));
        println!("    {values} the same work over Endpoint, in values (send_to_raw): {}", verdict(values));
        println!("    {bare} bare Endpoint: values, no faults, no digest, no history, no checks");
    }
}
