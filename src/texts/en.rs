//! English.

use super::Text;

pub(super) const WORDS: &[(Text, &str)] = &[
    (Text::HomeTitle, "Postern"),
    (
        Text::HomeBody,
        "This is a mail gateway between a CRM and Gmail. There is nothing to do on this page: to connect a mailbox, open the link that you were given.",
    ),
    (Text::NotFoundTitle, "No such page"),
    (
        Text::NotFoundBody,
        "Nothing is here. Check the address, or open the link that you were given once more.",
    ),
    (Text::RequestTitle, "This did not work"),
    (Text::MethodBody, "This page cannot be used this way."),
    (
        Text::BadRequestBody,
        "The address is not complete, or something in it was changed. Open the link that you were given once more.",
    ),
    (
        Text::WrongHostBody,
        "This place was reached under a name that is not its own. Open it by the address that you were given. (For admins: the proxy in front has to pass the Host header on, and http.public_url has to be right.)",
    ),
    (
        Text::CrossSiteBody,
        "The button was not pressed on a page of this place, so nothing was done. Open the link that you were given by its full address and press the button there.",
    ),
    (Text::TooSlowBody, "This takes too long. Wait a minute and try again."),
    (Text::StartTitle, "Connect your mailbox"),
    (Text::StartBody, "The mailbox {address} is about to be connected to your company's CRM."),
    (
        Text::StartMayNot,
        "It gets no access to your calendar, contacts or files. You can end the connection at any time in your Google account, under Security, Third-party connections.",
    ),
    (
        Text::StartPick,
        "At Google, choose the account {address}, and tick the box for Gmail where there is one.",
    ),
    (Text::StartButton, "Continue to Google"),
    (Text::LinkTitle, "This cannot be connected now"),
    (
        Text::LinkUnknown,
        "This link is not known. It may have been cut off when it was copied. Open the whole link, or ask your admin for a new one.",
    ),
    (
        Text::LinkUsed,
        "This link has been used: the mailbox was connected with it. If mail does not work, ask your admin for a new link.",
    ),
    (Text::LinkExpired, "This link is too old: it worked for 7 days. Ask your admin for a new one."),
    (
        Text::NoClient,
        "No Google client is set up in this gateway yet. Tell your admin; the link stays valid.",
    ),
    (Text::Disabled, "This mailbox was disabled by an admin. Ask your admin."),
    (Text::AwaitingApproval, "This mailbox waits for an admin to approve it. Ask your admin."),
    (Text::NotNeeded, "This mailbox needs no new connection. If mail does not work, ask your admin."),
    (
        Text::StoreDown,
        "The gateway cannot do this for the moment. Nothing was changed. Wait a minute and try again.",
    ),
    (Text::ConnectedTitle, "Connected"),
    (Text::ConnectedBody, "The mailbox {address} is connected. The CRM can use it from now on."),
    (
        Text::ConnectedRenamed,
        "Google shows the address {new} for you, and this mailbox is registered as {address}. An admin has to confirm the new address; until then the old one is used.",
    ),
    (Text::ConnectedClose, "You can close this page."),
    (Text::RefusedTitle, "Not connected"),
    (
        Text::StateUnknown,
        "This answer of Google has been used already, or it does not belong to a connection that was started here. If you have just connected the mailbox, all is well and this page was merely opened twice.",
    ),
    (Text::StateExpired, "More than 10 minutes passed between the button and Google's answer."),
    (
        Text::CookieMissing,
        "The connection was started in another browser, or this browser does not keep cookies. Start and finish in the same browser, not in a private window and not inside another program.",
    ),
    (Text::Declined, "Access was declined at Google, so nothing was changed."),
    (
        Text::ClientRefused,
        "Google refuses this gateway ({code}). You cannot solve this yourself: tell your admin.",
    ),
    (Text::CodeRefused, "Google did not accept its own answer any more, most likely because it was too old."),
    (Text::GoogleDown, "Google does not answer for the moment. Nothing was changed. Wait a minute."),
    (
        Text::NotProven,
        "It could not be proven who has signed in at Google, so nothing was changed. If it happens again, tell your admin.",
    ),
    (
        Text::NotVerified,
        "Google has not verified the address of this Google account. Verify it in your Google account first.",
    ),
    (
        Text::WrongAccount,
        "You signed in at Google as {got}, but this connection is for {expected}. Start again and choose {expected} at Google; if it is not in the list, choose \"Use another account\".",
    ),
    (
        Text::AnotherPerson,
        "The address {address} belongs to another Google account than the one that was connected before, so it counts as another person. Tell your admin: the old account has to be removed first.",
    ),
    (
        Text::KnownElsewhere,
        "The Google account of {address} is connected here already under another address. Tell your admin: most likely a change of address has to be confirmed.",
    ),
    (
        Text::WrongDomain,
        "{got} is not an account of an organisation that may connect here. Use the account of your organisation, or ask your admin.",
    ),
    (
        Text::ProductMissing,
        "Gmail was not ticked at Google. Without it, mail does not work. Start again and tick \"Read, compose, send, and permanently delete all your email from Gmail\".",
    ),
    (
        Text::NoRefreshToken,
        "Google gave no lasting access. Remove this gateway in your Google account under Security, Third-party connections, and start again.",
    ),
    (Text::TryAgain, "To try again, open the link that you were given once more and press the button."),
    (Text::HelpTitle, "What is wrong with this mailbox"),
    (Text::HelpUnknownTitle, "Nothing is known about this"),
    (Text::HelpUnknownBody, "References are kept for 30 days. If mail does not work, ask your admin."),
    (Text::HelpFine, "This mailbox works again; there is nothing to do. Let the CRM try once more."),
    (
        Text::HelpWrongToken,
        "The CRM logged in with a wrong user name or CRM token. Enter the token again in the CRM's mail settings, or ask your admin for a new one.",
    ),
    (Text::HelpTokenExpired, "The CRM token has expired. Ask your admin for a new one."),
    (
        Text::HelpNeedsConsent,
        "This mailbox is not connected to Google, or Google has ended the connection (after a change of password, for instance). Connect it with the button.",
    ),
    (
        Text::HelpNeedsSignIn,
        "Your organisation wants you to sign in at Google from time to time, and that time has come. Connect the mailbox again with the button.",
    ),
    (
        Text::HelpProductMissing,
        "Gmail was not ticked when the mailbox was connected. Connect it again with the button and tick Gmail at Google.",
    ),
    (
        Text::HelpClientRefused,
        "Google refuses the gateway itself, not your mailbox. You cannot solve this yourself: tell your admin.",
    ),
    (Text::HelpRefusedByGmail, "Gmail refused the mailbox. Gmail says: {words}"),
    (Text::HelpUnavailable, "Gmail could not be reached. Nothing is lost; the CRM tries again by itself."),
    (
        Text::HelpTooMany,
        "Too many programs were connected to this mailbox at once. The CRM tries again by itself.",
    ),
    (Text::MailboxLabel, "Mailbox"),
    (Text::ReferenceLabel, "Reference"),
    (Text::NoticeMailboxesSubject, "Postern: mailboxes to connect again: {count}"),
    (Text::NoticeClientSubject, "Postern: Google refuses this installation"),
    (
        Text::NoticeMailboxes,
        "Google does not let Postern into these mailboxes any more: {count}. Each owner has to connect theirs again; the page behind each address says how.",
    ),
    (Text::NoticeCertificateSubject, "Postern: the certificate ends soon"),
    (
        Text::NoticeCertificate,
        "The certificate that Postern shows mail clients ends on {at}. Renew its files: they are read again by themselves, and no session ends. After that day mail clients refuse to connect.",
    ),
    (Text::NoticeGoneSubject, "Postern: users gone from the CRM: {count}"),
    (
        Text::NoticeGone,
        "The CRM does not have these people any more, or does not let them in: {count}. Nothing is kept in step for them. If they have left, close their mailboxes and name who goes on with their records; if not, nothing is lost: {page}",
    ),
    (Text::NoticeMore, "and {count} more: postern account list"),
    (Text::NoticeOwnersToo, "The owners are written to as well, each with a link of their own."),
    (Text::NoticeNeedsConsent, "Google ended the access"),
    (Text::NoticeNeedsSignIn, "Google wants a new sign-in"),
    (
        Text::NoticeClient,
        "Google refuses {client} ({code}). Nobody can log in once the access tokens that are left have ended. What to do says the command: postern doctor",
    ),
    (Text::NoticeOwnerSubject, "Please connect your mailbox {address} again"),
    (
        Text::NoticeOwnerConsent,
        "Google has ended the access of your CRM to the mailbox {address}, as it does after a change of the password, for example. Until you connect it again, the CRM can neither read nor send its mail.",
    ),
    (
        Text::NoticeOwnerSignIn,
        "Your organisation wants you to sign in at Google again from time to time, and that time has come for the mailbox {address}. Until you connect it again, the CRM can neither read nor send its mail.",
    ),
    (Text::NoticeOwnerLink, "Connect it on this page (it works for 7 days, and only for this mailbox):"),
    (
        Text::NoticeOwnerDoubt,
        "You sign in at Google only; nobody asks for your password here. If you do not know {place}, do not open the link and ask your admin.",
    ),
    (Text::NoticeFrom, "Written by Postern, the mail gateway of your CRM: {place}"),
];
