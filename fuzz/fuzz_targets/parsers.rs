//! Any bytes as a file: every parser reads it or refuses it with one line, and what it read it writes and reads again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::error::Error;
use synod::explore::{Capsule, Seeds};
use synod::fault::Kind;
use synod::history::{self, store};
use synod::model::Cassette;
use synod_fuzz::Bytes;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes::of(bytes);
    let which = bytes.below(8);
    let file = bytes.rest();
    match which {
        0 => history_of_a_run(file),
        1 => history_of_a_store(store::read(file)),
        2 => history_of_a_store(store::read_knossos(file)),
        3 => history_of_a_store(store::read_porcupine(file)),
        4 => history_of_a_store(store::read_read_write(file)),
        5 => cassette(file),
        6 => capsule(file),
        _ => names(file),
    }
});

fn history_of_a_run(file: &[u8]) {
    let Some(read) = said(history::read(file)) else { return };
    let mut written = Vec::new();
    history::write(&read, &mut written).expect("memory takes everything");
    let again = history::read(&*written).expect("what was written is read");
    assert_eq!(again.entries(), read.entries());
}

fn history_of_a_store(read: Result<store::StoreHistory, store::StoreError>) {
    let Some(read) = said(read) else { return };
    let mut written = Vec::new();
    store::write(&read, &mut written).expect("memory takes everything");
    let again = store::read(&*written).expect("what was written is read");
    let mut twice = Vec::new();
    store::write(&again, &mut twice).expect("memory takes everything");
    assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&written));
}

fn cassette(file: &[u8]) {
    let Ok(text) = std::str::from_utf8(file) else { return };
    let Some(read) = said(text.parse::<Cassette>()) else { return };
    assert_eq!(read.to_string().parse::<Cassette>().expect("what was written is read"), read);
}

fn capsule(file: &[u8]) {
    let Ok(read) = serde_json::from_slice::<Capsule>(file) else { return };
    let written = serde_json::to_vec(&read).expect("a capsule is plain data");
    assert_eq!(serde_json::from_slice::<Capsule>(&written).expect("what was written is read"), read);
}

/// What stands on a command line.
fn names(file: &[u8]) {
    let Ok(text) = std::str::from_utf8(file) else { return };
    let seeds = said(text.parse::<Seeds>());
    assert!(seeds.is_none_or(|seeds| seeds.len() > 0));
    let kind = said(text.parse::<Kind>());
    assert!(kind.is_none_or(|kind| kind.name() == text));
    if let Some(unknown) = synod_scenarios::catalogue().find(text).err() {
        assert!(!unknown.to_string().is_empty());
    }
}

/// What was read; a refusal must say something, in one line.
fn said<T, E: Error>(read: Result<T, E>) -> Option<T> {
    read.map_err(|error| {
        let line = error.to_string();
        assert!(!line.trim().is_empty() && !line.contains('\n'), "a refusal of one line: {line:?}");
    })
    .ok()
}
