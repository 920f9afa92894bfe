//! What a command line exchanges in a scenario: its task, its faults.

use crate::scenario::{ON_TASK, UNDER};
use clap::Args;

/// What a scenario is to have instead of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(super) struct Variant {
    /// Another task than the scenario's own: diagnose, plan, estimate, extract, review or board
    #[arg(long, value_name = "NAME")]
    pub(super) task: Option<String>,
    /// Other faults than the scenario's own: none, all, network, partitions, processes, hallucinations or outages
    #[arg(long, value_name = "PROFILE")]
    pub(super) faults: Option<String>,
}

impl Variant {
    /// Another task, if one is given.
    pub(super) fn on_task(task: Option<&str>) -> Variant {
        Variant { task: task.map(str::to_owned), faults: None }
    }

    /// Whether nothing is exchanged.
    pub(super) const fn is_none(&self) -> bool {
        self.task.is_none() && self.faults.is_none()
    }

    /// The name of a scenario without what follows it, and what that says: `<scenario>[@<task>][+<faults>]`. An option
    /// goes before the name.
    pub(super) fn of<'n>(&self, name: &'n str) -> (&'n str, Variant) {
        let (name, faults) = parted(name, UNDER);
        let (name, task) = parted(name, ON_TASK);
        let own = |asked: &Option<String>, named: Option<&str>| asked.clone().or(named.map(str::to_owned));
        (name, Variant { task: own(&self.task, task), faults: own(&self.faults, faults) })
    }

    /// As the command line says it.
    pub(super) fn said(&self) -> String {
        let task = self.task.iter().map(|name| format!("--task {name}"));
        task.chain(self.faults.iter().map(|name| format!("--faults {name}"))).collect::<Vec<_>>().join(" ")
    }
}

fn parted(name: &str, mark: char) -> (&str, Option<&str>) {
    name.split_once(mark).map_or((name, None), |(name, rest)| (name, Some(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_name_is_exchanged_and_an_option_goes_before_it() {
        let said = |options: &Variant, name| {
            let (name, variant) = options.of(name);
            format!("{name} {}", variant.said())
        };
        let nothing = Variant::default();
        assert_eq!(said(&nothing, "raft"), "raft ");
        assert_eq!(said(&nothing, "raft@plan+network"), "raft --task plan --faults network");
        assert_eq!(said(&Variant::on_task(Some("board")), "raft@plan+none"), "raft --task board --faults none");
    }
}
