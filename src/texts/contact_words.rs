//! The words by which contacts are told of, each in a sentence: what came of a
//! record that was pushed, why a person has to be asked, why a run failed, how
//! a link stands.

use postern_core::plan::link::State;

use super::phrases::phrases;

phrases! {
    /// A word in a sentence.
    ContactWords {
        Waits: "It waits for its turn.", "Čeká, až na něj přijde řada.";
        Made: "A person was made in Google.", "V Googlu vznikla osoba.";
        Linked: "The person was there already and is linked with it now.", "Osoba už tam byla a teď je s ním spojena.";
        Refused: "Google or the CRM refuses it; why stands with what could not be done.", "Google nebo CRM to odmítá; proč, stojí u toho, co se nepodařilo provést.";
        Cancelled: "It was given up before its turn.", "Vzdalo se to dřív, než na něj přišla řada.";
        Direction: "Changes go the other way only, so it is not pushed.", "Změny jdou jen opačným směrem, takže se neposílá.";
        NoAccess: "You may not see it in the CRM, or there is no such record.", "V CRM ho nesmíte vidět, nebo takový záznam není.";
        OtherKind: "Its kind is not among those that are synchronised.", "Jeho druh není mezi synchronizovanými.";
        Already: "It is in the group and kept in step already.", "Ve skupině už je a udržuje se ve shodě.";
        Stranger: "The CRM does not know the person, and people whom it does not know are left alone.", "CRM osobu nezná a lidé, které nezná, se nechávají být.";
        Undecided: "The CRM does not know the person, and you want to decide yourself.", "CRM osobu nezná a chcete rozhodnout sami.";
        Ambiguous: "Several look like the same, and only you can say which one it is.", "Stejně vypadá několik a jen vy můžete říci, kdo to je.";
        Taken: "Whom it looks like is linked with another one already.", "Ten, komu se podobá, je už spojen s jiným.";
        Rivals: "Whom it looks like is linked already, and others look the same.", "Ten, komu se podobá, je už spojen a stejně vypadají i další.";
        Second: "Another new one has the same e-mail address.", "Stejnou e-mailovou adresu má ještě jeden nový.";
        Twin: "The person was made twice, and somebody has changed the second one since.", "Osoba vznikla dvakrát a tu druhou mezitím někdo změnil.";
        Merged: "The record was merged in the CRM into one that is linked with somebody else.", "Záznam se v CRM sloučil s takovým, který je spojen s někým jiným.";
        Converted: "The lead was converted, and it cannot be told into which contact, or that one is linked already.", "Zájemce se převedl a nedá se říci, na který kontakt, nebo je ten už spojen.";
        Gone: "The record is deleted in the CRM.", "Záznam je v CRM smazán.";
        Unseen: "The person was not seen yet; it is looked for again.", "Osoba se ještě nenašla; hledá se znovu.";
        NoGroup: "The group is gone from Google: choose another one.", "Skupina z Googlu zmizela: vyberte jinou.";
        Duplicate: "The CRM has somebody of the same name or address, and makes no second one.", "CRM má někoho se stejným jménem nebo adresou a druhého nezaloží.";
        OtherWord: "It was left alone ({word}).", "Nechalo se to být ({word}).";
        FaultNobody: "the mailbox is not connected, or contacts are switched off", "schránka není připojena, nebo jsou kontakty vypnuty";
        FaultNoUser: "the mailbox belongs to no user who may sign in in the CRM; an admin assigns one", "schránka nepatří žádnému uživateli, který se smí do CRM přihlásit; přiřadí ho správce";
        FaultGrant: "Google does not let us see your contacts; connect the mailbox again and tick the contacts", "Google nám vaše kontakty neukáže; připojte schránku znovu a zaškrtněte kontakty";
        FaultPace: "Google asks for a slower pace; it goes on by itself within minutes", "Google chce pomalejší tempo; během několika minut to samo pokračuje";
        FaultGoogle: "Google does not answer as it should; it is tried again by itself", "Google neodpovídá, jak má; zkusí se to samo znovu";
        FaultGroup: "the group is gone from Google; choose another one", "skupina z Googlu zmizela; vyberte jinou";
        FaultMade: "nobody knows whether Google has made a person; it is looked for before another one is made", "neví se, zda Google osobu založil; než se založí další, bude se hledat";
        FaultCrmKey: "the CRM does not take our key; tell your admin", "CRM nepřijímá náš klíč; řekněte to správci";
        FaultCrmPace: "the CRM asks for a pause; it goes on by itself within minutes", "CRM chce přestávku; během několika minut to samo pokračuje";
        FaultCrmKind: "the CRM has no contacts or leads that we may see; tell your admin", "CRM nemá kontakty ani zájemce, které smíme vidět; řekněte to správci";
        FaultOurs: "the gateway was busy or was restarted; the next run goes on", "brána byla zaneprázdněna nebo se restartovala; další běh bude pokračovat";
        FaultOther: "it is tried again by itself ({word})", "zkusí se to samo znovu ({word})";
        StateActive: "It is kept in step.", "Udržuje se ve shodě.";
        StateFrozen: "You may not see the record any more, or a change was rejected: nothing is done until it may be seen, or is pushed, again.", "Záznam už nesmíte vidět, nebo se změna odmítla: nic se neděje, dokud ho zase nesmíte vidět nebo se znovu nepošle.";
        StateDetached: "The person has left the group, or one side was removed: both live on by themselves until it is pushed again.", "Osoba opustila skupinu, nebo se jedna strana odstranila: obě žijí samy, dokud se to znovu nepošle.";
        StateDormant: "The mailbox is not connected.", "Schránka není připojena.";
        StateIgnored: "It is left alone on purpose, and nothing is made again.", "Nechává se záměrně být a nic se znovu nezakládá.";
        StateQuarantined: "It was written too often within an hour: two programs may be working against each other.", "Během hodiny se zapisovalo příliš často: možná pracují dva programy proti sobě.";
    }
}

impl ContactWords {
    /// What came of a record that was pushed; none for a word of another version.
    #[must_use]
    pub fn of_push(word: &str) -> Option<Self> {
        Some(match word {
            "made" => Self::Made,
            "linked" => Self::Linked,
            "refused" => Self::Refused,
            "cancelled" => Self::Cancelled,
            other => return Self::of_question(other),
        })
    }

    /// Why something is left to a person, or is left alone.
    #[must_use]
    pub fn of_question(word: &str) -> Option<Self> {
        Some(match word {
            "direction" => Self::Direction,
            "no-access" => Self::NoAccess,
            "other-kind" => Self::OtherKind,
            "already" => Self::Already,
            "stranger" => Self::Stranger,
            "undecided" => Self::Undecided,
            "ambiguous" => Self::Ambiguous,
            "taken" => Self::Taken,
            "rivals" => Self::Rivals,
            "second" => Self::Second,
            "twin" => Self::Twin,
            "merged" => Self::Merged,
            "converted" => Self::Converted,
            "gone" => Self::Gone,
            "unseen" => Self::Unseen,
            "no-group" => Self::NoGroup,
            "duplicate" => Self::Duplicate,
            _ => return None,
        })
    }

    /// Why a run failed.
    #[must_use]
    pub fn of_fault(word: &str) -> Self {
        match word {
            "nobody" => Self::FaultNobody,
            "no_crm_user" => Self::FaultNoUser,
            "no_token" | "unauthorized" | "missing_scope" | "forbidden" => Self::FaultGrant,
            "rate_limited_user" | "rate_limited_project" | "parked" => Self::FaultPace,
            "backend" | "unknown" | "malformed" | "too_large" | "cursor_expired" | "conflict" => {
                Self::FaultGoogle
            }
            "group_gone" => Self::FaultGroup,
            "made_unknown" => Self::FaultMade,
            "crm_key_refused" => Self::FaultCrmKey,
            "crm_blocked" | "crm_too_fast" => Self::FaultCrmPace,
            "crm_no_entity" => Self::FaultCrmKind,
            "store" | "overtaken" => Self::FaultOurs,
            _ => Self::FaultOther,
        }
    }
}

impl From<State> for ContactWords {
    fn from(state: State) -> Self {
        match state {
            State::Active => Self::StateActive,
            State::Frozen => Self::StateFrozen,
            State::Detached => Self::StateDetached,
            State::Dormant => Self::StateDormant,
            State::Ignored => Self::StateIgnored,
            State::Quarantined => Self::StateQuarantined,
        }
    }
}

#[cfg(test)]
mod tests {
    use postern_core::plan::contacts::operation::Left;

    use super::ContactWords;

    #[test]
    fn every_word_of_a_plan_has_its_sentence() {
        for word in Left::WORDS {
            assert!(ContactWords::of_question(word).is_some(), "{word}");
            assert!(ContactWords::of_push(word).is_some(), "{word}");
        }
        assert_eq!(ContactWords::of_push("of another version"), None);
    }
}
