//! A simulated run reaches nothing real: no model by Synod's own client, and under the cfg nothing at all.

use super::support::{A1, M1, Notes, performed, run_with, story};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use synod::fact::Slot;
use synod::live::{Live, LiveError, Post};
use synod::model::{Delivery, Provider, Reply, Request, Response, Scripted, Speaker, Usage};
use synod::{Agent, Sim};

/// How often the transport below was used.
static POSTS: AtomicUsize = AtomicUsize::new(0);

fn wire(_: &Post) -> io::Result<Response> {
    POSTS.fetch_add(1, Ordering::Relaxed);
    let usage = Usage { input_tokens: 1, output_tokens: 1 };
    let reply = Reply { usage, ..Reply::saying("7") };
    Ok(Provider::OpenAi.respond(&Ok(reply), Delivery::Whole).expect("a status"))
}

fn live() -> Live<fn(&Post) -> io::Result<Response>> {
    Live::new(Provider::OpenAi, "https://api.example/", "a-model", "a key", wire)
}

fn question() -> Request {
    Request::about(Slot(0)).say(Speaker::User, "How many?")
}

#[test]
fn synods_own_client_refuses_inside_a_run_and_names_the_agent() {
    let notes = Notes::default();
    let told = notes.clone();
    let run = run_with(
        41,
        2,
        move |agent: Agent| {
            let notes = told.clone();
            async move {
                if agent.id() == A1 {
                    return agent.abstain().await;
                }
                let refused = live().ask(&question()).expect_err("inside a run");
                assert!(matches!(refused, LiveError::InsideARun(_)));
                notes.write(&refused);
                Ok(())
            }
        },
        |_| (),
    );
    assert_eq!(run.crash, None, "a refusal is an error that the agent may handle");
    assert_eq!(POSTS.load(Ordering::Relaxed), 0);
    let lines = notes.lines();
    assert!(lines[0].starts_with("a2 called a live model inside a simulated run"), "{lines:?}");
    assert_eq!(live().ask(&question()).expect("outside of a run").text, "7");
    assert_eq!(POSTS.load(Ordering::Relaxed), 1);
}

#[cfg(madsim)]
#[allow(clippy::disallowed_types, reason = "these tests are about real sockets")]
mod sockets {
    use super::*;
    use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
    use synod::explore::{BareHost, perform};
    use synod::scenario::Job;
    use synod::seed::Seed;
    use synod::trace::Detail;

    /// Somebody listens here, and says whether anybody came.
    struct Ear(TcpListener);

    impl Ear {
        fn new() -> Ear {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            listener.set_nonblocking(true).expect("a socket");
            Ear(listener)
        }

        fn address(&self) -> SocketAddr {
            self.0.local_addr().expect("bound")
        }

        fn heard(&self) -> bool {
            self.0.accept().is_ok()
        }
    }

    #[test]
    fn a_connection_fails_inside_a_run_and_the_run_names_the_agent() {
        let ear = Ear::new();
        let (address, notes) = (ear.address(), Notes::default());
        let told = notes.clone();
        let program = move |agent: Agent| {
            let notes = told.clone();
            async move {
                if agent.id() == A1 {
                    return agent.abstain().await;
                }
                let error = TcpStream::connect(address).expect_err("a tripwire");
                notes.write(format!("{:?}", error.kind()));
                agent.sleep(synod::time::seconds(1)).await;
                notes.write("the run went on");
                Ok(())
            }
        };
        let told = story(2, program, |_| ());
        for host in [synod::runtime::default_host(), &BareHost] {
            let job = Job::of(Seed(42)).detailed(Detail::Full);
            let crash = perform(&told, host, &job).expect("contained").crash.expect("a crash").to_string();
            let expected = format!("a2 tried to connect to {address}: a simulated run reaches nothing real");
            assert!(crash.starts_with(&expected), "{crash}");
        }
        assert!(!ear.heard(), "nobody came");
        assert_eq!(notes.lines(), ["PermissionDenied", "PermissionDenied"], "the run ends there");
        TcpStream::connect(address).expect("outside of a run");
        assert!(ear.heard());
    }

    fn crash(program: fn()) -> String {
        let run = run_with(
            43,
            1,
            move |agent: Agent| async move {
                program();
                agent.abstain().await
            },
            |_| (),
        );
        run.crash.expect("a crash").to_string()
    }

    #[test]
    fn names_datagrams_and_the_other_protocol_are_guarded_too() {
        let lookup = crash(|| _ = ("model.example", 443).to_socket_addrs().map(|_| ()));
        assert!(lookup.starts_with("a1 tried to look up model.example: "), "{lookup}");
        let datagram = crash(|| {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
            assert!(socket.connect("127.0.0.1:9").is_err());
        });
        assert!(datagram.starts_with("a1 tried to connect to 127.0.0.1:9: "), "{datagram}");
        let six = crash(|| assert!(TcpStream::connect("[::1]:9").is_err()));
        assert!(six.starts_with("a1 tried to connect to [::1]:9: "), "{six}");
    }

    #[test]
    fn a_script_that_calls_out_is_named_as_the_model_it_plays() {
        let run = run_with(
            44,
            1,
            |agent: Agent| async move { agent.ask::<bool>(agent.task()).await.map(|_| ()) },
            |sim: &Sim| _ = sim.model(Scripted::new(|_: &Request| TcpStream::connect("127.0.0.1:9").is_ok())),
        );
        let crash = run.crash.expect("a crash");
        assert_eq!(crash.node, Some(M1));
        assert!(crash.what.starts_with("tried to connect to 127.0.0.1:9: "), "{crash}");
    }

    #[test]
    fn a_body_that_calls_out_is_told_so() {
        let told = synod::scenario::Story::new("body", |sim: Sim| async move {
            sim.team(1, |agent: Agent| async move { agent.abstain().await });
            sim.run_for(synod::time::seconds(1)).await;
            let _ = TcpStream::connect("127.0.0.1:9");
        });
        let crash = performed(&told, 45).crash.expect("a crash").to_string();
        assert!(crash.starts_with("the test's body tried to connect to 127.0.0.1:9: "), "{crash}");
    }
}
