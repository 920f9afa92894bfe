//! Any bytes as pins and draws: choices stay in their domain, pins are obeyed or reported, nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use synod::seed::{Domain, LOGNORMAL_70, Pin, Pins, Ratio, Seed, Stream, Streams};
use synod::time::Duration;
use synod_fuzz::Bytes;

const NAMES: [&str; 3] = ["delay/a1->a2", "loss/a1->a2", "nemesis/partition"];
/// The seventh and eighth lane have no name on purpose: nobody draws from them.
const LANES: &[&str] = &["delay", "loss", "duplicate", "reorder", "corrupt", "late"];
/// Not the entity of a stream above: a lane is named like a stream.
const ENTITY: &str = "a2->a3";

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes::of(bytes);
    let seed = Seed(bytes.word());
    let pins: Vec<Pin> = (0..bytes.below(8)).map(|_| bytes.pin()).collect();
    let Ok(obeyed) = Pins::new(&pins) else { return };
    let obeyed = obeyed.recording();
    draw_all(seed, &obeyed, bytes);

    let recorded = obeyed.recorded();
    for pin in &recorded {
        assert!((pin.domain.least..=pin.domain.most).contains(&pin.choice), "{pin:?} is out of its domain");
    }
    let consumed = pins.iter().all(|pin| recorded.contains(pin));
    assert_eq!(obeyed.settle().is_ok(), consumed, "every pin is consumed as given, or the first that is not is named");
    replay(&recorded, bytes);
});

/// What a run recorded repeats it, whatever the seed.
fn replay(recorded: &[Pin], bytes: Bytes<'_>) {
    let pins = Pins::new(recorded).expect("a record can be pinned").recording();
    draw_all(Seed(0), &pins, bytes);
    assert_eq!(pins.settle(), Ok(()));
    assert_eq!(pins.recorded(), recorded);
}

/// Makes one draw for every few bytes, on whichever stream they name.
fn draw_all(seed: Seed, pins: &Pins, mut bytes: Bytes<'_>) {
    let streams = Streams::pinned(seed, pins.clone());
    let mut named: BTreeMap<&str, Stream> =
        NAMES.iter().map(|name| (*name, streams.stream(format_args!("{name}")))).collect();
    let mut braid = streams.braid(LANES, format_args!("{ENTITY}"));
    while !bytes.is_empty() {
        let stream = named.get_mut(bytes.name()).expect("a stream of each name");
        match bytes.below(6) {
            0 => {
                let domain = bytes.domain();
                stream.choose(domain.least, domain.most, domain.harmless);
            }
            1 => drop(stream.chance(bytes.ratio())),
            2 => drop(stream.word()),
            3 => drop(stream.sample(&LOGNORMAL_70, Duration(bytes.word()))),
            4 => drop(stream.pick(&NAMES)),
            _ => {
                braid.advance();
                braid.chance(1, bytes.ratio());
                braid.sample(0, &LOGNORMAL_70, Duration(bytes.word()));
                braid.choose(3, 0, bytes.word());
            }
        }
    }
}

/// What only this target reads.
trait Floor {
    fn name(&mut self) -> &'static str;
    fn ratio(&mut self) -> Ratio;
    fn domain(&mut self) -> Domain;
    fn pin(&mut self) -> Pin;
}

impl Floor for Bytes<'_> {
    fn name(&mut self) -> &'static str {
        NAMES[usize::from(self.below(3))]
    }

    fn ratio(&mut self) -> Ratio {
        let [one, other] = [self.byte(), self.byte()].map(u32::from);
        Ratio::of(one.min(other), one.max(other).max(1))
    }

    fn domain(&mut self) -> Domain {
        let [one, other, third] = [self.word(), self.word(), self.word()];
        let (least, most) = (one.min(other), one.max(other));
        Domain { least, most, harmless: third.clamp(least, most) }
    }

    fn pin(&mut self) -> Pin {
        let stream = if self.once_in(4) {
            format!("{}/{ENTITY}", LANES[usize::from(self.below(6))])
        } else {
            self.name().to_owned()
        };
        Pin { stream, index: self.word(), choice: self.word(), domain: self.domain() }
    }
}
