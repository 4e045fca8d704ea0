//! Options that every connection of this process has.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// Silence after which the first probe goes out. Below the five minutes after
/// which many middle boxes forget a connection.
const IDLE: Duration = Duration::from_secs(120);
const INTERVAL: Duration = Duration::from_secs(15);
const PROBES: u32 = 4;
/// A peer that confirms nothing for so long is gone, also one that was sent
/// something: left to itself the system tries for a quarter of an hour, and a
/// place in an account's budget is taken all the while. A peer that is there and
/// does not read is given up after the same time.
#[cfg(target_os = "linux")]
const UNHEARD: Duration = Duration::from_secs(180);

/// No delay for small writes, probes on a silent line. A peer that is already
/// gone makes this fail; the first read tells the same, so nothing is returned.
pub fn tune(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new().with_time(IDLE).with_interval(INTERVAL).with_retries(PROBES);
    let set = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_keepalive(&probes));
    #[cfg(target_os = "linux")]
    let set = set.and_then(|()| socket.set_tcp_user_timeout(Some(UNHEARD)));
    if let Err(error) = set {
        tracing::debug!(%error, "socket options not set");
    }
}

#[cfg(test)]
mod tests {
    use super::tune;
    use crate::net::trial;

    #[tokio::test]
    async fn all_options_hold() {
        let (client, _server) = trial::tcp_pair().await;
        tune(&client);
        let socket = socket2::SockRef::from(&client);
        assert!(socket.tcp_nodelay().unwrap());
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), super::IDLE);
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(super::UNHEARD));
    }
}
