//! Faults of IMAP sessions.

use postern_sandbox::{ImapFault, Sandbox};

use crate::client::{ANNA, BEN, Lines, Outcome, sandbox, xoauth2};
use crate::imap::opened;

async fn attempt(sandbox: &Sandbox, email: &str) -> Result<Lines, Box<dyn std::error::Error>> {
    let token = sandbox.google().issue_access_token(email).ok_or("no such user")?;
    let mut imap = Lines::connect(sandbox, sandbox.imap_addr()).await?;
    imap.read().await?;
    imap.line(&format!("a AUTHENTICATE XOAUTH2 {}", xoauth2(email, &token))).await?;
    Ok(imap)
}

#[tokio::test]
async fn logins_are_answered_as_told() -> Outcome {
    let sandbox = sandbox().await?;
    let faults = sandbox.google().imap_faults();
    faults.always_for(ANNA, ImapFault::too_many_connections());
    let mut anna = attempt(&sandbox, ANNA).await?;
    assert_eq!(anna.read().await?, "a NO [ALERT] Too many simultaneous connections. (Failure)");
    let mut ben = attempt(&sandbox, BEN).await?;
    assert!(ben.until("a ").await?.contains("OK ben@example.com"));
    faults.clear();
    faults.next(ImapFault::Login { challenge: true, answer: "NO Lookup failed 1".into() });
    let mut looked = attempt(&sandbox, ANNA).await?;
    let challenge = looked.read().await?;
    assert!(challenge.starts_with("+ eyJ"));
    looked.line("").await?;
    assert_eq!(looked.read().await?, "a NO Lookup failed 1");
    faults.next(ImapFault::login("* BYE Temporary System Error"));
    let mut bye = attempt(&sandbox, ANNA).await?;
    assert_eq!(bye.read().await?, "* BYE Temporary System Error");
    assert!(bye.ended().await);
    faults.next(ImapFault::CloseAtLogin);
    assert!(attempt(&sandbox, ANNA).await?.ended().await);
    faults.next(ImapFault::HangAtLogin);
    assert!(attempt(&sandbox, ANNA).await?.silent().await);
    Ok(())
}

#[tokio::test]
async fn greetings_are_replaced() -> Outcome {
    let sandbox = sandbox().await?;
    let faults = sandbox.google().imap_faults();
    faults.next(ImapFault::Greeting(b"* PREAUTH hello\r\n".to_vec()));
    faults.next(ImapFault::CloseAtConnect);
    faults.next(ImapFault::NoGreeting);
    let addr = sandbox.imap_addr();
    assert_eq!(Lines::connect(&sandbox, addr).await?.read().await?, "* PREAUTH hello");
    assert!(Lines::connect(&sandbox, addr).await?.ended().await);
    assert!(Lines::connect(&sandbox, addr).await?.silent().await);
    assert_eq!(faults.pending(), 0);
    Ok(())
}

#[tokio::test]
async fn a_login_with_trimmings_one_octet_at_a_time() -> Outcome {
    let sandbox = sandbox().await?;
    let faults = sandbox.google().imap_faults();
    faults.next(ImapFault::ByteByByte);
    faults.next(ImapFault::FloodBeforeOk(3));
    faults.next(ImapFault::GlueBehindOk(b"* 3 EXISTS\r\n".to_vec()));
    let mut imap = attempt(&sandbox, ANNA).await?;
    let answer = imap.until("a ").await?;
    assert_eq!(answer.matches("* OK Still").count(), 3);
    assert_eq!(imap.read().await?, "* 3 EXISTS");
    Ok(())
}

#[tokio::test]
async fn commands_are_cut_and_refused() -> Outcome {
    let sandbox = sandbox().await?;
    let mut imap = opened(&sandbox).await?;
    let faults = sandbox.google().imap_faults();
    faults.next(ImapFault::RefuseAppend("NO [OVERQUOTA] Full (Failure)".into()));
    imap.line("a APPEND INBOX {5}").await?;
    assert_eq!(imap.read().await?, "a NO [OVERQUOTA] Full (Failure)");
    let answer = "NO System Error (Failure)".to_owned();
    faults.next(ImapFault::Refuse { verb: "SELECT", answer });
    assert_eq!(imap.command("b", "SELECT INBOX").await?, "b NO System Error (Failure)");
    faults.next(ImapFault::Cut { verb: "LIST", after: 7 });
    imap.line("c LIST \"\" *").await?;
    assert!(imap.ended().await);
    Ok(())
}

#[tokio::test]
async fn the_sixteenth_session_is_refused() -> Outcome {
    let sandbox = sandbox().await?;
    sandbox.google().set_most_imap_sessions(2);
    let mut first = opened(&sandbox).await?;
    let _second = opened(&sandbox).await?;
    let mut third = attempt(&sandbox, ANNA).await?;
    assert_eq!(third.read().await?, "a NO [ALERT] Too many simultaneous connections. (Failure)");
    sandbox.google().kick(ANNA);
    assert!(first.read().await?.starts_with("* BYE Session expired"));
    Ok(())
}
