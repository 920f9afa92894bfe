//! `extract`: what a company's report states, each fact with the source line that states it.
//!
//! Three of five facts are stated, one of them twice; two are not. Statements about a namesake, of the year before, or
//! of what somebody expects look alike and support nothing: a careless reader cites them.

use super::arrange::{place, share, shuffle, two_places};
use crate::fact::Score;
use crate::model::Task;
use crate::seed::Draws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value and the source that states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Cited {
    /// The value as the source gives it.
    pub value: String,
    /// The source line, such as `src-104`.
    pub source: String,
}

/// The reply: each fact with its source, or nothing if no source states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Extraction {
    /// The year in which the company was founded.
    pub founded: Option<Cited>,
    /// The city of its headquarters.
    pub headquarters: Option<Cited>,
    /// How many people it employs.
    pub employees: Option<Cited>,
    /// Its revenue in million euros.
    pub revenue: Option<Cited>,
    /// Who leads it, by surname.
    pub chief: Option<Cited>,
}

/// One report: what it states, where else, and what careless readers take from it.
///
/// ```
/// use synod::{model::{Extract, Task}, seed::{Seed, Streams}};
/// let (evidence, truth) = Extract::generate(&mut Streams::of(Seed(1)).stream(format_args!("task/0")));
/// let right = truth.right();
/// assert!(right.founded.is_none_or(|cited| evidence.contains(&format!("[{}]", cited.source))));
/// ```
#[derive(Clone, Debug)]
pub struct Extract {
    right: Extraction,
    /// The second source of the fact that is stated twice.
    again: Again,
    decoys: Vec<Extraction>,
}

#[derive(Clone, Debug)]
struct Again {
    field: Field,
    source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Founded,
    Headquarters,
    Employees,
    Revenue,
    Chief,
}

/// Whose and of what kind a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Stated,
    Repeated,
    Namesake,
    Former,
    Expected,
}

struct Statement {
    field: Field,
    value: String,
    standing: Standing,
}

const CITIES: [&str; 6] = ["Tallinn", "Porto", "Graz", "Utrecht", "Bergen", "Gdansk"];
const SURNAMES: [&str; 6] = ["Okafor", "Lindqvist", "Marchetti", "Novak", "Haddad", "Tanaka"];
const COMPANIES: [&str; 5] = ["Norrel", "Castine", "Velbrook", "Ostrava", "Halden"];

impl Field {
    const ALL: [Field; 5] = [Field::Founded, Field::Headquarters, Field::Employees, Field::Revenue, Field::Chief];

    /// Two different values, each with one draw.
    fn values(self, draws: &mut Draws) -> [String; 2] {
        let numbers = |least: u64, most: u64, away: u64, draws: &mut Draws| {
            let value = draws.choose(least, most, least);
            [value, value + draws.choose(1, away, 1)].map(|number| number.to_string())
        };
        let names = |names: &[&str; 6], draws: &mut Draws| two_places(6, draws).map(|place| names[place].to_owned());
        match self {
            Field::Founded => numbers(1950, 2004, 12, draws),
            Field::Headquarters => names(&CITIES, draws),
            Field::Employees => numbers(300, 6_000, 900, draws),
            Field::Revenue => numbers(40, 900, 60, draws),
            Field::Chief => names(&SURNAMES, draws),
        }
    }

    fn said(self, company: &str, value: &str) -> String {
        match self {
            Field::Founded => format!("{company} was founded in {value}."),
            Field::Headquarters => format!("{company} has its headquarters in {value}."),
            Field::Employees => format!("{company} employs {value} people."),
            Field::Revenue => format!("{company} had a revenue of {value} million euros."),
            Field::Chief => format!("{company} is led by {value}."),
        }
    }

    fn of(self, reply: &Extraction) -> Option<&Cited> {
        match self {
            Field::Founded => reply.founded.as_ref(),
            Field::Headquarters => reply.headquarters.as_ref(),
            Field::Employees => reply.employees.as_ref(),
            Field::Revenue => reply.revenue.as_ref(),
            Field::Chief => reply.chief.as_ref(),
        }
    }

    fn set(self, reply: &mut Extraction, cited: Cited) {
        *match self {
            Field::Founded => &mut reply.founded,
            Field::Headquarters => &mut reply.headquarters,
            Field::Employees => &mut reply.employees,
            Field::Revenue => &mut reply.revenue,
            Field::Chief => &mut reply.chief,
        } = Some(cited);
    }
}

impl Task for Extract {
    type Reply = Extraction;

    fn generate(draws: &mut Draws) -> (String, Extract) {
        let company = *draws.pick(&COMPANIES);
        let mut statements = statements(draws);
        shuffle(&mut statements, draws);
        let first = draws.choose(100, 900, 100);
        let numbered = || statements.iter().zip(first..);
        let cited = |statement: &Statement, number: u64| Cited {
            value: statement.value.clone(),
            source: format!("src-{number}"),
        };
        let mut right = Extraction::default();
        for (statement, number) in numbered().filter(|(statement, _)| statement.standing == Standing::Stated) {
            statement.field.set(&mut right, cited(statement, number));
        }
        let (again, number) =
            numbered().find(|(said, _)| said.standing == Standing::Repeated).expect("one is repeated");
        let again = Again { field: again.field, source: format!("src-{number}") };
        let misleads = |said: &Statement| !matches!(said.standing, Standing::Stated | Standing::Repeated);
        let decoys = numbered().filter(|(said, _)| misleads(said)).map(|(said, number)| {
            let mut decoy = right.clone();
            said.field.set(&mut decoy, cited(said, number));
            decoy
        });
        let decoys = decoys.collect();
        (written(company, &statements, first), Extract { right, again, decoys })
    }

    fn right(&self) -> Extraction {
        self.right.clone()
    }

    /// Two points a fact, of ten: one for the value, one for a source that states it; both for leaving out what no
    /// source states.
    fn score(&self, reply: &Extraction) -> Score {
        let points: usize = Field::ALL.iter().map(|field| self.points(*field, field.of(reply))).sum();
        share(points, 2 * Field::ALL.len())
    }

    /// One fact taken from a statement that does not support it.
    fn wrong(&self, draws: &mut Draws) -> Option<Extraction> {
        Some(draws.pick(&self.decoys).clone())
    }
}

impl Extract {
    fn points(&self, field: Field, said: Option<&Cited>) -> usize {
        match (field.of(&self.right), said) {
            (None, None) => 2,
            (Some(right), Some(said)) if said.value == right.value => {
                let again = self.again.field == field && self.again.source == said.source;
                1 + usize::from(again || said.source == right.source)
            }
            _ => 0,
        }
    }
}

/// Three facts, one of them twice; their shadows; two that nobody states.
fn statements(draws: &mut Draws) -> Vec<Statement> {
    let absent = two_places(Field::ALL.len(), draws).map(|place| Field::ALL[place]);
    let repeated = place(Field::ALL.len() - absent.len(), draws);
    let mut statements = Vec::new();
    let mut stated = 0;
    for field in Field::ALL {
        let [value, other] = field.values(draws);
        let mut say = |value: &str, standing| statements.push(Statement { field, value: value.to_owned(), standing });
        if absent.contains(&field) {
            say(&value, Standing::Expected);
            say(&other, Standing::Namesake);
            continue;
        }
        say(&value, Standing::Stated);
        match (stated, stated == repeated) {
            (_, true) => say(&value, Standing::Repeated),
            (0, _) => say(&other, Standing::Namesake),
            _ => say(&other, Standing::Former),
        }
        stated += 1;
    }
    statements
}

fn written(company: &str, statements: &[Statement], first: u64) -> String {
    let whole = format!("{company} Systems");
    let mut lines = vec![
        format!("What do these sources state about {whole}?"),
        format!(
            "Take only what is stated as a fact about {whole} itself and of this year, and cite the source. What is \
             said of a namesake, of a former year or as an expectation supports nothing."
        ),
        "A fact that no source states is null. If several sources state one, cite the one that does so plainly."
            .to_owned(),
    ];
    lines.extend(statements.iter().zip(first..).map(|(statement, number)| {
        let Statement { field, value, standing } = statement;
        let said = field.said(&whole, value);
        let text = match standing {
            Standing::Stated => said,
            Standing::Repeated => format!("The auditors repeat: {said}"),
            Standing::Namesake => field.said(&format!("{company} Shipping"), value),
            Standing::Former => format!("From the report of a former year: {said}"),
            Standing::Expected => format!("As analysts expect, but nobody confirms: {said}"),
        };
        format!("[src-{number}] {text}")
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tasks::laws;

    /// The value between what stands before and after it.
    fn between(text: &str, before: &str, after: &str) -> Option<String> {
        Some(text.split_once(before)?.1.split_once(after)?.0.to_owned())
    }

    /// Reads the sources as the first paragraph says, knowing nothing of the truth.
    fn stated(evidence: &str) -> Extraction {
        let company = between(evidence, "state about ", "?").expect("a company");
        let mut found = Extraction::default();
        for line in evidence.lines().filter_map(|line| line.strip_prefix('[')) {
            let (source, text) = line.split_once("] ").expect("a number");
            let Some(said) = text.strip_prefix(company.as_str()) else { continue };
            let read = |before, after| between(said, before, after).map(|value| Cited { value, source: source.into() });
            found.founded = found.founded.or(read(" was founded in ", "."));
            found.headquarters = found.headquarters.or(read(" has its headquarters in ", "."));
            found.employees = found.employees.or(read(" employs ", " people"));
            found.revenue = found.revenue.or(read(" had a revenue of ", " million"));
            found.chief = found.chief.or(read(" is led by ", "."));
        }
        found
    }

    #[test]
    fn the_truth_can_be_read_from_the_evidence_and_lies_are_wrong() {
        laws::hold::<Extract>(stated);
    }

    #[test]
    fn either_of_two_sources_may_be_cited_and_no_other() {
        for seed in 0..500 {
            let (_, truth) = laws::made::<Extract>(seed);
            let field = truth.again.field;
            let value = field.of(&truth.right).expect("a stated fact").value.clone();
            let citing = |source: &str| {
                let mut reply = truth.right();
                field.set(&mut reply, Cited { value: value.clone(), source: source.to_owned() });
                truth.score(&reply)
            };
            assert!(citing(&truth.again.source).is_correct(), "seed {seed}");
            assert_eq!(citing("src-1"), share(9, 10), "seed {seed}");
        }
    }

    #[test]
    fn every_fact_that_is_lost_or_invented_costs_two_points() {
        for seed in 0..500 {
            let (_, truth) = laws::made::<Extract>(seed);
            let mut reply = truth.right();
            let mut before = truth.score(&reply);
            for (place, field) in Field::ALL.into_iter().enumerate() {
                field.set(&mut reply, Cited { value: "none".into(), source: "src-1".into() });
                let after = truth.score(&reply);
                assert_eq!(after, share(8 - 2 * place, 10), "seed {seed}");
                assert!(after < before);
                before = after;
            }
        }
    }

    #[test]
    fn a_report_reads_like_one() {
        insta::assert_snapshot!(laws::shown::<Extract>(1));
    }
}
