//! How many connections there may be: those that say nothing shut nobody out,
//! and who finds no place is told so.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::smtp_client::eventually;
use crate::support::gateway::{Gateway, Setup};
use crate::support::line::Lines;

const ANNA: &str = "anna@example.com";

async fn gateway(limits: &str) -> (Gateway, String) {
    let more = format!("[limits]\n{limits}\n");
    let gateway = Gateway::with(Setup { more, ..Setup::default() }).await;
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    (gateway, token)
}

/// A connection from `127.0.0.n`.
async fn from(n: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, n), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

async fn logs_in_promptly(n: u8, gateway: &Gateway, token: &str) {
    let began = Instant::now();
    let mut imap = Lines::over(from(n, gateway.imap[0]).await);
    assert!(imap.line().await.starts_with("* OK"));
    let told = imap.ask(&format!("a LOGIN {ANNA} {token}"), "a ").await;
    assert!(told.last().unwrap().starts_with("a OK"), "{told:?}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// What is said to a connection at once, if it is closed then.
async fn farewell(stream: &mut TcpStream) -> Option<String> {
    let mut said = Vec::new();
    match timeout(Duration::from_secs(10), stream.read_to_end(&mut said)).await {
        Ok(Ok(_)) => Some(String::from_utf8(said).unwrap()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_that_say_nothing_shut_nobody_else_out() {
    let (gateway, token) = gateway("connections = 400").await;
    let addr = gateway.imap[0];
    let mut silent = Vec::new();
    for _ in 0..1_000 {
        silent.push(from(1, addr).await);
    }
    let (mut greeted, mut refused) = (0, 0);
    for stream in &mut silent {
        let mut first = [0; 5];
        timeout(Duration::from_secs(10), stream.read_exact(&mut first)).await.unwrap().unwrap();
        match &first {
            b"* OK " => greeted += 1,
            b"* BYE" => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((greeted, refused), (150, 850));
    assert_eq!(farewell(&mut from(1, addr).await).await.unwrap(), {
        "* BYE [LIMIT] Too many connections, try again later\r\n"
    });
    let busy = "421 4.7.0 Too many connections, try again later\r\n";
    assert_eq!(farewell(&mut from(1, gateway.smtp[0]).await).await.unwrap(), busy, "both protocols count");
    // Who begins with a handshake understands nothing else.
    assert_eq!(farewell(&mut from(1, gateway.imap[1]).await).await.unwrap(), "");
    logs_in_promptly(2, &gateway, &token).await;
    eventually("all of them are counted", async || {
        // While the refused are still being seen off, all places may be taken too.
        let text = gateway.parts.metrics.text();
        let refused = text.lines().filter(|line| {
            line.starts_with("postern_connections_total{protocol=\"imap\"") && line.contains("half_open")
        });
        let counts = refused.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        (counts.sum::<u64>() == 852).then_some(())
    })
    .await;
    drop(silent);
    logs_in_promptly(3, &gateway, &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_one_address_have_a_limit_and_a_place_is_free_after_the_end() {
    let (gateway, token) = gateway("connections = 400\nconnections_per_address = 3").await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut imap = Lines::over(from(1, gateway.imap[0]).await);
        imap.line().await;
        imap.ask(&format!("a LOGIN {ANNA} {token}"), "a OK").await;
        open.push(imap);
    }
    let told = farewell(&mut from(1, gateway.imap[0]).await).await.unwrap();
    assert!(told.starts_with("* BYE [LIMIT]"), "{told}");
    logs_in_promptly(2, &gateway, &token).await;
    let mut last = open.pop().unwrap();
    last.ask("b LOGOUT", "b OK").await;
    drop(last);
    for _ in 0..100 {
        let mut imap = Lines::over(from(1, gateway.imap[0]).await);
        if imap.line().await.starts_with("* OK") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the place is not free");
}
