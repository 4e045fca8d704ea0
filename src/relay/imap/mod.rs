//! IMAP sessions.
//!
//! `login` drives the pre-auth core and admission, `splice` the relay core.
//! The future that logged in is dropped before the session idles: it is much
//! larger than what a relay needs.

mod ended;
mod handshake;
mod login;
mod side;
mod splice;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use postern_core::model::token::Protocol;
use postern_core::wire::imap::login::{Limits, Login};
use postern_core::wire::imap::reply::Offer;

use self::login::End;
use super::admit::{Gate, Visitor};
use super::deadline::Deadline;
use super::upstream::Dial;
use crate::config;
use crate::net::door::{Conn, Security};
use crate::net::tls::ServerTls;
use crate::node::settings::Live;
use crate::tasks::{Phase, Tasks};

pub use self::ended::{Ended, Times, Why};
pub use self::splice::{Session, splice};

/// What an IMAP listener's connections need.
pub struct Imap<D> {
    /// Admission.
    pub gate: Arc<Gate<D>>,
    /// For STARTTLS.
    pub tls: Option<ServerTls>,
    /// Bounds: `preauth` until a client is logged in, `imap_idle` without a
    /// byte on either side. A session keeps those it began with.
    pub limits: Live<config::Limits>,
    /// Where the relay runs.
    pub tasks: Tasks,
}

impl<D: Dial> Imap<D> {
    /// Serves one connection to the end of its login; the relay goes on as a
    /// task of its own.
    pub async fn serve(self: Arc<Self>, conn: Conn) {
        let visitor = Visitor { peer: conn.peer.ip(), protocol: Protocol::Imap };
        let offer = match conn.security {
            Security::StartTlsOffered => Offer::StartTls,
            Security::Cleartext | Security::Tls => Offer::Login,
        };
        let (mut stream, place) = (conn.stream, conn.place);
        let mut core = Login::new(offer, Limits::default());
        let mut clock = Deadline::since(conn.since, self.limits.now().preauth);
        let stop = self.tasks.stop(Phase::Sessions);
        loop {
            match login::login(&mut stream, &mut core, &self.gate, visitor, &mut clock, &stop).await {
                End::Closed(why) => {
                    tracing::debug!(proto = "imap", peer = %visitor.peer, why, "connection closed before login");
                    return;
                }
                End::StartTls => {
                    let Some(tls) = &self.tls else { return };
                    let secured = tokio::select! {
                        () = stop.cancelled() => return,
                        secured = tokio::time::timeout(clock.left(), stream.upgrade(tls)) => secured,
                    };
                    let Ok(Ok(secured)) = secured else { return };
                    stream = secured;
                    core.secured();
                }
                End::Open(opened) => {
                    let stream = self.gate.metrics.session(visitor.protocol, stream, place);
                    let times = Times { idle: self.limits.now().imap_idle, ..Times::default() };
                    let session = login::Opened::relay(
                        *opened,
                        stream,
                        times,
                        visitor,
                        self.gate.clock.clone(),
                        self.gate.metrics.clone(),
                    );
                    self.tasks.spawn(Phase::Sessions, session);
                    return;
                }
            }
        }
    }
}
