//! One command line of a client: verb and arguments, nothing decided yet.
//!
//! Refused here: control characters anywhere, arguments where a verb takes none.
//! What MAIL and RCPT carry is checked in `envelope`.

/// A command as the client wrote it; slices are of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// `EHLO name`
    Ehlo,
    /// `HELO name`
    Helo,
    /// `AUTH mechanism [initial-response]`
    Auth {
        /// The mechanism's name.
        mechanism: &'a [u8],
        /// The initial response, still base64.
        initial: Option<&'a [u8]>,
    },
    /// `MAIL FROM:`: what follows the colon.
    Mail(&'a [u8]),
    /// `RCPT TO:`: what follows the colon.
    Rcpt(&'a [u8]),
    /// `DATA`
    Data,
    /// `RSET`
    Rset,
    /// `NOOP`
    Noop,
    /// `QUIT`
    Quit,
    /// `STARTTLS`
    StartTls,
    /// `VRFY`
    Vrfy,
    /// `EXPN`
    Expn,
    /// `HELP`
    Help,
    /// `BDAT`: its octets would follow as if they were commands.
    Bdat,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No verb we know.
    Unknown,
    /// A verb we know with arguments that cannot be its own.
    Arguments,
    /// A control character.
    Control,
}

impl<'a> Command<'a> {
    /// Reads a line, CRLF already taken off.
    ///
    /// # Errors
    /// Says why the line is no command.
    pub fn parse(line: &'a [u8]) -> Result<Self, Fault> {
        if line.iter().any(u8::is_ascii_control) {
            return Err(Fault::Control);
        }
        let (verb, arguments) = split(line);
        match verb.to_ascii_uppercase().as_slice() {
            b"EHLO" => some(arguments, Self::Ehlo),
            b"HELO" => some(arguments, Self::Helo),
            b"AUTH" => auth(arguments),
            b"MAIL" => after(b"FROM:", arguments).map(Self::Mail),
            b"RCPT" => after(b"TO:", arguments).map(Self::Rcpt),
            b"DATA" => none(arguments, Self::Data),
            b"RSET" => none(arguments, Self::Rset),
            b"QUIT" => none(arguments, Self::Quit),
            b"STARTTLS" => none(arguments, Self::StartTls),
            b"NOOP" => Ok(Self::Noop),
            b"VRFY" => Ok(Self::Vrfy),
            b"EXPN" => Ok(Self::Expn),
            b"HELP" => Ok(Self::Help),
            b"BDAT" => Ok(Self::Bdat),
            _ => Err(Fault::Unknown),
        }
    }
}

fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|b| *b == b' ') {
        Some(at) => {
            let (verb, rest) = line.split_at(at);
            (verb, rest.trim_ascii())
        }
        None => (line, b""),
    }
}

fn some<'a>(arguments: &[u8], command: Command<'a>) -> Result<Command<'a>, Fault> {
    if arguments.is_empty() { Err(Fault::Arguments) } else { Ok(command) }
}

fn none<'a>(arguments: &[u8], command: Command<'a>) -> Result<Command<'a>, Fault> {
    if arguments.is_empty() { Ok(command) } else { Err(Fault::Arguments) }
}

fn auth(arguments: &[u8]) -> Result<Command<'_>, Fault> {
    let (mechanism, initial) = split(arguments);
    if mechanism.is_empty() || initial.contains(&b' ') {
        return Err(Fault::Arguments);
    }
    let initial = if initial.is_empty() { None } else { Some(initial) };
    Ok(Command::Auth { mechanism, initial })
}

fn after<'a>(keyword: &[u8], arguments: &'a [u8]) -> Result<&'a [u8], Fault> {
    let (head, tail) = arguments.split_at_checked(keyword.len()).ok_or(Fault::Arguments)?;
    if head.eq_ignore_ascii_case(keyword) { Ok(tail) } else { Err(Fault::Arguments) }
}

#[cfg(test)]
mod tests {
    use super::{Command, Fault};

    #[test]
    fn verbs_in_any_case_with_their_arguments() {
        let cases: [(&[u8], Command<'_>); 9] = [
            (b"ehlo [127.0.0.1]", Command::Ehlo),
            (b"AUTH plain", Command::Auth { mechanism: b"plain", initial: None }),
            (b"auth PLAIN AGEAYg==", Command::Auth { mechanism: b"PLAIN", initial: Some(b"AGEAYg==") }),
            (b"MAIL FROM:<a@x>", Command::Mail(b"<a@x>")),
            (b"mail from: <a@x> SIZE=3 ", Command::Mail(b" <a@x> SIZE=3")),
            (b"Rcpt To:<b@x>", Command::Rcpt(b"<b@x>")),
            (b"DATA ", Command::Data),
            (b"NOOP anything", Command::Noop),
            (b"BDAT 3 LAST", Command::Bdat),
        ];
        for (line, command) in cases {
            assert_eq!(Command::parse(line), Ok(command), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn faults_by_kind() {
        let cases: [(&[u8], Fault); 8] = [
            (b"", Fault::Unknown),
            (b"XCLIENT a", Fault::Unknown),
            (b"EHLO", Fault::Arguments),
            (b"DATA now", Fault::Arguments),
            (b"MAIL <a@x>", Fault::Arguments),
            (b"AUTH", Fault::Arguments),
            (b"AUTH PLAIN a b", Fault::Arguments),
            (b"NOOP\tx", Fault::Control),
        ];
        for (line, fault) in cases {
            assert_eq!(Command::parse(line), Err(fault), "{}", line.escape_ascii());
        }
    }
}
