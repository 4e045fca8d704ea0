//! What the pages say about those who run the installation, and about one's own
//! password, codes and sessions.

use super::phrases::phrases;

phrases! {
    /// The admins, and what each does about themselves.
    Admins {
        Title: "Admins", "Správci";
        Mine: "My sign-in", "Moje přihlášení";
        Done: "Done.", "Hotovo.";
        CodeTitle: "Enter your code", "Zadejte kód";
        CodeBody: "Your password was right. Open the authenticator app on your phone and enter the six digits it shows.",
            "Heslo souhlasí. Otevřete ověřovací aplikaci v telefonu a opište šest číslic, které ukazuje.";
        CodeLabel: "Code", "Kód";
        CodeHint: "Phone not at hand? Enter one of your recovery codes instead; it works once.",
            "Nemáte telefon po ruce? Zadejte místo toho jeden ze záložních kódů; funguje jen jednou.";
        CodeWrong: "This code is not right. A code works once: if you used this one before, wait for the next.",
            "Tento kód nesouhlasí. Každý kód platí jen jednou: pokud jste ho už použili, počkejte na další.";
        CodeButton: "Go on", "Pokračovat";
        CodeOver: "It took too long, or your password has changed meanwhile. Begin again.",
            "Trvalo to příliš dlouho, nebo se mezitím změnilo vaše heslo. Začněte znovu.";
        TooManyTitle: "Too many wrong codes", "Příliš mnoho chybných kódů";
        TooMany: "No further code is looked at for ten minutes. A recovery code still works. If it was not you, somebody knows your password: change it.",
            "Dalších deset minut se žádný kód nekontroluje. Záložní kód funguje dál. Pokud jste to nebyli vy, někdo zná vaše heslo: změňte ho.";
        ProofLabel: "Your password or a code from your app (asked again because this cannot be undone or shows a secret)",
            "Vaše heslo nebo kód z aplikace (ptáme se znovu, protože akci nelze vrátit nebo ukáže tajný údaj)";
        FirstCodes: "Every admin of this gateway enters a code when signing in. Set yours up to go on.",
            "Každý správce této brány zadává při přihlášení kód. Než budete pokračovat, nastavte si ho.";
        FirstCodesTitle: "Set up codes first", "Nejprve nastavte kódy";
        Codes: "Codes from an app", "Kódy z aplikace";
        CodesOff: "With an authenticator app on your phone, nobody signs in as you by the password alone.",
            "S ověřovací aplikací v telefonu se za vás nikdo nepřihlásí pouhým heslem.";
        CodesOn: "A code is asked when you sign in. Since:", "Při přihlášení se zadává kód. Nastaveno:";
        CodesLeft: "Recovery codes left: {count}", "Zbývající záložní kódy: {count}";
        CodesFew: "Make new ones before you run out of them.", "Vytvořte si nové, dokud nějaké máte.";
        SetUp: "Set up codes", "Nastavit kódy";
        SetUpTitle: "Set up codes from an app", "Nastavení kódů z aplikace";
        SetUpScan: "1. Open an authenticator app and scan this picture, or enter the key by hand.",
            "1. Otevřete ověřovací aplikaci a naskenujte tento obrázek, nebo opište klíč.";
        SetUpPicture: "QR code that holds the key below", "QR kód s klíčem uvedeným níže";
        SetUpKey: "Key", "Klíč";
        SetUpEnter: "2. Enter the six digits that the app shows now. Nothing changes before.",
            "2. Opište šest číslic, které aplikace právě ukazuje. Do té doby se nic nemění.";
        SetUpWrong: "This code does not belong to the key above. Check that the clock of your phone is right, then enter the next code.",
            "Tento kód neodpovídá klíči výše. Zkontrolujte, zda má telefon správný čas, a zadejte další kód.";
        SetUpButton: "Confirm", "Potvrdit";
        SetUpGone: "Codes are set up already, or the page is too old. Look at your sign-in page.",
            "Kódy už jsou nastaveny, nebo je stránka příliš stará. Podívejte se na stránku svého přihlášení.";
        RecoveryTitle: "Your recovery codes", "Vaše záložní kódy";
        RecoveryBody: "Each of them stands in once for a code when your phone is not at hand. Print them or keep them where you keep passwords: they are not shown again, and earlier ones are void.",
            "Každý z nich jednou nahradí kód, když nemáte telefon po ruce. Vytiskněte si je nebo uložte tam, kde máte hesla: znovu se neukážou a dřívější už neplatí.";
        RecoveryKept: "I have kept them", "Mám je uložené";
        NewCodes: "New recovery codes", "Nové záložní kódy";
        SwitchOff: "Switch codes off", "Vypnout kódy";
        SwitchOffBody: "Then the password alone is enough to sign in. Do this before you set up another phone.",
            "K přihlášení pak stačí samotné heslo. Udělejte to, než nastavíte jiný telefon.";
        ChangePassword: "Password", "Heslo";
        ChangeBody: "Changing it ends your other sessions.", "Změnou hesla se ukončí vaše ostatní přihlášení.";
        OldPassword: "Password until now", "Dosavadní heslo";
        NewPassword: "New password (at least 12 characters)", "Nové heslo (alespoň 12 znaků)";
        ChangeButton: "Change the password", "Změnit heslo";
        OldWrong: "The password until now is not right, so nothing was changed.",
            "Dosavadní heslo nesouhlasí, nic se tedy nezměnilo.";
        Taste: "Language and time", "Jazyk a čas";
        Language: "Language", "Jazyk";
        LanguageBrowser: "As the browser asks", "Podle prohlížeče";
        Zone: "Time zone (for example Europe/Prague; empty for UTC)",
            "Časové pásmo (například Europe/Prague; prázdné znamená UTC)";
        ZoneWrong: "There is no time zone of that name. Choose one from the list, for example Europe/Prague.",
            "Časové pásmo tohoto názvu neexistuje. Vyberte ze seznamu, například Europe/Prague.";
        Save: "Save", "Uložit";
        Sessions: "Where you are signed in", "Kde jste přihlášeni";
        SessionFrom: "Address", "Adresa";
        SessionBrowser: "Browser", "Prohlížeč";
        SessionBegan: "Signed in", "Přihlášení";
        SessionSeen: "Last seen", "Naposledy";
        SessionHere: "this one", "toto přihlášení";
        SessionEnd: "End", "Ukončit";
        SessionsEnd: "End all others", "Ukončit všechna ostatní";
        AdminName: "Name", "Jméno";
        AdminRole: "Role", "Role";
        AdminState: "State", "Stav";
        AdminCodes: "Codes", "Kódy";
        AdminSeen: "Last sign-in", "Poslední přihlášení";
        RoleAdmin: "Admin: everything", "Správce: vše";
        RoleHelpdesk: "Helpdesk: registers mailboxes, sends links", "Podpora: registruje schránky, posílá odkazy";
        RoleAuditor: "Auditor: only reads", "Auditor: pouze čte";
        Ready: "may sign in", "může se přihlásit";
        NotReady: "has to open the link", "musí otevřít odkaz";
        Barred: "disabled", "zablokován";
        CodesYes: "yes", "ano";
        CodesNo: "no", "ne";
        Never: "never", "nikdy";
        Change: "Change", "Upravit";
        Add: "Add somebody", "Přidat správce";
        AddBody: "You get a link to pass on. It works once and for one hour; whoever opens it chooses the password.",
            "Získáte odkaz k předání. Funguje jednou a po dobu jedné hodiny; kdo ho otevře, zvolí si heslo.";
        AddName: "Name (a-z, 0-9, dot, dash, underscore, @)", "Jméno (a-z, 0-9, tečka, pomlčka, podtržítko, @)";
        AddButton: "Add and show the link", "Přidat a ukázat odkaz";
        LinkTitle: "Link for {name}", "Odkaz pro: {name}";
        LinkBody: "Pass it on to {name} only. It works once, until {end}, and is not shown again.",
            "Předejte jej pouze osobě: {name}. Funguje jednou, do {end}, a znovu se neukáže.";
        Link: "One-time link", "Jednorázový odkaz";
        SetRole: "Set the role", "Nastavit roli";
        Reset: "Reset", "Obnovit přístup";
        ResetBody: "Takes password and codes away, ends all sessions and shows a new link. For a lost phone or a forgotten password.",
            "Zruší heslo i kódy, ukončí všechna přihlášení a ukáže nový odkaz. Pro ztracený telefon nebo zapomenuté heslo.";
        Disable: "Disable", "Zablokovat";
        DisableBody: "Ends all sessions; the name stays in the journal.", "Ukončí všechna přihlášení; jméno zůstane v protokolu.";
        Enable: "Enable again", "Znovu povolit";
        Mandatory: "Codes for everybody", "Kódy pro všechny";
        MandatoryOn: "Every admin must enter a code. Who has none yet is led to set it up after signing in and can do nothing else before.",
            "Každý správce musí zadávat kód. Kdo ho ještě nemá, je po přihlášení veden k nastavení a do té doby nemůže dělat nic jiného.";
        MandatoryOff: "Each admin decides whether codes are asked.", "Každý správce sám rozhoduje, zda se kód zadává.";
        MandatorySet: "Require codes of everybody", "Vyžadovat kódy od všech";
        MandatoryEnd: "Require them no longer", "Přestat vyžadovat";
        NobodyThere: "There is no such admin any more.", "Takový správce už neexistuje.";
        BadName: "A name has 1 to 40 characters of a-z, 0-9, dot, dash, underscore and @.",
            "Jméno má 1 až 40 znaků z a-z, 0-9, tečky, pomlčky, podtržítka a @.";
        NameTaken: "There is an admin called {name} already. Reset gives a new link.",
            "Správce {name} už existuje. Nový odkaz získáte obnovením přístupu.";
        LastOne: "{name} is the last one who can run this installation, so nothing was changed. Add another admin first.",
            "{name} je poslední, kdo může tuto instalaci spravovat, nic se tedy nezměnilo. Nejprve přidejte dalšího správce.";
    }
}
