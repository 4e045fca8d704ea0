//! What the page says about files of mailboxes and registering many at once.

use super::phrases::phrases;

phrases! {
    /// A CSV file, what would be done, and how far it is.
    Registering {
        File: "Or a CSV file", "Nebo soubor CSV";
        FileBody: "Columns as in the lines above, or with a first line that names them: email, crm_user, aliases. Saved as UTF-8, at most 1 MB. A file that is chosen goes before what is typed.",
            "Sloupce jako v řádcích výše, nebo s prvním řádkem, který je pojmenuje: email, crm_user, aliases. Uložený v UTF-8, nejvýše 1 MB. Vybraný soubor má přednost před napsaným.";
        NotText: "This file is no text in UTF-8. Save it again as \"CSV UTF-8\".", "Tento soubor není text v UTF-8. Uložte ho znovu jako „CSV UTF-8“.";
        LineQuote: "a quote is not closed in this line", "v tomto řádku není uzavřena uvozovka";
        LineUser: "a CRM user's id has at most 100 characters", "id uživatele CRM má nejvýše 100 znaků";
        Known: "is registered already; what is new is added", "už je zaregistrována; přidá se, co je nové";
        New: "new", "nová";
        RunTitle: "Registering", "Registrace";
        Progress: "{done} of {total} lines done", "hotovo {done} z {total} řádků";
        Running: "This goes on by itself; you may leave the page.", "Běží to samo; stránku můžete opustit.";
        Look: "Look again", "Podívat se znovu";
        Finished: "Registered: {count}", "Zaregistrováno: {count}";
        Stopped: "This stopped before the end, because the gateway was stopped. What is registered stays; give the same lines again for the rest.",
            "Skončilo to předčasně, protože se brána zastavila. Co je zaregistrováno, zůstává; zbytek doženete týmiž řádky.";
        Failed: "Lines that were not registered: {count}", "Řádky, které se nezaregistrovaly: {count}";
        Another: "Another registration is still running. Wait for its end.", "Ještě běží jiná registrace. Počkejte, až skončí.";
        LinksBody: "No links were made yet. Mail them from the page about getting connected, or have them shown here to pass on yourself.",
            "Odkazy se zatím nevytvořily. Pošlete je ze stránky o připojování, nebo si je nechte ukázat zde a předejte sami.";
        ShowLinks: "Make links and show them", "Vytvořit odkazy a ukázat je";
        RunGone: "Nothing is known of this registration any more.", "O této registraci už není nic známo.";
    }
}
