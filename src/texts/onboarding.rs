//! What the pages say about getting mailboxes connected.

use super::phrases::phrases;

phrases! {
    /// Mailing links, who is connected and who is not, and why.
    Onboarding {
        Title: "Getting connected", "Připojování";
        Connected: "{count} of {all} connected", "připojeno {count} z {all}";
        Nobody: "No mailbox is registered yet.", "Zatím není zaregistrována žádná schránka.";
        Group: "Where they stand", "Jak na tom jsou";
        Any: "All", "Všechny";
        StepStuck: "stuck at Google", "uvízla u Googlu";
        StepRefused: "came back with a fault", "vrátila se s chybou";
        StepLacking: "Gmail not ticked", "Gmail nezaškrtnut";
        StepEnded: "connection ended", "spojení skončilo";
        StepWaiting: "link not used yet", "odkaz zatím nepoužit";
        StepUnderway: "at Google right now", "právě u Googlu";
        StepOff: "mail switched off by the owner", "poštu vypnul vlastník";
        StepBarred: "disabled or waiting for approval", "zablokována nebo čeká na schválení";
        StepConnected: "connected", "připojena";
        NextStuck: "The owner went to Google and did not come back. Ask which code Google showed; below stands what each one means.",
            "Vlastník odešel ke Googlu a nevrátil se. Zeptejte se, jaký kód Google ukázal; co který znamená, je níže.";
        NextLacking: "Send a new link and ask the owner to tick the box for Gmail.", "Pošlete nový odkaz a požádejte vlastníka, ať zaškrtne políčko pro Gmail.";
        NextEnded: "The owner has to connect it again: send a new link.", "Vlastník ji musí připojit znovu: pošlete nový odkaz.";
        NextWaiting: "The owner has not pressed the button of the link. Remind them, or send a new one.", "Vlastník nestiskl tlačítko odkazu. Připomeňte mu to, nebo pošlete nový.";
        NextUnderway: "Wait a few minutes.", "Počkejte několik minut.";
        NextOff: "Only the owner can switch it on, on their own page.", "Zapnout ji může jen vlastník na své stránce.";
        NextBarred: "An admin has to act: open the mailbox.", "Na tahu je správce: otevřete schránku.";
        NextConnected: "Nothing to do.", "Není třeba nic dělat.";
        FaultDeclined: "The owner pressed Cancel at Google. Explain what it is for, and send a new link.",
            "Vlastník u Googlu stiskl Zrušit. Vysvětlete mu, k čemu to je, a pošlete nový odkaz.";
        FaultWrongAccount: "The owner chose another Google account. The right one is that of the mailbox; a private window helps.",
            "Vlastník zvolil jiný účet Google. Správný je účet této schránky; pomůže anonymní okno.";
        FaultWrongDomain: "The Google account is in none of the allowed domains (google.allowed_domains).",
            "Účet Google nepatří do povolených domén (google.allowed_domains).";
        FaultAnotherPerson: "The address belongs to another Google account than before, or that account is connected as another mailbox. Open the mailbox; remove the old one if that is right.",
            "Adresa patří jinému účtu Google než dříve, nebo je ten účet připojen jako jiná schránka. Otevřete schránku; je-li to správně, starou odstraňte.";
        FaultLate: "More than ten minutes passed at Google, or another browser came back. Send a new link; it is to be opened and finished in one browser.",
            "U Googlu uplynulo více než deset minut, nebo se vrátil jiný prohlížeč. Pošlete nový odkaz; otevřít a dokončit se má v jednom prohlížeči.";
        FaultNoRefresh: "Google gave no lasting access. The owner removes this gateway in their Google account (Security, Third-party connections) and starts again.",
            "Google nedal trvalý přístup. Vlastník ve svém účtu Google (Zabezpečení, Připojení třetích stran) tuto bránu odebere a začne znovu.";
        FaultNotVerified: "Google has not verified the address of that account. The owner verifies it there first.",
            "Google adresu toho účtu neověřil. Vlastník ji tam nejprve ověří.";
        FaultClient: "Google refuses the client of this installation ({code}). What to do says the page Google.",
            "Google odmítá klienta této instalace ({code}). Co s tím, poradí stránka Google.";
        FaultOther: "It failed with {code}. Try again; if it fails again, the journal and the log have more under this name.",
            "Selhalo to s {code}. Zkuste to znovu; pokud to selže zase, víc je v deníku a v logu pod tímto jménem.";
        Since: "Started", "Zahájeno";
        MailedAt: "Link mailed", "Odkaz poslán";
        LinkUntil: "Link works until", "Odkaz platí do";
        NoLink: "no link that works", "žádný platný odkaz";
        ToPage: "Who is connected and who is not", "Kdo je připojen a kdo ne";
        StuckWarning: "Stuck at Google: {count}. Somebody went there to connect a mailbox and did not come back within ten minutes.",
            "Uvízlo u Googlu: {count}. Někdo tam šel připojit schránku a do deseti minut se nevrátil.";
        StuckTitle: "Stuck at Google: what the code means", "Uvízlo u Googlu: co znamená kód";
        StuckBody: "Google tells us nothing then; only the owner sees the code.", "Google nám v tom případě nic neřekne; kód vidí jen vlastník.";
        CodeNone: "no code, the page was closed", "žádný kód, stránka byla zavřena";
        CodeNoneFix: "Send a new link.", "Pošlete nový odkaz.";
        CodeDenied: "The Google project is in status Testing and the address is not among its test users, or the owner pressed Cancel. In the Google console, Audience: publish the app, or add the address.",
            "Projekt Google je ve stavu Testing a adresa není mezi testovacími uživateli, nebo vlastník stiskl Zrušit. V konzoli Google, Audience: aplikaci publikujte, nebo adresu přidejte.";
        CodeInternal: "The project is Internal and the mailbox is not in its Workspace. In the console, Audience: make it External, or use an account of that Workspace.",
            "Projekt je Internal a schránka není v jeho Workspace. V konzoli, Audience: změňte jej na External, nebo použijte účet toho Workspace.";
        CodeRedirect: "The address to which Google sends people back is not registered. Copy it exactly from the page Google into the client in the console.",
            "Adresa, na kterou Google lidi vrací, není zaregistrována. Zkopírujte ji přesně ze stránky Google do klienta v konzoli.";
        CodeUnverified: "\"Google hasn't verified this app\"", "„Tuto aplikaci Google neověřil“";
        CodeUnverifiedFix: "The owner chooses Advanced and goes on. It goes away with Google's review of the app, or with an Internal project.",
            "Vlastník zvolí Rozšířené a pokračuje. Zmizí to po kontrole aplikace Googlem, nebo u projektu Internal.";
        CodePolicy: "The Workspace restricts apps. Its admin trusts the client in the Admin console: Security, API controls, App access control.",
            "Workspace omezuje aplikace. Jeho správce klienta povolí v administrátorské konzoli: Zabezpečení, Ovládací prvky API, Řízení přístupu aplikací.";
        CodeAgent: "The link was opened inside another program. Open it in a browser of its own.", "Odkaz se otevřel uvnitř jiného programu. Otevřete ho ve skutečném prohlížeči.";
        CodeClient: "The client was deleted, disabled or its secret changed. Set it again on the page Google.", "Klient byl smazán, zakázán, nebo se změnil jeho tajný klíč. Nastavte ho znovu na stránce Google.";
        MailMissing: "Mail a link to all who are missing ({count})", "Poslat odkaz všem, kdo chybí ({count})";
        MailConfirm: "Mail {count} links?", "Poslat odkazy: {count}?";
        MailConfirmBody: "Each goes to its mailbox and nowhere else, and works for 7 days. Who was mailed one less than ten minutes ago is left out. At most {most} leave at once; press again for the rest.",
            "Každý jde do své schránky a nikam jinam a platí 7 dní. Kdo odkaz dostal před méně než deseti minutami, se vynechá. Najednou odejde nejvýše {most}; zbytek dalším stisknutím.";
        MailNow: "Mail them", "Poslat je";
        MailedMany: "Links on their way: {count}", "Odkazy na cestě: {count}";
        LeftOut: "Left out, because they were mailed one less than ten minutes ago: {lately}; because their owner could not help: {needless}.",
            "Vynechány, protože odkaz dostaly před méně než deseti minutami: {lately}; protože vlastník nic nezmůže: {needless}.";
        MailLink: "Mail a link to the owner", "Poslat odkaz vlastníkovi";
        NoNotices: "Links cannot be mailed: no way to send is set (notices.via in the configuration). Make a link and pass it on yourself.",
            "Odkazy nelze posílat: není nastaveno, kudy (notices.via v konfiguraci). Vytvořte odkaz a předejte ho sami.";
        Mailed: "The link is on its way", "Odkaz je na cestě";
        MailedBody: "A letter with a new link leaves within seconds, to {address} and nowhere else. The link works for 7 days.",
            "Dopis s novým odkazem odejde během několika vteřin, na adresu {address} a nikam jinam. Odkaz platí 7 dní.";
        NotMailed: "No link was mailed", "Odkaz se neposlal";
        Lately: "A link for {address} was mailed less than ten minutes ago. Wait a little, or make a link and pass it on yourself.",
            "Odkaz pro {address} se posílal před méně než deseti minutami. Chvíli počkejte, nebo vytvořte odkaz a předejte ho sami.";
        Needless: "The owner of {address} could not help: the mailbox is disabled, waits for approval, or a service account opens it.",
            "Vlastník {address} nic nezmůže: schránka je zablokovaná, čeká na schválení, nebo ji otevírá servisní účet.";
    }
}
