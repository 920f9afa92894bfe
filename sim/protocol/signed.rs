//! Statements that name their signer and cannot be made without the signer's key. Knows no protocol and no link.
//!
//! Unforgeable by construction, in the model of the papers: a [`Key`] is made inside this library only, one for each
//! process that is built for an identity, and no process is ever handed another's. The seal is a digest, not
//! cryptography: it binds a statement to its signer within a simulation, where nobody computes with bits but through
//! this interface. A deployment puts a real signature in its place.

use crate::digest::{Digest, Digester, digest_of};
use crate::id::NodeId;

/// What tells the seal of one identity from any other digest.
const SECRET: u64 = 0x5179_6e6f_6453_6561;

/// What an identity signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    owner: NodeId,
}

impl Key {
    /// The key of an identity, for a process of that identity.
    pub(in crate::protocol) const fn of(owner: NodeId) -> Key {
        Key { owner }
    }

    /// Whose key it is.
    #[must_use]
    pub const fn owner(&self) -> NodeId {
        self.owner
    }

    /// A statement under this key's own name.
    #[must_use]
    pub fn sign<T: Digest>(&self, statement: T) -> Signed<T> {
        Signed { signer: self.owner, seal: seal(self.owner, &statement), statement }
    }

    /// What a liar can do at most: a statement under another's name, sealed with its own key. It never opens.
    #[must_use]
    pub fn impersonate<T: Digest>(&self, signer: NodeId, statement: T) -> Signed<T> {
        Signed { signer, seal: seal(self.owner, &statement), statement }
    }
}

impl Digest for Key {
    fn digest(&self, digester: &mut Digester) {
        self.owner.digest(digester);
    }
}

/// A statement with its signer's seal. It can be read by anyone, and trusted once [`is_genuine`](Signed::is_genuine).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<T> {
    signer: NodeId,
    seal: u64,
    statement: T,
}

impl<T: Digest> Signed<T> {
    /// Whose name it bears.
    #[must_use]
    pub const fn signer(&self) -> NodeId {
        self.signer
    }

    /// What it says.
    #[must_use]
    pub const fn statement(&self) -> &T {
        &self.statement
    }

    /// Whether its signer said exactly this.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        self.seal == seal(self.signer, &self.statement)
    }

    /// The same seal under another text, as a link that alters messages leaves it.
    #[must_use]
    pub(in crate::protocol) fn altered(&self, statement: T) -> Signed<T> {
        Signed { signer: self.signer, seal: self.seal, statement }
    }
}

impl<T: Digest> Digest for Signed<T> {
    fn digest(&self, digester: &mut Digester) {
        self.signer.digest(digester);
        digester.word(self.seal);
        self.statement.digest(digester);
    }
}

fn seal<T: Digest>(signer: NodeId, statement: &T) -> u64 {
    let mut digester = Digester::default();
    digester.word(SECRET);
    signer.digest(&mut digester);
    digester.word(digest_of(statement));
    digester.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signers_own_key_makes_a_statement_genuine() {
        let (liar, victim) = (NodeId::agent(0), NodeId::agent(1));
        assert!(Key::of(victim).sign(7u64).is_genuine());
        assert!(!Key::of(liar).impersonate(victim, 7u64).is_genuine());
    }

    #[test]
    fn an_altered_statement_is_not_genuine() {
        let signed = Key::of(NodeId::agent(0)).sign(7u64);
        assert!(!signed.altered(8).is_genuine() && signed.altered(7).is_genuine());
    }
}
