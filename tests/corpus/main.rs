//! The corpus of planted bugs: that it is whole, that bug and twin differ in one switch, that each bug is found and its
//! twin is not accused, and that each bug's least schedule shows it.

mod correct;
mod detection;
mod kills;
mod least;
mod registry;
mod rules;
