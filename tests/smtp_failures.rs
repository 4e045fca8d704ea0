//! What can go wrong, as one table: where, what the client is told, and what is
//! left behind. `smtp_failure_bench` plays the rows.

use postern_core::model::account::State;
use postern_core::model::token::Protocols;
use postern_sandbox::{SmtpFault, TokenFault, Verb};

use crate::smtp_client::Client;
use crate::smtp_failure_bench::hold;
use crate::support::gateway::{Gateway, Setup};
use crate::support::ports;

/// The answer in which the failure shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Auth,
    Mail,
    Rcpt,
    Data,
    Verdict,
}

/// What goes wrong.
#[derive(Clone)]
pub enum Fault {
    /// The client shows this in place of its token.
    Secret(fn(&str) -> String),
    /// The client names another mailbox.
    User(&'static str),
    /// The CRM token is of another make.
    Token(Protocols, Option<i64>),
    /// The mailbox was never connected.
    Never,
    /// The account stands elsewhere.
    State(State),
    /// The grant holds other scopes.
    Scopes(&'static str),
    /// The token endpoint's answers.
    Endpoint(TokenFault),
    /// Once at Gmail.
    Once(SmtpFault),
    /// At Gmail until told otherwise.
    Always(SmtpFault),
    /// Gmail forgets the access tokens it gave out.
    Forgotten,
}

/// What is noted beside the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Nothing,
    Noted,
    Throttled,
}

#[derive(Clone)]
pub struct Row {
    pub fault: Fault,
    pub at: At,
    /// How the answer starts; after AUTH all of it, since Gmail's words pass verbatim.
    pub told: &'static str,
    pub state: State,
    pub left: Left,
    /// Cause of a refused login, outcome of a message; empty when there is no row.
    pub audit: &'static str,
}

fn auth(fault: Fault, told: &'static str, state: State, left: Left, audit: &'static str) -> Row {
    Row { fault, at: At::Auth, told, state, left, audit }
}

fn once(verb: Verb, line: &str) -> Fault {
    Fault::Once(SmtpFault::Reply(verb, line.to_owned()))
}

const WRONG: &str = "535 5.7.8 User name or CRM token is wrong (ref ";
pub const DOWN: &str = "454 4.7.0 Gmail cannot be reached for the moment, try again later (ref ";
const CONSENT: &str = "454 4.7.0 This mailbox is not connected to Google, please reconnect: ";
const SIGN_IN: &str = "454 4.7.0 Google wants you to sign in again, please reconnect: ";
pub const CROWDED: &str = "421 4.7.0 Too many connections to this mailbox, try again in a minute (ref ";
const BAD: &str = "535-5.7.8 Username and Password not accepted. For more information, go to\r\n\
                   535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp";

/// Before Gmail is asked.
fn ours() -> Vec<Row> {
    use Left::Nothing;
    use State::{Active, AwaitingApproval, Disabled, NeedsConsent, NeedsSignIn, New};
    let other = |token: &str| token.chars().rev().collect();
    vec![
        auth(Fault::Secret(other), WRONG, Active, Nothing, "wrong_token"),
        auth(Fault::Secret(|_| String::new()), WRONG, Active, Nothing, "wrong_token"),
        auth(Fault::User("user1@example.com"), WRONG, Active, Nothing, "wrong_token"),
        auth(Fault::Token(Protocols::Imap, None), WRONG, Active, Nothing, "wrong_token"),
        auth(
            Fault::Token(Protocols::Both, Some(1)),
            "535 5.7.8 This CRM token has expired, ask your admin for a new one (ref ",
            Active,
            Nothing,
            "token_expired",
        ),
        auth(Fault::Never, CONSENT, New, Nothing, "needs_consent"),
        auth(Fault::State(NeedsConsent), CONSENT, NeedsConsent, Nothing, "needs_consent"),
        auth(Fault::State(NeedsSignIn), SIGN_IN, NeedsSignIn, Nothing, "needs_sign_in"),
        auth(
            Fault::State(Disabled),
            "454 4.7.0 This mailbox is disabled, ask your admin: ",
            Disabled,
            Nothing,
            "disabled",
        ),
        auth(
            Fault::State(AwaitingApproval),
            "454 4.7.0 This mailbox waits for an admin to approve it: ",
            AwaitingApproval,
            Nothing,
            "awaiting_approval",
        ),
        auth(
            Fault::Scopes("openid email"),
            "454 4.7.0 Gmail access was not granted, please reconnect and tick Gmail: ",
            Active,
            Nothing,
            "product_missing",
        ),
    ]
}

/// The token endpoint; only its word about a grant moves an account.
fn endpoint() -> Vec<Row> {
    use Left::Nothing;
    use State::{Active, NeedsConsent, NeedsSignIn};
    let down = |fault| auth(Fault::Endpoint(fault), DOWN, Active, Nothing, "unavailable");
    vec![
        auth(Fault::Endpoint(TokenFault::invalid_grant()), CONSENT, NeedsConsent, Nothing, "needs_consent"),
        auth(Fault::Endpoint(TokenFault::invalid_rapt()), SIGN_IN, NeedsSignIn, Nothing, "needs_sign_in"),
        auth(
            Fault::Endpoint(TokenFault::invalid_client()),
            "454 4.7.0 Google refuses the Google client of this gateway, ask your admin: ",
            Active,
            Nothing,
            "client_refused",
        ),
        down(TokenFault::server_error(500)),
        down(TokenFault::server_error(503)),
        down(TokenFault::too_many(30)),
        down(TokenFault::malformed()),
        down(TokenFault::Close),
        down(TokenFault::Huge(4 << 20)),
        down(TokenFault::json(400, r#"{"error":"something_new"}"#)),
    ]
}

/// Gmail, until it has accepted the session.
fn gmail() -> Vec<Row> {
    use Left::{Noted, Nothing, Throttled};
    use State::Active;
    let down = |fault| auth(fault, DOWN, Active, Nothing, "unavailable");
    let noted = |line, told| auth(once(Verb::Auth, line), told, Active, Noted, "refused_by_gmail");
    let crowded = |fault| auth(fault, CROWDED, Active, Throttled, "too_many_connections");
    vec![
        auth(Fault::Forgotten, "235 2.7.0 Accepted", Active, Nothing, ""),
        auth(once(Verb::Auth, BAD), "235 2.7.0 Accepted", Active, Nothing, ""),
        auth(
            Fault::Always(SmtpFault::Reply(Verb::Auth, BAD.to_owned())),
            "454 4.7.0 Gmail refused the session: Username and Password not accepted. ",
            Active,
            Noted,
            "refused_by_gmail",
        ),
        noted(
            "534-5.7.9 Please log in with your web browser and then try again.\r\n534 5.7.9  x - gsmtp",
            "454 4.7.0 Gmail refused the session: Please log in with your web browser and then try again. ",
        ),
        noted("599 5.9.9 Never heard of", "454 4.7.0 Gmail refused the session: Never heard of: "),
        noted("535 5.7.1 No", "454 4.7.0 Gmail refused the session: No: "),
        crowded(once(Verb::Auth, "454 4.7.0 Too many login attempts, please try again later. x - gsmtp")),
        crowded(once(Verb::Auth, "421 4.7.0 Too many concurrent SMTP connections. x - gsmtp")),
        down(Fault::Once(SmtpFault::cannot_authenticate())),
        down(Fault::Once(SmtpFault::temporary(Verb::Auth))),
        down(Fault::Once(SmtpFault::timeout(Verb::Auth))),
        down(once(Verb::Auth, "432 4.7.12 Never heard of")),
        down(once(Verb::Auth, "250 2.0.0 OK")),
        down(Fault::Once(SmtpFault::Greeting("421 4.3.0 Temporary System Problem. x - gsmtp".into()))),
        down(Fault::Once(SmtpFault::Greeting("* OK Gimap ready".into()))),
        down(Fault::Once(SmtpFault::CloseAtConnect)),
        down(Fault::Once(SmtpFault::Close(Verb::Ehlo))),
        down(Fault::Once(SmtpFault::Close(Verb::Auth))),
        down(once(Verb::Ehlo, "421 4.7.0 Try again later. x - gsmtp")),
        down(once(Verb::Ehlo, "250-smtp.gmail.com at your service\r\n250 AUTH LOGIN PLAIN")),
    ]
}

/// Gmail's word about a message, passed on as it is.
fn messages() -> Vec<Row> {
    use At::{Data, Mail, Rcpt, Verdict};
    let refused = |at, verb, told| Row {
        fault: once(verb, told),
        at,
        told,
        state: State::Active,
        left: Left::Nothing,
        audit: "refused",
    };
    let daily = "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits \
                 go to https://support.google.com/a/answer/166852 x - gsmtp";
    let mut all = Vec::new();
    for (at, verb) in [(Mail, Verb::Mail), (Rcpt, Verb::Rcpt), (Data, Verb::Data), (Verdict, Verb::Verdict)] {
        for told in [
            daily,
            "421 4.7.0 Temporary System Problem. Try again later. x - gsmtp",
            "451 4.4.2 Timeout - closing connection. x - gsmtp",
            "450 4.2.1 The user you are trying to contact is receiving mail at a rate that x - gsmtp",
            "499 4.9.9 Never heard of",
            "599 Never heard of, and no enhanced code",
        ] {
            let row = refused(at, verb, told);
            // The transaction is still open when Gmail hangs up behind its answer.
            let open = at == Rcpt && told.starts_with("451 4.4.2");
            all.push(if open { Row { audit: "abandoned", ..row } } else { row });
        }
    }
    all.push(refused(Mail, Verb::Mail, "555 5.5.2 Syntax error. x - gsmtp"));
    all.push(refused(Rcpt, Verb::Rcpt, "452 4.5.3 Your message has too many recipients. x - gsmtp"));
    all.push(refused(Data, Verb::Data, "554 5.7.0 No. x - gsmtp"));
    let size = "552 5.2.3 Your message exceeded Google's message size limits. x - gsmtp";
    all.push(refused(Mail, Verb::Mail, size));
    all.push(refused(Verdict, Verb::Verdict, size));
    all.push(refused(Verdict, Verb::Verdict, "550 5.7.1 Likely unsolicited mail. x - gsmtp"));
    all
}

#[tokio::test]
async fn every_failure_has_its_answer() {
    let all = [ours(), endpoint(), gmail(), messages()].concat();
    hold(Setup::default(), all).await;
}

#[tokio::test]
async fn whoever_never_answers_is_down() {
    let limits = "[limits]\nlogin = \"1s\"\n";
    let down = |fault| auth(fault, DOWN, State::Active, Left::Nothing, "unavailable");
    let table = vec![
        down(Fault::Endpoint(TokenFault::Hang)),
        down(Fault::Once(SmtpFault::NoGreeting)),
        down(Fault::Once(SmtpFault::Hang(Verb::Auth))),
    ];
    hold(Setup { more: limits.into(), ..Setup::default() }, table).await;
}

#[tokio::test]
async fn nobody_listens_at_gmail() {
    let smtp = format!("localhost:{}", ports::free());
    let row = auth(Fault::Secret(str::to_owned), DOWN, State::Active, Left::Nothing, "unavailable");
    hold(Setup { smtp: Some(smtp), ..Setup::default() }, vec![row]).await;
}

#[tokio::test]
async fn the_database_is_away() {
    let gateway = Gateway::start().await;
    let account = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(account).await;
    gateway.parts.store.close().await;
    let mut client = Client::greeted(&gateway).await;
    let told = client.login("anna@example.com", &token).await;
    assert!(told.starts_with(DOWN), "{told}");
    assert_eq!(gateway.sandbox.google().smtp_logins(), (0, 0));
}
