//! The way out of a worker, on which the process may end.

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

/// The way of one worker.
pub struct Wire {
    client: Client,
    armed: Mutex<Option<End>>,
    /// Told when the process has to end.
    pub end: Notify,
}

impl Wire {
    pub fn new(client: Client) -> Self {
        Self { client, armed: Mutex::default(), end: Notify::new() }
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
