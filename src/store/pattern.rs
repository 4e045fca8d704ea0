//! Patterns for LIKE, made of what people type.

/// Whatever contains the text, in lower case; its wildcards stand for
/// themselves behind the escape `!`.
pub(super) fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_ascii_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
