//! The sessions that are or were open: counted, noted, ended on request.

use std::collections::{BTreeMap, VecDeque};

use crate::guarded::Guarded;

/// How many lines of a session are kept, and how many sessions that have ended.
const LINES: usize = 400;
const ENDED: usize = 2000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Imap,
    Smtp,
}

/// What one IMAP or SMTP connection did.
#[derive(Debug, Clone, Default)]
pub struct SessionReport {
    /// Counts up from 1, over both protocols.
    pub number: u64,
    /// Whether it is SMTP; else it is IMAP.
    pub smtp: bool,
    /// The account that logged in.
    pub account: Option<String>,
    /// Whether the connection still stands.
    pub open: bool,
    /// The client's last lines, literals and mail cut, bearer tokens blotted out.
    pub lines: VecDeque<String>,
    /// Whether the client asked for COMPRESS.
    pub compress_seen: bool,
    kicked: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Sessions(Guarded<Book>);

#[derive(Debug, Default)]
struct Book {
    last: u64,
    reports: BTreeMap<u64, SessionReport>,
    logins: BTreeMap<(bool, bool), usize>,
    most_imap: Option<usize>,
}

impl Sessions {
    pub(crate) fn begin(&self, protocol: Protocol) -> u64 {
        let mut book = self.0.lock();
        book.last += 1;
        let number = book.last;
        book.forget_old();
        let report = SessionReport {
            number,
            smtp: protocol == Protocol::Smtp,
            open: true,
            ..SessionReport::default()
        };
        book.reports.insert(number, report);
        number
    }

    pub(crate) fn end(&self, number: u64) {
        self.change(number, |report| report.open = false);
    }

    /// Notes a client line.
    pub(crate) fn heard(&self, number: u64, line: &[u8]) {
        let line = String::from_utf8_lossy(line).into_owned();
        self.change(number, |report| {
            report.lines.push_back(line);
            if report.lines.len() > LINES {
                report.lines.pop_front();
            }
        });
    }

    pub(crate) fn compress(&self, number: u64) {
        self.change(number, |report| report.compress_seen = true);
    }

    /// Admits a session to an account, unless it has too many already.
    pub(crate) fn log_in(&self, number: u64, email: &str) -> bool {
        let mut book = self.0.lock();
        let smtp = book.reports.get(&number).is_some_and(|it| it.smtp);
        let most = book.most_imap.unwrap_or(15);
        let mine = |report: &&SessionReport| {
            report.open && report.smtp == smtp && report.account.as_deref() == Some(email)
        };
        let admitted = smtp || book.reports.values().filter(mine).count() < most;
        *book.logins.entry((smtp, admitted)).or_default() += 1;
        if let Some(report) = book.reports.get_mut(&number).filter(|_| admitted) {
            report.account = Some(email.to_owned());
        }
        admitted
    }

    pub(crate) fn refused(&self, protocol: Protocol) {
        let key = (protocol == Protocol::Smtp, false);
        *self.0.lock().logins.entry(key).or_default() += 1;
    }

    pub(crate) fn logins(&self, protocol: Protocol, accepted: bool) -> usize {
        let key = (protocol == Protocol::Smtp, accepted);
        self.0.lock().logins.get(&key).copied().unwrap_or(0)
    }

    pub(crate) fn kicked(&self, number: u64) -> bool {
        self.0.lock().reports.get(&number).is_some_and(|it| it.kicked)
    }

    pub(crate) fn kick(&self, email: &str) {
        for report in self.0.lock().reports.values_mut() {
            report.kicked |= report.open && report.account.as_deref() == Some(email);
        }
    }

    pub(crate) fn set_most(&self, most: usize) {
        self.0.lock().most_imap = Some(most);
    }

    pub(crate) fn reports(&self) -> Vec<SessionReport> {
        self.0.lock().reports.values().cloned().collect()
    }

    pub(crate) fn count(&self, fits: impl Fn(&SessionReport) -> bool) -> usize {
        let book = self.0.lock();
        book.reports.values().filter(|report| fits(report)).count()
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut SessionReport)) {
        if let Some(report) = self.0.lock().reports.get_mut(&number) {
            change(report);
        }
    }
}

impl Book {
    fn forget_old(&mut self) {
        let oldest = self.last.saturating_sub(ENDED as u64);
        if self.last.is_multiple_of(64) {
            self.reports.retain(|number, report| report.open || *number > oldest);
        }
    }
}
