//! Recorded replies: kept as JSON Lines, found by who asked what in which turn, and given again as a model. Knows no
//! world and no provider.
//!
//! One call is one line:
//!
//! ```json
//! {"version":1,"caller":"a1","turn":0,"content":"52f6…","request":{"slot":0,"messages":[{"role":"user","text":"…"}]},
//!  "reply":{"text":"…","stop":"end_turn","usage":{"input_tokens":9,"output_tokens":2}},"latency":1500000000}
//! ```
//!
//! | field | means |
//! |---|---|
//! | `version` | of this format: 1 |
//! | `caller`, `turn` | who asked, and which of its requests it was, from 0 |
//! | `content` | the digest of the request, in 16 hexadecimal digits |
//! | `request` | `slot`, `messages`, and if there are any `schema`, `tools`, `max_tokens`, `stops` |
//! | `messages` | `role`, `text`, and if there are any `calls` and `answers` |
//! | `reply` | `text`, `stop`, `usage`, and if there are any `calls`, `stopped_at` and `taint` |
//! | `error` | in place of a reply: `status`, `kind`, `retry_after` in nanoseconds |
//! | `first_token`, `latency` | nanoseconds; without them the profile's pace is drawn |
//!
//! A role is `system`, `user`, `assistant`, `tool`, or a peer's name such as `a2`. Lines are found by caller, turn and
//! content, never by their place, so an added agent, call or line moves no other reply. Empty lines are passed over.

mod error;
mod line;
mod recording;
mod replay;
#[cfg(test)]
mod tests;
mod unmatched;

pub use error::CassetteError;
pub use recording::{Recording, Tape};
pub use unmatched::{Nearest, Unmatched};

use super::{Profile, ProviderError, Reply, Request, Turn};
use crate::digest::digest_of;
use crate::id::NodeId;
use crate::time::Duration;
use line::Line;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// One recorded call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Who asked.
    pub caller: NodeId,
    /// Which of its requests it was.
    pub turn: Turn,
    /// What was asked.
    pub request: Request,
    /// What came of it.
    pub outcome: Result<Reply, ProviderError>,
    /// Until the first token; `None`: as the profile's pace has it.
    pub first_token: Option<Duration>,
    /// Until the last one; `None`: as the profile's pace has it.
    pub latency: Option<Duration>,
}

impl Recorded {
    /// A call and its reply, with the latency left to the profile.
    #[must_use]
    pub const fn reply(caller: NodeId, turn: Turn, request: Request, reply: Reply) -> Recorded {
        Recorded { caller, turn, request, outcome: Ok(reply), first_token: None, latency: None }
    }

    fn key(&self) -> Key {
        Key { caller: self.caller, turn: self.turn, content: digest_of(&self.request) }
    }
}

/// What a call is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) caller: NodeId,
    pub(super) turn: Turn,
    pub(super) content: u64,
}

/// Recorded replies, and a model that gives them again.
///
/// Faults strike what it says as they strike any model's: transport and queues are the world's, and of content it
/// truncates, breaks, refuses and lies (if the request has a schema) on top of what was recorded. Whoever asks the very
/// same again in a later turn than was recorded, because a fault cost it the reply, is told the same again. A request
/// that matches no line ends the run with an error that names the nearest one and what differs.
///
/// ```
/// use synod::fact::Slot;
/// use synod::id::NodeId;
/// use synod::model::{Cassette, Recorded, Reply, Request, Speaker, Turn};
/// let request = Request::about(Slot(0)).say(Speaker::User, "Does it merge?");
/// let reply = Reply::saying("Yes.");
/// let mut cassette = Cassette::default();
/// cassette.keep(Recorded::reply(NodeId::agent(0), Turn(0), request.clone(), reply.clone()));
///
/// let again: Cassette = cassette.to_string().parse().unwrap();
/// assert_eq!(again.find(NodeId::agent(0), Turn(0), &request).unwrap().outcome, Ok(reply));
/// let unmatched = again.find(NodeId::agent(0), Turn(1), &request).unwrap_err();
/// assert!(unmatched.to_string().contains("the nearest recorded call is turn 0 of a1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cassette {
    calls: Arc<BTreeMap<Key, Recorded>>,
    profile: Profile,
}

impl Default for Cassette {
    fn default() -> Cassette {
        Cassette { calls: Arc::default(), profile: Profile { name: "cassette", ..Profile::perfect() } }
    }
}

impl Cassette {
    /// The cassette in this file.
    ///
    /// # Errors
    /// If the file cannot be read, or a line of it is no recorded call, one of another version, one whose request was
    /// changed, or one that is there already.
    pub fn read(path: impl AsRef<Path>) -> Result<Cassette, CassetteError> {
        let path = path.as_ref();
        let unreadable = |error: io::Error| CassetteError::Unreadable { path: path.to_owned(), why: error.to_string() };
        fs::read_to_string(path).map_err(unreadable)?.parse()
    }

    /// Writes the cassette to this file, in the order of callers and turns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> io::Result<()> {
        fs::write(path, self.to_string())
    }

    /// The cassette with another pace, quota and price. What it says stays as it was recorded.
    #[must_use]
    pub fn with(mut self, profile: Profile) -> Cassette {
        let perfect = Profile { name: "cassette", ..Profile::perfect() };
        let Profile { window, pace, quota, price, sharing, .. } = profile;
        self.profile = Profile { window, pace, quota, price, sharing, ..perfect };
        self
    }

    /// Puts a call in, and takes out the one that had its place.
    pub fn keep(&mut self, recorded: Recorded) -> Option<Recorded> {
        Arc::make_mut(&mut self.calls).insert(recorded.key(), recorded)
    }

    /// The recorded call of this caller, turn and content.
    ///
    /// # Errors
    /// The nearest one and what differs, if there is none.
    pub fn find(&self, caller: NodeId, turn: Turn, request: &Request) -> Result<&Recorded, Box<Unmatched>> {
        let key = Key { caller, turn, content: digest_of(request) };
        self.calls.get(&key).ok_or_else(|| Box::new(Unmatched::among(self.calls.values(), key, request)))
    }

    /// What this caller was told last before this turn when it asked the very same: what a retry is answered whose
    /// recorded run had none.
    #[must_use]
    pub fn said_before(&self, caller: NodeId, turn: Turn, request: &Request) -> Option<&Recorded> {
        let content = digest_of(request);
        let before = self.calls.range(..Key { caller, turn, content: 0 });
        before
            .rev()
            .take_while(|(key, _)| key.caller == caller)
            .find(|(key, _)| key.content == content)
            .map(|(_, call)| call)
    }

    /// The recorded calls, by caller and turn.
    pub fn calls(&self) -> impl Iterator<Item = &Recorded> {
        self.calls.values()
    }
}

impl std::str::FromStr for Cassette {
    type Err = CassetteError;

    fn from_str(text: &str) -> Result<Cassette, CassetteError> {
        let mut cassette = Cassette::default();
        let mut places: BTreeMap<Key, usize> = BTreeMap::new();
        for (place, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let line = place + 1;
            let recorded = Line::read(text, line)?;
            if let Some(earlier) = places.insert(recorded.key(), line) {
                return Err(CassetteError::Twice { line, earlier, caller: recorded.caller, turn: recorded.turn });
            }
            cassette.keep(recorded);
        }
        Ok(cassette)
    }
}

/// One line a call, by caller and turn.
impl fmt::Display for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.calls.iter().try_for_each(|(key, recorded)| writeln!(f, "{}", Line::write(key, recorded)))
    }
}
