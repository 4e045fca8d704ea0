//! What the audit records. People are named by [`Event::people`] only; the
//! store writes a pseudonym in their place, so that the chain of rows stays
//! verifiable after a person was erased.

use serde::Serialize;

use super::account::State;
use super::address::Address;
use super::id::{
    AccountId, ApiKeyId, CalendarId, DeadLetterId, HoldId, PairId, PanelId, PushId, ReviewId, RunId,
    SessionId, TokenId,
};
use super::role::Role;
use super::token::{Protocol, Protocols};

/// One audited event. Fields hold no secret and no message content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the field names are the documentation; docs/reference.md lists them")]
pub enum Event {
    /// `setup` made the installation.
    InstallationSetUp { installation: String },
    /// The OAuth client was set.
    ClientSet { client_id: String, accounts_to_reconnect: u64 },
    /// A service account was imported.
    ServiceAccountImported { email: String, domains: Vec<String> },
    /// An account was registered.
    AccountAdded { account: AccountId, address: Address, state: State },
    /// A further address of an account.
    AliasAdded { account: AccountId, address: Address, alias: Address },
    /// A further address is the account's no more.
    AliasRemoved { account: AccountId, address: Address, alias: Address },
    /// The account belongs to this CRM user now.
    CrmUserSet { account: AccountId, address: Address, from: Option<String>, crm_user: String },
    /// The account belongs to no CRM user any more.
    CrmUserCleared { account: AccountId, address: Address, from: String },
    /// A program names this CRM user; an admin decides.
    CrmUserProposed { account: AccountId, address: Address, from: Option<String>, crm_user: String },
    /// An admin rejected the proposed CRM user, or the program took it back.
    CrmUserDropped { account: AccountId, address: Address, crm_user: String },
    /// A grant was brought in by an admin and proven.
    AccountImported { account: AccountId, address: Address, scopes: String },
    /// A consent link was made.
    ConsentLinkIssued { account: AccountId, address: Address },
    /// Somebody asked that a fresh consent link be mailed to the mailbox itself.
    LinkMailAsked { account: AccountId, address: Address },
    /// The owner pressed the button.
    ConsentStarted { account: AccountId, address: Address },
    /// A consent was stored.
    ConsentGranted { account: AccountId, address: Address, scopes: String },
    /// A consent came back and was not accepted.
    ConsentRefused { account: AccountId, address: Address, why: &'static str },
    /// Google shows another address for the same person.
    RenameProposed { account: AccountId, address: Address, new_address: Address },
    /// An admin confirmed the new address.
    AccountRenamed { account: AccountId, address: Address, new_address: Address },
    /// An admin approved.
    AccountApproved { account: AccountId, address: Address },
    /// An admin disabled.
    AccountDisabled { account: AccountId, address: Address },
    /// An admin enabled.
    AccountEnabled { account: AccountId, address: Address },
    /// An admin removed; whether Google confirmed the revocation.
    AccountRemoved { account: AccountId, address: Address, revoked: bool },
    /// The owner has left: what opened the mailbox is ended, and what was linked is kept for a while.
    AccountOffboarded { account: AccountId, address: Address, tokens: usize, revoked: bool },
    /// Records of somebody who has left are the successor's now: meetings and calls that were reassigned
    /// in the CRM, and people that are pushed into the successor's contacts.
    RecordsHandedOver {
        account: AccountId,
        address: Address,
        successor: Address,
        records: usize,
        people: usize,
    },
    /// The CRM has no such user any more, or lets that user in no more.
    CrmUserGone { account: AccountId, address: Address, crm_user: String, why: &'static str },
    /// The CRM lets the user in again.
    CrmUserBack { account: AccountId, address: Address, crm_user: String },
    /// Somebody took out everything that is known of a person.
    PersonExported { address: Address },
    /// A person was forgotten: which pseudonyms stand for nobody now, and how many things that were written
    /// down about them are gone.
    PersonErased { pseudonyms: String, words: u64 },
    /// The owner switched a product off or on here, or came back to it by a consent.
    ProductSwitched { account: AccountId, address: Address, product: &'static str, on: bool },
    /// The token endpoint's word or an admin's moved the account.
    StateChanged { account: AccountId, address: Address, from: State, to: State, why: &'static str },
    /// A CRM token was issued.
    TokenIssued { token: TokenId, address: Address, protocols: Protocols, expires_at: Option<i64> },
    /// A CRM token was revoked.
    TokenRevoked { token: TokenId, address: Address },
    /// The first login of an hour that was refused for this cause. `address` only when it is known.
    LoginRefused {
        protocol: Protocol,
        cause: &'static str,
        peer: String,
        reference: String,
        address: Option<Address>,
    },
    /// How many there were in that hour, the first one included.
    LoginsRefused {
        protocol: Protocol,
        cause: &'static str,
        peer: String,
        reference: String,
        address: Option<Address>,
        hour: i64,
        count: u64,
    },
    /// First login of a token from this address.
    LoginFromNewPeer { protocol: Protocol, token: TokenId, peer: String, address: Address },
    /// The hourly count of a token's logins.
    LoginsCounted { token: TokenId, hour: i64, count: i64 },
    /// From here on these keys seal and chain.
    KeysActivated { seal: String, audit: String },
    /// What was sealed with earlier keys is sealed anew.
    KeysRotated { seal: String, audit: String, values: u64, broken: u64 },
    /// The key was lost for good: what it sealed is gone, and these keys seal and chain from here on.
    KeysLost { seal: String, audit: String, accounts: usize },
    /// A copy of the whole database was made, with the key file or without.
    BackupMade { with_key: bool },
    /// The database was filled from a backup; how many CRM tokens and API keys of it were revoked.
    Restored { made_at: String, tokens: u64, api_keys: u64 },
    /// The database is at home at this address from now on, and its synchronisation goes on.
    Adopted { public_url: String },
    /// The retention removed rows from the beginning of a chain, up to `last`.
    AuditPruned { chain: String, rows: u64, last: i64 },
    /// Rows that should stand here were lost: the queue was full, or the
    /// database refused them.
    NotesDropped { count: u64, why: &'static str },
    /// Somebody may run the installation from now on.
    AdminAdded { admin: String, role: Role },
    /// A one-time link to set a password was made; what stood before is void.
    AdminReset { admin: String },
    /// An admin used the link and set a password.
    AdminPasswordSet { admin: String },
    /// An admin was disabled.
    AdminDisabled { admin: String },
    /// An admin was enabled again.
    AdminEnabled { admin: String },
    /// An admin signed in at the pages.
    AdminSignedIn { admin: String },
    /// An admin signed out, or a session was ended from elsewhere.
    AdminSignedOut { admin: String },
    /// An admin proved the password once more.
    AdminConfirmed { admin: String },
    /// Somebody showed a wrong password; `admin` only when the name is known.
    AdminSignInRefused { admin: Option<String> },
    /// The owner of a mailbox signed in with Google, or has just connected it.
    OwnerSignedIn { account: AccountId, address: Address },
    /// The owner of a mailbox signed out.
    OwnerSignedOut { account: AccountId, address: Address },
    /// The grant was ended at Google; the account stays.
    AccountDisconnected { account: AccountId, address: Address },
    /// An admin ended an open mail session.
    MailSessionEnded { session: SessionId, address: Address, protocol: Protocol, peer: String },
    /// An admin chose another password; their other sessions ended.
    AdminPasswordChanged { admin: String },
    /// An admin was shown a new secret for codes; it does nothing until a code of it was entered.
    AdminTotpOffered { admin: String },
    /// From now on a code is asked when this admin signs in.
    AdminTotpOn { admin: String },
    /// No code is asked any more; the recovery codes are void.
    AdminTotpOff { admin: String },
    /// New recovery codes; earlier ones are void.
    AdminCodesMade { admin: String },
    /// A recovery code was used up; so many are left.
    AdminCodeUsed { admin: String, left: i64 },
    /// An admin chose language and time zone of the pages.
    AdminTasteSet { admin: String, language: Option<String>, zone: Option<String> },
    /// An admin has another role.
    AdminRoleSet { admin: String, from: Role, to: Role },
    /// Whether every admin must enter codes.
    TotpMandatory { on: bool },
    /// An admin asked Google about the client; how it went.
    ClientTried { client_id: String, outcome: &'static str },
    /// An admin asked Google whether the service account opens this mailbox.
    ServiceAccountTried { email: String, address: Address, outcome: &'static str },
    /// An admin had the mailbox opened to see whether it works.
    AccountChecked { account: AccountId, address: Address, outcome: &'static str },
    /// The journal was handed out: as what, of which time, and whether only a part of it.
    JournalExported { format: &'static str, since: Option<i64>, until: Option<i64>, narrowed: bool },
    /// A program may use the REST API from now on.
    ApiKeyCreated {
        key: ApiKeyId,
        name: String,
        scopes: String,
        domains: Vec<String>,
        accounts: Vec<AccountId>,
        signs: bool,
    },
    /// A key of the REST API was revoked.
    ApiKeyRevoked { key: ApiKeyId, name: String },
    /// A program may show the panel in a record of the CRM to this CRM user.
    PanelTicketIssued { panel: PanelId, address: Option<Address>, crm_user: String, record: String },
    /// The panel opened in a browser at this address.
    PanelOpened { panel: PanelId, peer: String },
    /// A CRM user pressed Connect in the panel.
    PanelConnectPressed { account: AccountId, address: Address },
    /// Somebody wants a job to run before it is due.
    JobRequested { job: String },
    /// A job runs by itself from now on, or only when somebody asks.
    JobSwitched { job: String, on: bool },
    /// The list of a mailbox's calendars was read from Google: how many, and how many are not listed any more.
    CalendarsRead { account: AccountId, address: Address, listed: usize, gone: usize },
    /// The mailbox uses these calendars from now on, by their identities here.
    CalendarsChosen {
        account: AccountId,
        address: Address,
        main: Option<CalendarId>,
        monitored: Vec<CalendarId>,
    },
    /// These choices about the calendars of a mailbox have changed.
    CalendarChoicesSet { account: AccountId, address: Address, version: i64, changed: Vec<String> },
    /// These choices for everybody's calendars have changed, and these hold for everybody; for how many
    /// mailboxes others hold from now on.
    CalendarDefaultsSet { version: i64, changed: Vec<String>, locked: Vec<String>, mailboxes: usize },
    /// Somebody wants calendars brought in step at once: those of a mailbox, or all.
    SyncRequested { account: Option<AccountId>, address: Option<Address>, calendars: u64 },
    /// The groups of a mailbox's contacts were read from Google: how many.
    ContactGroupsRead { account: AccountId, address: Address, listed: usize },
    /// A group was made at Google for a mailbox, under this name there.
    ContactGroupMade { account: AccountId, address: Address, group: String },
    /// These choices about the contacts of a mailbox have changed.
    ContactChoicesSet { account: AccountId, address: Address, version: i64, changed: Vec<String> },
    /// Somebody wants contacts brought in step at once: those of a mailbox, or all.
    ContactsRequested { account: Option<AccountId>, address: Option<Address>, books: u64 },
    /// Somebody has pushed records into the group of a mailbox; whether the CRM vouches that its user
    /// may see them.
    ContactsPushed { account: AccountId, address: Address, push: PushId, records: usize, vouched: bool },
    /// Somebody gave up what of a push still waited.
    PushCancelled { account: AccountId, address: Address, push: PushId },
    /// Somebody said who a person or a record is: `same`, `new` or `leave`.
    ContactReviewed { account: AccountId, address: Address, review: ReviewId, decision: String },
    /// Somebody wants tried again what could not be done with a person or a record.
    ContactRetried { letter: DeadLetterId, account: AccountId, address: Address },
    /// Somebody wants tried again what could not be done with an event or a record.
    DeadLetterRetried { letter: DeadLetterId, account: AccountId, address: Address, calendar: CalendarId },
    /// Somebody wants a pair kept in step again, which was in the state `from`.
    PairResumed {
        pair: PairId,
        account: AccountId,
        address: Address,
        calendar: CalendarId,
        from: &'static str,
    },
    /// Somebody wants taken back, as it was shown, what a run of a calendar did.
    RunUndoAsked { run: RunId, account: AccountId, address: Address, calendar: CalendarId, count: i64 },
    /// Somebody wants taken back, as it was shown, what a run of a mailbox's contacts did.
    ContactsUndoAsked { run: RunId, account: AccountId, address: Address, count: i64 },
    /// Somebody wants removed, as it was shown, everybody who was made for a mailbox's contacts.
    ContactsRemovalAsked { account: AccountId, address: Address, count: i64 },
    /// Somebody wants removed, as it was shown, everything that was made for a mailbox.
    RemovalAsked { account: AccountId, address: Address, calendars: Vec<CalendarId>, count: i64 },
    /// Somebody let the held writes of one class in a calendar run, once and as they are.
    HoldApproved {
        hold: HoldId,
        account: AccountId,
        address: Address,
        calendar: CalendarId,
        class: String,
        count: i64,
    },
    /// Somebody decided that held writes may not run.
    HoldRejected {
        hold: HoldId,
        account: AccountId,
        address: Address,
        calendar: CalendarId,
        class: String,
        count: i64,
    },
    /// The mail account of the mailbox in the CRM holds this token now.
    CrmMailWritten {
        account: AccountId,
        address: Address,
        entity: &'static str,
        record: String,
        made: bool,
        token: TokenId,
    },
    /// The mail account in the CRM was not written or not taken back, or nobody knows whether it was.
    CrmMailFailed { account: AccountId, address: Address, why: &'static str },
    /// What was written into the mail account in the CRM was taken back.
    CrmMailUndone { account: AccountId, address: Address, how: &'static str },
    /// An admin changed a setting of the running gateway. Of addresses it says how many.
    SettingChanged { setting: &'static str, from: String, to: String },
    /// Somebody is told from now on when Google shuts a mailbox.
    NoticesToAdded { address: Address },
    /// Somebody is not told any more.
    NoticesToRemoved { address: Address },
    /// The first key or signature of an hour that the REST API did not take.
    ApiKeyRefused { cause: &'static str, peer: String },
    /// How many there were in that hour, the first one included.
    ApiKeysRefused { cause: &'static str, peer: String, hour: i64, count: u64 },
    /// A message went through, or its fate is unknown.
    MessageSent {
        address: Address,
        sender: String,
        recipients: u32,
        size: u64,
        message_id: String,
        outcome: &'static str,
        answer: String,
        from: &'static str,
        reference: String,
    },
}

impl Event {
    /// The name in the `event` column.
    #[must_use]
    pub fn name(&self) -> String {
        self.json().get("event").and_then(|v| v.as_str()).unwrap_or_default().to_owned()
    }

    /// The people that the event names, each as the text that stands for it.
    #[must_use]
    pub fn people(&self) -> Vec<String> {
        let value = self.json();
        PEOPLE
            .iter()
            .filter_map(|key| value.get(*key)?.as_str())
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The event as JSON, each person replaced by what `pseudonym` says.
    pub fn render(&self, pseudonym: impl Fn(&str) -> String) -> serde_json::Value {
        let mut value = self.json();
        if let Some(map) = value.as_object_mut() {
            for key in PEOPLE {
                if let Some(serde_json::Value::String(name)) = map.get_mut(key)
                    && !name.is_empty()
                {
                    *name = pseudonym(name);
                }
            }
        }
        value
    }

    fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

// The fields that hold people; the test below fails when an address hides elsewhere.
const PEOPLE: [&str; 5] = ["address", "new_address", "alias", "sender", "successor"];

#[cfg(test)]
mod tests {
    use super::Event;
    use crate::model::address::Address;
    use crate::model::id::AccountId;
    use crate::model::token::Protocol;

    #[test]
    fn people_are_replaced_everywhere() {
        let anna = Address::parse("anna@example.com").unwrap();
        let event = Event::MessageSent {
            address: anna.clone(),
            sender: anna.to_string(),
            recipients: 2,
            size: 10,
            message_id: "<1@espo>".into(),
            outcome: "accepted",
            answer: "250 2.0.0 OK".into(),
            from: "own",
            reference: "r".into(),
        };
        assert_eq!(event.name(), "message_sent");
        assert_eq!(event.people(), ["anna@example.com", "anna@example.com"]);
        assert!(!event.render(|_| "p1".into()).to_string().contains("anna"));
    }

    #[test]
    fn a_missing_person_stays_missing() {
        let event = Event::LoginRefused {
            protocol: Protocol::Imap,
            cause: "wrong_token",
            peer: "127.0.0.1".into(),
            reference: "r".into(),
            address: None,
        };
        assert!(event.people().is_empty());
        assert!(event.render(|_| "p".into())["address"].is_null());
        let renamed = Event::AccountRenamed {
            account: AccountId(uuid::Uuid::nil()),
            address: Address::parse("a@x.cz").unwrap(),
            new_address: Address::parse("b@x.cz").unwrap(),
        };
        assert_eq!(renamed.people().len(), 2);
    }
}
