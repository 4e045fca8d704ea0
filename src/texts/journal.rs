//! What the page about the journal says, and every event in words.

use super::phrases::phrases;

phrases! {
    /// The journal's page.
    Journal {
        Title: "Journal", "Deník";
        Body: "What happened, newest first. Times are in UTC. Every row is sealed to the one before it, so that a change shows.",
            "Co se stalo, nejnovější nahoře. Časy jsou v UTC. Každý řádek je zapečetěn k předchozímu, takže změna je poznat.";
        Event: "Event", "Událost";
        AnyEvent: "Any event", "Jakákoli událost";
        Actor: "Who", "Kdo";
        Mailbox: "Mailbox", "Schránka";
        Since: "From (UTC)", "Od (UTC)";
        Until: "To (UTC)", "Do (UTC)";
        Show: "Show", "Zobrazit";
        When: "When", "Kdy";
        What: "What", "Co";
        Reference: "Reference", "Reference";
        Nothing: "No row matches.", "Žádný řádek neodpovídá.";
        Newest: "Newest", "Nejnovější";
        Older: "Older", "Starší";
        WrongTime: "The time is written as 2026-11-22T10:00.", "Čas se zapisuje jako 2026-11-22T10:00.";
        TooManyPeople: "So many addresses contain this text that their rows are not found at once. Write more of the one you mean.",
            "Tento text obsahuje tolik adres, že jejich řádky nelze najít najednou. Napište z té, kterou myslíte, víc.";
        ExportTitle: "Export", "Export";
        ExportBody: "All rows that match the filter above, newest first, with the people's names. The export itself is recorded.",
            "Všechny řádky odpovídající výše uvedenému filtru, nejnovější první, se jmény lidí. Export sám se zaznamená.";
        ExportCsv: "Export as CSV", "Exportovat jako CSV";
        ExportJsonl: "Export as JSON lines", "Exportovat jako řádky JSON";
        VerifyTitle: "Verify the chain", "Ověřit řetězec";
        VerifyBody: "Walks every chain and finds rows that were changed, moved, put in or removed. An end that was cut is found with heads that were kept somewhere else: the log says them hourly.",
            "Projde každý řetězec a najde řádky, které byly změněny, přesunuty, vloženy nebo odstraněny. Uříznutý konec se pozná podle hlav uložených jinde: log je uvádí každou hodinu.";
        VerifyHeads: "Heads kept somewhere else, one a line (may be empty)", "Hlavy uložené jinde, na každém řádku jedna (může zůstat prázdné)";
        VerifyButton: "Verify", "Ověřit";
        VerifyNoHead: "A head is written node:rows:code, as the log shows it.", "Hlava se zapisuje uzel:řádky:kód, jak ji ukazuje log.";
        VerifiedGood: "Every chain holds; rows checked: {rows}.", "Každý řetězec drží; zkontrolovaných řádků: {rows}.";
        VerifiedBad: "The journal was tampered with; rows checked: {rows}.", "S deníkem bylo manipulováno; zkontrolovaných řádků: {rows}.";
        VerifiedHeads: "Heads, to be kept somewhere else", "Hlavy k uložení jinam";
        VerifiedRemarks: "Could not be compared", "Nebylo možné porovnat";
    }
}

phrases! {
    /// What happened.
    Happened {
        InstallationSetUp: "Installation set up", "Instalace založena";
        ClientSet: "OAuth client set", "Nastaven klient OAuth";
        ServiceAccountImported: "Service account imported", "Naimportován servisní účet";
        AccountAdded: "Mailbox registered", "Schránka zaregistrována";
        AliasAdded: "Alias added", "Přidán alias";
        AliasRemoved: "Alias removed", "Odebrán alias";
        CrmUserCleared: "CRM user removed", "Uživatel CRM odebrán";
        CrmUserProposed: "CRM user proposed by a program", "Uživatel CRM navržen programem";
        CrmUserDropped: "Proposed CRM user rejected or withdrawn", "Navržený uživatel CRM odmítnut nebo odvolán";
        CrmUserSet: "CRM user assigned", "Přiřazen uživatel CRM";
        AccountImported: "Consent imported", "Naimportován souhlas";
        ConsentLinkIssued: "Link for the owner made", "Vytvořen odkaz pro vlastníka";
        LinkMailAsked: "Link to be mailed to the owner", "Odkaz se pošle vlastníkovi";
        ConsentStarted: "Consent started", "Souhlas zahájen";
        ConsentGranted: "Consent granted", "Souhlas udělen";
        ConsentRefused: "Consent not accepted", "Souhlas nepřijat";
        RenameProposed: "Google shows another address", "Google ukazuje jinou adresu";
        AccountRenamed: "New address confirmed", "Nová adresa potvrzena";
        AccountApproved: "Mailbox approved", "Schránka schválena";
        AccountDisabled: "Mailbox disabled", "Schránka zablokována";
        AccountEnabled: "Mailbox enabled", "Schránka povolena";
        AccountRemoved: "Mailbox removed", "Schránka odstraněna";
        AccountOffboarded: "Owner has left: mailbox closed", "Vlastník odešel: schránka uzavřena";
        RecordsHandedOver: "Records handed over to a successor", "Záznamy předány nástupci";
        CrmUserGone: "User gone from the CRM", "Uživatel v CRM už není";
        CrmUserBack: "User back in the CRM", "Uživatel v CRM opět je";
        PersonExported: "Everything about a person taken out", "Vyžádáno vše o člověku";
        PersonErased: "A person forgotten", "Člověk zapomenut";
        ProductSwitched: "Product switched off or on", "Produkt vypnut nebo zapnut";
        StateChanged: "State of a mailbox changed", "Změněn stav schránky";
        TokenIssued: "CRM token issued", "Vydán token CRM";
        TokenRevoked: "CRM token revoked", "Zneplatněn token CRM";
        LoginRefused: "Login refused", "Přihlášení odmítnuto";
        LoginsRefused: "Logins refused in an hour", "Odmítnutá přihlášení za hodinu";
        LoginFromNewPeer: "First login from an address", "První přihlášení z adresy";
        LoginsCounted: "Logins in an hour", "Přihlášení za hodinu";
        KeysActivated: "New keys in use", "Používají se nové klíče";
        KeysRotated: "Keys rotated", "Klíče vyměněny";
        KeysLost: "Key lost: everything sealed is gone", "Klíč ztracen: vše zapečetěné je pryč";
        BackupMade: "Backup made", "Vytvořena záloha";
        Restored: "Restored from a backup", "Obnoveno ze zálohy";
        Adopted: "The database was taken over", "Databáze převzata";
        AuditPruned: "Old rows removed from the journal", "Z deníku odstraněny staré řádky";
        NotesDropped: "Rows lost", "Ztracené řádky";
        AdminAdded: "Admin added", "Přidán správce";
        AdminReset: "Admin's password reset", "Obnoveno heslo správce";
        AdminPasswordSet: "Admin set a password", "Správce si nastavil heslo";
        AdminDisabled: "Admin disabled", "Správce zablokován";
        AdminEnabled: "Admin enabled", "Správce povolen";
        AdminSignedIn: "Admin signed in", "Správce se přihlásil";
        AdminSignedOut: "Admin signed out", "Správce se odhlásil";
        AdminConfirmed: "Admin proved the password again", "Správce znovu potvrdil heslo";
        AdminSignInRefused: "Sign-in refused", "Přihlášení správce odmítnuto";
        ClientTried: "OAuth client tested", "Vyzkoušen klient OAuth";
        ServiceAccountTried: "Service account tested", "Vyzkoušen servisní účet";
        AccountChecked: "Mailbox tested", "Vyzkoušena schránka";
        JournalExported: "Journal exported", "Deník exportován";
        AccountDisconnected: "Connection ended by the owner", "Spojení ukončil vlastník";
        AdminCodeUsed: "Recovery code used", "Použit záložní kód";
        AdminCodesMade: "New recovery codes", "Nové záložní kódy";
        AdminPasswordChanged: "Admin changed the password", "Správce změnil heslo";
        AdminRoleSet: "Admin's role changed", "Změněna role správce";
        AdminTasteSet: "Admin's language or zone changed", "Změněn jazyk nebo pásmo správce";
        AdminTotpOff: "Sign-in codes switched off", "Kódy při přihlášení vypnuty";
        AdminTotpOffered: "Setting up of sign-in codes begun", "Zahájeno nastavení kódů";
        AdminTotpOn: "Sign-in codes switched on", "Kódy při přihlášení zapnuty";
        MailSessionEnded: "Mail session ended by an admin", "Spojení ukončil správce";
        OwnerSignedIn: "Owner signed in", "Vlastník se přihlásil";
        OwnerSignedOut: "Owner signed out", "Vlastník se odhlásil";
        TotpMandatory: "Sign-in codes for every admin", "Kódy pro všechny správce";
        ApiKeyCreated: "API key made", "Vytvořen klíč API";
        ApiKeyRevoked: "API key revoked", "Zneplatněn klíč API";
        PanelConnectPressed: "Connect pressed in the CRM's panel", "V panelu CRM stisknuto Připojit";
        PanelOpened: "Panel opened in the CRM", "Panel otevřen v CRM";
        PanelTicketIssued: "Panel asked for by the CRM", "CRM si vyžádalo panel";
        JobRequested: "Run of a job asked for", "Požádáno o spuštění úlohy";
        JobSwitched: "Job paused or resumed", "Úloha pozastavena nebo obnovena";
        CalendarsRead: "Calendars read from Google", "Kalendáře načteny z Googlu";
        CalendarsChosen: "Calendars chosen", "Vybrány kalendáře";
        CalendarDefaultsSet: "Choices for everybody's calendars changed", "Změněny volby pro kalendáře všech";
        CalendarChoicesSet: "Choices for calendars changed", "Změněny volby kalendářů";
        SyncRequested: "Synchronisation asked for", "Požádáno o synchronizaci";
        ContactGroupsRead: "Groups of contacts read from Google", "Skupiny kontaktů načteny z Googlu";
        ContactGroupMade: "Group of contacts made at Google", "Vytvořena skupina kontaktů v Googlu";
        ContactChoicesSet: "Choices for contacts changed", "Změněny volby kontaktů";
        ContactsRequested: "Synchronisation of contacts asked for", "Požádáno o synchronizaci kontaktů";
        ContactsPushed: "Records pushed to Google Contacts", "Záznamy poslány do Kontaktů Google";
        PushCancelled: "Rest of a push given up", "Zbytek odeslání zrušen";
        ContactReviewed: "Said who a contact is", "Určeno, kdo je kontakt";
        ContactRetried: "To be tried again: a contact", "Zkusit znovu: kontakt";
        DeadLetterRetried: "To be tried again: what could not be synchronised", "Zkusit znovu: co se nepodařilo synchronizovat";
        PairResumed: "A pair is kept in step again", "Dvojice se opět udržuje ve shodě";
        RunUndoAsked: "Run to be taken back", "Požádáno o vrácení běhu";
        ContactsUndoAsked: "Run of contacts to be taken back", "Požádáno o vrácení běhu kontaktů";
        ContactsRemovalAsked: "Everybody made in contacts to be removed", "Požádáno o odstranění všech vytvořených kontaktů";
        RemovalAsked: "Everything to be removed", "Požádáno o odstranění všeho";
        HoldApproved: "Held changes approved", "Schváleny pozdržené změny";
        HoldRejected: "Held changes rejected", "Zamítnuty pozdržené změny";
        CrmMailWritten: "Mail account written into the CRM", "Poštovní účet zapsán do CRM";
        CrmMailFailed: "Mail account in the CRM not written", "Poštovní účet v CRM nezapsán";
        CrmMailUndone: "Mail account in the CRM taken back", "Zápis poštovního účtu do CRM vrácen";
        SettingChanged: "Setting changed", "Změněno nastavení";
        NoticesToAdded: "Recipient of notices added", "Přidán příjemce oznámení";
        NoticesToRemoved: "Recipient of notices removed", "Odebrán příjemce oznámení";
        ApiKeyRefused: "Wrong API key", "Nesprávný klíč API";
        ApiKeysRefused: "Wrong API keys of an hour", "Nesprávné klíče API za hodinu";
        MessageSent: "Message sent", "Odeslána zpráva";
    }
}

macro_rules! events {
    ($($name:literal: $phrase:ident;)*) => {
        /// Every event by its name in the journal.
        pub const EVENTS: &[(&str, Happened)] = &[$(($name, Happened::$phrase)),*];
    };
}

events! {
    "account_added": AccountAdded;
    "account_approved": AccountApproved;
    "account_checked": AccountChecked;
    "account_disabled": AccountDisabled;
    "account_disconnected": AccountDisconnected;
    "account_enabled": AccountEnabled;
    "account_imported": AccountImported;
    "account_offboarded": AccountOffboarded;
    "account_removed": AccountRemoved;
    "account_renamed": AccountRenamed;
    "admin_added": AdminAdded;
    "admin_code_used": AdminCodeUsed;
    "admin_codes_made": AdminCodesMade;
    "admin_confirmed": AdminConfirmed;
    "admin_disabled": AdminDisabled;
    "admin_enabled": AdminEnabled;
    "admin_password_changed": AdminPasswordChanged;
    "admin_password_set": AdminPasswordSet;
    "admin_reset": AdminReset;
    "admin_role_set": AdminRoleSet;
    "admin_sign_in_refused": AdminSignInRefused;
    "admin_signed_in": AdminSignedIn;
    "admin_signed_out": AdminSignedOut;
    "admin_taste_set": AdminTasteSet;
    "admin_totp_off": AdminTotpOff;
    "admin_totp_offered": AdminTotpOffered;
    "admin_totp_on": AdminTotpOn;
    "adopted": Adopted;
    "alias_added": AliasAdded;
    "alias_removed": AliasRemoved;
    "api_key_created": ApiKeyCreated;
    "api_key_refused": ApiKeyRefused;
    "api_key_revoked": ApiKeyRevoked;
    "api_keys_refused": ApiKeysRefused;
    "audit_pruned": AuditPruned;
    "backup_made": BackupMade;
    "calendar_choices_set": CalendarChoicesSet;
    "calendar_defaults_set": CalendarDefaultsSet;
    "calendars_chosen": CalendarsChosen;
    "calendars_read": CalendarsRead;
    "client_set": ClientSet;
    "client_tried": ClientTried;
    "consent_granted": ConsentGranted;
    "consent_link_issued": ConsentLinkIssued;
    "consent_refused": ConsentRefused;
    "consent_started": ConsentStarted;
    "contact_choices_set": ContactChoicesSet;
    "contact_group_made": ContactGroupMade;
    "contact_groups_read": ContactGroupsRead;
    "contact_retried": ContactRetried;
    "contact_reviewed": ContactReviewed;
    "contacts_pushed": ContactsPushed;
    "contacts_removal_asked": ContactsRemovalAsked;
    "contacts_requested": ContactsRequested;
    "contacts_undo_asked": ContactsUndoAsked;
    "crm_mail_failed": CrmMailFailed;
    "crm_mail_undone": CrmMailUndone;
    "crm_mail_written": CrmMailWritten;
    "crm_user_back": CrmUserBack;
    "crm_user_cleared": CrmUserCleared;
    "crm_user_dropped": CrmUserDropped;
    "crm_user_gone": CrmUserGone;
    "crm_user_proposed": CrmUserProposed;
    "crm_user_set": CrmUserSet;
    "dead_letter_retried": DeadLetterRetried;
    "hold_approved": HoldApproved;
    "hold_rejected": HoldRejected;
    "installation_set_up": InstallationSetUp;
    "job_requested": JobRequested;
    "job_switched": JobSwitched;
    "journal_exported": JournalExported;
    "keys_activated": KeysActivated;
    "keys_lost": KeysLost;
    "keys_rotated": KeysRotated;
    "link_mail_asked": LinkMailAsked;
    "login_from_new_peer": LoginFromNewPeer;
    "login_refused": LoginRefused;
    "logins_counted": LoginsCounted;
    "logins_refused": LoginsRefused;
    "mail_session_ended": MailSessionEnded;
    "message_sent": MessageSent;
    "notes_dropped": NotesDropped;
    "notices_to_added": NoticesToAdded;
    "notices_to_removed": NoticesToRemoved;
    "owner_signed_in": OwnerSignedIn;
    "owner_signed_out": OwnerSignedOut;
    "pair_resumed": PairResumed;
    "panel_connect_pressed": PanelConnectPressed;
    "panel_opened": PanelOpened;
    "panel_ticket_issued": PanelTicketIssued;
    "person_erased": PersonErased;
    "person_exported": PersonExported;
    "product_switched": ProductSwitched;
    "push_cancelled": PushCancelled;
    "records_handed_over": RecordsHandedOver;
    "removal_asked": RemovalAsked;
    "rename_proposed": RenameProposed;
    "restored": Restored;
    "run_undo_asked": RunUndoAsked;
    "service_account_imported": ServiceAccountImported;
    "service_account_tried": ServiceAccountTried;
    "setting_changed": SettingChanged;
    "state_changed": StateChanged;
    "sync_requested": SyncRequested;
    "token_issued": TokenIssued;
    "token_revoked": TokenRevoked;
    "totp_mandatory": TotpMandatory;
}

impl Happened {
    /// The words of an event; none for one that this program does not know.
    #[must_use]
    pub fn named(event: &str) -> Option<Self> {
        EVENTS.iter().find(|(name, _)| *name == event).map(|(_, phrase)| *phrase)
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENTS, Happened};

    // The variants as they are declared: serde makes their names of them.
    fn declared() -> Vec<String> {
        let source = include_str!("../core/src/model/event.rs");
        let body = source.split("pub enum Event {").nth(1).unwrap().split("\n}").next().unwrap();
        let mut names: Vec<String> = body
            .lines()
            .filter(|line| {
                line.starts_with("    ") && line[4..].starts_with(|c: char| c.is_ascii_uppercase())
            })
            .map(|line| snake(line.trim().split([' ', ',', '{']).next().unwrap()))
            .collect();
        names.sort_unstable();
        names
    }

    fn snake(name: &str) -> String {
        let mut out = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        }
        out
    }

    #[test]
    fn every_event_has_words() {
        let listed: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, declared(), "an event is added to src/texts/journal.rs, in order");
        assert_eq!(Happened::named("client_set"), Some(Happened::ClientSet));
        assert_eq!(Happened::named("unheard_of"), None);
    }
}
