//! What decisions cost, summed over runs together with the squares and products that an interval needs. Integers, so
//! that they add up in any grouping.

use crate::scenario::Run;

/// Sums over runs of one cost and of the decisions it bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The cost of all runs.
    pub sum: u128,
    /// Each run's cost, squared.
    pub squares: u128,
    /// Each run's cost times its decisions.
    pub products: u128,
}

/// What a range of runs cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// How many runs.
    pub runs: u64,
    /// Their decisions.
    pub decisions: Cost,
    /// Messages between nodes.
    pub messages: Cost,
    /// Calls to models.
    pub model_calls: Cost,
    /// Tokens read and written.
    pub tokens: Cost,
    /// Millionths of a dollar.
    pub micros: Cost,
    /// Nanoseconds from invocations to first decisions.
    pub nanos: Cost,
    /// Leaders elected.
    pub elections: Cost,
}

impl Costs {
    /// Takes in one run.
    pub(super) fn note(&mut self, run: &Run) {
        let figures = &run.figures;
        let spent = figures.spending;
        self.runs += 1;
        let decisions = figures.decisions;
        self.decisions.note(decisions, decisions);
        self.messages.note(figures.messages, decisions);
        self.model_calls.note(figures.model_calls, decisions);
        self.tokens.note(spent.input_tokens + spent.output_tokens, decisions);
        self.micros.note(spent.cost.0, decisions);
        self.nanos.note(figures.decision_time.as_nanos(), decisions);
        self.elections.note(figures.elections, decisions);
    }

    /// Takes in other runs.
    pub(super) fn add(&mut self, other: &Costs) {
        self.runs += other.runs;
        self.decisions.add(other.decisions);
        self.messages.add(other.messages);
        self.model_calls.add(other.model_calls);
        self.tokens.add(other.tokens);
        self.micros.add(other.micros);
        self.nanos.add(other.nanos);
        self.elections.add(other.elections);
    }
}

impl Cost {
    pub(super) fn note(&mut self, cost: u64, decisions: u64) {
        let (cost, decisions) = (u128::from(cost), u128::from(decisions));
        self.sum += cost;
        self.squares += cost * cost;
        self.products += cost * decisions;
    }

    pub(super) fn add(&mut self, other: Cost) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.products += other.products;
    }
}
