//! What the admins' pages have in common, and the way in.

use super::phrases::phrases;

phrases! {
    /// Signing in, the frame of every page, the overview.
    Desk {
        Overview: "Overview", "Přehled";
        Accounts: "Accounts", "Účty";
        SignOut: "Sign out", "Odhlásit";
        SignedInAs: "Signed in as {name}", "Přihlášen: {name}";
        SkipToContent: "Skip to content", "Přeskočit na obsah";
        Navigation: "Main navigation", "Hlavní navigace";
        SignInTitle: "Sign in", "Přihlášení";
        SignInBody: "For those who run this gateway. To connect a mailbox, open the link that you were given instead.",
            "Pro správce této brány. Chcete-li připojit schránku, otevřete odkaz, který jste dostali.";
        Name: "Name", "Jméno";
        Password: "Password", "Heslo";
        PasswordAgain: "Password again", "Heslo znovu";
        SignInButton: "Sign in", "Přihlásit";
        SignInWrong: "The name or the password is wrong, or this admin is disabled.",
            "Jméno nebo heslo nesouhlasí, nebo je tento správce zablokován.";
        SignedOut: "You are signed out.", "Jste odhlášeni.";
        SessionOver: "Sign in to go on. After half an hour without a request, and twelve hours after signing in, you are signed out.",
            "Pro pokračování se přihlaste. Po půl hodině nečinnosti a dvanáct hodin po přihlášení jste odhlášeni.";
        WelcomeTitle: "Choose your password", "Zvolte si heslo";
        WelcomeBody: "You will sign in as {name}. Choose a password of at least 12 characters; several words are easy to remember.",
            "Budete se přihlašovat jako {name}. Zvolte si heslo o alespoň 12 znacích; několik slov se dobře pamatuje.";
        WelcomeButton: "Save and sign in", "Uložit a přihlásit";
        WelcomeGoneTitle: "This link is not valid any more", "Tento odkaz už neplatí";
        WelcomeGone: "It works once and for one hour. Whoever runs the machine gets a new one by the command: postern admin reset NAME",
            "Funguje jednou a po dobu jedné hodiny. Kdo spravuje server, získá nový příkazem: postern admin reset JMÉNO";
        PasswordShort: "The password is too short: it needs at least 12 characters.",
            "Heslo je příliš krátké: potřebuje alespoň 12 znaků.";
        PasswordLong: "The password is too long: it may have 128 characters at most.",
            "Heslo je příliš dlouhé: může mít nejvýše 128 znaků.";
        PasswordEasy: "This password is too easy to guess. Choose another one.",
            "Toto heslo lze snadno uhodnout. Zvolte jiné.";
        PasswordsDiffer: "The two passwords are not the same.", "Hesla se neshodují.";
        NotYoursTitle: "Not for your role", "Na toto nemáte oprávnění";
        NotYours: "Your role does not include this. Ask an admin of this gateway.",
            "Vaše role to nezahrnuje. Obraťte se na správce brány.";
        StaleForm: "This form belongs to an earlier sign-in, so nothing was done. Open the page again and repeat it.",
            "Tento formulář patří k dřívějšímu přihlášení, nic se tedy neprovedlo. Otevřete stránku znovu a akci zopakujte.";
        ConfirmLabel: "Your password (asked again because this cannot be undone or shows a secret)",
            "Vaše heslo (ptáme se znovu, protože akci nelze vrátit nebo ukáže tajný údaj)";
        ConfirmWrong: "Your password or code was not right, so nothing was done. Go back and try again; a code works once.",
            "Vaše heslo nebo kód nesouhlasí, nic se tedy neprovedlo. Vraťte se a zkuste to znovu; kód platí jen jednou.";
        TooMuch: "This is more than the page takes at once. Split it into smaller parts.",
            "To je víc, než stránka najednou přijme. Rozdělte to na menší části.";
        Back: "Back", "Zpět";
        Copy: "Copy", "Zkopírovat";
        Copied: "Copied.", "Zkopírováno.";
        NeedsAttention: "Needs attention", "Vyžaduje pozornost";
        UndecidedUsers: "CRM users to confirm: {count}. A program has named them, and the CRM did not bear it out.",
            "Uživatelé CRM k potvrzení: {count}. Uvedl je program a CRM to nepotvrdilo.";
        AllWell: "Every mailbox is as it should be.", "Všechny schránky jsou v pořádku.";
        Mailboxes: "Mailboxes", "Schránky";
        NoMailboxes: "No mailbox is registered yet.", "Zatím není zaregistrována žádná schránka.";
        RegisterFirst: "Register the first one", "Zaregistrovat první";
        OpenSessions: "Open mail sessions", "Otevřená spojení";
        ClientMissing: "No Google client is set, so nobody can connect. Set one on the page Google, or by: postern client set",
            "Není nastaven žádný Google klient, takže se nikdo nemůže připojit. Nastavíte ho na stránce Google nebo příkazem: postern client set";
        ClientFault: "Google refuses the OAuth client ({code}). What to do says the page Google",
            "Google odmítá OAuth klienta ({code}). Co s tím, poradí stránka Google";
        HeldRestored: "The database was restored from a backup: calendars, contacts and notices are held until somebody runs: postern adopt",
            "Databáze se obnovila ze zálohy: kalendáře, kontakty a oznámení stojí, dokud někdo nespustí: postern adopt";
        HeldElsewhere: "The database was served at {before} ({place}) before: calendars, contacts and notices are held here. If this installation takes over, run: postern adopt",
            "Databáze předtím sloužila na adrese {before} ({place}): kalendáře, kontakty a oznámení tady stojí. Jestli tato instalace přebírá provoz, spusťte: postern adopt";
        CountConnected: "{count} of {all} connected", "připojeno {count} z {all}";
        ShowThese: "Show", "Zobrazit";
    }
}
