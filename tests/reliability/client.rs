//! A mail client to whom anything may happen: whatever breaks is an answer, never the end of a test.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::smtp_client::b64;

/// Longest wait for one answer.
pub const LIMIT: Duration = Duration::from_secs(10);
/// Where a client comes from that does not care.
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A connection in clear, read line by line.
pub struct Line(BufReader<TcpStream>);

impl Line {
    /// Connects from an address of this machine.
    pub async fn connect(from: IpAddr, to: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if from != HERE {
            socket.bind((from, 0).into())?;
        }
        let stream = timed(socket.connect(to)).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(1024, stream)))
    }

    /// Sends a line.
    pub async fn say(&mut self, line: &str) -> io::Result<()> {
        timed(self.0.get_mut().write_all(format!("{line}\r\n").as_bytes())).await
    }

    /// Sends one octet.
    pub async fn drip(&mut self, octet: u8) -> io::Result<()> {
        timed(self.0.get_mut().write_all(&[octet])).await
    }

    /// The next line; the end of the stream is an error.
    pub async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if timed(self.0.read_until(b'\n', &mut line)).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// The first line that starts so, or the BYE before it.
    pub async fn until(&mut self, start: &str) -> io::Result<String> {
        loop {
            let line = self.line().await?;
            if line.starts_with(start) || line.starts_with("* BYE") {
                return Ok(line);
            }
        }
    }

    /// Sends a line; the answer that starts so.
    pub async fn ask(&mut self, line: &str, start: &str) -> io::Result<String> {
        self.say(line).await?;
        self.until(start).await
    }

    /// Whether the session answers a NOOP.
    pub async fn lives(&mut self) -> bool {
        self.ask("n NOOP", "n ").await.is_ok_and(|told| told.starts_with("n OK"))
    }

    /// Selects the inbox and goes into IDLE.
    pub async fn idle(&mut self) -> io::Result<bool> {
        let selected = self.ask("s SELECT INBOX", "s ").await?;
        Ok(selected.starts_with("s OK") && self.ask("i IDLE", "+").await?.starts_with('+'))
    }

    /// Leaves IDLE, and goes in again.
    pub async fn idle_anew(&mut self) -> io::Result<bool> {
        let left = self.ask("DONE", "i ").await?;
        Ok(left.starts_with("i OK") && self.ask("i IDLE", "+").await?.starts_with('+'))
    }

    // A whole answer of SMTP; its last line.
    async fn answer(&mut self) -> io::Result<String> {
        loop {
            let line = self.line().await?;
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line);
            }
        }
    }

    // Sends a line; an answer that starts otherwise is what was told.
    async fn step(&mut self, line: &str, start: &str) -> Result<(), String> {
        self.say(line).await.map_err(|error| error.to_string())?;
        match self.answer().await {
            Ok(told) if told.starts_with(start) => Ok(()),
            Ok(told) => Err(told),
            Err(error) => Err(error.to_string()),
        }
    }
}

async fn timed<T>(step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(LIMIT, step).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// A session behind LOGIN, or what was told or happened instead.
pub async fn log_in(from: IpAddr, to: SocketAddr, user: &str, token: &str) -> Result<Line, String> {
    let dialogue = async {
        let mut imap = Line::connect(from, to).await?;
        imap.until("* OK").await?;
        let told = imap.ask(&format!("a LOGIN {user} {token}"), "a ").await?;
        io::Result::Ok((imap, told))
    };
    match dialogue.await {
        Ok((imap, told)) if told.starts_with("a OK") => Ok(imap),
        Ok((_, told)) => Err(told),
        Err(error) => Err(error.to_string()),
    }
}

/// What a client knows of a message that it sent once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was accepted.
    Accepted,
    /// It was refused, or never sent: nobody has it.
    Refused(String),
    /// The final dot left, and no verdict came: perhaps.
    Unknown(String),
}

/// Sends a message to somebody elsewhere.
pub async fn send(to: SocketAddr, user: &str, token: &str, id: &str) -> Sent {
    let mut smtp = match opened(to, user, token).await {
        Ok(smtp) => smtp,
        Err(told) => return Sent::Refused(told),
    };
    let message =
        format!("From: {user}\r\nMessage-ID: <{id}>\r\nSubject: {id}\r\n\r\nSent once as {id}.\r\n.");
    if let Err(error) = smtp.say(&message).await {
        return Sent::Unknown(error.to_string());
    }
    match smtp.answer().await {
        Ok(told) if told.starts_with("250") => Sent::Accepted,
        // Gmail's word was lost on its way to the gateway, which says so.
        Ok(told) if told.starts_with("451 4.4.2") => Sent::Unknown(told),
        Ok(told) => Sent::Refused(told),
        Err(error) => Sent::Unknown(error.to_string()),
    }
}

async fn opened(to: SocketAddr, user: &str, token: &str) -> Result<Line, String> {
    let mut smtp = Line::connect(HERE, to).await.map_err(|error| error.to_string())?;
    let greeting = smtp.answer().await.map_err(|error| error.to_string())?;
    if !greeting.starts_with("220") {
        return Err(greeting);
    }
    smtp.step("EHLO crm.example.com", "250").await?;
    smtp.step(&format!("AUTH PLAIN {}", b64(&format!("\0{user}\0{token}"))), "235").await?;
    smtp.step(&format!("MAIL FROM:<{user}>"), "250").await?;
    smtp.step("RCPT TO:<bob@elsewhere.test>", "250").await?;
    smtp.step("DATA", "354").await?;
    Ok(smtp)
}
