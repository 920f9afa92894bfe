//! `list`: what there is, each with one line.

use super::Stage;
use super::arguments::Format;
use super::error::BadInput;
use crate::explore::Exit;
use crate::report;
use crate::scenario::{Runnable, Summary};

pub(super) fn list(stage: &mut Stage<'_>) -> Result<Exit, BadInput> {
    let summaries: Vec<Summary> = stage.catalogue.iter().map(Runnable::summary).collect();
    match stage.format {
        Format::Json => stage.print_json(&report::list_json(&summaries))?,
        Format::Text => write!(stage.out, "{}", report::list(&summaries))?,
    }
    Ok(Exit::AsSaid)
}
