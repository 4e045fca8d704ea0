//! The binary: reads arguments and environment once, runs one command.

use std::collections::BTreeMap;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Nothing this process makes is for others on the machine, whatever makes it.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect::<BTreeMap<_, _>>();
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(postern::cli::run(std::env::args_os(), env)),
        Err(error) => {
            eprintln!("postern: the runtime cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
