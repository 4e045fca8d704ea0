//! One step of the TLS library, the same for both sides of a session.

use std::io;

use rustls::ProtocolVersion;
use rustls::client::{ClientConnectionData, UnbufferedClientConnection};
use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, EncodeError, EncodeTlsData, UnbufferedStatus, WriteTraffic};

/// A side of a TLS session.
pub trait Session: Unpin {
    /// The library's name for it.
    type Side;

    /// Whether the other side waits for the last word of this one's handshake.
    fn is_awaited(&self) -> bool;

    /// Whether the library has something to say itself.
    fn has_words(&self) -> bool;

    /// The library's step.
    fn records<'c, 'i>(&'c mut self, arrived: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Side>;
}

impl Session for UnbufferedClientConnection {
    type Side = ClientConnectionData;

    fn is_awaited(&self) -> bool {
        true
    }

    fn has_words(&self) -> bool {
        self.wants_write()
    }

    fn records<'c, 'i>(&'c mut self, arrived: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Side> {
        self.process_tls_records(arrived)
    }
}

impl Session for UnbufferedServerConnection {
    type Side = ServerConnectionData;

    // In TLS 1.3 only tickets are left to say.
    fn is_awaited(&self) -> bool {
        self.protocol_version() != Some(ProtocolVersion::TLSv1_3)
    }

    fn has_words(&self) -> bool {
        self.wants_write()
    }

    fn records<'c, 'i>(&'c mut self, arrived: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Side> {
        self.process_tls_records(arrived)
    }
}

/// Where a step has led.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// There is another step to do.
    Again,
    /// The handshake needs more of the peer.
    Handshaking,
    /// Data may pass; reading needs more of the peer.
    Open,
    /// The peer ended the session.
    Ended,
}

/// What is done when data may be sent.
pub(super) type Traffic<'a, C> = dyn FnMut(WriteTraffic<'_, <C as Session>::Side>) -> io::Result<()> + 'a;

/// One step over `arrived`: says how many of its octets are done with. What the
/// library has to say itself is put behind `leaving`; data goes to `plain`.
pub(super) fn step<C: Session>(
    session: &mut C,
    arrived: &mut [u8],
    leaving: &mut Vec<u8>,
    plain: &mut dyn FnMut(&[u8]),
    open: &mut Traffic<'_, C>,
) -> (usize, io::Result<Stage>) {
    let UnbufferedStatus { mut discard, state, .. } = session.records(arrived);
    let stage = match state {
        Ok(ConnectionState::ReadTraffic(mut traffic)) => loop {
            match traffic.next_record() {
                None => break Ok(Stage::Again),
                Some(Ok(record)) => {
                    discard += record.discard;
                    plain(record.payload);
                }
                Some(Err(error)) => break Err(tls(error)),
            }
        },
        Ok(ConnectionState::EncodeTlsData(mut data)) => encode(&mut data, leaving).map(|()| Stage::Again),
        Ok(ConnectionState::TransmitTlsData(data)) => {
            // `leaving` is sent before anything is waited for.
            data.done();
            Ok(Stage::Again)
        }
        Ok(ConnectionState::BlockedHandshake) => Ok(Stage::Handshaking),
        Ok(ConnectionState::WriteTraffic(traffic)) => open(traffic).map(|()| Stage::Open),
        Ok(ConnectionState::PeerClosed | ConnectionState::Closed) => Ok(Stage::Ended),
        Ok(_) => Err(invalid("early data")),
        Err(error) => {
            last_words(session, leaving);
            Err(tls(error))
        }
    };
    (discard, stage)
}

/// The alert that tells the peer why. As long as something is queued the library
/// looks at no further octets.
fn last_words<C: Session>(session: &mut C, leaving: &mut Vec<u8>) {
    while session.has_words() {
        let said = match session.records(&mut []).state {
            Ok(ConnectionState::EncodeTlsData(mut data)) => encode(&mut data, leaving).is_ok(),
            Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                while traffic.next_record().is_some() {}
                true
            }
            _ => false,
        };
        if !said {
            return;
        }
    }
}

fn encode<D>(data: &mut EncodeTlsData<'_, D>, leaving: &mut Vec<u8>) -> io::Result<()> {
    let Err(EncodeError::InsufficientSize(size)) = data.encode(&mut []) else {
        return Ok(());
    };
    let at = leaving.len();
    leaving.resize(at + size.required_size, 0);
    let room = leaving.get_mut(at..).unwrap_or_default();
    data.encode(room).map(drop).map_err(|error| invalid(&error.to_string()))
}

/// The peer's fault, or the library's, as an error of the connection.
pub(super) fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn tls(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
