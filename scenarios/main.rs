//! The `synod` command over the catalogue of this repository.

#[cfg(feature = "planted")]
mod planted;

fn main() -> std::process::ExitCode {
    #[cfg(feature = "planted")]
    if std::env::var_os("SYNOD_PLANTED").is_some() {
        return synod::main(planted::catalogue());
    }
    synod::main(synod_scenarios::catalogue())
}
