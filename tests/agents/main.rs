//! Users' async agents, from the outside: what their handles do, which code of theirs works, and how it is contained.

mod attribute;
mod calls;
mod cassettes;
mod containment;
mod delegation;
mod disk;
mod evidence;
mod hosts;
mod independence;
mod kept;
mod mailboxes;
mod misuse;
mod models;
mod noted;
mod notes;
mod posted;
mod posts;
mod quotas;
mod records;
mod streams;
mod support;
mod taint;
mod talk;
mod tools;
mod tripwire;
mod wakers;
