//! What the pages about a mailbox's calendars say.

use super::phrases::phrases;

phrases! {
    /// Choosing calendars, and how they are kept in step with the CRM.
    Calendars {
        Title: "Calendar of {address}", "Kalendář schránky {address}";
        Link: "Choose calendars", "Vybrat kalendáře";
        Back: "Back to your mailbox", "Zpět na vaši schránku";
        BackToSheet: "Back to the mailbox", "Zpět na schránku";
        NotGiven: "You have not given the calendar. To have it kept in step with the CRM, press Connect again on the page of your mailbox, leave the calendar ticked, and tick it at Google, too.",
            "Kalendář jste neudělili. Chcete-li, aby se shodoval s CRM, stiskněte na stránce své schránky Připojit znovu, nechte kalendář zaškrtnutý a zaškrtněte ho i u Googlu.";
        NotOffered: "Your company's gateway does not offer the calendar. Ask your admin.",
            "Brána vaší firmy kalendář nenabízí. Obraťte se na správce.";
        SwitchedOff: "You have switched the calendar off. Switch it on on the page of your mailbox first.",
            "Kalendář jste vypnuli. Nejprve ho zapněte na stránce své schránky.";
        NobodyInCrm: "The mailbox belongs to no user of the CRM, so nothing is synchronised. An admin assigns one.",
            "Schránka nepatří žádnému uživateli CRM, takže se nic nesynchronizuje. Uživatele přiřadí správce.";
        Saved: "Saved. The calendars are brought in step within a few minutes.",
            "Uloženo. Kalendáře se srovnají během několika minut.";
        Asked: "The calendars are brought in step now. Open this page again to see how it went.",
            "Kalendáře se právě srovnávají. Výsledek uvidíte po novém otevření této stránky.";
        Retried: "It is tried again within seconds. Open this page again to see how it went.",
            "Zkusí se to znovu během několika sekund. Výsledek uvidíte po novém otevření této stránky.";
        Resumed: "It is taken up again within seconds. Open this page again to see how it went.",
            "Znovu se to převezme během několika sekund. Výsledek uvidíte po novém otevření této stránky.";
        Approved: "It is done within seconds. Open this page again to see how it went.", "Provede se to během několika sekund. Otevřete stránku znovu a uvidíte, jak to dopadlo.";
        Removing: "It is removed by the next runs, which begin within seconds. The calendars are not used any more.", "Odstraní to další běhy, které začnou během pár vteřin. Kalendáře se už nepoužívají.";
        Undoing: "It is taken back by the next run, which begins within seconds. Open this page again to see how it went.",
            "Vrátí to další běh, který začne během několika sekund. Otevřete tuto stránku znovu a uvidíte, jak to dopadlo.";
        Rejected: "It is left as it stands on both sides.", "Zůstává, jak stojí na obou stranách.";
        NothingToRun: "Nothing was begun: no calendar is chosen, or the run is due already.",
            "Nic se nespustilo: není vybrán žádný kalendář, nebo je běh už na řadě.";
        ListRead: "The list was read from Google.", "Seznam byl načten z Googlu.";
        GoogleSilent: "Google does not show the calendars now; nothing has changed. Try again in a few minutes.",
            "Google teď kalendáře neukazuje; nic se nezměnilo. Zkuste to za několik minut znovu.";
        GoogleRefused: "Google does not let us see your calendars: connect the mailbox again and tick the calendar.",
            "Google nám vaše kalendáře neukáže: připojte schránku znovu a zaškrtněte kalendář.";
        NoList: "Google has not been asked yet which calendars you have. Read the list first.",
            "Google jsme se ještě nezeptali, jaké kalendáře máte. Nejprve načtěte seznam.";
        Refresh: "Read the list from Google again", "Načíst seznam z Googlu znovu";
        RunNow: "Synchronise now", "Synchronizovat hned";
        Save: "Save", "Uložit";
        Which: "Which calendars", "Které kalendáře";
        Main: "Main calendar", "Hlavní kalendář";
        MainHelp: "New meetings and calls of the CRM go there, and it is read. Another choice is for new ones only; what is there stays there.",
            "Sem jdou nové schůzky a hovory z CRM a odsud se čte. Změna platí jen pro nové; co tam je, tam zůstane.";
        None: "none", "žádný";
        Proposed: "proposed", "návrh";
        Monitored: "Other calendars", "Další kalendáře";
        Leaving: "not used any more; what was made in it is being removed", "už se nepoužívá; odstraňuje se, co v něm vzniklo";
        MonitoredHelp: "They are read, and written only where an event is linked to a record already.",
            "Čte se z nich a zapisuje se jen tam, kde je událost už spojena se záznamem.";
        RoleOwner: "your own", "vlastní";
        RoleWriter: "you may write", "smíte zapisovat";
        RoleReader: "read only: cannot be written", "jen ke čtení: nelze do něj zapisovat";
        RoleBusy: "only busy times are shown: cannot be written", "ukazuje jen obsazené časy: nelze do něj zapisovat";
        RolePartly: "without private events: cannot be written in full", "bez soukromých událostí: nelze do něj zapisovat vše";
        RoleNone: "you may not see it any more", "už ho nesmíte vidět";
        GoneNote: "Google does not list it any more; nothing was deleted", "Google ho už neuvádí; nic nebylo smazáno";
        How: "How", "Jak";
        Direction: "Which way changes go", "Kterým směrem jdou změny";
        DirectionBoth: "Both ways", "Oběma směry";
        DirectionToGoogle: "Only from the CRM to Google", "Jen z CRM do Googlu";
        DirectionToCrm: "Only from Google to the CRM", "Jen z Googlu do CRM";
        Since: "Only what was made or changed since", "Jen co vzniklo nebo se změnilo od";
        SinceHelp: "Empty: everything. What is linked already stays linked.", "Prázdné: vše. Co je už spojeno, zůstane spojeno.";
        Kinds: "What is synchronised", "Co se synchronizuje";
        KindsHelp: "The label stands at the head of a title at Google, such as Call: Anna. One kind may do without. Do not change labels lightly: titles that are there keep the old one.",
            "Popisek stojí na začátku názvu v Googlu, například Hovor: Anna. Jeden druh může být bez něj. Popisky bez důvodu neměňte: názvy, které už existují, si nechají starý.";
        Meeting: "Meetings", "Schůzky";
        Call: "Calls", "Hovory";
        LabelOf: "Label: {kind}", "Popisek: {kind}";
        Label: "label {label}", "popisek {label}";
        DefaultKind: "An event without a label is", "Událost bez popisku je";
        DefaultMeeting: "a meeting", "schůzka";
        DefaultCall: "a call", "hovor";
        DefaultNone: "left alone", "ponechána stranou";
        Removes: "When somebody removes in the CRM what was made in Google", "Když někdo v CRM odstraní, co vzniklo v Googlu";
        RemovesNo: "it stays in Google", "v Googlu zůstane";
        RemovesYes: "it is deleted in Google, too", "smaže se i v Googlu";
        NotHeld: "When something is set to Not Held in the CRM", "Když se v CRM něco označí jako Nekonalo se";
        NotHeldNo: "it stays in Google", "v Googlu zůstane";
        NotHeldYes: "it is deleted in Google", "v Googlu se smaže";
        Private: "Private events", "Soukromé události";
        PrivateSkip: "stay in Google; the CRM learns nothing of them", "zůstanou v Googlu; CRM se o nich nedozví";
        PrivateBusy: "block the time in the CRM, without title, text, place and guests", "zablokují v CRM čas, bez názvu, textu, místa a hostů";
        PrivateFull: "are taken over like any other", "se převezmou jako ostatní";
        Invitations: "Invitations that you have not answered", "Pozvánky, na které jste neodpověděli";
        InvitationsYes: "are taken over", "se převezmou";
        InvitationsNo: "are taken over when you have accepted", "se převezmou, až je přijmete";
        Guests: "Guests of your events", "Hosté vašich událostí";
        GuestsYes: "whom the CRM knows by their address take part there, too", "které CRM zná podle adresy, se účastní i tam";
        GuestsNo: "stay in Google", "zůstanou v Googlu";
        WritesGuests: "Write guests to Google", "Zapisovat hosty do Googlu";
        WritesGuestsNo: "no: who takes part in the CRM is not put on the event", "ne: účastníci v CRM se k události nepřidávají";
        WritesGuestsYes: "yes: whom you add to a meeting in the CRM, or take out, becomes a guest of your event, or ceases to be one",
            "ano: koho v CRM přidáte ke schůzce nebo z ní odeberete, ten se stane hostem vaší události, nebo jím přestane být";
        Mails: "What Google tells guests", "Co Google píše hostům";
        MailsNone: "nothing", "nic";
        MailsAll: "every change that we write to an event of yours with guests, by e-mail to all of them",
            "každou změnu, kterou zapíšeme do vaší události s hosty, e-mailem všem";
        TakesPart: "Meetings and calls of the CRM that are somebody else's and in which you take part", "Schůzky a hovory z CRM, které patří někomu jinému a kterých se účastníte";
        TakesPartNo: "are shown only as Google invites you", "se ukážou, jen když vás pozve Google";
        TakesPartYes: "are also shown as copies without guests, unless Google shows them; deleting one declines", "se ukážou i jako kopie bez hostů, pokud je neukazuje Google; smazání kopie účast odmítne";
        Winner: "When both sides changed the same", "Když se totéž změnilo na obou stranách";
        WinnerNewest: "the later change holds", "platí pozdější změna";
        WinnerGoogle: "Google's holds", "platí Google";
        WinnerCrm: "the CRM's holds", "platí CRM";
        Team: "Team of what is made in the CRM of events", "Tým toho, co v CRM vznikne z událostí";
        TeamHelp: "It is given to new meetings and calls only, once: what the CRM says of them later holds. Whom a team lets see them is the CRM's matter.",
            "Dostanou ho jen nové schůzky a hovory, a to jednou: co u nich CRM uvádí později, platí. Komu je tým ukáže, určuje CRM.";
        TeamNone: "no team", "žádný tým";
        TeamOther: "{id}, not among the teams that the CRM tells of", "{id}, není mezi týmy, které CRM uvádí";
        TeamsUntold: "The CRM does not say now which teams there are, so another one cannot be chosen. Try again in a minute.",
            "CRM teď neříká, jaké týmy existují, takže jiný nelze vybrat. Zkuste to za minutu znovu.";
        FaultTeam: "Choose one of the teams that the list shows: the CRM does not name the other one as a team of yours.",
            "Vyberte jeden z týmů v seznamu: ten druhý CRM jako váš tým neuvádí.";
        Lock: "for everybody: nobody may choose otherwise", "pro všechny: nikdo nesmí zvolit jinak";
        LockKinds: "both for everybody, the kinds and this: nobody may choose otherwise", "obojí pro všechny, druhy i toto: nikdo nesmí zvolit jinak";
        Locked: "Your admin has chosen this for everybody.", "Toto zvolil správce pro všechny.";
        FaultLocked: "Your admin has chosen something for everybody meanwhile. Open this page again and choose the rest.",
            "Správce mezitím něco zvolil pro všechny. Otevřete tuto stránku znovu a zvolte ostatní.";
        HouseTitle: "Calendars of everybody", "Kalendáře všech";
        HouseLink: "Choices for everybody's calendars", "Volby pro kalendáře všech";
        HouseBody: "This holds for whoever has not chosen yet. What you tick as for everybody holds for those who have, too, and they cannot choose otherwise.",
            "Toto platí pro každého, kdo ještě nezvolil. Co zaškrtnete jako pro všechny, platí i pro ty, kdo už zvolili, a nemohou zvolit jinak.";
        HouseRewrites: "For whom something else holds by that, what is there is planned for anew: ten changes a calendar are made, more wait for a word.",
            "Komu tím začne platit něco jiného, tomu se i to, co už existuje, naplánuje znovu: deset změn na kalendář se provede, víc jich čeká na rozhodnutí.";
        HouseSaved: "Saved. Mailboxes for which something else holds now: {count}.", "Uloženo. Schránky, pro které teď platí něco jiného: {count}.";
        HouseSame: "Nothing was changed.", "Nic se nezměnilo.";
        Runs: "How it stands", "Jak to stojí";
        NoneUsed: "No calendar is chosen, so nothing is synchronised.", "Není vybrán žádný kalendář, takže se nic nesynchronizuje.";
        NoRun: "has not run yet", "ještě neběžel";
        RunGood: "went well", "v pořádku";
        RunGoing: "is running", "běží";
        RunFailed: "failed ({why})", "selhal ({why})";
        RunCut: "was interrupted; the next one goes on", "byl přerušen; další bude pokračovat";
        Reading: "Reading what has changed.", "Čte se, co se změnilo.";
        Progress: "{done} of {planned} done.", "Hotovo {done} z {planned}.";
        Pace: "{rate} a second,", "{rate} za sekundu,";
        LeftSoon: "less than a minute left.", "zbývá méně než minuta.";
        LeftMinutes: "about {minutes} minutes left.", "zbývá asi {minutes} minut.";
        LeftHours: "about {hours} h {minutes} min left.", "zbývá asi {hours} h {minutes} min.";
        LookAgain: "Look again", "Podívat se znovu";
        LastRun: "last run", "poslední běh";
        Figures: "seen {seen}, made {made}, changed {written}, deleted {removed}", "viděno {seen}, vytvořeno {made}, změněno {written}, smazáno {removed}";
        Held: "{count} changes wait, because they are more than is done without asking; nothing of them was done.",
            "{count} změn čeká, protože jich je víc, než kolik se provede bez ptaní; žádná z nich se neprovedla.";
        Failed: "{count} changes could not be done; the others were.", "{count} změn se nepodařilo provést; ostatní ano.";
        StaleTitle: "This was not saved", "Neuloženo";
        StaleBy: "{who} was faster. Below stands what holds now. Choose again and save.",
            "Rychlejší byl {who}. Níže stojí, co platí teď. Zvolte znovu a uložte.";
        StaleNow: "now", "teď";
        StaleWanted: "you wanted", "chtěli jste";
        You: "you yourself, in another window", "vy sami v jiném okně";
        Program: "the program {name}", "program {name}";
        Admin: "the admin {name}", "správce {name}";
        Somebody: "somebody", "někdo";
        FaultNoKind: "Choose at least one kind.", "Zvolte aspoň jeden druh.";
        FaultDefault: "The kind of events without a label has to be one of those that are synchronised.",
            "Druh událostí bez popisku musí být jeden ze synchronizovaných.";
        FaultLabels: "These labels cannot be told apart, or are too long: each kind needs its own, one may be empty, and none may go on after a colon where another ends.",
            "Tyto popisky nelze rozlišit, nebo jsou příliš dlouhé: každý druh potřebuje svůj, jeden může být prázdný a žádný nesmí za dvojtečkou pokračovat tam, kde jiný končí.";
        FaultDate: "The date is written as 2026-11-22.", "Datum se zapisuje jako 2026-11-22.";
        FaultCalendar: "Google does not list one of these calendars for you any more. Read the list again.",
            "Google vám jeden z těchto kalendářů už neuvádí. Načtěte seznam znovu.";
        FaultReadOnly: "The main calendar has to be one that you may write to, unless changes go to the CRM only.",
            "Do hlavního kalendáře musíte smět zapisovat, ledaže změny jdou jen do CRM.";
        FaultTooMany: "At most {most} other calendars can be read.", "Číst lze nejvýše {most} dalších kalendářů.";
        FaultBarred: "An admin has barred the mailbox: nothing was saved.", "Správce schránku zablokoval: nic se neuložilo.";
    }
}
