//! The CRM without sockets: requests are handed over, and what its webhooks would send is handed out.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use axum::body::to_bytes;
use axum::http::Request;

use super::Crm;
use super::routes::Asked;

/// An answer of the REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, and their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request that a webhook would send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it goes.
    pub url: String,
    /// `Signature` and `X-Signature`, with their values.
    pub headers: Vec<(String, String)>,
    /// The events, as JSON.
    pub body: String,
}

impl Crm {
    /// One request, as if it had come from loopback. `target` is the path with its query, from
    /// `/api/v1/` on.
    ///
    /// # Errors
    /// When a fault closes the connection, or what was handed over is no HTTP.
    pub async fn call(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Reply> {
        let builder = Request::builder().method(method).uri(target);
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        let (parts, ()) = builder.body(()).map_err(io::Error::other)?.into_parts();
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let response = self.inside.respond(Asked::new(from, &parts, body.to_vec())).await?;
        let (parts, body) = response.into_parts();
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        let (status, headers) = (parts.status.as_u16(), headers.collect());
        let body = to_bytes(body, usize::MAX).await.map_err(io::Error::other)?.to_vec();
        Ok(Reply { status, headers, body })
    }

    /// What the job of the webhooks would send now, which counts as sent and welcome.
    pub fn outgoing(&self) -> Vec<Outgoing> {
        self.world(|world| {
            let twice = world.hooks.delivery.twice;
            let parcels = world.pack();
            let sent = parcels.iter().flat_map(|parcel| {
                let body = parcel.body();
                let [signature, legacy] = parcel.signatures(&body);
                let headers = vec![("Signature".to_owned(), signature), ("X-Signature".to_owned(), legacy)];
                let one = Outgoing { url: parcel.url.to_string(), headers, body };
                vec![one; 1 + usize::from(twice)]
            });
            sent.collect()
        })
    }
}
