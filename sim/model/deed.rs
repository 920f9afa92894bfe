//! What a model does with the tools that a request offers: it carries its task's actions out one by one, or makes the
//! calls of a script; reads what came of each in the transcript; and reports in the end. Knows no service, and no
//! effect but what it is shown and has read: a result in a part of the transcript that it lost is none.
//!
//! A result that begins with "error" makes it call again, under a new name: it cannot know that a call which timed out
//! was carried out all the same.

use super::failing::Failing;
use super::lie::index;
use super::reading::{Part, Reading};
use super::shape::Shapes;
use super::speech::Said;
use super::thought::Thought;
use super::{Action, Form, Lie, Speaker, Taint, Tool, ToolCall, canonical, words};
use crate::digest::{Digest, Digester};
use crate::fault::Kind;
use crate::seed::Stream;
use serde_json::Value as Json;

/// What stands before what a model says that it will do.
pub(super) const INTENT: &str = "I am going with ";

/// How a result begins that is none, in capitals or not.
const ERROR: &str = "error";

fn is_error(result: &str) -> bool {
    result.get(..ERROR.len()).is_some_and(|start| start.eq_ignore_ascii_case(ERROR))
}

/// A model at work with tools.
pub(super) struct Deed<'a> {
    pub(super) thought: &'a Thought<'a>,
    /// The task's, in order, or those that a script makes at once.
    pub(super) actions: &'a [Action],
    /// Where names that exist are mentioned.
    pub(super) evidence: &'a str,
    /// How often a call is misread.
    pub(super) failing: Failing,
}

/// How far the transcript shows the work to be.
struct Progress<'a> {
    /// Calls with a good result, without repetitions.
    good: Vec<Good<'a>>,
    /// How many of the actions they make.
    done: usize,
    /// Whether the model said what it was about to do, in words.
    words: Option<&'a str>,
}

/// A call that had a result.
struct Good<'a> {
    call: &'a ToolCall,
    result: &'a str,
}

/// A call as it is to be made, still without a name of its own.
struct Wanted {
    tool: String,
    arguments: String,
}

impl Wanted {
    fn of(tool: &str, arguments: &Json) -> Wanted {
        Wanted { tool: tool.to_owned(), arguments: canonical(arguments) }
    }
}

impl<'a> Progress<'a> {
    fn of(reading: &Reading<'a>, actions: &[Action]) -> Progress<'a> {
        let mut calls: Vec<&ToolCall> = Vec::new();
        let mut progress = Progress { good: Vec::new(), done: 0, words: None };
        for part in reading.parts() {
            match (part.role(), &part.message.answers) {
                (Speaker::Assistant, _) => {
                    calls.extend(&part.message.calls);
                    progress.words = Some(part.text).filter(|text| text.starts_with(INTENT));
                }
                (Speaker::Tool, Some(id)) => {
                    let call = calls.iter().find(|call| call.id == *id);
                    call.into_iter().for_each(|call| progress.take(call, part, actions));
                }
                _ => {}
            }
        }
        progress
    }

    fn take(&mut self, call: &'a ToolCall, part: Part<'a>, actions: &[Action]) {
        let same = |good: &Good<'_>| good.call.name == call.name && good.call.arguments == call.arguments;
        let next = actions.get(self.done).filter(|action| action.tool == call.name);
        // What was done before is a repetition, unless it is to be done again.
        let due = next.is_some_and(|action| canonical(&action.arguments) == call.arguments);
        if is_error(part.text) || (self.good.iter().any(same) && !due) {
            return;
        }
        self.done += usize::from(next.is_some());
        self.good.push(Good { call, result: part.text });
    }
}

impl Deed<'_> {
    /// The next call, or the report that all is done.
    pub(super) fn carry_on(&self, fault: Option<Kind>, draws: &mut Stream) -> Said {
        let progress = Progress::of(&self.thought.reading, self.actions);
        if let Some(again) = self.again(&progress, fault) {
            return again;
        }
        match self.actions.get(progress.done) {
            Some(action) => self.next(action, progress.done, fault, draws),
            None => self.report(&progress, fault, draws),
        }
    }

    /// The calls of a script, all at once; a fault strikes the last of them.
    pub(super) fn make(&self, fault: Option<Kind>, draws: &mut Stream) -> Said {
        let progress = Progress::of(&self.thought.reading, &[]);
        let (last, others) = self.actions.split_last().expect("a script that calls no tool answers");
        if let Some(again) = self.again(&progress, fault) {
            return again;
        }
        let mut said = self.next(last, progress.good.len(), fault, draws);
        if !said.calls.is_empty() {
            // Whoever reports instead of calling calls nothing else either.
            let others = others.iter().map(|action| Wanted::of(&action.tool, &action.arguments));
            let made = std::mem::take(&mut said.calls).into_iter();
            let made = made.map(|ToolCall { name, arguments, .. }| Wanted { tool: name, arguments });
            said.calls = self.named(others.chain(made));
        }
        said
    }

    /// What a fault that strikes work with tools makes of a script's answer. `None` if it finds nothing to strike.
    pub(super) fn instead(&self, fault: Option<Kind>, draws: &mut Stream) -> Option<Said> {
        fault?;
        let progress = Progress::of(&self.thought.reading, &[]);
        let done = !progress.good.is_empty();
        self.again(&progress, fault).or_else(|| self.unfounded(fault.filter(|_| done), draws))
    }

    /// The last call with a good result once more.
    fn again(&self, progress: &Progress<'_>, fault: Option<Kind>) -> Option<Said> {
        let kind = fault.filter(|kind| *kind == Kind::RepeatedCall)?;
        let ToolCall { name, arguments, .. } = progress.good.last()?.call;
        Some(self.calling(vec![Wanted { tool: name.clone(), arguments: arguments.clone() }]).by(kind))
    }

    /// A report with a result in it that no tool gave.
    fn unfounded(&self, fault: Option<Kind>, draws: &mut Stream) -> Option<Said> {
        let kind = fault.filter(|kind| *kind == Kind::FabricatedResult)?;
        let lie = self.thought.subject.lie(Kind::FabricatedId, draws)?;
        Some(Said::falsely(Lie { kind, ..lie }).by(kind))
    }

    /// A call that carries an action out, as it should be or as a fault has it.
    fn next(&self, action: &Action, place: usize, fault: Option<Kind>, draws: &mut Stream) -> Said {
        if let Some(said) = fault.and_then(|kind| self.struck(action, kind, draws)) {
            return said;
        }
        let misread = || {
            // The same misreading each time, and for every caller: a retry is not an independent try.
            let (model, slot) = (self.thought.call.model, self.thought.slot);
            let mut draws = self.thought.streams.stream(format_args!("misreading/{model}/{slot}/{place}"));
            self.lie(action, Kind::WrongAnswer, &mut draws)
        };
        let lie = if self.thought.fails(self.failing) { misread() } else { None };
        let said = match lie {
            None => self.call(&action.tool, &action.arguments),
            Some(lie) => self.falsely(action, lie, Kind::WrongArgument),
        };
        match self.thought.unread(fault) {
            Some(kind) => said.by(kind),
            None => said,
        }
    }

    /// What a fault of content makes of a call. `None` if it is no such fault, or finds nothing to strike.
    fn struck(&self, action: &Action, kind: Kind, draws: &mut Stream) -> Option<Said> {
        let claims = |claim: String| Some(Taint { kind, claim });
        Some(match kind {
            Kind::FabricatedResult if self.thought.right.is_empty() => return None,
            Kind::FabricatedResult => {
                let text = self.thought.right.to_owned();
                let taint = claims(format!("reports {} as done, which was never called", action.tool));
                Said { text, taint, fault: Some(kind), calls: Vec::new() }
            }
            Kind::FabricatedTool => {
                let name = self.invented(&action.tool, draws);
                let taint = claims(format!("calls {name}, which does not exist"));
                Said { taint, ..self.call(&name, &action.arguments) }.by(kind)
            }
            Kind::WrongTool => {
                let Action { tool, arguments } = self.other_tool(action, draws)?;
                let taint = claims(format!("calls {tool} instead of {}", action.tool));
                Said { taint, ..self.call(&tool, &arguments) }.by(kind)
            }
            Kind::RepeatedCall => {
                let once = || Wanted::of(&action.tool, &action.arguments);
                self.calling(vec![once(), once()]).by(kind)
            }
            Kind::AmbiguousArgument => {
                let lie = self.ambiguous(action).or_else(|| self.lie(action, Kind::WrongAnswer, draws))?;
                self.falsely(action, lie, kind).by(kind)
            }
            Kind::SaidNotDone => {
                let lie = self.lie(action, Kind::WrongAnswer, draws)?;
                let said = self.falsely(action, lie, kind).by(kind);
                Said { text: format!("{INTENT}{}({}).", action.tool, canonical(&action.arguments)), ..said }
            }
            Kind::WrongArgument
            | Kind::WrongAnswer
            | Kind::CorrelatedError
            | Kind::OutdatedFact
            | Kind::PartialTruth
            | Kind::FabricatedId
            | Kind::FabricatedCitation
            | Kind::Contradiction => self.falsely(action, self.lie(action, kind, draws)?, kind).by(kind),
            _ => return None,
        })
    }

    /// The report that all is done: the task's answer, with what the model did and was told in it.
    fn report(&self, progress: &Progress<'_>, fault: Option<Kind>, draws: &mut Stream) -> Said {
        if let Some(said) = self.unfounded(fault, draws) {
            return said;
        }
        let said = self.thought.answer(self.failing, fault, draws);
        // Who said one thing and did another stands by what it said; who lies anyway does not look at results.
        if said.taint.is_some() || progress.words.is_some() {
            return said;
        }
        let Ok(mut json) = serde_json::from_str::<Json>(&said.text) else { return said };
        for Good { call, result } in &progress.good {
            self.fill_in(&mut json, &call.arguments);
            self.fill_in(&mut json, result);
        }
        let fault = said.fault;
        Said { fault, ..self.thought.repeating(&json, Kind::WrongArgument) }
    }

    /// Takes over every field of the same name, as far as the answer stays valid.
    fn fill_in(&self, answer: &mut Json, from: &str) {
        let (Some(fields), Ok(Json::Object(known))) = (answer.as_object(), serde_json::from_str(from)) else { return };
        let names: Vec<String> = fields.keys().filter(|name| known.contains_key(*name)).cloned().collect();
        for name in names {
            let mut filled = answer.clone();
            filled[&name] = known[&name].clone();
            if self.thought.subject.form().admits(&filled) {
                *answer = filled;
            }
        }
    }

    fn lie(&self, action: &Action, kind: Kind, draws: &mut Stream) -> Option<Lie> {
        let tool = self.offered().iter().find(|tool| tool.name == action.tool)?;
        Form::shared(&tool.arguments).lie(kind, &action.arguments, self.evidence, draws, |_| true)
    }

    /// The arguments with a name in them that is the beginning of several: what distinguishes them is left out.
    fn ambiguous(&self, action: &Action) -> Option<Lie> {
        let fields = action.arguments.as_object()?;
        fields.iter().find_map(|(name, value)| {
            let id = value.as_str()?;
            let other = *words::lookalikes(self.evidence, id).first()?;
            let shared: String =
                id.chars().zip(other.chars()).take_while(|(own, others)| own == others).map(|pair| pair.0).collect();
            let mut json = action.arguments.clone();
            json[name] = Json::from(shared.as_str());
            let fits = !shared.is_empty() && shared != id;
            fits.then(|| Lie {
                claim: format!("{name} = {}", Json::from(shared.as_str())),
                json,
                kind: Kind::WrongAnswer,
            })
        })
    }

    /// A name like this one that nobody offered.
    fn invented(&self, name: &str, draws: &mut Stream) -> String {
        let mut ways = ["_now", "_v2", "_and_notify", "_forced"];
        let first = index(draws, ways.len());
        ways.rotate_left(first);
        let names = ways.iter().map(|way| format!("{name}{way}"));
        let free = |name: &String| self.offered().iter().all(|tool| tool.name != *name);
        names.into_iter().find(free).unwrap_or_else(|| format!("{name}_{}", self.offered().len()))
    }

    /// Another tool of those on offer, with as much of the right arguments as it takes.
    fn other_tool(&self, action: &Action, draws: &mut Stream) -> Option<Action> {
        let others: Vec<&Tool> = self.offered().iter().filter(|tool| tool.name != action.tool).collect();
        let tool = *others.get(index(draws, others.len().max(1)))?;
        let mut arguments = Shapes::of(tool.arguments.json()).sample(draws);
        let form = Form::shared(&tool.arguments);
        for (name, value) in action.arguments.as_object().into_iter().flatten() {
            let mut with = arguments.clone();
            if with.get(name).is_some() {
                with[name] = value.clone();
                if form.admits(&with) {
                    arguments = with;
                }
            }
        }
        Some(Action { tool: tool.name.clone(), arguments })
    }

    fn falsely(&self, action: &Action, lie: Lie, kind: Kind) -> Said {
        Said { taint: Some(Taint { kind, claim: lie.claim }), ..self.call(&action.tool, &lie.json) }
    }

    fn call(&self, tool: &str, arguments: &Json) -> Said {
        self.calling(vec![Wanted::of(tool, arguments)])
    }

    fn calling(&self, wanted: Vec<Wanted>) -> Said {
        Said { calls: self.named(wanted.into_iter()), ..Said::truly("") }
    }

    /// Calls of these tools with these arguments, each under a name that no other call has.
    fn named(&self, wanted: impl Iterator<Item = Wanted>) -> Vec<ToolCall> {
        let named = wanted.enumerate().map(|(place, Wanted { tool, arguments })| {
            let mut digester = Digester::default();
            let call = self.thought.call;
            digester.word(call.model.word());
            digester.word(call.caller.word());
            digester.word(call.turn.0);
            digester.word(self.thought.digest);
            place.digest(&mut digester);
            ToolCall { id: format!("call_{:08x}", digester.finish() & 0xffff_ffff), name: tool, arguments }
        });
        named.collect()
    }

    fn offered(&self) -> &[Tool] {
        &self.thought.call.request.tools
    }
}
