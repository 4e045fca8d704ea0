//! A client of the gateway's REST API, over one connection.

use anyhow::bail;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::wire::Wire;

/// Where it is asked, with one of its API keys.
#[derive(Debug, Clone)]
pub struct Door {
    /// The port.
    pub port: u16,
    /// The key.
    pub key: String,
}

impl Door {
    /// Connects.
    pub async fn open(&self) -> anyhow::Result<Rest> {
        let tcp = TcpStream::connect(("127.0.0.1", self.port)).await?;
        Ok(Rest { wire: Wire::new(tcp), key: self.key.clone() })
    }
}

/// A connection.
pub struct Rest {
    wire: Wire<TcpStream>,
    key: String,
}

impl Rest {
    /// Asks; any answer but a good one is a failure.
    pub async fn ask(&mut self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (body, key) = (body.to_string(), &self.key);
        let head = format!(
            "{method} /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.wire.send(head.as_bytes()).await?;
        let status = self.wire.heard().await?;
        let mut length = 0;
        loop {
            let line = self.wire.heard().await?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let text = self.wire.text(length).await?;
        if !status.starts_with("HTTP/1.1 2") {
            bail!("{method} {path}: {status}\n{text}");
        }
        Ok(serde_json::from_str(&text)?)
    }
}
