//! What is said about mail accounts that the gateway writes into the CRM.

use super::Sentence;
use super::phrases::phrases;

phrases! {
    /// How they stand, what is in the way, and what is to be done.
    Provision {
        Title: "Mail accounts in the CRM", "Poštovní účty v CRM";
        Body: "For each mailbox that you choose, the gateway writes host, port, encryption, user name and a fresh CRM token into the mail account of the CRM, and has the CRM test the connection. The token is shown to nobody. The one from before ends once the test has gone well.",
            "U každé vybrané schránky zapíše brána do poštovního účtu v CRM server, port, zabezpečení, uživatelské jméno a nový token CRM a nechá CRM vyzkoušet spojení. Token se nikomu neukáže. Dřívější token skončí, až se zkouška podaří.";
        UndoBody: "Taking it back revokes the token. An account that the gateway made is deleted, or switched off when the CRM has fetched mail by it. One that was there before gets its former values again, but for its password, which you enter in the CRM.",
            "Vrácení token zneplatní. Účet, který brána vytvořila, se smaže, nebo vypne, pokud jím CRM už stahovalo poštu. Účet, který existoval dříve, dostane zpět své hodnoty kromě hesla; to zadáte v CRM.";
        InCrm: "In the CRM", "V CRM";
        Choose: "Choose {address}", "Vybrat {address}";
        Check: "Look what is in the way", "Zjistit, co je v cestě";
        Write: "Write into the CRM", "Zapsat do CRM";
        Undo: "Take back", "Vrátit";
        NoneChosen: "Choose at least one mailbox.", "Vyberte alespoň jednu schránku.";
        Working: "This goes on by itself; you may leave the page.", "Běží to samo; stránku můžete opustit.";
        Look: "Look again", "Podívat se znovu";
        StateNone: "nothing written", "nic nezapsáno";
        StateWorking: "in progress", "probíhá";
        StateWritten: "written", "zapsáno";
        StateFailed: "not done", "neprovedeno";
        StateUnsure: "uncertain", "nejisté";
        StateUndone: "taken back", "vráceno";
        StillStands: "What was written before still stands.", "Co bylo zapsáno dříve, platí dál.";
        UnsureBody: "The record may hold the new values: write it again, or take it back.",
            "Záznam možná obsahuje nové hodnoty: zapište ho znovu, nebo zápis vraťte.";
        WillCreate: "A new account would be made.", "Vznikl by nový účet.";
        WillUpdate: "The account that is there would be written over.", "Přepsal by se účet, který tam je.";
        NotConnected: "The mailbox is not connected, so the CRM could not log in. Connect it first.",
            "Schránka není připojena, takže by se CRM nepřihlásilo. Nejprve ji připojte.";
        Several: "The CRM has {detail} accounts for this address. Leave one of them and write again.",
            "CRM má pro tuto adresu účty v počtu {detail}. Nechte jeden z nich a zapište znovu.";
        Moved: "What was written before is the account of another user or address, or of another kind. Take it back first.",
            "Co bylo zapsáno dříve, je účet jiného uživatele či adresy nebo jiného druhu. Nejprve zápis vraťte.";
        HostNotAllowed: "The CRM does not connect to hosts inside its network unless they are listed. Add to emailServerAllowedAddressList in its data/config.php, each in quotes: {detail}",
            "CRM se k serverům uvnitř své sítě nepřipojí, nejsou-li uvedeny v seznamu. Do emailServerAllowedAddressList v jeho data/config.php přidejte, každý v uvozovkách: {detail}";
        Limit: "This CRM user has as many mail accounts as a user may have ({detail}). Remove one, or raise the limit in the CRM (Administration, Inbound Emails).",
            "Tento uživatel CRM má tolik poštovních účtů, kolik jich smí mít ({detail}). Jeden odeberte, nebo v CRM zvyšte limit (Administrace, Příchozí e-maily).";
        Handler: "An extension logs in for this account in its own way, whatever the account says (hidden imapHandler, smtpHandler). Disconnect Gmail in the account in the CRM, or delete the account there, and write again.",
            "Za tento účet se přihlašuje rozšíření po svém, ať je v účtu cokoli (skryté imapHandler, smtpHandler). V CRM u účtu odpojte Gmail, nebo účet smažte, a zapište znovu.";
        TestRefused: "The CRM could not log in: {detail}", "CRM se nedokázalo přihlásit: {detail}";
        NoUser: "The CRM has no such user. Correct the CRM user of the mailbox.",
            "CRM takového uživatele nemá. Opravte u schránky uživatele CRM.";
        NoAccess: "The CRM does not let its administrator do this: {detail}", "CRM to svému správci nedovolí: {detail}";
        SignInRefused: "The CRM refuses the sign-in of crm.admin_user.", "CRM odmítá přihlášení uživatele crm.admin_user.";
        ShutOut: "The CRM shuts the gateway out for a minute after wrong sign-ins.",
            "CRM bránu po nesprávných přihlášeních na minutu nepouští.";
        Unanswered: "The CRM gave no answer: {detail}", "CRM neodpovědělo: {detail}";
        Invalid: "The CRM does not take it: {detail}", "CRM to nepřijme: {detail}";
        Store: "The database did not answer. Try again.", "Databáze neodpověděla. Zkuste to znovu.";
        Removed: "The account was deleted.", "Účet byl smazán.";
        SwitchedOff: "The account was switched off; its mails stay.", "Účet byl vypnut; jeho zprávy zůstávají.";
        Restored: "The account has its former values again. Its password was replaced: enter it in the CRM.",
            "Účet má zpět své dřívější hodnoty. Jeho heslo bylo přepsáno: zadejte ho v CRM.";
        Gone: "There was no account any more, or nothing was written.", "Účet už neexistoval, nebo nebylo nic zapsáno.";
        NoCrm: "No CRM is set up for this: set crm.url, crm.admin_user and crm.admin_password_file in the configuration. Only an administrator of the CRM writes mail accounts there.",
            "CRM k tomu není nastaveno: uveďte v konfiguraci crm.url, crm.admin_user a crm.admin_password_file. Poštovní účty v CRM zapisuje jen jeho správce.";
        NotAdministrator: "The user of crm.admin_user is no administrator of the CRM.",
            "Uživatel crm.admin_user není správcem CRM.";
        Refused: "The CRM refuses the sign-in of crm.admin_user: its password is wrong, or it has a second factor.",
            "CRM odmítá přihlášení uživatele crm.admin_user: má nesprávné heslo nebo druhý faktor.";
        TooMany: "At most {count} mailboxes at once.", "Najednou nejvýše {count} schránek.";
    }
}

impl Provision {
    /// The phrase of a state.
    #[must_use]
    pub fn of_state(state: &str) -> Self {
        match state {
            "working" => Self::StateWorking,
            "written" => Self::StateWritten,
            "failed" => Self::StateFailed,
            "unsure" => Self::StateUnsure,
            "undone" => Self::StateUndone,
            _ => Self::StateNone,
        }
    }

    /// What a word and what belongs to it mean; none for a word of another version.
    #[must_use]
    pub fn of_word(word: &str, detail: Option<&str>) -> Option<Sentence> {
        let phrase = match word {
            "not_connected" => Self::NotConnected,
            "several" => Self::Several,
            "moved" => Self::Moved,
            "host_not_allowed" => Self::HostNotAllowed,
            "limit" => Self::Limit,
            "handler" => Self::Handler,
            "test_refused" => Self::TestRefused,
            "no_user" => Self::NoUser,
            "no_access" => Self::NoAccess,
            "sign_in_refused" => Self::SignInRefused,
            "shut_out" => Self::ShutOut,
            "unanswered" => Self::Unanswered,
            "invalid" => Self::Invalid,
            "store" => Self::Store,
            "removed" => Self::Removed,
            "switched_off" => Self::SwitchedOff,
            "restored" => Self::Restored,
            "gone" => Self::Gone,
            _ => return None,
        };
        Some(Sentence::from(phrase).with("detail", detail.unwrap_or("–")))
    }
}
