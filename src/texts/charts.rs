//! What the charts of the overview say.

use super::phrases::phrases;

phrases! {
    /// Charts over time.
    Charts {
        Title: "Over time", "V čase";
        Day: "24 hours", "24 hodin";
        Month: "30 days", "30 dní";
        Spans: "How much time is shown", "Zobrazené období";
        Nothing: "Nothing was counted in this time yet. Figures appear within a minute after mail programs come.",
            "V tomto období se zatím nic nenapočítalo. Údaje se objeví do minuty poté, co přijdou poštovní programy.";
        Logins: "Logins", "Přihlášení";
        Refusals: "Refused logins", "Odmítnutá přihlášení";
        Messages: "Messages sent", "Odeslané zprávy";
        Bytes: "Mail transferred, both directions", "Přenesená pošta, oba směry";
        Refreshes: "Access tokens fetched from Google", "Přístupové tokeny získané od Googlu";
        Sessions: "Open mail sessions, the most at once", "Otevřená spojení, nejvíce najednou";
        ToldSum: "{sum} in all, at most {most}", "celkem {sum}, nejvýše {most}";
        ToldMost: "at most {most}", "nejvýše {most}";
        AsTable: "As a table", "Jako tabulka";
        When: "Time", "Čas";
        Count: "Count", "Počet";
    }
}
