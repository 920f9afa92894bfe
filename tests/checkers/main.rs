//! Checkers against stories written by hand, histories of a generated team, and mutants of both.

mod cases;
mod either_way;
mod jsonl;
mod laws;
mod letters;
mod oracle;
mod shelf;
mod story;
mod team;
mod work;
