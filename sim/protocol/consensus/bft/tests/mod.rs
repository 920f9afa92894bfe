//! The protocol on a net stepped by hand.

mod storm;
