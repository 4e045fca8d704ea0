//! The attributes of each entity: which a list shows, which only the record, which may be written.

/// One entity. Its lists are words with blanks between them.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) entity: &'static str,
    /// Attributes of a row in a list.
    row: &'static str,
    /// What the record has beyond its row.
    more: &'static str,
    /// Missing from the answer to a create while they hold nothing.
    unset: &'static str,
    /// What a request may set; everything else is ignored without a word.
    accepted: &'static str,
    /// Links to one record: name and entity; the attribute is `<name>Id`.
    pub(crate) links: &'static [(&'static str, &'static str)],
    /// The order of a list that asks for none; descending unless it begins with `+`.
    pub(crate) order: &'static str,
}

impl Shape {
    /// The shape of an entity that the CRM has.
    pub(crate) fn of(entity: &str) -> Option<&'static Self> {
        SHAPES.iter().find(|shape| shape.entity == entity)
    }

    /// Attributes of a row.
    pub(crate) fn row(&self) -> impl Iterator<Item = &'static str> {
        self.row.split_whitespace()
    }

    /// Attributes of a record.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> {
        self.row().chain(self.more.split_whitespace())
    }

    /// Whether an attribute is missing from the answer to a create while it holds nothing.
    pub(crate) fn starts_unset(&self, attribute: &str) -> bool {
        self.unset.split_whitespace().any(|word| word == attribute)
    }

    /// Whether a request may set an attribute.
    pub(crate) fn accepts(&self, attribute: &str) -> bool {
        self.accepted.split_whitespace().any(|word| word == attribute)
    }

    /// Whether its records belong to teams.
    pub(crate) fn has_teams(&self) -> bool {
        self.more.contains("teamsIds")
    }

    /// Whether its records are mail accounts.
    pub(crate) fn is_mail(&self) -> bool {
        matches!(self.entity, "EmailAccount" | "InboundEmail")
    }

    /// Whether it has attendees.
    pub(crate) fn is_event(&self) -> bool {
        matches!(self.entity, "Meeting" | "Call")
    }
}

/// Links to many that an event has, with their entities.
pub(crate) const ATTENDEES: [(&str, &str); 3] =
    [("users", "User"), ("contacts", "Contact"), ("leads", "Lead")];

const SHAPES: &[Shape] = &[
    Shape {
        entity: "Meeting",
        row: "id name deleted status dateStart dateEnd isAllDay duration description joinUrl \
            externalService createdAt modifiedAt dateStartDate dateEndDate streamUpdatedAt parentId \
            parentType parentName accountId accountName createdById createdByName modifiedById \
            modifiedByName assignedUserId assignedUserName",
        more: "reminders usersIds usersNames usersColumns contactsIds contactsNames contactsColumns \
            leadsIds leadsNames leadsColumns teamsIds teamsNames isFollowed followersIds \
            followersNames",
        unset: "description externalService parentId parentType accountId modifiedById",
        accepted: "name status dateStart dateEnd isAllDay description dateStartDate dateEndDate parentId \
            parentType assignedUserId teamsIds",
        links: &[("assignedUser", "User")],
        order: "dateStart",
    },
    Shape {
        entity: "Call",
        row: "id name deleted status dateStart dateEnd duration direction description createdAt \
            modifiedAt parentId parentType parentName accountId accountName createdById \
            createdByName modifiedById modifiedByName assignedUserId assignedUserName",
        more: "reminders phoneNumbersMap usersIds usersNames usersColumns contactsIds contactsNames \
            contactsColumns leadsIds leadsNames leadsColumns teamsIds teamsNames",
        unset: "description parentId parentType accountId modifiedById",
        accepted: "name status dateStart dateEnd direction description parentId parentType assignedUserId \
            teamsIds",
        links: &[("assignedUser", "User")],
        order: "dateStart",
    },
    Shape {
        entity: "Contact",
        row: "id name deleted salutationName firstName lastName title description emailAddress \
            phoneNumber doNotCall addressStreet addressCity addressState addressCountry \
            addressPostalCode accountIsInactive accountType createdAt modifiedAt hasPortalUser \
            middleName emailAddressIsOptedOut emailAddressIsInvalid phoneNumberIsOptedOut \
            phoneNumberIsInvalid streamUpdatedAt accountId accountName campaignId campaignName \
            createdById createdByName modifiedById modifiedByName assignedUserId assignedUserName \
            portalUserId portalUserName originalLeadId originalLeadName isStarred",
        more: "emailAddressData phoneNumberData accountsIds accountsNames accountsColumns teamsIds \
            teamsNames isFollowed followersIds followersNames",
        unset: "salutationName title description addressStreet addressCity addressState addressCountry \
            addressPostalCode middleName campaignId modifiedById portalUserId portalUserName \
            originalLeadId originalLeadName",
        accepted: "salutationName firstName lastName middleName description doNotCall addressStreet \
            addressCity addressState addressCountry addressPostalCode accountId assignedUserId teamsIds",
        links: &[("account", "Account"), ("assignedUser", "User")],
        order: "createdAt",
    },
    Shape {
        entity: "Lead",
        row: "id name deleted salutationName firstName lastName title status source industry \
            opportunityAmount website addressStreet addressCity addressState addressCountry \
            addressPostalCode emailAddress phoneNumber doNotCall description convertedAt createdAt \
            modifiedAt accountName middleName opportunityAmountCurrency emailAddressIsOptedOut \
            emailAddressIsInvalid phoneNumberIsOptedOut phoneNumberIsInvalid streamUpdatedAt \
            opportunityAmountConverted createdById createdByName modifiedById modifiedByName \
            assignedUserId assignedUserName campaignId campaignName createdAccountId \
            createdAccountName createdContactId createdContactName createdOpportunityId \
            createdOpportunityName",
        more: "emailAddressData phoneNumberData teamsIds teamsNames isFollowed followersIds followersNames",
        unset: "salutationName title industry website addressStreet addressCity addressState \
            addressCountry addressPostalCode description middleName modifiedById campaignId",
        accepted: "salutationName firstName lastName middleName title status source website accountName \
            description doNotCall addressStreet addressCity addressState addressCountry \
            addressPostalCode assignedUserId teamsIds",
        links: &[("assignedUser", "User")],
        order: "createdAt",
    },
    Shape {
        entity: "Account",
        row: "id name deleted website emailAddress phoneNumber type industry description createdAt \
            modifiedAt createdById createdByName modifiedById modifiedByName assignedUserId \
            assignedUserName",
        more: "emailAddressData phoneNumberData teamsIds teamsNames",
        unset: "website description modifiedById",
        accepted: "name website type industry description assignedUserId",
        links: &[("assignedUser", "User")],
        order: "createdAt",
    },
    Shape {
        entity: "User",
        row: "id name deleted userName type salutationName firstName lastName isActive title \
            emailAddress phoneNumber avatarColor createdAt modifiedAt middleName \
            emailAddressIsOptedOut emailAddressIsInvalid phoneNumberIsOptedOut phoneNumberIsInvalid \
            defaultTeamId defaultTeamName contactId contactName avatarId avatarName createdById \
            createdByName workingTimeCalendarId",
        more: "emailAddressData phoneNumberData teamsIds teamsNames",
        unset: "",
        accepted: "teamsIds",
        links: &[("defaultTeam", "Team")],
        order: "+userName",
    },
    Shape {
        entity: "Team",
        row: "id name deleted createdAt modifiedAt",
        more: "",
        unset: "",
        accepted: "name",
        links: &[],
        order: "+name",
    },
    Shape {
        entity: "EmailAccount",
        row: "id name deleted emailAddress status host port security username monitoredFolders \
            sentFolder storeSentEmails keepFetchedEmailsUnread fetchSince useImap useSmtp smtpHost \
            smtpPort smtpAuth smtpSecurity smtpUsername smtpAuthMechanism connectedAt createdAt modifiedAt \
            assignedUserId assignedUserName createdById createdByName modifiedById modifiedByName",
        more: "fetchData",
        unset: "modifiedById",
        accepted: MAIL_ACCOUNT,
        links: &[("assignedUser", "User")],
        order: "createdAt",
    },
    Shape {
        entity: "InboundEmail",
        row: "id name deleted emailAddress status host port security username monitoredFolders \
            sentFolder storeSentEmails keepFetchedEmailsUnread fetchSince useImap useSmtp smtpHost \
            smtpPort smtpAuth smtpSecurity smtpUsername smtpAuthMechanism connectedAt createdAt modifiedAt \
            createdById createdByName modifiedById modifiedByName",
        more: "fetchData",
        unset: "modifiedById",
        accepted: MAIL_ACCOUNT,
        links: &[],
        order: "createdAt",
    },
    Shape {
        entity: "Webhook",
        row: "id deleted event url isActive entityType type field secretKey skipOwn createdAt \
            modifiedAt createdById createdByName modifiedById modifiedByName",
        more: "",
        unset: "modifiedById",
        accepted: "event url isActive skipOwn",
        links: &[],
        order: "createdAt",
    },
];

/// The passwords are kept and never shown.
const MAIL_ACCOUNT: &str = "name emailAddress status host port security username password monitoredFolders sentFolder \
    storeSentEmails keepFetchedEmailsUnread fetchSince useImap useSmtp smtpHost smtpPort smtpAuth \
    smtpSecurity smtpUsername smtpPassword smtpAuthMechanism assignedUserId";
