//! The command line over a catalogue: `synod list`, `run`, `replay`, `shrink`, `why`, `digest`, `compare`, `check`.
//!
//! Knows arguments, standard output and exit codes; everything else is asked of `explore`, `runtime` and `report`. The
//! contract is section 8 of the architecture: results on standard output, everything else on standard error, one clear
//! line and exit code 2 for bad input.

mod ablate;
mod arguments;
mod check;
mod chosen;
mod compare;
mod digest;
mod error;
mod list;
mod over_time;
mod patterns;
mod plot;
mod progress;
mod regressions;
mod replay;
mod run;
mod sentinel;
mod shrink;
mod variant;
mod versions;
mod why;

use crate::explore::{Exit, Host};
use crate::runtime::default_host;
use crate::scenario::Catalogue;
use arguments::{Arguments, Command, Format};
use clap::Parser;
use error::BadInput;
use sentinel::{Elsewhere, OtherProcess};
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// The whole command line over these scenarios: reads the process's arguments, prints, and says how to exit.
#[must_use]
pub fn main(catalogue: Catalogue) -> ExitCode {
    let mut out = BufWriter::new(io::stdout());
    let ended = obey_beside(Some(&OtherProcess), std::env::args_os(), &catalogue, &mut out);
    // A reader that closed the pipe has seen enough.
    let _ = out.flush();
    ended
        .unwrap_or_else(|line| {
            eprintln!("{line}");
            Exit::BadInput
        })
        .into()
}

/// What a command works with.
struct Stage<'a> {
    catalogue: &'a Catalogue,
    host: &'static dyn Host,
    format: Format,
    /// Another process of the same command, to run a share of each sweep again.
    elsewhere: Option<&'a dyn Elsewhere>,
    out: &'a mut (dyn Write + Send),
}

/// Obeys one command line in a process of which there is no other.
#[cfg(test)]
fn obey(
    arguments: impl IntoIterator<Item = OsString>,
    catalogue: &Catalogue,
    out: &mut (dyn Write + Send),
) -> Result<Exit, String> {
    obey_beside(None, arguments, catalogue, out)
}

/// Obeys one command line; the error is the one line to print.
fn obey_beside(
    elsewhere: Option<&dyn Elsewhere>,
    arguments: impl IntoIterator<Item = OsString>,
    catalogue: &Catalogue,
    out: &mut (dyn Write + Send),
) -> Result<Exit, String> {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            let _ = write!(out, "{error}");
            return Ok(Exit::AsSaid);
        }
        Err(error) => return Err(error::one_line(&error.to_string())),
    };
    let mut stage = Stage { catalogue, host: default_host(), format: arguments.format(), elsewhere, out };
    let ended = match arguments.command {
        Command::List => list::list(&mut stage),
        Command::Run(options) => run::run(&mut stage, &options),
        Command::Replay(options) => replay::replay(&mut stage, &options),
        Command::Shrink(options) => shrink::shrink(&mut stage, &options),
        Command::Why(options) => why::why(&mut stage, &options),
        Command::Digest(options) => digest::digest(&mut stage, &options),
        Command::Compare(options) => compare::compare(&mut stage, &options),
        Command::Check(options) => check::check(&mut stage, &options),
    };
    match ended {
        Ok(exit) => Ok(exit),
        Err(BadInput::Output(_)) => Ok(Exit::AsSaid),
        Err(bad) => Err(error::one_line(&bad.to_string())),
    }
}

impl Stage<'_> {
    /// Prints one JSON document.
    fn print_json(&mut self, document: &serde_json::Value) -> Result<(), BadInput> {
        Ok(writeln!(self.out, "{document:#}")?)
    }
}

/// What stands for every scenario.
const ALL: &str = "all";

#[cfg(test)]
mod checking;
#[cfg(test)]
mod comparing;
#[cfg(test)]
mod tests;
