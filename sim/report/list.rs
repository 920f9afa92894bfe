//! The catalogue as text: scenarios, the built-in tasks, the properties they judge, every kind of fault, the profiles
//! that group them, and the strategies of a sweep.

use super::columns::{Align, Column, lay_out};
use super::table::expected;
use crate::check::consistency::{self, CheckStore, Look};
use crate::check::{Property, PropertyKind};
use crate::explore::Strategy;
use crate::fault::{FaultProfile, Kind};
use crate::scenario::BuiltIn;
use crate::scenario::Summary;

/// The catalogue.
#[must_use]
pub fn list(summaries: &[Summary]) -> String {
    [scenarios(summaries), tasks(), properties(summaries), of_stores(), faults(), profiles(), strategies()].join("\n")
}

const fn column(heading: &'static str, most: usize) -> Column {
    Column { heading, align: Align::Left, most }
}

fn scenarios(summaries: &[Summary]) -> String {
    let columns = [
        column("scenario", 24),
        column("expected", 24),
        column("team", 24),
        column("agents", 6),
        column("task", 16),
        column("about", 60),
    ];
    let row = |summary: &Summary| {
        let Summary { name, about, team, agents, task, expectation, .. } = summary.clone();
        vec![name, expected(&expectation), team, agents.to_string(), task, about]
    };
    lay_out(&columns, &summaries.iter().map(row).collect::<Vec<_>>())
}

fn tasks() -> String {
    let columns = [column("task", 16), column("about", 100)];
    lay_out(&columns, &BuiltIn::ALL.map(|task| [task.name, task.about].map(str::to_owned).to_vec()))
}

fn properties(summaries: &[Summary]) -> String {
    let columns = [column("property", 26), column("kind", 11), column("about", 60), column("source", 40)];
    let mut seen: Vec<Property> = Vec::new();
    for property in summaries.iter().flat_map(|summary| &summary.properties) {
        if !seen.iter().any(|known| known.name == property.name) {
            seen.push(*property);
        }
    }
    let row = |property: &Property| {
        let kind = match property.kind {
            PropertyKind::Safety => "safety",
            PropertyKind::Liveness => "liveness",
            PropertyKind::Correctness => "correctness",
        };
        [property.name, kind, property.about, property.source].map(str::to_owned).to_vec()
    };
    lay_out(&columns, &seen.iter().map(row).collect::<Vec<_>>())
}

/// What `check` can be asked about a shared store's history.
fn of_stores() -> String {
    let columns = [column("of a store", 26), column("or", 30), column("about", 60), column("source", 40)];
    let checks = consistency::all(Look::DEFAULT);
    let row = |check: &dyn CheckStore| {
        let property = check.property();
        let aliases = consistency::aliases(property.name).join(", ");
        vec![property.name.to_owned(), aliases, property.about.to_owned(), property.source.to_owned()]
    };
    lay_out(&columns, &checks.iter().map(|check| row(&**check)).collect::<Vec<_>>())
}

fn faults() -> String {
    let columns = [column("fault", 20), column("strikes", 16), column("about", 100)];
    let row = |kind: &Kind| [kind.name(), kind.part().strikes(), kind.about()].map(str::to_owned).to_vec();
    lay_out(&columns, &Kind::ALL.iter().map(row).collect::<Vec<_>>())
}

fn profiles() -> String {
    let columns = [column("faults", 20), column("about", 100)];
    lay_out(&columns, &FaultProfile::ALL.map(|profile| [profile.name, profile.about].map(str::to_owned).to_vec()))
}

fn strategies() -> String {
    let columns = [column("strategy", 20), column("about", 100)];
    lay_out(&columns, &Strategy::ALL.map(|strategy| [strategy.name(), strategy.about()].map(str::to_owned).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::fake::{Fake, Sin};
    use crate::scenario::Runnable;

    #[test]
    fn the_catalogue_shows_scenarios_properties_once_and_every_fault() {
        let text = list(&[Fake::new("raft", Sin::None).summary(), Fake::new("majority", Sin::None).summary()]);
        assert_eq!(text.matches("client_agreement").count(), 1, "{text}");
        assert!(BuiltIn::ALL.iter().all(|task| text.contains(task.about)), "{text}");
        assert!(Kind::ALL.iter().all(|kind| text.contains(kind.about())), "{text}");
        assert!(FaultProfile::ALL.iter().all(|profile| text.contains(profile.about)), "{text}");
        assert!(Strategy::ALL.iter().all(|strategy| text.contains(strategy.about())), "{text}");
        assert!(text.contains("raft") && text.contains("majority"), "{text}");
    }
}
