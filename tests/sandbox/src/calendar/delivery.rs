//! Sending notifications: each is tried once, and what does not arrive is lost.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::channel::Notice;
use crate::google::Google;

const PATIENCE: Duration = Duration::from_secs(5);

/// Sends what there is to send, until it is aborted.
pub(crate) async fn deliver(google: Arc<Google>) {
    let mut sending = JoinSet::new();
    loop {
        google.calendar.bell.notified().await;
        loop {
            let notice = google.calendar.world.lock().notices.pop_front();
            let Some(notice) = notice else {
                break;
            };
            let roots = google.calendar.roots.lock().clone();
            // An address that does not answer is the client's fault, and nobody else's.
            sending.spawn(async move { timeout(PATIENCE, post(&notice, roots)).await });
        }
        while sending.try_join_next().is_some() {}
    }
}

async fn post(notice: &Notice, roots: Vec<CertificateDer<'static>>) -> io::Result<()> {
    let url = Url::parse(&notice.address).map_err(io::Error::other)?;
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(443);
    let tcp = dial(host.trim_matches(['[', ']']), port).await?;
    let request = request(notice, &url, host);
    if url.scheme() == "http" {
        return send(tcp, &request).await;
    }
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(store)
        .with_no_client_auth();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
    send(TlsConnector::from(Arc::new(config)).connect(name, tcp).await?, &request).await
}

#[expect(clippy::disallowed_methods, reason = "the sandbox dials by itself; it may not use Postern's way")]
async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((host, port)).await
}

fn request(notice: &Notice, url: &Url, host: &str) -> String {
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut head = format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAccept: */*\r\n\
         User-Agent: APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)\r\n\
         Content-Type: application/json; charset=UTF-8\r\nContent-Length: 0\r\n"
    );
    for (name, value) in &notice.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

async fn send(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> io::Result<()> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    // Until the answer begins, so that the request is not cut off.
    let mut first = [0; 1];
    stream.read_exact(&mut first).await.map(|_| ())
}
