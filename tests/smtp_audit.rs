//! What a message leaves in the audit: who, how many, how large, which, and
//! Gmail's answer; nothing of its content.

use postern::store::audit;
use postern_sandbox::SmtpFault;
use serde_json::json;

use crate::smtp_client::{ANNA, Client, MESSAGE, rows, with_anna};
use crate::support::gateway::Gateway;

#[tokio::test]
async fn a_row_tells_about_the_message_and_nothing_of_it() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    let message =
        "From: anna@example.com\r\nMessage-ID: <1@crm>\r\nSubject: Secret plan\r\n\r\n..hidden words\r\n";
    client
        .play(&[
            ("MAIL FROM:<Anna@Example.COM>", "250 "),
            ("RCPT TO:<bob@elsewhere.test>", "250 "),
            ("RCPT TO:<carl@elsewhere.test>", "250 "),
            ("DATA", "354 "),
        ])
        .await;
    let told = client.ask(&format!("{message}.")).await;
    let row = rows(&gateway, "message_sent", 1).await.remove(0);
    let people = audit::people(&mut gateway.parts.store.read().await.unwrap()).await.unwrap();
    let (anna, _) = people.iter().find(|(_, name)| *name == ANNA).unwrap();
    let wanted = json!({
        "event": "message_sent",
        "address": anna,
        "sender": anna,
        "recipients": 2,
        // The stuffed dot is not a part of the message.
        "size": message.len() - 1,
        "message_id": "1@crm",
        "outcome": "accepted",
        "answer": told,
        "from": "own",
        "reference": row.request,
    });
    assert_eq!(row.detail, wanted);
    let text = row.detail.to_string();
    for secret in ["example.com", "elsewhere", "Secret", "hidden", &token] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn an_unknown_delivery_names_the_message_and_the_reference() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    gateway.sandbox.google().smtp_faults().next_for(ANNA, SmtpFault::CloseAfterTaking);
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    client.open_message().await;
    client.send(MESSAGE).await;
    let told = client.answer().await;
    let row = rows(&gateway, "message_sent", 1).await.remove(0);
    let sentence = "451 4.4.2 delivery unknown, look in Sent before sending again";
    assert_eq!(told, format!("{sentence} (ref {})", row.request));
    assert_eq!((&row.detail["outcome"], &row.detail["message_id"]), (&json!("unknown"), &json!("1@crm")));
    assert_eq!(row.detail["answer"], told);
    client.play(&[("RSET", "421 4.3.0 Session ended with the last message")]).await;
    let sent = gateway.sandbox.google().transactions();
    assert_eq!(sent.len(), 1, "never sent again by us");
}
