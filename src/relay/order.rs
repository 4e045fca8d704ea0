//! How a running session is told to end, from outside.
//!
//! An order replaces a weaker one: *leave* at the next point of rest, *end* as
//! soon as a last word can stand, *close* at once. A session holds a
//! [`Running`]; whoever gives orders holds its bell.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use postern_core::model::id::SessionId;

/// Why a session ends that neither side has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// This node stops.
    Shutdown,
    /// The CRM token was revoked.
    Revoked,
    /// The CRM token's time is over.
    Expired,
    /// An admin switched the mailbox off.
    Disabled,
    /// Its owner switched mail off.
    SwitchedOff,
    /// The mailbox was removed.
    Removed,
    /// An admin ended this one session.
    Kicked,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shutdown => "this node stops",
            Self::Revoked => "the CRM token was revoked",
            Self::Expired => "the CRM token expired",
            Self::Disabled => "the mailbox was disabled",
            Self::SwitchedOff => "the owner switched mail off",
            Self::Removed => "the mailbox was removed",
            Self::Kicked => "an admin ended the session",
        })
    }
}

/// What a session is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// This node stops: end when nothing is under way.
    Leave,
    /// End now; what is under way is given up.
    End(Ending),
    /// No word more.
    Close,
}

impl Order {
    fn weight(self) -> u8 {
        match self {
            Self::Leave => 1,
            Self::End(_) => 2,
            Self::Close => 3,
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leave => Ending::Shutdown.fmt(f),
            Self::End(ending) => ending.fmt(f),
            Self::Close => f.write_str("closed at once"),
        }
    }
}

/// Where orders for one session are given.
#[derive(Debug, Default)]
pub(super) struct Bell(Mutex<Rung>);

#[derive(Debug, Default)]
struct Rung {
    order: Option<Order>,
    listener: Option<Waker>,
}

impl Bell {
    /// Gives an order, unless one as strong was given before.
    pub(super) fn ring(&self, order: Order) {
        let mut rung = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rung.order.is_some_and(|before| before.weight() >= order.weight()) {
            return;
        }
        rung.order = Some(order);
        let listener = rung.listener.take();
        drop(rung);
        if let Some(listener) = listener {
            listener.wake();
        }
    }
}

/// A session's own end: it hears orders, and is forgotten when this is dropped.
pub struct Running {
    bell: Arc<Bell>,
    heard: u8,
    forget: Option<super::sessions::Place>,
}

impl Running {
    /// Listens to `bell`; `place` is given up at the end.
    pub(super) fn new(bell: Arc<Bell>, place: Option<super::sessions::Place>) -> Self {
        Self { bell, heard: 0, forget: place }
    }

    /// Tells the register which row of the store this session has.
    pub fn known_as(&self, session: SessionId) {
        if let Some(place) = &self.forget {
            place.known_as(session);
        }
    }

    /// An order that was not heard before.
    pub fn poll_order(&mut self, cx: &mut Context<'_>) -> Poll<Order> {
        let mut rung = self.bell.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(order) = rung.order.filter(|order| order.weight() > self.heard) {
            self.heard = order.weight();
            return Poll::Ready(order);
        }
        if !rung.listener.as_ref().is_some_and(|listener| listener.will_wake(cx.waker())) {
            rung.listener = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// The next order.
    pub async fn order(&mut self) -> Order {
        poll_fn(|cx| self.poll_order(cx)).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(place) = self.forget.take() {
            place.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bell, Ending, Order, Running};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(start_paused = true)]
    async fn only_a_stronger_order_is_heard() {
        let bell = Arc::<Bell>::default();
        let mut running = Running::new(bell.clone(), None);
        let mut next = async || timeout(Duration::from_secs(1), running.order()).await.ok();
        assert_eq!(next().await, None);
        bell.ring(Order::Leave);
        assert_eq!(next().await, Some(Order::Leave));
        bell.ring(Order::End(Ending::Revoked));
        bell.ring(Order::Leave);
        bell.ring(Order::End(Ending::Shutdown));
        assert_eq!(next().await, Some(Order::End(Ending::Revoked)));
        assert_eq!(next().await, None);
        bell.ring(Order::Close);
        assert_eq!(next().await, Some(Order::Close));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_woken() {
        let bell = Arc::<Bell>::default();
        let mut running = Running::new(bell.clone(), None);
        let later = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            bell.ring(Order::Close);
        };
        let (order, ()) = tokio::join!(running.order(), later);
        assert_eq!(order, Order::Close);
    }
}
