//! What the owner of a mailbox reads on the way to Google and back, beside
//! what stands in `Text`.

use super::phrases::phrases;

phrases! {
    /// Who will see what, a link that is over, and asking once more.
    Connect {
        BodyAt: "The mailbox {address} is about to be connected to the CRM at {crm}.", "Schránka {address} bude připojena k CRM na adrese {crm}.";
        SeenBy: "There, the mail will be seen by the CRM user {user} and by those with whom the CRM lets them share it.",
            "Poštu tam uvidí uživatel CRM {user} a ti, s nimiž ji podle nastavení CRM sdílí.";
        SeenByMany: "It is registered as a shared mailbox: the mail will be seen by everyone to whom your admin gives it in the CRM.",
            "Je vedena jako sdílená schránka: poštu uvidí každý, komu ji správce v CRM zpřístupní.";
        Closed: "Connecting mailboxes is switched off for now. Ask your admin, and open the link again later.",
            "Připojování schránek je nyní vypnuto. Obraťte se na správce a otevřete odkaz později znovu.";
        Asked: "You will be asked for this:", "Budete požádáni o toto:";
        Gmail: "Gmail: the CRM reads the mail of this mailbox, sends mail in its name and files it, through this gateway.",
            "Gmail: CRM přes tuto bránu čte poštu této schránky, odesílá jejím jménem a zařazuje ji do složek.";
        Calendar: "Calendar: the CRM sees and edits the events of your calendars.",
            "Kalendář: CRM vidí a upravuje události ve vašich kalendářích.";
        Contacts: "Contacts: the CRM sees and edits the people of your Google contacts.",
            "Kontakty: CRM vidí a upravuje osoby ve vašich kontaktech Google.";
        Choose: "Take the tick away from what the CRM should not get.", "Odškrtněte, co CRM dostat nemá.";
        MayNot: "It gets no access to your contacts or files. You can end the connection at any time in your Google account, under Security, Third-party connections.",
            "Nezíská přístup ke kontaktům ani souborům. Spojení můžete kdykoli ukončit v účtu Google v části Zabezpečení, Připojení třetích stran.";
        MayNotCalendar: "It gets no access to your calendar or files. You can end the connection at any time in your Google account, under Security, Third-party connections.",
            "Nezíská přístup ke kalendáři ani souborům. Spojení můžete kdykoli ukončit v účtu Google v části Zabezpečení, Připojení třetích stran.";
        MayNotFiles: "It gets no access to your files. You can end the connection at any time in your Google account, under Security, Third-party connections.",
            "Nezíská přístup k souborům. Spojení můžete kdykoli ukončit v účtu Google v části Zabezpečení, Připojení třetích stran.";
        Pick: "At Google, choose the account {address}, and tick every box that stands for what you have chosen here.",
            "U Googlu zvolte účet {address} a zaškrtněte všechna políčka, která odpovídají tomu, co jste zvolili zde.";
        NothingChosen: "Nothing was ticked, so there is nothing to ask Google for. Open the link again and leave at least one tick.",
            "Nic nezůstalo zaškrtnuto, není tedy oč Google žádat. Otevřete odkaz znovu a ponechte aspoň jedno zaškrtnutí.";
        CalendarMissing: "The calendar was not ticked on Google's page, so nothing was connected.",
            "Na stránce Googlu nebyl zaškrtnut kalendář, nic se tedy nepřipojilo.";
        ContactsMissing: "The contacts were not ticked on Google's page, so nothing was connected.",
            "Na stránce Googlu nebyly zaškrtnuty kontakty, nic se tedy nepřipojilo.";
        NoPassword: "Your Google password is never asked for and never stored; you sign in at Google only.",
            "Na vaše heslo ke Googlu se nikdo neptá a nikde se neukládá; přihlašujete se jen u Googlu.";
        AskAgain: "Ask Google again", "Požádat Google znovu";
        HelpSwitchedOff: "The owner of this mailbox has switched mail off for the CRM. If it is yours, open your page and switch it on again.",
            "Vlastník této schránky poštu pro CRM vypnul. Je-li vaše, otevřete svou stránku a zase ji zapněte.";
        LinkOld: "This link is too old: it worked for 7 days.", "Tento odkaz je příliš starý: platil 7 dní.";
        LinkSpent: "This link has been used: the mailbox was connected with it. If mail works, there is nothing to do.",
            "Tento odkaz už byl použit: schránka jím byla připojena. Pokud pošta funguje, není třeba nic dělat.";
        AgainBody: "A new one can be sent to the mailbox itself, and to no other address.",
            "Nový vám můžeme poslat do samotné schránky, a na žádnou jinou adresu.";
        AgainButton: "Send me a new one", "Poslat nový odkaz";
        SentTitle: "Look into your mailbox", "Podívejte se do schránky";
        SentBody: "If this link belongs to a mailbox that can be connected, a new one is on its way to it. It takes a minute or two; look into spam as well. At most one is sent in ten minutes. If nothing comes, ask your admin.",
            "Pokud tento odkaz patří ke schránce, kterou lze připojit, je do ní nový na cestě. Potrvá to minutu či dvě; podívejte se i do spamu. Během deseti minut se posílá nejvýše jeden. Pokud nic nepřijde, obraťte se na správce.";
        TooOften: "Too many new links were asked for from your network. Wait ten minutes and try again.",
            "Z vaší sítě přišlo příliš mnoho žádostí o nový odkaz. Počkejte deset minut a zkuste to znovu.";
    }
}
