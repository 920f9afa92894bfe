//! The protocol on a net stepped by hand.

mod storm;

use super::Bft;
use crate::protocol::rig::{Rig, a};
use crate::protocol::team::{Outcome, Request};

#[test]
fn reads_and_changes_of_members_are_refused() {
    let mut rig = Rig::of(4, Bft::factory);
    let requests = [
        Request::Read,
        Request::Admit { member: a(2) },
        Request::Remove { member: a(2) },
        Request::Transfer { to: a(2) },
    ];
    for (op, request) in (50..).zip(requests) {
        rig.request(a(1), op, request.clone());
        assert_eq!(rig.response(op), Some(&Outcome::Refused), "{request}");
    }
    assert!(rig.mail.is_empty());
}
