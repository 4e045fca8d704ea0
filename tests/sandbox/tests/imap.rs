//! Gmail's IMAP bytes and the folders behind them.

use std::time::Duration;

use postern_sandbox::Sandbox;

use crate::client::{ANNA, BEN, Lines, Outcome, sandbox, xoauth2};

const MAIL: &[u8] = b"From: Carla <carla@acme.example>\r\nTo: anna@example.com\r\nSubject: Offer\r\nMessage-ID: <1@acme>\r\n\r\nHello Anna\r\n";

pub async fn opened(sandbox: &Sandbox) -> Result<Lines, Box<dyn std::error::Error>> {
    let token = sandbox.google().issue_access_token(ANNA).ok_or("no such user")?;
    let mut imap = Lines::connect(sandbox, sandbox.imap_addr()).await?;
    imap.read().await?;
    let command = format!("AUTHENTICATE XOAUTH2 {}", xoauth2(ANNA, &token));
    let answer = imap.command("A0", &command).await?;
    assert!(answer.ends_with("A0 OK anna@example.com authenticated (Success)"), "{answer}");
    Ok(imap)
}

#[tokio::test]
async fn the_dialogue_before_and_at_login() -> Outcome {
    let sandbox = sandbox().await?;
    let mut imap = Lines::connect(&sandbox, sandbox.imap_addr()).await?;
    let greeting = imap.read().await?;
    assert!(greeting.starts_with("* OK Gimap ready for requests from 127.0.0.1 "), "{greeting}");
    let list = imap.command("a", "CAPABILITY").await?;
    assert!(list.starts_with("* CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER\na OK Thats all she wrote! "));
    assert!(imap.command("b", "SELECT INBOX").await?.starts_with("b BAD"));
    let refused = imap.command("c", "LOGIN \"anna@example.com\" {6}\r\nsecret").await?;
    assert!(refused.ends_with("c NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"));
    let token = sandbox.google().issue_access_token(ANNA).ok_or("no such user")?;
    imap.line("d AUTHENTICATE XOAUTH2").await?;
    assert_eq!(imap.read().await?, "+");
    imap.line(&xoauth2(ANNA, &token)).await?;
    assert!(imap.read().await?.starts_with("* CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE"));
    assert_eq!(imap.read().await?, "d OK anna@example.com authenticated (Success)");
    let bye = imap.command("e", "LOGOUT").await?;
    assert!(bye.starts_with("* BYE LOGOUT Requested ") && bye.contains("\ne OK "));
    assert!(imap.ended().await);
    assert_eq!(sandbox.google().imap_logins(), (1, 1));
    Ok(())
}

#[tokio::test]
async fn a_refused_token_waits_for_the_empty_line() -> Outcome {
    let sandbox = sandbox().await?;
    let token = sandbox.google().issue_access_token(BEN).ok_or("no such user")?;
    let mut imap = Lines::connect(&sandbox, sandbox.imap_addr()).await?;
    imap.read().await?;
    imap.line(&format!("a AUTHENTICATE XOAUTH2 {}", xoauth2(ANNA, &token))).await?;
    let challenge =
        "+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==";
    assert_eq!(imap.read().await?, challenge);
    imap.line("").await?;
    assert_eq!(imap.read().await?, "a NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)");
    Ok(())
}

#[tokio::test]
async fn folders() -> Outcome {
    let sandbox = sandbox().await?;
    let mut imap = opened(&sandbox).await?;
    assert_eq!(imap.command("a", "LIST \"\" \"\"").await?, "* LIST (\\Noselect) \"/\" \"/\"\na OK Success");
    let list = imap.command("b", "LIST \"\" \"*\" RETURN (SPECIAL-USE)").await?;
    assert!(list.contains("* LIST (\\HasChildren \\Noselect) \"/\" \"[Gmail]\""));
    assert!(list.contains("* LIST (\\HasNoChildren \\Sent) \"/\" \"[Gmail]/Sent Mail\""));
    assert!(imap.command("c", "CREATE Work").await?.ends_with("OK Success"));
    let found = imap.command("d", "LIST \"\" \"W%\"").await?;
    assert_eq!(found, "* LIST (\\HasNoChildren) \"/\" \"Work\"\nd OK Success");
    let status = imap.command("e", "STATUS Work (MESSAGES UIDNEXT)").await?;
    assert_eq!(status, "* STATUS \"Work\" (MESSAGES 0 UIDNEXT 1)\ne OK Success");
    assert!(imap.command("f", "SELECT Nowhere").await?.starts_with("f NO [NONEXISTENT]"));
    assert!(imap.command("g", "DELETE Work").await?.ends_with("OK Success"));
    Ok(())
}

#[tokio::test]
async fn espocrm_fetches() -> Outcome {
    let sandbox = sandbox().await?;
    sandbox.google().deliver(ANNA, MAIL);
    let mut imap = opened(&sandbox).await?;
    let selected = imap.command("a", "SELECT \"INBOX\"").await?;
    assert!(selected.contains("\n* 1 EXISTS\n* 0 RECENT\n"));
    assert!(selected.ends_with("a OK [READ-WRITE] INBOX selected. (Success)"));
    let found = imap.command("b", "UID SEARCH SINCE 01-Nov-2020 UNSEEN FROM carla").await?;
    assert!(found.starts_with("* SEARCH 1\n"));
    let nothing = imap.command("c", "UID SEARCH NOT SUBJECT offer").await?;
    assert!(nothing.starts_with("* SEARCH\n"));
    let size = imap.command("d", "UID FETCH 1 (RFC822.SIZE)").await?;
    assert_eq!(size, format!("* 1 FETCH (UID 1 RFC822.SIZE {})\nd OK Success", MAIL.len()));
    let text = imap.command("e", "UID FETCH 1 (FLAGS BODY.PEEK[TEXT])").await?;
    assert_eq!(text, "* 1 FETCH (UID 1 FLAGS () BODY[TEXT] {12}\nHello Anna\n)\ne OK Success");
    imap.command("f", "UID STORE 1 +FLAGS.SILENT (\\seen)").await?;
    assert_eq!(sandbox.google().flags(ANNA, "INBOX"), [["\\Seen"]]);
    let label = imap.command("g", "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (Subject)]<0.12> X-GM-MSGID)").await?;
    assert!(
        label.starts_with("* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)]<0> {12}\nSubject: Off X-GM-MSGID 18"),
        "{label}"
    );
    let full = imap.command("h", "FETCH 1 FULL").await?;
    assert!(full.contains("ENVELOPE (NIL \"Offer\" ((\"Carla\" NIL \"carla\" \"acme.example\"))"), "{full}");
    Ok(())
}

#[tokio::test]
async fn append_move_and_expunge() -> Outcome {
    let sandbox = sandbox().await?;
    let mut imap = opened(&sandbox).await?;
    imap.line("a APPEND INBOX (\\Flagged) {5}").await?;
    assert_eq!(imap.read().await?, "+ go ahead");
    imap.raw(b"A: b\n\r\n").await?;
    assert_eq!(imap.read().await?, "a OK [APPENDUID 1 1] (Success)");
    imap.raw(b"b APPEND INBOX {5+}\r\nC: d\n\r\n").await?;
    assert_eq!(imap.read().await?, "b OK [APPENDUID 1 2] (Success)");
    imap.line("c APPEND INBOX {99999999}").await?;
    assert!(imap.read().await?.starts_with("c NO [TOOBIG]"));
    imap.command("d", "SELECT INBOX").await?;
    let moved = imap.command("e", "UID MOVE 1 [Gmail]/Trash").await?;
    assert_eq!(moved, "* OK [COPYUID 9 1 1]\n* 1 EXPUNGE\ne OK Success");
    imap.command("f", "STORE 1 +FLAGS (\\Deleted)").await?;
    let copies = sandbox.google().flags(ANNA, "[Gmail]/All Mail").concat();
    assert_eq!(copies, ["\\Flagged"]);
    assert_eq!(imap.command("g", "EXPUNGE").await?, "* 1 EXPUNGE\ng OK Success");
    assert!(sandbox.google().mailbox(ANNA, "INBOX").is_empty());
    assert_eq!(sandbox.google().mailbox(ANNA, "[Gmail]/Trash"), [b"A: b\n"]);
    Ok(())
}

#[tokio::test]
async fn idle_hears_of_mail_and_of_the_end() -> Outcome {
    let sandbox = sandbox().await?;
    let mut imap = opened(&sandbox).await?;
    imap.command("a", "SELECT INBOX").await?;
    imap.line("b IDLE").await?;
    assert_eq!(imap.read().await?, "+ idling");
    sandbox.google().deliver(ANNA, MAIL);
    assert_eq!(imap.read().await?, "* 1 EXISTS");
    imap.line("DONE").await?;
    assert_eq!(imap.read().await?, "b OK IDLE terminated (Success)");
    assert_eq!(sandbox.google().open_imap_sessions(ANNA), 1);
    sandbox.google().clock().advance(Duration::from_secs(3600));
    assert_eq!(imap.read().await?, "* BYE Session expired, please login again.");
    assert!(imap.ended().await);
    Ok(())
}

#[tokio::test]
async fn compress_is_noticed_and_refused() -> Outcome {
    let sandbox = sandbox().await?;
    let mut imap = opened(&sandbox).await?;
    assert!(imap.command("a", "COMPRESS DEFLATE").await?.starts_with("a NO"));
    assert!(sandbox.google().compress_seen());
    let sessions = sandbox.google().sessions();
    let lines = &sessions.first().ok_or("no session")?.lines;
    assert_eq!(lines.back().map(String::as_str), Some("a COMPRESS DEFLATE"));
    assert_eq!(lines.front().map(String::as_str), Some("A0 AUTHENTICATE XOAUTH2 <cut>"));
    Ok(())
}
