//! Asking a person at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// Whether somebody is there to answer.
pub(super) fn somebody() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The answer, or `default` for an empty one. The question goes to stderr.
pub(super) fn line(question: &str, default: &str) -> io::Result<String> {
    {
        let mut stderr = io::stderr().lock();
        if default.is_empty() {
            write!(stderr, "{question}: ")?;
        } else {
            write!(stderr, "{question} [{default}]: ")?;
        }
        stderr.flush()?;
    }
    let mut answer = String::new();
    if io::stdin().lock().read_line(&mut answer)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let answer = answer.trim();
    Ok(if answer.is_empty() { default.to_owned() } else { answer.to_owned() })
}
