//! Faults of SMTP sessions.

use postern_sandbox::{SmtpFault, Verb};

use crate::client::{ANNA, BEN, Lines, Outcome, sandbox, xoauth2};
use crate::smtp::{envelope, opened};

#[tokio::test]
async fn replies_are_replaced() -> Outcome {
    let sandbox = sandbox().await?;
    let faults = sandbox.google().smtp_faults();
    faults.always(SmtpFault::Recipient("bad@x".into(), "550 5.1.1 No such user".into()));
    faults.next(SmtpFault::daily_limit());
    let mut smtp = opened(&sandbox).await?;
    smtp.reply("MAIL FROM:<a@x>").await?;
    assert_eq!(smtp.reply("RCPT TO:<bad@x>").await?, "550 5.1.1 No such user");
    smtp.reply("RSET").await?;
    envelope(&mut smtp, BEN).await?;
    smtp.raw(b"A: b\r\n\r\n").await?;
    assert!(smtp.reply(".").await?.starts_with("550 5.4.5 Daily user sending limit exceeded."));
    assert!(sandbox.google().mailbox(BEN, "INBOX").is_empty());
    faults.next(SmtpFault::temporary(Verb::Mail));
    assert!(smtp.reply("MAIL FROM:<a@x>").await?.starts_with("421 4.7.0"));
    assert!(smtp.ended().await);
    Ok(())
}

#[tokio::test]
async fn logins_fail_as_told() -> Outcome {
    let sandbox = sandbox().await?;
    let token = sandbox.google().issue_access_token(ANNA).ok_or("no such user")?;
    sandbox.google().smtp_faults().next_for(ANNA, SmtpFault::cannot_authenticate());
    let mut smtp = Lines::connect(&sandbox, sandbox.smtp_addr()).await?;
    smtp.read().await?;
    smtp.reply("EHLO x").await?;
    smtp.reply("AUTH XOAUTH2").await?;
    let response = xoauth2(ANNA, &token);
    assert!(smtp.reply(&response).await?.starts_with("454 4.7.0"));
    assert_eq!(smtp.reply("AUTH XOAUTH2").await?, "334");
    assert!(smtp.reply(&response).await?.starts_with("235 "));
    Ok(())
}

#[tokio::test]
async fn lost_around_the_final_dot() -> Outcome {
    let sandbox = sandbox().await?;
    let faults = sandbox.google().smtp_faults();
    faults.next(SmtpFault::CloseAfterTaking);
    let mut after = opened(&sandbox).await?;
    envelope(&mut after, BEN).await?;
    after.raw(b"A: b\r\n\r\n\r\n.\r\n").await?;
    assert!(after.ended().await);
    assert_eq!(sandbox.google().mailbox(BEN, "INBOX").len(), 1);
    faults.next(SmtpFault::CloseInMessage(3));
    let mut before = opened(&sandbox).await?;
    envelope(&mut before, BEN).await?;
    before.raw(b"A: broken\r\n").await?;
    assert!(before.ended().await);
    let broken = sandbox.google().transactions().pop().ok_or("not recorded")?;
    assert!(!broken.complete && broken.verdict.is_empty());
    assert_eq!(broken.raw, b"A: broken\r\n");
    Ok(())
}

#[tokio::test]
async fn greetings_are_replaced() -> Outcome {
    let sandbox = sandbox().await?;
    let line = "421 4.7.0 Try again later";
    sandbox.google().smtp_faults().next(SmtpFault::Greeting(line.into()));
    let mut smtp = Lines::connect(&sandbox, sandbox.smtp_addr()).await?;
    assert_eq!(smtp.read().await?, line);
    assert!(smtp.ended().await);
    Ok(())
}
