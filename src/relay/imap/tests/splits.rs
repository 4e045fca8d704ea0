//! What both sides see does not depend on how the bytes were cut.

use super::script::Move::{Client, Down, Server, Up};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use super::script::{Cut, Move, play, sent, session};
use crate::relay::imap::ended::Why;
use crate::relay::imap::splice::splice;

/// Login answer, commands, a fetched literal, a COMPRESS command, APPEND by a
/// client that waits and by one that does not, accepted and refused, IDLE.
const SESSION: &[Move] = &[
    Server("* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE IDLE\r\nL1 OK anna authenticated (Success)\r\n"),
    Down("* CAPABILITY IMAP4rev1 IDLE\r\nL1 OK anna authenticated (Success)\r\n"),
    Client("a1 SELECT \"INBOX\"\r\na2 UID FETCH 1 (BODY.PEEK[])\r\n"),
    Up("a1 SELECT \"INBOX\"\r\na2 UID FETCH 1 (BODY.PEEK[])\r\n"),
    Server(
        "* 1 EXISTS\r\na1 OK done\r\n* 1 FETCH (BODY[] {31}\r\na2 OK x\r\n* CAPABILITY COMPRESS=)\r\na2 OK Success\r\n",
    ),
    Down(
        "* 1 EXISTS\r\na1 OK done\r\n* 1 FETCH (BODY[] {31}\r\na2 OK x\r\n* CAPABILITY COMPRESS=)\r\na2 OK Success\r\n",
    ),
    Client("a3 COMPRESS DEFLATE\r\n"),
    Down("a3 NO [CANNOT] COMPRESS is not offered here\r\n"),
    Client("a4 APPEND Sent {17}\r\n"),
    Up("a4 APPEND Sent {17}\r\n"),
    Server("+ go ahead\r\n"),
    Down("+ go ahead\r\n"),
    Client("x COMPRESS DEFL\r\n\r\n"),
    Up("x COMPRESS DEFL\r\n\r\n"),
    Server("a4 OK [APPENDUID 1 2] (Success)\r\n"),
    Down("a4 OK [APPENDUID 1 2] (Success)\r\n"),
    Client("a5 APPEND Sent {17}\r\nx COMPRESS DEFL\r\n\r\na6 NOOP\r\n"),
    Up("a5 APPEND Sent {17}\r\n"),
    Server("+ go ahead\r\n"),
    Down("+ go ahead\r\n"),
    Up("x COMPRESS DEFL\r\n\r\na6 NOOP\r\n"),
    Server("a5 OK (Success)\r\na6 OK Success\r\n"),
    Down("a5 OK (Success)\r\na6 OK Success\r\n"),
    Client("a7 APPEND Sent {17}\r\na9 DELETE INBOX\r\n {3}\r\na9 \r\na8 NOOP\r\n"),
    Up("a7 APPEND Sent {17}\r\n"),
    Server("a7 NO [OVERQUOTA] Full (Failure)\r\n"),
    Down("a7 NO [OVERQUOTA] Full (Failure)\r\n"),
    Up("a8 NOOP\r\n"),
    Server("a8 OK Success\r\n"),
    Down("a8 OK Success\r\n"),
    Client("b1 APPEND Sent {17}\r\n"),
    Up("b1 APPEND Sent {17}\r\n"),
    Server("b1 NO [TRYCREATE] No folder (Failure)\r\n"),
    Down("b1 NO [TRYCREATE] No folder (Failure)\r\n"),
    Client("b2 IDLE\r\n"),
    Up("b2 IDLE\r\n"),
    Server("+ idling\r\n* 2 EXISTS\r\n"),
    Down("+ idling\r\n* 2 EXISTS\r\n"),
    Client("DONE\r\nb3 LOGOUT\r\n"),
    Up("DONE\r\nb3 LOGOUT\r\n"),
    Server("b2 OK IDLE terminated\r\n* BYE Logout\r\nb3 OK good day\r\n"),
    Down("b2 OK IDLE terminated\r\n* BYE Logout\r\nb3 OK good day\r\n"),
];

async fn check(client: Cut, server: Cut) {
    let ended = play(SESSION, client, server).await;
    assert!(ended.bye && ended.why == Why::Client, "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn one_side_cut_at_every_octet() {
    let (client, server) = sent(SESSION);
    check(Cut::Whole, Cut::Whole).await;
    for at in 1..client {
        check(Cut::At(at), Cut::Whole).await;
    }
    for at in 1..server {
        check(Cut::Whole, Cut::At(at)).await;
    }
    check(Cut::Everywhere, Cut::Everywhere).await;
}

#[tokio::test(start_paused = true)]
async fn both_sides_cut_at_every_pair_of_octets() {
    const APPENDS: &[Move] = &[
        Server("* CAPABILITY COMPRESS=X\r\nL1 OK\r\n"),
        Down("* CAPABILITY\r\nL1 OK\r\n"),
        Client("a APPEND s {3}\r\nb X\r\nc NOOP\r\n"),
        Up("a APPEND s {3}\r\n"),
        Server("a NO\r\n"),
        Down("a NO\r\n"),
        Up("c NOOP\r\n"),
        Client("d APPEND s {3}\r\n"),
        Server("+ go\r\n"),
        Down("+ go\r\n"),
        Client("b X\r\n"),
        Up("d APPEND s {3}\r\nb X\r\n"),
        Server("c OK\r\nd OK\r\n"),
        Down("c OK\r\nd OK\r\n"),
    ];
    let (client, server) = sent(APPENDS);
    for one in 1..client {
        for two in 1..server {
            assert_eq!(play(APPENDS, Cut::At(one), Cut::At(two)).await.why, Why::Client);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_octet_before_our_no_tells_that_the_client_does_not_wait() {
    // The rest of the literal comes after the NO and is still no command.
    let did_not_wait: &[Move] = &[
        Server("L1 OK\r\n"),
        Down("L1 OK\r\n"),
        Client("a APPEND s {11}\r\nb"),
        Up("a APPEND s {11}\r\n"),
        Server("a NO\r\n"),
        Down("a NO\r\n"),
        Client(" DELETE x\n\r\nc NOOP\r\n"),
        Up("c NOOP\r\n"),
    ];
    // No octet before the NO: what comes is a command, whatever it looks like.
    let waited: &[Move] = &[
        Server("L1 OK\r\n"),
        Down("L1 OK\r\n"),
        Client("a APPEND s {11}\r\n"),
        Up("a APPEND s {11}\r\n"),
        Server("a NO\r\n"),
        Down("a NO\r\n"),
        Client("b DELETE x\r\nc NOOP\r\n"),
        Up("b DELETE x\r\nc NOOP\r\n"),
    ];
    for dialogue in [did_not_wait, waited] {
        for at in 0..sent(dialogue).0 {
            play(dialogue, Cut::At(at), Cut::Whole).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_lies_in_the_socket_has_arrived() {
    // Gmail refuses at the first literal; the second one is on its way already.
    let (near_client, mut client) = duplex(4096);
    let (near_server, mut server) = duplex(4096);
    client.write_all(b"b X\r\n\r\nc NOOP\r\n").await.expect("sent");
    client.shutdown().await.expect("shut");
    server.write_all(b"L1 OK\r\na NO\r\n").await.expect("sent");
    let unread = b"a APPEND s {1+}\r\nx {5}\r\n".to_vec();
    let session = splice(near_client, near_server, session(&unread, b""));
    let gmail = async {
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.expect("read");
        drop(server);
        heard
    };
    let (_, heard) = tokio::join!(session, gmail);
    assert_eq!(heard, "a APPEND s {1+}\r\nx {5}\r\nc NOOP\r\n");
}
