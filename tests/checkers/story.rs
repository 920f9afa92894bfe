//! Histories as people tell them: one line per entry, such as `2ms a1 decides 0 rollback`.
//!
//! `a1/1` is the second life of a1. Operations are written `#7`, commands in hexadecimal.

use synod::fact::{CallOutcome, Circuit, Decision, Fact, Score, Slot, Stamp, Value};
use synod::history::{Decline, Entry, Environment, Event, Extent, Fit, History, Nature, Operation, Restart};
use synod::id::{NodeId, OpId, ProcessId};
use synod::time::{Duration, Time, micros, millis, seconds};

/// The history that the lines tell. Panics with the line that tells nothing.
pub fn told(lines: &[&str]) -> History {
    let mut history = History::new();
    for line in lines {
        history.push(entry(line).unwrap_or_else(|| panic!("this line tells nothing: {line}")));
    }
    history
}

fn entry(line: &str) -> Option<Entry> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [at, who, rest @ ..] = words.as_slice() else { return None };
    let (node, process) = who.split_once('/').unwrap_or((who, "0"));
    let (node, process) = (node.parse().ok()?, ProcessId(process.parse().ok()?));
    let event = fact(rest).or_else(|| work(rest)).map(Event::Fact);
    let event = event.or_else(|| operation(rest).map(Event::Operation));
    let event = event.or_else(|| environment(rest).map(Event::Environment))?;
    Some(Entry { at: Time::ZERO + span(at)?, node, process, event })
}

fn span(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let count = text[..text.len() - unit.len()].parse().ok()?;
    Some(match unit {
        "us" => micros(count),
        "ms" => millis(count),
        "s" => seconds(count),
        _ => return None,
    })
}

fn fact(words: &[&str]) -> Option<Fact> {
    Some(match *words {
        ["proposes", at, value] => Fact::Proposed { slot: slot(at)?, value: value.into() },
        ["votes", term, candidate] => Fact::Voted { term: number(term)?, candidate: candidate.parse().ok()? },
        ["leads", term, "with", last] => Fact::Elected { term: number(term)?, last: number(last)? },
        ["steps-down", term] => Fact::SteppedDown { term: number(term)? },
        ["appends", index, "term", term, command] => {
            Fact::Appended { index: number(index)?, term: number(term)?, command: hex(command)? }
        }
        ["counts", promises, votes, "of", members] => {
            Fact::Quorums { members: number(members)?, promises: number(promises)?, votes: number(votes)? }
        }
        ["promises", ballot] => Fact::Promised { ballot: number(ballot)? },
        ["accepts", index, "ballot", ballot, command] => {
            Fact::Accepted { index: number(index)?, ballot: number(ballot)?, command: hex(command)? }
        }
        ["chooses", index, "ballot", ballot, command] => {
            Fact::Chosen { index: number(index)?, ballot: number(ballot)?, command: hex(command)? }
        }
        ["answers", at, value, "in", round, "of", term] => {
            Fact::Answered { slot: slot(at)?, term: number(term)?, round: number(round)?, value: value.into() }
        }
        ["agrees", at, value, "in", round, "of", term, "with", alpha, beta] => Fact::Agreed {
            slot: slot(at)?,
            term: number(term)?,
            round: number(round)?,
            value: value.into(),
            alpha: number(alpha)?,
            beta: number(beta)?,
        },
        ["installs", index] => Fact::Installed { index: number(index)? },
        ["truncates", from] => Fact::Truncated { from: number(from)? },
        ["recovers", term] => Fact::Recovered { term: number(term)? },
        ["commits", index, "term", term] => Fact::Committed { index: number(index)?, term: number(term)? },
        ["applies", index, command] => Fact::Applied { index: number(index)?, command: hex(command)? },
        ["decides", at, value] => Fact::Decided { slot: slot(at)?, value: value.into() },
        ["calls", call, tool, arguments] => {
            Fact::Called { call: call.to_owned(), tool: tool.to_owned(), arguments: arguments.into() }
        }
        ["answered", call, "no"] => {
            Fact::CallEnded { call: call.to_owned(), outcome: CallOutcome::Declined("no".into()) }
        }
        ["answered", call, result] => {
            Fact::CallEnded { call: call.to_owned(), outcome: CallOutcome::Result(result.into()) }
        }
        ["hears", "nothing", "of", call] => Fact::CallEnded { call: call.to_owned(), outcome: CallOutcome::Unknown },
        ["announces", tool, result] => Fact::Announced { tool: tool.to_owned(), result: result.into() },
        ["sends", number, "to", ref to @ ..] => {
            let to: Option<Vec<NodeId>> = to.iter().map(|node| node.parse().ok()).collect();
            Fact::Sent { number: self::number(number)?, to: to? }
        }
        ["takes", from, number, "at", position] => Fact::Delivered {
            from: from.parse().ok()?,
            number: self::number(number)?,
            position: self::number(position)?,
        },
        ["stamps", made, "at", clock] => {
            Fact::Stamped { stamp: stamp(made)?, clock: Time(number(clock)?), heard: None }
        }
        ["stamps", made, "at", clock, "after", heard] => {
            Fact::Stamped { stamp: stamp(made)?, clock: Time(number(clock)?), heard: Some(stamp(heard)?) }
        }
        ["abstains", at] => Fact::Abstained { slot: slot(at)? },
        ["scores", at, "right"] => Fact::Scored { slot: slot(at)?, score: Score::CORRECT },
        ["scores", at, "wrong"] => Fact::Scored { slot: slot(at)?, score: Score::WRONG },
        _ => return None,
    })
}

/// What is told of work under policies.
fn work(words: &[&str]) -> Option<Fact> {
    Some(match *words {
        ["undertakes", work, "by", due] => Fact::Undertaken { work: work.to_owned(), due: Time::ZERO + span(due)? },
        ["concludes", work] => Fact::Concluded { work: work.to_owned(), missing: Vec::new() },
        ["concludes", work, "without", ref missing @ ..] => {
            Fact::Concluded { work: work.to_owned(), missing: missing.iter().map(|part| part.to_string()).collect() }
        }
        ["claims", work, "under", token, "until", end] => {
            Fact::Claimed { work: work.to_owned(), token: number(token)?, until: Time::ZERO + span(end)? }
        }
        ["puts", question, words] => Fact::Questioned { question: question.to_owned(), words: number(words)? },
        ["leaves", question] => Fact::Settled { question: question.to_owned() },
        ["opens", "the", "model"] => Fact::Switched { tool: Circuit::OF_MODEL.to_owned(), circuit: Circuit::Open },
        ["half-opens", "the", "model"] => {
            Fact::Switched { tool: Circuit::OF_MODEL.to_owned(), circuit: Circuit::HalfOpen }
        }
        ["opens", tool] => Fact::Switched { tool: tool.to_owned(), circuit: Circuit::Open },
        ["half-opens", tool] => Fact::Switched { tool: tool.to_owned(), circuit: Circuit::HalfOpen },
        ["closes", tool] => Fact::Switched { tool: tool.to_owned(), circuit: Circuit::Closed },
        ["awaits", thing] => Fact::Awaits { thing: thing.to_owned() },
        ["holds", thing] => Fact::Holds { thing: thing.to_owned() },
        ["yields", thing] => Fact::Yields { thing: thing.to_owned() },
        ["suspects", node] => Fact::Suspects { node: node.parse().ok()? },
        ["trusts", node] => Fact::Trusts { node: node.parse().ok()? },
        ["plans", work, ref steps @ ..] => {
            Fact::Planned { work: work.to_owned(), steps: steps.iter().map(|step| step.to_string()).collect() }
        }
        ["acknowledges", work] => Fact::Acknowledged { work: work.to_owned() },
        _ => return None,
    })
}

fn operation(words: &[&str]) -> Option<Operation> {
    Some(match *words {
        ["invokes", call, at] => Operation::Invoke { op: op(call)?, slot: slot(at)? },
        ["hears", call, at, value] => Operation::Ok { op: op(call)?, slot: slot(at)?, value: Value::from(value) },
        ["reads", call] => Operation::Read { op: op(call)? },
        ["sees", call, ref log @ ..] => {
            let decisions: Option<Vec<Decision>> = log.iter().map(|word| decision(word)).collect();
            Operation::Log { op: op(call)?, decisions: decisions? }
        }
        ["refused", call] => Operation::Fail { op: op(call)? },
        ["gives-up", call] => Operation::Info { op: op(call)? },
        _ => return None,
    })
}

fn environment(words: &[&str]) -> Option<Environment> {
    Some(match words {
        ["starts"] => Environment::Started { again: Restart::First },
        ["restarts"] => Environment::Started { again: Restart::WithDisk },
        ["crashes"] => Environment::Crashed,
        ["offered", at, value] => Environment::Offered { slot: slot(at)?, value: Value::from(*value) },
        ["heals", core @ ..] => {
            let core: Option<Vec<NodeId>> = core.iter().map(|node| node.parse().ok()).collect();
            Environment::Healed { core: core? }
        }
        ["serves", tool] => Environment::Serves { tool: tool.to_string(), nature: Nature::Effect },
        ["shows", tool] => Environment::Serves { tool: tool.to_string(), nature: Nature::Query },
        ["asked", call, tool, "whole"] => requested(call, tool, Extent::Whole),
        ["asked", call, tool, "cut"] => requested(call, tool, Extent::Cut),
        ["executes", call, tool, arguments, result, "for", by] => {
            executed([call, tool, arguments, result], None, by, Fit::Fits)?
        }
        ["executes", call, tool, arguments, result, "for", by, "under", key] => {
            executed([call, tool, arguments, result], Some(key), by, Fit::Fits)?
        }
        ["takes", call, tool, arguments, result, "for", by] => {
            executed([call, tool, arguments, result], None, by, Fit::Misfits)?
        }
        ["declines", call, tool, "for", "arguments"] => declined(call, tool, Decline::Arguments),
        ["declines", call, tool, "for", "reasons"] => declined(call, tool, Decline::Refused),
        ["pauses"] => Environment::Paused,
        ["resumes"] => Environment::Resumed,
        ["ends"] => Environment::Ended,
        _ => return None,
    })
}

fn requested(call: &str, tool: &str, extent: Extent) -> Environment {
    Environment::Requested { call: call.to_owned(), tool: tool.to_owned(), extent }
}

fn executed([call, tool, arguments, result]: [&str; 4], key: Option<&str>, by: &str, fit: Fit) -> Option<Environment> {
    let (call, tool, key) = (call.to_owned(), tool.to_owned(), key.map(str::to_owned));
    let (arguments, result) = (Value::from(arguments), Value::from(result));
    Some(Environment::Executed { call, tool, key, by: by.parse().ok()?, arguments, result, fit })
}

fn declined(call: &str, tool: &str, why: Decline) -> Environment {
    Environment::Declined { call: call.to_owned(), tool: tool.to_owned(), by: NodeId::agent(0), why }
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// `5+1@a2`: time, count, node.
fn stamp(text: &str) -> Option<Stamp> {
    let (moment, node) = text.split_once('@')?;
    let (time, count) = moment.split_once('+')?;
    Some(Stamp { time: Time(number(time)?), count: number(count)?, node: node.parse().ok()? })
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

fn slot(text: &str) -> Option<Slot> {
    number(text).map(Slot)
}

fn decision(text: &str) -> Option<Decision> {
    let (at, value) = text.split_once('=')?;
    Some(Decision { slot: slot(at)?, value: Value::from(value) })
}

fn op(text: &str) -> Option<OpId> {
    number(text.strip_prefix('#')?).map(OpId)
}
