//! What mail clients say before login, in their dialects.

use crate::login_script::{clear, starttls};

#[test]
fn espocrm_9_3_and_10_imapengine() {
    clear(
        r#"C: TAG1 LOGIN "bob@example.com" "mailpw"
           V: TAG1 bob@example.com|mailpw|Login
           => accepted
           C: TAG2 LIST "" "INBOX"
           C: TAG3 SELECT "INBOX""#,
    );
    clear(
        r#"C: TAG1 LOGIN "bob@example.com" "p\"w\\é"
           V: TAG1 bob@example.com|p"w\é|Login
           => needs_consent
           S: TAG1 NO [CONTACTADMIN] This mailbox is not connected to Google, please reconnect: https://crm.example.com/r/k3x9 (ref k3x9)"#,
    );
}

#[test]
fn espocrm_9_2_laminas() {
    clear(
        r#"C: TAG1 LOGIN "bob@example.com" "mailpw"
           V: TAG1 bob@example.com|mailpw|Login
           => accepted
           C: TAG2 SELECT "INBOX""#,
    );
    // It waits for a line that begins with `+ `.
    clear(
        r#"C: TAG1 LOGIN "bob@example.com" {6}
           S: + Ready for literal data
           C: mailpw
           V: TAG1 bob@example.com|mailpw|Login
           => accepted"#,
    );
}

#[test]
fn espocrm_starttls() {
    starttls(
        r#"C: TAG1 STARTTLS
           S: TAG1 OK Begin TLS negotiation now
           TLS
           C: TAG2 LOGIN "bob@example.com" "mailpw"
           V: TAG2 bob@example.com|mailpw|Login
           => accepted"#,
    );
    starttls(
        r#"C: a0 CAPABILITY
           S: * CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED
           S: a0 OK CAPABILITY completed
           C: a1 STARTTLS
           S: a1 OK Begin TLS negotiation now
           TLS
           C: a2 CAPABILITY
           S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
           S: a2 OK CAPABILITY completed
           C: a3 STARTTLS
           S: a3 BAD STARTTLS is not offered here"#,
    );
}

#[test]
fn c_client_tries_plain_then_login() {
    clear(
        r#"C: 00000000 CAPABILITY
           S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
           S: 00000000 OK CAPABILITY completed
           C: 00000001 AUTHENTICATE PLAIN
           S: +·
           C: AGFubmFAeC5jegBwc3RfMQ==
           V: 00000001 anna@x.cz|pst_1|AuthPlain
           => wrong_token
           S: 00000001 NO [AUTHENTICATIONFAILED] User name or CRM token is wrong: https://crm.example.com/r/k3x9 (ref k3x9)
           C: 00000002 AUTHENTICATE LOGIN
           S: + VXNlcm5hbWU6
           C: YW5uYUB4LmN6
           S: + UGFzc3dvcmQ6
           C: cHN0XzE=
           V: 00000002 anna@x.cz|pst_1|AuthLogin
           => wrong_token
           S: 00000002 NO [AUTHENTICATIONFAILED] User name or CRM token is wrong: https://crm.example.com/r/k3x9 (ref k3x9)
           C: 00000003 LOGIN anna@x.cz pst_1
           V: 00000003 anna@x.cz|pst_1|Login
           => accepted"#,
    );
}

#[test]
fn odoo_imaplib() {
    clear(
        r#"C: KHDN0 CAPABILITY
           S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
           S: KHDN0 OK CAPABILITY completed
           C: KHDN1 LOGIN anna@x.cz "pst_1"
           V: KHDN1 anna@x.cz|pst_1|Login
           => accepted
           C: KHDN2 SELECT INBOX"#,
    );
}

#[test]
fn curl() {
    clear(
        r#"C: A001 CAPABILITY
           S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
           S: A001 OK CAPABILITY completed
           C: A002 AUTHENTICATE PLAIN AGFubmFAeC5jegBwc3RfMQ==
           V: A002 anna@x.cz|pst_1|AuthPlain
           => accepted"#,
    );
}

#[test]
fn webklex() {
    clear(
        r#"C: TAG1 LOGIN "anna@x.cz" "pst_1"
           V: TAG1 anna@x.cz|pst_1|Login
           => token_expired
           S: TAG1 NO [EXPIRED] This CRM token has expired, ask your admin for a new one: https://crm.example.com/r/k3x9 (ref k3x9)
           C: TAG2 LOGOUT
           S: * BYE Logging out
           S: TAG2 OK LOGOUT completed
           CLOSE"#,
    );
}

#[test]
fn php_imap2_roundcube() {
    clear(
        r#"C: A0001 ID ("name" "Roundcube" "version" "1.6")
           S: * ID ("name" "Postern")
           S: A0001 OK ID completed
           C: A0002 AUTHENTICATE PLAIN YW5uYUB4LmN6AGFubmFAeC5jegBwc3RfMQ==
           V: A0002 anna@x.cz|pst_1|AuthPlain
           => accepted"#,
    );
}

#[test]
fn fetchmail() {
    clear(
        r#"C: A0001 CAPABILITY
           S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
           S: A0001 OK CAPABILITY completed
           C: A0002 LOGIN {9}
           S: + Ready for literal data
           C: anna@x.cz {5}
           S: + Ready for literal data
           C: pst_1
           V: A0002 anna@x.cz|pst_1|Login
           => unavailable
           S: A0002 NO [UNAVAILABLE] Gmail cannot be reached for the moment, try again later: https://crm.example.com/r/k3x9 (ref k3x9)"#,
    );
}

#[test]
fn imapflow() {
    clear(
        r#"C: 1 ID ("name" "imapflow" "version" NIL)
           S: * ID ("name" "Postern")
           S: 1 OK ID completed
           C: 2 AUTHENTICATE PLAIN AGFubmFAeC5jegBwc3RfMQ==
           V: 2 anna@x.cz|pst_1|AuthPlain
           => too_many_connections
           S: 2 NO [LIMIT] Too many connections to this mailbox, try again in a minute: https://crm.example.com/r/k3x9 (ref k3x9)
           C: 3 LOGOUT
           S: * BYE Logging out
           S: 3 OK LOGOUT completed
           CLOSE"#,
    );
}

#[test]
fn outlook_ids_with_literals() {
    clear(
        r#"C: a ID ({4}
           S: + Ready for literal data
           C: name {9+}
           C: a2 NOOP
           C: )
           S: * ID ("name" "Postern")
           S: a OK ID completed
           C: b ID NIL
           S: * ID ("name" "Postern")
           S: b OK ID completed
           C: c noop
           S: c OK NOOP completed"#,
    );
}

#[test]
fn login_takes_every_astring() {
    clear(
        r#"C: a LOGIN {9+}
           C: anna@x.cz {5+}
           C: pst_1
           V: a anna@x.cz|pst_1|Login
           => accepted
           C: b NOOP"#,
    );
    clear(
        r#"C: a login {9}
           S: + Ready for literal data
           C+ anna@x.cz
           C+ ·"pst_1"·
           C:
           V: a anna@x.cz|pst_1|Login
           => accepted"#,
    );
    clear(
        r#"C: a LOGIN anna@x.cz ""
           V: a anna@x.cz||Login
           => accepted"#,
    );
    clear(
        r#"C: a LOGIN "anna@x.cz" {0}
           S: + Ready for literal data
           C:
           V: a anna@x.cz||Login
           => accepted"#,
    );
}

#[test]
fn login_refuses_what_is_none() {
    for arguments in [
        "anna@x.cz",
        "anna@x.cz pst_1 more",
        "\"\" x",
        "\"anna",
        "anna \"a\\x\"",
        " anna@x.cz x",
        "(a) b",
        "a\"b c",
    ] {
        clear(&format!("C: a LOGIN {arguments}\nS: a BAD LOGIN needs a user name and a password"));
    }
    clear("C: a LOGIN\nS: a BAD Unknown or invalid command, log in first");
}

#[test]
fn authenticate_dialects() {
    clear(
        r#"C: a authenticate login YW5uYUB4LmN6
           S: + UGFzc3dvcmQ6
           C: cHN0XzE=
           V: a anna@x.cz|pst_1|AuthLogin
           => accepted"#,
    );
    clear(
        r#"C: a AUTHENTICATE LOGIN =
           S: + VXNlcm5hbWU6
           C: *
           S: a BAD Authentication cancelled
           C: b AUTHENTICATE PLAIN =
           S: b BAD Invalid authentication message
           C: c AUTHENTICATE PLAIN
           S: +·
           C: *
           S: c BAD Authentication cancelled
           C: d AUTHENTICATE PLAIN
           S: +·
           C: not base64
           S: d BAD Invalid base64
           C: e AUTHENTICATE XOAUTH2 AAAA
           S: e NO [CANNOT] Mechanism is not offered
           C: f AUTHENTICATE CRAM-MD5
           S: f NO [CANNOT] Mechanism is not offered
           C: g AUTHENTICATE PLAIN Ym9iQHguY3oAYW5uYUB4LmN6AHBzdF8x
           S: g NO [AUTHORIZATIONFAILED] The authorization identity must be empty or the user name
           C: h AUTHENTICATE PLAIN AAAA BBBB
           S: h BAD AUTHENTICATE has one mechanism and one initial response
           C: i AUTHENTICATE LOGIN
           S: + VXNlcm5hbWU6
           C:
           S: i BAD Invalid authentication message"#,
    );
}

#[test]
fn commands_need_a_login_and_a_tag() {
    clear(
        r#"C: a SELECT INBOX
           S: a BAD Unknown or invalid command, log in first
           C: b APPEND x {7}
           S: + Ready for literal data
           C+ c NOOP·
           C:
           S: b BAD Unknown or invalid command, log in first
           C: d NOOP now
           S: d BAD Unknown or invalid command, log in first
           C: e CAPABILITY·
           S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
           S: e OK CAPABILITY completed
           C:
           S: * BAD Invalid tag
           C: + NOOP
           S: * BAD Invalid tag
           C: f
           S: f BAD Unknown or invalid command, log in first"#,
    );
    clear(&format!("C: {} NOOP\nS: * BAD Invalid tag", "t".repeat(65)));
    clear(&format!("C: {0} NOOP\nS: {0} OK NOOP completed", "t".repeat(64)));
}
