//! What is said of people who leave, and of those whom the CRM has no more.

use super::phrases::phrases;

phrases! {
    /// Offboarding a mailbox, and what leads there.
    Leaving {
        Link: "The owner has left", "Vlastník odešel";
        Title: "{address}: the owner has left", "{address}: vlastník odešel";
        Body: "The mailbox is closed at once: its CRM tokens and its consent end, and its mail sessions within seconds. Nothing is deleted at Google or in the CRM. What is linked with it is kept for 90 days, then the mailbox is removed; until then you can enable it again.",
            "Schránka se hned uzavře: skončí její tokeny CRM i souhlas a do několika sekund i její poštovní spojení. V Googlu ani v CRM se nic nesmaže. Co je s ní propojeno, se uchová 90 dní, pak se schránka odstraní; do té doby ji můžete znovu povolit.";
        AtGoogle: "Ending the consent drops everything that this person gave to any client of the whole Google Cloud project.",
            "Ukončením souhlasu Google zruší vše, co tento člověk dal kterémukoli klientovi celého projektu Google Cloud.";
        Ends: "What ends", "Co skončí";
        Sessions: "open mail sessions", "otevřená poštovní spojení";
        Tokens: "CRM tokens", "tokeny CRM";
        Consent: "consent at Google", "souhlas u Googlu";
        Yes: "yes", "ano";
        No: "none", "žádný";
        CrmMail: "Its mail account in the CRM was written by the gateway and will not be able to log in any more: take it back on the page of mail accounts, or let an admin of the CRM set it inactive.",
            "Její poštovní účet v CRM zapsala brána a už se nepřihlásí: vezměte zápis zpět na stránce poštovních účtů, nebo ať jej správce CRM zneaktivní.";
        Linked: "What is linked", "Co je propojeno";
        Upcoming: "meetings and calls to come, assigned to this person", "budoucí schůzky a hovory přiřazené tomuto člověku";
        Events: "pairs of events and records", "dvojice událostí a záznamů";
        FromGoogle: "of these made in Google: they stay with their organiser", "z toho vzniklé v Googlu: zůstanou svému pořadateli";
        People: "contacts and leads kept in step", "kontakty a zájemci udržovaní ve shodě";
        Successor: "Who goes on with the records", "Kdo převezme záznamy";
        SuccessorField: "Address of the successor", "Adresa nástupce";
        SuccessorHelp: "A connected mailbox. Meetings and calls to come are assigned to its user in the CRM, and appear in their calendar; contacts and leads are pushed into their group, as far as they may see them. Empty: nobody.",
            "Připojená schránka. Budoucí schůzky a hovory se v CRM přiřadí jejímu uživateli a objeví se v jeho kalendáři; kontakty a zájemci se pošlou do jeho skupiny, pokud je smí vidět. Prázdné: nikdo.";
        Show: "Show", "Ukázat";
        Gets: "{address} gets:", "{address} dostane:";
        GetsRecords: "meetings and calls: {count}", "schůzky a hovory: {count}";
        GetsNoRecords: "no meetings and calls: the mailbox belongs to no user of the CRM", "žádné schůzky a hovory: schránka nepatří žádnému uživateli CRM";
        GetsPeople: "contacts and leads: {count}", "kontakty a zájemci: {count}";
        GetsNoPeople: "no contacts and leads: no group is chosen there into which people are pushed", "žádné kontakty a zájemce: není tam vybrána skupina, do které se lidé posílají";
        GetsNobody: "Nobody takes anything over. You can name a successor later, on this page.", "Nikdo nic nepřevezme. Nástupce můžete určit i později, na této stránce.";
        BadSuccessor: "This mailbox cannot be the successor: name another one, that is registered and connected.",
            "Tato schránka nemůže být nástupcem: uveďte jinou, která je zaregistrovaná a připojená.";
        Close: "Close the mailbox", "Uzavřít schránku";
        Since: "The owner left on {at}. The mailbox is removed on {end}.", "Vlastník odešel {at}. Schránka se odstraní {end}.";
        Again: "Name a successor, or go on handing over", "Určit nástupce, nebo pokračovat v předávání";
        DoneTitle: "{address} is closed", "{address} je uzavřena";
        DoneTokens: "CRM tokens revoked: {count}. Mail sessions that end: {sessions}.", "Zneplatněné tokeny CRM: {count}. Končící poštovní spojení: {sessions}.";
        DoneRecords: "Meetings and calls handed over: {count}. The next run brings them into the calendar.", "Předané schůzky a hovory: {count}. Příští běh je zanese do kalendáře.";
        DonePeople: "Contacts and leads that are pushed: {count}. What comes of each is told on the successor's page of contacts.", "Kontakty a zájemci, kteří se posílají: {count}. Co se s kterým stalo, řekne stránka kontaktů nástupce.";
        DoneLeft: "Not handed over yet: {count}. Do it once more to go on.", "Zatím nepředáno: {count}. Pokračujte novým provedením.";
        DoneRefused: "The CRM has not taken all of it: {why}", "CRM nepřevzalo vše: {why}";
        Person: "Everything about this person", "Vše o tomto člověku";
        PersonBody: "A file with all that is kept of them here, a JSON object a line: the mailbox, what is linked with it, the rows of the journal that name them, and where else the address stands. It holds no token and no key.",
            "Soubor se vším, co se tu o něm vede, jeden objekt JSON na řádek: schránka, co je s ní propojeno, řádky deníku, které ho jmenují, a kde jinde adresa stojí. Není v něm žádný token ani klíč.";
        PersonButton: "Download", "Stáhnout";
        Forget: "Forget the person, too: also the name behind the journal's pseudonyms, and what was written down about them. The journal still verifies.",
            "Zapomenout i člověka: také jméno za pseudonymy v deníku a co se o něm zapsalo. Deník jde dál ověřit.";
        Forgotten: "Names forgotten: {names}. What was written down and is gone: {words}. What stays, as it stands in Google or in the CRM: {stays}.",
            "Zapomenutá jména: {names}. Zapsané a odstraněné: {words}. Zůstává, protože to stojí v Googlu nebo v CRM: {stays}.";
        ToMailbox: "To the mailbox", "Ke schránce";
        GoneDeactivated: "The CRM does not let the user of this mailbox in any more, since {at}. Nothing is kept in step for it. Has the owner left?",
            "CRM už uživatele této schránky nepouští, od {at}. Nic se jí neudržuje ve shodě. Odešel vlastník?";
        GoneDeleted: "The CRM does not have the user of this mailbox any more, since {at}. Nothing is kept in step for it. Has the owner left?",
            "CRM už uživatele této schránky nemá, od {at}. Nic se jí neudržuje ve shodě. Odešel vlastník?";
        GoneNote: "If not, let the CRM's admin activate the user, or give the mailbox to another one: it goes on by itself within the hour.",
            "Pokud ne, ať správce CRM uživatele povolí, nebo dejte schránku jinému: do hodiny vše samo pokračuje.";
        GoneCount: "Mailboxes whose user the CRM does not have any more: {count}. Nothing is kept in step for them.",
            "Schránky, jejichž uživatele CRM už nemá: {count}. Nic se jim neudržuje ve shodě.";
    }
}
