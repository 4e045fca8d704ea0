//! Three people with some mail, for trying things out.

use crate::google::Google;
use crate::mail::date;

/// The people of the demo.
const PEOPLE: [&str; 3] = ["anna@example.com", "ben@example.com", "carla@example.com"];

/// Folder, sender, subject, text, days ago.
type Letter = (&'static str, &'static str, &'static str, &'static str, u64);

const LETTERS: [[Letter; 3]; 3] = [
    [
        (
            "INBOX",
            "Carla Cruz <carla@acme.example>",
            "Offer for the new office",
            "Hello Anna,\r\n\r\nthe offer looks good. Could we talk on Thursday at ten?\r\n\r\nCarla",
            3,
        ),
        (
            "INBOX",
            "Dev Desai <dev@globex.example>",
            "Invoice 2041",
            "Hi Anna,\r\n\r\nplease find the open items below. All but one are settled.\r\n\r\nDev",
            2,
        ),
        (
            "INBOX",
            "Ben <ben@example.com>",
            "Lunch?",
            "The new place round the corner, half past twelve.\r\n\r\nBen",
            0,
        ),
    ],
    [
        (
            "INBOX",
            "Erik Eng <erik@initech.example>",
            "Question about support hours",
            "Dear Ben,\r\n\r\nare you reachable on Saturdays?\r\n\r\nErik",
            4,
        ),
        (
            "INBOX",
            "Fay Fox <fay@umbrella.example>",
            "Thank you!",
            "The delivery came a day early. Well done.\r\n\r\nFay",
            1,
        ),
        (
            "[Gmail]/Sent Mail",
            "Ben <ben@example.com>",
            "Lunch?",
            "The new place round the corner, half past twelve.\r\n\r\nBen",
            0,
        ),
    ],
    [
        (
            "INBOX",
            "Gus Grey <gus@acme.example>",
            "Contract signed",
            "Dear Carla,\r\n\r\nthe signed contract is on its way.\r\n\r\nGus",
            5,
        ),
        ("INBOX", "Anna <anna@example.com>", "Thursday at ten", "Works for me.\r\n\r\nAnna", 2),
        (
            "INBOX",
            "Ben <ben@example.com>",
            "Welcome",
            "Your mailbox is connected if the CRM shows you this.\r\n\r\nBen",
            0,
        ),
    ],
];

impl Google {
    /// Adds three users with a few messages each; returns their addresses.
    pub fn add_demo_people(&self) -> Vec<String> {
        for (email, letters) in PEOPLE.iter().zip(LETTERS) {
            self.add_user(email);
            for letter in letters {
                let raw = self.written(email, letter);
                self.seed(email, letter.0, &raw, &[]);
            }
        }
        PEOPLE.map(String::from).into()
    }

    fn written(&self, to: &str, (_, from, subject, text, days): Letter) -> Vec<u8> {
        let when = self.clock().seconds().saturating_sub(days * date::DAY);
        let trace = crate::dice::trace();
        format!(
            "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {}\r\n\
             Message-ID: <{trace}@demo.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n",
            date::rfc5322(when)
        )
        .into_bytes()
    }
}
