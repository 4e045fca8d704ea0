//! Where in the CRM the panel shows: in the detail view of a record that points
//! at Gmail or at us.

/// Why the panel hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// The record is edited, or listed.
    Mode,
    /// Neither host is Gmail's or ours.
    Host,
}

impl Hidden {
    /// The word for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mode => "notDetail",
            Self::Host => "foreignHost",
        }
    }

    /// What the developer of the CRM is told.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::Mode => "the panel shows in the mode detail only",
            Self::Host => "neither host nor smtpHost is a host of Gmail or a name of this gateway",
        }
    }
}

/// Whether the panel shows; `ours` are the gateway's own names in lower case.
///
/// # Errors
/// Says why it hides.
pub fn visible(mode: &str, hosts: [&str; 2], ours: &[String]) -> Result<(), Hidden> {
    if mode != "detail" {
        return Err(Hidden::Mode);
    }
    let known = |host: &str| gmail(host) || ours.contains(&folded(host));
    if hosts.into_iter().any(known) { Ok(()) } else { Err(Hidden::Host) }
}

/// Whether the host is Gmail's.
#[must_use]
pub fn gmail(host: &str) -> bool {
    let host = folded(host);
    let below = |domain| host.strip_suffix(domain).is_some_and(|name| !name.is_empty());
    below(".gmail.com") || below(".googlemail.com")
}

// As a name is compared: case folded, without the dot of the root and without brackets.
fn folded(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    host.trim_matches(['[', ']']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Hidden, gmail, visible};

    #[test]
    fn gmails_hosts_and_nothing_that_looks_like_them() {
        for host in
            ["imap.gmail.com", "SMTP.Gmail.Com", "imap.gmail.com.", "smtp.googlemail.com", "a.b.gmail.com"]
        {
            assert!(gmail(host), "{host}");
        }
        for host in [
            "",
            "gmail.com",
            ".gmail.com",
            "imap.gmail.com.evil.test",
            "imapgmail.com",
            "mail.google.com",
            "imap.gmail.com..",
        ] {
            assert!(!gmail(host), "{host}");
        }
    }

    #[test]
    fn the_panel_shows_where_mail_goes_through_gmail_or_through_us() {
        let ours = ["mail.acme.cz".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        for (mode, host, smtp, told) in [
            ("detail", "imap.gmail.com", "", Ok(())),
            ("detail", "", "smtp.gmail.com", Ok(())),
            ("detail", "imap.other.cz", "MAIL.acme.cz.", Ok(())),
            ("detail", "127.0.0.1", "", Ok(())),
            ("detail", "[::1]", "", Ok(())),
            ("detail", "outlook.office365.com", "smtp.office365.com", Err(Hidden::Host)),
            ("detail", "", "", Err(Hidden::Host)),
            ("detail", "x.mail.acme.cz", "", Err(Hidden::Host)),
            ("edit", "imap.gmail.com", "smtp.gmail.com", Err(Hidden::Mode)),
            ("", "imap.gmail.com", "", Err(Hidden::Mode)),
            ("Detail", "imap.gmail.com", "", Err(Hidden::Mode)),
        ] {
            assert_eq!(visible(mode, [host, smtp], &ours), told, "{mode} {host} {smtp}");
        }
    }
}
