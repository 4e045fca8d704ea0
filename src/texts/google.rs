//! What the pages about Google say: the client, service accounts, a check of a
//! mailbox and its removal.

use super::phrases::phrases;

phrases! {
    /// How the installation stands with Google.
    Google {
        Title: "Google", "Google";
        ClientTitle: "OAuth client", "Klient OAuth";
        ClientBody: "Owners of mailboxes consent to this client. Its secret is kept sealed and never shown.",
            "Vlastníci schránek dávají souhlas tomuto klientovi. Jeho tajný klíč je uložen zapečetěný a nikdy se neukazuje.";
        ClientNone: "No client is set yet, so nobody can connect a mailbox by consent.",
            "Zatím není nastaven žádný klient, takže nikdo nemůže připojit schránku souhlasem.";
        ClientId: "Client id", "ID klienta";
        ClientSecret: "Client secret", "Tajný klíč klienta";
        SetAt: "Secret set", "Tajný klíč nastaven";
        Standing: "At Google", "U Googlu";
        NoFault: "not refused", "není odmítán";
        FaultInvalidClient: "refused: Google does not know the client id, or the secret is wrong. Copy both again.",
            "odmítnut: Google nezná ID klienta, nebo je tajný klíč chybný. Zkopírujte oba znovu.";
        FaultDeleted: "refused: the client was deleted in Google's console. Restore it there, or set another one.",
            "odmítnut: klient byl v konzoli Googlu smazán. Obnovte ho tam, nebo nastavte jiného.";
        FaultDisabled: "refused: the client is disabled in Google's console. Enable it there, or set another one.",
            "odmítnut: klient je v konzoli Googlu zablokován. Povolte ho tam, nebo nastavte jiného.";
        FaultInternal: "refused: the client serves another organisation only. Its user type is Internal.",
            "odmítnut: klient slouží jen jiné organizaci. Jeho typ uživatelů je Internal (interní).";
        FaultPolicy: "refused: a Workspace admin has restricted this application. Allow it in the Admin console, Security, API controls.",
            "odmítnut: správce Workspace tuto aplikaci omezil. Povolte ji v konzoli správce, Zabezpečení, Ovládací prvky rozhraní API.";
        FaultRedirect: "refused: the redirect address below is not registered for this client.",
            "odmítnut: adresa pro přesměrování uvedená níže není u tohoto klienta zaregistrována.";
        FaultDelegation: "refused: the scope is not delegated to it. Enter the client id and the scope below in the Admin console; it may take 24 hours.",
            "odmítnut: nemá delegovaný rozsah. Zadejte ID klienta a rozsah uvedený níže v konzoli správce; může to trvat až 24 hodin.";
        FaultKey: "refused: its key was deleted or replaced. Make a new key in Google's console and import it.",
            "odmítnut: jeho klíč byl smazán nebo nahrazen. Vytvořte v konzoli Googlu nový klíč a naimportujte ho.";
        FaultClock: "refused: the clock of this machine is wrong. Keep it by NTP.",
            "odmítnut: hodiny tohoto počítače jdou špatně. Seřizujte je pomocí NTP.";
        FaultOther: "refused by Google: {code}", "odmítnut Googlem: {code}";
        Test: "Test", "Vyzkoušet";
        TestBody: "Asks Google with a made-up code. Nothing changes at Google, and no mailbox is touched.",
            "Zeptá se Googlu se smyšleným kódem. U Googlu se nic nezmění a žádné schránky se to nedotkne.";
        TestGood: "Google takes this client: id and secret are right. (It answered invalid_grant, which concerns only the made-up code.)",
            "Google tohoto klienta přijímá: ID i tajný klíč jsou správné. (Odpověděl invalid_grant, což se týká jen smyšleného kódu.)";
        TestRefused: "Google refuses this client: the id, the secret or the client itself is wrong.",
            "Google tohoto klienta odmítá: chybné je ID, tajný klíč, nebo klient sám.";
        TestUnreached: "Google was not reached, or had a bad moment. This says nothing about the client.",
            "Google se nepodařilo zastihnout, nebo měl zrovna potíže. O klientovi to nic neříká.";
        TestUnclear: "Google answered something unexpected. This says nothing certain about the client.",
            "Google odpověděl něco nečekaného. O klientovi to nic jistého neříká.";
        Seen: "What was seen", "Co se zjistilo";
        ToDo: "What to do", "Co s tím";
        SetTitle: "Set the client", "Nastavení klienta";
        SetBody: "With the same client id only the secret changes. Before another one is set, the next page says whose mailboxes have to be connected again.",
            "Se stejným ID klienta se změní jen tajný klíč. Než se nastaví jiný, další stránka řekne, čí schránky se budou muset připojit znovu.";
        SetNext: "Next", "Pokračovat";
        SetButton: "Set this client", "Nastavit tohoto klienta";
        SetSame: "This is the client that is set: only its secret changes, and nobody has to connect again.",
            "Tento klient je již nastaven: změní se jen jeho tajný klíč a nikdo se nemusí připojovat znovu.";
        SetFirst: "No client was set before.", "Dosud nebyl nastaven žádný klient.";
        SetOther: "This is another client than the one that is set.", "To je jiný klient než ten, který je nastaven.";
        SetNobody: "No mailbox has to be connected again.", "Žádná schránka se nemusí připojovat znovu.";
        SetReconnect: "Mailboxes that stop working until their owners connect them again: {count}",
            "Schránky, které přestanou fungovat, dokud je vlastníci nepřipojí znovu: {count}";
        SetRestored: "Mailboxes that were connected by this client before and can be used again: {count}",
            "Schránky, které byly dříve připojeny tímto klientem a půjdou znovu používat: {count}";
        SetMore: "and {count} more", "a dalších {count}";
        SetOdd: "This does not look like a client id of Google's, which ends in .apps.googleusercontent.com.",
            "Nevypadá to jako ID klienta od Googlu, které končí na .apps.googleusercontent.com.";
        SetNoId: "This is no OAuth client id. Google shows it as something.apps.googleusercontent.com.",
            "Toto není ID klienta OAuth. Google ho ukazuje ve tvaru něco.apps.googleusercontent.com.";
        SetNoSecret: "The client secret is empty.", "Tajný klíč klienta je prázdný.";
        SetMoved: "Something has changed since this page was opened, so nothing was set. Look at the consequences again.",
            "Od otevření této stránky se něco změnilo, nic se tedy nenastavilo. Podívejte se na důsledky znovu.";
        DoneTitle: "The client is set", "Klient je nastaven";
        DoneReconnect: "These mailboxes have to be connected again: {count}. Open each and send its owner a new link.",
            "Tyto schránky je třeba připojit znovu: {count}. Otevřete každou z nich a pošlete vlastníkovi nový odkaz.";
        DoneShow: "Show the mailboxes that need consent", "Zobrazit schránky, které potřebují souhlas";
        RedirectTitle: "Redirect address", "Adresa pro přesměrování";
        RedirectBody: "Register it for the client in Google's console, exactly so: Authorized redirect URIs.",
            "Zaregistrujte ji u klienta v konzoli Googlu přesně takto: Autorizované identifikátory URI pro přesměrování.";
        RuleEncrypted: "https, or http on localhost", "https, nebo http na localhost";
        RuleNamed: "a host name, no IP address", "jméno, nikoli IP adresa";
        RulePublic: "a name below a public domain", "jméno pod veřejnou doménou";
        RuleKept: "kept", "splněno";
        RuleBroken: "not kept: Google will not register it", "nesplněno: Google ji nezaregistruje";
        RedirectLocal: "Only a browser on this machine comes back to it. Set http.public_url to the address that people open.",
            "Vrátí se na ni jen prohlížeč na tomto počítači. Nastavte http.public_url na adresu, kterou lidé otevírají.";
        WaysTitle: "If this installation is not public", "Není-li tato instalace veřejná";
        WayPathTitle: "A path under the CRM's own https name", "Cesta pod vlastním https jménem CRM";
        WayPath: "Let the web server of the CRM pass /postern on to this gateway, and set http.public_url to https://crm.example.com/postern.",
            "Nechte webový server CRM předávat /postern této bráně a nastavte http.public_url na https://crm.example.com/postern.";
        WayNameTitle: "A public name on a private address", "Veřejné jméno na soukromé adrese";
        WayName: "Google checks only the name; it never connects to it. A name below a public domain may lead to 10.0.0.5, as long as the owners' browsers reach it. Its certificate can be had by a DNS challenge.",
            "Google kontroluje jen jméno, nikdy se na ně nepřipojuje. Jméno pod veřejnou doménou může vést na 10.0.0.5, pokud na ně dosáhnou prohlížeče vlastníků. Certifikát lze získat ověřením přes DNS.";
        WayRobotTitle: "A service account", "Servisní účet";
        WayRobot: "In a Google Workspace an admin delegates once for all mailboxes; nobody consents, and no address is registered.",
            "V Google Workspace správce jednou deleguje přístup pro všechny schránky; nikdo nedává souhlas a žádná adresa se neregistruje.";
        WayPasteTitle: "Pasting the address back", "Vložení adresy zpět";
        WayPaste: "Set http.public_url to http://localhost:8025 and register the address that is shown above then. The owner consents in any browser, which then fails to open a page; the address in its address bar is pasted into: postern account connect EMAIL --paste",
            "Nastavte http.public_url na http://localhost:8025 a zaregistrujte adresu, která se pak zobrazí výše. Vlastník dá souhlas v libovolném prohlížeči, který pak stránku nedokáže otevřít; adresa z jeho adresního řádku se vloží do příkazu: postern account connect EMAIL --paste";
        KindTitle: "Which kind of Google account do the mailboxes have?", "Jaký druh účtu Google schránky mají?";
        KindInternal: "Google Workspace: user type Internal", "Google Workspace: typ uživatelů Internal (interní)";
        KindInternalBody: "Only mailboxes of your own organisation can connect. No review by Google is needed, and a consent lasts until somebody ends it. The project must belong to the organisation.",
            "Připojit se mohou jen schránky vaší vlastní organizace. Schválení Googlem není třeba a souhlas platí, dokud ho někdo neukončí. Projekt musí patřit organizaci.";
        KindOther: "Other: user type External", "Jiný: typ uživatelů External (externí)";
        KindOtherBody: "As long as the publishing status is Testing, only the listed test users (at most 100) can connect, and every consent ends after 7 days: all mailboxes stop at once and have to be connected again. Publish the application (status In production) to end that; until Google has reviewed it, owners see a warning, and at most 100 users may consent.",
            "Dokud je stav publikování Testing (testování), mohou se připojit jen vyjmenovaní testovací uživatelé (nejvýše 100) a každý souhlas končí po 7 dnech: všechny schránky najednou přestanou fungovat a musí se připojit znovu. Tomu zabráníte publikováním aplikace (stav In production); dokud ji Google neschválí, vidí vlastníci varování a souhlas může dát nejvýše 100 uživatelů.";
        StepsTitle: "Steps in Google's console", "Postup v konzoli Googlu";
        StepProject: "Make or choose a project at console.cloud.google.com.", "Na console.cloud.google.com vytvořte nebo zvolte projekt.";
        StepApi: "Enable under APIs and Services, Library: {apis}.", "V části APIs and Services, Library povolte: {apis}.";
        StepConsent: "Set up the consent screen with the user type from above and the scope {scope}", "Nastavte obrazovku souhlasu s typem uživatelů podle výše uvedeného a s rozsahem {scope}";
        StepClient: "Make an OAuth client of the type Web application with the redirect address from above.", "Vytvořte klienta OAuth typu Web application s adresou pro přesměrování uvedenou výše.";
        StepCopy: "Copy its id and secret to this page, then press Test.", "Zkopírujte jeho ID a tajný klíč na tuto stránku a stiskněte Vyzkoušet.";
        StepDocs: "More in docs/administration.md, chapter Google Cloud console.", "Více v docs/administration.md, kapitola Google Cloud console.";
        RobotsTitle: "Service accounts", "Servisní účty";
        RobotsBody: "A service account opens the mailboxes of a Google Workspace without their owners' consent, once an admin of that Workspace has delegated to it.",
            "Servisní účet otevírá schránky Google Workspace bez souhlasu vlastníků, jakmile mu správce daného Workspace přístup deleguje.";
        RobotsLink: "Service accounts", "Servisní účty";
        RobotsNone: "No service account is stored.", "Není uložen žádný servisní účet.";
        RobotEmail: "Service account", "Servisní účet";
        RobotNumber: "Client id (number)", "ID klienta (číslo)";
        RobotDomains: "Domains", "Domény";
        RobotNoNumber: "the stored key cannot be read", "uložený klíč nelze přečíst";
        DelegateTitle: "To enter in the Admin console", "Co zadat v konzoli správce";
        DelegateBody: "Security, API controls, Domain-wide delegation, Add new: the number of the service account and this scope. It may take up to 24 hours until it holds.",
            "Zabezpečení, Ovládací prvky rozhraní API, Delegování v rámci celé domény, Přidat: číslo servisního účtu a tento rozsah. Než to začne platit, může uplynout až 24 hodin.";
        Scope: "Scope", "Rozsah";
        ImportTitle: "Import a service account", "Import servisního účtu";
        ImportKey: "JSON key file, pasted whole", "Soubor s klíčem JSON, vložený celý";
        ImportDomains: "Workspace domains that it serves, separated by blanks; empty for the allowed ones",
            "Domény Workspace, kterým slouží, oddělené mezerami; prázdné znamená povolené domény";
        ImportButton: "Import", "Importovat";
        ImportDone: "{email} is stored; it serves {domains}. Its number is {number}. The key file holds a secret: delete it, or keep it where nobody else reads it.",
            "{email} je uložen; slouží doménám {domains}. Jeho číslo je {number}. Soubor s klíčem obsahuje tajný údaj: smažte ho, nebo ho uložte tam, kde ho nikdo jiný nepřečte.";
        ImportNoDomain: "Name the Workspace domains that it serves.", "Uveďte domény Workspace, kterým slouží.";
        TryTitle: "Test a domain", "Vyzkoušet doménu";
        TryMailbox: "Mailbox at {domain} to ask for", "Schránka v doméně {domain}, na kterou se zeptat";
        TryNoAddress: "This is no address: {why}", "Toto není adresa: {why}";
        TryGone: "This service account is not stored any more.", "Tento servisní účet už není uložen.";
        TryGood: "Google lets the service account open this mailbox.", "Google servisnímu účtu tuto schránku otevře.";
        TryScope: "The scope {scope} is missing in the delegation, or it does not hold yet: that may take 24 hours.",
            "V delegování chybí rozsah {scope}, nebo zatím neplatí: může to trvat až 24 hodin.";
        TryRefused: "Google refuses this mailbox to the service account: it does not exist, or it has no Gmail.",
            "Google servisnímu účtu tuto schránku odmítá: neexistuje, nebo nemá Gmail.";
        TryKey: "Google refuses the service account itself.", "Google odmítá samotný servisní účet.";
        TryUnreached: "Google was not reached, or had a bad moment. This says nothing about the delegation.",
            "Google se nepodařilo zastihnout, nebo měl zrovna potíže. O delegování to nic neříká.";
        CheckButton: "Test connection now", "Vyzkoušet připojení";
        CheckTitle: "Test of {address}", "Zkouška schránky {address}";
        CheckGood: "The mailbox works: a login through this gateway would succeed.", "Schránka funguje: přihlášení přes tuto bránu by se zdařilo.";
        CheckBad: "The mailbox does not work. The step that failed says what to do.", "Schránka nefunguje. U kroku, který selhal, je napsáno, co s tím.";
        CheckAgain: "Test again", "Vyzkoušet znovu";
        CheckStep: "Step", "Krok";
        CheckVerdict: "Result", "Výsledek";
        CheckTook: "{ms} ms", "{ms} ms";
        CheckLate: "The whole test took longer than {seconds} s", "Celá zkouška trvala déle než {seconds} s";
        StepState: "State of the account", "Stav účtu";
        StepToken: "Access token from Google", "Přístupový token od Googlu";
        StepConnect: "Connection to Gmail (IMAP)", "Spojení s Gmailem (IMAP)";
        StepLogin: "Login at Gmail", "Přihlášení ke Gmailu";
        StepFolders: "Folders", "Složky";
        StepQuota: "Storage", "Úložiště";
        StepOther: "Other", "Jiné";
        SeverityOk: "good", "v pořádku";
        SeverityNote: "note", "poznámka";
        SeverityWarning: "warning", "varování";
        SeverityFault: "failed", "selhalo";
        RemoveLink: "Remove this mailbox", "Odstranit tuto schránku";
        RemoveTitle: "Remove {address}", "Odstranit {address}";
        RemoveBody: "The mailbox is forgotten here with its consent, its aliases, links and CRM tokens ({count} live). Every mail client that uses one of them is shut out within seconds.",
            "Schránka se zde zapomene i se souhlasem, aliasy, odkazy a tokeny CRM (platných: {count}). Každý poštovní klient, který některý z nich používá, ztratí přístup během několika sekund.";
        RemoveAtGoogle: "The consent is revoked at Google, too. Google then drops every scope that this user gave to any client of the whole Google Cloud project, not mail alone: another application of the same project loses its access as well.",
            "Souhlas se odvolá také u Googlu. Google pak zruší všechny rozsahy, které tento uživatel dal kterémukoli klientovi celého projektu Google Cloud, nejen poštu: přístup ztratí i jiná aplikace téhož projektu.";
        RemoveNoGrant: "It has no consent of its own, so nothing is revoked at Google.", "Nemá vlastní souhlas, u Googlu se tedy nic neodvolá.";
        RemoveInstead: "To bar the logins only and keep everything, disable the mailbox instead.",
            "Chcete-li jen zabránit přihlášení a vše ponechat, schránku raději zablokujte.";
        RemoveConfirm: "Write {address} to confirm", "Pro potvrzení napište {address}";
        RemoveUnconfirmed: "The address was not written as shown, so nothing was removed.", "Adresa nebyla napsána tak, jak je uvedena, nic se tedy neodstranilo.";
        RemoveButton: "Remove", "Odstranit";
        RemoveNotRevoked: "Google did not confirm the end of the consent, so nothing was removed. Try again later.",
            "Google ukončení souhlasu nepotvrdil, nic se tedy neodstranilo. Zkuste to později znovu.";
        RemoveSilentTitle: "Or remove it without telling Google", "Nebo odstranit bez oznámení Googlu";
        RemoveSilentBody: "The mailbox is forgotten here, but its consent lives on at Google until the owner ends it at myaccount.google.com/connections.",
            "Schránka se zde zapomene, ale její souhlas u Googlu trvá, dokud ho vlastník neukončí na myaccount.google.com/connections.";
        RemoveSilentButton: "Remove without telling Google", "Odstranit bez oznámení Googlu";
        RemovedTitle: "{address} is removed", "Schránka {address} je odstraněna";
        RemovedRevoked: "Google dropped every scope that this user gave to the project.", "Google zrušil všechny rozsahy, které tento uživatel dal projektu.";
        RemovedNoGrant: "There was no consent to end.", "Nebyl žádný souhlas, který by se ukončil.";
        RemovedLives: "Google did not confirm the end of its consent. The owner can end it at myaccount.google.com/connections.",
            "Google ukončení souhlasu nepotvrdil. Vlastník ho může ukončit na myaccount.google.com/connections.";
    }
}
