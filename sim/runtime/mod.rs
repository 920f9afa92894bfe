//! The madsim host: the whole world inside one madsim task.
//!
//! Code that agents call then sees a standard clock that follows virtual time, seeded system randomness, no way to
//! start threads, and no way to reach a network: `connect(2)` and `getaddrinfo(3)` fail, and the run fails with a line
//! that names the agent. Sole user of madsim. Without `--cfg madsim` the same engine runs on the bare host, and says so:
//! there only Synod's own live client (feature `live`) refuses to work inside a run.
//!
//! What is not seen even so: system calls that a crate makes past libc (`rustix` with its `linux_raw` backend), datagrams
//! sent without connecting, and threads that ran before the run began.

#[cfg(madsim)]
mod inside;
#[cfg(all(madsim, unix))]
mod tripwire;

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
        "inside madsim: standard time and randomness are virtual, connections fail"
    } else {
        "on the bare host: this build lacks `--cfg madsim`, so standard time, randomness and networks stay real for \
         whatever agents call behind Synod's back"
    }
}
