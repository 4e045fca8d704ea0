//! What a CRM user reads in the Gmail panel.

use super::phrases::phrases;

phrases! {
    /// The panel in a record of the CRM, and the window that connects.
    Panel {
        Title: "Gmail", "Gmail";
        Loading: "Asking the mail gateway…", "Ptám se poštovní brány…";
        NoScript: "This panel needs JavaScript. Without it, connect the mailbox by the link that your admin gives you.",
            "Tento panel potřebuje JavaScript. Bez něj připojte schránku odkazem, který vám dá správce.";
        Over: "The time of this panel is over. Reload the record in the CRM to go on.",
            "Čas tohoto panelu vypršel. Pro pokračování načtěte záznam v CRM znovu.";
        Offline: "The mail gateway does not answer. Try again in a while.",
            "Poštovní brána neodpovídá. Zkuste to za chvíli znovu.";
        TooFast: "That was too much at once. Wait a moment.", "To bylo příliš rychle za sebou. Chvíli počkejte.";
        NotRegistered: "This mailbox is not registered at the mail gateway. Ask your admin to register it.",
            "Tato schránka není v poštovní bráně zaregistrována. Požádejte správce o registraci.";
        Connected: "Connected.", "Připojeno.";
        Bypassed: "Connected, but this record bypasses the gateway: it still points at Gmail itself. Enter the values below instead.",
            "Připojeno, ale tento záznam bránu obchází: stále míří přímo na Gmail. Zadejte místo toho hodnoty níže.";
        PointsAtGmail: "This record points at Gmail itself. Once the mailbox is connected, enter the values below instead.",
            "Tento záznam míří přímo na Gmail. Až bude schránka připojena, zadejte místo toho hodnoty níže.";
        MailOff: "Its owner has switched mail off for the CRM. The owner switches it on again at {url}",
            "Její vlastník poštu pro CRM vypnul. Znovu ji zapne na {url}";
        ServiceAccount: "Your organisation has connected it for everybody; there is nothing to press.",
            "Připojila ji vaše organizace pro všechny; není třeba nic stisknout.";
        Foreign: "It belongs to another CRM user. Only that user may connect it, issue a CRM token for it or disconnect it here.",
            "Patří jinému uživateli CRM. Jen on ji zde může připojit, vydat pro ni token CRM nebo ji odpojit.";
        Nobodys: "No CRM user is entered for it, so its tokens are issued by an admin, who also disconnects it.",
            "Není u ní zapsán žádný uživatel CRM, takže tokeny vydává a odpojení provádí správce.";
        KeyLacksIssue: "This CRM may not issue CRM tokens (its key lacks the scope token:issue). Ask your admin for one.",
            "Toto CRM nesmí vydávat tokeny CRM (jeho klíč nemá oprávnění token:issue). Požádejte o token správce.";
        Issue: "Issue a CRM token", "Vydat token CRM";
        Enough: "This record has {count} CRM tokens already. Ask your admin to revoke those that nobody uses.",
            "Tento záznam už má {count} tokenů CRM. Požádejte správce o zneplatnění těch, které nikdo nepoužívá.";
        IssuedTitle: "Your CRM token", "Váš token CRM";
        IssuedBody: "Enter it in this record as the password, for IMAP and for SMTP. It is shown only now; tokens issued before stay valid.",
            "Zadejte ho v tomto záznamu jako heslo pro IMAP i SMTP. Zobrazí se jen teď; dříve vydané tokeny zůstávají platné.";
        EnterTitle: "Values to enter", "Hodnoty k zadání";
        NothingToEnter: "This gateway has no listener for mail that people can be told about. Ask your admin.",
            "Tato brána nemá pro poštu žádnou adresu, kterou by mohla sdělit. Obraťte se na správce.";
        Products: "Products", "Produkty";
        DisconnectYes: "Yes, disconnect", "Ano, odpojit";
        Cancel: "Cancel", "Zrušit";
        Waiting: "Go on in the window that has opened. This panel notices when you are done.",
            "Pokračujte v okně, které se otevřelo. Panel si všimne, až budete hotovi.";
        Blocked: "The browser did not open a window. Allow this page to open windows and press again.",
            "Prohlížeč okno neotevřel. Povolte této stránce otevírat okna a stiskněte znovu.";
        WindowOverTitle: "This window came too late", "Toto okno přišlo pozdě";
        WindowOver: "A press of Connect works once and for a minute. Close this window and press it again in the CRM.",
            "Stisk tlačítka platí jednou a po dobu jedné minuty. Zavřete toto okno a stiskněte ho v CRM znovu.";
    }
}
