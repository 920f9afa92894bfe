//! The corpus of planted bugs: that it is whole, that bug and twin differ in one switch, and that its bugs are found.

mod registry;
