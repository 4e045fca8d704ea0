//! Several words in one text, as a person writes them.

/// The words, which blanks, line ends, commas or semicolons part.
pub fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', ';', '\t', '\r', '\n']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn whatever_parts_them_words_are_words() {
        let all: Vec<&str> = listed(" a.cz,b.cz;\tc.cz\r\n d.cz ,").collect();
        assert_eq!(all, ["a.cz", "b.cz", "c.cz", "d.cz"]);
        assert_eq!(listed(" ,; \n").count(), 0);
    }
}
