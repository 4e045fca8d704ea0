//! Clients that drip: at every step before login each ends with the time that
//! a login may take, whatever it says and however slowly.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::gateway::{Gateway, Setup};

const NONE: usize = 0;
const IMPLICIT: usize = 1;
const STARTTLS: usize = 2;
const AUTO: usize = 3;

/// The longest that a login may take here.
const PREAUTH: Duration = Duration::from_secs(1);
/// A record of a handshake that announces more than ever comes.
const HELLO: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7];

/// A step that a client stays in: which listener, what it says at once, what it
/// then drips, octet by octet.
struct Step {
    name: &'static str,
    listener: usize,
    first: &'static [&'static str],
    drips: &'static [u8],
}

const fn step(
    name: &'static str,
    listener: usize,
    first: &'static [&'static str],
    drips: &'static [u8],
) -> Step {
    Step { name, listener, first, drips }
}

const IMAP: &[Step] = &[
    step("in a handshake", IMPLICIT, &[], HELLO),
    step("in a handshake after STARTTLS", STARTTLS, &["a STARTTLS\r\n"], HELLO),
    step("in a handshake that was sniffed", AUTO, &[], HELLO),
    step("in a command that has no end", NONE, &[], b"a LOGIN anna@example.com "),
    step("before STARTTLS", STARTTLS, &[], b"a NOOP "),
    step("in commands that have one", NONE, &[], b"a NOOP\r\n"),
    step("in a quoted string", NONE, &["a LOGIN \""], b"x"),
    step("in a literal", NONE, &["a LOGIN {4000}\r\n"], b"x"),
    step("in a literal that nobody waits for", NONE, &["a LOGIN {4000+}\r\n"], b"x"),
    step("in the answer of AUTHENTICATE PLAIN", NONE, &["a AUTHENTICATE PLAIN\r\n"], b"A"),
    step("in the answer of AUTHENTICATE LOGIN", NONE, &["a AUTHENTICATE LOGIN\r\n", "YW5uYQ==\r\n"], b"A"),
];

const SMTP: &[Step] = &[
    step("in a handshake", IMPLICIT, &[], HELLO),
    step("in a handshake after STARTTLS", STARTTLS, &["EHLO crm\r\n", "STARTTLS\r\n"], HELLO),
    step("in a command that has no end", NONE, &[], b"EHLO crm."),
    step("before STARTTLS", STARTTLS, &[], b"NOOP "),
    step("in commands that have one", NONE, &[], b"RSET\r\n"),
    step("in AUTH", NONE, &["EHLO crm\r\n"], b"AUTH PLAIN A"),
    step("in the answer of AUTH PLAIN", NONE, &["EHLO crm\r\n", "AUTH PLAIN\r\n"], b"A"),
    step("in the answer of AUTH LOGIN", NONE, &["EHLO crm\r\n", "AUTH LOGIN\r\n", "YW5uYQ==\r\n"], b"A"),
];

/// How long a connection lives whose client drips, and what it was told last.
#[expect(clippy::disallowed_methods, reason = "a test client of its own")]
async fn dripping(addr: SocketAddr, step: &'static Step) -> (Duration, Vec<u8>) {
    let began = Instant::now();
    let stream = TcpStream::connect(addr).await.expect("the gateway listens");
    let (mut hears, mut speaks) = stream.into_split();
    // The greeting, and an answer to each line, whatever it is; a literal that nobody waits for has none.
    let mut some = [0; 512];
    for (n, line) in step.first.iter().enumerate() {
        if n == 0 {
            let _greeting = hears.read(&mut some).await;
        }
        speaks.write_all(line.as_bytes()).await.expect("sent");
        if line.ends_with("\r\n") && !line.ends_with("+}\r\n") {
            let _answer = hears.read(&mut some).await;
        }
    }
    let drips = async {
        for octet in step.drips.iter().cycle() {
            if speaks.write_all(&[*octet]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Its end may show on the other half only.
        std::future::pending::<()>().await;
    };
    let mut told = Vec::new();
    let ended = async {
        let _reset = hears.read_to_end(&mut told).await;
    };
    tokio::select! { () = drips => {}, () = ended => {}, () = tokio::time::sleep(PREAUTH * 15) => {} }
    (began.elapsed(), told)
}

async fn each_ends(addrs: &[SocketAddr], steps: &'static [Step], farewell: &str) {
    let mut all = JoinSet::new();
    for step in steps {
        let addr = addrs[step.listener];
        all.spawn(async move { (step, dripping(addr, step).await) });
    }
    for (step, (lived, told)) in all.join_all().await {
        assert!(lived >= PREAUTH, "{}: {lived:?}", step.name);
        // Five seconds for the last words, and some for a machine that is busy.
        assert!(lived < PREAUTH * 14, "{}: {lived:?}", step.name);
        let told = String::from_utf8_lossy(&told);
        let in_clear = !step.name.contains("handshake");
        assert_eq!(told.contains(farewell), in_clear, "{}: {told}", step.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_drips_ends_in_time_at_every_step() {
    let more = "[limits]\npreauth = \"1s\"\n".to_owned();
    let gateway = Gateway::with(Setup { more, ..Setup::default() }).await;
    tokio::join!(
        each_ends(&gateway.imap, IMAP, "* BYE Too slow"),
        each_ends(&gateway.smtp, SMTP, "421 4.4.2 Timeout, closing"),
    );
    assert!(gateway.sandbox.google().sessions().is_empty());
    gateway.stop().await;
}
