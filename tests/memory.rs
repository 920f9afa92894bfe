//! Memory stays flat however many seeds are swept. A binary of its own: other tests would allocate beside it.

use std::fs;
use synod::explore::{Seeds, Sweep};
use synod::runtime::default_host;

/// Seeds after which every cache, thread and allocator arena is in use.
const WARM: u64 = 3_000;
/// Five times as many again: what grew by as little as 200 bytes a seed would then show.
const MANY: u64 = 15_000;
/// What the allocator may take for its own reasons. Ten bytes kept of every run would be lost in it; a trace would not.
const SLACK_KIB: u64 = 2_048;

#[test]
fn memory_stays_flat_over_many_seeds() {
    if resident_kib().is_none() {
        println!("skipped: no /proc/self/status on this system to read the resident set from");
        return;
    }
    let catalogue = synod_scenarios::catalogue();
    let raft = catalogue.find("raft").expect("raft is in the catalogue");
    let after = |range: std::ops::Range<u64>| {
        let report = Sweep::of(Seeds::new(range).expect("a range")).run(raft, default_host());
        assert_eq!(report.harvest.failed, 0, "failing runs are kept, so that memory may grow with them");
        resident_kib().expect("it was there before")
    };
    let warm = after(0..WARM);
    let late = after(WARM..WARM + MANY);
    assert!(
        late <= warm + SLACK_KIB,
        "the resident set grew from {warm} to {late} KiB over {MANY} seeds: something of each run is kept"
    );
}

/// The most memory this process ever had, in KiB: what is freed again after a sweep counts, too.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
