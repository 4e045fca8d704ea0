//! SMTP sessions.
//!
//! `login` drives the pre-auth core and admission, `session` the relay core:
//! one command at a time to Gmail, and Gmail's answers, text and all, back.

mod handshake;
mod hang_up;
mod login;
mod patience;
mod session;
mod side;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use postern_core::model::refusal::Reference;
use postern_core::model::token::Protocol;
use postern_core::wire::smtp::header::{Mode, Policy};
use postern_core::wire::smtp::login::{Login, Setup};
use postern_core::wire::smtp::relay::{self, Relay};

use self::login::{End, Opened};
use super::admit::{Admitted, Gate, Visitor};
use super::budget::Seat;
use super::deadline::Deadline;
use super::upstream::Dial;
use crate::auth::mail::Verified;
use crate::config::Limits;
use crate::net::door::{Conn, Security};
use crate::net::tls::ServerTls;
use crate::node::settings::Live;
use crate::tasks::{Phase, Tasks};

pub use self::session::Times;

/// What an SMTP listener's connections need.
pub struct Smtp<D> {
    /// Admission.
    pub gate: Arc<Gate<D>>,
    /// For STARTTLS.
    pub tls: Option<ServerTls>,
    /// Our name in greeting and EHLO.
    pub hostname: String,
    /// What happens to a From that Gmail would replace.
    pub mode: Mode,
    /// Bounds of size and time. A session keeps those it began with.
    pub limits: Live<Limits>,
    /// Where the relay runs.
    pub tasks: Tasks,
}

impl<D: Dial> Smtp<D> {
    /// Serves one connection to the end of its login; the session goes on as a
    /// task of its own.
    pub async fn serve(self: Arc<Self>, conn: Conn) {
        let visitor = Visitor { peer: conn.peer.ip(), protocol: Protocol::Smtp };
        let starttls = conn.security == Security::StartTlsOffered;
        let (mut stream, place) = (conn.stream, conn.place);
        let limits = self.limits.now();
        let setup = Setup { hostname: self.hostname.clone(), size_limit: limits.message_size, starttls };
        let mut core = Login::new(setup);
        let mut unread = Vec::new();
        let mut deadline = Deadline::since(conn.since, limits.preauth);
        let stop = self.tasks.stop(Phase::Sessions);
        loop {
            let end = login::login(&mut stream, &mut core, &mut unread, &self, visitor, &mut deadline).await;
            match end {
                End::Closed(why) => {
                    tracing::debug!(proto = "smtp", peer = %visitor.peer, why, "connection closed before login");
                    return;
                }
                End::StartTls => {
                    let Some(tls) = &self.tls else { return };
                    let secured = tokio::select! {
                        () = stop.cancelled() => return,
                        secured = tokio::time::timeout(deadline.left(), stream.upgrade(tls)) => secured,
                    };
                    let Ok(Ok(secured)) = secured else { return };
                    stream = secured;
                    core.secured();
                }
                End::Open(opened) => {
                    let stream = self.gate.metrics.session(visitor.protocol, stream, place);
                    let relay = self.relay(&opened, limits.message_size);
                    let Opened { admitted, from_upstream, .. } = *opened;
                    let Admitted { verified, upstream, reference, running, seat, .. } = admitted;
                    let journal = self.journal(&verified, visitor, reference, seat);
                    let begun = session::Begun {
                        relay,
                        from_client: unread,
                        from_upstream,
                        times: Times::within(&limits),
                        running,
                        journal,
                    };
                    let session = session::run(stream, upstream, begun);
                    self.tasks.spawn(Phase::Sessions, session);
                    return;
                }
            }
        }
    }

    fn relay(&self, opened: &Opened<D::Stream>, size_limit: u64) -> Relay {
        Relay::new(relay::Setup {
            hostname: self.hostname.clone(),
            size_limit,
            offers: opened.admitted.session.offers,
            greeted: opened.greeted,
            policy: Policy { addresses: opened.admitted.verified.addresses(), mode: self.mode },
            reference: opened.admitted.reference.clone(),
        })
    }

    fn journal(
        &self,
        verified: &Verified,
        visitor: Visitor,
        reference: Reference,
        seat: Seat,
    ) -> session::Journal {
        session::Journal {
            notes: self.gate.notes.clone(),
            metrics: self.gate.metrics.clone(),
            clock: self.gate.clock.clone(),
            account: verified.account.id,
            address: verified.account.address.clone(),
            reference,
            peer: visitor.peer,
            _seat: seat,
        }
    }
}
