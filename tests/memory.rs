//! Memory stays flat however many seeds are swept. A binary of its own: other tests would allocate beside it.
//!
//! `CONTRIBUTING.md` has the command that shows the same over a million seeds.

use std::fs;
use std::num::NonZeroUsize;
use std::ops::Range;
use synod::explore::{Seeds, Sweep};
use synod::runtime::default_host;

/// Seeds enough to meet the usual sizes of runs.
const SEEDS: u64 = 1_000;
/// Sweeps after which every cache and every arena of the allocator is in use: each sweep's thread may get another.
const WARM: u64 = 6;
/// How often the same seeds are swept then. The same runs need the same room, so nothing may come on top of it.
const AGAIN: u64 = 12;
/// What the allocator may take for its own reasons while the same runs are repeated: measured, 44 to 4,928 after
/// three warm sweeps, the most on a busy machine. Half a kilobyte kept of each run comes to as much, and a trace is
/// tens of kilobytes.
const NOISE_KIB: u64 = 6_000;
/// New seeds, for what is kept once for every seed.
const NEW: Range<u64> = SEEDS..SEEDS + 5_000;
/// Among new seeds there are longer runs than any before: the peak grows with the logarithm of their number, measured
/// as 3 MiB for four times as many. What is kept of every seed, be it two kilobytes, comes to more.
const LONGER_RUNS_KIB: u64 = 6_144;

#[test]
fn memory_stays_flat_over_many_seeds() {
    if peak_kib().is_none() {
        println!("skipped: this system has no /proc/self/status to read the resident set from");
        return;
    }
    let warm = (0..WARM).map(|_| peak_after(0..SEEDS)).fold(0, u64::max);
    let again = (0..AGAIN).map(|_| peak_after(0..SEEDS)).fold(warm, u64::max);
    let new = peak_after(NEW);
    println!("peak: {warm} KiB warm, {again} KiB after the same seeds {AGAIN} times, {new} KiB after new ones");
    assert!(again <= warm + NOISE_KIB, "from {warm} to {again} KiB over the same seeds: something of each run is kept");
    assert!(new <= again + LONGER_RUNS_KIB, "from {again} to {new} KiB over new seeds: something of each seed is kept");
}

fn peak_after(seeds: Range<u64>) -> u64 {
    let catalogue = synod_scenarios::catalogue();
    let raft = catalogue.find("raft").expect("raft is in the catalogue");
    // On one thread: on several, results wait for each other, a bounded number that depends on the machine's mood.
    let sweep = Sweep { jobs: NonZeroUsize::MIN, ..Sweep::of(Seeds::new(seeds).expect("a range")) };
    let report = sweep.run(raft, default_host());
    assert_eq!(report.harvest.failed, 0, "failing runs are kept, a few of each kind");
    peak_kib().expect("it was there before")
}

/// The largest resident set this process ever had.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
