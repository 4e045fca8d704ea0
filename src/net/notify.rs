//! The service manager's notification socket (`sd_notify(3)`): one datagram a
//! message, `KEY=value` lines, no answer.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::UnixDatagram as Socket;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixDatagram;

use crate::clock;

/// The manager reads at once or is in trouble itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells the service manager how the process is.
#[derive(Debug)]
pub struct Notifier {
    socket: UnixDatagram,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// The manager that the environment names; `None` when there is none.
    ///
    /// # Errors
    /// When its socket cannot be reached.
    pub fn from_env(env: &BTreeMap<String, String>) -> io::Result<Option<Self>> {
        let Some(address) = env.get("NOTIFY_SOCKET").filter(|address| !address.is_empty()) else {
            return Ok(None);
        };
        let socket = Socket::unbound()?;
        connect(&socket, address)?;
        socket.set_nonblocking(true)?;
        let socket = UnixDatagram::from_std(socket)?;
        Ok(Some(Self { socket, watchdog: watchdog(env, std::process::id()) }))
    }

    /// Time without [`Notifier::alive`] after which the manager ends the
    /// process; `None` when it does not watch.
    #[must_use]
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The process serves, or serves again after [`Notifier::reloading`].
    pub async fn ready(&self) {
        self.tell("READY=1").await;
    }

    /// The configuration is being read again.
    pub async fn reloading(&self) {
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={}", clock::monotonic())).await;
    }

    /// The process is ending.
    pub async fn stopping(&self) {
        self.tell("STOPPING=1").await;
    }

    /// The process is alive.
    pub async fn alive(&self) {
        self.tell("WATCHDOG=1").await;
    }

    /// A line for `systemctl status`.
    pub async fn status(&self, line: &str) {
        self.tell(&format!("STATUS={}", line.replace('\n', " "))).await;
    }

    async fn tell(&self, message: &str) {
        let sent = tokio::time::timeout(PATIENCE, self.socket.send(message.as_bytes())).await;
        let failed =
            sent.map_or_else(|_| Some("it does not read".to_owned()), |s| s.err().map(|e| e.to_string()));
        if let Some(why) = failed {
            tracing::warn!(why, "the service manager could not be told");
        }
    }
}

#[cfg(target_os = "linux")]
fn connect(socket: &Socket, address: &str) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt as _;
    match address.strip_prefix('@') {
        Some(name) => socket.connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name)?),
        None => socket.connect(Path::new(address)),
    }
}

#[cfg(not(target_os = "linux"))]
fn connect(socket: &Socket, address: &str) -> io::Result<()> {
    socket.connect(Path::new(address))
}

// The variables are inherited; they are meant for the process they name.
fn watchdog(env: &BTreeMap<String, String>, own: u32) -> Option<Duration> {
    let meant = env.get("WATCHDOG_PID").is_none_or(|pid| pid.parse() == Ok(own));
    let micros: u64 = env.get("WATCHDOG_USEC")?.parse().ok()?;
    (meant && micros > 0).then(|| Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::{Notifier, watchdog};
    use std::collections::BTreeMap;
    use std::time::Duration;
    use tokio::net::UnixDatagram;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    async fn heard(socket: &UnixDatagram) -> String {
        let mut message = [0; 256];
        let length = socket.recv(&mut message).await.unwrap();
        String::from_utf8_lossy(&message[..length]).into_owned()
    }

    #[tokio::test]
    async fn each_message_is_one_datagram() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let env = env(&[("NOTIFY_SOCKET", path.to_str().unwrap())]);
        let notifier = Notifier::from_env(&env).unwrap().unwrap();
        assert_eq!(notifier.watchdog(), None);
        notifier.ready().await;
        assert_eq!(heard(&manager).await, "READY=1");
        notifier.reloading().await;
        let told = heard(&manager).await;
        let micros: u64 = told.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().parse().unwrap();
        assert!(micros > 0);
        notifier.status("1 session\nREADY=1").await;
        assert_eq!(heard(&manager).await, "STATUS=1 session READY=1");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_abstract_socket_is_found() {
        use std::os::linux::net::SocketAddrExt as _;
        let name = format!("postern-test-{}", std::process::id());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        let manager = std::os::unix::net::UnixDatagram::bind_addr(&address).unwrap();
        manager.set_nonblocking(true).unwrap();
        let manager = UnixDatagram::from_std(manager).unwrap();
        let notifier = Notifier::from_env(&env(&[("NOTIFY_SOCKET", &format!("@{name}"))])).unwrap().unwrap();
        notifier.stopping().await;
        assert_eq!(heard(&manager).await, "STOPPING=1");
    }

    #[test]
    fn a_watchdog_that_watches_another_process_is_not_ours() {
        let usec = ("WATCHDOG_USEC", "30000000");
        assert_eq!(watchdog(&env(&[usec]), 7), Some(Duration::from_secs(30)));
        assert_eq!(watchdog(&env(&[usec, ("WATCHDOG_PID", "7")]), 7), Some(Duration::from_secs(30)));
        assert_eq!(watchdog(&env(&[usec, ("WATCHDOG_PID", "8")]), 7), None);
        assert_eq!(watchdog(&env(&[("WATCHDOG_USEC", "0")]), 7), None);
        assert!(Notifier::from_env(&BTreeMap::new()).unwrap().is_none());
    }
}
