//! One running stand-in Google: three listeners on loopback and the tasks behind them.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::google::Google;
use crate::wire::Secured;
use crate::{calendar, certificate, http, imap, smtp};

/// Where the sandbox listens. The default is loopback with ports chosen by the system.
#[derive(Debug, Clone)]
pub struct Options {
    /// OAuth, the Calendar API and the People API, plain HTTP.
    pub oauth: SocketAddr,
    /// IMAP, implicit TLS.
    pub imap: SocketAddr,
    /// SMTP, implicit TLS.
    pub smtp: SocketAddr,
}

impl Default for Options {
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { oauth: any, imap: any, smtp: any }
    }
}

/// A running sandbox. Dropping it ends its listeners and every connection.
#[derive(Debug)]
pub struct Sandbox {
    google: Arc<Google>,
    oauth: SocketAddr,
    imap: SocketAddr,
    smtp: SocketAddr,
    ca_pem: String,
    /// Ends with the set: that is what dropping a sandbox does.
    _listeners: JoinSet<()>,
}

impl Sandbox {
    /// Opens the listeners and starts to answer.
    pub async fn start(options: Options) -> io::Result<Self> {
        let identity = certificate::issue()?;
        let tls = TlsAcceptor::from(identity.server);
        let oauth = TcpListener::bind(options.oauth).await?;
        let imap = TcpListener::bind(options.imap).await?;
        let smtp = TcpListener::bind(options.smtp).await?;
        let (oauth_addr, imap_addr, smtp_addr) =
            (oauth.local_addr()?, imap.local_addr()?, smtp.local_addr()?);
        let google = Google::new(&format!("http://{oauth_addr}"));
        let mut listeners = JoinSet::new();
        listeners.spawn(http::serve(oauth, Arc::clone(&google)));
        listeners.spawn(calendar::deliver(Arc::clone(&google)));
        listeners.spawn(listen(imap, tls.clone(), Arc::clone(&google), imap::serve));
        listeners.spawn(listen(smtp, tls, Arc::clone(&google), smtp::serve));
        Ok(Self {
            google,
            oauth: oauth_addr,
            imap: imap_addr,
            smtp: smtp_addr,
            ca_pem: identity.ca_pem,
            _listeners: listeners,
        })
    }

    /// The handle everything is controlled by.
    pub fn google(&self) -> &Arc<Google> {
        &self.google
    }

    /// Base of the OAuth addresses, `http://127.0.0.1:PORT`.
    pub fn oauth_url(&self) -> String {
        format!("http://{}", self.oauth)
    }

    /// The consent page.
    pub fn auth_url(&self) -> String {
        self.google.auth_url()
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        self.google.token_url()
    }

    /// The revocation endpoint.
    pub fn revoke_url(&self) -> String {
        format!("{}/revoke", self.oauth_url())
    }

    /// The tokeninfo endpoint, without its query.
    pub fn tokeninfo_url(&self) -> String {
        format!("{}/tokeninfo", self.oauth_url())
    }

    /// The public keys that sign id tokens.
    pub fn jwks_url(&self) -> String {
        format!("{}/oauth2/v3/certs", self.oauth_url())
    }

    /// Base of the Calendar API, with a slash at its end.
    pub fn calendar_url(&self) -> String {
        self.google.calendar_url()
    }

    /// Base of the People API, with a slash at its end.
    pub fn contacts_url(&self) -> String {
        self.google.contacts_url()
    }

    /// Where IMAP listens (implicit TLS).
    pub fn imap_addr(&self) -> SocketAddr {
        self.imap
    }

    /// Where SMTP listens (implicit TLS).
    pub fn smtp_addr(&self) -> SocketAddr {
        self.smtp
    }

    /// The authority a client of IMAP and SMTP must trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

/// Accepts until it is aborted; the connections live and die with it.
async fn listen<F>(
    listener: TcpListener,
    tls: TlsAcceptor,
    google: Arc<Google>,
    serve: fn(Secured, SocketAddr, Arc<Google>) -> F,
) where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let Ok((tcp, peer)) = listener.accept().await else {
            continue;
        };
        let (tls, google) = (tls.clone(), Arc::clone(&google));
        connections.spawn(async move {
            // A client that breaks off is no fault of the sandbox.
            if let Ok(secured) = secure(tls, tcp).await {
                let _ = serve(secured, peer, google).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn secure(tls: TlsAcceptor, tcp: TcpStream) -> io::Result<Secured> {
    tcp.set_nodelay(true)?;
    tls.accept(tcp).await
}
