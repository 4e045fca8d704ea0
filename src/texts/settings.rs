//! What the page about settings of the running gateway says.

use super::phrases::phrases;

phrases! {
    /// Settings that may change while the gateway runs.
    Settings {
        Title: "Settings", "Nastavení";
        Body: "These hold within seconds, on every node, without a restart. What the configuration file or the environment set is locked here.",
            "Tato nastavení platí během několika sekund na všech uzlech, bez restartu. Co určuje konfigurační soubor nebo proměnné prostředí, je zde uzamčeno.";
        Sessions: "Mailboxes", "Schránky";
        Clients: "Mail programs", "Poštovní programy";
        Guard: "Wrong tokens", "Chybné tokeny";
        Records: "Journal and notices", "Deník a oznámení";
        AccountSessions: "IMAP sessions of one mailbox at once", "Současná spojení IMAP jedné schránky";
        AccountSessionsHelp: "Over all nodes. Gmail takes 15, the owner's own programs among them. Running sessions stay when it is lowered.",
            "Na všech uzlech dohromady. Gmail jich přijme 15 včetně vlastních programů majitele. Při snížení běžící spojení zůstanou.";
        AccountSmtpSessions: "SMTP sessions of one mailbox at once", "Současná spojení SMTP jedné schránky";
        AccountSmtpSessionsHelp: "Over all nodes.", "Na všech uzlech dohromady.";
        ConnectionsPerAddress: "Connections of mail programs from one address", "Spojení poštovních programů z jedné adresy";
        ConnectionsPerAddressHelp: "A CRM comes with all its mailboxes from one address. IPv6: from one /64.",
            "CRM přichází se všemi schránkami z jedné adresy. U IPv6 z jedné sítě /64.";
        ImapIdle: "Silence after which an IMAP session ends", "Ticho, po němž spojení IMAP skončí";
        ImapIdleHelp: "For sessions that begin from now on.", "Pro spojení navázaná od této chvíle.";
        MessageSize: "Largest message", "Největší zpráva";
        MessageSizeHelp: "Gmail takes no more than 35882577 octets.", "Gmail nepřijme víc než 35882577 oktetů.";
        LoginThrottle: "Different wrong tokens that shut an address out", "Různé chybné tokeny, které adresu zablokují";
        LoginThrottleHelp: "Wrong logins from there are answered slowly; right ones enter at once, always.",
            "Chybná přihlášení odtud se odmítají pomalu; správná projdou vždy ihned.";
        LoginThrottleWindow: "For how long a wrong token counts", "Jak dlouho se chybný token počítá";
        LoginThrottleWindowHelp: "Each counts once within this time.", "Každý se v této době počítá jednou.";
        LoginThrottleDelay: "Longest delay of an answer", "Nejdelší prodleva odpovědi";
        LoginThrottleDelayHelp: "To an address that is shut out.", "Pro zablokovanou adresu.";
        Retention: "How long the journal is kept", "Jak dlouho se uchovává deník";
        RetentionHelp: "Older rows are removed within the hour and cannot be brought back.",
            "Starší řádky se do hodiny odstraní a nelze je obnovit.";
        NoticesTo: "Who is told when Google shuts a mailbox", "Kdo se dozví, že Google zavřel schránku";
        NoticesToHelp: "They get one digest, not a message for each mailbox.",
            "Dostávají jeden souhrn, ne zprávu za každou schránku.";
        NoticesOwners: "The owner of the mailbox is told, too", "Dozví se to i vlastník schránky";
        NoticesOwnersHelp: "With a link to connect it again.", "S odkazem k novému připojení.";
        Connecting: "Connecting mailboxes", "Připojování schránek";
        Connect: "Owners may connect their mailboxes", "Vlastníci smějí připojovat své schránky";
        ConnectHelp: "Switched off, no link leads to Google; mailboxes that are connected go on as before.",
            "Při vypnutí žádný odkaz nevede ke Googlu; připojené schránky fungují dál.";
        Products: "What owners are asked for", "O co jsou vlastníci žádáni";
        ProductsHelp: "On the way to Google owners may leave one out. A product that is taken away here stays with those who gave it, until they switch it off.",
            "Cestou ke Googlu smějí vlastníci některou vynechat. Služba, která se zde odebere, zůstává těm, kdo ji dali, dokud ji sami nevypnou.";
        RangeProducts: "gmail, calendar, contacts, or several of them, separated by blanks or commas.",
            "gmail, calendar, contacts, nebo více z nich, oddělených mezerami nebo čárkami.";
        AllowedDomains: "Domains that may connect", "Domény, které se smějí připojit";
        AllowedDomainsHelp: "Mailboxes of other domains are neither registered nor connected; those that are connected stay.",
            "Schránky jiných domén nelze zaregistrovat ani připojit; již připojené zůstanou.";
        RangeDomains: "Domains such as example.com, separated by blanks or commas; empty: all.",
            "Domény jako example.com, oddělené mezerami nebo čárkami; prázdné: všechny.";
        Everybody: "all", "všechny";
        RangeNumber: "A number from {least} to {most}.", "Číslo od {least} do {most}.";
        RangeOctets: "Octets, or a number and MB or MiB; from {least} to {most} octets.",
            "Oktety, nebo číslo a MB či MiB; od {least} do {most} oktetů.";
        RangeTime: "A number and a unit: 500ms, 10s, 5m, 12h or 7d; from {least} to {most}.",
            "Číslo a jednotka: 500ms, 10s, 5m, 12h nebo 7d; od {least} do {most}.";
        RangeAddresses: "E-mail addresses, separated by blanks or commas; empty: nobody.",
            "E-mailové adresy oddělené mezerami nebo čárkami; prázdné: nikdo.";
        Unfit: "This value does not fit. {range}", "Tato hodnota nevyhovuje. {range}";
        UnfitWhy: "This cannot be taken over: {why}.", "To nelze převzít: {why}.";
        NoVia: "There is no way to send it: set notices.via in the configuration file first.",
            "Není jak odesílat: nejdřív nastavte notices.via v konfiguračním souboru.";
        Nobody: "Nobody would be told: name somebody, or let owners be told.",
            "Nikdo by se nic nedozvěděl: uveďte někoho, nebo nechte psát vlastníkům.";
        Nothing: "nobody", "nikdo";
        Yes: "yes", "ano";
        No: "no", "ne";
        IsDefault: "the default", "výchozí hodnota";
        IsStored: "set here", "nastaveno zde";
        IsUnfit: "what was set here cannot be used: {why}", "co bylo nastaveno zde, nelze použít: {why}";
        SetAtLine: "set in {file}, line {line}", "určuje soubor {file}, řádek {line}";
        SetInFile: "set in {file}", "určuje soubor {file}";
        SetByVariable: "set by the variable {name}", "určuje proměnná {name}";
        ChangedBy: "last changed by {by}, {at}", "naposledy změnil {by}, {at}";
        Change: "Change", "Změnit";
        Value: "Value", "Hodnota";
        Save: "Save", "Uložit";
        Default: "Use the default ({default})", "Použít výchozí ({default})";
        Saved: "Saved; it holds on every node within seconds.", "Uloženo; během několika sekund platí na všech uzlech.";
        StaleTitle: "Somebody else was faster", "Někdo byl rychlejší";
        Stale: "While you had this page open, {by} changed this setting ({at}). Nothing of yours was saved.",
            "Zatímco jste měli stránku otevřenou, změnil toto nastavení {by} ({at}). Z vaší změny se nic neuložilo.";
        StaleNow: "Value now", "Hodnota nyní";
        StaleWanted: "Value you wanted", "Hodnota, kterou jste chtěli";
        StaleNext: "If yours should hold all the same, save it again below.",
            "Má-li přesto platit vaše, uložte ji níže znovu.";
        Locked: "This setting is locked here: {where}.", "Toto nastavení je zde uzamčeno: {where}.";
        Unknown: "There is no such setting.", "Takové nastavení neexistuje.";
        ReadOnly: "Only an admin changes settings.", "Nastavení mění jen správce s plnými právy.";
    }
}
