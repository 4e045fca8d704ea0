//! Google's descriptions, which may be HTML, as plain text.
//!
//! It is a rendering for people: breaks, paragraphs and list items become
//! lines, a link keeps its address, everything else loses its marks. Text
//! without marks stays octet for octet. The result is never longer than the
//! input, apart from the addresses of links, which stood in it. The other way, a
//! text that would be taken for HTML is written so that it is shown as it stands.

/// Marks that show that a text is HTML. A lone `<` or `&` does not.
const MARKS: [&str; 12] =
    ["<br", "<p>", "<p ", "</p>", "<ul", "<ol", "<li", "<a ", "<b>", "<i>", "<span", "<html-blob"];

const ENTITIES: [(&str, &str); 7] = [
    ("&nbsp;", " "),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&amp;", "&"),
];

/// The text that a person would read.
#[must_use]
pub fn plain(text: &str) -> String {
    if !marked(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut link = None;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        unescape(before, &mut out);
        let Some(end) = from.find('>') else {
            unescape(from, &mut out);
            rest = "";
            break;
        };
        tag(&from[1..end], &mut out, &mut link);
        rest = &from[end + 1..];
    }
    unescape(rest, &mut out);
    out.trim_matches('\n').to_owned()
}

/// What shows a text in Google as it stands, also one that would be taken for HTML.
/// Line ends are not marked: Google shows them, and as marks no more than two could be told.
#[must_use]
pub fn shown(text: &str) -> String {
    if !marked(text) {
        return text.to_owned();
    }
    let text = text.trim_matches('\n').replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<p>{text}</p>")
}

fn marked(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    MARKS.iter().any(|mark| lower.contains(mark))
}

fn tag(inside: &str, out: &mut String, link: &mut Option<(String, usize)>) {
    let (closing, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let name: String =
        inside.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match (name.as_str(), closing) {
        ("br", _) | ("p" | "div" | "ul" | "ol" | "li", true) => newline(out),
        ("li", false) => {
            if !out.is_empty() && !out.ends_with('\n') {
                newline(out);
            }
            out.push_str("- ");
        }
        ("a", false) => *link = href(inside).map(|address| (address, out.len())),
        ("a", true) => {
            if let Some((address, from)) = link.take()
                && out.get(from..).is_some_and(|shown| shown.trim() != address)
            {
                out.push_str(" (");
                out.push_str(&address);
                out.push(')');
            }
        }
        _ => {}
    }
}

// Two line ends in a row make a paragraph, more say nothing.
fn newline(out: &mut String) {
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
}

fn href(inside: &str) -> Option<String> {
    let at = inside.to_ascii_lowercase().find("href=")?;
    let value = inside.get(at + 5..)?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let address = value.get(1..)?.split(quote).next()?;
    let mut plain = String::new();
    unescape(address, &mut plain);
    Some(plain)
}

fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match ENTITIES.iter().find(|(name, _)| from.starts_with(name)) {
            Some((name, meaning)) => {
                out.push_str(meaning);
                rest = &from[name.len()..];
            }
            None => {
                out.push('&');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::{plain, shown};
    use proptest::prelude::*;

    #[test]
    fn what_people_write_in_google_reads_as_they_see_it() {
        for (html, text) in [
            ("a < b && c > d", "a < b && c > d"),
            ("one<br>two<BR/>three", "one\ntwo\nthree"),
            ("<p>one</p><p>two &amp; three</p>", "one\ntwo & three"),
            ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
            ("for:<ul><li>a</li></ul>", "for:\n- a"),
            (
                "see <a href=\"https://x.example/?a=1&amp;b=2\">the plan</a>.",
                "see the plan (https://x.example/?a=1&b=2).",
            ),
            ("<a href='https://x.example'>https://x.example</a>", "https://x.example"),
            ("<b>bold</b> &lt;not a tag&gt;", "bold <not a tag>"),
            ("<b>bold</b> <unclosed", "bold <unclosed"),
            ("&amp;lt;<br>", "&lt;"),
            ("", ""),
        ] {
            assert_eq!(plain(html), text, "{html}");
        }
    }

    #[test]
    fn a_text_of_the_crm_is_shown_as_it_stands() {
        for (text, written) in [
            ("a < b && c > d", "a < b && c > d"),
            ("one\n\n\ntwo", "one\n\n\ntwo"),
            ("use <br> & not </p>\n", "<p>use &lt;br&gt; &amp; not &lt;/p&gt;</p>"),
        ] {
            assert_eq!(shown(text), written);
            assert_eq!(plain(written), text.trim_end());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_text_without_marks_stays(text in "\\PC{0,200}", html in "[<>/abp&; \"'=]{0,80}") {
            let _ = plain(&html);
            if !text.contains('<') {
                prop_assert_eq!(plain(&text), text);
            }
        }
    }
}
