//! A valid history of a replicated store or of a register, and what each way of falsifying it makes of the verdicts.

use crate::draws::Draws;
use synod::call::{Call, KeyId, SessionId, ValueId, Version};
use synod::check::Verdict;
use synod::check::consistency::{
    CausalConsistency, CausalConvergence, CausalMemory, CheckStore, Guarantee, Linearizable, PipelinedRam,
    SessionGuarantee, Sight,
};
use synod::history::store::{Answer, Invocation, Operation, Return, StoreHistory};
use synod::time::Time;

/// One operation of a history under construction: what was asked, and the write that a read returned.
#[derive(Clone, Copy)]
pub struct Made {
    pub session: usize,
    pub key: usize,
    /// The write that this reads, by its place; nothing is the initial value. A write reads nothing.
    pub reads: Option<Option<usize>>,
}

/// Replicas with last writer wins by (Lamport time, replica) that take in everything another has seen now and then.
fn operations(draws: &mut Draws, count: usize, sessions: usize, keys: usize) -> Vec<Made> {
    let mut made: Vec<Made> = Vec::new();
    let mut stamps: Vec<(u64, usize)> = Vec::new();
    let mut holds: Vec<Vec<Option<usize>>> = vec![vec![None; keys]; sessions];
    let mut clocks = vec![0u64; sessions];
    for place in 0..count {
        let (session, key) = (draws.below(sessions as u64) as usize, draws.below(keys as u64) as usize);
        if draws.once_in(4) {
            let other = draws.below(sessions as u64) as usize;
            clocks[session] = clocks[session].max(clocks[other]);
            let theirs = holds[other].clone();
            for (mine, theirs) in holds[session].iter_mut().zip(theirs) {
                *mine = (*mine).max_by_key_with(theirs, &stamps);
            }
        }
        let reads = draws.once_in(2);
        clocks[session] += 1;
        stamps.push((clocks[session], session));
        made.push(Made { session, key, reads: reads.then_some(holds[session][key]) });
        if !reads {
            holds[session][key] = Some(place);
        }
    }
    made
}

trait Newest {
    fn max_by_key_with(self, other: Self, stamps: &[(u64, usize)]) -> Self;
}

impl Newest for Option<usize> {
    fn max_by_key_with(self, other: Option<usize>, stamps: &[(u64, usize)]) -> Option<usize> {
        let stamp = |place: Option<usize>| place.map(|place| stamps[place]);
        if stamp(other) > stamp(self) { other } else { self }
    }
}

pub fn record(made: &[Made]) -> StoreHistory {
    let mut history = StoreHistory::default();
    let version = |history: &mut StoreHistory, place: usize| {
        let of_session = made[..=place].iter().filter(|one| one.session == made[place].session && one.reads.is_none());
        let number = of_session.count() as u32;
        Version::of(history.session(&format!("a{}", made[place].session + 1)), number)
    };
    let value = |history: &mut StoreHistory, place: usize| history.value(&format!("v{place}"));
    for (place, one) in made.iter().enumerate() {
        let at = Time(place as u64);
        let session: SessionId = history.session(&format!("a{}", one.session + 1));
        let key: KeyId = history.key(&format!("k{}", one.key));
        let (call, end) = match one.reads {
            None => {
                let value = value(&mut history, place);
                (Invocation::of(session, key, Call::Write).with(value), Return::OK.at(version(&mut history, place)))
            }
            Some(source) => {
                let read = source.map_or(ValueId::NOTHING, |write| value(&mut history, write));
                let stamp = source.map_or(Version::INITIAL, |write| version(&mut history, write));
                (Invocation::of(session, key, Call::Read), Return::value(read).at(stamp))
            }
        };
        let op = history.invoke(at, call).expect("a history that can be");
        history.complete(at, op, end).expect("an end that can be");
    }
    history
}

/// A valid history of a replicated store: CCv, and all that follows from it.
pub fn replicated(draws: &mut Draws, count: usize, sessions: usize) -> StoreHistory {
    record(&operations(draws, count, sessions, 3))
}

pub fn held(check: &dyn CheckStore, history: &StoreHistory) -> bool {
    match check.check(history) {
        Verdict::Holds { judged } => judged > 0,
        Verdict::Violated(chain) => {
            assert!(chain.events.len() > usize::from(chain.pattern != "ThinAirRead"), "{chain}");
            assert!(chain.contradiction.ends_with('.'), "{chain}");
            false
        }
        Verdict::Unknown { limit } => panic!("undecided: {limit}"),
    }
}

/// The guarantees that CCv implies.
fn implied() -> Vec<Box<dyn CheckStore>> {
    let guarantees = [
        Guarantee::ReadYourWrites,
        Guarantee::MonotonicReads,
        Guarantee::MonotonicWrites,
        Guarantee::WritesFollowReads,
    ];
    let mut checks: Vec<Box<dyn CheckStore>> =
        vec![Box::new(CausalConsistency::default()), Box::new(CausalConvergence::default())];
    checks.extend(guarantees.map(|guarantee| Box::new(SessionGuarantee::of(guarantee)) as Box<dyn CheckStore>));
    checks
}

pub const LARGE: usize = 400;

#[test]
fn a_replicated_store_keeps_everything_it_promises() {
    for seed in 0..100 {
        let history = replicated(&mut Draws::of(seed), LARGE, 5);
        for check in implied() {
            assert!(held(check.as_ref(), &history), "seed {seed}: {}", check.property().name);
        }
    }
}

/// Changes one read of a valid history and says which checkers must see it, every time.
fn mutate(name: &str, checks: &[&dyn CheckStore], change: impl Fn(&mut Vec<Made>, &mut Draws) -> Option<()>) {
    let mut made_some = 0;
    for seed in 0..200 {
        let draws = &mut Draws::of(seed);
        let mut made = operations(draws, LARGE, 5, 3);
        for check in checks {
            assert!(held(*check, &record(&made)) || check.property().name == "linearizable", "{name}, seed {seed}");
        }
        if change(&mut made, draws).is_none() {
            continue;
        }
        made_some += 1;
        for check in checks {
            assert!(!held(*check, &record(&made)), "{name}, seed {seed}: {} is blind", check.property().name);
        }
    }
    assert!(made_some > 50, "{name}: only {made_some} histories had room for it");
}

/// The reads of a session under a key with a source, in order.
fn reads(made: &[Made], session: usize, key: usize) -> Vec<usize> {
    let wanted = |place: &usize| made[*place].session == session && made[*place].key == key;
    (0..made.len()).filter(wanted).filter(|place| made[*place].reads.is_some()).collect()
}

/// A place in the second half that reads under a key which its session wrote before, with the last such write.
fn after_own_write(made: &[Made], draws: &mut Draws) -> Option<(usize, usize)> {
    let read =
        (0..made.len()).skip(made.len() / 2 + draws.below(50) as usize).find(|place| made[*place].reads.is_some())?;
    let own = |place: &usize| {
        let (one, read) = (made[*place], made[read]);
        one.session == read.session && one.key == read.key && one.reads.is_none()
    };
    Some((read, (0..read).rev().find(own)?))
}

#[test]
fn an_initial_value_after_an_own_write_breaks_read_your_writes_and_causal_consistency() {
    let guarantee = SessionGuarantee::of(Guarantee::ReadYourWrites);
    let checks: [&dyn CheckStore; 5] = [
        &guarantee,
        &CausalConsistency { sight: Sight::Recorded },
        &CausalConvergence { sight: Sight::Recorded },
        &CausalMemory::DEFAULT,
        &PipelinedRam::DEFAULT,
    ];
    // A convergent history need not be CM or PRAM before, so those two are asked about the mutant only.
    mutate("initial", &checks[..3], |made, draws| {
        let (read, _) = after_own_write(made, draws)?;
        made[read].reads = Some(None);
        Some(())
    });
    for seed in 0..50 {
        let draws = &mut Draws::of(seed);
        let mut made = operations(draws, LARGE, 5, 3);
        let Some((read, _)) = after_own_write(&made, draws) else { continue };
        made[read].reads = Some(None);
        assert!(!held(checks[3], &record(&made)) && !held(checks[4], &record(&made)), "seed {seed}");
    }
}

#[test]
fn a_read_that_goes_back_breaks_monotonic_reads() {
    let guarantee = SessionGuarantee::of(Guarantee::MonotonicReads);
    let causal = CausalConsistency::default();
    mutate("back", &[&guarantee, &causal], |made, draws| {
        let (session, key) = (draws.below(5) as usize, draws.below(3) as usize);
        let seen = reads(made, session, key);
        // The one before the last read from another's write and the last goes back to nothing.
        let [.., before, last] = seen[..] else { return None };
        made[before].reads?.filter(|write| made[*write].session != session)?;
        made[last].reads = Some(None);
        Some(())
    });
}

#[test]
fn a_value_nobody_wrote_and_one_from_the_future_are_seen_by_every_causal_checker() {
    let causal = [CausalConsistency::default()];
    let convergent = CausalConvergence::default();
    mutate("own future", &[&causal[0], &convergent], |made, _| {
        let read = (0..made.len()).find(|place| made[*place].reads.is_some())?;
        let later = |place: &usize| {
            made[*place].session == made[read].session
                && made[*place].key == made[read].key
                && made[*place].reads.is_none()
        };
        made[read].reads = Some(Some((read..made.len()).find(later)?));
        Some(())
    });
}

#[test]
fn replicas_that_order_concurrent_writes_differently_are_not_convergent_but_causal() {
    let mut seen = 0;
    for seed in 0..200 {
        let draws = &mut Draws::of(seed);
        let mut made = operations(draws, 60, 4, 3);
        // Two fresh sessions write at once, and see each other's write after their own: each has its own order.
        let key = 3;
        let start = made.len();
        let write = |session| Made { session, key, reads: None };
        let read = |session, write| Made { session, key, reads: Some(Some(write)) };
        made.extend([write(4), write(5), read(4, start), read(5, start + 1), read(4, start + 1), read(5, start)]);
        let history = record(&made);
        assert!(held(&CausalConsistency::default(), &history), "seed {seed}");
        assert!(!held(&CausalConvergence::default(), &history), "seed {seed}");
        seen += 1;
    }
    assert_eq!(seen, 200);
}

/// A register: one operation after the other, so every read returns the last write.
fn register(draws: &mut Draws, count: usize) -> Vec<Made> {
    let mut last = [None; 3];
    let mut made = Vec::new();
    for place in 0..count {
        let (session, key) = (draws.below(5) as usize, draws.below(3) as usize);
        let reads = draws.once_in(2);
        made.push(Made { session, key, reads: reads.then_some(last[key]) });
        if !reads {
            last[key] = Some(place);
        }
    }
    made
}

#[test]
fn a_register_is_linearizable_until_a_read_is_stale_or_early_or_from_nowhere() {
    for seed in 0..200 {
        let draws = &mut Draws::of(seed);
        let made = register(draws, LARGE);
        assert!(held(&Linearizable::DEFAULT, &record(&made)), "seed {seed}");
        let Some(read) = (LARGE / 2..LARGE).find(|place| made[*place].reads.flatten().is_some()) else { continue };
        let source = made[read].reads.flatten().expect("checked");
        let writes = |from: usize, to: usize| (from..to).filter(|place| made[*place].reads.is_none());
        let same_key = |place: &usize| made[*place].key == made[read].key;
        let stale = writes(0, source).rfind(same_key);
        let early = writes(read, LARGE).find(same_key);
        for wrong in [Some(None), stale.map(Some), early.map(Some)].into_iter().flatten() {
            let mut mutant = made.clone();
            mutant[read].reads = Some(wrong);
            let history = record(&mutant);
            let verdict = Linearizable::DEFAULT.check(&history);
            let chain = verdict.witness().unwrap_or_else(|| panic!("seed {seed}: {wrong:?} for {source} is not seen"));
            assert!(chain.events.len() <= 4, "seed {seed}: {chain}");
            let blind = Linearizable { sight: Sight::ValuesOnly, ..Linearizable::DEFAULT };
            assert!(!held(&blind, &history), "seed {seed}");
        }
    }
}

#[test]
fn a_version_whose_text_is_another_one_is_from_nowhere() {
    let mut history = StoreHistory::default();
    let (session, key) = (history.session("a1"), history.key("k"));
    let [written, other] = ["draft", "forged"].map(|text| history.value(text));
    let version = Version::of(session, 1);
    let write = history.invoke(Time(0), Invocation::of(session, key, Call::Write).with(written)).unwrap();
    history.complete(Time(1), write, Return::OK.at(version)).unwrap();
    let read = history.invoke(Time(2), Invocation::of(session, key, Call::Read)).unwrap();
    history.complete(Time(3), read, Return::value(other).at(version)).unwrap();
    let pattern = |verdict: Verdict<synod::check::consistency::Chain>| verdict.witness().map(|chain| chain.pattern);
    assert_eq!(pattern(Linearizable::DEFAULT.check(&history)), Some("ThinAirRead"));
    assert_eq!(pattern(CausalConsistency::default().check(&history)), Some("ThinAirRead"));
    let last: &Operation = history.operations().last().expect("two operations");
    assert_eq!(last.answer, Answer::Value(other));
}

#[test]
fn a_budget_that_runs_out_is_never_a_pass() {
    let mut history = StoreHistory::default();
    for place in 0..12u64 {
        let session = history.session(&format!("a{place}"));
        let key = history.key("queue");
        let value = history.value(&format!("v{place}"));
        history.invoke(Time(place), Invocation::of(session, key, Call::Enqueue).with(value)).unwrap();
    }
    let session = history.session("reader");
    let key = history.key("queue");
    let never = history.value("never");
    let read = history.invoke(Time(20), Invocation::of(session, key, Call::Dequeue)).unwrap();
    history.complete(Time(21), read, Return::value(never)).unwrap();
    let verdict = Linearizable { budget: 1_000, ..Linearizable::DEFAULT }.check(&history);
    assert!(matches!(&verdict, Verdict::Unknown { limit } if limit.contains("1000")), "{verdict:?}");
}
