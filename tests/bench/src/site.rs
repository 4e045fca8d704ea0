//! Where and with what a run took place, for the head of its table.

use std::path::Path;
use std::process::Command;

use crate::options::Options;
use crate::process::output;

/// The machine and the gateway.
pub fn machine(postern: &Path) -> anyhow::Result<String> {
    let said = |program: &str, words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words);
        output(command).map(|text| text.lines().next().unwrap_or_default().trim().to_owned())
    };
    let date = said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])?;
    let load = said("cat", &["/proc/loadavg"])?;
    let kernel = said("uname", &["-sr"])?;
    let commit = said("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_else(|_| "unknown".to_owned());
    let version = said(&postern.display().to_string(), &["--version"])?;
    let cpus = std::thread::available_parallelism()?;
    let model = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    Ok(format!(
        "- {date}, {kernel}, {cpus} processors{model}, everything on this machine over loopback; \
         load when it began {load}\n\
         - {version} (release, commit {commit}), SQLite, default log"
    ))
}

/// In Markdown.
pub fn heading(options: &Options) -> anyhow::Result<String> {
    let said = |program: &str, words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words);
        output(command).map(|text| text.lines().next().unwrap_or_default().trim().to_owned())
    };
    let haproxy = said("haproxy", &["-v"])?;
    let dovecot = said("dovecot", &["--version"])?;
    let version = "import importlib.metadata as m; print(m.version('emailproxy'))";
    let emailproxy = said(&options.python.display().to_string(), &["-c", version]).unwrap_or_default();
    Ok(format!(
        "{}; {haproxy}; Dovecot {dovecot}; \
         email-oauth2-proxy {emailproxy}\n\
         - {} rounds, medians; `tests/bench/run --only {} --rounds {} --sessions {} --scale {}`\n\
         - TLS 1.3 on both legs, EC P-256 certificate; clients resume no session, towards the upstream each peer \
         resumes if it can\n",
        machine(&options.postern)?,
        options.rounds,
        options.only.join(","),
        options.rounds,
        options.sessions.iter().map(usize::to_string).collect::<Vec<_>>().join(","),
        options.scale,
    ))
}
