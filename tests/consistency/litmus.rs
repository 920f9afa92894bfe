//! Known small histories with known verdicts, and the traps that known tools fell into.

use synod::check::Verdict;
use synod::check::consistency::{
    BoundedStaleness, CausalConsistency, CausalConvergence, CausalMemory, Chain, CheckStore, EventualConvergence,
    Guarantee, Linearizable, SequentialConsistency, SessionGuarantee,
};
use synod::history::store::{StoreHistory, read, read_read_write};

/// Sessions side by side, such as `w(x,1) r(y,0) | r(x,1)`.
fn told(text: &str) -> StoreHistory {
    let mut lines = String::new();
    for (session, operations) in text.split('|').enumerate() {
        for operation in operations.split_whitespace() {
            let fields = operation.strip_suffix(')').expect("an operation ends with a bracket");
            lines.push_str(&format!("{fields},s{session},{})\n", lines.len()));
        }
    }
    read_read_write(lines.as_bytes()).expect("a litmus test can be read")
}

fn pattern(verdict: &Verdict<Chain>) -> &'static str {
    match verdict {
        Verdict::Holds { .. } => "holds",
        Verdict::Violated(chain) => chain.pattern,
        Verdict::Unknown { limit } => panic!("undecided: {limit}"),
    }
}

/// CC, CCv and CM of a litmus test, by the names of the patterns that refute them.
fn check(text: &str) -> [&'static str; 3] {
    let history = told(text);
    [
        pattern(&CausalConsistency::default().check(&history)),
        pattern(&CausalConvergence::default().check(&history)),
        pattern(&CausalMemory::DEFAULT.check(&history)),
    ]
}

/// Bouajjani et al., POPL 2017, figure 3. In their numbering: (a) CM but not CCv, (b) CCv but not CM, (c) CC but
/// neither, (d) all but sequentially consistent, (e) not even CC.
#[test]
fn the_figures_of_popl_17_have_their_verdicts() {
    let a = "w(x,1) r(x,2) | w(x,2) r(x,1)";
    assert_eq!(check(a), ["holds", "CyclicCF", "holds"]);
    let b = "w(z,1) w(x,1) w(y,1) | w(x,2) r(z,0) r(y,1) r(x,2)";
    assert_eq!(check(b), ["holds", "holds", "WriteHBInitRead"]);
    let c = "w(x,1) | w(x,2) r(x,1) r(x,2)";
    assert_eq!(check(c), ["holds", "CyclicCF", "CyclicHB"]);
    let d = "w(x,1) r(y,0) w(y,1) r(x,1) | w(x,2) r(y,0) w(y,2) r(x,2)";
    assert_eq!(check(d), ["holds", "holds", "holds"]);
    assert_eq!(pattern(&SequentialConsistency::DEFAULT.check(&told(d))), "no order explains it");
    let e = "w(x,1) w(y,1) | r(y,1) w(x,2) | r(x,2) r(x,1)";
    assert_eq!(check(e), ["WriteCORead", "WriteCORead", "WriteCORead"]);
}

/// A known tool says that causal consistency is violated here, because it closes conflict order under itself.
#[test]
fn conflict_order_is_made_from_causal_order_only() {
    let text = "w(b,1488) r(d,792) | w(a,297) w(a,536) w(d,820) w(b,880) r(b,1488) | w(d,792) r(a,297)";
    assert_eq!(check(text), ["holds", "holds", "holds"]);
    assert_eq!(pattern(&SequentialConsistency::DEFAULT.check(&told(text))), "no order explains it");
}

/// A known tool accepts this, because it leaves initial values unordered.
#[test]
fn the_initial_value_comes_before_everything() {
    assert_eq!(check("w(x,3) r(x,0)"), ["WriteCOInitRead"; 3]);
    let lines = r#"
        {"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}
        {"at":2,"session":"a1","op":0,"end":"ok"}
        {"at":3,"session":"a1","op":1,"invoke":"read","key":"x"}
        {"at":4,"session":"a1","op":1,"end":"ok"}"#;
    let history = read(lines.as_bytes()).unwrap();
    assert_eq!(pattern(&Linearizable::DEFAULT.check(&history)), "value inside another");
    let guarantee = SessionGuarantee::of(Guarantee::ReadYourWrites);
    assert_eq!(pattern(&guarantee.check(&history)), "stale read");
}

/// A pending remove or write may have taken effect, at once or late, or never.
#[test]
fn what_never_ended_may_have_happened() {
    let remove = |end: &str, reads: [&str; 2]| {
        let read = |op: usize, at: usize, value: &str| {
            let value = if value.is_empty() { String::new() } else { format!(r#","value":"{value}""#) };
            format!(
                r#"{{"at":{at},"session":"a2","op":{op},"invoke":"read","key":"x"}}
                   {{"at":{at},"session":"a2","op":{op},"end":"ok"{value}}}"#
            )
        };
        let lines = format!(
            r#"{{"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}}
               {{"at":2,"session":"a1","op":0,"end":"ok"}}
               {{"at":3,"session":"a1","op":1,"invoke":"remove","key":"x"}}
               {{"at":4,"session":"a1","op":1,"end":"{end}"}}
               {}
               {}"#,
            read(2, 5, reads[0]),
            read(3, 6, reads[1])
        );
        pattern(&Linearizable::DEFAULT.check(&read_lines(&lines)))
    };
    assert_eq!(remove("info", ["", ""]), "holds");
    assert_eq!(remove("info", ["3", ""]), "holds");
    assert_eq!(remove("info", ["3", "3"]), "holds");
    assert_eq!(remove("info", ["", "3"]), "no order explains it");
    assert_eq!(remove("ok", ["3", ""]), "no order explains it");
    assert_ne!(remove("fail", ["3", ""]), "holds");
    assert_eq!(remove("fail", ["3", "3"]), "holds");
}

fn read_lines(lines: &str) -> StoreHistory {
    read(lines.as_bytes()).expect("a history that can be")
}

#[test]
fn each_session_guarantee_has_its_own_violation() {
    let cases = [
        (Guarantee::ReadYourWrites, "w(x,1) w(x,2) r(x,1)"),
        (Guarantee::MonotonicReads, "w(x,1) w(x,2) | r(x,2) r(x,1)"),
        (Guarantee::MonotonicWrites, "w(x,1) w(y,2) | r(y,2) r(x,0)"),
        (Guarantee::WritesFollowReads, "w(x,1) | r(x,1) w(y,2) | r(y,2) r(x,0)"),
    ];
    for (broken, text) in cases {
        for (guarantee, _) in cases {
            let verdict = SessionGuarantee::of(guarantee).check(&told(text));
            let expected = if guarantee == broken { "stale read" } else { "holds" };
            assert_eq!(pattern(&verdict), expected, "{guarantee:?} of {text}");
        }
    }
}

#[test]
fn a_cycle_of_causal_order_and_a_value_from_nowhere_have_their_names() {
    assert_eq!(check("r(x,1) w(y,1) | r(y,1) w(x,1)"), ["CyclicCO"; 3]);
    assert_eq!(check("r(x,7)"), ["ThinAirRead"; 3]);
}

#[test]
fn a_witness_is_the_fewest_operations_each_edge_with_its_cause() {
    let verdict = CausalConsistency::default().check(&told("w(x,1) w(y,1) | r(y,1) w(x,2) | r(x,2) r(x,1)"));
    let text = verdict.witness().expect("violated").to_string();
    insta::assert_snapshot!(text);
}

#[test]
fn what_has_no_real_time_is_not_judged_by_it() {
    assert!(matches!(Linearizable::DEFAULT.check(&told("w(x,1)")), Verdict::Unknown { .. }));
}

#[test]
fn values_written_twice_cannot_be_judged_by_value() {
    let verdict = CausalConsistency::default().check(&told("w(x,1) | w(x,1) r(x,1)"));
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
}

/// What two checkers say of a register's history with recorded versions.
fn by_version(lines: &str) -> [&'static str; 2] {
    let history = read_lines(lines);
    let sequential = SequentialConsistency::DEFAULT.check(&history);
    [pattern(&Linearizable::DEFAULT.check(&history)), pattern(&sequential)]
}

#[test]
fn a_compare_and_set_beside_it_does_not_hide_what_versions_tell() {
    // The second write of the same text was over when the first one's version was read, by the session that wrote it.
    let stale = r#"{"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}
        {"at":2,"session":"a1","op":0,"end":"ok","version":"a1.1"}
        {"at":3,"session":"a2","op":1,"invoke":"read","key":"x"}
        {"at":4,"session":"a2","op":1,"end":"ok","value":"3","version":"a1.1"}
        {"at":5,"session":"a2","op":2,"invoke":"write","key":"x","value":"3"}
        {"at":6,"session":"a2","op":2,"end":"ok","version":"a2.1"}
        {"at":7,"session":"a2","op":3,"invoke":"read","key":"x"}
        {"at":8,"session":"a2","op":3,"end":"ok","value":"3","version":"a1.1"}
        {"at":9,"session":"a2","op":4,"invoke":"cas","key":"x","expected":"9","value":"8"}
        {"at":10,"session":"a2","op":4,"end":"refused"}"#;
    assert_eq!(by_version(stale), ["value inside another", "WriteCORead"]);
    let newer = |version| format!(r#""op":3,"end":"ok","value":"3","version":"{version}""#);
    let fresh = stale.replace(&newer("a1.1"), &newer("a2.1"));
    assert_eq!(by_version(&fresh), ["holds", "holds"]);
}

#[test]
fn a_version_that_nobody_wrote_is_a_value_from_nowhere() {
    let thin = r#"{"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}
        {"at":2,"session":"a1","op":0,"end":"ok","version":"a1.1"}
        {"at":5,"session":"a2","op":1,"invoke":"read","key":"x"}
        {"at":6,"session":"a2","op":1,"end":"ok","value":"3","version":"a9.1"}"#;
    let history = read_lines(thin);
    assert_eq!(pattern(&CausalConsistency::default().check(&history)), "ThinAirRead");
    assert_eq!(pattern(&Linearizable::DEFAULT.check(&history)), "ThinAirRead");
    // A write whose version nobody recorded may be the one.
    let unstamped = read_lines(&thin.replace(r#","version":"a1.1""#, ""));
    assert_eq!(pattern(&CausalConsistency::default().check(&unstamped)), "holds");
}

#[test]
fn no_operation_reads_what_it_writes_itself() {
    let own = r#"{"at":1,"session":"a1","op":0,"invoke":"cas","key":"x","expected":"5","value":"5"}
        {"at":2,"session":"a1","op":0,"end":"ok"}"#;
    let verdict = CausalConsistency::default().check(&read_lines(own));
    assert_eq!(pattern(&verdict), "ThinAirRead");
    assert_eq!(verdict.witness().map(|chain| chain.events.len()), Some(1));
    let written = format!(
        r#"{{"at":0,"session":"a2","op":1,"invoke":"write","key":"x","value":"5"}}
        {{"at":0,"session":"a2","op":1,"end":"ok"}}
        {own}"#
    );
    assert_eq!(pattern(&CausalConsistency::default().check(&read_lines(&written))), "holds");
}

#[test]
fn what_cannot_be_called_stale_or_fresh_is_neither() {
    let lines = |value: &str, end: &str| {
        format!(
            r#"{{"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}}
            {{"at":2,"session":"a1","op":0,"end":"ok"}}
            {{"at":3,"session":"a2","op":1,"invoke":"write","key":"x","value":"{value}"}}
            {{"at":4,"session":"a2","op":1,"end":"ok"}}
            {{"at":900,"session":"a3","op":2,"invoke":"read","key":"x"}}
            {{"at":901,"session":"a3","op":2,"end":"ok",{end}}}"#
        )
    };
    let verdict = |value, end| BoundedStaleness::DEFAULT.check(&read_lines(&lines(value, end)));
    assert!(matches!(verdict("3", r#""value":"3""#), Verdict::Unknown { limit } if limit.contains("every value once")));
    assert!(matches!(verdict("4", r#""values":["3"]"#), Verdict::Unknown { limit } if limit.contains("a list")));
    assert_eq!(pattern(&verdict("4", r#""value":"7""#)), "ThinAirRead");
    assert_eq!(verdict("4", r#""value":"3""#), Verdict::Holds { judged: 1 });
}

#[test]
fn a_replica_that_shows_no_state_does_not_stand_between_two_that_do() {
    let lines = |last: &str| {
        format!(
            r#"{{"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}}
            {{"at":2,"session":"a1","op":0,"end":"ok","version":"a1.1"}}
            {{"at":3,"replica":"r1","applied":"a1.1"}}
            {{"at":3,"replica":"r1","state":"1"}}
            {{"at":3,"replica":"r2","applied":"a1.1"}}
            {{"at":3,"replica":"r3","applied":"a1.1"}}
            {{"at":3,"replica":"r3","state":"{last}"}}
            {{"at":9,"settled":true}}"#
        )
    };
    let verdict = EventualConvergence.check(&read_lines(&lines("2")));
    assert_eq!(pattern(&verdict), "divergence");
    assert_eq!(verdict.witness().map(|chain| chain.events.len()), Some(2));
    assert_eq!(EventualConvergence.check(&read_lines(&lines("1"))), Verdict::Holds { judged: 3 });
    // Who shows no state is told by what it took in.
    let lacks = lines("1").replace(r#""replica":"r2","applied":"a1.1""#, r#""replica":"r2","lost":true"#);
    assert_eq!(pattern(&EventualConvergence.check(&read_lines(&lacks))), "divergence");
}

#[test]
fn of_several_cycles_of_conflicts_the_shortest_is_told() {
    let short = "w(x,1) r(x,2) | w(x,2) r(x,1)";
    let long = "w(z,2) w(y,1) | w(y,2) w(z,1) | r(y,1) r(y,2) | r(z,1) r(z,2)";
    let told_of = |text: &str| {
        let verdict = CausalConvergence::default().check(&told(text));
        assert_eq!(pattern(&verdict), "CyclicCF", "{text}");
        verdict.witness().map(|chain| (chain.events.len(), chain.edges.len()))
    };
    assert_ne!(told_of(short), told_of(long));
    assert_eq!(told_of(&format!("{long} | {short}")), told_of(short));
    assert_eq!(told_of(&format!("{short} | {long}")), told_of(short));
}
