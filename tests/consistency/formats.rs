//! Histories in and out: what is read back is the same, and what cannot be is refused with its line and a remedy.

use crate::draws::Draws;
use crate::mutants::replicated;
use synod::call::ValueId;
use synod::check::Verdict;
use synod::check::consistency::{Look, all};
use synod::history::store::{StoreError, StoreHistory, read, read_knossos, read_porcupine, read_read_write, write};

const WRITE: &str = r#"{"at":1,"session":"a1","op":0,"invoke":"write","key":"x","value":"3"}"#;
const OK: &str = r#"{"at":2,"session":"a1","op":0,"end":"ok"}"#;

fn lines(history: &StoreHistory) -> String {
    let mut bytes = Vec::new();
    write(history, &mut bytes).expect("memory takes everything");
    String::from_utf8(bytes).expect("JSON is text")
}

/// The one place where bad text meets a reader.
fn refused(read: impl Fn(&[u8]) -> Result<StoreHistory, StoreError>, cases: &[(&str, usize, &str)]) {
    for (text, line, part) in cases {
        let error = read(text.as_bytes()).map(|_| ()).expect_err(text);
        assert_eq!(error.line, *line, "{text}: {error}");
        let message = error.to_string();
        assert!(message.contains(part) && !message.contains('\n'), "{text}: {message}");
    }
}

#[test]
fn a_history_reads_back_as_it_was_written() {
    for seed in 0..200 {
        let history = replicated(&mut Draws::of(seed), 60, 4);
        let text = lines(&history);
        let back = read(text.as_bytes()).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(lines(&back), text, "seed {seed}");
        assert_eq!(back.operations().len(), history.operations().len());
    }
}

#[test]
fn every_kind_of_event_reads_back() {
    let text = r#"{"at":1,"session":"a1","op":0,"invoke":"cas","key":"x","value":"3","expected":"2","turn":"t1"}
{"at":2,"session":"a1","op":0,"end":"refused"}
{"at":3,"session":"a1","op":1,"invoke":"append","key":"log","value":"n","version":"a1.1"}
{"at":4,"op":1,"end":"info"}
{"at":4,"session":"a1","op":2,"invoke":"read","key":"log"}
{"at":5,"session":"a1","op":2,"end":"ok","values":["n"]}
{"at":5,"replica":"r1","applied":"a1.1"}
{"at":6,"replica":"r1","state":"00000000c0ffee00"}
{"at":7,"replica":"r1","lost":true}
{"at":7,"session":"a2","op":3,"invoke":"remove","key":"x"}
{"at":8,"session":"a2","op":3,"end":"fail"}
{"at":8,"settled":true}
"#;
    assert_eq!(lines(&read(text.as_bytes()).unwrap()), text);
}

#[test]
fn a_history_that_cannot_be_is_refused_with_its_line_and_a_remedy() {
    let after = |line: &str| format!("{WRITE}\n{OK}\n\n{line}");
    let cases = [
        ("nonsense", 4, "no JSON"),
        (r#"{"at":3,"session":"a1","op":1,"inv"#, 4, "breaks off"),
        (r#"{"at":3,"session":"a1","op":1,"invoke":"write","key":"x","value":"3","colour":"red"}"#, 4, "colour"),
        (r#"{"at":3,"session":"a1","op":1}"#, 4, "exactly one of"),
        (r#"{"at":-3,"session":"a1","op":1,"invoke":"read","key":"x"}"#, 4, "no event"),
        (r#"{"at":1,"session":"a1","op":1,"invoke":"read","key":"x"}"#, 4, "sort by time"),
        (r#"{"at":3,"session":"a1","op":0,"invoke":"read","key":"x"}"#, 4, "give every call its own op"),
        (OK, 4, "ended before"),
        (r#"{"at":3,"session":"a1","op":7,"end":"ok"}"#, 4, "never invoked"),
        (r#"{"at":3,"session":"a1","op":1,"invoke":"swap","key":"x"}"#, 4, "compare"),
        (r#"{"at":3,"session":"a1","op":1,"invoke":"write","key":"x"}"#, 4, "carries a value"),
        (r#"{"at":3,"session":"a1","op":1,"invoke":"read","key":"x","value":"3"}"#, 4, "carries no value"),
        (r#"{"at":3,"session":"a1","op":1,"invoke":"read"}"#, 4, "there is no \"key\""),
        (r#"{"at":3,"op":1,"invoke":"read","key":"x"}"#, 4, "there is no \"session\""),
        (r#"{"at":3,"replica":"r1"}"#, 4, "exactly one of \"applied\""),
        (r#"{"at":3,"replica":"r1","applied":"a1"}"#, 4, "SESSION.N"),
        (r#"{"at":3,"replica":"r1","state":"zebra"}"#, 4, "hexadecimal"),
        (r#"{"at":3,"replica":"r1","applied":"a1.2"}"#, 4, "changed something 1 times"),
        (r#"{"at":3,"replica":"r1","applied":"zz.1"}"#, 4, "never written"),
        (r#"{"at":3,"session":"a2","op":1,"invoke":"read","key":"x","values":["z"]}"#, 4, "\"values\" says nothing"),
        (r#"{"at":3,"session":"a2","op":1,"invoke":"read","key":"x","applied":"a1.1"}"#, 4, "\"applied\" says nothing"),
        (r#"{"at":3,"session":"a2","op":1,"invoke":"read","key":"x","expected":"3"}"#, 4, "compares with nothing"),
        (r#"{"at":3,"replica":"r1","state":"1","key":"x"}"#, 4, "\"key\" says nothing"),
        (r#"{"at":3,"settled":true,"op":1}"#, 4, "\"op\" says nothing"),
    ];
    for (line, number, part) in cases {
        let part = if part == "compare" { "is no call: there are read, write" } else { part };
        refused(|text| read(text), &[(&after(line), number, part)]);
    }
    let second = r#"{"at":3,"session":"a1","op":1,"invoke":"read","key":"x"}"#;
    refused(
        |text| read(text),
        &[
            (&format!("{WRITE}\n{second}"), 2, "session a1 still waits for operation 0 on line 1"),
            (&format!("{WRITE}\n{}", OK.replace("ok", "refused")), 2, "a write cannot be refused"),
            (&format!("{WRITE}\n{}", OK.replace("ok", "done")), 2, "an operation ends ok, refused, fail or info"),
            (&format!("{WRITE}\n{}", OK.replace("a1", "a2")), 2, "only a1 can see it end"),
            (&format!("{WRITE}\n{}", OK.replace("\"ok\"", "\"ok\",\"key\":\"y\"")), 2, "was about key x"),
            (&format!("{WRITE}\n{}", OK.replace("\"ok\"", "\"ok\",\"value\":\"9\"")), 2, "brings no value back"),
            (&format!("{WRITE}\n{}", OK.replace("\"ok\"", "\"ok\",\"expected\":\"q\"")), 2, "says nothing here"),
            (&format!("{WRITE}\n{}", OK.replace("\"ok\"", "\"ok\",\"version\":\"initial\"")), 2, "initial version"),
            ("{\"at\":1,\"settled\":true}\n{\"at\":1,\"settled\":true}", 2, "settled already"),
            ("{\"at\":\n{\"at\":1,\"settled\":true}", 1, "breaks off"),
        ],
    );
    let stamped = |op: usize, end: &str| {
        let write = WRITE.replace("\"op\":0", &format!("\"op\":{op}"));
        format!("{write}\n{}\n", OK.replace("\"op\":0", &format!("\"op\":{op}")).replace("\"ok\"", end))
    };
    let twice = [stamped(0, "\"ok\",\"version\":\"a1.1\""), stamped(1, "\"ok\",\"version\":\"a1.1\"")].concat();
    refused(
        |text| read(text),
        &[(&twice.replace("\"at\":2", "\"at\":1"), 4, "version a1.1 was written on line 1 already")],
    );
}

#[test]
fn jepsens_log_is_read_and_what_cannot_be_is_refused() {
    let event = |rest: &str| format!("INFO  jepsen.util - {rest}\n");
    let text = ["chatter\n".to_owned(), event("1 :invoke :cas [3 4]"), event("1 :fail :cas [3 4]")].concat();
    assert_eq!(read_knossos(text.as_bytes()).unwrap().operations().len(), 1);
    // The lines of a history without what a log puts before them, and what the nemesis does.
    let bare = "0\t:invoke\t:cas\t[nil 3]\n0\t:ok\t:cas\t[nil 3]\n:nemesis\t:info\t:start\tnil\n";
    let history = read_knossos([bare, &event(":nemesis :info :start nil")].concat().as_bytes()).unwrap();
    assert_eq!((history.operations().len(), history.operations()[0].expected), (1, ValueId::NOTHING));
    refused(
        |text| read_knossos(text),
        &[
            (&event("1\t:ok\t:read\tnil"), 1, "ends what it never invoked"),
            (&[event("1 :invoke :read nil"), event("1 :invoke :read nil")].concat(), 2, "still waits"),
            (&[event("1 :invoke :read nil"), event("1 :ok :write 3")].concat(), 2, "invoked a :read and ends a :write"),
            (&event("1 :invoke :swap 3"), 1, "no operation of a register"),
            (&event("1 :invoke :cas 3"), 1, ":cas [3 4]"),
            (&event("1 :invoke :write nil"), 1, ":write 3"),
            (&[event("1 :invoke :read nil"), event("1 :ok :read")].concat(), 2, "says what it read"),
            (&[event("1 :invoke :read nil"), event("1 :o")].concat(), 2, "breaks off"),
            (&[event("1 :invoke :read nil"), event("1")].concat(), 2, "breaks off"),
            (&[event("1 :invoke :write 1"), event("1 :ok :write 7")].concat(), 2, "other values"),
            (&[event("1 :invoke :cas [1 2]"), event("1 :ok :cas [1 3]")].concat(), 2, "other values"),
        ],
    );
}

#[test]
fn porcupines_log_is_read_and_what_cannot_be_is_refused() {
    let event = |kind: &str, call: &str, value: &str| {
        format!("{{:process 0, :type :{kind}, :f :{call}, :key \"1\", :value {value}}}\n")
    };
    let text = [event("invoke", "append", "\"ab\""), event("ok", "append", "\"ab\""), event("invoke", "get", "nil")];
    let text = [text.concat(), event("ok", "get", "\"abab\"")].concat();
    let history = read_porcupine(text.as_bytes()).unwrap();
    assert_eq!(history.operations().len(), 2);
    refused(
        |text| read_porcupine(text),
        &[
            ("{:process 0}", 1, "no event of Porcupine's"),
            ("hello", 1, "no event of Porcupine's"),
            (&event("info", "get", "nil"), 1, ":info is no type"),
            (&event("invoke", "pop", "nil"), 1, ":pop is no operation"),
            (&event("ok", "get", "\"\""), 1, "never invoked"),
            (&[event("invoke", "put", "\"a\""), event("invoke", "put", "\"ab\"")].concat(), 2, "begins"),
            (&[event("invoke", "get", "nil"), event("ok", "append", "\"a\"")].concat(), 2, "ends another"),
            (&[event("invoke", "put", "\"a\""), event("ok", "put", "\"b\"")].concat(), 2, "ends another"),
            (
                &[event("invoke", "get", "nil"), event("ok", "get", "\"\"").replace("\"1\"", "\"2\"")].concat(),
                2,
                "under key \"1\" and ends another",
            ),
        ],
    );
}

#[test]
fn the_text_of_plume_and_polysi_is_read_and_what_cannot_be_is_refused() {
    refused(
        |text| read_read_write(text),
        &[
            ("w(1,2,3,4)\nx(1,2,3,4)", 2, "no operation"),
            ("w(1,2,3)", 1, "no operation"),
            ("w(1,0,3,4)", 1, "nothing can write 0"),
            ("r(1,,3,4)", 1, "no operation"),
        ],
    );
}

#[test]
fn what_is_about_single_operations_is_not_decided_of_transactions() {
    // A fractured read: one of two writes of a transaction is seen and the other not.
    let fractured = "w(1,1,0,1)\nw(2,1,0,1)\nr(1,1,1,2)\nr(2,0,1,2)\n";
    let single = fractured.replace("w(2,1,0,1)", "w(2,1,0,3)").replace("r(2,0,1,2)", "r(2,0,1,4)");
    let levels = ["causal_consistency", "causal_convergence", "causal_memory", "pram", "sequential_consistency"];
    let sessions = ["read_your_writes", "monotonic_reads", "monotonic_writes", "writes_follow_reads"];
    let mut told = 0;
    for check in all(Look::DEFAULT) {
        let name = check.property().name;
        if levels.iter().chain(&sessions).any(|known| *known == name) {
            let verdict = |text: &str| check.check(&read_read_write(text.as_bytes()).expect("a text"));
            assert!(
                matches!(verdict(fractured), Verdict::Unknown { limit } if limit.contains("transaction 0/1")),
                "{name}"
            );
            assert!(!matches!(verdict(&single), Verdict::Unknown { .. }), "{name}");
            told += 1;
        }
    }
    assert_eq!(told, levels.len() + sessions.len());
}
