//! What the pages say of what is not in step, and of why something was changed.

use postern_core::plan::link::{Side, State};
use postern_core::plan::record::Field;

use super::phrases::phrases;

phrases! {
    /// Events and records that belong together.
    Pairs {
        OnHold: "Nothing is synchronised at present: the database was restored from a backup, or started in another place, and no admin has said yet that it goes on here.",
            "Teď se nic nesynchronizuje: databáze se obnovila ze zálohy nebo ji teď obsluhuje jiný server a správce ještě neřekl, že se tady pokračuje.";
        Waiting: "What is not in step", "Co se neshoduje";
        AllInStep: "Nothing: everything that is synchronised is in step, or is waiting for the next run.",
            "Nic: vše, co se synchronizuje, se shoduje, nebo čeká na další běh.";
        More: "{count} in all; the last ones are shown.", "Celkem {count}; ukázány jsou poslední.";
        Letters: "What could not be done", "Co se nepodařilo provést";
        LettersHelp: "Each is tried again when its event or its record is changed, or when you ask for it.",
            "Každé se zkusí znovu, když se změní jeho událost nebo záznam, nebo když o to požádáte.";
        OfEvent: "An event of Google that could not be taken over or changed.", "Událost Googlu, kterou se nepodařilo převzít nebo změnit.";
        OfRecord: "A record of the CRM that could not be kept in step.", "Záznam CRM, který se nepodařilo udržet ve shodě.";
        Reason: "Why: {why}", "Proč: {why}";
        Tried: "Attempts: {count}, the first {first}, the last {last}.", "Pokusů: {count}, první {first}, poslední {last}.";
        Retry: "Try again", "Zkusit znovu";
        Held: "Changes that wait for a word", "Změny, které čekají na rozhodnutí";
        HeldLine: "{count} in {calendar} since {since}: {what}. If nobody decides until {until}, they are not made.",
            "{count} v kalendáři {calendar} od {since}: {what}. Když do {until} nikdo nerozhodne, neprovedou se.";
        HeldHelp: "They are more than is done without asking. What you approve is done once and as it is; what you reject is left as it stands on both sides.", "Je jich víc, než se provede bez ptaní. Co schválíte, provede se jednou a tak, jak to je; co odmítnete, zůstane na obou stranách, jak stojí.";
        Approve: "Approve", "Schválit";
        Reject: "Reject", "Odmítnout";
        NotWaiting: "These changes do not wait any more: they were decided already, or are others by now.", "Tyto změny už nečekají: rozhodlo se o nich, nebo jsou mezitím jiné.";
        ClassCreate: "creations", "vytvoření";
        ClassUpdate: "changes", "změny";
        ClassDelete: "deletions", "smazání";
        ClassReplan: "writes that follow from what you have chosen", "zápisy, které plynou z toho, co jste zvolili";
        ClassMailed: "new records, of each of which the CRM mails its user", "nové záznamy, o každém z nich CRM pošle svému uživateli e-mail";
        ClassInvited: "guests of events, put on or taken off", "hosté událostí, kteří přibudou nebo ubudou";
        ClassReturned: "everything that came together while the account was not connected", "vše, co se nahromadilo, než byl účet znovu připojen";
        ClassHalved: "what follows from more than half being gone on one side; look first whether that side shows everything again",
            "co plyne z toho, že na jedné straně zmizela víc než polovina; nejdřív se podívejte, jestli ta strana zase neukazuje všechno";
        ClassGuests: "changes that guests outside would notice", "změny, kterých by si všimli hosté zvenku";
        Apart: "Pairs that are left alone", "Dvojice, které se nechávají být";
        ApartHelp: "Sync again takes up such a pair: where both sides are there, what differs is decided; where one is gone, it is made again.",
            "Synchronizovat znovu takovou dvojici opět převezme: kde jsou obě strany, rozhodne se, co se liší; kde jedna chybí, vznikne znovu.";
        StateActive: "Nobody knows yet what came of a write; the next run finds out.", "Zatím se neví, jak dopadl zápis; zjistí to další běh.";
        StateFrozen: "One side may not be seen any more, so nothing is done.", "Jednu stranu už není dovoleno vidět, takže se nic nedělá.";
        StateDetached: "It was deleted on one side; the other lives on by itself.", "Na jedné straně se smazalo; druhá žije dál sama.";
        StateDormant: "The account is not connected.", "Účet není připojen.";
        StateIgnored: "It was removed in the CRM, taken back by an undo, or removed with everything that was made, and the other side is left alone; or it is a copy that was deleted.", "V CRM se odstranilo, vrátilo se zpět, nebo se odstranilo se vším, co vzniklo, a druhá strana se nechává být; nebo je to kopie, která se smazala.";
        StateQuarantined: "It was written more than ten times in an hour: two programs may be working against each other. Look at both sides before you take it up.",
            "Za hodinu se zapisovalo víc než desetkrát: možná pracují dva programy proti sobě. Než dvojici znovu převezmete, podívejte se na obě strany.";
        Since: "Since {at}.", "Od {at}.";
        Resume: "Sync again", "Synchronizovat znovu";
        NotThere: "It is not there any more: it was done meanwhile, or was taken up by somebody else.",
            "Už to tu není: mezitím se to provedlo, nebo to převzal někdo jiný.";
        InStep: "This pair is kept in step already.", "Tato dvojice se už udržuje ve shodě.";
        BothGone: "Both the event and the record are gone, so there is nothing to keep in step.",
            "Událost i záznam zmizely, takže není co udržovat ve shodě.";
        Why: "Why", "Proč";
        Title: "Why is this so: {title}", "Proč to tak je: {title}";
        Untitled: "(no title)", "(bez názvu)";
        Stands: "How it stands", "Jak to stojí";
        InStepNow: "It is kept in step.", "Udržuje se ve shodě.";
        View: "This calendar shows an event of another one, whose pair carries the changes.",
            "Tento kalendář ukazuje událost jiného, jehož dvojice přenáší změny.";
        CopyNow: "It is a copy of a record in which you take part: it follows the record, and what you change in it stays there.",
            "Je to kopie záznamu, kterého se účastníte: řídí se záznamem, a co v ní změníte, zůstane jen v ní.";
        Calendar: "Calendar", "Kalendář";
        Event: "Event of Google", "Událost Googlu";
        Record: "Record of the CRM", "Záznam CRM";
        SideGone: "{what} (gone)", "{what} (už není)";
        SideNone: "not made yet", "ještě nevznikl";
        Changes: "What was changed", "Co se změnilo";
        NoChanges: "Postern has changed nothing: both sides were found alike, or nothing is kept any more.",
            "Postern nezměnil nic: obě strany se našly shodné, nebo už se nic neuchovává.";
        Faded: "What was there before is not kept any more.", "Co tam bylo předtím, se už neuchovává.";
        KindMakeEvent: "An event was made in Google", "V Googlu vznikla událost";
        KindMakeRecord: "A record was made in the CRM", "V CRM vznikl záznam";
        KindWriteEvent: "The event in Google was changed", "Událost v Googlu se změnila";
        KindWriteRecord: "The record in the CRM was changed", "Záznam v CRM se změnil";
        KindDeleteEvent: "The event in Google was deleted", "Událost v Googlu se smazala";
        KindDeleteRecord: "The record in the CRM was removed", "Záznam v CRM se odstranil";
        KindCallOff: "The record in the CRM was set to Not Held", "Záznam v CRM se označil jako Nekonalo se";
        KindSetStatus: "The record in the CRM has its earlier status again", "Záznam v CRM má znovu dřívější stav";
        KindOther: "Something was changed", "Něco se změnilo";
        FieldTitle: "Title", "Název";
        FieldWhen: "Times", "Čas";
        FieldText: "Text", "Text";
        FieldPlace: "Place", "Místo";
        FieldSalutation: "Salutation", "Oslovení";
        FieldGiven: "First name", "Jméno";
        FieldMiddle: "Middle name", "Prostřední jméno";
        FieldFamily: "Last name", "Příjmení";
        FieldEmails: "E-mail addresses", "E-mailové adresy";
        FieldPhones: "Phone numbers", "Telefony";
        FieldOrganisation: "Organisation", "Organizace";
        FieldRole: "Role", "Funkce";
        FieldPostal: "Address", "Adresa";
        FieldNote: "Note", "Poznámka";
        FieldWeb: "Web page", "Web";
        Before: "before", "předtím";
        Written: "written", "zapsáno";
        LostGoogle: "lost, from Google", "ztraceno, z Googlu";
        LostCrm: "lost, from the CRM", "ztraceno, z CRM";
        Empty: "(empty)", "(prázdné)";
        Days: "{first} to {last}, whole days", "{first} až {last}, celé dny";
        Day: "{first}, the whole day", "{first}, celý den";
        Times: "{start} to {end} UTC", "{start} až {end} UTC";
        Run: "Run {run}", "Běh {run}";
        Back: "Back to the calendars", "Zpět na kalendáře";
    }
}

impl From<State> for Pairs {
    fn from(state: State) -> Self {
        match state {
            State::Active => Self::StateActive,
            State::Frozen => Self::StateFrozen,
            State::Detached => Self::StateDetached,
            State::Dormant => Self::StateDormant,
            State::Ignored => Self::StateIgnored,
            State::Quarantined => Self::StateQuarantined,
        }
    }
}

impl From<Field> for Pairs {
    fn from(field: Field) -> Self {
        match field {
            Field::Title => Self::FieldTitle,
            Field::When => Self::FieldWhen,
            Field::Text => Self::FieldText,
            Field::Place => Self::FieldPlace,
            Field::Salutation => Self::FieldSalutation,
            Field::Given => Self::FieldGiven,
            Field::Middle => Self::FieldMiddle,
            Field::Family => Self::FieldFamily,
            Field::Emails => Self::FieldEmails,
            Field::Phones => Self::FieldPhones,
            Field::Organisation => Self::FieldOrganisation,
            Field::Role => Self::FieldRole,
            Field::Postal => Self::FieldPostal,
            Field::Note => Self::FieldNote,
            Field::Web => Self::FieldWeb,
        }
    }
}

impl Pairs {
    /// What a change did, by its word in the journal.
    #[must_use]
    pub fn of_kind(word: &str) -> Self {
        match word {
            "make-event" => Self::KindMakeEvent,
            "make-record" => Self::KindMakeRecord,
            "write-event" => Self::KindWriteEvent,
            "write-record" => Self::KindWriteRecord,
            "delete-event" => Self::KindDeleteEvent,
            "delete-record" => Self::KindDeleteRecord,
            "call-off" => Self::KindCallOff,
            "set-status" => Self::KindSetStatus,
            _ => Self::KindOther,
        }
    }

    /// What the writes of a class do, by its word.
    #[must_use]
    pub fn of_class(word: &str) -> Self {
        match word {
            "create" => Self::ClassCreate,
            "delete" => Self::ClassDelete,
            "guests" => Self::ClassGuests,
            "replan" => Self::ClassReplan,
            "returned" => Self::ClassReturned,
            "mailed" => Self::ClassMailed,
            "invited" => Self::ClassInvited,
            "halved" => Self::ClassHalved,
            _ => Self::ClassUpdate,
        }
    }

    /// Of which side a value was overwritten.
    #[must_use]
    pub fn lost(side: Side) -> Self {
        match side {
            Side::Google => Self::LostGoogle,
            Side::Crm => Self::LostCrm,
        }
    }
}
