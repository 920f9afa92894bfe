//! A checker of shared stores needs at most 200 bytes an operation, and one of causal consistency 4 bytes for each
//! session more with each write.

use super::workloads::{causal, lin};
use super::{needed_by, turn};
use synod::call::Call;
use synod::check::consistency::{CausalConsistency, CausalConvergence, CheckStore, Linearizable};
use synod::history::store::StoreHistory;

const BYTES_AN_OPERATION: usize = 200;
const BYTES_A_SESSION: usize = 4;
const OPERATIONS: usize = 100_000;

fn needs_at_most(limit: usize, name: &str, check: &dyn CheckStore, history: &StoreHistory) {
    let bytes = needed_by(|| {
        let _verdict = check.check(history);
    });
    println!("{name}: {bytes} bytes for {OPERATIONS} operations, {limit} allowed");
    assert!(bytes > 0, "{name}: nothing was measured");
    assert!(bytes <= limit, "{name}: {bytes} bytes are more than {limit}");
}

#[test]
fn linearizability_of_registers_needs_little_however_many_clients_there_are() {
    let _turn = turn();
    for clients in [10, 200] {
        let history = lin(OPERATIONS, clients, 100);
        let limit = OPERATIONS * BYTES_AN_OPERATION;
        needs_at_most(limit, &format!("lin, {clients} clients"), &Linearizable::DEFAULT, &history);
    }
}

#[test]
fn causal_consistency_needs_a_clock_a_write_and_little_else() {
    let _turn = turn();
    let replicas = 20;
    let history = causal(OPERATIONS, replicas, 1_000);
    let writes = history.operations().iter().filter(|operation| operation.call == Call::Write).count();
    let limit = OPERATIONS * BYTES_AN_OPERATION + writes * replicas * BYTES_A_SESSION;
    needs_at_most(limit, "cc", &CausalConsistency::default(), &history);
    needs_at_most(limit, "ccv", &CausalConvergence::default(), &history);
}
