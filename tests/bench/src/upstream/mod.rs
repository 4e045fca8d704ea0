//! A light stand-in for Gmail in a process of its own: IMAP, SMTP and the token
//! endpoints, all with as little work as will do, so that ten thousand sessions
//! and several hundred megabytes a second are the gateway's problem and not the
//! stand-in's.
//!
//! IMAP: a mailbox `r4096` sends TLS records of 4,096 octets, `r16384` of
//! 16,384, and so on; each holds [`MESSAGES`] messages of [`MESSAGE`] octets,
//! `r4096m1` holds one.

mod endpoint;
mod imap;
mod smtp;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificate::Certificate;
use crate::wire::Wire;

/// Messages in a mailbox.
pub const MESSAGES: usize = 16;
/// Octets of each.
pub const MESSAGE: usize = 256 * 1024;

/// What the stand-in counts; the driver asks for it over HTTP.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections.
    pub sessions: AtomicUsize,
    /// IMAP sessions in IDLE.
    pub idle: AtomicUsize,
    /// Requests at the token endpoint.
    pub tokens: AtomicUsize,
    /// Messages taken.
    pub messages: AtomicUsize,
    /// Octets of them.
    pub octets: AtomicUsize,
}

impl Counters {
    fn lines(&self) -> String {
        let of = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        format!(
            "sessions {}\nidle {}\ntokens {}\nmessages {}\noctets {}\n",
            of(&self.sessions),
            of(&self.idle),
            of(&self.tokens),
            of(&self.messages),
            of(&self.octets)
        )
    }
}

/// Counts something for as long as it lives.
struct While<'a>(&'a AtomicUsize);

impl<'a> While<'a> {
    fn of(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(counter)
    }
}

impl Drop for While<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Serves until the process is ended. The ports stand on stdout: IMAP, SMTP, HTTP.
pub async fn run(certificate: &Certificate) -> anyhow::Result<()> {
    let tls = certificate.server()?;
    let counters = Arc::new(Counters::default());
    let (imap, smtp, http) = (listener()?, listener()?, listener()?);
    for listener in [&imap, &smtp, &http] {
        print!("{} ", listener.local_addr()?.port());
    }
    println!();
    std::io::stdout().flush()?;
    let body: Arc<[u8]> = imap::body().into();
    let (one, two) = (counters.clone(), counters.clone());
    let mail = accept(imap, tls.clone(), move |wire| imap::serve(wire, one.clone(), body.clone()));
    let post = accept(smtp, tls, move |wire| smtp::serve(wire, two.clone()));
    let tokens = endpoint::run(http, counters);
    tokio::join!(mail, post, tokens);
    Ok(())
}

fn listener() -> anyhow::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    Ok(socket.listen(4096)?)
}

async fn accept<F>(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    serve: impl Fn(Wire<TlsStream<TcpStream>>) -> F + Clone + Send + 'static,
) where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    loop {
        let Ok((tcp, _)) = listener.accept().await else { continue };
        let _fails_on_dead = tcp.set_nodelay(true);
        let (acceptor, serve) = (TlsAcceptor::from(tls.clone()), serve.clone());
        tokio::spawn(async move {
            if let Ok(stream) = acceptor.accept(tcp).await {
                let _ended = serve(Wire::new(stream)).await;
            }
        });
    }
}
