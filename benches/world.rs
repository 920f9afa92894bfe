//! Messages per second.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "measures real time; no run sees it")]

mod support;

fn main() {
    for (name, run) in [("pure", support::pure_messages as fn(u64, u64) -> u64), ("async", support::async_messages)] {
        for _ in 0..3 {
            let start = std::time::Instant::now();
            let count = run(200_000, 1);
            println!("{name}: {} messages, {:.2} M/s", count, count as f64 / start.elapsed().as_secs_f64() / 1e6);
        }
    }
}
