//! Many addresses, one connection (RFC 8305, "happy eyeballs").

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

/// Head start of each attempt before the next one.
pub const STAGGER: Duration = Duration::from_millis(250);

/// Both families in turn, IPv6 first; within a family the resolver's order.
#[must_use]
pub fn interleave(addresses: impl IntoIterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let (mut six, mut four): (VecDeque<_>, VecDeque<_>) =
        addresses.into_iter().partition(SocketAddr::is_ipv6);
    let mut order = Vec::with_capacity(six.len() + four.len());
    while !six.is_empty() || !four.is_empty() {
        order.extend(six.pop_front());
        order.extend(four.pop_front());
    }
    order
}

/// The first attempt that succeeds; the others are dropped. The next address
/// is tried when the last one failed or its head start is over.
///
/// # Errors
/// The last attempt's, when all failed; `NotFound` without any address.
pub async fn race<T, F>(addresses: Vec<SocketAddr>, connect: impl Fn(SocketAddr) -> F) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut waiting = addresses.into_iter();
    let mut running = FuturesUnordered::new();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    loop {
        running.extend(waiting.next().map(&connect));
        tokio::select! {
            biased;
            done = running.next() => match done {
                Some(Ok(connection)) => return Ok(connection),
                Some(Err(error)) => last = error,
                None => return Err(last),
            },
            () = tokio::time::sleep(STAGGER), if waiting.len() > 0 => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{STAGGER, interleave, race};
    use std::io;
    use std::net::SocketAddr;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns_and_ipv6_is_first() {
        let given = addresses(&["1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1", "[::1]:1"]);
        assert_eq!(interleave(given), addresses(&["[::1]:1", "1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1"]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_family_costs_one_head_start() {
        let start = Instant::now();
        let won = race(addresses(&["[::1]:1", "1.1.1.1:1"]), |address| async move {
            if address.is_ipv6() {
                std::future::pending::<()>().await;
            }
            Ok(address)
        });
        assert!(won.await.unwrap().is_ipv4());
        assert_eq!(start.elapsed(), STAGGER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_first_address_may_still_win() {
        let won = race(addresses(&["[::1]:1", "1.1.1.1:1"]), |address| async move {
            sleep(Duration::from_millis(if address.is_ipv6() { 300 } else { 200 })).await;
            Ok(address)
        });
        assert!(won.await.unwrap().is_ipv6());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_starts_the_next_at_once_and_the_last_error_is_told() {
        let start = Instant::now();
        let lost: io::Result<()> = race(addresses(&["[::1]:1", "1.1.1.1:1"]), |address| async move {
            Err(if address.is_ipv6() {
                io::ErrorKind::NetworkUnreachable
            } else {
                io::ErrorKind::ConnectionRefused
            }
            .into())
        })
        .await;
        assert_eq!(lost.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(start.elapsed(), Duration::ZERO);
        let none: io::Result<()> = race(Vec::new(), |_| async { Ok(()) }).await;
        assert_eq!(none.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
