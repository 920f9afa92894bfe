//! A client's call as bytes of the log, and back.
//!
//! A letter for the act, then each field as its length, a colon and its bytes, so that values may hold anything.

use crate::fact::{Key, Value, WriteId};
use crate::protocol::store::Act;

/// What an entry of the log does.
///
/// ```
/// use synod::fact::{Session, Value, WriteId};
/// use synod::id::NodeId;
/// use synod::protocol::store::{Act, strong::Command};
/// let write = WriteId { session: Session::of(NodeId::client(0)), number: 7 };
/// let command = Command { write, key: "plan".into(), act: Act::Write { value: Value::from("1:2") } };
/// assert_eq!(command.encode().to_string(), "w2:c11:74:plan3:1:2");
/// assert_eq!(Command::decode(&command.encode()), Some(command));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The client's write that it is.
    pub write: WriteId,
    /// Under which key.
    pub key: Key,
    /// What.
    pub act: Act,
}

impl Command {
    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Value {
        let nothing = Value::new(b"");
        let (letter, value, expected) = match &self.act {
            Act::Write { value } => (b'w', value, None),
            Act::Append { value } => (b'a', value, None),
            Act::Swap { value, expected: None } => (b'n', value, None),
            Act::Swap { value, expected } => (b's', value, *expected),
            Act::Remove | Act::Read | Act::Watch { .. } => (b'r', &nothing, None),
        };
        let mut bytes = vec![letter];
        let mut put = |field: &[u8]| {
            bytes.extend_from_slice(format!("{}:", field.len()).as_bytes());
            bytes.extend_from_slice(field);
        };
        for write in [Some(self.write), expected].into_iter().flatten() {
            put(write.session.to_string().as_bytes());
            put(write.number.to_string().as_bytes());
        }
        put(self.key.0.as_bytes());
        if letter != b'r' {
            put(value.bytes());
        }
        Value::new(&bytes)
    }

    /// What these bytes say; nothing if they are no command.
    #[must_use]
    pub fn decode(value: &Value) -> Option<Command> {
        let (letter, rest) = value.bytes().split_first()?;
        let mut fields = Fields(rest);
        let write = fields.write()?;
        let expected = if *letter == b's' { Some(fields.write()?) } else { None };
        let key = Key::from(fields.text()?);
        let act = match letter {
            b'r' => Act::Remove,
            b'w' => Act::Write { value: fields.value()? },
            b'a' => Act::Append { value: fields.value()? },
            b's' | b'n' => Act::Swap { expected, value: fields.value()? },
            _ => return None,
        };
        fields.0.is_empty().then_some(Command { write, key, act })
    }
}

/// What is left to read.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let colon = self.0.iter().position(|byte| *byte == b':')?;
        let length: usize = std::str::from_utf8(&self.0[..colon]).ok()?.parse().ok()?;
        let rest = &self.0[colon + 1..];
        let field = rest.get(..length)?;
        self.0 = &rest[length..];
        Some(field)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.next()?).ok()
    }

    fn value(&mut self) -> Option<Value> {
        self.next().map(Value::new)
    }

    fn write(&mut self) -> Option<WriteId> {
        let session = self.text()?.parse().ok()?;
        Some(WriteId { session, number: self.text()?.parse().ok()? })
    }
}
