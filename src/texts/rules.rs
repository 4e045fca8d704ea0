//! The rules of the synchronisation in words: why something was changed, or was
//! not.

use postern_core::plan::rule::Rule;

use super::phrases::phrases;

phrases! {
    /// A rule.
    Rules {
        AtRest: "Nothing had changed.", "Nic se nezměnilo.";
        Unproven: "One side was not seen, and nothing proved that it was gone.", "Jedna strana nebyla vidět a nic nedokazovalo, že zmizela.";
        Withheld: "The pair was left to a person.", "Dvojice čekala na člověka.";
        LetGo: "The pair had been let go before.", "Dvojice byla předtím uvolněna.";
        BothGone: "Both sides were gone.", "Obě strany zmizely.";
        Forgotten: "One side was gone after the key was lost; the other one stays.", "Po ztrátě klíče jedna strana chyběla; druhá zůstává.";
        FromGoogle: "It was changed in Google, and not in the CRM.", "Změnilo se to v Googlu, a v CRM ne.";
        FromCrm: "It was changed in the CRM, and not in Google.", "Změnilo se to v CRM, a v Googlu ne.";
        Agreed: "Both sides showed the same.", "Obě strany ukazovaly totéž.";
        FirstSight: "It was seen for the first time and taken as it stood on both sides.", "Vidělo se poprvé a převzalo se, jak stálo na obou stranách.";
        ConflictGoogle: "Both sides had changed it differently, and Google's change held.", "Obě strany to změnily různě a platila změna Googlu.";
        ConflictCrm: "Both sides had changed it differently, and the CRM's change held.", "Obě strany to změnily různě a platila změna CRM.";
        Masked: "It was changed on the side that is not followed, and stayed there.", "Změnilo se na straně, která se nesleduje, a zůstalo tam.";
        MaskedOverwritten: "The side that is followed changed it, over a change of the other.", "Změnila to sledovaná strana, přes změnu té druhé.";
        HeldKeeps: "The record is held or not held, so Google is not written any more.", "Záznam se konal nebo nekonal, takže se do Googlu už nezapisuje.";
        NotEditable: "The account may not change the event.", "Účet událost nesmí měnit.";
        CannotShow: "The other side has no way to show it.", "Druhá strana to neumí ukázat.";
        TombstoneDeletes: "It was deleted in Google, where it had been made.", "Smazalo se to v Googlu, kde to vzniklo.";
        TombstoneNotHeld: "It was deleted in Google and had been made in the CRM, so it became Not Held.", "Smazalo se to v Googlu a vzniklo to v CRM, takže se to nekonalo.";
        TombstoneOfThePast: "It was deleted in Google when it was over.", "Smazalo se to v Googlu, když už bylo po všem.";
        EditBeatsTombstone: "It was deleted in Google, but changed in the CRM, where it had been made.", "Smazalo se to v Googlu, ale změnilo v CRM, kde to vzniklo.";
        TombstoneBeatsEdit: "It was deleted in Google, where it had been made, though it was changed in the CRM.", "Smazalo se to v Googlu, kde to vzniklo, i když se to v CRM změnilo.";
        TombstoneMasked: "It was deleted in Google, which is not followed.", "Smazalo se to v Googlu, který se nesleduje.";
        RemovalDeletes: "It was removed in the CRM, where it had been made.", "Odstranilo se to v CRM, kde to vzniklo.";
        RemovalAsked: "It was removed in the CRM, and you want that deleted in Google, too.", "Odstranilo se to v CRM a přejete si to mazat i v Googlu.";
        RemovalLeaves: "It was removed in the CRM and had been made in Google, so it stays there.", "Odstranilo se to v CRM a vzniklo to v Googlu, takže to tam zůstává.";
        EditBeatsRemoval: "It was removed in the CRM, but changed in Google, where it had been made.", "Odstranilo se to v CRM, ale změnilo v Googlu, kde to vzniklo.";
        RemovalMasked: "It was removed in the CRM, which is not followed.", "Odstranilo se to v CRM, které se nesleduje.";
        RemovalNotEditable: "It was removed in the CRM, and the account may not delete the event.", "Odstranilo se to v CRM a účet událost nesmí smazat.";
        NotHeldDeletes: "It was set to Not Held in the CRM, and you want that deleted in Google.", "V CRM se to označilo jako Nekonalo se a přejete si to v Googlu mazat.";
        NewFromGoogle: "It was new in Google.", "V Googlu to bylo nové.";
        NewFromCrm: "It was new in the CRM.", "V CRM to bylo nové.";
        Adopted: "An event and a record that belong together were found.", "Našly se událost a záznam, které patří k sobě.";
        Copied: "You take part in the record and want to see it: a copy was made in your calendar.", "Účastníte se záznamu a chcete ho vidět: ve vašem kalendáři vznikla kopie.";
        CopyEnds: "There is no reason for the copy any more, so it was deleted.", "Kopie už nemá důvod, proto se smazala.";
        CopyDeclines: "You have deleted the copy: you have declined, and it is made no more.", "Kopii jste smazali: účast jste odmítli a znovu nevznikne.";
        CopyLetGo: "The copy was deleted in Google; it is made no more.", "Kopie se v Googlu smazala; znovu nevznikne.";
        Reassigned: "The record was assigned to somebody else, whose calendar has the event now.", "Záznam dostal někdo jiný a událost je teď v jeho kalendáři.";
        AskedAgain: "The event was gone, and somebody wanted it made again.", "Událost zmizela a někdo si přál, aby vznikla znovu.";
        Answered: "The invitation was answered in Google, or removed there.", "V Googlu se na pozvánku odpovědělo, nebo se tam odstranila.";
        GuestsChanged: "Guests came or left in Google.", "V Googlu přibyli nebo ubyli hosté.";
        Invited: "People came or left in the CRM.", "V CRM přibyli nebo ubyli účastníci.";
        Joined: "Both sides had changed it: what came or went was taken over one by one.", "Obě strany to změnily: co přibylo nebo ubylo, se převzalo jedno po druhém.";
        TombstoneKeeps: "The person was deleted in Google; the record stays.", "Osoba se smazala v Googlu; záznam zůstává.";
        RemovalKeeps: "The record was removed in the CRM; the person stays in Google.", "Záznam se odstranil v CRM; osoba v Googlu zůstává.";
        Pushed: "Somebody has pushed the record to Google.", "Někdo záznam poslal do Googlu.";
        Filtered: "The saved filter shows the record.", "Záznam ukazuje uložený filtr.";
        LeftGroup: "The person was taken out of the group.", "Osoba se odebrala ze skupiny.";
        NotVisible: "You may not see the record any more.", "Záznam už nesmíte vidět.";
        GroupGone: "The group was deleted in Google.", "Skupina se v Googlu smazala.";
        Renamed: "Google calls the person by another name now, or has merged it with another.", "Google teď osobu označuje jinak, nebo ji sloučil s jinou.";
        Converted: "The lead was converted, and the person belongs to the contact.", "Zájemce se převedl a osoba patří ke kontaktu.";
        RecordsMerged: "The record was merged with another in the CRM.", "Záznam se v CRM sloučil s jiným.";
        TwinRemoved: "The person had been made twice; the one that nobody has touched was deleted.", "Osoba vznikla dvakrát; ta, které se nikdo nedotkl, se smazala.";
        Undone: "A run was undone.", "Běh se vzal zpět.";
        RemovedAll: "Everything that was made here was to be removed.", "Odstraňovalo se vše, co tu vzniklo.";
    }
}

impl From<Rule> for Rules {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::AtRest => Self::AtRest,
            Rule::Unproven => Self::Unproven,
            Rule::Withheld => Self::Withheld,
            Rule::LetGo => Self::LetGo,
            Rule::Forgotten => Self::Forgotten,
            Rule::BothGone => Self::BothGone,
            Rule::FromGoogle => Self::FromGoogle,
            Rule::FromCrm => Self::FromCrm,
            Rule::Agreed => Self::Agreed,
            Rule::FirstSight => Self::FirstSight,
            Rule::ConflictGoogle => Self::ConflictGoogle,
            Rule::ConflictCrm => Self::ConflictCrm,
            Rule::Masked => Self::Masked,
            Rule::MaskedOverwritten => Self::MaskedOverwritten,
            Rule::HeldKeeps => Self::HeldKeeps,
            Rule::NotEditable => Self::NotEditable,
            Rule::CannotShow => Self::CannotShow,
            Rule::TombstoneDeletes => Self::TombstoneDeletes,
            Rule::TombstoneNotHeld => Self::TombstoneNotHeld,
            Rule::TombstoneOfThePast => Self::TombstoneOfThePast,
            Rule::EditBeatsTombstone => Self::EditBeatsTombstone,
            Rule::TombstoneBeatsEdit => Self::TombstoneBeatsEdit,
            Rule::TombstoneMasked => Self::TombstoneMasked,
            Rule::RemovalDeletes => Self::RemovalDeletes,
            Rule::RemovalAsked => Self::RemovalAsked,
            Rule::RemovalLeaves => Self::RemovalLeaves,
            Rule::EditBeatsRemoval => Self::EditBeatsRemoval,
            Rule::RemovalMasked => Self::RemovalMasked,
            Rule::RemovalNotEditable => Self::RemovalNotEditable,
            Rule::NotHeldDeletes => Self::NotHeldDeletes,
            Rule::NewFromGoogle => Self::NewFromGoogle,
            Rule::NewFromCrm => Self::NewFromCrm,
            Rule::Adopted => Self::Adopted,
            Rule::Reassigned => Self::Reassigned,
            Rule::Copied => Self::Copied,
            Rule::CopyEnds => Self::CopyEnds,
            Rule::CopyDeclines => Self::CopyDeclines,
            Rule::CopyLetGo => Self::CopyLetGo,
            Rule::AskedAgain => Self::AskedAgain,
            Rule::Answered => Self::Answered,
            Rule::GuestsChanged => Self::GuestsChanged,
            Rule::Invited => Self::Invited,
            Rule::Joined => Self::Joined,
            Rule::TombstoneKeeps => Self::TombstoneKeeps,
            Rule::RemovalKeeps => Self::RemovalKeeps,
            Rule::Pushed => Self::Pushed,
            Rule::Filtered => Self::Filtered,
            Rule::LeftGroup => Self::LeftGroup,
            Rule::NotVisible => Self::NotVisible,
            Rule::GroupGone => Self::GroupGone,
            Rule::Renamed => Self::Renamed,
            Rule::Converted => Self::Converted,
            Rule::RecordsMerged => Self::RecordsMerged,
            Rule::TwinRemoved => Self::TwinRemoved,
            Rule::Undone => Self::Undone,
            Rule::RemovedAll => Self::RemovedAll,
        }
    }
}
