//! Policies outside of the simulator: a real clock, real threads and a real socket, driven by the same state machines.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use synod::policy::{Admission, Backoff, Breaker, Budget, Class, Course, Ended, Jitter, Move, Plan, Retry, Stop};
use synod::time::{Duration, Time, millis, seconds};

/// The process's own clock, as policies want it.
#[expect(clippy::disallowed_types, reason = "this is no simulation: that is what is tested")]
struct Clock(std::time::Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a real clock is what is tested")]
    fn start() -> Clock {
        Clock(std::time::Instant::now())
    }

    fn now(&self) -> Time {
        Time::ZERO + Duration(u64::try_from(self.0.elapsed().as_nanos()).expect("less than five centuries"))
    }
}

fn real(span: Duration) -> std::time::Duration {
    std::time::Duration::from_nanos(span.0)
}

#[expect(clippy::disallowed_methods, reason = "real waits are what is tested")]
fn sleep(span: Duration) {
    thread::sleep(real(span));
}

/// A service that hangs up on so many callers and answers the next.
#[expect(clippy::disallowed_methods, reason = "a real service is what is called")]
fn service(hang_ups: usize) -> (SocketAddr, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    let serve = move || {
        for number in 0..=hang_ups {
            let (mut caller, _) = listener.accept().expect("a caller");
            if number == hang_ups {
                caller.write_all(b"sunny").expect("a caller that listens");
            }
        }
    };
    (address, thread::spawn(serve))
}

/// One try: what the service says, or nothing.
fn ask(address: SocketAddr, within: Duration) -> io::Result<String> {
    let mut call = TcpStream::connect_timeout(&address, real(within))?;
    call.set_read_timeout(Some(real(within)))?;
    let mut said = String::new();
    call.read_to_string(&mut said)?;
    if said.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(said) }
}

/// What came of a request, and after how many tries and waits.
#[derive(Debug, PartialEq, Eq)]
struct Ending {
    said: Result<String, Stop>,
    tries: u32,
    waits: u32,
}

/// Drives one request to its end: this loop is all that production code adds to a course.
fn pursue(clock: &Clock, plan: Plan, budget: &mut Budget, address: SocketAddr) -> Ending {
    let (mut tries, mut waits) = (0, 0);
    budget.tried();
    let mut course = Course::new(plan, clock.now());
    let mut step = course.next(clock.now());
    let said = loop {
        step = match step {
            Move::GiveUp(why) => break Err(why),
            Move::Wait(range) => {
                waits += 1;
                // Callers draw from the range with a generator of their own; one caller needs none.
                sleep(*range.end());
                course.next(clock.now())
            }
            Move::Try(attempt) => {
                tries += 1;
                match ask(address, attempt.within) {
                    Ok(said) => break Ok(said),
                    Err(_) => course.failed(clock.now(), Class::Failed, Some(budget)),
                }
            }
        };
    };
    Ending { said, tries, waits }
}

fn plan() -> Plan {
    let backoff = Backoff { first: millis(2), most: millis(8), jitter: Jitter::Full };
    Plan::new(Retry::times(4).backoff(backoff)).each(seconds(20)).within(seconds(60))
}

#[test]
fn a_request_over_a_real_socket_is_made_again_until_it_is_answered() {
    let (address, served) = service(2);
    let ending = pursue(&Clock::start(), plan(), &mut Budget::new(10, 5), address);
    assert_eq!(ending, Ending { said: Ok("sunny".to_owned()), tries: 3, waits: 2 });
    served.join().expect("everyone is served");
}

#[test]
fn a_budget_that_is_used_up_ends_a_real_request() {
    let (address, served) = service(1);
    let ending = pursue(&Clock::start(), plan(), &mut Budget::new(0, 1), address);
    assert_eq!(ending, Ending { said: Ok("sunny".to_owned()), tries: 2, waits: 1 });
    served.join().expect("everyone is served");
    // Nobody listens there any more, and nothing pays for a second try.
    let ending = pursue(&Clock::start(), plan(), &mut Budget::new(0, 0), address);
    assert_eq!(ending, Ending { said: Err(Stop::OutOfBudget), tries: 1, waits: 0 });
}

#[test]
fn one_of_many_real_threads_probes_a_breaker_that_half_opens() {
    let clock = Clock::start();
    let breaker = std::sync::Mutex::new(Breaker::new(1, millis(1)));
    let Admission::Passes(pass) = breaker.lock().unwrap().admit(clock.now()) else { panic!("it is closed") };
    breaker.lock().unwrap().ended(clock.now(), pass, Ended::Badly);
    sleep(millis(5));
    // All come within its cooling time: later, the probe would count as lost.
    let now = clock.now();
    let probes = thread::scope(|scope| {
        let admitted = || matches!(breaker.lock().unwrap().admit(now), Admission::Passes(_));
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(admitted)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|passes| *passes).count()
    });
    assert_eq!(probes, 1);
}
