//! What the pages say of the products of a mailbox, and what an owner chose.

use postern_core::model::scope::Product;

use super::form::parameter;
use crate::actions::account::view::{Granted, View};
use crate::texts::{Accounts, Connect, Lang, Owner, Sentence, Text};

/// The field that tells that the form had ticks: a tick that is taken away is
/// not sent.
pub(super) const CHOICE: &str = "choice";

/// A tick of the way to Google.
pub(super) struct Tick {
    /// The field.
    pub name: &'static str,
    /// What stands beside it.
    pub words: String,
}

/// The ticks for what is offered; none where there is nothing to choose.
pub(super) fn ticks(lang: Lang, offered: &[Product]) -> Vec<Tick> {
    if offered.len() < 2 {
        return Vec::new();
    }
    let tick = |product: &Product| Tick { name: product.name(), words: name(*product).say(lang) };
    offered.iter().map(tick).collect()
}

/// What an owner chose in a form with ticks; `None` where there were none.
pub(super) fn chosen(form: &[u8]) -> Option<Vec<Product>> {
    parameter(form, CHOICE)?;
    Some(Product::ALL.into_iter().filter(|product| parameter(form, product.name()).is_some()).collect())
}

/// How one product of a mailbox stands.
pub(super) struct Line {
    /// Which, by its word in forms.
    pub product: &'static str,
    /// That it was granted, or not.
    pub words: String,
    /// Whether it was.
    pub granted: bool,
    /// Whether its owner has switched it off here.
    pub off: bool,
    /// That it is on or off.
    pub stands: Owner,
    /// The button that changes that.
    pub switch: Owner,
}

/// How the products stand that are offered or were given.
pub(super) fn lines(lang: Lang, view: &View, offered: &[Product]) -> Vec<Line> {
    let listed = view.listed(offered);
    let alone = listed.len() == 1;
    let line = |product: Product| {
        let granted = view.granted(product) == Granted::Granted;
        let off = granted && view.switched_off.contains(&product);
        let (stands, switch) = switching(product, off);
        let words = granting(product, granted, alone).say(lang);
        Line { product: product.name(), words, granted, off, stands, switch }
    };
    listed.into_iter().map(line).collect()
}

/// What of Google may stay out of reach, and how to end the rest.
pub(super) fn may_not(offered: &[Product]) -> Sentence {
    match [Product::Calendar, Product::Contacts].map(|product| offered.contains(&product)) {
        [false, false] => Text::StartMayNot.into(),
        [true, false] => Connect::MayNot.into(),
        [false, true] => Connect::MayNotCalendar.into(),
        [true, true] => Connect::MayNotFiles.into(),
    }
}

/// What to choose and tick at Google.
pub(super) fn pick(offered: &[Product]) -> Sentence {
    if offered == [Product::Gmail] { Text::StartPick.into() } else { Connect::Pick.into() }
}

/// What a consent asks for the product.
pub(super) fn asked(product: Product) -> Connect {
    match product {
        Product::Gmail => Connect::Gmail,
        Product::Calendar => Connect::Calendar,
        Product::Contacts => Connect::Contacts,
    }
}

fn name(product: Product) -> Accounts {
    match product {
        Product::Gmail => Accounts::GmailGranted,
        Product::Calendar => Accounts::CalendarGranted,
        Product::Contacts => Accounts::ContactsGranted,
    }
}

fn granting(product: Product, granted: bool, alone: bool) -> Accounts {
    match (product, granted) {
        (_, true) => name(product),
        (Product::Gmail, false) if alone => Accounts::GmailMissing,
        (Product::Gmail, false) => Accounts::GmailNotGiven,
        (Product::Calendar, false) => Accounts::CalendarNotGiven,
        (Product::Contacts, false) => Accounts::ContactsNotGiven,
    }
}

fn switching(product: Product, off: bool) -> (Owner, Owner) {
    match (product, off) {
        (Product::Gmail, false) => (Owner::MailOn, Owner::SwitchOff),
        (Product::Gmail, true) => (Owner::MailOff, Owner::SwitchOn),
        (Product::Calendar, false) => (Owner::CalendarOn, Owner::SwitchCalendarOff),
        (Product::Calendar, true) => (Owner::CalendarOff, Owner::SwitchCalendarOn),
        (Product::Contacts, false) => (Owner::ContactsOn, Owner::SwitchContactsOff),
        (Product::Contacts, true) => (Owner::ContactsOff, Owner::SwitchContactsOn),
    }
}

#[cfg(test)]
mod tests {
    use super::{Product, chosen, ticks};
    use crate::texts::Lang;

    #[test]
    fn a_form_without_ticks_is_no_choice_and_one_with_none_left_is_one() {
        for (form, wanted) in [
            ("link=x", None),
            ("gmail=yes", None),
            ("choice=yes", Some(vec![])),
            ("choice=yes&calendar=yes", Some(vec![Product::Calendar])),
            ("choice=yes&contacts=yes", Some(vec![Product::Contacts])),
            ("calendar=yes&choice=yes&gmail=yes", Some(vec![Product::Gmail, Product::Calendar])),
        ] {
            assert_eq!(chosen(form.as_bytes()), wanted, "{form}");
        }
    }

    #[test]
    fn there_are_ticks_where_there_is_a_choice() {
        assert!(ticks(Lang::English, &[Product::Gmail]).is_empty());
        let names: Vec<_> = ticks(Lang::English, &Product::ALL).iter().map(|tick| tick.name).collect();
        assert_eq!(names, ["gmail", "calendar", "contacts"]);
    }
}
