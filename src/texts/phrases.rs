//! A group of phrases with their words in both languages.

/// Declares an enum of phrases: `Name: "English", "Czech";`.
macro_rules! phrases {
    ($(#[$doc:meta])* $kind:ident { $($name:ident: $english:literal, $czech:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the words beside each name say what it is")]
        pub enum $kind {
            $($name,)*
        }

        impl $kind {
            #[cfg(test)]
            pub(super) const BOTH: &'static [[&'static str; 2]] = &[$([$english, $czech]),*];

            fn both(self) -> [&'static str; 2] {
                match self {
                    $(Self::$name => [$english, $czech],)*
                }
            }

            /// The words of a phrase without gaps.
            #[must_use]
            pub fn say(self, lang: $crate::texts::Lang) -> String {
                $crate::texts::Sentence::from(self).say(lang)
            }
        }

        impl From<&$kind> for $crate::texts::Sentence {
            fn from(phrase: &$kind) -> Self {
                Self::from(*phrase)
            }
        }

        impl From<$kind> for $crate::texts::Sentence {
            fn from(phrase: $kind) -> Self {
                Self { words: phrase.both(), fills: Vec::new() }
            }
        }
    };
}

pub(super) use phrases;
