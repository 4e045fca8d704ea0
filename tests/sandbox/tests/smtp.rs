//! Gmail's SMTP bytes and what becomes of a message.

use postern_sandbox::Sandbox;

use crate::client::{ANNA, BEN, Lines, Outcome, sandbox, xoauth2};

pub async fn opened(sandbox: &Sandbox) -> Result<Lines, Box<dyn std::error::Error>> {
    let token = sandbox.google().issue_access_token(ANNA).ok_or("no such user")?;
    let mut smtp = greeted(sandbox).await?;
    assert_eq!(smtp.reply("AUTH XOAUTH2").await?, "334");
    assert_eq!(smtp.reply(&xoauth2(ANNA, &token)).await?, "235 2.7.0 Accepted");
    Ok(smtp)
}

async fn greeted(sandbox: &Sandbox) -> Result<Lines, Box<dyn std::error::Error>> {
    let mut smtp = Lines::connect(sandbox, sandbox.smtp_addr()).await?;
    assert!(smtp.read().await?.starts_with("220 smtp.gmail.com ESMTP "));
    smtp.reply("EHLO crm.example").await?;
    Ok(smtp)
}

pub async fn envelope(smtp: &mut Lines, to: &str) -> Outcome {
    assert!(smtp.reply("MAIL FROM:<anna@example.com>").await?.starts_with("250 2.1.0 OK "));
    assert!(smtp.reply(&format!("RCPT TO:<{to}>")).await?.starts_with("250 2.1.5 OK "));
    let go = smtp.reply("DATA").await?;
    assert!(go.starts_with("354  Go ahead ") && go.ends_with(" - gsmtp"));
    Ok(())
}

#[tokio::test]
async fn the_offers_and_the_need_to_log_in() -> Outcome {
    let sandbox = sandbox().await?;
    let mut smtp = greeted(&sandbox).await?;
    let offers = "250-smtp.gmail.com at your service, [127.0.0.1]\n250-SIZE 35882577\n250-8BITMIME\n250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH\n250-ENHANCEDSTATUSCODES\n250-PIPELINING\n250-CHUNKING\n250 SMTPUTF8";
    assert_eq!(smtp.reply("EHLO x").await?, offers);
    assert!(smtp.reply("MAIL FROM:<a@x>").await?.starts_with("530-5.7.0 "));
    let refused = smtp.reply("AUTH PLAIN AGEAYg==").await?;
    assert!(refused.starts_with("535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials "));
    let long = "x".repeat(1200);
    assert!(
        smtp.reply(&format!("AUTH XOAUTH2 {long}"))
            .await?
            .starts_with("555-5.5.2 Syntax error, command line too long")
    );
    let refused = smtp.reply(&format!("AUTH XOAUTH2 {}", xoauth2(ANNA, "ya29.wrong"))).await?;
    assert!(refused.starts_with("334 eyJzdGF0dXMiOiI0MDAi"));
    assert!(smtp.reply("").await?.starts_with("535-5.7.8 "));
    sandbox.google().withdraw_smtp_offer("SMTPUTF8");
    assert!(!smtp.reply("EHLO x").await?.contains("SMTPUTF8"));
    Ok(())
}

#[tokio::test]
async fn a_message_goes_out() -> Outcome {
    let sandbox = sandbox().await?;
    let mut smtp = opened(&sandbox).await?;
    assert!(smtp.reply("AUTH XOAUTH2").await?.starts_with("503 5.7.0 No identity changes permitted."));
    envelope(&mut smtp, BEN).await?;
    smtp.raw(b"From: Boss <boss@acme.example>\r\nMessage-ID: <7@x>\r\nBcc: c@x\r\n\r\n..dot\r\n").await?;
    let verdict = smtp.reply(".").await?;
    assert!(verdict.starts_with("250 2.0.0 OK  "), "{verdict}");
    let sent = sandbox.google().mailbox(ANNA, "[Gmail]/Sent Mail").pop().ok_or("not sent")?;
    let sent = String::from_utf8(sent)?;
    assert!(
        sent.contains(
            "From: Boss <anna@example.com>\r\nX-Google-Original-From: Boss <boss@acme.example>\r\n"
        ) && sent.contains("Bcc")
    );
    let got = sandbox.google().mailbox(BEN, "INBOX").pop().ok_or("not delivered")?;
    let got = String::from_utf8(got)?;
    assert!(got.ends_with("\r\n\r\n.dot\r\n") && !got.contains("Bcc"), "{got}");
    let done = sandbox.google().transactions().pop().ok_or("not recorded")?;
    assert!(done.complete && done.raw.ends_with(b"\r\n..dot\r\n"));
    assert_eq!((done.from.as_str(), done.recipients), (ANNA, vec![BEN.to_owned()]));
    assert!(smtp.reply("QUIT").await?.starts_with("221 2.0.0 closing connection "));
    Ok(())
}

#[tokio::test]
async fn chunks_and_pipelined_commands() -> Outcome {
    let sandbox = sandbox().await?;
    let mut smtp = opened(&sandbox).await?;
    smtp.raw(
        b"MAIL FROM:<a@x> SIZE=9\r\nRCPT TO:<ben@example.com>\r\nBDAT 4\r\nA: bBDAT 6 LAST\r\n\r\n\r\nhi",
    )
    .await?;
    for start in ["250 2.1.0", "250 2.1.5", "250 2.0.0 OK", "250 2.0.0 OK  "] {
        let reply = smtp.whole_reply().await?;
        assert!(reply.starts_with(start), "{reply}");
    }
    let got = sandbox.google().transactions().pop().ok_or("not recorded")?;
    assert_eq!(got.message, b"A: b\r\n\r\nhi");
    assert!(smtp.reply("MAIL FROM:<a@x> SIZE=99999999").await?.starts_with("552 5.2.3"));
    Ok(())
}

#[tokio::test]
async fn smuggling_works_only_where_it_is_let() -> Outcome {
    let sandbox = sandbox().await?;
    let smuggled =
        b"A: b\r\n\r\nhi\n.\r\nMAIL FROM:<evil@x>\r\nRCPT TO:<ben@example.com>\r\nDATA\r\nB: c\r\n.\r\n";
    let mut strict = opened(&sandbox).await?;
    envelope(&mut strict, BEN).await?;
    strict.raw(smuggled).await?;
    strict.whole_reply().await?;
    assert_eq!(sandbox.google().transactions().len(), 1);
    sandbox.google().clear_transactions();
    sandbox.google().set_lax_end_of_data(true);
    let mut lax = opened(&sandbox).await?;
    envelope(&mut lax, BEN).await?;
    lax.raw(smuggled).await?;
    for _ in 0..5 {
        lax.whole_reply().await?;
    }
    let transactions = sandbox.google().transactions();
    let senders: Vec<&str> = transactions.iter().map(|it| it.from.as_str()).collect();
    assert_eq!(senders, [ANNA, "evil@x"]);
    Ok(())
}

#[tokio::test]
async fn the_demo_people_have_mail() -> Outcome {
    let sandbox = Sandbox::start(postern_sandbox::Options::default()).await?;
    let people = sandbox.google().add_demo_people();
    assert_eq!(people, [ANNA, BEN, "carla@example.com"]);
    for one in &people {
        assert!(sandbox.google().mailbox(one, "INBOX").len() >= 2, "{one}");
    }
    Ok(())
}
