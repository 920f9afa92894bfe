//! The `synod` command over the catalogue of this repository.

fn main() -> std::process::ExitCode {
    synod::main(synod_scenarios::catalogue())
}
