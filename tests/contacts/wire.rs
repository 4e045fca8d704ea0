//! The way out of a worker, on which the process may end, or wait.

use std::sync::Mutex;

use postern::net::exchange::{Answer, Exchange, Method, Request};
use postern::net::http::Client;
use tokio::sync::Notify;

/// When the process ends: at the write with this number, counted from 0.
#[derive(Debug, Clone, Copy)]
pub enum End {
    /// It was not sent.
    Before(u64),
    /// It was done, and nobody heard the answer.
    After(u64),
}

/// Whether it is that request.
pub type Which = fn(&Request) -> bool;

/// The way of one worker.
pub struct Wire {
    client: Client,
    armed: Mutex<Option<End>>,
    holding: Mutex<Option<Which>>,
    /// Told when an answer came that is held back.
    pub held: Notify,
    /// Lets the answer go.
    pub go: Notify,
    /// Told when the process has to end.
    pub end: Notify,
}

impl Wire {
    pub fn new(client: Client) -> Self {
        let (held, go, end) = (Notify::new(), Notify::new(), Notify::new());
        Self { client, armed: Mutex::default(), holding: Mutex::default(), held, go, end }
    }

    /// Holds back the answer to the next such request.
    pub fn hold(&self, which: Which) {
        *self.holding.lock().unwrap() = Some(which);
    }

    fn holds(&self, request: &Request) -> bool {
        let mut holding = self.holding.lock().unwrap();
        let held = holding.is_some_and(|which| which(request));
        if held {
            *holding = None;
        }
        held
    }

    /// From now on the process ends then, or does not.
    pub fn arm(&self, end: Option<End>) {
        *self.armed.lock().unwrap() = end;
    }

    fn met(&self, request: &Request) -> Option<End> {
        if request.method == Method::Get || request.url.path().ends_with("/token") {
            return None;
        }
        let mut armed = self.armed.lock().unwrap();
        match armed.as_mut()? {
            End::Before(0) | End::After(0) => armed.take(),
            End::Before(left) | End::After(left) => {
                *left -= 1;
                None
            }
        }
    }

    async fn ended(&self) -> ! {
        self.end.notify_one();
        std::future::pending().await
    }
}

impl Exchange for Wire {
    fn send(&self, request: Request) -> Answer<'_> {
        Box::pin(async move {
            match self.met(&request) {
                None if self.holds(&request) => {
                    let answer = self.client.send(request).await;
                    self.held.notify_one();
                    self.go.notified().await;
                    answer
                }
                None => self.client.send(request).await,
                Some(End::Before(_)) => self.ended().await,
                Some(End::After(_)) => {
                    // Nobody hears the answer.
                    let _ = self.client.send(request).await;
                    self.ended().await
                }
            }
        })
    }
}
