//! What a participant reports, in words. Knows no protocol.

use super::{Decision, Fact};
use std::fmt;

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Proposed { slot, value } => write!(f, "proposes {value} for {slot}"),
            Fact::Voted { term, candidate } => write!(f, "votes for {candidate} in term {term}"),
            Fact::Elected { term, last } => write!(f, "becomes leader of term {term} with a log of {last}"),
            Fact::SteppedDown { term } => write!(f, "steps down as leader of term {term}"),
            Fact::Appended { index, term, .. } => write!(f, "appends entry {index} of term {term}"),
            Fact::Truncated { from } => write!(f, "removes its log from entry {from} on"),
            Fact::Recovered { term } => write!(f, "recovers in term {term}"),
            Fact::Committed { index, term } => write!(f, "knows entries up to {index} committed (term {term})"),
            Fact::Applied { index, .. } => write!(f, "applies entry {index}"),
            Fact::Cast { .. } | Fact::Certified { .. } | Fact::Locked { .. } => tell_height(self, f),
            Fact::Entered { .. } | Fact::Accused { .. } => tell_height(self, f),
            Fact::Decided { slot, value } => write!(f, "decides {value} for {slot}"),
            Fact::Abstained { slot } => write!(f, "abstains from {slot}"),
            Fact::Scored { slot, score } => {
                write!(f, "{slot} is decided {}", if score.is_correct() { "correctly" } else { "wrongly" })
            }
            Fact::Quorums { members, promises, votes } => {
                write!(f, "counts {promises} promises and {votes} votes of {members} members as quorums")
            }
            Fact::Promised { ballot } => write!(f, "promises ballot {ballot}"),
            Fact::Accepted { index, ballot, command } => {
                // Six digits tell the commands of one index apart.
                write!(f, "accepts command {:06x} for entry {index} in ballot {ballot}", command & 0xff_ffff)
            }
            Fact::Chosen { index, ballot, command } => {
                write!(f, "counts command {:06x} chosen for entry {index} in ballot {ballot}", command & 0xff_ffff)
            }
            Fact::Answered { slot, term, round, value } => {
                write!(f, "answers {value} for {slot} in round {round} of term {term}")
            }
            Fact::Agreed { slot, term, round, value, alpha, beta } => {
                write!(f, "counts {alpha} answers {value} for {slot} in {beta} rounds up to {round} of term {term}")
            }
            Fact::Installed { index } => write!(f, "takes a snapshot up to entry {index}"),
            Fact::Restored { index, term } => write!(f, "goes on from a snapshot up to entry {index} of term {term}"),
            Fact::Reconfigured { index, voters } => write!(f, "counts votes of {voters:?} from entry {index} on"),
            Fact::Called { call, tool, arguments } => write!(f, "calls {tool}({arguments}) as {call}"),
            Fact::CallEnded { call, outcome } => write!(f, "takes {outcome} for the outcome of {call}"),
            Fact::Undertaken { .. } | Fact::Concluded { .. } | Fact::Claimed { .. } | Fact::Switched { .. } => {
                tell_work(self, f)
            }
            Fact::Awaits { .. } | Fact::Holds { .. } | Fact::Yields { .. } => tell_work(self, f),
            Fact::Suspects { .. } | Fact::Trusts { .. } => tell_work(self, f),
            Fact::Planned { .. } | Fact::Acknowledged { .. } => tell_work(self, f),
            Fact::Questioned { .. } | Fact::Settled { .. } => tell_work(self, f),
            Fact::Sent { .. } | Fact::Delivered { .. } | Fact::Heeded { .. } | Fact::Stamped { .. } => {
                tell_letter(self, f)
            }
            Fact::Announced { tool, result } => write!(f, "announces {result} as the result of {tool}"),
            // Six digits tell the states of one run apart.
            Fact::Took { write, state } => write!(f, "takes in write {write}, in state {:06x} now", state & 0xff_ffff),
            Fact::Held { state } => write!(f, "starts again in state {:06x}", state & 0xff_ffff),
        }
    }
}

/// What is said of the heights of a Byzantine log.
fn tell_height(fact: &Fact, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match fact {
        Fact::Cast { height, round, phase, choice } => {
            let choice = choice.as_ref().map_or_else(|| "nothing".to_owned(), Decision::to_string);
            write!(f, "{phase}s {choice} at height {height} in round {round}")
        }
        Fact::Certified { height, round, phase, decision, voters } => {
            write!(f, "holds {phase}s of {voters:?} for {decision} at height {height} in round {round}")
        }
        Fact::Locked { height, round, decision } => {
            write!(f, "locks on {decision} at height {height} in round {round}")
        }
        Fact::Entered { height, round } => write!(f, "enters round {round} of height {height}"),
        Fact::Accused { member, height, round } => {
            write!(f, "proves that {member} contradicted itself at height {height} in round {round}")
        }
        _ => unreachable!("another fact is told elsewhere"),
    }
}

/// What is said of letters and of the clocks that travel with them.
fn tell_letter(fact: &Fact, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match fact {
        Fact::Sent { number, to } => write!(f, "sends its letter {number} to {to:?}"),
        Fact::Delivered { from, number, position } => {
            write!(f, "takes {from}'s letter {number} as delivery {position}")
        }
        Fact::Heeded { from, number } => write!(f, "reads {from}'s letter {number}"),
        Fact::Stamped { stamp, clock, heard } => {
            let heard = heard.map(|heard| format!(" after {heard}")).unwrap_or_default();
            write!(f, "stamps {stamp} at its {clock}{heard}")
        }
        _ => unreachable!("another fact is told elsewhere"),
    }
}

/// What is said of work under policies.
fn tell_work(fact: &Fact, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match fact {
        Fact::Undertaken { work, due } => write!(f, "takes on {work}, due at {due}"),
        Fact::Concluded { work, missing } if missing.is_empty() => write!(f, "concludes {work}"),
        Fact::Concluded { work, missing } => write!(f, "concludes {work} without {}", missing.join(", ")),
        Fact::Claimed { work, token, until } => write!(f, "claims {work} under number {token} until {until}"),
        Fact::Switched { tool, circuit } => write!(f, "has its breaker on {tool} {circuit}"),
        Fact::Awaits { thing } => write!(f, "waits for {thing}"),
        Fact::Holds { thing } => write!(f, "has {thing}"),
        Fact::Yields { thing } => write!(f, "gives {thing} up"),
        Fact::Suspects { node } => write!(f, "suspects {node}"),
        Fact::Trusts { node } => write!(f, "trusts {node}"),
        Fact::Planned { work, steps } => write!(f, "plans {work}: {}", steps.join(", ")),
        Fact::Acknowledged { work } => write!(f, "acknowledges {work}"),
        Fact::Questioned { question, .. } => write!(f, "puts {question} to its model"),
        Fact::Settled { question } => write!(f, "waits no longer for {question}"),
        other => unreachable!("{other:?} is not about work"),
    }
}
