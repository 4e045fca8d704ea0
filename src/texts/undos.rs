//! What is said of taking back what a run did.

use postern_core::model::scope::Product;
use postern_core::plan::link::Side;
use postern_core::plan::undo::{Act, Why};

use super::phrases::phrases;

phrases! {
    /// Taking a run back.
    Undos {
        Runs: "What the last runs changed", "Co změnily poslední běhy";
        RunsHelp: "Undo first shows what would be taken back; nothing is done before you confirm it.",
            "Vrátit nejdřív ukáže, co by se vrátilo; dokud to nepotvrdíte, nic se nestane.";
        Line: "{at}, {calendar}: {made} made, {written} changed, {removed} removed.",
            "{at}, {calendar}: vytvořeno {made}, změněno {written}, odstraněno {removed}.";
        LineContacts: "{at}: {made} made, {written} changed, {removed} removed.",
            "{at}: vytvořeno {made}, změněno {written}, odstraněno {removed}.";
        Undo: "Undo", "Vrátit";
        Waiting: "It is being taken back: the next run does it.", "Vrací se: provede to další běh.";
        Done: "It was taken back.", "Vrátilo se.";
        Partly: "It was taken back in part: the rest was another by then, or was refused.", "Vrátilo se zčásti: zbytek byl mezitím jiný, nebo byl odmítnut.";
        Expired: "What was not taken back within a day stays as it is.", "Co se nevrátilo do jednoho dne, zůstává, jak je.";
        Count: "{done} of {acts} changes.", "{done} z {acts} změn.";
        Title: "Take back a run", "Vrátit běh";
        Acts: "What is taken back", "Co se vrátí";
        NoActs: "Nothing: of what the run did, nothing is left to take back.", "Nic: z toho, co běh udělal, už není co vrátit.";
        Left: "What stays as it is", "Co zůstane, jak je";
        Lost: "What cannot come back", "Co se vrátit nedá";
        LostBody: "What was deleted comes back with its title, times, text and place. A record that is made again in the CRM is a new one: guests, history, links to other records and other fields do not come back. The same holds for an event that Google has not kept.",
            "Co se smazalo, vrátí se s názvem, časem, textem a místem. Záznam, který v CRM znovu vznikne, je nový: hosté, historie, vazby na jiné záznamy a další pole se nevrátí. Totéž platí pro událost, kterou si Google nenechal.";
        LostPeople: "Whoever was deleted is made again, of what is shown, and is left alone from then on. It is a new person or record: pictures, history, links to other records and other fields do not come back.",
            "Kdo byl smazán, znovu vznikne z toho, co je ukázáno, a dál se nesynchronizuje. Je to nová osoba nebo záznam: fotky, historie, vazby na jiné záznamy a další pole se nevrátí.";
        More: "The first {shown} of {count} are shown; all of them are taken back.", "Ukázáno je prvních {shown} z {count}; vrátí se všechny.";
        RestoreGoogle: "The event in Google is as it was", "Událost v Googlu bude jako dřív";
        RestoreCrm: "The record in the CRM is as it was", "Záznam v CRM bude jako dřív";
        RemoveGoogle: "The event in Google is deleted; its record in the CRM stays and is not put into Google again", "Událost v Googlu se smaže; její záznam v CRM zůstane a do Googlu se znovu nezapíše";
        RemoveCrm: "The record in the CRM is removed; its event in Google stays and is not taken over again", "Záznam v CRM se odstraní; jeho událost v Googlu zůstane a znovu se nepřevezme";
        BringGoogle: "The event in Google comes back", "Událost v Googlu se vrátí";
        BringCrm: "The record in the CRM is made again", "Záznam v CRM znovu vznikne";
        RestorePerson: "The person in Google is as they were", "Osoba v Googlu bude jako dřív";
        RemovePerson: "The person in Google is deleted; the record in the CRM stays and is not put into Google again", "Osoba v Googlu se smaže; záznam v CRM zůstane a do Googlu se znovu nezapíše";
        RemovePersonsRecord: "The record in the CRM is removed; the person in Google stays and is not taken over again", "Záznam v CRM se odstraní; osoba v Googlu zůstane a znovu se nepřevezme";
        BringPerson: "The person in Google is made again", "Osoba v Googlu znovu vznikne";
        Status: "The status of the record in the CRM", "Stav záznamu v CRM";
        Field: "{field}: {shows}", "{field}: {shows}";
        Back: "{field}: {becomes} instead of {shows}", "{field}: {becomes} místo {shows}";
        Stays: "{where}, {what}: {why}", "{where}, {what}: {why}";
        InGoogle: "in Google", "v Googlu";
        InCrm: "in the CRM", "v CRM";
        All: "all of it", "celé";
        WhyChanged: "somebody has changed it since.", "někdo to od té doby změnil.";
        WhyGone: "it is not there any more.", "už to tam není.";
        WhyThere: "it is so already.", "už to tak je.";
        WhyUnseen: "it was not seen lately.", "poslední dobou se to nevidělo.";
        WhyFaded: "what was there before is not kept any more.", "co tam bylo předtím, se už neuchovává.";
        WhyGuests: "others are invited to it.", "jsou k tomu pozváni jiní.";
        WhyUnknown: "it is not synchronised any more, or by another calendar.", "už se to nesynchronizuje, nebo to dělá jiný kalendář.";
        WhyLast: "what it was made of is gone, so this is all that is left.", "to, z čeho vzniklo, už není, takže nic jiného nezbývá.";
        WhyShared: "others use it too.", "používají to i jiní.";
        WhyOver: "it is over, or has its own status by now: it tells of what has been.", "už je to za námi, nebo to má vlastní stav: vypovídá o tom, co bylo.";
        WhyPeople: "who takes part, and what they answered, is not taken back.", "kdo se účastní a co odpověděl, se nevrací.";
        Mails: "The CRM may send {count} mails: it tells the users to whom these records are assigned.", "CRM může poslat {count} zpráv: říká uživatelům, kterým jsou tyto záznamy přiřazeny.";
        LinePeople: "{at}, {calendar}: {made} made, {written} changed, {removed} removed; who takes part: {people} changes.",
            "{at}, {calendar}: vytvořeno {made}, změněno {written}, odstraněno {removed}; kdo se účastní: změn {people}.";
        Earlier: "Earlier runs", "Dřívější běhy";
        Later: "The last runs", "Poslední běhy";
        ConfirmHelp: "Google mails nobody about it. What is as it was on one side counts as an edit that was made there: the next run carries it to the other side, as it does with any edit.",
            "Google o tom nikomu nic nepošle. Co je na jedné straně jako dřív, platí za úpravu, která se tam udělala: další běh ji přenese na druhou stranu jako každou jinou.";
        ConfirmHelpPeople: "What is as it was on one side counts as an edit that was made there: where such edits are carried over, the next run does it.",
            "Co je na jedné straně jako dřív, platí za úpravu, která se tam udělala: kde se takové úpravy přenášejí, udělá to další běh.";
        Confirm: "Take it back", "Vrátit to";
        Different: "What would be taken back is different by now, so nothing was done. Look at it again.", "Co by se vrátilo, je mezitím jiné, takže se nic nestalo. Podívejte se na to znovu.";
        Busy: "Something is being taken back already. Try again when that is done.", "Něco se už vrací. Zkuste to znovu, až to skončí.";
        TooMuch: "This run changed more than {most} things, and is not taken back as a whole.", "Tento běh změnil víc než {most} věcí a jako celek se nevrací.";
        NotThere: "This run has changed nothing in your calendars that is still known.", "Tento běh ve vašich kalendářích nezměnil nic, co by bylo ještě známo.";
        NotTherePeople: "This run has changed nothing in your contacts that is still known.", "Tento běh ve vašich kontaktech nezměnil nic, co by bylo ještě známo.";
        NoGroup: "No group of this mailbox is kept in step, so nothing can be taken back. Choose the group first.", "Žádná skupina této schránky se nesynchronizuje, takže se nic nedá vrátit. Nejdřív vyberte skupinu.";
        Remove: "Remove everything that was made here", "Odstranit vše, co tu vzniklo";
        Removed: "What is removed", "Co se odstraní";
        Removing: "It is being removed by the next runs of the calendars.", "Odstraňují to další běhy kalendářů.";
        RemovingPeople: "It is being removed by the next runs.", "Odstraňují to další běhy.";
        RemovedAll: "It was removed.", "Odstranilo se.";
        RemovedInPart: "It was removed in part: the rest was another by then, or was refused.", "Odstranilo se zčásti: zbytek byl mezitím jiný, nebo byl odmítnut.";
        NothingToRemove: "Nothing: of what was made for this mailbox, nothing can be removed.", "Nic: z toho, co pro tuto schránku vzniklo, se nedá nic odstranit.";
        RemoveHelp: "The calendars of this mailbox are not used any more from then on, so nothing is made anew. What is shown is removed by the next runs; Google mails nobody about it. What stays, and what was there before, is not touched.",
            "Kalendáře této schránky se od té chvíle už nepoužívají, takže nic znovu nevznikne. Co je ukázáno, odstraní další běhy; Google o tom nikomu nic nepošle. Čeho se to netýká a co tu bylo předtím, zůstane.";
        RemoveHelpPeople: "The group of this mailbox is not kept in step any more from then on, so nobody is made anew. Who is shown is removed by the next runs; at Google they stay in the trash for 30 days. Who stays, and who was there before, is not touched.",
            "Skupina této schránky se od té chvíle už nesynchronizuje, takže nikdo znovu nevznikne. Kdo je ukázán, toho odstraní další běhy; u Googlu zůstane 30 dní v koši. Koho se to netýká a kdo tu byl předtím, zůstane.";
        ConfirmRemove: "Remove it", "Odstranit to";
        Rest: "There is more: {count} things are removed at once. When that is done, come back for the rest.", "Je toho víc: najednou se odstraní {count} věcí. Až to skončí, vraťte se pro zbytek.";
        NotConnected: "Nothing can be removed while the mailbox is not connected to Google Calendar. Connect it first.", "Dokud schránka není připojená ke Kalendáři Google, nedá se nic odstranit. Nejdřív ji připojte.";
        NoContacts: "Nothing can be removed while the mailbox is not connected to Google Contacts. Connect it first.", "Dokud schránka není připojená ke Kontaktům Google, nedá se nic odstranit. Nejdřív ji připojte.";
        LookAgain: "Look at it again", "Podívat se znovu";
    }
}

impl From<Why> for Undos {
    fn from(why: Why) -> Self {
        match why {
            Why::Changed => Self::WhyChanged,
            Why::Gone => Self::WhyGone,
            Why::There => Self::WhyThere,
            Why::Unseen => Self::WhyUnseen,
            Why::Faded => Self::WhyFaded,
            Why::Guests => Self::WhyGuests,
            Why::Unknown => Self::WhyUnknown,
            Why::Last => Self::WhyLast,
            Why::Shared => Self::WhyShared,
            Why::Over => Self::WhyOver,
            Why::People => Self::WhyPeople,
        }
    }
}

/// What is done to an event, a person or a record.
#[must_use]
pub fn done(product: Product, act: &Act) -> Undos {
    let people = product == Product::Contacts;
    match act {
        Act::Restore { side: Side::Google, .. } if people => Undos::RestorePerson,
        Act::Restore { side: Side::Google, .. } => Undos::RestoreGoogle,
        Act::Restore { side: Side::Crm, .. } => Undos::RestoreCrm,
        Act::Remove { side: Side::Google, .. } if people => Undos::RemovePerson,
        Act::Remove { side: Side::Google, .. } => Undos::RemoveGoogle,
        Act::Remove { side: Side::Crm, .. } if people => Undos::RemovePersonsRecord,
        Act::Remove { side: Side::Crm, .. } => Undos::RemoveCrm,
        Act::Bring { side: Side::Google, .. } if people => Undos::BringPerson,
        Act::Bring { side: Side::Google, .. } => Undos::BringGoogle,
        Act::Bring { side: Side::Crm, .. } => Undos::BringCrm,
        Act::Turn { .. } => Undos::Status,
    }
}

impl From<Side> for Undos {
    fn from(side: Side) -> Self {
        match side {
            Side::Google => Self::InGoogle,
            Side::Crm => Self::InCrm,
        }
    }
}
