//! What the pages say about getting mailboxes connected.

use super::phrases::phrases;

phrases! {
    /// Mailing links, who is connected and who is not, and why.
    Onboarding {
        MailLink: "Mail a link to the owner", "Poslat odkaz vlastníkovi";
        NoNotices: "Links cannot be mailed: no way to send is set (notices.via in the configuration). Make a link and pass it on yourself.",
            "Odkazy nelze posílat: není nastaveno, kudy (notices.via v konfiguraci). Vytvořte odkaz a předejte ho sami.";
        Mailed: "The link is on its way", "Odkaz je na cestě";
        MailedBody: "A letter with a new link leaves within seconds, to {address} and nowhere else. The link works for 7 days.",
            "Dopis s novým odkazem odejde během několika vteřin, na adresu {address} a nikam jinam. Odkaz platí 7 dní.";
        NotMailed: "No link was mailed", "Odkaz se neposlal";
        Lately: "A link for {address} was mailed less than ten minutes ago. Wait a little, or make a link and pass it on yourself.",
            "Odkaz pro {address} se posílal před méně než deseti minutami. Chvíli počkejte, nebo vytvořte odkaz a předejte ho sami.";
        Needless: "The owner of {address} could not help: the mailbox is disabled, waits for approval, or a service account opens it.",
            "Vlastník {address} nic nezmůže: schránka je zablokovaná, čeká na schválení, nebo ji otevírá servisní účet.";
    }
}
