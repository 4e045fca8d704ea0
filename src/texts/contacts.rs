//! What the pages about a mailbox's contacts say.

use postern_core::plan::contacts::card::Entity;

use super::phrases::phrases;

phrases! {
    /// Choosing a group of contacts, and how it is kept in step with the CRM.
    Contacts {
        Title: "Contacts of {address}", "Kontakty schránky {address}";
        Link: "Choose contacts", "Vybrat kontakty";
        Back: "Back to your mailbox", "Zpět na vaši schránku";
        BackToContacts: "Back to the contacts", "Zpět na kontakty";
        BackToSheet: "Back to the mailbox", "Zpět na schránku";
        NotGiven: "You have not given the contacts. To have a group of them kept in step with the CRM, connect again, leave the contacts ticked, and tick them at Google, too.",
            "Kontakty jste neudělili. Chcete-li, aby se jejich skupina shodovala s CRM, připojte schránku znovu, nechte kontakty zaškrtnuté a zaškrtněte je i u Googlu.";
        NotOffered: "Your company's gateway does not offer contacts. Ask your admin.",
            "Brána vaší firmy kontakty nenabízí. Obraťte se na správce.";
        SwitchedOff: "You have switched contacts off, so nothing is synchronised.",
            "Kontakty jste vypnuli, takže se nic nesynchronizuje.";
        NobodyInCrm: "The mailbox belongs to no user of the CRM, so nobody knows which records may be seen, and nothing is synchronised. An admin assigns one.",
            "Schránka nepatří žádnému uživateli CRM, takže se neví, které záznamy smí vidět, a nic se nesynchronizuje. Uživatele přiřadí správce.";
        Saved: "Saved. The contacts are brought in step within a few minutes.",
            "Uloženo. Kontakty se srovnají během několika minut.";
        Asked: "The contacts are brought in step now. Open this page again to see how it went.",
            "Kontakty se právě srovnávají. Výsledek uvidíte po novém otevření této stránky.";
        NothingToRun: "Nothing was begun: no group is chosen, or the run is due already.",
            "Nic se nespustilo: není vybrána žádná skupina, nebo je běh už na řadě.";
        ListRead: "The groups were read from Google.", "Skupiny byly načteny z Googlu.";
        Retried: "It is tried again within seconds. Open this page again to see how it went.",
            "Zkusí se to znovu během několika sekund. Výsledek uvidíte po novém otevření této stránky.";
        Approved: "It is done within seconds. Open this page again to see how it went.",
            "Provede se to během několika sekund. Výsledek uvidíte po novém otevření této stránky.";
        Undoing: "It is taken back by the next run, which begins within seconds. Open this page again to see how it went.",
            "Vrátí se to dalším během, který začne během několika sekund. Výsledek uvidíte po novém otevření této stránky.";
        Removing: "It is removed by the next runs, which begin within seconds. The group is not kept in step any more.",
            "Odstraní to další běhy, které začnou během několika sekund. Skupina se už nesynchronizuje.";
        Rejected: "It is left as it stands on both sides.", "Zůstává, jak stojí na obou stranách.";
        GoogleSilent: "Google does not answer now; nothing has changed. Try again in a few minutes.",
            "Google teď neodpovídá; nic se nezměnilo. Zkuste to za několik minut znovu.";
        GoogleRefused: "Google does not let us see your contacts: connect the mailbox again and tick the contacts.",
            "Google nám vaše kontakty neukáže: připojte schránku znovu a zaškrtněte kontakty.";
        CrmSilent: "The CRM does not answer as it should; nothing has changed. Try again in a few minutes, or ask your admin.",
            "CRM neodpovídá, jak má; nic se nezměnilo. Zkuste to za několik minut znovu, nebo se obraťte na správce.";
        NotThere: "It is not there any more: it was done meanwhile, or was never yours.",
            "Už to tu není: mezitím se to provedlo, nebo to nikdy nebylo vaše.";
        Runs: "How it stands", "Jak to stojí";
        ContactsStand: "How the contacts stand", "Jak stojí kontakty";
        NoGroup: "No group is chosen, so nothing is synchronised.", "Není vybrána žádná skupina, takže se nic nesynchronizuje.";
        Group: "Group", "Skupina";
        RunFailed: "failed: {why}", "selhal: {why}";
        NextRun: "The next run begins at {at}.", "Další běh začne v {at}.";
        NextRunSoon: "The next run begins within seconds.", "Další běh začne během několika sekund.";
        RunNow: "Bring in step now", "Srovnat hned";
        Figures: "Looked at: {seen}. Made: {made}. Changed: {written}. Deleted: {removed}.",
            "Prohlédnuto: {seen}. Vytvořeno: {made}. Změněno: {written}. Smazáno: {removed}.";
        LastRuns: "The last runs", "Poslední běhy";
        Links: "In figures", "V číslech";
        LinksActive: "kept in step", "udržováno ve shodě";
        LinksApart: "let go", "ponecháno stranou";
        PushesWait: "waiting to be pushed", "čeká na poslání";
        QuestionsWait: "waiting for your answer", "čeká na vaši odpověď";
        QuestionsWaitThere: "waiting for the owner's answer", "čeká na odpověď vlastníka";
        LettersWait: "could not be done", "nepodařilo se provést";
        ToPush: "Push records of the CRM", "Poslat záznamy z CRM";
        AllInStep: "Nothing: everybody who is kept in step is, or is waiting for the next run.",
            "Nic: každý, kdo se udržuje ve shodě, v ní je, nebo čeká na další běh.";
        LettersHelp: "Each is tried again when the person or the record is changed, or when you ask for it.",
            "Každé se zkusí znovu, když se osoba nebo záznam změní, nebo když o to požádáte.";
        OfPerson: "A person of Google who could not be taken over or changed.", "Osoba v Googlu, kterou se nepodařilo převzít nebo změnit.";
        OfRecord: "A record of the CRM that could not be kept in step.", "Záznam CRM, který se nepodařilo udržet ve shodě.";
        HeldLine: "{count} since {since}: {what}. If nobody decides until {until}, they are not made.",
            "{count} od {since}: {what}. Když do {until} nikdo nerozhodne, neprovedou se.";
        GroupSubject: "the whole group", "celá skupina";
        Unnamed: "(no name)", "(beze jména)";
        Which: "Which group", "Která skupina";
        GroupHelp: "People in this group are kept in step, and whom you push comes into it; everybody else in your contacts is left alone. Google Contacts calls a group a label.",
            "Ve shodě se udržují lidé z této skupiny a zařadí se do ní, koho pošlete; ostatních kontaktů se nic nedotkne. Kontakty Google říkají skupině štítek.";
        NoList: "Google has not been asked yet which groups you have. Read them first, or make a new one.",
            "Google jsme se ještě nezeptali, jaké skupiny máte. Nejprve je načtěte, nebo založte novou.";
        Refresh: "Read the groups from Google again", "Načíst skupiny z Googlu znovu";
        GroupNone: "none: nothing is synchronised", "žádná: nic se nesynchronizuje";
        GroupOwn: "{name} ({count} people)", "{name} (lidí: {count})";
        GroupGoogles: "{name} (Google's own; {count} people)", "{name} (vlastní skupina Googlu; lidí: {count})";
        GroupGone: "{name} (Google does not list it any more)", "{name} (Google ji už neuvádí)";
        NewGroup: "Or make a new group of this name", "Nebo založit novou skupinu tohoto jména";
        NewGroupHelp: "Empty: the one above. With a name, a new group is made at Google and chosen.",
            "Prázdné: ta výše. Je-li tu jméno, založí se u Googlu nová skupina a vybere se.";
        Monitored: "Further groups", "Další skupiny";
        MonitoredHelp: "People in these are kept in step too, where they are; nobody is put into them. The group above need not be ticked. While Google does not list one of them any more, nobody counts as taken out of a group: take back its tick.",
            "Lidé z nich se také udržují ve shodě tam, kde jsou; nikdo se do nich nezařazuje. Skupinu výše není třeba zaškrtávat. Dokud Google některou z nich už neuvádí, nepovažuje se nikdo za vyřazeného ze skupiny: její zaškrtnutí zrušte.";
        How: "How", "Jak";
        Save: "Save", "Uložit";
        Direction: "Which way changes go", "Kterým směrem jdou změny";
        DirectionToGoogle: "Only from the CRM to Google: what is changed in Google stays there", "Jen z CRM do Googlu: co se změní v Googlu, zůstane tam";
        DirectionToCrm: "Only from Google to the CRM: nothing can be pushed", "Jen z Googlu do CRM: nic nelze poslat";
        DirectionBoth: "Both ways", "Oběma směry";
        Kinds: "What is synchronised", "Co se synchronizuje";
        KindContact: "Contacts of the CRM", "Kontakty CRM";
        KindLead: "Leads of the CRM", "Zájemci CRM";
        Contact: "Contact", "Kontakt";
        Lead: "Lead", "Zájemce";
        Strangers: "People in the group whom the CRM does not know", "Lidé ve skupině, které CRM nezná";
        StrangersIgnore: "are left alone", "se nechají být";
        StrangersReview: "are put to me, one by one", "se mi předloží, jeden po druhém";
        StrangersContact: "become contacts", "se stanou kontakty";
        StrangersLead: "become leads", "se stanou zájemci";
        DeletesPersons: "When a record is removed in the CRM", "Když se záznam v CRM odstraní";
        DeletesPersonsNo: "its person stays in Google", "jeho osoba v Googlu zůstane";
        DeletesPersonsYes: "its person is deleted in Google, if it was made there of the record and has not been changed since",
            "jeho osoba se v Googlu smaže, pokud tam vznikla ze záznamu a od té doby se nezměnila";
        DeletesRecords: "When a person is deleted in Google", "Když se osoba v Googlu smaže";
        DeletesRecordsNo: "its record stays in the CRM", "její záznam v CRM zůstane";
        DeletesRecordsYes: "its record is removed in the CRM, if it was made there of the person and has not been changed since",
            "její záznam se v CRM odstraní, pokud tam vznikl z osoby a od té doby se nezměnil";
        Winner: "When both sides changed the same", "Když se totéž změnilo na obou stranách";
        WinnerNewest: "the later change holds", "platí pozdější změna";
        WinnerGoogle: "Google's holds", "platí Google";
        WinnerCrm: "the CRM's holds", "platí CRM";
        Fields: "What of a person is kept in step", "Co se u osoby udržuje ve shodě";
        FieldsHelp: "What is not ticked stays as it is on both sides. A last name is needed: the CRM has no record without one. Where several users share a record, their notes stay in their own Google.",
            "Co není zaškrtnuto, zůstane na obou stranách, jak je. Příjmení je nutné: bez něj CRM záznam nemá. Sdílí-li záznam více uživatelů, jejich poznámky zůstanou v jejich Googlu.";
        Filter: "Saved filter of the CRM whose records are pushed by themselves", "Uložený filtr CRM, jehož záznamy se posílají samy";
        FilterHelp: "Empty: none, and only what you push is pushed. Else the filter's word, as the CRM uses it for primaryFilter. Only records that you may see are pushed.",
            "Prázdné: žádný, a pošle se jen to, co pošlete vy. Jinak slovo filtru, jak je CRM používá v primaryFilter. Pošlou se jen záznamy, které smíte vidět.";
        FilterNone: "none", "žádný";
        Country: "Country of phone numbers that stand without one", "Země telefonních čísel, která jsou bez předvolby";
        CountryHelp: "Two letters, such as CZ. Empty: a number without its country code stays in Google, as the CRM takes international numbers only.",
            "Dvě písmena, například CZ. Prázdné: číslo bez předvolby země zůstane v Googlu, protože CRM bere jen mezinárodní čísla.";
        CountryNone: "none", "žádná";
        FaultNoKind: "Choose at least one kind of record.", "Zvolte aspoň jeden druh záznamů.";
        FaultStrangers: "The kind of record that unknown people become has to be one of those that are synchronised.",
            "Druh záznamu, kterým se neznámí lidé stanou, musí být jeden ze synchronizovaných.";
        FaultCountry: "The country is two letters, such as CZ.", "Země se zapisuje dvěma písmeny, například CZ.";
        FaultFilter: "The filter's word holds letters, digits, hyphens and underscores only.", "Slovo filtru smí obsahovat jen písmena bez diakritiky, číslice, spojovníky a podtržítka.";
        FaultGroup: "Google does not list this group for you, or nobody can be put into it. Read the groups again.",
            "Google vám tuto skupinu neuvádí, nebo do ní nelze nikoho zařadit. Načtěte skupiny znovu.";
        FaultManyGroups: "At most {most} further groups can be chosen.", "Dalších skupin lze zvolit nejvýše {most}.";
        FaultNameTaken: "There is a group of that name already: read the groups again and choose it.",
            "Skupina toho jména už existuje: načtěte skupiny znovu a vyberte ji.";
        FaultName: "A group needs a name of at most 100 letters.", "Skupina potřebuje jméno nejvýše o 100 písmenech.";
        FaultBarred: "An admin has barred the mailbox: nothing was done.", "Správce schránku zablokoval: nic se neprovedlo.";
        FaultOther: "This cannot be chosen.", "Toto nelze zvolit.";
        PushTitle: "Push records to Google Contacts", "Poslat záznamy do Kontaktů Google";
        PushBody: "Each record becomes a person in your group, or is linked with the person who is there already. You can push what you may see in the CRM: what is assigned to you or to a team of yours.",
            "Z každého záznamu se stane osoba ve vaší skupině, nebo se spojí s osobou, která tam už je. Poslat můžete, co smíte v CRM vidět: co je přiřazeno vám nebo vašemu týmu.";
        PushEntity: "Kind of record", "Druh záznamu";
        PushIds: "Records", "Záznamy";
        PushIdsHelp: "One a line, or separated by commas or blanks: the identity of a record, or the address of its page in the CRM. At most {most} at once.",
            "Každý na řádku, nebo oddělené čárkami či mezerami: identita záznamu, nebo adresa jeho stránky v CRM. Najednou nejvýše {most}.";
        Push: "Push", "Poslat";
        PushNoGroup: "Choose a group first: it says where people are put.", "Nejprve vyberte skupinu: určuje, kam se lidé zařadí.";
        PushOneWay: "Changes go from Google to the CRM only, so nothing is pushed. Choose another direction first.",
            "Změny jdou jen z Googlu do CRM, takže se nic neposílá. Nejprve zvolte jiný směr.";
        PushNone: "Name at least one record.", "Uveďte aspoň jeden záznam.";
        PushTooMany: "At most {most} records are pushed at once.", "Najednou se pošle nejvýše {most} záznamů.";
        PushNoRecord: "This is no record of that kind: {what}", "Toto není záznam toho druhu: {what}";
        Pushes: "The last pushes", "Poslední poslání";
        PushLine: "{at}: {done} of {total}", "{at}: {done} z {total}";
        PushedTitle: "Records on their way to Google Contacts", "Záznamy na cestě do Kontaktů Google";
        PushedOver: "Records that were pushed to Google Contacts", "Záznamy poslané do Kontaktů Google";
        PushedBy: "Asked for at {at}.", "Zadáno v {at}.";
        PushedDone: "Done with {done} of {total} records.", "Vyřízeno {done} z {total} záznamů.";
        PushedRest: "At least {minutes} more minutes: Google allows about {rate} contacts a minute.",
            "Ještě nejméně {minutes} min: Google dovolí asi {rate} kontaktů za minutu.";
        PushedParked: "Google's pace is used up for now: the next people go at {at}.",
            "Tempo, které Google dovoluje, je zatím vyčerpané: další lidé půjdou v {at}.";
        PushedRestOne: "At least one more minute: Google allows about {rate} contacts a minute.",
            "Ještě nejméně minutu: Google dovolí asi {rate} kontaktů za minutu.";
        PushedWatch: "This page goes on by itself; you may leave it, and the records are pushed all the same.",
            "Tato stránka se obnovuje sama; můžete ji opustit, záznamy se přesto pošlou.";
        PushedPaused: "Nothing is pushed now: {why}", "Teď se nic neposílá: {why}";
        PushedEnd: "Give up the rest", "Vzdát zbytek";
        PushedEndHelp: "Who is in Google already stays there.", "Kdo už v Googlu je, tam zůstane.";
        PushedCancelled: "The rest was given up.", "Zbytek byl vzdán.";
        Results: "What came of them", "Jak to dopadlo";
        ResultsNone: "Nothing is known yet.", "Zatím se nic neví.";
        Count: "Records", "Záznamů";
        Result: "Result", "Výsledek";
        Record: "Record", "Záznam";
        Records: "Every record", "Všechny záznamy";
        Shown: "{from} to {to} of {all}", "{from} až {to} z {all}";
        PushGone: "There is no such push of yours: it may be older than is kept.", "Takové poslání u vás není: možná je starší, než jak dlouho se uchovává.";
        ReviewTitle: "Who is who", "Kdo je kdo";
        ReviewBody: "Only you can say who these are. Nothing is done to them until you answer.",
            "Kdo to je, můžete říci jen vy. Dokud neodpovíte, nic se s nimi nestane.";
        ReviewNone: "Nobody waits for your answer.", "Na vaši odpověď nikdo nečeká.";
        ReviewMore: "{count} in all; the first ones are shown.", "Celkem {count}; ukázáni jsou první.";
        ReviewOfGoogle: "A person of Google", "Osoba v Googlu";
        ReviewOfRecord: "{kind} of the CRM", "{kind} CRM";
        ReviewSince: "Asked since {at}.", "Ptáme se od {at}.";
        ReviewWhich: "Who is it?", "Kdo to je?";
        ReviewSame: "the same as {name}", "stejná osoba jako {name}";
        ReviewSameKind: "the same as {name} ({kind})", "stejná osoba jako {name} ({kind})";
        ReviewNewContact: "nobody of these: make a new contact in the CRM", "nikdo z nich: založit v CRM nový kontakt";
        ReviewNewLead: "nobody of these: make a new lead in the CRM", "nikdo z nich: založit v CRM nového zájemce";
        ReviewNewPerson: "nobody of these: make a new person in Google", "nikdo z nich: založit v Googlu novou osobu";
        ReviewNewAlone: "nobody we know: make a new one", "nikdo, koho známe: založit nového";
        ReviewNewContactAlone: "nobody we know: make a new contact in the CRM", "nikdo, koho známe: založit v CRM nový kontakt";
        ReviewNewLeadAlone: "nobody we know: make a new lead in the CRM", "nikdo, koho známe: založit v CRM nového zájemce";
        ReviewLeave: "leave as it is; ask again when it changes", "nechat být; ptát se znovu, až se změní";
        Decide: "Answer", "Odpovědět";
        Decided: "Your answer is followed by the next run, which begins within seconds.",
            "Vaší odpovědí se řídí další běh, který začne během několika sekund.";
        NoAnswer: "Choose one of the answers.", "Vyberte jednu z odpovědí.";
        PairsTitle: "Who is linked", "Kdo je spojen";
        PairsNone: "Nobody is linked yet.", "Zatím není spojen nikdo.";
        Person: "Person", "Osoba";
        State: "State", "Stav";
        RecordNone: "not made yet", "ještě nevznikl";
        OwnerChooses: "Only the owner chooses, on a page of their own.", "Vybírá jen majitel, na své vlastní stránce.";
    }
}

impl From<Entity> for Contacts {
    fn from(entity: Entity) -> Self {
        match entity {
            Entity::Contact => Self::Contact,
            Entity::Lead => Self::Lead,
        }
    }
}
