//! What owners read in letters that somebody asked for or that an act owes them.

use super::phrases::phrases;

phrases! {
    /// The link to connect a mailbox, and word of a CRM token.
    Letters {
        LinkSubject: "Please connect your mailbox {address}", "Připojte prosím svou schránku {address}";
        LinkBody: "Your company's CRM is to read and send the mail of the mailbox {address}. For that you connect it once, by signing in at Google.",
            "CRM vaší firmy má číst a odesílat poštu schránky {address}. K tomu ji jednou připojíte tím, že se přihlásíte u Googlu.";
        TokenSubject: "A new CRM token opens your mailbox {address}", "Nový token CRM otevírá vaši schránku {address}";
        TokenBody: "On {when} (UTC) a CRM token was issued for the mailbox {address}. Whoever has it can use the mailbox through the gateway until it is revoked.",
            "{when} (UTC) byl pro schránku {address} vydán token CRM. Kdo ho má, může schránku přes bránu používat, dokud ho někdo nezneplatní.";
        TokenName: "Its name: {name}", "Jeho název: {name}";
        TokenUse: "What it opens: {use}", "Co otevírá: {use}";
        TokenBy: "Issued by: {who}", "Kdo ho vydal: {who}";
        TokenRevoked: "It has been revoked since.", "Mezitím byl zneplatněn.";
        ByAdmin: "somebody who runs the gateway, at its pages", "správce brány na jejích stránkách";
        ByProgram: "a program that may use the gateway (the CRM, most likely)", "program, který smí bránu používat (nejspíše CRM)";
        ByPanel: "the user of the CRM to whom it belongs there, in its Gmail panel", "uživatel CRM, kterému tam patří, v panelu Gmail";
        ByShell: "somebody at the gateway's command line", "někdo na příkazovém řádku brány";
        TokenObject: "If you expected this, there is nothing to do. If not, tell your admin, who can revoke the token; and on {page} you can end the connection at once.",
            "Pokud jste to čekali, není třeba nic dělat. Pokud ne, řekněte to správci, který může token zneplatnit; na stránce {page} můžete spojení hned ukončit sami.";
    }
}
