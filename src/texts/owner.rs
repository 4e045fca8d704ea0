//! What the owner of a mailbox reads on the own page.

use super::phrases::phrases;

phrases! {
    /// Signing in with Google, the own mailbox, ending the connection.
    Owner {
        SignInTitle: "Your mailbox", "Vaše schránka";
        SignInBody: "To see how your mailbox stands with the CRM, or to end the connection, sign in with the Google account of the mailbox. Only your identity is asked for; no password is typed here.",
            "Chcete-li vidět, jak je na tom vaše schránka s CRM, nebo spojení ukončit, přihlaste se účtem Google této schránky. Žádáme jen o vaši totožnost; heslo sem nikdy nepíšete.";
        SignInButton: "Sign in with Google", "Přihlásit se přes Google";
        Stranger: "No mailbox is connected here for the Google account of {got}. If you have a link from your admin, open that; if you have several Google accounts, sign in with the other one.",
            "Pro účet Google {got} tu není připojena žádná schránka. Máte-li odkaz od správce, otevřete ho; máte-li více účtů Google, přihlaste se jiným.";
        Title: "Your mailbox {address}", "Vaše schránka {address}";
        Connected: "It is connected: your company's CRM can read and send its mail through this gateway.",
            "Je připojena: CRM vaší firmy může přes tuto bránu číst a odesílat její poštu.";
        WithoutMail: "It is connected, but without Gmail: the CRM can neither read nor send its mail.",
            "Je připojena, ale bez Gmailu: CRM nemůže její poštu číst ani odesílat.";
        NotConnected: "It is not connected: the CRM can neither read nor send its mail.",
            "Není připojena: CRM nemůže její poštu číst ani odesílat.";
        NeedsConsent: "Google has ended the connection (after a change of password, for instance). Connect it again.",
            "Google spojení ukončil (například po změně hesla). Připojte ji znovu.";
        NeedsSignIn: "Your organisation wants you to sign in at Google again. Connect it again.",
            "Vaše organizace chce, abyste se u Googlu znovu přihlásili. Připojte ji znovu.";
        Barred: "An admin has barred it, or has to approve it first. Ask your admin.",
            "Správce ji zablokoval, nebo ji musí nejprve schválit. Obraťte se na správce.";
        Connect: "Connect with Google", "Připojit přes Google";
        Reconnect: "Connect again", "Připojit znovu";
        WhoSees: "What the CRM may do", "Co CRM smí";
        Tokens: "CRM tokens that can log in: {count}. Your admin issues and revokes them.",
            "Tokeny CRM, které se mohou přihlásit: {count}. Vydává a ruší je váš správce.";
        LastUsed: "The CRM was last here", "CRM se naposledy přihlásilo";
        Never: "never", "nikdy";
        LastRefusal: "Gmail's last refusal", "Poslední odmítnutí Gmailem";
        MailOn: "Mail is on: the CRM may read and send it.", "Pošta je zapnuta: CRM ji smí číst a odesílat.";
        MailOff: "You have switched mail off: the CRM can neither read nor send it, and what was running has ended. What you have given at Google stays, so you can switch it on again at any time.",
            "Poštu jste vypnuli: CRM ji nemůže číst ani odesílat a běžící spojení skončila. Co jste udělili u Googlu, zůstává, takže ji můžete kdykoli zase zapnout.";
        SwitchOff: "Switch mail off", "Vypnout poštu";
        SwitchOn: "Switch mail on", "Zapnout poštu";
        CalendarOn: "The calendar is on: the CRM may see and edit its events.",
            "Kalendář je zapnut: CRM smí zobrazovat a upravovat jeho události.";
        CalendarOff: "You have switched the calendar off: the CRM can neither see nor edit its events. What you have given at Google stays, so you can switch it on again at any time.",
            "Kalendář jste vypnuli: CRM nemůže jeho události zobrazovat ani upravovat. Co jste udělili u Googlu, zůstává, takže ho můžete kdykoli zase zapnout.";
        SwitchCalendarOff: "Switch the calendar off", "Vypnout kalendář";
        SwitchCalendarOn: "Switch the calendar on", "Zapnout kalendář";
        ContactsOn: "Contacts are on: the CRM may see and edit them.",
            "Kontakty jsou zapnuty: CRM je smí zobrazovat a upravovat.";
        ContactsOff: "You have switched contacts off: the CRM can neither see nor edit them. What you have given at Google stays, so you can switch them on again at any time.",
            "Kontakty jste vypnuli: CRM je nemůže zobrazovat ani upravovat. Co jste udělili u Googlu, zůstává, takže je můžete kdykoli zase zapnout.";
        SwitchContactsOff: "Switch contacts off", "Vypnout kontakty";
        SwitchContactsOn: "Switch contacts on", "Zapnout kontakty";
        ContactsNotGiven: "You have not given the contacts. To let the CRM see and edit them, press Connect again on this page, and tick them at Google.",
            "Kontakty jste neudělili. Chcete-li, aby je CRM smělo zobrazovat a upravovat, stiskněte na této stránce Připojit znovu a zaškrtněte je u Googlu.";
        SwitchBody: "Switching off takes effect within seconds and only here; Google is not told. To end everything, disconnect below.",
            "Vypnutí platí během několika vteřin a jen zde; Google se o něm nedozví. Chcete-li ukončit vše, odpojte schránku níže.";
        DisconnectTitle: "End the connection", "Ukončit spojení";
        DisconnectBody: "The CRM loses access within seconds. Google ends everything that you have given to this company's gateway, for all its products at once. Mail stays in Gmail, and what the CRM has read stays there. You can connect again at any time.",
            "CRM během vteřin přijde o přístup. Google ukončí vše, co jste bráně vaší firmy udělili, pro všechny produkty najednou. Pošta zůstane v Gmailu a co CRM přečetlo, tam zůstane. Připojit se můžete kdykoli znovu.";
        Disconnect: "Disconnect", "Odpojit";
        Disconnected: "The connection has ended. The CRM has no access to the mailbox any more.",
            "Spojení je ukončeno. CRM už nemá ke schránce přístup.";
        NotFresh: "For this, sign in with Google once more: your last sign-in was more than ten minutes ago.",
            "K tomu se znovu přihlaste přes Google: vaše poslední přihlášení je starší než deset minut.";
        ToOwnPage: "See your mailbox", "Zobrazit vaši schránku";
        SessionOver: "You are not signed in any more.", "Už nejste přihlášeni.";
    }
}
