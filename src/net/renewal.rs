//! A certificate whose files are renewed while it is served.
//!
//! The files are looked at every two seconds; what has changed and then rested
//! for one look is loaded, so that a half-written pair is not. A pair that
//! cannot be used, or holds less than the one that is served (it has expired,
//! or is not valid yet), changes nothing and is told once. From thirty days
//! before its end the certificate is warned of, at the start and daily.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::identity::{Identity, IdentityError};
use super::tls::ServerTls;
use crate::clock::{Clock, written};

/// Between two looks at the files.
pub const LOOK: Duration = Duration::from_secs(2);
const DAY: i64 = 86_400;
/// Days before the end from which on it is spoken of.
const SOON: i64 = 30;

/// Keeps what `tls` presents in step with its files.
#[derive(Debug)]
pub struct Renewal {
    tls: ServerTls,
    cert: PathBuf,
    key: PathBuf,
    clock: Clock,
}

/// What a file looked like; another one has another number, length or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    file: u64,
    size: u64,
    changed: (i64, i64),
}

impl Renewal {
    /// For what `tls` presents, which came from these files.
    #[must_use]
    pub fn new(tls: ServerTls, cert: &Path, key: &Path, clock: Clock) -> Self {
        Self { tls, cert: cert.to_owned(), key: key.to_owned(), clock }
    }

    /// Loads the files again and presents what is in them from the next
    /// handshake on; sessions go on.
    ///
    /// # Errors
    /// When they cannot be used; then nothing has changed.
    pub fn again(&self) -> Result<(), IdentityError> {
        self.tls.replace(Identity::in_force(&self.cert, &self.key, &self.clock)?);
        Ok(())
    }

    /// Looks at the files and at the calendar until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let (mut taken, mut seen) = (self.stamps(), None);
        let mut warned = None;
        loop {
            self.warn(&mut warned);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let now = self.stamps();
            if now != taken && Some(now) == seen {
                taken = now;
                warned = None;
                self.tell();
            }
            seen = Some(now);
        }
    }

    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.cert, &self.key].map(|file| stamp(file).ok())
    }

    fn tell(&self) {
        let (cert, until) = (self.cert.display(), || self.tls.identity().life().map(|(_, end)| date(end)));
        match self.again() {
            Ok(()) => tracing::info!(%cert, until = until(), "a new certificate is presented"),
            Err(error) => tracing::error!(%cert, until = until(), %error, "the certificate stays as it was"),
        }
    }

    // `warned` is the day on which this was said last.
    fn warn(&self, warned: &mut Option<i64>) {
        let Some((_, end)) = self.tls.identity().life() else { return };
        let now = self.clock.seconds();
        let (left, today) = (end.saturating_sub(now).div_euclid(DAY), now.div_euclid(DAY));
        if left >= SOON || warned.replace(today) == Some(today) {
            return;
        }
        let (cert, until) = (self.cert.display(), date(end));
        if end <= now {
            tracing::error!(%cert, until, "the certificate has expired: mail clients refuse it");
        } else if left < 1 {
            tracing::error!(%cert, until, "the certificate ends within a day");
        } else {
            tracing::warn!(%cert, until, days = left, "the certificate ends soon: renew it, the files are read again by themselves");
        }
    }
}

fn stamp(file: &Path) -> io::Result<Stamp> {
    let meta = fs::metadata(file)?;
    Ok(Stamp { file: meta.ino(), size: meta.size(), changed: (meta.mtime(), meta.mtime_nsec()) })
}

fn date(seconds: i64) -> String {
    written(seconds.saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::{LOOK, Renewal};
    use crate::clock::Clock;
    use crate::net::dev_pair::{Issued, LOOPBACK};
    use crate::net::tls::ServerTls;
    use crate::net::trial;
    use std::fs;
    use std::path::Path;
    use std::time::Duration;
    use tokio_util::sync::CancellationToken;

    struct Files {
        dir: tempfile::TempDir,
        tls: ServerTls,
        clock: Clock,
    }

    impl Files {
        fn new() -> Self {
            let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(1_800_000_000_000_000));
            let issued = Issued::new(&LOOPBACK, &clock).unwrap();
            write(dir.path(), Some(&issued.cert), Some(&issued.key));
            Self { tls: ServerTls::new(trial::identity(&issued)).unwrap(), dir, clock }
        }

        fn renewal(&self) -> Renewal {
            let (cert, key) = (self.dir.path().join("c.pem"), self.dir.path().join("k.pem"));
            Renewal::new(self.tls.clone(), &cert, &key, self.clock.clone())
        }

        /// A pair that ends `days` later than the first one.
        fn later(&self, days: u64) -> Issued {
            let clock = Clock::manual(self.clock.now());
            clock.advance(Duration::from_secs(days * 86_400));
            Issued::new(&LOOPBACK, &clock).unwrap()
        }

        fn ends(&self) -> i64 {
            self.tls.identity().life().unwrap().1
        }
    }

    fn write(dir: &Path, cert: Option<&str>, key: Option<&str>) {
        for (name, text) in [("c.pem", cert), ("k.pem", key)] {
            if let Some(text) = text {
                // As a renewal does it: another file under the same name.
                fs::write(dir.join("new"), text).unwrap();
                fs::rename(dir.join("new"), dir.join(name)).unwrap();
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_pair_is_taken_when_both_files_have_rested() {
        let files = Files::new();
        let first = files.ends();
        let stop = CancellationToken::new();
        trial::beside(files.renewal().run(stop.clone()));
        tokio::time::sleep(LOOK / 2).await;
        let next = files.later(1);
        write(files.dir.path(), Some(&next.cert), None);
        tokio::time::sleep(LOOK).await;
        write(files.dir.path(), None, Some(&next.key));
        tokio::time::sleep(LOOK).await;
        assert_eq!(files.ends(), first, "not before a look without a change");
        tokio::time::sleep(LOOK).await;
        assert_eq!(files.ends(), first + 86_400);
        stop.cancel();
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_used_changes_nothing_until_it_can() {
        let files = Files::new();
        let first = files.ends();
        trial::beside(files.renewal().run(CancellationToken::new()));
        tokio::time::sleep(LOOK / 2).await;
        let (next, foreign) = (files.later(1), files.later(1));
        write(files.dir.path(), Some(&next.cert), Some(&foreign.key));
        tokio::time::sleep(LOOK * 4).await;
        assert_eq!(files.ends(), first, "a foreign key");
        fs::remove_file(files.dir.path().join("c.pem")).unwrap();
        tokio::time::sleep(LOOK * 4).await;
        assert_eq!(files.ends(), first, "no certificate at all");
        write(files.dir.path(), Some(&next.cert), Some(&next.key));
        tokio::time::sleep(LOOK * 4).await;
        assert_eq!(files.ends(), first + 86_400);
    }

    #[test]
    fn a_pair_that_is_not_in_force_is_worse_than_the_present_one() {
        let files = Files::new();
        let renewal = files.renewal();
        let early = files.later(3);
        write(files.dir.path(), Some(&early.cert), Some(&early.key));
        let error = renewal.again().unwrap_err().to_string();
        assert!(error.contains("c.pem is not valid before 2027-"), "{error}");
        files.clock.advance(Duration::from_secs(5 * 86_400));
        renewal.again().unwrap();
        files.clock.advance(Duration::from_secs(1_000 * 86_400));
        let error = renewal.again().unwrap_err().to_string();
        assert!(error.contains("c.pem expired on 2029-"), "{error}");
    }

    #[test]
    fn the_end_is_warned_of_once_a_day_from_thirty_days_on() {
        let files = Files::new();
        let renewal = files.renewal();
        let mut warned = None;
        let mut days = |advance: u64| {
            files.clock.advance(Duration::from_secs(advance));
            let before = warned;
            renewal.warn(&mut warned);
            warned != before
        };
        assert!(!days(0) && !days(769 * 86_400));
        assert!(days(86_400 + 1) && !days(60), "at thirty days, once");
        assert!(days(86_400) && days(86_400));
        assert!(days(30 * 86_400), "and when it is over");
    }
}
