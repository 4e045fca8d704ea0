//! What the page about Google's limits says.

use super::phrases::phrases;

phrases! {
    /// How much of Google's limits is used.
    Quota {
        Title: "Google's limits", "Limity Googlu";
        Link: "How much of Google's limits is used today", "Kolik z limitů Googlu je dnes využito";
        Body: "Requests to the Calendar API on {date}, of all nodes together, a minute behind. Google's day ends at midnight in California, {ends}.",
            "Dotazy na Calendar API dne {date}, ze všech uzlů dohromady, o minutu pozadu. Den Googlu končí o půlnoci v Kalifornii, {ends}.";
        Limits: "Limits", "Limity";
        Day: "The project in a day", "Projekt za den";
        Minute: "The project in a minute", "Projekt za minutu";
        User: "One user in a minute", "Jeden uživatel za minutu";
        OfLimit: "{used} of {limit}", "{used} z {limit}";
        AtMost: "at most {used} of {limit}", "nejvýše {used} z {limit}";
        ByItsEnd: "If it goes on like this, about {count} by the end of the day.", "Půjde-li to takto dál, do konce dne asi {count}.";
        TooEarly: "It is too early to tell how many it will be by the end of the day.", "Na odhad do konce dne je příliš brzy.";
        Near: "This is near the limit. Google refuses what is above it, and the synchronisation then waits. Synchronise less often (sync.calendar_interval), or ask Google for more.",
            "To je blízko limitu. Co je nad ním, Google odmítá a synchronizace pak čeká. Synchronizujte méně často (sync.calendar_interval), nebo požádejte Google o víc.";
        Accounts: "By mailbox", "Podle schránek";
        Mailbox: "Mailbox", "Schránka";
        Requests: "Requests", "Dotazy";
        Poll: "Looking for changes", "Hledání změn";
        Import: "Reading from the beginning", "Čtení od začátku";
        Write: "Writing", "Zápis";
        Busiest: "Busiest minute", "Nejrušnější minuta";
        None: "Nothing was asked today.", "Dnes se na nic neptalo.";
    }
}
