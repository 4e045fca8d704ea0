//! A peer that does not read costs bounded memory, and time has an end.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, duplex};
use tokio::time::{Instant, timeout};

use super::script::session;
use crate::relay::imap::ended::Why;
use crate::relay::imap::splice::splice;

const PIPE: usize = 4096;
// Scratch, what the core does not take yet, and what could not be written.
const MOST: usize = 200 * 1024;

/// How many octets of `line`, repeated, are taken before the other end stops.
async fn taken(stream: &mut (impl AsyncWrite + Unpin), line: &[u8], most: usize) -> usize {
    let block = line.repeat((1 << 16) / line.len());
    let mut taken = 0;
    while taken < most
        && let Ok(Ok(n)) = timeout(Duration::from_secs(1), stream.write(&block[taken % line.len()..])).await
    {
        taken += n;
    }
    taken
}

/// What the relay takes of a client or of Gmail while nobody reads.
async fn unread(first: &str, line: &[u8], from_client: bool) -> usize {
    let (near_client, mut client) = duplex(PIPE);
    let (near_server, mut server) = duplex(PIPE);
    let session = splice(near_client, near_server, session(b"", b""));
    let flood = async {
        server.write_all(b"L1 OK\r\n").await.expect("sent");
        let mut answer = [0; 7];
        client.read_exact(&mut answer).await.expect("read");
        client.write_all(first.as_bytes()).await.expect("sent");
        let side = if from_client { &mut client } else { &mut server };
        taken(side, line, 16 * MOST).await
    };
    tokio::select! {
        ended = session => panic!("{ended:?}"),
        taken = flood => taken,
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_reads_and_memory_is_bounded() {
    let rows: [(&str, &[u8], bool); 7] = [
        ("", b"a NOOP\r\n", true),
        ("a APPEND s {9999999+}\r\n", b"literal ", true),
        ("a APPEND s {9999999}\r\n", b"held back ", true),
        ("a IDLE\r\n", b"DONE\r\n", true),
        ("", b"a COMPRESS DEFLATE\r\n", true),
        ("", b"* 1 EXISTS\r\n", false),
        ("", b"* 1 FETCH (BODY[] {1000000}\r\n", false),
    ];
    for (first, line, from_client) in rows {
        let octets = unread(first, line, from_client).await;
        assert!(octets <= MOST, "{octets} octets of {:?}", String::from_utf8_lossy(line));
    }
}

#[tokio::test(start_paused = true)]
async fn our_own_answers_all_arrive_once_the_client_reads() {
    const COUNT: usize = 5_000;
    let (near_client, client) = duplex(PIPE);
    let (near_server, mut server) = duplex(PIPE);
    let session = splice(near_client, near_server, session(b"", b""));
    let (mut answers, mut commands) = tokio::io::split(client);
    let flood = async {
        for n in 0..COUNT {
            commands.write_all(format!("a{n} COMPRESS DEFLATE\r\n").as_bytes()).await.expect("sent");
        }
        commands.write_all(b"z NOOP\r\n").await.expect("sent");
    };
    let gmail = async {
        server.write_all(b"L1 OK\r\n").await.expect("sent");
        let mut noop = [0; 8];
        server.read_exact(&mut noop).await.expect("read");
        server.write_all(b"z OK\r\n").await.expect("sent");
    };
    let mut text = String::new();
    let reader = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut bytes = vec![0; 1 << 16];
        while !text.ends_with("z OK\r\n") {
            let n = answers.read(&mut bytes).await.expect("read");
            text.push_str(std::str::from_utf8(&bytes[..n]).expect("ASCII"));
        }
    };
    tokio::select! {
        ended = session => panic!("{ended:?}"),
        _ = async { tokio::join!(flood, gmail, reader) } => {}
    }
    assert_eq!(text.lines().filter(|line| line.contains("NO [CANNOT]")).count(), COUNT);
}

#[tokio::test(start_paused = true)]
async fn silence_ends_after_31_minutes() {
    let (near_client, mut client) = duplex(PIPE);
    let (near_server, mut server) = duplex(PIPE);
    let began = Instant::now();
    let session = splice(near_client, near_server, session(b"", b""));
    let peers = async {
        tokio::time::sleep(Duration::from_secs(30 * 60)).await;
        server.write_all(b"L1 OK\r\n").await.expect("sent");
        tokio::time::sleep(Duration::from_secs(30 * 60)).await;
        client.write_all(b"a IDLE\r\n").await.expect("sent");
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! { ended = session => ended, () = peers => return };
    assert_eq!(ended.why, Why::Idle);
    let minutes = began.elapsed().as_secs() / 60;
    assert_eq!(minutes, 30 + 30 + 31, "counted from the last octet of either side");
}
