//! The table.

use std::time::Duration;

use postern_core::model::account::State;
use postern_sandbox::{ImapFault, TokenFault};

/// What stands in the way.
pub enum Meets {
    /// What the client shows.
    Shows(Shown),
    /// Where the account stands.
    Stands(State),
    /// The mailbox was registered and never connected.
    NoGrant,
    /// The user did not tick Gmail: as our store has it, as Google has it.
    Untick { stored: &'static str, granted: &'static [&'static str] },
    /// The token endpoint, each time it is asked.
    Token(TokenFault),
    /// Gmail, at the connection.
    Connect(ImapFault),
    /// Gmail, at the first login.
    Once(ImapFault),
    /// Gmail, at each login.
    Always(ImapFault),
}

/// What a client shows in place of its good token.
pub enum Shown {
    Unknown,
    Typo,
    NoToken,
    Revoked,
    OfSmtp,
    OtherUser,
    Expired,
}

/// One row.
pub struct Row {
    pub name: &'static str,
    pub meets: Meets,
    /// How the tagged answer begins, without the tag.
    pub answer: &'static str,
    /// The cause in audit and log; none for a login that succeeds.
    pub cause: Option<&'static str>,
    /// Whether the answer shows the page that helps.
    pub help: bool,
    /// The new state; none when the account is unchanged.
    pub becomes: Option<State>,
    /// Gmail's words beside the account.
    pub noted: &'static str,
    /// Requests at the token endpoint.
    pub requests: usize,
}

impl Row {
    /// Whether the audit names the mailbox: not when no token named one.
    pub fn names_mailbox(&self) -> bool {
        !matches!(self.meets, Meets::Shows(Shown::Unknown | Shown::Typo | Shown::NoToken))
    }

    fn noted(self, noted: &'static str) -> Self {
        Self { noted, ..self }
    }

    fn requests(self, requests: usize) -> Self {
        Self { requests, ..self }
    }

    fn becomes(self, state: State) -> Self {
        Self { becomes: Some(state), ..self }
    }
}

fn row(name: &'static str, meets: Meets, answer: &'static str, cause: &'static str) -> Row {
    let help = answer.starts_with("NO [CONTACTADMIN]");
    Row { name, meets, answer, cause: Some(cause), help, becomes: None, noted: "", requests: 0 }
}

const WRONG: &str = "NO [AUTHENTICATIONFAILED] User name or CRM token is wrong";
const EXPIRED: &str = "NO [EXPIRED] This CRM token has expired";
const RECONNECT: &str = "NO [CONTACTADMIN] This mailbox is not connected to Google, please reconnect";
const SIGN_IN: &str = "NO [CONTACTADMIN] Google wants you to sign in again, please reconnect";
const TICK: &str = "NO [CONTACTADMIN] Gmail access was not granted, please reconnect and tick Gmail";
const CLIENT: &str = "NO [CONTACTADMIN] Google refuses the Google client of this gateway, ask your admin";
const LATER: &str = "NO [UNAVAILABLE] Gmail cannot be reached for the moment, try again later";

/// All rows.
pub fn rows() -> Vec<Row> {
    let mut rows = at_the_door();
    rows.extend(at_the_token_endpoint());
    rows.extend(at_the_connection());
    rows.extend(at_gmails_login());
    rows.extend(trouble_at_gmails_login());
    rows
}

fn at_the_door() -> Vec<Row> {
    let shows = |name, shown, answer, cause| row(name, Meets::Shows(shown), answer, cause);
    let stands = |state: State, answer, cause| row(state.name(), Meets::Stands(state), answer, cause);
    vec![
        shows("an unknown token", Shown::Unknown, WRONG, "wrong_token"),
        shows("a typing mistake", Shown::Typo, WRONG, "wrong_token"),
        shows("a password", Shown::NoToken, WRONG, "wrong_token"),
        shows("a revoked token", Shown::Revoked, WRONG, "wrong_token"),
        shows("a token for SMTP", Shown::OfSmtp, WRONG, "wrong_token"),
        shows("another user's name", Shown::OtherUser, WRONG, "wrong_token"),
        shows("an expired token", Shown::Expired, EXPIRED, "token_expired"),
        stands(State::NeedsConsent, RECONNECT, "needs_consent"),
        stands(State::NeedsSignIn, SIGN_IN, "needs_sign_in"),
        stands(State::Disabled, "NO [CONTACTADMIN] This mailbox is disabled, ask your admin", "disabled"),
        stands(
            State::AwaitingApproval,
            "NO [CONTACTADMIN] This mailbox waits for an admin to approve it",
            "awaiting_approval",
        ),
        row("never connected", Meets::NoGrant, RECONNECT, "needs_consent"),
        row(
            "Gmail not granted",
            Meets::Untick { stored: "openid email", granted: &["openid", "email"] },
            TICK,
            "product_missing",
        ),
    ]
}

fn at_the_token_endpoint() -> Vec<Row> {
    let token = |name, fault, answer, cause| row(name, Meets::Token(fault), answer, cause).requests(1);
    let later = |name, fault| token(name, fault, LATER, "unavailable");
    vec![
        token("the grant is dead", TokenFault::invalid_grant(), RECONNECT, "needs_consent")
            .becomes(State::NeedsConsent),
        token("a new sign-in is asked for", TokenFault::invalid_rapt(), SIGN_IN, "needs_sign_in")
            .becomes(State::NeedsSignIn),
        token("the client is refused", TokenFault::invalid_client(), CLIENT, "client_refused"),
        row(
            "Gmail not granted any more",
            Meets::Untick { stored: "openid email https://mail.google.com/", granted: &["openid", "email"] },
            TICK,
            "product_missing",
        )
        .requests(1),
        later("500", TokenFault::server_error(500)),
        later("503", TokenFault::server_error(503)),
        later("429", TokenFault::too_many(30)),
        later("no JSON", TokenFault::malformed()),
        later("a novel", TokenFault::Huge(2_000_000)),
        later("closed", TokenFault::Close),
        later("silence", TokenFault::Hang),
        later("too slow", TokenFault::Delay(Duration::from_secs(6))),
    ]
}

fn at_the_connection() -> Vec<Row> {
    let greets = |name, greeting: &str| {
        let fault = ImapFault::Greeting(format!("{greeting}\r\n").into_bytes());
        row(name, Meets::Connect(fault), LATER, "unavailable").requests(1)
    };
    let meets = |name, fault| row(name, Meets::Connect(fault), LATER, "unavailable").requests(1);
    vec![
        greets("BYE as greeting", "* BYE Temporary problem, try again"),
        greets("PREAUTH as greeting", "* PREAUTH Welcome back, somebody else"),
        greets("another protocol", "220 mx.google.com ESMTP"),
        greets("an endless greeting", &"x".repeat(20_000)),
        meets("no greeting", ImapFault::NoGreeting),
        meets("closed at connect", ImapFault::CloseAtConnect),
    ]
}

const REFUSED: &str = "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";
const NO_MORE: &str =
    "NO [CONTACTADMIN] Gmail refused the session: (AUTHENTICATIONFAILED) Invalid credentials";

fn says(name: &'static str, answer: &str, told: &'static str, cause: &'static str) -> Row {
    row(name, Meets::Always(ImapFault::login(answer)), told, cause).requests(1)
}

fn refuses(name: &'static str, answer: &str, told: &'static str) -> Row {
    says(name, answer, told, "refused_by_gmail")
}

fn at_gmails_login() -> Vec<Row> {
    let refused = || ImapFault::Login { challenge: true, answer: REFUSED.to_owned() };
    let once = row("a stale access token", Meets::Once(refused()), "OK ", "").requests(2);
    vec![
        Row { cause: None, ..once },
        row("every access token", Meets::Always(refused()), NO_MORE, "refused_by_gmail")
            .noted("Invalid credentials")
            .requests(2),
        refuses("wrong mailbox", "NO Lookup failed 5b1f17b1", "NO [CONTACTADMIN] Gmail refused the session: Lookup failed 5b1f17b1")
            .noted("Lookup failed"),
        row(
            "IMAP is off for the user",
            Meets::Always(ImapFault::imap_disabled()),
            "NO [CONTACTADMIN] Gmail refused the session: (ALERT) Your account is not enabled for IMAP use.",
            "refused_by_gmail",
        )
        .noted("not enabled for IMAP")
        .requests(1),
        refuses(
            "IMAP is off for the domain",
            "NO [ALERT] IMAP access is disabled for your domain. Please contact your domain administrator (Failure)",
            "NO [CONTACTADMIN] Gmail refused the session: (ALERT) IMAP access is disabled for your domain.",
        )
        .noted("disabled for your domain"),
        row(
            "a browser is wanted",
            Meets::Always(ImapFault::web_login_required()),
            "NO [CONTACTADMIN] Gmail refused the session: (ALERT) Please log in via your web browser: https://support.google.com/",
            "refused_by_gmail",
        )
        .noted("web browser")
        .requests(1),
        refuses(
            "a browser is wanted, the other way",
            "NO [WEBALERT https://accounts.google.com/signin/continue] Web login required.",
            "NO [CONTACTADMIN] Gmail refused the session: (WEBALERT https://accounts.google.com/",
        )
        .noted("Web login required"),
    ]
}

fn trouble_at_gmails_login() -> Vec<Row> {
    vec![
        row(
            "too many connections",
            Meets::Always(ImapFault::too_many_connections()),
            "NO [LIMIT] Too many connections to this mailbox, try again in a minute",
            "too_many_connections",
        )
        .requests(1),
        refuses(
            "the day's bandwidth is used",
            "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
            "NO [CONTACTADMIN] Gmail refused the session: (OVERQUOTA) Account exceeded command or bandwidth limits.",
        )
        .noted("bandwidth"),
        refuses("words nobody knows", "NO Computer says no", "NO [CONTACTADMIN] Gmail refused the session: Computer says no")
            .noted("Computer says no"),
        says("a fault of Gmail's", "NO System Error (Failure)", LATER, "unavailable"),
        says("BAD", "BAD Could not parse command", LATER, "unavailable"),
        says("BYE at login", "* BYE System shutting down", LATER, "unavailable"),
        row("closed at login", Meets::Always(ImapFault::CloseAtLogin), LATER, "unavailable").requests(1),
        row("silence at login", Meets::Always(ImapFault::HangAtLogin), LATER, "unavailable").requests(1),
        row("a flood before OK", Meets::Always(ImapFault::FloodBeforeOk(1000)), LATER, "unavailable").requests(1),
    ]
}
