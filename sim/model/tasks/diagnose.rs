//! `diagnose`: which service caused an incident, by what, and which log lines prove it.
//!
//! Four services, one timeline. The cause is the only change in the ten minutes before the first failed request, and
//! its own effect follows on the same service. Three decoys are changes of other kinds on other services, too early
//! or too late; one bystander fails because it calls the culprit. A careful reader needs no guess.

use crate::model::Task;
use crate::seed::Draws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What caused an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Cause {
    /// A new build is broken.
    BadDeploy,
    /// A changed setting is wrong.
    ConfigChange,
    /// A certificate has expired.
    ExpiredCertificate,
    /// A disk is full.
    FullDisk,
    /// More requests than the service can take.
    TrafficSpike,
    /// A service outside the company is down.
    DependencyOutage,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 6] = [
        Cause::BadDeploy,
        Cause::ConfigChange,
        Cause::ExpiredCertificate,
        Cause::FullDisk,
        Cause::TrafficSpike,
        Cause::DependencyOutage,
    ];

    /// The change a log shows.
    const fn change(self) -> &'static str {
        match self {
            Cause::BadDeploy => "a new build was released",
            Cause::ConfigChange => "a configuration value was changed",
            Cause::ExpiredCertificate => "the TLS certificate passed its expiry date",
            Cause::FullDisk => "the volume reached 100 % of its space",
            Cause::TrafficSpike => "incoming requests rose to nine times the usual rate",
            Cause::DependencyOutage => "the payment provider stopped answering",
        }
    }

    /// What follows on the same service if the change is the cause.
    const fn effect(self) -> &'static str {
        match self {
            Cause::BadDeploy => "stack traces name a function of the newest build",
            Cause::ConfigChange => "requests fail while reading the changed value",
            Cause::ExpiredCertificate => "handshakes are refused",
            Cause::FullDisk => "writes fail for want of space",
            Cause::TrafficSpike => "the request queue overflows",
            Cause::DependencyOutage => "calls to the provider time out",
        }
    }
}

/// The reply: what, where, and by which log lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// What caused the incident.
    pub cause: Cause,
    /// The service in which it began, such as `svc-417`.
    pub service: String,
    /// The log lines that prove it, in order, such as `log-102`.
    pub evidence: Vec<String>,
}

/// One incident: its true diagnosis and the false ones that its decoys suggest.
#[derive(Clone, Debug)]
pub struct Diagnose {
    right: Diagnosis,
    decoys: [Diagnosis; DECOYS],
}

const DECOYS: usize = 3;
const SERVICES: usize = DECOYS + 1;
const LINES: usize = 2 + DECOYS + 1 + 1;

/// A line of the log before it has its number.
struct Line {
    minute: u64,
    service: u64,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Change(Cause),
    Effect(Cause),
    Fails(u64),
    Healthy,
}

/// The culprit first, then the decoys.
struct Suspect {
    cause: Cause,
    service: u64,
}

impl Task for Diagnose {
    type Reply = Diagnosis;

    fn generate(draws: &mut Draws) -> (String, Diagnose) {
        let suspects = suspects(draws);
        let began = draws.choose(120, 1_200, 120);
        let lines = timeline(&suspects, began, draws);
        let first = draws.choose(100, 900, 100);
        let number = |what: What, service: u64| {
            let place = lines.iter().position(|line| line.what == what && line.service == service);
            named("log-", first + place.expect("every suspect has its lines") as u64)
        };
        let diagnosis = |suspect: &Suspect, whats: &[What]| Diagnosis {
            cause: suspect.cause,
            service: named("svc-", suspect.service),
            evidence: whats.iter().map(|what| number(*what, suspect.service)).collect(),
        };
        let [culprit, decoys @ ..] = &suspects;
        let right = diagnosis(culprit, &[What::Change(culprit.cause), What::Effect(culprit.cause)]);
        let decoys = decoys.each_ref().map(|decoy| diagnosis(decoy, &[What::Change(decoy.cause)]));
        (written(&lines, began, first), Diagnose { right, decoys })
    }

    fn right(&self) -> Diagnosis {
        self.right.clone()
    }

    /// When it began, how to tell its cause, and what to name.
    fn common_lines(&self) -> usize {
        3
    }

    /// The diagnosis that one of the decoys suggests.
    fn wrong(&self, draws: &mut Draws) -> Option<Diagnosis> {
        Some(draws.pick(&self.decoys).clone())
    }
}

/// Four services with four causes, all different without a draw being repeated: steps around two circles.
fn suspects(draws: &mut Draws) -> [Suspect; SERVICES] {
    let lowest = draws.choose(100, 699, 100);
    let step = draws.choose(7, 70, 7);
    let (culprit, cause, turn) = (draws.below(SERVICES as u64), draws.below(6), draws.below(5));
    std::array::from_fn(|place| {
        let place_word = place as u64;
        let service = lowest + step * ((culprit + place_word) % SERVICES as u64);
        let away = if place == 0 { 0 } else { 1 + (turn + place_word) % 5 };
        let cause = usize::try_from((cause + away) % 6).expect("a cause's index");
        Suspect { cause: Cause::ALL[cause], service }
    })
}

fn timeline(suspects: &[Suspect; SERVICES], began: u64, draws: &mut Draws) -> [Line; LINES] {
    let [culprit, early, late, other] = suspects;
    let mut line =
        |from: u64, to: u64, service: u64, what: What| Line { minute: draws.choose(from, to, from), service, what };
    let mut lines = [
        line(began - 9, began - 1, culprit.service, What::Change(culprit.cause)),
        line(began, began + 2, culprit.service, What::Effect(culprit.cause)),
        line(began - 100, began - 25, early.service, What::Change(early.cause)),
        line(began + 3, began + 30, late.service, What::Change(late.cause)),
        line(began - 60, began - 11, other.service, What::Change(other.cause)),
        line(began, began + 4, late.service, What::Fails(culprit.service)),
        line(began - 20, began + 20, early.service, What::Healthy),
    ];
    lines.sort_by_key(|line| line.minute);
    lines
}

fn written(lines: &[Line], began: u64, first: u64) -> String {
    let mut text = String::with_capacity(768);
    text.push_str("An incident began with the first failed request at ");
    write_clock(&mut text, began);
    text.push_str(
        ".\n\
         Its cause is the only change in the ten minutes before that; its effect on the same service follows.\n\
         Changes at other times are unrelated. Name the cause, the service, and the two log lines, change first.",
    );
    for (line, number) in lines.iter().zip(first..) {
        let Line { minute, service, what } = line;
        text.push_str("\n[log-");
        write_number(&mut text, number);
        text.push_str("] ");
        write_clock(&mut text, *minute);
        text.push_str(" svc-");
        write_number(&mut text, *service);
        text.push_str(": ");
        match what {
            What::Change(cause) => text.push_str(cause.change()),
            What::Effect(cause) => text.push_str(cause.effect()),
            What::Healthy => text.push_str("all health checks pass"),
            What::Fails(culprit) => {
                text.push_str("calls to svc-");
                write_number(&mut text, *culprit);
                text.push_str(" fail");
            }
        }
    }
    text
}

/// Hours and minutes. By hand, as numbers are: every run writes an incident, and formatting was most of that.
fn write_clock(text: &mut String, minute: u64) {
    for (place, part) in [minute / 60, minute % 60].into_iter().enumerate() {
        if place > 0 {
            text.push(':');
        }
        if part < 10 {
            text.push('0');
        }
        write_number(text, part);
    }
}

fn write_number(text: &mut String, number: u64) {
    if number >= 10 {
        write_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

fn named(prefix: &str, number: u64) -> String {
    // Four digits at most.
    let mut text = String::with_capacity(prefix.len() + 4);
    text.push_str(prefix);
    write_number(&mut text, number);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Seed, Streams};

    /// One `[log-n] hh:mm svc-m: text` line.
    struct Read<'a> {
        log: &'a str,
        minute: u64,
        service: &'a str,
        text: &'a str,
    }

    fn minute(clock: &str) -> u64 {
        let (hours, minutes) = clock.split_once(':').expect("a time");
        hours.parse::<u64>().expect("hours") * 60 + minutes.parse::<u64>().expect("minutes")
    }

    fn line(line: &str) -> Read<'_> {
        let (log, rest) = line[1..].split_once("] ").expect("a number");
        let (clock, rest) = rest.split_once(' ').expect("a time");
        let (service, text) = rest.split_once(": ").expect("a service");
        Read { log, minute: minute(clock), service, text }
    }

    /// Reads the evidence as its first paragraph says, knowing nothing of the truth.
    fn diagnosed(evidence: &str) -> Diagnosis {
        let began = minute(&evidence.split("request at ").nth(1).expect("when it began")[..5]);
        let lines: Vec<Read<'_>> = evidence.lines().filter(|line| line.starts_with('[')).map(line).collect();
        let change = |line: &Read<'_>| Cause::ALL.into_iter().find(|cause| cause.change() == line.text);
        let mut found =
            lines.iter().filter(|line| line.minute < began && line.minute + 10 >= began && change(line).is_some());
        let culprit = found.next().expect("a change in the ten minutes before");
        assert!(found.next().is_none(), "two changes in the ten minutes before:\n{evidence}");
        let cause = change(culprit).expect("a cause");
        let effect = lines.iter().find(|line| line.service == culprit.service && line.text == cause.effect());
        let effect = effect.expect("the change's effect on the same service");
        Diagnosis { cause, service: culprit.service.into(), evidence: vec![culprit.log.into(), effect.log.into()] }
    }

    #[test]
    fn the_truth_can_be_read_from_the_evidence() {
        for seed in 0..2_000 {
            let mut draws = Streams::of(Seed(seed)).stream(format_args!("task/0"));
            let (evidence, truth) = Diagnose::generate(&mut draws);
            assert_eq!(diagnosed(&evidence), truth.right(), "seed {seed}:\n{evidence}");
            for decoy in &truth.decoys {
                assert_ne!(decoy.cause, truth.right.cause);
                assert!(evidence.contains(&decoy.service) && evidence.contains(&decoy.evidence[0]));
            }
        }
    }

    #[test]
    fn an_incident_reads_like_one() {
        let mut draws = Streams::of(Seed(1)).stream(format_args!("task/0"));
        let (evidence, truth) = Diagnose::generate(&mut draws);
        insta::assert_snapshot!(format!("{evidence}\n\n{:?}", truth.right()), @r#"
        An incident began with the first failed request at 03:10.
        Its cause is the only change in the ten minutes before that; its effect on the same service follows.
        Changes at other times are unrelated. Name the cause, the service, and the two log lines, change first.
        [log-814] 01:54 svc-517: a new build was released
        [log-815] 02:18 svc-611: the TLS certificate passed its expiry date
        [log-816] 02:53 svc-517: all health checks pass
        [log-817] 03:06 svc-658: incoming requests rose to nine times the usual rate
        [log-818] 03:10 svc-564: calls to svc-658 fail
        [log-819] 03:12 svc-658: the request queue overflows
        [log-820] 03:16 svc-564: a configuration value was changed

        Diagnosis { cause: TrafficSpike, service: "svc-658", evidence: ["log-817", "log-819"] }
        "#);
    }
}
