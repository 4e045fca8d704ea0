//! What the pages about mailboxes say.

use super::phrases::phrases;

phrases! {
    /// The list of mailboxes, one mailbox, registering, CRM tokens.
    Accounts {
        Search: "Search by address or CRM user", "Hledat podle adresy nebo uživatele CRM";
        SearchButton: "Search", "Hledat";
        AnyState: "Any state", "Jakýkoli stav";
        State: "State", "Stav";
        Address: "Mailbox", "Schránka";
        CrmUser: "CRM user", "Uživatel CRM";
        Shared: "shared mailbox", "sdílená schránka";
        LiveTokens: "CRM tokens", "Tokeny CRM";
        Found: "{count} found", "nalezeno: {count}";
        NoneFound: "No mailbox matches.", "Žádná schránka neodpovídá.";
        Earlier: "Previous", "Předchozí";
        Later: "Next", "Další";
        Page: "Page {page}", "Strana {page}";
        New: "not connected yet", "zatím nepřipojena";
        Active: "connected", "připojena";
        NeedsConsent: "connection ended by Google", "spojení ukončil Google";
        NeedsSignIn: "Google wants a new sign-in", "Google chce nové přihlášení";
        AwaitingApproval: "waits for approval", "čeká na schválení";
        Disabled: "disabled", "zablokována";
        NextNew: "Send its owner the link and wait for the consent.",
            "Pošlete vlastníkovi odkaz a počkejte na souhlas.";
        NextActive: "Nothing to do.", "Není třeba nic dělat.";
        NextNeedsConsent: "Its owner has to connect it again: send a new link.",
            "Vlastník ji musí připojit znovu: pošlete nový odkaz.";
        NextNeedsSignIn: "Its owner has to sign in at Google again: send a new link.",
            "Vlastník se musí znovu přihlásit u Googlu: pošlete nový odkaz.";
        NextAwaitingApproval: "It was registered through the API and a service account would open it: approve it if that is right.",
            "Byla zaregistrována přes API a otevíral by ji servisní účet: je-li to správně, schvalte ji.";
        NextDisabled: "No login is possible. Enable it to let it work again.",
            "Přihlášení není možné. Povolením ji znovu zprovozníte.";
        Register: "Register mailboxes", "Zaregistrovat schránky";
        RegisterOne: "Register", "Zaregistrovat";
        RegisterBody: "One address per line. After it may follow the CRM user's id and further addresses of the same mailbox, separated by commas: anna@example.com, 5f3a, info@example.com",
            "Na každý řádek jedna adresa. Za ní může následovat id uživatele CRM a další adresy téže schránky, oddělené čárkami: anna@example.com, 5f3a, info@example.com";
        RegisterLines: "Mailboxes", "Schránky";
        Preview: "Check", "Zkontrolovat";
        PreviewTitle: "Check before registering", "Kontrola před registrací";
        PreviewBody: "Nothing has been registered yet.", "Zatím se nic nezaregistrovalo.";
        RegisterGood: "Register {count}", "Zaregistrovat {count}";
        BadLines: "Lines that cannot be registered: {count}", "Řádky, které nelze zaregistrovat: {count}";
        Line: "Line", "Řádek";
        Why: "Why", "Proč";
        LineNoAddress: "this is no address: {why}", "toto není adresa: {why}";
        LineTwice: "stands in line {line} already", "je již na řádku {line}";
        LineRefused: "{why}", "{why}";
        NothingToDo: "There is no line to register.", "Není co zaregistrovat.";
        TooMany: "At most {count} lines at once.", "Najednou nejvýše {count} řádků.";
        RegisteredTitle: "Registered", "Zaregistrováno";
        RegisteredBody: "Send each owner their link. It works for 7 days and only for that mailbox; it is shown here once.",
            "Pošlete každému vlastníkovi jeho odkaz. Platí 7 dní a jen pro danou schránku; zde se ukáže jen jednou.";
        Link: "Link for the owner", "Odkaz pro vlastníka";
        ServedBy: "opened by the service account {by}; no link is needed",
            "otevírá ji servisní účet {by}; odkaz není třeba";
        NotRegistered: "not registered: {why}", "nezaregistrována: {why}";
        NewLink: "Make a new link", "Vytvořit nový odkaz";
        LinkTitle: "Link for {address}", "Odkaz pro {address}";
        LinkBody: "Send it to the owner. It works for 7 days and only for this mailbox. It is shown here once; earlier links stay valid until one is used.",
            "Pošlete ho vlastníkovi. Platí 7 dní a jen pro tuto schránku. Zde se ukáže jen jednou; dřívější odkazy platí, dokud se jeden nepoužije.";
        Aliases: "Further addresses", "Další adresy";
        AliasesBody: "One address a line. Each works as a user name and as a sender; those that are not there any more stop working.",
            "Jedna adresa na řádek. Každá platí jako uživatelské jméno i jako odesílatel; které tu nezůstanou, přestanou platit.";
        AliasesSave: "Save these addresses", "Uložit tyto adresy";
        ConnectedBy: "Opened by", "Otevírá se";
        ByConsent: "its owner's consent", "souhlasem vlastníka";
        ByServiceAccount: "the domain's service account", "servisním účtem domény";
        ByNobody: "nobody yet", "zatím ničím";
        Products: "Granted", "Uděleno";
        GmailGranted: "Gmail (reading and sending mail)", "Gmail (čtení a odesílání pošty)";
        GmailNotGiven: "Gmail: not given", "Gmail: neuděleno";
        CalendarGranted: "Calendar (seeing and editing events)", "Kalendář (zobrazení a úpravy událostí)";
        CalendarNotGiven: "Calendar: not given", "Kalendář: neuděleno";
        ContactsGranted: "Contacts (seeing and editing people)", "Kontakty (zobrazení a úpravy osob)";
        ContactsNotGiven: "Contacts: not given", "Kontakty: neuděleno";
        GmailMissing: "nothing: Gmail was not ticked or not asked for yet", "nic: Gmail nebyl zaškrtnut nebo se o něj ještě nežádalo";
        GrantedAt: "Consent given", "Souhlas udělen";
        Noted: "Gmail's last refusal", "Poslední odmítnutí Gmailem";
        Throttled: "Gmail allows no new session before", "Gmail nepovolí nové spojení do";
        Registered: "Registered", "Zaregistrována";
        Changed: "Last change", "Poslední změna";
        FormerClient: "The grant belongs to a Google client that was replaced: the owner has to connect again.",
            "Souhlas patří dřívějšímu klientovi Google: vlastník se musí připojit znovu.";
        Proposed: "Google shows the address {address} for this person now. Confirm it if that is right.",
            "Google teď u této osoby ukazuje adresu {address}. Je-li to správně, potvrďte ji.";
        Confirm: "Confirm the new address", "Potvrdit novou adresu";
        ProposedUser: "A program says that this mailbox belongs to the CRM user {user}. Confirm it only if that is right: this person can then use the mailbox in the CRM.",
            "Program uvádí, že tato schránka patří uživateli CRM {user}. Potvrďte to, jen je-li to správně: tato osoba pak může schránku v CRM používat.";
        ConfirmUser: "Confirm the CRM user", "Potvrdit uživatele CRM";
        RejectUser: "Reject", "Odmítnout";
        Approve: "Approve", "Schválit";
        Disable: "Disable", "Zablokovat";
        DisableBody: "Ends running sessions within seconds and bars every login. The grant stays.",
            "Během vteřin ukončí spojení a zabrání přihlášení. Souhlas zůstává.";
        Enable: "Enable", "Povolit";
        Tokens: "CRM tokens", "Tokeny CRM";
        NoTokens: "No token has been issued for this mailbox.", "Pro tuto schránku nebyl vydán žádný token.";
        TokenName: "What to call it", "Jak ho nazvat";
        TokenUse: "Used for", "Použití";
        TokenBoth: "reading and sending", "čtení i odesílání";
        TokenImap: "reading (IMAP)", "čtení (IMAP)";
        TokenSmtp: "sending (SMTP)", "odesílání (SMTP)";
        TokenDays: "Valid for days (empty: until revoked)", "Platnost ve dnech (prázdné: do zneplatnění)";
        Issue: "Issue a CRM token", "Vydat token CRM";
        Revoke: "Revoke", "Zneplatnit";
        TokenLive: "valid", "platný";
        TokenExpired: "expired", "vypršel";
        TokenRevoked: "revoked", "zneplatněn";
        TokenSince: "Issued", "Vydán";
        TokenUntil: "Valid until", "Platí do";
        TokenForever: "until revoked", "do zneplatnění";
        TokenNameWrong: "A token's name has 1 to 80 printable characters.", "Název tokenu má 1 až 80 znaků.";
        TokenDaysWrong: "The number of days is 1 to 3650, or empty.", "Počet dní je 1 až 3650, nebo prázdný.";
        IssuedTitle: "CRM token for {address}", "Token CRM pro {address}";
        IssuedBody: "This is the only time that it is shown: copy it into the CRM now. Whoever has it can read and send this mailbox's mail through the gateway until it is revoked.",
            "Ukáže se jen teď: zkopírujte ho do CRM. Kdo ho má, může přes bránu číst a odesílat poštu této schránky, dokud ho nezneplatníte.";
        IssuedToken: "CRM token (password in the CRM)", "Token CRM (v CRM jako heslo)";
        IssuedSettings: "What to enter in the CRM", "Co zadat do CRM";
        SettingsImap: "IMAP", "IMAP";
        SettingsSmtp: "SMTP", "SMTP";
        Host: "Host", "Server";
        Port: "Port", "Port";
        Security: "Security", "Zabezpečení";
        SecurityNone: "none", "žádné";
        UserName: "User name", "Uživatelské jméno";
        SmtpAuth: "SMTP authentication", "Ověření SMTP";
        SmtpAuthOn: "on, mechanism login or plain", "zapnuto, mechanismus login nebo plain";
        AllowList: "Line for the CRM's data/config.php, which lets it reach the gateway (EspoCRM 9.3.2 and newer)",
            "Řádek do data/config.php v CRM, který mu dovolí připojit se k bráně (EspoCRM 9.3.2 a novější)";
        NothingAdvertised: "No listener says under which name mail clients reach it: set advertise in the configuration.",
            "Žádný listener neuvádí, pod jakým jménem ho poštovní klienti najdou: nastavte v konfiguraci advertise.";
        AccountBarred: "The mailbox is not connected or is barred: the token opens nothing until that changes.",
            "Schránka není připojena nebo je zablokována: dokud se to nezmění, token nic neotevře.";
        Sessions: "Open mail sessions", "Otevřená spojení";
        NoSessions: "No mail session is open.", "Žádné spojení není otevřené.";
        SessionFrom: "From", "Odkud";
        SessionSince: "Since", "Od";
        SessionNode: "Protocol", "Protokol";
        EndSession: "End", "Ukončit";
        Failed: "This was not done: {why}", "Neprovedlo se: {why}";
        Gone: "This mailbox is not registered any more.", "Tato schránka už není zaregistrována.";
    }
}
