//! The same operations as porcupine-rs takes them, with the objects of `models`.

use crate::models::{Kind, Op, step};
use porcupine_rs::{Model, Operation};

#[derive(Clone, Debug)]
pub struct Objects;

#[derive(Clone, Debug)]
pub struct Asked {
    kind: Kind,
    op: Op,
}

impl Model for Objects {
    type State = Vec<u32>;
    type Op = Asked;
    type Metadata = ();

    fn init() -> Vec<u32> {
        Vec::new()
    }

    fn step(state: &Vec<u32>, asked: &Asked) -> (bool, Vec<u32>) {
        step(asked.kind, state, &asked.op).map_or_else(|| (false, state.clone()), |after| (true, after))
    }

    fn partition_operations(history: &[Operation<Self>]) -> Vec<Vec<Operation<Self>>> {
        let mut keys: Vec<u32> = history.iter().map(|operation| operation.op.op.key).collect();
        keys.sort_unstable();
        keys.dedup();
        let of = |key| history.iter().filter(|operation| operation.op.op.key == key).cloned().collect();
        keys.into_iter().map(of).collect()
    }
}

/// What Porcupine says. What never ended ends after everything, with any answer.
pub fn linearizable(kind: Kind, ops: &[Op]) -> bool {
    let operations: Vec<Operation<Objects>> = ops
        .iter()
        .filter(|op| op.outcome != synod::call::Outcome::Failed)
        .map(|op| Operation {
            client_id: Some(op.session),
            call_time: i64::from(op.invoked),
            return_time: op.returned.map_or(i64::MAX / 2, i64::from),
            op: Asked { kind, op: op.clone() },
            metadata: None,
        })
        .collect();
    porcupine_rs::check_operations(&operations)
}
