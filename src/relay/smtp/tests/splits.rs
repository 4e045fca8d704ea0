//! One whole dialogue, with every split of what either side says.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf, split};

use super::bench::Bench;

/// What Gmail is to hear, and what it answers. The client says all of its own
/// part ahead; nothing of it may reach Gmail before it has answered.
const AT_GMAIL: [(&str, &str); 12] = [
    ("MAIL FROM:<anna@example.com>\r\n", "250 2.1.0 OK\r\n"),
    ("RCPT TO:<bob@example.net>\r\n", "250 2.1.5 OK\r\n"),
    ("DATA\r\n", "354  Go ahead\r\n"),
    ("From: anna@example.com\r\n\r\n..dot\r\n.x\r\n.\r\n", "250 2.0.0 OK  1 x - gsmtp\r\n"),
    ("MAIL FROM:<anna@example.com> SIZE=3\r\n", "250 2.1.0 OK\r\n"),
    ("RCPT TO:<gone@example.net>\r\n", "550-5.1.1 No such user.\r\n550 5.1.1 x - gsmtp\r\n"),
    ("DATA\r\n", "503 5.5.1 RCPT first.\r\n"),
    ("RSET\r\n", "250 2.1.5 Flushed\r\n"),
    ("MAIL FROM:<anna@example.com>\r\n", "250 2.1.0 OK\r\n"),
    ("DATA\r\n", "354  Go ahead\r\n"),
    (".\r\n", "550 5.4.5 Daily user sending limit exceeded.\r\n"),
    ("QUIT\r\n", "221 2.0.0 closing connection\r\n"),
];

fn said_by_client() -> String {
    let (quit, first) = AT_GMAIL.split_last().unwrap();
    let first: String = first.iter().map(|(line, _)| *line).collect();
    format!("{first}NOOP\r\n{}", quit.0)
}

fn told_to_client() -> String {
    let (_, first) = AT_GMAIL.split_last().unwrap();
    let first: String = first.iter().map(|(_, answer)| *answer).collect();
    format!("{first}250 2.0.0 OK\r\n221 2.0.0 Bye\r\n")
}

/// How a side's bytes are cut.
#[derive(Debug, Clone, Copy)]
enum Cut {
    At(usize),
    Pieces(usize),
}

impl Cut {
    fn cuts(self, at: usize) -> bool {
        match self {
            Self::At(cut) => at == cut,
            Self::Pieces(size) => at.is_multiple_of(size),
        }
    }
}

/// Writes with a pause at each cut; `said` counts what was said before.
async fn say(stream: &mut WriteHalf<DuplexStream>, bytes: &[u8], said: &mut usize, cut: Cut) {
    let mut from = 0;
    for at in 1..=bytes.len() {
        *said += 1;
        if at == bytes.len() || cut.cuts(*said) {
            stream.write_all(&bytes[from..at]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
            from = at;
        }
    }
}

async fn gmail(stream: DuplexStream, cut: Cut) {
    let (mut hears, mut speaks): (ReadHalf<_>, WriteHalf<_>) = split(stream);
    let mut said = 0;
    let (last, first) = AT_GMAIL.split_last().unwrap();
    for (line, answer) in first {
        let mut heard = vec![0; line.len()];
        hears.read_exact(&mut heard).await.unwrap();
        assert_eq!(String::from_utf8(heard).unwrap(), *line, "{cut:?}");
        say(&mut speaks, answer.as_bytes(), &mut said, cut).await;
    }
    let mut rest = String::new();
    hears.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, last.0, "{cut:?}");
}

async fn run(unread: usize, client_cut: Cut, gmail_cut: Cut) {
    let said = said_by_client();
    let (unread, rest) = said.as_bytes().split_at(unread);
    let mut bench = Bench::with(unread, |stream| stream);
    let (notes, session) = (&mut bench.notes, bench.session);
    let (mut hears, mut speaks) = split(bench.client);
    let mut told = String::new();
    let client = async {
        say(&mut speaks, rest, &mut 0, client_cut).await;
    };
    let (_, _, heard) = tokio::join!(client, gmail(bench.gmail, gmail_cut), hears.read_to_string(&mut told));
    heard.unwrap();
    session.await.unwrap();
    assert_eq!(told, told_to_client(), "{client_cut:?} {gmail_cut:?}");
    let mut rows = 0;
    while notes.try_recv().is_ok() {
        rows += 1;
    }
    assert_eq!(rows, 3);
}

#[tokio::test(start_paused = true)]
async fn every_split_of_the_clients_bytes() {
    for at in 0..said_by_client().len() {
        run(0, Cut::At(at), Cut::At(0)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_split_of_gmails_bytes() {
    for at in 0..told_to_client().len() {
        run(0, Cut::At(0), Cut::At(at)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_split_at_the_hand_over() {
    for at in 0..=said_by_client().len() {
        run(at, Cut::At(0), Cut::At(0)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn small_pieces_on_both_sides() {
    for (client, gmail) in [(1, 1), (1, 1000), (1000, 1), (2, 3), (3, 2), (7, 5)] {
        run(0, Cut::Pieces(client), Cut::Pieces(gmail)).await;
    }
}
