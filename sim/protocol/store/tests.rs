//! What holds on every level of store alike: whoever watches is told of the next change, once, and of nothing else.

use super::replica::Timer;
use super::{Act, Level, Replica, Request, Response, Token};
use crate::fact::{Content, Key, Session, Value, WriteId, Written};
use crate::id::NodeId;
use crate::protocol::consensus::raft;
use crate::protocol::rig::{Rig, a};
use crate::protocol::team::{self, Outcome};

fn session(client: u16) -> Session {
    Session::of(NodeId::client(client))
}

fn ask(rig: &mut Rig<Replica>, op: u64, client: u16, key: &str, number: u32, act: Act) {
    let request = Request { session: session(client), number, key: Key::from(key), act, token: Token::default() };
    rig.request(a(1), op, team::Request::Store(Box::new(request)));
    rig.settle();
}

fn found(rig: &Rig<Replica>, op: u64) -> Option<Content> {
    let Some(Outcome::Store(response)) = rig.response(op) else { return None };
    match &**response {
        Response::Found { content, .. } => Some(content.clone()),
        other => panic!("a watch is answered by {other:?}"),
    }
}

#[test]
fn whoever_watches_is_told_of_the_next_change_and_of_nothing_else() {
    for level in Level::ALL {
        let mut rig = Rig::of(3, move |me, members| level.replica(me, members));
        if level == Level::Strong {
            rig.fire(a(1), Timer::Strong(raft::Timer::Election));
            rig.settle();
        }
        let write = |text: &str| Act::Write { value: Value::from(text) };
        ask(&mut rig, 1, 0, "plan", 0, Act::Watch { seen: None });
        ask(&mut rig, 2, 1, "another", 1, write("no plan"));
        assert_eq!(found(&rig, 1), None, "{level}: another note changed");
        ask(&mut rig, 3, 1, "plan", 2, write("roll back"));
        let seen = WriteId { session: session(1), number: 2 };
        let note = Content::Note { value: Some(Value::from("roll back")), write: Some(seen) };
        assert_eq!(found(&rig, 1), Some(note.clone()), "{level}: the note changed");
        // Who knows an older version is told at once, who knows this one is not.
        ask(&mut rig, 4, 0, "plan", 0, Act::Watch { seen: None });
        ask(&mut rig, 5, 0, "plan", 0, Act::Watch { seen: Some(seen) });
        assert_eq!((found(&rig, 4), found(&rig, 5)), (Some(note), None), "{level}");
        ask(&mut rig, 6, 1, "plan", 3, Act::Remove);
        assert!(matches!(found(&rig, 5), Some(Content::Note { value: None, .. })), "{level}: the note was removed");
        let answers = rig.responses.iter().filter(|(op, _)| op.0 == 1).count();
        assert_eq!(answers, 1, "{level}: a watch is answered once");
    }
}

#[test]
fn a_note_takes_the_place_of_a_thread_and_a_thread_that_of_a_note_and_watches_are_told() {
    for level in Level::ALL {
        let mut rig = Rig::of(3, move |me, members| level.replica(me, members));
        if level == Level::Strong {
            rig.fire(a(1), Timer::Strong(raft::Timer::Election));
            rig.settle();
        }
        let (write, append) = (
            |text: &str| Act::Write { value: Value::from(text) },
            |text: &str| Act::Append { value: Value::from(text) },
        );
        let named = |number| WriteId { session: session(1), number };
        let note = |text: &str, number| Content::Note { value: Some(Value::from(text)), write: Some(named(number)) };
        let entry = |text: &str, number| Written { write: named(number), value: Value::from(text) };
        let mut asked = 0;
        let mut change = |rig: &mut Rig<Replica>, act| {
            asked += 1;
            ask(rig, 100 + u64::from(asked), 1, "log", asked, act);
            ask(rig, 200 + u64::from(asked), 0, "log", 0, Act::Read);
            found(rig, 200 + u64::from(asked)).expect("a read is answered")
        };
        assert_eq!(change(&mut rig, append("found")), Content::Thread(vec![entry("found", 1)]), "{level}");
        ask(&mut rig, 1, 0, "log", 0, Act::Watch { seen: Some(named(1)) });
        assert_eq!(found(&rig, 1), None, "{level}: nothing has changed");
        let both = Content::Thread(vec![entry("found", 1), entry("fixed", 2)]);
        assert_eq!(change(&mut rig, append("fixed")), both, "{level}");
        assert_eq!(found(&rig, 1), Some(both), "{level}: an entry was appended");
        ask(&mut rig, 2, 0, "log", 0, Act::Watch { seen: Some(named(2)) });
        assert_eq!(change(&mut rig, write("closed")), note("closed", 3), "{level}: a note is acknowledged and shown");
        assert_eq!(found(&rig, 2), Some(note("closed", 3)), "{level}: a note took the thread's place");
        assert_eq!(change(&mut rig, append("again")), Content::Thread(vec![entry("again", 4)]), "{level}");
        let gone = change(&mut rig, Act::Remove);
        assert!(matches!(gone, Content::Note { value: None, .. }), "{level}: a removed thread is gone: {gone:?}");
    }
}
