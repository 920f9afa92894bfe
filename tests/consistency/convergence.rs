//! Causal convergence and the same delivered writes make the same state: the law that ties what sessions read to what
//! replicas show.
//!
//! Replicas take writes in, in any order. Some keep the later one of two writes, some the one that came last. In the
//! end everybody has everything, and every session has read that of everyone.

use crate::draws::{Draws, cases};
use synod::call::{Call, SessionId, ValueId, Version};
use synod::check::Verdict;
use synod::check::consistency::{CausalConvergence, CheckStore, EventualConvergence, StrongConvergence};
use synod::digest::digest_of;
use synod::history::store::{Deed, Invocation, Return, StoreHistory};
use synod::time::Time;

const REPLICAS: usize = 3;
const KEYS: usize = 2;

/// Which of two writes a replica keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Later,
    Last,
}

#[derive(Clone, Copy)]
struct Write {
    key: usize,
    /// Its place in the order in which the later one wins.
    stamp: (u64, usize),
    value: ValueId,
    version: Version,
}

struct Copy {
    session: SessionId,
    keeps: Keeps,
    clock: u64,
    shows: [Option<Write>; KEYS],
    /// Writes of others that it has not taken in.
    lacks: Vec<Write>,
}

impl Copy {
    fn take(&mut self, write: Write) {
        self.clock = self.clock.max(write.stamp.0);
        let shown = &mut self.shows[write.key];
        let later = shown.is_none_or(|shown| write.stamp > shown.stamp);
        if later || self.keeps == Keeps::Last {
            *shown = Some(write);
        }
    }
}

/// Copies of one store, and what becomes known of them.
struct Net {
    history: StoreHistory,
    copies: Vec<Copy>,
    at: u64,
    written: [u32; REPLICAS],
}

impl Net {
    fn of(draws: &mut Draws) -> Net {
        let mut history = StoreHistory::default();
        let sound = draws.once_in(2);
        let copy = |place: usize| Copy {
            session: history.session(&format!("a{place}")),
            keeps: if sound || draws.once_in(2) { Keeps::Later } else { Keeps::Last },
            clock: 0,
            shows: [None; KEYS],
            lacks: Vec::new(),
        };
        let copies = (0..REPLICAS).map(copy).collect();
        Net { history, copies, at: 0, written: [0; REPLICAS] }
    }

    fn call(&mut self, place: usize, key: &str, call: Call, value: ValueId, end: Return) {
        self.at += 1;
        let (key, session) = (self.history.key(key), self.copies[place].session);
        let asked = Invocation { value, ..Invocation::of(session, key, call) };
        let op = self.history.invoke(Time(self.at), asked).expect("one at a time");
        self.history.complete(Time(self.at), op, end).expect("it was invoked");
    }

    fn take(&mut self, place: usize, write: Write) {
        self.copies[place].take(write);
        let replica = self.history.replica(&format!("r{place}"));
        self.history.replicate(Time(self.at), replica, Deed::Applied(write.version)).expect("time stands");
    }

    fn write(&mut self, place: usize, key: usize) {
        self.written[place] += 1;
        let version = Version::of(self.copies[place].session, self.written[place]);
        let value = self.history.value(&format!("{place}/{}", self.written[place]));
        let stamp = (self.copies[place].clock + 1, place);
        self.call(place, &format!("k{key}"), Call::Write, value, Return::OK.at(version));
        let write = Write { key, stamp, value, version };
        self.take(place, write);
        let others = (0..REPLICAS).filter(|other| *other != place);
        others.for_each(|other| self.copies[other].lacks.push(write));
    }

    fn hear(&mut self, place: usize, draws: &mut Draws) {
        let lacks = self.copies[place].lacks.len() as u64;
        if lacks > 0 {
            let write = self.copies[place].lacks.remove(draws.below(lacks) as usize);
            self.take(place, write);
        }
    }

    fn read(&mut self, place: usize, key: usize) {
        let end = match self.copies[place].shows[key] {
            Some(shown) => Return::value(shown.value).at(shown.version),
            None => Return::OK.at(Version::INITIAL),
        };
        self.call(place, &format!("k{key}"), Call::Read, ValueId::NOTHING, end);
    }

    /// Everybody hears everything, says that it has done, reads that of everyone, and shows what it has.
    fn end(mut self, draws: &mut Draws) -> StoreHistory {
        for place in 0..REPLICAS {
            while !self.copies[place].lacks.is_empty() {
                self.hear(place, draws);
            }
        }
        let done: Vec<Return> = (0..REPLICAS)
            .map(|place| {
                let version = Version::of(self.copies[place].session, self.written[place] + 1);
                let value = self.history.value(&format!("done {place}"));
                self.call(place, &format!("done{place}"), Call::Write, value, Return::OK.at(version));
                Return::value(value).at(version)
            })
            .collect();
        for place in 0..REPLICAS {
            for (other, end) in done.iter().enumerate() {
                self.call(place, &format!("done{other}"), Call::Read, ValueId::NOTHING, *end);
            }
            (0..KEYS).for_each(|key| self.read(place, key));
            let replica = self.history.replica(&format!("r{place}"));
            let shown = self.copies[place].shows.map(|shown| shown.map(|write| write.version));
            let state = digest_of(shown.as_slice());
            self.history.replicate(Time(self.at), replica, Deed::State(state)).expect("time stands");
        }
        self.history.settle();
        self.history
    }
}

fn random(draws: &mut Draws) -> StoreHistory {
    let mut net = Net::of(draws);
    for _ in 0..3 + draws.below(10) {
        let (place, key) = (draws.below(REPLICAS as u64) as usize, draws.below(KEYS as u64) as usize);
        match draws.below(5) {
            0 | 1 => net.write(place, key),
            2 => net.read(place, key),
            _ => net.hear(place, draws),
        }
    }
    net.end(draws)
}

#[test]
fn causal_convergence_and_the_same_delivered_writes_make_the_same_state() {
    let held = |check: &dyn CheckStore, history: &StoreHistory| match check.check(history) {
        Verdict::Holds { judged } => {
            assert!(judged > 0, "{}: nothing was judged", check.property().name);
            true
        }
        Verdict::Violated(_) => false,
        Verdict::Unknown { limit } => panic!("undecided: {limit}"),
    };
    let (mut converged, mut diverged) = (0, 0);
    for seed in 0..cases() {
        let history = random(&mut Draws::of(seed));
        let convergent = held(&CausalConvergence::default(), &history);
        for alike in [&StrongConvergence as &dyn CheckStore, &EventualConvergence] {
            let name = alike.property().name;
            let same = held(alike, &history);
            assert!(!convergent || same, "seed {seed}: CCv, and {name} is refuted: {:?}", alike.check(&history));
            diverged += u64::from(!same);
        }
        converged += u64::from(convergent);
    }
    let enough = cases() / 20;
    assert!(converged > enough && diverged > enough, "{converged} CCv, {diverged} states that differ: too few");
}
