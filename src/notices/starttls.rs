//! What is said to a mail server before TLS: as little as STARTTLS needs.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const LONGEST: usize = 2_048;
const MOST: usize = 100;

/// Why there is no TLS; nothing of worth was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoTls {
    /// The server went away or does not speak SMTP.
    #[error("the mail server broke off or does not speak SMTP")]
    Broken,
    /// It offers no STARTTLS, or somebody cut the offer out.
    #[error("the mail server offers no STARTTLS; for TLS from the first octet write smtps://")]
    NotOffered,
    /// It refused.
    #[error("the mail server refuses STARTTLS")]
    Refused,
}

/// Brings the connection to the point where the handshake begins. Octets are
/// read one by one, so that none of those behind the last answer is taken.
pub(super) async fn ask<S>(stream: &mut S, hostname: &str) -> Result<(), NoTls>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if answer(stream).await?.code != 220 {
        return Err(NoTls::Broken);
    }
    say(stream, &format!("EHLO {hostname}\r\n")).await?;
    let offers = answer(stream).await?;
    if offers.code != 250 || !offers.lines.iter().any(|line| line.eq_ignore_ascii_case("STARTTLS")) {
        return Err(NoTls::NotOffered);
    }
    say(stream, "STARTTLS\r\n").await?;
    if answer(stream).await?.code == 220 { Ok(()) } else { Err(NoTls::Refused) }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, line: &str) -> Result<(), NoTls> {
    stream.write_all(line.as_bytes()).await.map_err(|_| NoTls::Broken)?;
    stream.flush().await.map_err(|_| NoTls::Broken)
}

struct Answer {
    code: u16,
    lines: Vec<String>,
}

async fn answer<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Answer, NoTls> {
    let mut lines = Vec::new();
    while lines.len() < MOST {
        let line = line(stream).await?;
        let (code, rest) = line.split_at_checked(3).ok_or(NoTls::Broken)?;
        let code = code.parse().map_err(|_| NoTls::Broken)?;
        let (last, text) = match rest.strip_prefix('-') {
            Some(text) => (false, text),
            None => (true, rest.trim_start_matches(' ')),
        };
        lines.push(text.trim().to_owned());
        if last {
            return Ok(Answer { code, lines });
        }
    }
    Err(NoTls::Broken)
}

async fn line<S: AsyncRead + Unpin>(stream: &mut S) -> Result<String, NoTls> {
    let mut line = Vec::new();
    while line.len() < LONGEST {
        match stream.read_u8().await.map_err(|_| NoTls::Broken)? {
            b'\n' => return String::from_utf8(line).map_err(|_| NoTls::Broken),
            octet => line.push(octet),
        }
    }
    Err(NoTls::Broken)
}

#[cfg(test)]
mod tests {
    use super::{NoTls, ask};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// What a server says up front, since nothing depends on when; the rest of
    /// the stream, and what it heard.
    async fn run(says: &str) -> (Result<(), NoTls>, String, String) {
        let (mut ours, mut theirs) = tokio::io::duplex(64 * 1024);
        theirs.write_all(says.as_bytes()).await.unwrap();
        theirs.shutdown().await.unwrap();
        let done = ask(&mut ours, "gate.example").await;
        let mut rest = String::new();
        ours.read_to_string(&mut rest).await.unwrap();
        drop(ours);
        let mut heard = String::new();
        theirs.read_to_string(&mut heard).await.unwrap();
        (done, rest, heard)
    }

    #[tokio::test]
    async fn nothing_behind_the_last_answer_is_taken() {
        let says = "220-mx\r\n220 ESMTP\r\n250-mx hello\r\n250-starttls\r\n250 SIZE 1\r\n220 go\r\n\x16\x03";
        let (done, rest, heard) = run(says).await;
        assert_eq!((done, rest.as_str()), (Ok(()), "\x16\x03"));
        assert_eq!(heard, "EHLO gate.example\r\nSTARTTLS\r\n");
    }

    #[tokio::test]
    async fn without_tls_nothing_more_is_said() {
        for (says, why) in [
            ("220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n", NoTls::NotOffered),
            ("220 mx\r\n502 what\r\n", NoTls::NotOffered),
            ("220 mx\r\n250 STARTTLS\r\n454 not now\r\n", NoTls::Refused),
            ("554 go away\r\n", NoTls::Broken),
            ("* OK IMAP\r\n", NoTls::Broken),
            ("220 mx\r\n250-mx\r\n", NoTls::Broken),
            ("", NoTls::Broken),
        ] {
            let (done, _, heard) = run(says).await;
            assert_eq!(done, Err(why), "{says:?}");
            assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard:?}");
        }
        let (done, _, _) = run(&"220-x\r\n".repeat(5_000)).await;
        assert_eq!(done, Err(NoTls::Broken));
        assert_eq!(run(&"2".repeat(5_000)).await.0, Err(NoTls::Broken));
    }
}
