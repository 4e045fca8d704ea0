//! Connections of mail clients, from the accept to whoever serves them: each
//! has its place among all before anything is said to it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::{Parts, descriptors};
use crate::config::Limits;
use crate::net;
use crate::net::accept::accept_loop;
use crate::net::crowd::{Crowd, Most};
use crate::net::door::{Conn, Door, DoorError};
use crate::node::settings::Live;
use crate::tasks::{Phase, Tasks};

/// What all mail listeners share.
pub(super) struct Arrivals {
    tasks: Tasks,
    limits: Live<Limits>,
    files: Option<u64>,
    crowd: Crowd,
    metrics: net::metrics::Metrics,
}

/// What one protocol's listeners share.
pub(super) struct Service {
    pub(super) proto: &'static str,
    /// What a client is told for which there is no place.
    pub(super) sorry: Vec<u8>,
}

impl Arrivals {
    /// As many at once as the configuration says and the open files carry.
    pub(super) fn new(parts: &Parts, metrics: net::metrics::Metrics) -> Self {
        let (limits, files) = (parts.tuning.limits(), descriptors::raise());
        if let Some(note) = descriptors::note(&limits.now(), files) {
            tracing::warn!("{note}");
        }
        let crowd = Crowd::new(most(&limits.now(), files));
        Self { tasks: parts.tasks.clone(), limits, files, crowd, metrics }
    }

    /// Accepts on `sockets` until the phase of the listeners ends.
    pub(super) fn listen<F>(
        &self,
        service: Service,
        sockets: Vec<TcpListener>,
        door: &Door,
        serve: impl Fn(Conn) -> F + Clone + Send + Sync + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let service = Arc::new(service);
        for socket in sockets {
            let (door, serve, service) = (door.clone(), serve.clone(), service.clone());
            let (crowd, metrics, spawner) = (self.crowd.clone(), self.metrics.clone(), self.tasks.clone());
            let (limits, files) = (self.limits.clone(), self.files);
            let proto = service.proto;
            tracing::info!(proto, addr = socket.local_addr().ok().map(tracing::field::display), "listening");
            let on_conn = move |stream, peer| {
                let limits = limits.now();
                crowd.follow(most(&limits, files));
                let place = match crowd.enter() {
                    Ok(place) => place,
                    Err(full) => {
                        door.turn_away(&stream, &service.sorry);
                        return metrics.arrived(proto, Some(&full.into()));
                    }
                };
                let (door, serve, metrics) =
                    (door.clone().within(limits.preauth), serve.clone(), metrics.clone());
                let (service, stop) = (service.clone(), spawner.stop(Phase::Sessions));
                spawner.spawn(Phase::Sessions, async move {
                    let admitted = tokio::select! {
                        admitted = door.admit_counted(stream, peer, place, &service.sorry) => admitted,
                        () = stop.cancelled() => return,
                    };
                    metrics.arrived(proto, admitted.as_ref().err());
                    match admitted {
                        Ok(conn) => serve(conn).await,
                        Err(error) => not_admitted(peer, &error),
                    }
                });
            };
            let accepting = accept_loop(socket, self.tasks.stop(Phase::Listeners), on_conn);
            self.tasks.spawn(Phase::Listeners, accepting);
        }
    }
}

// What a client did is for the curious; what a proxy of our own does, an admin has to set right.
fn not_admitted(peer: SocketAddr, error: &DoorError) {
    let (peer, kind) = (peer.ip(), error.name());
    if matches!(error, DoorError::NoHeader(_)) {
        tracing::warn!(%peer, kind, %error, "connection not admitted");
    } else {
        tracing::debug!(%peer, kind, %error, "connection not admitted");
    }
}

fn most(limits: &Limits, files: Option<u64>) -> Most {
    let connections = descriptors::connections(limits, files);
    Most { connections, per_address: limits.connections_per_address.min(connections) }
}
