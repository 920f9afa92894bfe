//! Archived seeds keep their values: every capsule ever written depends on it. Knows `tests/golden/draws.txt`.

use std::fmt::{self, Display};
use synod::seed::{Braid, LOGNORMAL_40, LOGNORMAL_70, LOGNORMAL_100, Ratio, Seed, Stream, Streams, Table};
use synod::time::Duration;

const ARCHIVE: &str = include_str!("golden/draws.txt");

/// Lanes of the archived braids.
const LANES: &[&str] = &["delay", "loss", "duplicate", "reorder"];
/// Values on each line: enough to notice a stream that slips after its first draws.
const VALUES: usize = 5;

#[test]
fn archived_seeds_keep_their_draws() {
    let mut wrong = Vec::new();
    for line in ARCHIVE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (question, archived) = line.split_once(" = ").unwrap_or((line, ""));
        let drawn = Question::read(question).answer();
        if drawn != archived {
            wrong.push(format!("{question} = {drawn}"));
        }
    }
    assert!(wrong.is_empty(), "archived draws changed, so no old capsule replays; drawn now:\n{}", wrong.join("\n"));
}

/// One line of the archive: `SEED STREAM DRAW…`, or `SEED ENTITY lane N DRAW…`.
struct Question<'a> {
    seed: Seed,
    stream: &'a str,
    lane: Option<usize>,
    draw: Draw,
}

/// One kind of draw, with spans and domains in nanoseconds.
enum Draw {
    Choose { least: u64, most: u64 },
    Below(u64),
    Chance(Ratio),
    Within { least: u64, most: u64 },
    Sample { table: &'static Table, unit: Duration },
    Word,
}

impl<'a> Question<'a> {
    fn read(line: &'a str) -> Question<'a> {
        let words: Vec<&str> = line.split(' ').collect();
        let seed = Seed(number(words[0]));
        match &words[2..] {
            ["lane", lane, rest @ ..] => {
                let lane = usize::try_from(number(lane)).expect("a lane");
                Question { seed, stream: words[1], lane: Some(lane), draw: Draw::read(rest) }
            }
            rest => Question { seed, stream: words[1], lane: None, draw: Draw::read(rest) },
        }
    }

    fn answer(&self) -> String {
        let streams = Streams::of(self.seed);
        match self.lane {
            None => {
                let mut stream = streams.stream(format_args!("{}", self.stream));
                joined(|| self.draw.drawn_by(&mut stream))
            }
            Some(lane) => {
                let mut braid = streams.braid(LANES, format_args!("{}", self.stream));
                joined(|| {
                    braid.advance();
                    self.draw.on_lane(&braid, lane)
                })
            }
        }
    }
}

impl Draw {
    fn read(words: &[&str]) -> Draw {
        match words {
            ["choose", least, most] => Draw::Choose { least: number(least), most: number(most) },
            ["below", options] => Draw::Below(number(options)),
            ["chance", of, all] => Draw::Chance(Ratio::of(small(of), small(all))),
            ["within", least, most] => Draw::Within { least: number(least), most: number(most) },
            ["sample", table, unit] => Draw::Sample { table: self::table(table), unit: Duration(number(unit)) },
            ["word"] => Draw::Word,
            _ => panic!("no such draw: {words:?}"),
        }
    }

    fn drawn_by(&self, stream: &mut Stream) -> u64 {
        match *self {
            Draw::Choose { least, most } => stream.choose(least, most, least),
            Draw::Below(options) => stream.below(options),
            Draw::Chance(probability) => u64::from(stream.chance(probability)),
            Draw::Within { least, most } => stream.within(Duration(least)..=Duration(most)).as_nanos(),
            Draw::Sample { table, unit } => stream.sample(table, unit).as_nanos(),
            Draw::Word => stream.word(),
        }
    }

    fn on_lane(&self, braid: &Braid, lane: usize) -> u64 {
        match *self {
            Draw::Choose { least, most } => braid.choose(lane, least, most),
            Draw::Chance(probability) => u64::from(braid.chance(lane, probability)),
            Draw::Sample { table, unit } => braid.sample(lane, table, unit).as_nanos(),
            Draw::Below(_) | Draw::Within { .. } | Draw::Word => panic!("a braid has no such draw"),
        }
    }
}

fn table(sigma: &str) -> &'static Table {
    match sigma {
        "40" => &LOGNORMAL_40,
        "70" => &LOGNORMAL_70,
        "100" => &LOGNORMAL_100,
        _ => panic!("no such table: {sigma}"),
    }
}

fn joined<T: Display>(mut draw: impl FnMut() -> T) -> String {
    let values: Vec<String> = (0..VALUES).map(|_| draw().to_string()).collect();
    values.join(" ")
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|error| refuse(text, &error))
}

fn small(text: &str) -> u32 {
    text.parse().unwrap_or_else(|error| refuse(text, &error))
}

fn refuse<T>(text: &str, error: &dyn fmt::Display) -> T {
    panic!("{text} in the archive: {error}")
}
