//! Czech.

use super::Text;

pub(super) const WORDS: &[(Text, &str)] = &[
    (Text::HomeTitle, "Postern"),
    (
        Text::HomeBody,
        "Toto je poštovní brána mezi CRM a Gmailem. Na této stránce není co dělat: schránku připojíte odkazem, který jste dostali.",
    ),
    (Text::NotFoundTitle, "Taková stránka tu není"),
    (
        Text::NotFoundBody,
        "Tady nic není. Zkontrolujte adresu, nebo otevřete znovu odkaz, který jste dostali.",
    ),
    (Text::RequestTitle, "Nepodařilo se"),
    (Text::MethodBody, "Takto tuto stránku použít nelze."),
    (
        Text::BadRequestBody,
        "Adresa není úplná, nebo v ní bylo něco změněno. Otevřete znovu odkaz, který jste dostali.",
    ),
    (
        Text::WrongHostBody,
        "Toto místo bylo otevřeno pod jménem, které mu nepatří. Otevřete je adresou, kterou jste dostali. (Pro správce: předřazená proxy musí předávat hlavičku Host a http.public_url musí být správně.)",
    ),
    (
        Text::CrossSiteBody,
        "Tlačítko nebylo stisknuto na stránce tohoto místa, proto se nic nestalo. Otevřete odkaz, který jste dostali, jeho celou adresou a stiskněte tlačítko tam.",
    ),
    (Text::TooSlowBody, "Trvá to příliš dlouho. Počkejte minutu a zkuste to znovu."),
    (Text::StartTitle, "Připojení schránky"),
    (Text::StartBody, "Schránka {address} bude připojena k CRM vaší firmy."),
    (
        Text::StartMayNot,
        "Ke kalendáři, kontaktům ani souborům přístup nezíská. Připojení můžete kdykoli ukončit ve svém účtu Google v části Zabezpečení, Připojení třetích stran.",
    ),
    (Text::StartPick, "U Googlu vyberte účet {address}, a pokud tam je políčko pro Gmail, zaškrtněte je."),
    (Text::StartButton, "Pokračovat ke Googlu"),
    (Text::LinkTitle, "Teď to připojit nelze"),
    (
        Text::LinkUnknown,
        "Tento odkaz neznáme. Možná se při kopírování zkrátil. Otevřete celý odkaz, nebo požádejte správce o nový.",
    ),
    (
        Text::LinkUsed,
        "Tento odkaz už byl použit: schránka jím byla připojena. Pokud pošta nefunguje, požádejte správce o nový odkaz.",
    ),
    (Text::LinkExpired, "Tento odkaz je příliš starý: platil 7 dní. Požádejte správce o nový."),
    (
        Text::NoClient,
        "V této bráně ještě není nastaven klient Google. Řekněte to správci; odkaz zůstává platný.",
    ),
    (Text::Disabled, "Tuto schránku správce vypnul. Obraťte se na správce."),
    (Text::AwaitingApproval, "Tato schránka čeká na schválení správcem. Obraťte se na správce."),
    (
        Text::NotNeeded,
        "Tato schránka nové připojení nepotřebuje. Pokud pošta nefunguje, obraťte se na správce.",
    ),
    (Text::StoreDown, "Brána to teď nemůže provést. Nic se nezměnilo. Počkejte minutu a zkuste to znovu."),
    (Text::ConnectedTitle, "Připojeno"),
    (Text::ConnectedBody, "Schránka {address} je připojena. CRM ji může od této chvíle používat."),
    (
        Text::ConnectedRenamed,
        "Google u vás uvádí adresu {new}, schránka je však vedena jako {address}. Novou adresu musí potvrdit správce; do té doby platí stará.",
    ),
    (Text::ConnectedClose, "Tuto stránku můžete zavřít."),
    (Text::RefusedTitle, "Nepřipojeno"),
    (
        Text::StateUnknown,
        "Tato odpověď Googlu už byla použita, nebo nepatří k připojení, které začalo zde. Pokud jste schránku právě připojili, je vše v pořádku a stránka se jen otevřela dvakrát.",
    ),
    (Text::StateExpired, "Mezi stisknutím tlačítka a odpovědí Googlu uplynulo více než 10 minut."),
    (
        Text::CookieMissing,
        "Připojení začalo v jiném prohlížeči, nebo tento prohlížeč neukládá cookies. Začněte a dokončete je ve stejném prohlížeči, ne v anonymním okně a ne uvnitř jiného programu.",
    ),
    (Text::Declined, "Přístup byl u Googlu odmítnut, nic se tedy nezměnilo."),
    (Text::ClientRefused, "Google tuto bránu odmítá ({code}). Sami to vyřešit nemůžete: řekněte to správci."),
    (Text::CodeRefused, "Google už svou vlastní odpověď nepřijal, nejspíše proto, že byla příliš stará."),
    (Text::GoogleDown, "Google teď neodpovídá. Nic se nezměnilo. Počkejte minutu."),
    (
        Text::NotProven,
        "Nepodařilo se prokázat, kdo se u Googlu přihlásil, nic se tedy nezměnilo. Pokud se to bude opakovat, řekněte to správci.",
    ),
    (Text::NotVerified, "Google adresu tohoto účtu neověřil. Nejprve ji ověřte ve svém účtu Google."),
    (
        Text::WrongAccount,
        "U Googlu jste se přihlásili jako {got}, toto připojení je však pro {expected}. Začněte znovu a u Googlu vyberte {expected}; pokud v seznamu není, zvolte „Použít jiný účet“.",
    ),
    (
        Text::AnotherPerson,
        "Adresa {address} patří jinému účtu Google než tomu, který byl připojen dříve, považuje se proto za jinou osobu. Řekněte to správci: starý účet je třeba nejprve odstranit.",
    ),
    (
        Text::KnownElsewhere,
        "Účet Google s adresou {address} je zde už připojen pod jinou adresou. Řekněte to správci: nejspíše je třeba potvrdit změnu adresy.",
    ),
    (
        Text::WrongDomain,
        "{got} není účet organizace, která se zde smí připojit. Použijte účet své organizace, nebo se obraťte na správce.",
    ),
    (
        Text::ProductMissing,
        "U Googlu nebyl zaškrtnut Gmail. Bez něj pošta nefunguje. Začněte znovu a zaškrtněte „Číst, psát, odesílat a trvale mazat všechny e-maily z Gmailu“.",
    ),
    (
        Text::NoRefreshToken,
        "Google nedal trvalý přístup. Odeberte tuto bránu ve svém účtu Google v části Zabezpečení, Připojení třetích stran, a začněte znovu.",
    ),
    (
        Text::TryAgain,
        "Chcete-li to zkusit znovu, otevřete ještě jednou odkaz, který jste dostali, a stiskněte tlačítko.",
    ),
    (Text::HelpTitle, "Co je s touto schránkou"),
    (Text::HelpUnknownTitle, "O tomto nic nevíme"),
    (
        Text::HelpUnknownBody,
        "Odkazy z chybových hlášení platí 30 dní. Pokud pošta nefunguje, obraťte se na správce.",
    ),
    (Text::HelpFine, "Tato schránka už zase funguje, není co dělat. Nechte CRM, ať to zkusí znovu."),
    (
        Text::HelpWrongToken,
        "CRM se přihlásilo špatným uživatelským jménem nebo tokenem. Zadejte token v nastavení pošty v CRM znovu, nebo požádejte správce o nový.",
    ),
    (Text::HelpTokenExpired, "Platnost tokenu pro CRM skončila. Požádejte správce o nový."),
    (
        Text::HelpNeedsConsent,
        "Tato schránka není připojena ke Googlu, nebo Google připojení ukončil (například po změně hesla). Připojte ji tlačítkem.",
    ),
    (
        Text::HelpNeedsSignIn,
        "Vaše organizace chce, abyste se čas od času u Googlu znovu přihlásili, a ten čas nastal. Připojte schránku znovu tlačítkem.",
    ),
    (
        Text::HelpProductMissing,
        "Při připojování schránky nebyl zaškrtnut Gmail. Připojte ji znovu tlačítkem a u Googlu Gmail zaškrtněte.",
    ),
    (
        Text::HelpClientRefused,
        "Google odmítá samotnou bránu, ne vaši schránku. Sami to vyřešit nemůžete: řekněte to správci.",
    ),
    (Text::HelpRefusedByGmail, "Gmail schránku odmítl. Gmail říká: {words}"),
    (Text::HelpUnavailable, "Gmail nebyl dostupný. Nic se neztratilo; CRM to zkusí znovu samo."),
    (
        Text::HelpTooMany,
        "K této schránce bylo připojeno příliš mnoho programů najednou. CRM to zkusí znovu samo.",
    ),
    (Text::MailboxLabel, "Schránka"),
    (Text::ReferenceLabel, "Značka"),
    (Text::NoticeMailboxesSubject, "Postern: schránky, které je třeba znovu připojit: {count}"),
    (Text::NoticeClientSubject, "Postern: Google odmítá tuto bránu"),
    (
        Text::NoticeMailboxes,
        "Google už bránu Postern nepouští do těchto schránek: {count}. Každou musí znovu připojit její majitel; jak, říká stránka uvedená u adresy.",
    ),
    (Text::NoticeCertificateSubject, "Postern: brzy skončí certifikát"),
    (
        Text::NoticeCertificate,
        "Certifikát, který Postern ukazuje poštovním klientům, skončí {at}. Obnovte jeho soubory: načtou se samy a žádné spojení tím neskončí. Po tom dni se poštovní klienti nepřipojí.",
    ),
    (Text::NoticeGoneSubject, "Postern: uživatelé, kteří v CRM už nejsou: {count}"),
    (
        Text::NoticeGone,
        "Tyto lidi CRM už nemá, nebo je nepouští: {count}. Nic se jim neudržuje ve shodě. Pokud odešli, uzavřete jejich schránky a určete, kdo převezme jejich záznamy; pokud ne, nic se neztratilo: {page}",
    ),
    (Text::NoticeMore, "a další ({count}): postern account list"),
    (Text::NoticeOwnersToo, "Majitelé dostávají také zprávu, každý s vlastním odkazem."),
    (Text::NoticeNeedsConsent, "Google ukončil přístup"),
    (Text::NoticeNeedsSignIn, "Google chce nové přihlášení"),
    (
        Text::NoticeClient,
        "Google odmítá {client} ({code}). Až skončí platnost posledních přístupových tokenů, nepřihlásí se nikdo. Co dělat, řekne příkaz: postern doctor",
    ),
    (Text::NoticeOwnerSubject, "Připojte prosím znovu svou schránku {address}"),
    (
        Text::NoticeOwnerConsent,
        "Google ukončil přístup vašeho CRM ke schránce {address}, jak to dělá například po změně hesla. Dokud ji znovu nepřipojíte, nemůže CRM její poštu číst ani odesílat.",
    ),
    (
        Text::NoticeOwnerSignIn,
        "Vaše organizace chce, abyste se čas od času u Googlu znovu přihlásili, a pro schránku {address} ten čas nastal. Dokud ji znovu nepřipojíte, nemůže CRM její poštu číst ani odesílat.",
    ),
    (Text::NoticeOwnerLink, "Připojíte ji na této stránce (platí 7 dní a jen pro tuto schránku):"),
    (
        Text::NoticeOwnerDoubt,
        "Přihlašujete se jen u Googlu; na vaše heslo se tu nikdo neptá. Pokud {place} neznáte, odkaz neotvírejte a obraťte se na správce.",
    ),
    (Text::NoticeFrom, "Napsal Postern, poštovní brána vašeho CRM: {place}"),
];
