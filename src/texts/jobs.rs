//! What the page about recurring work says.

use super::phrases::phrases;

phrases! {
    /// Recurring work of the installation.
    Jobs {
        Title: "Jobs", "Úlohy";
        Body: "Work that recurs by itself. One process at a time does each, whichever is first.",
            "Práce, která se opakuje sama. Každou dělá vždy jen jeden proces, ten, který je první.";
        None: "No job is known yet; they appear when the gateway has run for a few seconds.",
            "Zatím není známa žádná úloha; objeví se několik sekund po spuštění brány.";
        CleanUp: "Clean up", "Úklid";
        CleanUpBody: "Forgets links, sign-ins, sessions of these pages, figures and notices that have ended.",
            "Odstraní odkazy, přihlášení, relace těchto stránek, údaje a oznámení, která skončila.";
        AuditRetention: "Shorten the journal", "Zkrácení deníku";
        AuditRetentionBody: "Removes rows that are older than the journal is kept (page Settings), and vouches for them by a checkpoint.",
            "Odstraní řádky starší, než jak dlouho se deník uchovává (stránka Nastavení), a ručí za ně kontrolním bodem.";
        CrmUsers: "Look after the users of the CRM", "Kontrola uživatelů CRM";
        CrmUsersBody: "Asks the CRM whether everybody to whom a mailbox belongs is still there. For whoever is not, nothing is kept in step, and you are asked.",
            "Zeptá se CRM, zda každý, komu patří schránka, tam ještě je. Komu ne, tomu se nic neudržuje ve shodě a ptáme se vás.";
        CrmUsersGone: "mailboxes whose user is gone: {count}", "schránky, jejichž uživatel už není: {count}";
        Calendars: "Keep calendars in step", "Sladění kalendářů";
        CalendarsBody: "Each calendar is run at its own place in this time. Paused, none is; asked for, all are run at once.",
            "Každý kalendář přijde na řadu na svém místě v této době. Při pozastavení žádný; na požádání hned všechny.";
        CalendarsUsed: "calendars in use: {count}", "používané kalendáře: {count}";
        Contacts: "Keep contacts in step", "Sladění kontaktů";
        ContactsBody: "Each mailbox's group of contacts is run at its own place in this time, and at once when somebody pushes a record. Paused, none is; asked for, all are run at once.",
            "Skupina kontaktů každé schránky přijde na řadu na svém místě v této době, a když někdo pošle záznam, hned. Při pozastavení žádná; na požádání hned všechny.";
        ContactsUsed: "groups of contacts in use: {count}", "používané skupiny kontaktů: {count}";
        RowsRemoved: "rows removed: {count}", "odstraněné řádky: {count}";
        Every: "Schedule", "Plán";
        Hourly: "every hour", "každou hodinu";
        EveryMinutes: "every {count} min", "každých {count} min";
        State: "State", "Stav";
        Enabled: "runs by itself", "běží samo";
        Paused: "paused: runs only when asked", "pozastaveno: běží jen na požádání";
        Wanted: "a run was asked for", "požádáno o spuštění";
        Last: "Last run", "Poslední běh";
        Next: "Next run", "Příští běh";
        Ended: "Ended", "Skončil";
        Result: "Result", "Výsledek";
        Node: "Node", "Uzel";
        AskedBy: "Started by", "Spustil";
        Never: "never", "nikdy";
        Running: "is running", "běží";
        Good: "done", "hotovo";
        Failed: "failed: {why}", "selhalo: {why}";
        FailedBare: "failed", "selhalo";
        Interrupted: "interrupted; it begins again when it is due", "přerušeno; začne znovu, až bude na řadě";
        Schedule: "the schedule", "plán";
        RunNow: "Run now", "Spustit hned";
        Pause: "Pause", "Pozastavit";
        Resume: "Resume", "Obnovit";
        Runs: "Last runs", "Poslední běhy";
        NoRuns: "It has not run yet.", "Zatím neběžela.";
        Asked: "It begins within a few seconds. Open this page again to see how it went.",
            "Začne během několika sekund. Výsledek uvidíte po novém otevření této stránky.";
        Attention: "The last run of the job {name} failed; the page Jobs says why.",
            "Poslední běh úlohy {name} selhal; proč, řekne stránka Úlohy.";
        Gone: "There is no such job.", "Taková úloha neexistuje.";
    }
}
