//! The madsim host: the whole world inside one madsim task.
//!
//! Code that agents call then sees a standard clock that follows virtual time, seeded system randomness, and no way to
//! start threads. Sole user of madsim. Without `--cfg madsim` the same engine runs on the bare host, and says so.

#[cfg(madsim)]
mod inside;

#[cfg(madsim)]
pub use inside::MadsimHost;

use crate::explore::Host;

/// The best host of this build: madsim where the build has it, else the bare one.
#[must_use]
pub fn default_host() -> &'static dyn Host {
    #[cfg(madsim)]
    return &MadsimHost;
    #[cfg(not(madsim))]
    return &crate::explore::BareHost;
}

/// One line about what the default host does, for reports.
#[must_use]
pub const fn host_note() -> &'static str {
    if cfg!(madsim) {
        "inside madsim: standard time and randomness are virtual"
    } else {
        "on the bare host: this build lacks `--cfg madsim`, so standard time and randomness stay real for whatever \
         agents call behind Synod's back"
    }
}
