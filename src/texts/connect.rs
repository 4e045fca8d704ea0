//! What the owner of a mailbox reads on the way to Google and back, beside
//! what stands in `Text`.

use super::phrases::phrases;

phrases! {
    /// A link that is over, and what is asked for.
    Connect {
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
