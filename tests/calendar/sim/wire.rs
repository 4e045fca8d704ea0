//! The way out of a worker, on which one request may go wrong.
//!
//! Requests are counted, so what is thrown for a seed goes wrong at the same one.

use std::sync::{Mutex, MutexGuard};

use postern::net::exchange::{Answer, Exchange, Method, Request};
use postern::net::http::Client;
use tokio::sync::Notify;

/// Something that happens at a request, which may go to the CRM.
pub type Outside = Box<dyn FnOnce(&Request, bool) + Send>;

/// What is done at the request.
pub enum Act {
    EndBefore,
    EndAfter,
    /// Something outside; it is told of the request, and whether that goes to the CRM.
    Outside(Outside),
}

/// When, and what.
pub struct Armed {
    pub write: bool,
    pub at: u64,
    pub act: Act,
}

/// The way of one worker.
pub struct Wire {
    client: Client,
    /// How the CRM's addresses begin.
    crm: String,
    armed: Mutex<Option<Armed>>,
    /// Told when the process has to end.
    pub end: Notify,
}

impl Wire {
    pub fn new(client: Client, crm: &str) -> Self {
        Self { client, crm: crm.to_owned(), armed: Mutex::default(), end: Notify::new() }
    }

    /// From now on, the request that is meant goes wrong.
    pub fn arm(&self, armed: Armed) {
        *self.armed() = Some(armed);
    }

    /// Nothing goes wrong any more.
    pub fn disarm(&self) {
        *self.armed() = None;
    }

    fn armed(&self) -> MutexGuard<'_, Option<Armed>> {
        self.armed.lock().unwrap()
    }

    // What this request meets.
    fn met(&self, request: &Request) -> Option<Act> {
        let token = request.url.path().ends_with("/token");
        let mut armed = self.armed();
        let counted = armed.as_mut()?;
        if token || counted.write && request.method == Method::Get {
            return None;
        }
        if counted.at > 0 {
            counted.at -= 1;
            return None;
        }
        armed.take().map(|armed| armed.act)
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
                Some(Act::EndBefore) => self.ended().await,
                Some(Act::EndAfter) => {
                    // Nobody hears the answer.
                    let _ = self.client.send(request).await;
                    self.ended().await
                }
                Some(Act::Outside(act)) => {
                    act(&request, request.url.as_str().starts_with(&self.crm));
                    self.client.send(request).await
                }
                None => self.client.send(request).await,
            }
        })
    }
}
