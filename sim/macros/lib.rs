//! The `#[synod::test]` attribute.
