//! What the page about keys of the REST API says.

use super::phrases::phrases;

phrases! {
    /// Keys of the REST API.
    Keys {
        Title: "API keys", "Klíče API";
        Body: "Programs show a key to use the REST API; the CRM needs one to register mailboxes by itself. Only a hash of a key is kept, so it is shown once.",
            "Programy se klíčem prokazují rozhraní REST; CRM jej potřebuje, aby samo registrovalo schránky. Ukládá se jen otisk klíče, proto se klíč ukáže jen jednou.";
        None: "There is no key yet.", "Zatím neexistuje žádný klíč.";
        Name: "Name", "Název";
        NameHelp: "It stands in the journal beside what the program does. Letters, digits and . _ - @, at most 32.",
            "Uvádí se v deníku u toho, co program udělal. Písmena bez diakritiky, číslice a . _ - @, nejvýše 32.";
        May: "May", "Smí";
        Reach: "Mailboxes", "Schránky";
        ReachAll: "all", "všechny";
        ReachSome: "single ones: {count}", "jednotlivé: {count}";
        ReachLabel: "Only mailboxes of these domains, and these single ones, separated by blanks or lines (empty: all). A key of single mailboxes registers none.",
            "Jen schránky těchto domén a tyto jednotlivé, oddělené mezerami nebo řádky (prázdné: všechny). Klíč jednotlivých schránek žádnou nezaregistruje.";
        Rate: "Requests a minute", "Požadavků za minutu";
        RateLabel: "Requests a minute, 1 to 100000; beyond that the program is told to wait",
            "Požadavků za minutu, 1 až 100000; při překročení je program vyzván, aby počkal";
        State: "State", "Stav";
        Live: "valid", "platný";
        Revoked: "revoked {at}", "zneplatněn {at}";
        Made: "Made", "Vytvořen";
        Used: "Last used", "Naposledy použit";
        Never: "never", "nikdy";
        Revoke: "Revoke", "Zneplatnit";
        RevokeBody: "The next request with this key is refused. This cannot be undone.",
            "Další požadavek s tímto klíčem bude odmítnut. Nelze to vrátit.";
        New: "Make a key", "Vytvořit klíč";
        Scopes: "What the program may do", "Co program smí";
        AccountRead: "See mailboxes, their state and their CRM tokens (never a secret)",
            "Vidět schránky, jejich stav a jejich tokeny CRM (nikdy tajný údaj)";
        AccountLink: "Register mailboxes and make links with which owners connect them",
            "Registrovat schránky a vytvářet odkazy, jimiž je vlastníci připojí";
        TokenIssue: "Issue and revoke CRM tokens", "Vydávat a zneplatňovat tokeny CRM";
        TokenIssueBody: "With this, whoever has the key can issue a token for every mailbox that the key reaches, read all its mail and send as its owner. Leave it out unless the program really needs it.",
            "Kdo má klíč s tímto oprávněním, může vydat token ke každé schránce, na kterou klíč dosáhne, číst všechnu její poštu a posílat jménem vlastníka. Povolte jen tehdy, když to program opravdu potřebuje.";
        SyncRun: "See and start jobs, decide about held changes", "Vidět a spouštět úlohy, rozhodovat o pozdržených změnách";
        AuditRead: "Read the journal; only for a key of all mailboxes",
            "Číst deník; jen pro klíč všech schránek";
        Make: "Make the key", "Vytvořit klíč";
        ShownTitle: "The key {name}", "Klíč {name}";
        ShownBody: "Copy the key now: it is shown this once and cannot be shown again.",
            "Zkopírujte si klíč hned: zobrazí se jen nyní a znovu ho zobrazit nelze.";
        ShownKey: "Key", "Klíč";
        ShownUse: "The program sends it with each request as the header X-Api-Key.",
            "Program jej posílá s každým požadavkem v hlavičce X-Api-Key.";
        Signs: "Make a secret to sign requests with as well (HMAC)", "Vytvořit i tajný údaj k podepisování požadavků (HMAC)";
        SignsBody: "For programs that can sign: a signed request holds nothing by which somebody who sees it could send another one.",
            "Pro programy, které umějí podepisovat: podepsaný požadavek neobsahuje nic, čím by ten, kdo jej uvidí, mohl poslat další.";
        ShownSecret: "Secret to sign with", "Tajný údaj k podepisování";
        ShownSign: "The program signs each request with it; how, says the reference under REST API. The secret itself is never sent.",
            "Program jím podepisuje každý požadavek; jak, popisuje referenční příručka v části REST API. Samotný údaj se nikdy neposílá.";
        ShownAddress: "Address of the REST API", "Adresa rozhraní REST";
        NameWrong: "This name does not fit: write 1 to 32 letters, digits and . _ - @",
            "Tento název nevyhovuje: napište 1 až 32 písmen bez diakritiky, číslic a . _ - @";
        NoScope: "Tick what the program may do.", "Zaškrtněte, co program smí.";
        RateWrong: "The rate is a number from 1 to 100000.", "Počet je číslo od 1 do 100000.";
        DomainWrong: "This is no domain such as example.com: {domain}",
            "Toto není doména jako example.com: {domain}";
        MailboxWrong: "No such mailbox is registered: {word}", "Taková schránka není zaregistrována: {word}";
        Gone: "There is no such key any more.", "Takový klíč už neexistuje.";
    }
}
