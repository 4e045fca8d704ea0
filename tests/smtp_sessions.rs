//! One session after its login: message after message, groups, resets.

use postern_sandbox::{SmtpFault, Verb};

use crate::smtp_client::{ANNA, Client, ENVELOPE, MESSAGE, eventually, rows, with_anna};
use crate::support::gateway::{Gateway, Setup};

/// What upstream is to have: the message without its final dot.
fn body() -> &'static [u8] {
    MESSAGE.strip_suffix(".\r\n").unwrap().as_bytes()
}

#[tokio::test]
async fn three_messages_in_one_session() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    for _ in 0..3 {
        client.open_message().await;
        client.send(MESSAGE).await;
        assert!(client.answer().await.starts_with("250 2.0.0 OK"));
    }
    assert!(client.ask("QUIT").await.starts_with("221 "));
    assert_eq!(client.rest().await, "");
    let sent = gateway.sandbox.google().transactions();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|one| one.complete && one.raw == body() && one.account == ANNA), "{sent:?}");
    assert_eq!(gateway.sandbox.google().smtp_logins(), (1, 0));
    gateway.stop().await;
}

#[tokio::test]
async fn a_group_whose_recipients_are_all_refused() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let google = gateway.sandbox.google();
    let (gone, full) = ("550 5.1.1 No such user. x - gsmtp", "452 4.2.2 Over quota. x - gsmtp");
    google.smtp_faults().always(SmtpFault::Recipient("a@elsewhere.test".into(), gone.into()));
    google.smtp_faults().always(SmtpFault::Recipient("b@elsewhere.test".into(), full.into()));
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    client
        .send("MAIL FROM:<anna@example.com>\r\nRCPT TO:<a@elsewhere.test>\r\nRCPT TO:<b@elsewhere.test>\r\nDATA\r\n")
        .await;
    assert!(client.answer().await.starts_with("250 2.1.0 OK"));
    assert_eq!((client.answer().await, client.answer().await), (gone.to_owned(), full.to_owned()));
    assert!(client.answer().await.starts_with("503 5.5.1 RCPT first."), "Gmail's, so no message follows");
    client.play(&[("RSET", "250 2.1.5 Flushed")]).await;
    client.open_message().await;
    client.send(MESSAGE).await;
    assert!(client.answer().await.starts_with("250 2.0.0 OK"));
    let sent = google.transactions();
    assert_eq!((sent.len(), sent[0].recipients.join(" ")), (1, "bob@elsewhere.test".to_owned()));
    let told = rows(&gateway, "message_sent", 2).await;
    let shown: Vec<_> = told.iter().map(|row| (&row.detail["outcome"], &row.detail["recipients"])).collect();
    assert_eq!(shown, [(&"refused".into(), &0.into()), (&"accepted".into(), &1.into())]);
}

#[tokio::test]
async fn data_answered_554_is_followed_by_commands() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let no = "554 5.7.0 No. x - gsmtp";
    gateway.sandbox.google().smtp_faults().next(SmtpFault::Reply(Verb::Data, no.into()));
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    client.send(ENVELOPE).await;
    client.answer().await;
    client.answer().await;
    assert_eq!(client.answer().await, no);
    client.play(&[("NOOP", "250 "), ("nonsense", "500 "), ("RSET", "250 2.1.5 Flushed")]).await;
    client.open_message().await;
    client.send(MESSAGE).await;
    assert!(client.answer().await.starts_with("250 2.0.0 OK"));
    assert_eq!(gateway.sandbox.google().transactions().len(), 1);
}

#[tokio::test]
async fn groups_and_octets_in_any_pieces() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    gateway.sandbox.google().smtp_faults().next(SmtpFault::ByteByByte);
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    // A dot and the next command in one write, then everything octet by octet.
    client.open_message().await;
    client.send(format!("{MESSAGE}RSET\r\n{ENVELOPE}")).await;
    for start in ["250 2.0.0 OK", "250 2.1.5 Flushed", "250 2.1.0 OK", "250 2.1.5 OK", "354 "] {
        let told = client.answer().await;
        assert!(told.starts_with(start), "{told}");
    }
    for octet in MESSAGE.as_bytes() {
        client.send([*octet]).await;
    }
    assert!(client.answer().await.starts_with("250 2.0.0 OK"));
    let sent = gateway.sandbox.google().transactions();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|one| one.complete && one.raw == body()));
}

#[tokio::test]
async fn after_a_failed_login_the_session_goes_on() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let mut client = Client::greeted(&gateway).await;
    assert!(client.login(ANNA, "wrong").await.starts_with("535 5.7.8 "));
    client.play(&[("RSET", "250 2.0.0 OK"), ("MAIL FROM:<anna@example.com>", "530 5.7.0 ")]).await;
    assert_eq!(client.login(ANNA, &token).await, "235 2.7.0 Accepted");
    client.play(&[("AUTH LOGIN", "503 5.5.1 "), ("RSET", "250 2.1.5 Flushed")]).await;
    assert_eq!(gateway.sandbox.google().smtp_logins(), (1, 0));

    let mut client = Client::greeted(&gateway).await;
    for _ in 0..4 {
        assert!(client.login(ANNA, "wrong").await.starts_with("535 5.7.8 "));
    }
    assert!(client.login(ANNA, "wrong").await.starts_with("535 5.7.8 "));
    assert_eq!(client.rest().await, "421 4.7.0 Too many failed logins, closing\r\n");
}

#[tokio::test]
async fn ehlo_says_what_may_be_used_before_and_after_the_login() {
    let more = "[limits]\nmessage_size = 1000000\n".to_owned();
    let (gateway, token) = with_anna(Gateway::with(Setup { more, ..Setup::default() }).await).await;
    let list = "250-localhost\n250-SIZE 1000000\n250-PIPELINING\n250-8BITMIME\n250-SMTPUTF8\n";
    let mut client = Client::greeted(&gateway).await;
    let before = client.ask("EHLO crm").await;
    assert_eq!(before, format!("{list}250-ENHANCEDSTATUSCODES\n250 AUTH PLAIN LOGIN"));
    client.login(ANNA, &token).await;
    assert_eq!(client.ask("EHLO crm").await, format!("{list}250 ENHANCEDSTATUSCODES"));
}

#[tokio::test]
async fn what_gmail_does_not_offer_is_not_offered() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    gateway.sandbox.google().set_smtp_offers(&["SIZE 1000", "AUTH XOAUTH2", "CHUNKING"]);
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    assert_eq!(client.ask("EHLO crm").await, "250-localhost\n250-SIZE 1000\n250 PIPELINING");
    client
        .play(&[
            ("MAIL FROM:<anna@example.com> SMTPUTF8", "555 5.5.4 "),
            ("MAIL FROM:<anna@example.com> BODY=8BITMIME", "555 5.5.4 "),
            ("MAIL FROM:<žluť@example.com>", "553 5.6.7 "),
            ("MAIL FROM:<anna@example.com> SIZE=1001", "552 5.3.4 "),
            ("MAIL FROM:<anna@example.com> SIZE=1000", "250 2.1.0 OK"),
            ("RCPT TO:<bob@elsewhere.test> NOTIFY=NEVER", "555 5.5.4 "),
            ("BDAT 10 LAST", "502 5.5.1 "),
        ])
        .await;
    assert_eq!(client.rest().await, "", "the octets of a chunk would be read as commands");
}

#[tokio::test]
async fn a_client_that_says_helo() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let mut client = Client::connect(gateway.smtp[0]).await;
    client.answer().await;
    assert_eq!(client.ask("HELO crm").await, "250 localhost");
    assert_eq!(client.login(ANNA, &token).await, "235 2.7.0 Accepted");
    client.play(&[("MAIL FROM:<anna@example.com> BODY=8BITMIME", "555 5.5.4 ")]).await;
    client.open_message().await;
    client.send(MESSAGE).await;
    assert!(client.answer().await.starts_with("250 2.0.0 OK"));
}

#[tokio::test]
async fn what_gmail_says_unasked() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let google = gateway.sandbox.google();
    let bye = "421 4.7.0 Behind the 235. x - gsmtp\r\n";
    google.smtp_faults().next_for(ANNA, SmtpFault::GlueBehind235(bye.into()));
    let client = Client::logged_in(&gateway, ANNA, &token).await;
    assert_eq!(client.rest().await, bye, "not a byte is lost at the hand-over");

    let client = Client::logged_in(&gateway, ANNA, &token).await;
    google.kick(ANNA);
    assert!(client.rest().await.starts_with("421 4.7.0 Temporary System Problem."));
    eventually("Gmail's side is closed", async || (google.open_connections() == 0).then_some(())).await;
}
