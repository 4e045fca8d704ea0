//! Names of the rules: every decision says by which one it was made.

/// Declares the rules with their words.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// A rule. Its word stands in the journal, the REST API and the reference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$doc])* $name),* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The rule of that word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|rule| rule.name() == word)
            }
        }
    };
}

rules! {
    /// Nothing changed.
    AtRest = "at-rest",
    /// A side was not seen, and nothing proves that it is gone.
    Unproven = "unproven",
    /// The link is frozen, dormant or in quarantine.
    Withheld = "withheld",
    /// The link was let go before: it creates nothing again.
    LetGo = "let-go",
    /// Both sides are gone.
    BothGone = "both-gone",
    /// One side is gone, and what both agreed on is forgotten: let go.
    Forgotten = "forgotten",

    /// Google changed a field, the CRM did not.
    FromGoogle = "from-google",
    /// The CRM changed a field, Google did not.
    FromCrm = "from-crm",
    /// Both changed a field to the same.
    Agreed = "agreed",
    /// A field has no common past; it is taken as it stands on both sides.
    FirstSight = "first-sight",
    /// Both changed a field differently; Google won.
    ConflictGoogle = "conflict-google",
    /// Both changed a field differently; the CRM won.
    ConflictCrm = "conflict-crm",
    /// Both changed a field that holds several things: taken over one by one.
    Joined = "joined",
    /// The side that is not followed changed a field: it is left as it is.
    Masked = "masked",
    /// The followed side changed a field that the other had changed: overwritten.
    MaskedOverwritten = "masked-overwritten",
    /// The record is held or not held: it is not written to Google any more.
    HeldKeeps = "held-keeps",
    /// The account may not write the event.
    NotEditable = "not-editable",
    /// The other side cannot show the value.
    CannotShow = "cannot-show",

    /// Deleted in Google, made in Google: deleted in the CRM.
    TombstoneDeletes = "tombstone-deletes",
    /// Deleted in Google, made in the CRM: the record becomes "Not Held".
    TombstoneNotHeld = "tombstone-not-held",
    /// Deleted in Google after the record was over, held or cancelled: let go.
    TombstoneOfThePast = "tombstone-of-the-past",
    /// Deleted in Google, changed in the CRM where it was made: made again.
    EditBeatsTombstone = "edit-beats-tombstone",
    /// Deleted in Google where it was made, changed in the CRM: deleted.
    TombstoneBeatsEdit = "tombstone-beats-edit",
    /// Deleted in Google, which is not followed: let go.
    TombstoneMasked = "tombstone-masked",

    /// Removed in the CRM where it was made: deleted in Google.
    RemovalDeletes = "removal-deletes",
    /// Removed in the CRM, made in Google, and the user wants that deleted too.
    RemovalAsked = "removal-asked",
    /// Removed in the CRM, made in Google: left alone there.
    RemovalLeaves = "removal-leaves",
    /// Removed in the CRM, changed in Google where it was made: left alone.
    EditBeatsRemoval = "edit-beats-removal",
    /// Removed in the CRM, which is not followed: let go.
    RemovalMasked = "removal-masked",
    /// Removed in the CRM, and the account may not delete the event: let go.
    RemovalNotEditable = "removal-not-editable",
    /// "Not Held" in the CRM, and the user wants that deleted in Google.
    NotHeldDeletes = "not-held-deletes",

    /// Deleted in Google: the record of the person stays, and is let go.
    TombstoneKeeps = "tombstone-keeps",
    /// Removed in the CRM where it was made: the person stays in Google.
    RemovalKeeps = "removal-keeps",

    /// A new event becomes a record.
    NewFromGoogle = "new-from-google",
    /// A new record becomes an event.
    NewFromCrm = "new-from-crm",
    /// An event and a record that belong together became a link.
    Adopted = "adopted",
    /// The record is another user's now: so its event goes to that user's calendar.
    Reassigned = "reassigned",
    /// Deleted in Google, and somebody wants the pair kept in step again: made again.
    AskedAgain = "asked-again",
    /// The owner of a calendar has answered an invitation, or has removed it.
    Answered = "answered",
    /// Guests came or left in Google.
    GuestsChanged = "guests-changed",
    /// People of the record came or left in the CRM.
    Invited = "invited",
    /// A user takes part in a record and wants to see it: a copy is made.
    Copied = "copied",
    /// The user takes part no more, or does not want copies, or sees the event itself: the copy is deleted.
    CopyEnds = "copy-ended",
    /// The user has deleted a copy: it is let go, and the user has declined.
    CopyDeclines = "copy-declined",
    /// A copy is deleted that there was no reason to decline by: it is let go.
    CopyLetGo = "copy-let-go",
    /// Somebody has pushed a record: it becomes a person, or joins the one it is.
    Pushed = "pushed",
    /// The saved filter shows a record: it becomes a person, or joins the one it is.
    Filtered = "filtered",
    /// The user took a person out of the group: let go until it is pushed again.
    LeftGroup = "left-group",
    /// The user may not see the record any more: nothing is done.
    NotVisible = "not-visible",
    /// The group is gone: a person has to say what becomes of its people.
    GroupGone = "group-gone",
    /// Google calls the person by another name now, or has merged it with another.
    Renamed = "renamed",
    /// The lead was converted: the person belongs to the contact.
    Converted = "converted",
    /// The CRM has merged the record with another: the person belongs to that one.
    RecordsMerged = "records-merged",
    /// A person that was made twice, and that nobody has touched, is deleted.
    TwinRemoved = "twin-removed",
    /// The user undid a run.
    Undone = "undone",
    /// The user wanted everything removed that we made.
    RemovedAll = "removed-all",
}
