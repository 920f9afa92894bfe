//! A correct team in the abstract: Raft as facts only, driven by a list of moves. Knows no messages and no timers.
//!
//! A move that the rules forbid does nothing, so every list of moves gives a history that satisfies every property,
//! and every part of a list does too, which is what shrinking needs.

use synod::fact::{CallOutcome, Circuit, Decision, Fact, Phase, Score, Slot, Stamp, Value};
use synod::history::{Entry, Environment, Event, Extent, Fit, History, Nature, Operation, Restart};
use synod::id::{NodeId, OpId, ProcessId};
use synod::time::{Time, millis, seconds};

/// What may happen next. Members are counted modulo the team's size.
#[derive(Clone, Copy, Debug)]
pub enum Move {
    /// A member stands for election in the next term and asks all who are up.
    Stand(usize),
    /// A leader takes a client's proposal into its log.
    Propose(usize),
    /// A leader brings a member's log in line with its own.
    Replicate { leader: usize, member: usize },
    /// A leader commits what a majority acknowledged.
    Commit(usize),
    /// A member hears how far a leader committed.
    Learn { leader: usize, member: usize },
    /// A member crashes.
    Crash(usize),
    /// A crashed member comes back.
    Recover(usize),
}

/// The history of a team of `size` that makes these moves, then heals and decides everything it was asked.
pub fn history_of(size: u16, moves: &[Move]) -> History {
    let mut team = Team::new(size);
    for step in moves {
        team.make(*step);
    }
    team.use_tools();
    team.exchange();
    team.stamp();
    team.work();
    team.plan();
    team.watch();
    team.finish();
    team.choose();
    team.certify();
    team.deliberate();
    team.history
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Item {
    term: u64,
    command: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    Leading,
    Down,
}

struct Member {
    state: State,
    life: u32,
    term: u64,
    log: Vec<Item>,
    committed: usize,
    /// While leading: how much of its log each member acknowledged in this term.
    acknowledged: Vec<usize>,
}

struct Team {
    members: Vec<Member>,
    history: History,
    now: Time,
    commands: u64,
    /// The operations that ask about each slot, until they are answered.
    waiting: Vec<Vec<u64>>,
}

impl Team {
    fn new(size: u16) -> Team {
        let fresh =
            || Member { state: State::Up, life: 0, term: 0, log: Vec::new(), committed: 0, acknowledged: Vec::new() };
        let members = (0..size).map(|_| fresh()).collect();
        Team { members, history: History::new(), now: Time::ZERO, commands: 0, waiting: Vec::new() }
    }

    fn make(&mut self, step: Move) {
        self.now += millis(1);
        let size = self.members.len();
        match step {
            Move::Stand(member) => self.stand(member % size),
            Move::Propose(leader) => self.propose(leader % size),
            Move::Replicate { leader, member } => self.replicate(leader % size, member % size),
            Move::Commit(leader) => self.commit(leader % size),
            Move::Learn { leader, member } => self.learn(leader % size, member % size),
            Move::Crash(member) => self.crash(member % size),
            Move::Recover(member) => self.recover(member % size),
        }
    }

    fn stand(&mut self, candidate: usize) {
        if self.members[candidate].state == State::Down {
            return;
        }
        let term = self.members.iter().map(|member| member.term).max().unwrap_or(0) + 1;
        let rank = |log: &[Item]| (log.last().map_or(0, |item| item.term), log.len());
        let own = rank(&self.members[candidate].log);
        let votes = |member: &Member| member.state != State::Down && rank(&member.log) <= own;
        let voters: Vec<usize> = (0..self.members.len()).filter(|index| votes(&self.members[*index])).collect();
        for voter in &voters {
            self.enter(*voter, term);
            self.note(*voter, Fact::Voted { term, candidate: NodeId::agent(candidate as u16) });
        }
        if voters.len() * 2 > self.members.len() {
            let last = self.members[candidate].log.len();
            self.members[candidate].state = State::Leading;
            self.members[candidate].acknowledged = vec![0; self.members.len()];
            self.members[candidate].acknowledged[candidate] = last;
            self.note(candidate, Fact::Elected { term, last: last as u64 });
        }
    }

    fn propose(&mut self, leader: usize) {
        if self.members[leader].state != State::Leading {
            return;
        }
        let (term, place) = (self.members[leader].term, self.members[leader].log.len());
        self.commands += 1;
        let (command, op, slot) = (self.commands, OpId(self.commands), Slot(place as u64));
        self.record(client(op), 0, Event::Operation(Operation::Invoke { op, slot }));
        let offer = Environment::Offered { slot, value: value(command) };
        self.record(NodeId::agent(leader as u16), self.members[leader].life, Event::Environment(offer));
        self.note(leader, Fact::Proposed { slot, value: value(command) });
        self.waiting.resize(self.waiting.len().max(place + 1), Vec::new());
        self.waiting[place].push(op.0);
        self.append(leader, Item { term, command });
        self.members[leader].acknowledged[leader] = place + 1;
    }

    fn replicate(&mut self, leader: usize, member: usize) {
        if !self.reaches(leader, member) {
            return;
        }
        let log = self.members[leader].log.clone();
        let own = &self.members[member].log;
        let same = own.iter().zip(&log).take_while(|(own, sent)| own == sent).count();
        if same < own.len() && same < log.len() {
            self.members[member].log.truncate(same);
            self.note(member, Fact::Truncated { from: same as u64 + 1 });
        }
        for item in log.iter().skip(self.members[member].log.len()) {
            self.append(member, *item);
        }
        self.members[leader].acknowledged[member] = log.len();
    }

    fn commit(&mut self, leader: usize) {
        let Member { state: State::Leading, term, .. } = self.members[leader] else { return };
        let mut acknowledged = self.members[leader].acknowledged.clone();
        acknowledged.sort_unstable();
        let by_majority = acknowledged[(acknowledged.len() - 1) / 2];
        // Section 5.4.2: only an entry of the own term is committed by counting.
        if by_majority > 0 && self.members[leader].log[by_majority - 1].term == term {
            self.commit_up_to(leader, by_majority);
        }
    }

    fn learn(&mut self, leader: usize, member: usize) {
        if self.reaches(leader, member) {
            let known = self.members[leader].acknowledged[member].min(self.members[leader].committed);
            self.commit_up_to(member, known);
        }
    }

    fn crash(&mut self, member: usize) {
        if self.members[member].state != State::Down {
            self.members[member].state = State::Down;
            let event = Event::Environment(Environment::Crashed);
            self.record(NodeId::agent(member as u16), self.members[member].life, event);
        }
    }

    fn recover(&mut self, member: usize) {
        if self.members[member].state != State::Down {
            return;
        }
        self.members[member].life += 1;
        self.members[member].state = State::Up;
        self.members[member].committed = 0;
        let Member { life, term, .. } = self.members[member];
        let started = Environment::Started { again: Restart::WithDisk };
        self.record(NodeId::agent(member as u16), life, Event::Environment(started));
        self.note(member, Fact::Recovered { term });
        for item in std::mem::take(&mut self.members[member].log) {
            self.append(member, item);
        }
    }

    /// Brings all up, elects the longest log and decides every slot anyone asked about.
    fn finish(&mut self) {
        for member in 0..self.members.len() {
            self.recover(member);
        }
        let core = (0..self.members.len() as u16).map(NodeId::agent).collect();
        self.record(NodeId::agent(0), self.members[0].life, Event::Environment(Environment::Healed { core }));
        let rank = |log: &[Item]| (log.last().map_or(0, |item| item.term), log.len());
        let best = (0..self.members.len()).max_by_key(|index| rank(&self.members[*index].log)).unwrap_or(0);
        self.stand(best);
        self.propose(best);
        while self.members[best].log.len() < self.waiting.len() {
            self.propose(best);
        }
        (0..self.members.len()).for_each(|member| self.replicate(best, member));
        self.commit(best);
        (0..self.members.len()).for_each(|member| self.learn(best, member));
        self.read(best);
        self.now += millis(90_000);
        self.tell(0, crate::shelf::end());
    }

    /// A client reads all that this member knows to be committed.
    fn read(&mut self, member: usize) {
        self.commands += 1;
        let op = OpId(self.commands);
        let committed = &self.members[member].log[..self.members[member].committed];
        let told = (0..).zip(committed).map(|(place, item)| Decision { slot: Slot(place), value: value(item.command) });
        let decisions = told.collect();
        self.record(client(op), 0, Event::Operation(Operation::Read { op }));
        self.record(client(op), 0, Event::Operation(Operation::Log { op, decisions }));
    }

    /// Whether a leader's message is taken by the member, which then is in the leader's term.
    fn reaches(&mut self, leader: usize, member: usize) -> bool {
        if self.members[leader].state != State::Leading || self.members[member].state == State::Down {
            return false;
        }
        let (sent, own) = (self.members[leader].term, self.members[member].term);
        if own > sent {
            self.enter(leader, own);
            return false;
        }
        if leader != member {
            self.enter(member, sent);
        }
        true
    }

    /// Enters a term; a leader of an earlier one leads no more.
    fn enter(&mut self, member: usize, term: u64) {
        if self.members[member].state == State::Leading && self.members[member].term < term {
            self.members[member].state = State::Up;
            self.note(member, Fact::SteppedDown { term: self.members[member].term });
        }
        self.members[member].term = term;
    }

    fn append(&mut self, member: usize, item: Item) {
        self.members[member].log.push(item);
        let index = self.members[member].log.len() as u64;
        self.note(member, Fact::Appended { index, term: item.term, command: item.command });
    }

    fn commit_up_to(&mut self, member: usize, length: usize) {
        let before = self.members[member].committed;
        if length <= before {
            return;
        }
        self.members[member].committed = length;
        let term = self.members[member].term;
        self.note(member, Fact::Committed { index: length as u64, term });
        for place in before..length {
            let (slot, command) = (Slot(place as u64), self.members[member].log[place].command);
            self.note(member, Fact::Applied { index: place as u64 + 1, command });
            self.note(member, Fact::Decided { slot, value: value(command) });
            self.note(member, Fact::Scored { slot, score: Score::CORRECT });
            for op in std::mem::take(&mut self.waiting[place]) {
                let (op, value) = (OpId(op), value(command));
                self.record(client(op), 0, Event::Operation(Operation::Ok { op, slot, value }));
            }
        }
    }

    /// Two acceptors choose one command, for the properties of ballots: this team is not otherwise theirs.
    fn choose(&mut self) {
        let (index, ballot, command) = (1, 4, 0xaa);
        self.note(0, Fact::Quorums { members: 3, promises: 2, votes: 2 });
        for member in [0, 1] {
            self.note(member, Fact::Promised { ballot });
            self.note(member, Fact::Accepted { index, ballot, command });
        }
        self.note(1, Fact::Chosen { index, ballot, command });
    }

    /// Two members agree for two rounds, for the property of deliberations.
    fn deliberate(&mut self) {
        let (slot, term, agreed) = (Slot(901), 4, value(901));
        for round in 0..2 {
            for member in [0, 1] {
                self.note(member, Fact::Answered { slot, term, round, value: agreed.clone() });
            }
        }
        self.note(0, Fact::Agreed { slot, term, round: 1, value: agreed, alpha: 2, beta: 2 });
    }

    /// Three of four certify one value and accuse a turned fourth, for the properties of Byzantine agreement.
    fn certify(&mut self) {
        let (height, round, liar) = (900, 0, NodeId::agent(9));
        let agreed = Decision { slot: Slot(900), value: value(900) };
        self.record(liar, 0, Event::Environment(Environment::Suborned));
        let voters: Vec<NodeId> = (0..3).map(NodeId::agent).collect();
        for phase in [Phase::Prevote, Phase::Precommit] {
            for member in 0..3 {
                self.note(member, Fact::Cast { height, round, phase, choice: Some(agreed.clone()) });
            }
            self.note(0, Fact::Certified { height, round, phase, decision: agreed.clone(), voters: voters.clone() });
            if phase == Phase::Prevote {
                self.note(0, Fact::Locked { height, round, decision: agreed.clone() });
            }
        }
        self.note(0, Fact::Accused { member: liar, height, round });
    }

    /// A model asks for two calls at once, and both are carried out in its order.
    fn use_tools(&mut self) {
        let (tool, by, life) = ("refund".to_owned(), NodeId::agent(0), self.members[0].life);
        let calls = [("call_1", "7", "paid"), ("call_2", "8", "paid too")];
        let calls =
            calls.map(|(call, arguments, result)| (call.to_owned(), Value::from(arguments), Value::from(result)));
        let serves = Environment::Serves { tool: tool.clone(), nature: Nature::Effect };
        self.record(NodeId::tool(0), 0, Event::Environment(serves));
        for (call, _, _) in &calls {
            let requested = Environment::Requested { call: call.clone(), tool: tool.clone(), extent: Extent::Whole };
            self.record(by, life, Event::Environment(requested));
        }
        for (call, arguments, _) in &calls {
            self.note(0, Fact::Called { call: call.clone(), tool: tool.clone(), arguments: arguments.clone() });
        }
        for (call, arguments, result) in calls.clone() {
            let (key, fit) = (Some(format!("order-{arguments}")), Fit::Fits);
            let executed = Environment::Executed { call, tool: tool.clone(), key, by, arguments, result, fit };
            self.record(NodeId::tool(0), 0, Event::Environment(executed));
        }
        for (call, _, result) in calls {
            self.note(0, Fact::CallEnded { call, outcome: CallOutcome::Result(result.clone()) });
            self.note(0, Fact::Announced { tool: tool.clone(), result });
        }
    }

    /// Two members write to all, the second because of the first, one writes to one, and one tells a delivery again.
    fn exchange(&mut self) {
        let all: Vec<NodeId> = (0..3).map(NodeId::agent).collect();
        let takes = |from, number, position| Fact::Delivered { from: NodeId::agent(from), number, position };
        self.tell(0, crate::shelf::written());
        self.note(0, Fact::Sent { number: 1, to: all.clone() });
        (0..2).for_each(|member| self.note(member, takes(0, 1, 1)));
        self.note(1, Fact::Sent { number: 1, to: all.clone() });
        self.note(1, takes(1, 1, 2));
        self.note(2, takes(0, 1, 1));
        self.note(2, takes(1, 1, 2));
        self.note(0, takes(1, 1, 2));
        self.note(2, takes(1, 1, 2));
        self.note(0, Fact::Sent { number: 2, to: all });
        self.note(0, Fact::Sent { number: 3, to: vec![NodeId::agent(2)] });
        (0..3).for_each(|member| self.note(member, takes(0, 2, 3)));
        self.note(2, takes(0, 3, 4));
        self.tell(2, crate::shelf::found());
    }

    /// Two hybrid clocks, one ahead of the other.
    fn stamp(&mut self) {
        let stamp = |time, count, node| Stamp { time: Time(time), count, node: NodeId::agent(node) };
        let stamped = |stamp, clock, heard| Fact::Stamped { stamp, clock: Time(clock), heard };
        self.note(0, stamped(stamp(10, 0, 0), 10, None));
        self.note(1, stamped(stamp(10, 1, 1), 7, Some(stamp(10, 0, 0))));
        self.note(1, stamped(stamp(10, 2, 1), 8, None));
        self.note(1, stamped(stamp(12, 0, 1), 12, None));
        self.note(0, stamped(stamp(12, 1, 0), 11, Some(stamp(12, 0, 1))));
    }

    /// One call of a tool from its model's request to its announcement, for the properties of tools.
    fn use_tool(&mut self, [call, tool, key, arguments, result]: [&str; 5]) {
        let (call, tool, by) = (call.to_owned(), tool.to_owned(), NodeId::agent(0));
        let (arguments, result) = (Value::from(arguments), Value::from(result));
        let life = self.members[0].life;
        let at_tool = |environment| Event::Environment(environment);
        let serves = Environment::Serves { tool: tool.clone(), nature: Nature::Effect };
        self.record(NodeId::tool(0), 0, at_tool(serves));
        let requested = Environment::Requested { call: call.clone(), tool: tool.clone(), extent: Extent::Whole };
        self.record(by, life, at_tool(requested));
        self.note(0, Fact::Called { call: call.clone(), tool: tool.clone(), arguments: arguments.clone() });
        let executed = Environment::Executed {
            call: call.clone(),
            tool: tool.clone(),
            key: Some(key.to_owned()),
            by,
            arguments,
            result: result.clone(),
            fit: Fit::Fits,
        };
        self.record(NodeId::tool(0), 0, at_tool(executed));
        self.note(0, Fact::CallEnded { call, outcome: CallOutcome::Result(result.clone()) });
        self.note(0, Fact::Announced { tool, result });
    }

    /// Two members work under policies, for the properties of those.
    fn work(&mut self) {
        let (due, until) = (self.now + seconds(30), self.now + millis(1));
        for work in ["report", "report/costs"] {
            self.note(0, Fact::Undertaken { work: work.to_owned(), due });
        }
        self.note(0, Fact::Acknowledged { work: "report".to_owned() });
        self.note(1, Fact::Claimed { work: "report/costs".to_owned(), token: 1, until });
        self.note(1, Fact::Awaits { thing: "ledger".to_owned() });
        self.note(1, Fact::Holds { thing: "ledger".to_owned() });
        self.note(0, Fact::Holds { thing: "journal".to_owned() });
        self.use_tool(["call_3", "publish", "costs#1", "8", "published"]);
        self.use_tool(["call_4", "publish", "costs#2", "9", "published again"]);
        for work in ["report/costs", "report"] {
            self.note(0, Fact::Concluded { work: work.to_owned(), missing: Vec::new() });
        }
        self.note(0, Fact::Yields { thing: "journal".to_owned() });
        self.note(1, Fact::Yields { thing: "ledger".to_owned() });
        self.now += millis(2);
        self.note(0, Fact::Claimed { work: "report/costs".to_owned(), token: 2, until: self.now });
        self.convalesce();
    }

    /// One piece of work of two steps is done, another one undone.
    fn plan(&mut self) {
        for work in ["trip", "tour"] {
            let steps = ["flight", "hotel"].map(str::to_owned).into();
            self.note(0, Fact::Planned { work: work.to_owned(), steps });
        }
        self.use_tool(["call_30", "travel", "trip/flight", "30", "booked"]);
        self.use_tool(["call_31", "travel", "trip/hotel", "31", "booked too"]);
        self.use_tool(["call_32", "travel", "tour/flight", "32", "booked as well"]);
        self.use_tool(["call_33", "travel", "tour/hotel", "33", "booked again"]);
        self.use_tool(["call_34", "travel", "tour/hotel/undo", "34", "cancelled"]);
        self.use_tool(["call_35", "travel", "tour/flight/undo", "35", "cancelled too"]);
    }

    /// Somebody who takes part in nothing else watches another one, who is paused and suspected.
    fn watch(&mut self) {
        let [watcher, node] = [8, 7].map(NodeId::agent);
        let says = |team: &mut Team, fact| team.record(watcher, 0, Event::Fact(fact));
        says(self, Fact::Trusts { node });
        self.record(node, 0, Event::Environment(Environment::Paused));
        self.now += seconds(3);
        says(self, Fact::Suspects { node });
        self.now += seconds(20);
        self.record(node, 0, Event::Environment(Environment::Resumed));
        says(self, Fact::Trusts { node });
    }

    /// A tool is paused and well again, a breaker on it opens and closes, and calls of it succeed.
    fn convalesce(&mut self) {
        let tool = || "refund".to_owned();
        self.record(NodeId::tool(0), 0, Event::Environment(Environment::Paused));
        self.note(0, Fact::Switched { tool: tool(), circuit: Circuit::Open });
        self.record(NodeId::tool(0), 0, Event::Environment(Environment::Resumed));
        self.now += seconds(61);
        self.note(0, Fact::Switched { tool: tool(), circuit: Circuit::HalfOpen });
        for number in 10..22 {
            let call = format!("call_{number}");
            self.note(0, Fact::Called { call: call.clone(), tool: tool(), arguments: Value::from("{}") });
            let outcome = match number {
                10 => CallOutcome::Declined(Value::from("no")),
                _ => CallOutcome::Result(Value::from("paid")),
            };
            self.note(0, Fact::CallEnded { call, outcome });
            if number == 10 {
                self.note(0, Fact::Switched { tool: tool(), circuit: Circuit::Closed });
            }
        }
    }

    fn note(&mut self, member: usize, fact: Fact) {
        self.tell(member, [Event::Fact(fact)]);
    }

    fn tell<const N: usize>(&mut self, member: usize, events: [Event; N]) {
        let (node, life) = (NodeId::agent(member as u16), self.members[member].life);
        events.into_iter().for_each(|event| self.record(node, life, event));
    }

    fn record(&mut self, node: NodeId, life: u32, event: Event) {
        self.history.push(Entry { at: self.now, node, process: ProcessId(life), event });
    }
}

/// Three clients share the operations.
fn client(op: OpId) -> NodeId {
    NodeId::client((op.0 % 3) as u16)
}

fn value(command: u64) -> Value {
    Value::from(format!("plan-{command}").as_str())
}
